"""Slots of portfolios: at most one line of all of them is queued, so that they load it like one client."""

# Design: one line of all portfolios is in the queue at a time, and the next goes behind those who came
# meanwhile: whoever sends a single deal waits for one line at most. Where there is no room a line waits,
# because its portfolio was admitted; what is refused is the next portfolio, before its body is read. A long
# deal gives its slot back when it becomes a long job. Bodies of portfolios count apart from others.

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rackrate.api.limits.body_budget import BODY_BYTES, BodyBudget
from rackrate.api.limits.concurrency_limit import ConcurrencyLimit
from rackrate.api.limits.slot import Slot

MOST_PORTFOLIOS = 4  # portfolios at once: half of the long jobs at once, where each may have a line


class PortfolioSlots:
    """The portfolios under way, and the one slot of the queue that their lines share."""

    def __init__(self, most: int = MOST_PORTFOLIOS, most_bytes: int = BODY_BYTES) -> None:
        """Admit `most` portfolios at once, whose bodies have at most `most_bytes`."""
        self.body_budget = BodyBudget(most_bytes)
        self.limit, self._lock = ConcurrencyLimit(most, "portfolios"), asyncio.Lock()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[Slot]:
        """Wait for the slot, in FIFO order; it can be released before the work ends."""
        await self._lock.acquire()
        slot = Slot(self._lock.release)
        try:
            yield slot
        finally:
            slot.end()
