"""Repayment schedule of a class of notes that has its own."""

from dataclasses import dataclass

import numpy as np

from rackrate import kernel
from rackrate.deal.debt import Amounts, ClassSchedule, InterestOnly, Level, Sculpted, TargetBalance
from rackrate.deal.errors import FieldError, Invalid
from rackrate.engine.timeline import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassBearing:
    """A class that bears interest, its cash flow and written balances (axis: P period to legal final).

    Attributes
    ----------
    period_months : int
    principal : float
    coupon, accrual : float64[P]
        Annual rate at each period's start; year fraction of the period.
    ncf : float64[P]
        Net cash flow, for sculpted repayment.
    target : float64[P] or None
        Written balance after each payment, share of principal; for a target balance only.
    """

    period_months: int
    principal: float
    coupon: Floats
    accrual: Floats
    ncf: Floats
    target: Floats | None = None


def repay(schedule: ClassSchedule, bearing: ClassBearing, at: str) -> Floats:
    """Balance per 1 of principal after each period's scheduled payment.

    Parameters
    ----------
    at : str
        JSON pointer of the schedule, for a refusal.

    Returns
    -------
    float64[P]

    Raises
    ------
    Invalid
        If the cash flow carries no sculpted debt.

    Examples
    --------
    Written amounts of 30 and 50 out of 100.

    >>> flat = np.zeros(3)
    >>> bearing = ClassBearing(period_months=1, principal=100.0, coupon=flat, accrual=flat, ncf=flat)
    >>> repay(Amounts(amounts=[30.0, 50.0]), bearing, "").tolist()
    [0.7, 0.2, 0.2]
    """
    match schedule:
        case InterestOnly():
            return np.ones(len(bearing.coupon))
        case Amounts(amounts=amounts):
            return _written(amounts, bearing)
        case TargetBalance():
            if bearing.target is None:
                raise ValueError("target: a target balance needs its curve at every payment date")
            return np.minimum(1.0, np.minimum.accumulate(bearing.target))
        case Level(months=months):
            return _level(months, bearing)
        case Sculpted(dscr=dscr):
            return _sculpted(dscr, bearing, at)


def _written(amounts: list[float], bearing: ClassBearing) -> Floats:
    due = np.zeros(len(bearing.coupon))
    known = min(len(amounts), len(due))
    due[:known] = amounts[:known]
    left: Floats = np.maximum(0.0, bearing.principal - np.cumsum(due)) / bearing.principal
    return left


def _level(months: int, bearing: ClassBearing) -> Floats:
    balance = np.empty((1, len(bearing.coupon) + 1))
    years, count = bearing.period_months / 12.0, months // bearing.period_months
    kernel.level_balances(
        np.ascontiguousarray(bearing.coupon[None]), bearing.accrual, years, 0, count, balance
    )
    return balance[0, 1:]


def _sculpted(dscr: float, bearing: ClassBearing, at: str) -> Floats:
    """Sculpted balances on the cash flow to legal final, per 1 of principal."""
    rate = (bearing.coupon * bearing.accrual)[None]
    capacity = np.empty((1, rate.shape[1] + 1))
    no_ceiling, cover, no_balloon = np.full(capacity.shape, np.inf), np.full(1, dscr), np.zeros(1)
    kernel.sculpt(bearing.ncf[None].copy(), rate, no_ceiling, cover, no_balloon, 0, capacity)
    if capacity[0, 0] <= 0.0:
        raise Invalid.of([FieldError(at, "the cash flow carries no debt at this cover")])
    shares: Floats = np.minimum.accumulate(capacity[0]) / capacity[0, 0]
    return shares[1:]
