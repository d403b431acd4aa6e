"""Exactly rounded sums that are added to a figure at a time: no order of addition shows."""

from math import fsum


class ExactSum:
    """A sum as floats that do not overlap (Shewchuk, 1997): exact, and rounded once when it is read.

    >>> total = ExactSum()
    >>> for figure in (1e100, 1.0, -1e100):
    ...     total.add(figure)
    >>> total.value
    1.0
    """

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[float] = []

    def add(self, figure: float) -> None:
        """Add a finite figure."""
        kept = 0
        for part in self._parts:
            if abs(figure) < abs(part):
                figure, part = part, figure
            high = figure + part
            low = part - (high - figure)
            if low:
                self._parts[kept] = low
                kept += 1
            figure = high
        self._parts[kept:] = [figure]

    @property
    def value(self) -> float:
        """The sum, as ``math.fsum`` of all that was added."""
        return fsum(self._parts)
