"""Interest rates by month: fixed, or a margin over the base rate in a floor and a cap; never below zero."""

import numpy as np

from rackrate.deal.debt import DebtRate, FloatingRate
from rackrate.engine.timeline import Floats


def all_in(rate: float, add: float) -> float:
    """A fixed rate and what a case adds to it, never below zero: a lender does not pay the borrower.

    >>> all_in(0.03, 0.02), all_in(0.03, -0.05)
    (0.05, 0.0)
    """
    return max(0.0, rate + add)


def annual_rate(rate: DebtRate, base: Floats, add: float = 0.0) -> Floats:
    """Annual rate in each month, [N]; ``add`` moves the base rate before floor and cap, or a fixed rate.

    What comes out below zero is zero.

    >>> annual_rate(FloatingRate(margin=0.02, floor=0.0, cap=0.05), np.array([0.04, 0.06, -0.01])).tolist()
    [0.06, 0.07, 0.02]
    """
    if not isinstance(rate, FloatingRate):
        return np.full(len(base), all_in(rate, add))
    low = -np.inf if rate.floor is None else rate.floor
    high = np.inf if rate.cap is None else rate.cap
    return np.maximum(0.0, np.clip(base + add, low, high) + rate.margin)
