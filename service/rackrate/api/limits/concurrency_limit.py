"""Bulkheads: how much of one kind of work may be under way at once, and how much of it one client's."""

# Design: a queue in the order of coming belongs to whoever asks most. So a client that is known by a name has
# half of it at most; what it asks beyond that is its own excess (429), while a limit that is reached is
# nobody's (503). Where no credentials are asked for all clients have one name, the empty one, and share all.

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rackrate.api.limits.retry_after import LONG_WORK_S, busy, limited


class ConcurrencyLimit:
    """A limit on concurrent work of one kind in this process, in all and by client."""

    def __init__(self, count: int, what: str) -> None:
        """Allow `count` of `what`, as a refusal names it, at once."""
        self._count, self._what = count, what
        self._under_way: Counter[str] = Counter()

    @property
    def under_way(self) -> int:
        """How many are under way."""
        return self._under_way.total()

    @property
    def is_full(self) -> bool:
        """Whether the limit is reached."""
        return self.under_way >= self._count

    def check(self, client: str) -> None:
        """Raise a 503 where the limit is reached, a 429 where the client has its share of it."""
        if self.is_full:
            raise busy(LONG_WORK_S)
        share = -(-self._count // 2)
        if client and self._under_way[client] >= share:
            detail = f"At most {share} {self._what} of a client are under way at once in a process."
            raise limited(detail, LONG_WORK_S)

    @contextmanager
    def hold(self, client: str) -> Iterator[None]:
        """Count a client's work as under way until the block ends.

        Raises
        ------
        Problem
            503 or 429 where the limit or the share of the client is reached.
        """
        self.check(client)
        self._under_way[client] += 1
        try:
            yield
        finally:
            self._under_way -= Counter([client])  # keeps no client that has none
