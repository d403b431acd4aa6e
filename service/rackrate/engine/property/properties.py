"""Properties: what secures one loan in one case, part by part."""

from dataclasses import dataclass
from functools import cached_property
from math import fsum

import numpy as np

from rackrate import kernel
from rackrate.engine.rows import FOREVER
from rackrate.engine.timeline import Floats


@dataclass(frozen=True)
class Property:
    """What secures one loan in one case, whole.

    Attributes
    ----------
    flows : array [P, N]
        Net cash flow by month of each part that is held on its own; the sum is the property's.
    expiry : int array [P]
        Month in which the hold on each part ends.
    closing : array [P, 12]
        Months behind the closing figure.
    noi : float
        Net operating income at closing, per year.
    value : array [M + 1]
        The case's value at each boundary, before any capitalised leg.
    kept : array [M + 1]
        What is kept for the lender of parts that are lost, in every lens.
    """

    flows: Floats
    expiry: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    closing: Floats
    noi: float
    value: Floats
    kept: Floats | None = None

    @cached_property
    def ncf(self) -> Floats:
        """Net cash flow of the whole property [N]."""
        total: Floats = self.flows.sum(axis=0)
        return total

    @property
    def closing_ncf(self) -> float:
        """Net cash flow at closing, per year."""
        return fsum(fsum(row) for row in self.closing.tolist())

    def capital_line(self, cap: float, months: int) -> Floats:
        """The year from each boundary over a rate, each part to its end [3, months + 1].

        As it is, what a haircut is taken of, and what is kept beside, of which a haircut is taken too: a
        haircut `h` leaves `max(0, whole - h*positive) + (1 - h)*kept`.
        """
        line, at = np.zeros((3, months + 1)), np.arange(months + 1)
        both = np.stack([self.flows, np.maximum(self.flows, 0.0)])
        kernel.capitalise(both, self.expiry, cap, at, at, line[:2])
        if self.kept is not None:
            line[2] = self.kept[: months + 1]
        return line

    def capitalised_at_closing(self, cap: float) -> float:
        """Closing net cash flow over a rate, each part to its end."""
        values, at = np.empty((2, 1)), np.zeros(1, dtype=np.int64)
        kernel.capitalise(np.stack([self.closing, self.closing]), self.expiry, cap, at, at, values)
        kept = 0.0 if self.kept is None else float(self.kept[0])
        return max(float(values[0, 0]), 0.0) + kept

    @property
    def is_simple(self) -> bool:
        """Whether the whole property is held for ever."""
        return self.kept is None and bool((self.expiry >= FOREVER).all())
