"""Turns: the portfolios of a process take them, so that all of them together load it like one client more."""

# Design: one line of all portfolios is in the lane at a time, and the next goes behind those who came
# meanwhile: whoever sends a single deal waits for one line at most. Where there is no room a line waits,
# because its portfolio was let in; what is refused is the next portfolio, before its body is read. A long
# deal gives its turn back when it goes to the back room. Bodies of portfolios count apart from others. One
# client has half of the seats at most.

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from rackrate.api.bodies import SHELF_BYTES, Shelf
from rackrate.api.lane import Visit, busy
from rackrate.api.problems import LIMITED, Problem

SEATS = 4  # portfolios at once: half of what the back room takes, where each may have a line
WAIT_S = 5.0  # what a client is told to wait


class Turns:
    """The portfolios under way, and whose turn it is."""

    def __init__(self, seats: int = SEATS, most_bytes: int = SHELF_BYTES) -> None:
        """Let `seats` portfolios in, whose bodies have at most `most_bytes`."""
        self.shelf = Shelf(most_bytes)
        self._seats, self._lock = seats, asyncio.Lock()
        self._taken: Counter[str] = Counter()

    @property
    def inside(self) -> int:
        """Portfolios under way."""
        return self._taken.total()

    def check(self, client: str) -> None:
        """Raise a 503 where there is no seat, a 429 where the client has its share of them."""
        if self.inside >= self._seats:
            raise busy(WAIT_S)
        share = -(-self._seats // 2)
        if client and self._taken[client] >= share:  # without keys all clients have one name
            told = f"At most {share} portfolios of a client are under way at once in a process."
            raise Problem(LIMITED, told, headers={"Retry-After": f"{WAIT_S:.0f}"})

    @contextmanager
    def seat(self, client: str) -> Iterator[None]:
        """Be one of the portfolios under way.

        Raises
        ------
        Problem
            503 or 429 where there are enough.
        """
        self.check(client)
        self._taken[client] += 1
        try:
            yield
        finally:
            self._taken -= Counter([client])  # keeps no client that has none

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Visit]:
        """Wait for a turn in the lane; it can be ended before the work is."""
        await self._lock.acquire()
        visit = Visit(self._lock.release)
        try:
            yield visit
        finally:
            visit.end()
