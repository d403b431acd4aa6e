"""Bytes of request bodies held at once by a process; 503 beyond them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rackrate.api.limits.retry_after import BODIES_S, busy

MIB = 1024 * 1024
BODY_BYTES = 64 * MIB
CLOSE = {"Connection": "close"}  # the rest of the body is unread: nothing else can be sent on the connection

Take = Callable[[int], None]


class BodyBudget:
    """How many bytes of bodies this process holds, and how many it may."""

    def __init__(self, most: int = BODY_BYTES) -> None:
        """Hold `most` bytes at most."""
        self._most, self.held = most, 0

    @contextmanager
    def hold(self) -> Iterator[Take]:
        """Give a way to hold bytes until the end, which raises a 503 where there would be too many."""
        mine = 0

        def take(size: int) -> None:
            nonlocal mine
            mine += size
            self.held += size
            if self.held > self._most:
                raise busy(BODIES_S, CLOSE)

        try:
            yield take
        finally:
            self.held -= mine
