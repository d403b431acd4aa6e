"""Interest rates by month: fixed, or a margin over the base rate within a floor and a cap."""

import numpy as np

from rackrate.deal.debt import DebtRate, FloatingRate
from rackrate.engine.timeline import Floats


def annual_rate(rate: DebtRate, base: Floats, add: float = 0.0) -> Floats:
    """Annual rate in each month, [N]; ``add`` moves the base rate before floor and cap, or a fixed rate.

    >>> annual_rate(FloatingRate(margin=0.02, floor=0.0, cap=0.05), np.array([0.04, 0.06, -0.01])).tolist()
    [0.06, 0.07, 0.02]
    """
    if not isinstance(rate, FloatingRate):
        return np.full(len(base), rate + add)
    low = -np.inf if rate.floor is None else rate.floor
    high = np.inf if rate.cap is None else rate.cap
    return np.clip(base + add, low, high) + rate.margin
