"""What a reader of a book should know: names that stand for two things, and what stands on one name."""

import hashlib
from array import array
from collections.abc import Iterator
from datetime import date

import numpy as np

from rackrate.analyses.books.deal_rows import DealRows
from rackrate.deal.answers.books.deals import BookCaution
from rackrate.engine.book.exposures import Dimension
from rackrate.engine.book.losses import LEVELS

APART_MONTHS = 24
TOP_SHARE, NULL_SHARE = 0.25, 0.05
THIN = 20  # paths of a tail


class Names:
    """Names of the deals that are added, as far as warnings ask for them."""

    def __init__(self) -> None:
        self._credit: dict[str, set[str]] = {}
        self._people: dict[str, set[str]] = {}
        self._deals = array("Q")  # of each deal: its name, its id (64 bits of their hashes) and its row
        self._closings: list[date] = []

    def add(self, deal: DealRows) -> None:
        """Add a deal's own name, its closing and its obligors."""
        own = deal.datasets["deals"][0]
        digest = hashlib.sha256(own["name"].encode()).digest()
        self._deals.extend((int.from_bytes(digest[:8]), int(deal.id[:16], 16), deal.row))
        closing = own["closing"]
        known = [*self._closings, date.fromisoformat(closing) if isinstance(closing, str) else closing]
        self._closings = [min(known), max(known)]
        for key, (name, credit) in deal.warned.items():
            self._credit.setdefault(key, set()).add(credit)
            if name:
                self._people.setdefault(key, set()).add(name)

    def cautions(self) -> Iterator[BookCaution]:
        """Warn of names that stand for more than one thing."""
        differing = sorted(key for key, credit in self._credit.items() if len(credit) > 1)
        if differing:
            told = f"{len(differing)} obligors have several ratings or default tables, {differing[0]!r} first"
            yield BookCaution(code="obligor_differs", message=told, pointer="/deals")
        by_id = sorted(key for key, names in self._people.items() if len(names) > 1)
        if by_id:
            told = f"{len(by_id)} tenant ids without an obligor have different names, {by_id[0]!r} first"
            yield BookCaution(code="obligor_by_id", message=f"{told}: perhaps two firms", pointer="/deals")
        repeated, row = self._repeated()
        if repeated:
            told = f"{repeated} names are of different deals, that of row {row} first: they share draws"
            yield BookCaution(code="deal_name_repeated", message=told, pointer="/deals")
        if self._closings and _months(*self._closings) > APART_MONTHS:
            told = f"closings from {self._closings[0]} to {self._closings[1]}: months are each deal's own"
            yield BookCaution(code="closings_apart", message=told, pointer="/align")

    def _repeated(self) -> tuple[int, int]:
        """How many names are of several documents, and the first row that has one of them."""
        name, document, row = np.frombuffer(self._deals, np.uint64).reshape(-1, 3).T
        pairs = np.unique(np.stack([name, document]), axis=1)
        names, counts = np.unique(pairs[0], return_counts=True)
        repeated = names[counts > 1]
        return len(repeated), int(row[np.isin(name, repeated)].min(initial=np.iinfo(np.int64).max))


def _months(first: date, last: date) -> int:
    return 12 * (last.year - first.year) + last.month - first.month


def concentrated(dimensions: dict[str, Dimension]) -> Iterator[BookCaution]:
    """Warn of one obligor with much of the debt, and of debt that no name is given for."""
    top = next((row for row in dimensions["tenant"].rows if row.key is not None), None)
    if top is not None and top.shares["debt"] > TOP_SHARE:
        told = f"{top.key!r} has {100 * top.shares['debt']:.1f} % of the debt"
        yield BookCaution(code="top_obligor_above_25_percent", message=told, pointer="/deals")
    for name, dimension in dimensions.items():
        null = next((row for row in dimension.rows if row.key is None), None)
        if null is not None and null.shares["debt"] > NULL_SHARE:
            told = f"{100 * null.shares['debt']:.1f} % of the debt has no {name}"
            yield BookCaution(code="unattributed", message=told, pointer="/deals")


def thin(paths: int) -> Iterator[BookCaution]:
    """Warn of tail means over too few paths."""
    for level, thousandths in LEVELS.items():
        beta = (1000 - thousandths) * paths / 1000
        if beta < THIN:
            told = f"the tail from {level} on is of {beta:g} paths"
            yield BookCaution(code="thin_tail", message=told, pointer="/simulation/paths")
