"""Maturity wall of a book: by calendar year what matures, what is scheduled and what balloons."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from rackrate.engine.book.exact_sum import ExactSum


class Year(NamedTuple):
    """One calendar year, reporting currency."""

    year: int
    deals: int
    debt: float
    scheduled: float
    balloon: float


class Maturities:
    """The wall of the deals that are added, in any order.

    >>> wall = Maturities()
    >>> wall.add(2030, 100.0, 90.0, {2029: 5.0, 2030: 5.0})
    >>> [tuple(year) for year in wall.years()]
    [(2029, 0, 0.0, 5.0, 0.0), (2030, 1, 100.0, 5.0, 90.0)]
    """

    def __init__(self) -> None:
        self._years: dict[int, tuple[ExactSum, ExactSum, ExactSum]] = {}
        self._deals: dict[int, int] = {}

    def add(self, year: int, debt: float, balloon: float, scheduled: Mapping[int, float]) -> None:
        """Add a deal: the year its debt matures, and what is repaid on schedule in each year."""
        self._deals[year] = self._deals.get(year, 0) + 1
        self._add(year, debt, 0.0, balloon)
        for paid_in, principal in scheduled.items():
            self._add(paid_in, 0.0, principal, 0.0)

    def _add(self, year: int, *figures: float) -> None:
        sums = self._years.setdefault(year, (ExactSum(), ExactSum(), ExactSum()))
        for total, figure in zip(sums, figures, strict=True):
            total.add(figure)

    def years(self) -> Iterable[Year]:
        """Years with a deal or scheduled principal, in order."""
        for year in sorted(self._years):
            debt, scheduled, balloon = (total.value for total in self._years[year])
            if year in self._deals or scheduled:
                yield Year(year, self._deals.get(year, 0), debt, scheduled, balloon)
