"""The accounts of a waterfall, of all lanes at once: twin of ``ext/payments/accounts.pxd``.

A lane is a scenario; arrays are [S], or [K, S] by class. Flags are 0.0 or 1.0: a condition is a product.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel.records import TRIGGERS

Floats = NDArray[np.float64]
Rows = NDArray[np.void]


class Accounts:
    """Accounts of the waterfall in every lane: what is carried between periods, and what a period moves."""

    opening: Floats  # balances before the period [K, S]
    opening_reserve: Floats
    opening_trap: Floats
    opening_carried: Floats
    debt: Floats
    owing: Floats  # flag: any debt at all
    ltv_on: Floats
    amortising: Floats
    available: Floats
    cash: Floats
    interest_due: Floats
    capitalised: Floats
    additional_due: Floats
    fees_paid: Floats
    interest_paid: Floats
    principal_paid: Floats
    additional_paid: Floats
    dscr_actual: Floats
    dscr_assumed: Floats
    service_actual: Floats
    service_assumed: Floats
    equity: Floats
    sold: Floats  # proceeds of a refinancing or a sale
    reserve_in: Floats
    reserve_out: Floats
    trap_in: Floats
    trap_out: Floats
    short: Floats  # what steps were due and did not get
    unjust: Floats  # the most a junior got while a senior was short

    def __init__(self, terms: Any, notes: Rows, coupon: Floats, accrual: Floats, schedule: Floats) -> None:
        self.terms, self.notes, self.schedule = terms, notes, schedule
        self.coupon, self.accrual = coupon, accrual  # [P, K, S]
        self.years = float(terms["period_months"]) / 12.0
        _, classes, lanes = coupon.shape
        self.issued: Floats = np.array(notes["principal"], dtype=np.float64)
        self.balance = np.repeat(self.issued[:, None], lanes, axis=1)
        self.unpaid, self.capitalised_so_far, self.additional_owed = np.zeros((3, classes, lanes))
        self.fees_owed = np.zeros((2, lanes))  # within their caps, above them
        self.trap, self.carried, self.refinanced = np.zeros((3, lanes))
        self.ard_balance, self.ard_proceeds, self.breach_kind = np.zeros((3, lanes))
        self.breach_period = np.full(lanes, -1.0)
        self.flags = {name: np.zeros(lanes) for name in TRIGGERS}
        self.cures = {name: np.zeros(lanes) for name in TRIGGERS}
        self.tested = np.full(lanes, np.nan)
        self.recent: list[tuple[Floats, Floats, Floats]] = []  # income, service, assumed service
        self.target = self.reserve_target(0)
        initial = float(terms["reserve_initial"])
        self.reserve = self.target.copy() if np.isnan(initial) else np.full(lanes, initial)

    def reserve_target(self, t: int) -> Floats:
        """Target of the liquidity reserve: months of coupon on the balances."""
        coupon: Floats = total(self.balance * (self.coupon[t] / 12.0))
        return float(self.terms["liquidity_months"]) * coupon

    def by_schedule(self, classes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Classes that share the common schedule, and those that have one of their own."""
        own = self.notes["own_schedule"][classes] != 0
        return classes[~own], classes[own]

    def claims(self) -> Floats:
        """Claims of the classes: interest unpaid, then balance, class by class [2 K, S]."""
        return np.stack([self.unpaid, self.balance], axis=1).reshape(-1, len(self.cash))

    def period(self) -> tuple[Floats, Floats]:
        """The period's rows, in the order of ``records.SERIES`` and ``records.CLASS_SERIES``."""
        coverage = [self.dscr_actual, self.dscr_assumed, self.service_actual, self.service_assumed]
        flags = [self.flags["trap"], self.amortising, self.flags["amortise"], self.flags["pik"]]
        series = [self.available, *self.fees_paid, self.reserve, self.trap, self.equity, *coverage, *flags]
        paid = [self.interest_paid, self.capitalised, self.principal_paid, self.additional_paid]
        by_class = np.stack([self.interest_due, *paid, self.balance, self.unpaid])
        return np.stack(series).T, by_class.transpose(2, 0, 1)

    def events(self) -> Floats:
        """One row a lane, in the order of ``records.EVENTS``."""
        breach = [self.breach_period, self.breach_kind]
        return np.stack([self.ard_balance, self.ard_proceeds, self.sold, *breach]).T


def total(rows: Any) -> Any:
    """Sum over the first axis, row by row: the order of additions is part of the answer's bits."""
    return sum(rows[1:], start=rows[0])


def ratio(numerator: Floats, denominator: Floats, otherwise: float) -> Floats:
    """Coverage ratio, ``otherwise`` where the denominator is not positive; infinite above all numbers.

    >>> ratio(np.array([3.0, 3.0]), np.array([2.0, 0.0]), 0.0).tolist()
    [1.5, 0.0]
    """
    positive = denominator > 0.0
    with np.errstate(over="ignore"):
        return np.where(positive, numerator / np.where(positive, denominator, 1.0), otherwise)
