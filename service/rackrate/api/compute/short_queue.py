"""The queue of short work for one thread beside the event loop, bounded by the wait at its end."""

# Design: the queue is bounded by the time its end would wait, not by a count, because a deal may take 1 ms or
# 50. What is past the bound is refused at once: a queue that only grows answers nobody in time. The pace is
# the time from when a request could be served (it had come, and the one before it had ended) to its end,
# whatever it waited for: the engine, the event loop, the cache. Requests come in batches, so what has been
# admitted and is still on its way counts too, or a whole batch would be admitted and be refused here, after
# all the work of reading it. What asks the same counts once: it is answered together.
# The thread is a queue and a call back into the loop. An executor of the standard library has a future of its
# own beside the loop's, a lock and a condition around each, and wakes the loop while it still holds them.

import math
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial

from rackrate.api.compute.thread import ComputeThread, Done
from rackrate.api.limits.retry_after import busy
from rackrate.api.limits.slot import Slot
from rackrate.api.telemetry.metrics import under_way

BURST = 8  # waiting that is never too long: a burst is no overload
FIRST_GUESS_S = 0.005
MEMORY_S = 0.5  # of the pace: by time and not by requests, because those that came in a batch end in one
LEAST_WEIGHT = 8  # requests that the pace counts for after a silence: one pause is not a pace


class ShortQueue:
    """A FIFO queue of computations, run one at a time."""

    def __init__(self, patience_s: float) -> None:
        """Bound the wait to about `patience_s`."""
        self._patience_s, self._pace_s = patience_s, FIRST_GUESS_S
        self.start()

    def start(self) -> None:
        """Start the queue, also again after `stop`."""
        self._thread = ComputeThread()
        self._queued: set[Hashable] = set()
        self._reserved: set[Hashable] = set()
        self._ended_at, self._weight = 0.0, 0.0  # of the latest request, and of the pace in requests

    @property
    def is_full(self) -> bool:
        """Whether one more would wait beyond the limit, behind all that is queued or reserved."""
        count = len(self._queued) + len(self._reserved)
        return count > BURST and count * self._pace_s > self._patience_s

    def reserve(self, body: Hashable) -> None:
        """Reserve a slot for a body that is on its way, until it enters or `release` gives the slot up."""
        self._reserved.add(body)

    def release(self, body: Hashable) -> None:
        """Give up a reserved slot: its request was answered or refused."""
        self._reserved.discard(body)

    @contextmanager
    def enter(self, asked: Hashable, body: Hashable = None) -> Iterator[Slot]:
        """Take a slot in the queue, the reserved one of `body` if it has one; what asks the same shares it.

        Raises
        ------
        Problem
            503 if the wait would exceed the limit.
        """
        self._reserved.discard(body)
        if asked in self._queued:
            yield Slot()
            return
        if self.is_full:
            raise busy(self._patience_s)
        self._queued.add(asked)
        under_way("short").inc()
        slot = Slot(partial(self._leave, asked, time.perf_counter()))
        try:
            yield slot
        finally:
            slot.end()

    async def run(self, work: Callable[[], Done]) -> Done:
        """Run `work` in the thread, in FIFO order; cancelling the caller drops it while it waits."""
        return await self._thread.do(work)

    def stop(self) -> None:
        """Finish the computation under way and drop the rest."""
        self._thread.stop()

    def _leave(self, asked: Hashable, came_at: float) -> None:
        now = time.perf_counter()
        took_s, since_s = now - max(came_at, self._ended_at), now - self._ended_at
        weight = max(LEAST_WEIGHT, self._weight * math.exp(-since_s / MEMORY_S))
        self._pace_s = (self._pace_s * weight + took_s) / (weight + 1)
        self._weight, self._ended_at = weight + 1, now
        self._queued.discard(asked)
        under_way("short").dec()
