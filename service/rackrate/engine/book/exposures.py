"""Exposures of a book: rent, kW, energy and debt by tenant, sponsor, market and what else deals share."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from rackrate.engine.book.exact_sum import ExactSum

LETTING, ENERGY, DEBT = ("annual_rent", "kw", "debt"), ("mwh", "debt"), ("debt",)
DIMENSIONS: dict[str, tuple[str, ...]] = {
    "tenant": LETTING,
    "sponsor": LETTING,
    "market": LETTING,
    "currency": LETTING,
    "category": DEBT,
    "power": ENERGY,
    "counterparty": ENERGY,
}
"""Dimensions, and the figures of each."""
LARGEST = (1, 5, 10)


class Exposed(NamedTuple):
    """What one deal exposes to a key of a dimension, reporting currency; the null key is of no name."""

    dimension: str
    key: str | None
    annual_rent: float = 0.0
    kw: float = 0.0
    mwh: float = 0.0
    debt: float = 0.0


@dataclass(frozen=True)
class Row:
    """One key of a dimension: how many deals have it, and its figures."""

    key: str | None
    deals: int
    figures: dict[str, float]
    shares: dict[str, float]


@dataclass(frozen=True)
class Concentration:
    """A figure over all keys: its total, Herfindahl index of named keys, and their largest shares."""

    total: float
    hhi: float
    effective: float | None
    largest: dict[int, float]


@dataclass(frozen=True)
class Dimension:
    """Rows in order of debt, the null key last, and the concentration of each figure."""

    rows: list[Row]
    figures: dict[str, Concentration]


@dataclass
class _Sums:
    deals: int = 0
    last: int = -1
    figures: dict[str, ExactSum] = field(default_factory=dict)


class Exposures:
    """Exposures of the deals that are added, in any order.

    >>> book = Exposures()
    >>> book.add(0, [Exposed("sponsor", "a", 6.0, 1.0, 0.0, 60.0)])
    >>> book.add(1, [Exposed("sponsor", "a", debt=20.0), Exposed("sponsor", None, debt=20.0)])
    >>> found = book.dimension("sponsor")
    >>> [(row.key, row.deals, row.shares["debt"]) for row in found.rows], found.figures["debt"].hhi
    ([('a', 2, 0.8), (None, 1, 0.2)], 0.6400000000000001)
    """

    def __init__(self) -> None:
        self._sums: dict[str, dict[str | None, _Sums]] = {name: {} for name in DIMENSIONS}

    def add(self, row: int, exposed: Iterable[Exposed]) -> None:
        """Add all that one deal exposes to."""
        for one in exposed:
            sums = self._sums[one.dimension].setdefault(one.key, _Sums())
            if sums.last != row:
                sums.deals, sums.last = sums.deals + 1, row
            for name in DIMENSIONS[one.dimension]:
                sums.figures.setdefault(name, ExactSum()).add(getattr(one, name))

    def dimension(self, name: str) -> Dimension:
        """Rows and concentrations of a dimension."""
        found = {
            key: (sums.deals, {figure: total.value for figure, total in sums.figures.items()})
            for key, sums in self._sums[name].items()
        }
        totals = {
            figure: math.fsum(figures[figure] for _, figures in found.values()) for figure in DIMENSIONS[name]
        }
        rows = [
            Row(key, deals, figures, {figure: _share(figures[figure], totals[figure]) for figure in figures})
            for key, (deals, figures) in found.items()
        ]
        rows.sort(key=lambda row: (row.key is None, -row.figures["debt"], (row.key or "").encode()))
        named = [row for row in rows if row.key is not None]
        return Dimension(
            rows,
            {figure: concentration(total, [row.shares[figure] for row in named])
             for figure, total in totals.items()},
        )  # fmt: skip


def _share(figure: float, total: float) -> float:
    return figure / total if total else 0.0


def concentration(total: float, shares: list[float]) -> Concentration:
    """Concentration of a figure by the shares of its named keys."""
    hhi = math.fsum(share * share for share in shares)
    largest = sorted(shares, reverse=True)
    return Concentration(total, hhi, 1.0 / hhi if hhi else None, {n: math.fsum(largest[:n]) for n in LARGEST})
