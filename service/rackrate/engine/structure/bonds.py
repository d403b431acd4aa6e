"""Bond arithmetic of a class's flows: yield, modified duration, weighted average life."""

import math
from collections.abc import Sequence

import numpy as np

from rackrate import kernel
from rackrate.engine.timeline import Floats


def yields(paid: Floats, price: Sequence[float], period_months: int = 1) -> list[float | None]:
    """Nominal annual yield, compounded monthly, at which each class's flows are worth their price.

    Parameters
    ----------
    paid : float64[K, M]
        Interest and principal paid at the end of each period, none negative.
    price : sequence of float, length K
        Paid at closing, in the flows' currency.
    period_months : int
        Months in a period.

    Returns
    -------
    list of float or None
        None where nothing is paid or nothing was paid for it.

    Examples
    --------
    1.01 a month after 1: one percent a month.

    >>> [round(rate, 12) for rate in yields(np.array([[1.01]]), [1.0])]
    [0.12]
    """
    discount = _discounts(by_month(paid, period_months), price)
    return [12.0 * (1.0 / v - 1.0) if v > 0.0 else None for v in discount.tolist()]


def durations(paid: Floats, price: Sequence[float], period_months: int = 1) -> list[float | None]:
    """Modified duration in years at the yield: average life of present value over 1 plus a month's yield.

    Parameters and None as for `yields`; None too where a month's factor is beyond all numbers.

    Examples
    --------
    All of it in twelve months' time, at no yield.

    >>> durations(np.array([[0.0] * 11 + [1.0]]), [1.0])
    [1.0]
    """
    flow = by_month(paid, period_months)
    discount = _discounts(flow, price)
    value, moment = _moments(flow, discount)
    classes = zip(value.tolist(), moment.tolist(), discount.tolist(), strict=True)
    lives = [late * factor / (12.0 * now) if now > 0.0 else 0.0 for now, late, factor in classes]
    return [life if 0.0 < life < math.inf else None for life in lives]


def average_lives(principal: Floats, period_months: int = 1) -> list[float | None]:
    """Weighted average life in years of principal paid at period ends [K, M]; None where none is paid.

    >>> average_lives(np.array([[1.0, 0.0, 1.0]]), period_months=6)
    [1.0]
    """
    value, moment = _moments(np.ascontiguousarray(principal), np.ones(len(principal)))
    pairs = zip(value.tolist(), moment.tolist(), strict=True)
    return [period_months / 12.0 * late / paid if paid > 0.0 else None for paid, late in pairs]


def by_month(paid: Floats, period_months: int) -> Floats:
    """Flows of periods [K, M] as flows of months, nothing falling inside a period.

    >>> by_month(np.array([[1.0, 2.0]]), 3).tolist()
    [[0.0, 0.0, 1.0, 0.0, 0.0, 2.0]]
    """
    months = np.zeros((paid.shape[0], paid.shape[1] * period_months))
    months[:, period_months - 1 :: period_months] = paid
    return months


def _discounts(flow: Floats, price: Sequence[float]) -> Floats:
    discount = np.empty(len(flow))
    kernel.solve_discounts(flow, np.array(price, dtype=np.float64), discount)
    return discount


def _moments(flow: Floats, discount: Floats) -> tuple[Floats, Floats]:
    value, moment = np.empty(len(flow)), np.empty(len(flow))
    kernel.moments(flow, discount, value, moment)
    return value, moment
