"""Timeline of a deal: months from closing, day counts, curves by month, sums by period."""

# Design: words and dates end here. Everything after resolve counts in months from closing.

from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from rackrate.deal.units import month_index

Floats = NDArray[np.float64]
Points = float | list[tuple[date, float]]


@dataclass(frozen=True)
class Timeline:
    """Months from a closing day: month ``i`` runs from boundary ``i`` to ``i + 1``, where its flows fall.

    Parameters
    ----------
    closing : date
        Boundary 0. Boundary ``j`` is ``closing`` plus ``j`` months; a day past a month's end is clamped.
    months : int
        Number of months.

    Examples
    --------
    >>> timeline(date(2024, 1, 31), 2).boundaries.astype(str).tolist()
    ['2024-01-31', '2024-02-29', '2024-03-31']
    """

    closing: date
    months: int

    @cached_property
    def boundaries(self) -> NDArray[np.datetime64]:
        """Boundary dates, shape [months + 1]."""
        first = np.datetime64(self.closing, "M")
        starts = first + np.arange(self.months + 2)
        days = starts.astype("datetime64[D]")
        last = (days[1:] - days[:-1]).astype(np.int64)
        dates: NDArray[np.datetime64] = days[:-1] + (np.minimum(self.closing.day, last) - 1)
        return dates

    @cached_property
    def days(self) -> Floats:
        """Length of each month in days, shape [months]."""
        return np.diff(self.boundaries).astype(np.float64)

    @cached_property
    def hours(self) -> Floats:
        """Length of each month in hours, shape [months]."""
        return 24.0 * self.days

    @cached_property
    def payment_dates(self) -> list[date]:
        """Date on which each month's flows fall, length months."""
        dates: list[date] = self.boundaries[1:].tolist()
        return dates

    def index(self, day: date) -> int:
        """Index of the first boundary on or after a day; negative before closing.

        >>> timeline(date(2026, 9, 1), 12).index(date(2026, 11, 2))
        3
        """
        return month_index(day, self.closing)

    def curve(self, points: Points) -> Floats:
        """Value of a curve at each month's start [months]: the last point on or before it, else the first.

        >>> timeline(date(2026, 1, 1), 3).curve([(date(2025, 1, 1), 5.0), (date(2026, 2, 1), 6.0)]).tolist()
        [5.0, 6.0, 6.0]
        """
        if isinstance(points, (int, float)):
            return np.full(self.months, float(points))
        indices = [self.index(day) for day, _ in points]
        values = np.array([value for _, value in points], dtype=np.float64)
        at = np.searchsorted(indices, np.arange(self.months), side="right") - 1
        return values[np.maximum(at, 0)]

    def accrual(self, day_count: str) -> Floats:
        """Year fraction of each month, shape [months].

        >>> float(timeline(date(2026, 1, 1), 1).accrual("ACT/360")[0] * 360)
        31.0
        """
        if day_count == "30/360":
            return np.full(self.months, 1.0 / 12.0)
        return self.days / (360.0 if day_count == "ACT/360" else 365.0)


@lru_cache(maxsize=256)
def timeline(closing: date, months: int) -> Timeline:
    """The timeline of a closing day, shared between requests: it depends on nothing else."""
    return Timeline(closing, months)


def period_sums(months: Floats, period_months: int) -> Floats:
    """Sums over periods of a series by month [..., M]; months after the last whole period are left out.

    >>> period_sums(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 2).tolist()
    [3.0, 7.0]
    """
    whole = months[..., : months.shape[-1] // period_months * period_months]
    sums = whole[..., ::period_months].copy()
    for month in range(1, period_months):  # one by one: the order of additions is part of the answer's bits
        sums += whole[..., month::period_months]
    return sums
