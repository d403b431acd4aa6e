"""Bulkheads: how much of one kind of work may be under way at once, and how much of it one client's."""

# Design: a queue in the order of coming belongs to whoever asks most. So a client that is known by a name has
# half of the seats at most; what it asks beyond them is its own excess (429), while no free seat at all is
# nobody's (503). Where no credentials are asked for all clients have one name, the empty one, and share all.

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rackrate.api.limits.retry_after import LONG_WORK_S, busy, limited


class Seats:
    """Seats of one kind of work in this process, and who has them."""

    def __init__(self, count: int, what: str) -> None:
        """Have `count` seats for `what`, as a refusal names it."""
        self._count, self._what = count, what
        self._taken: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """Seats taken."""
        return self._taken.total()

    @property
    def is_full(self) -> bool:
        """Whether there is none left."""
        return self.taken >= self._count

    def check(self, client: str) -> None:
        """Raise a 503 where there is no seat, a 429 where the client has its share of them."""
        if self.is_full:
            raise busy(LONG_WORK_S)
        share = -(-self._count // 2)
        if client and self._taken[client] >= share:
            detail = f"At most {share} {self._what} of a client are under way at once in a process."
            raise limited(detail, LONG_WORK_S)

    @contextmanager
    def seat(self, client: str) -> Iterator[None]:
        """Take a seat until the block ends.

        Raises
        ------
        Problem
            503 or 429 where there is none.
        """
        self.check(client)
        self._taken[client] += 1
        try:
            yield
        finally:
            self._taken -= Counter([client])  # keeps no client that has none
