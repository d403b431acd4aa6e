"""Turns: the portfolios of a process take them, so that all of them together load it like one client more."""

# Design: one line of all portfolios is in the lane at a time, and the next goes behind those who came
# meanwhile: whoever sends a single deal waits for one line at most. Where there is no room a line waits,
# because its portfolio was let in; what is refused is the next portfolio, before its body is read. A long
# deal gives its turn back when it goes to the back room. Bodies of portfolios count apart from others.

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rackrate.api.limits.body_budget import BODY_BYTES, BodyBudget
from rackrate.api.limits.seats import Seats
from rackrate.api.limits.slot import Slot

SEATS = 4  # portfolios at once: half of what the back room takes, where each may have a line


class PortfolioSlots:
    """The portfolios under way, and whose turn it is."""

    def __init__(self, seats: int = SEATS, most_bytes: int = BODY_BYTES) -> None:
        """Let `seats` portfolios in, whose bodies have at most `most_bytes`."""
        self.body_budget = BodyBudget(most_bytes)
        self.seats, self._lock = Seats(seats, "portfolios"), asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Slot]:
        """Wait for a turn in the lane; it can be ended before the work is."""
        await self._lock.acquire()
        slot = Slot(self._lock.release)
        try:
            yield slot
        finally:
            slot.end()
