"""The lane of short work: one thread beside the event loop, and a queue as long as clients will wait."""

# Design: the queue is bounded by the time its end would wait, not by a count, because a deal may take 2 ms or
# 50. What is past the bound is refused at once: a queue that only grows answers nobody in time.

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from rackrate.api.metrics import INSIDE
from rackrate.api.problems import BUSY, Problem

BURST = 4  # waiting that is never too long: a burst is no overload
FIRST_GUESS_S = 0.02
WEIGHT = 0.1  # of the latest computation in the running mean

Work = Callable[[], bytes]


class Lane:
    """Runs one computation at a time, in the order they came."""

    def __init__(self, patience_s: float) -> None:
        """Let nothing wait for more than about `patience_s`."""
        self._patience_s, self._mean_s = patience_s, FIRST_GUESS_S
        self.start()

    @property
    def is_full(self) -> bool:
        """Whether one more would wait too long."""
        return self.inside > BURST and self.inside * self._mean_s > self._patience_s

    def start(self) -> None:
        """Begin, or begin again after `stop`."""
        self._thread = ThreadPoolExecutor(1, "engine")
        self.inside = 0

    async def run(self, work: Work) -> bytes:
        """Do `work` in turn; a caller that is cancelled while it waits takes its work along.

        Raises
        ------
        Problem
            503 if it would wait too long.
        """
        if self.is_full:
            raise busy(self._patience_s)
        loop = asyncio.get_running_loop()
        future = self._thread.submit(self._timed, work)
        self.inside += 1
        INSIDE.labels("short").inc()
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._leave))
        return await asyncio.wrap_future(future)

    def stop(self) -> None:
        """Finish the computation under way and drop the rest."""
        self._thread.shutdown(cancel_futures=True)

    def _timed(self, work: Work) -> bytes:
        start = time.perf_counter()
        try:
            return work()
        finally:
            self._mean_s += WEIGHT * (time.perf_counter() - start - self._mean_s)

    def _leave(self) -> None:
        self.inside -= 1
        INSIDE.labels("short").dec()


def busy(wait_s: float) -> Problem:
    """Refuse for want of room, and say when to come again: after what waits now, in whole seconds."""
    seconds = str(max(1, round(wait_s)))
    return Problem(
        BUSY,
        "As much is under way as can be answered in time; send it again.",
        headers={"Retry-After": seconds},
    )
