"""The lane of short work: one thread beside the event loop, and a queue as long as clients will wait."""

# Design: the queue is bounded by the time its end would wait, not by a count, because a deal may take 1 ms or
# 50. What is past the bound is refused at once: a queue that only grows answers nobody in time. The pace is
# the time from when a visit could be served (it had come, and the one before it had ended) to its end,
# whatever it waited for: the engine, the event loop, the cache. Requests come in batches, so what has been
# let in and is still on its way counts too, or a whole batch would pass the door and be refused here, after
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
from rackrate.api.telemetry.metrics import inside

BURST = 8  # waiting that is never too long: a burst is no overload
FIRST_GUESS_S = 0.005
MEMORY_S = 0.5  # of the pace: by time and not by visits, because visits that came in a batch end in one
LEAST_WEIGHT = 8  # visits that the pace counts for after a silence: one pause is not a pace


class ShortQueue:
    """Runs one computation at a time, in the order they came."""

    def __init__(self, patience_s: float) -> None:
        """Let nothing wait for more than about `patience_s`."""
        self._patience_s, self._pace_s = patience_s, FIRST_GUESS_S
        self.start()

    def start(self) -> None:
        """Begin, or begin again after `stop`."""
        self._engine = ComputeThread()
        self._inside: set[Hashable] = set()
        self._coming: set[Hashable] = set()
        self._ended_at, self._weight = 0.0, 0.0  # of the latest visit, and of the pace in visits

    @property
    def is_full(self) -> bool:
        """Whether one more would wait too long, once all that was let in is here."""
        count = len(self._inside) + len(self._coming)
        return count > BURST and count * self._pace_s > self._patience_s

    def reserve(self, body: Hashable) -> None:
        """Expect one more, until it is here or `release` is told that it will not come."""
        self._coming.add(body)

    def release(self, body: Hashable) -> None:
        """Expect it no longer: it was answered or refused, here or on its way."""
        self._coming.discard(body)

    @contextmanager
    def enter(self, asked: Hashable, body: Hashable = None) -> Iterator[Slot]:
        """Be inside to ask something, with a body that may have been promised.

        Raises
        ------
        Problem
            503 if it would wait too long.
        """
        self._coming.discard(body)
        if asked in self._inside:
            yield Slot()
            return
        if self.is_full:
            raise busy(self._patience_s)
        self._inside.add(asked)
        inside("short").inc()
        slot = Slot(partial(self._leave, asked, time.perf_counter()))
        try:
            yield slot
        finally:
            slot.end()

    async def run(self, work: Callable[[], Done]) -> Done:
        """Do `work` in turn; a caller that is cancelled while it waits takes its work along."""
        return await self._engine.do(work)

    def stop(self) -> None:
        """Finish the computation under way and drop the rest."""
        self._engine.stop()

    def _leave(self, asked: Hashable, came_at: float) -> None:
        now = time.perf_counter()
        took_s, since_s = now - max(came_at, self._ended_at), now - self._ended_at
        weight = max(LEAST_WEIGHT, self._weight * math.exp(-since_s / MEMORY_S))
        self._pace_s = (self._pace_s * weight + took_s) / (weight + 1)
        self._weight, self._ended_at = weight + 1, now
        self._inside.discard(asked)
        inside("short").dec()
