"""Debt terms, the cash flow of each case, amortisation schedules, present values."""

# Design: everything a test or a cover figure asks is linear in principal once the schedule is known per 1, so
# it is made once for all cases and each test is one number. Sizing, coverage and tranches all stand on it.

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rackrate import kernel
from rackrate.deal.debt import Amortisation
from rackrate.engine.timeline import Floats

DUST = 1e-9  # share of principal at or below which a balance is repaid and a service is nothing
NO_DEBT = 1e-6  # currency units at or below which a principal is no debt


@dataclass(frozen=True, slots=True)
class Year:
    """Twelve months' income: net cash flow and net operating income (None where only cash flow is known)."""

    ncf: float
    noi: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtTerms:
    """The debt agreement in payment periods (axes: N period, T period of the term).

    Attributes
    ----------
    period_months : int
        Length of a period: 1, 3, 6 or 12.
    accrual : float64[N]
        Year fraction of each period by day count, known beyond the term.
    term, interest_only : int
        Periods.
    amortisation : Amortisation
        How principal is repaid; a level annuity's months are whole periods.
    target : float64[T] or None
        Target balance after each payment, share of principal; for a target balance only.
    balloon : float
        Share of principal left at maturity; of sculpted debt only.
    """

    period_months: int
    accrual: Floats
    term: int
    interest_only: int
    amortisation: Amortisation
    target: Floats | None = None
    balloon: float = 0.0

    @property
    def year(self) -> int:
        """Periods in a year."""
        return 12 // self.period_months


@dataclass(frozen=True, slots=True)
class EquipmentCollateral:
    """Equipment in one case: contracted net cash flow [N]; residual and straight-line value [T + 1]."""

    contracted: Floats
    residual: Floats
    book: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """A case's cash flow, rate and values (axes: N period, at least to maturity and the last contract end).

    Attributes
    ----------
    case : str or None
        Name of the case; None where there is only one series.
    rate : float64[N]
        Annual rate of the debt in each period, in this case.
    ncf, noi : float64[N]
        Paid at the end of each period; ``noi`` None where only cash flow is known.
    closing, stabilised : Year
        Annualised figures; ``stabilised`` None where not known.
    value, cost : float or None
    rate_add : float
        Added to the rate of a take-out loan.
    take_out : callable
        Capital value at maturity of the following twelve months' net cash flow at a cap rate.
    last_contract_end : int
        Period in which the last contract ends.
    collateral : EquipmentCollateral or None
    """

    case: str | None
    rate: Floats
    ncf: Floats
    noi: Floats | None = None
    closing: Year
    stabilised: Year | None = None
    value: float | None = None
    cost: float | None = None
    rate_add: float = 0.0
    take_out: Callable[[float], float]
    last_contract_end: int
    collateral: EquipmentCollateral | None = None


@dataclass(frozen=True)
class Schedule:
    """Amortisation per 1 of principal: balance by payment, balloon unpaid [T + 1]; period rates [T]."""

    balance: Floats
    rate: Floats

    @cached_property
    def interest(self) -> Floats:
        """Interest due [T]."""
        return self.balance[:-1] * self.rate

    @cached_property
    def principal(self) -> Floats:
        """Principal due, balloon excluded [T]."""
        return self.balance[:-1] - self.balance[1:]

    @cached_property
    def service(self) -> Floats:
        """Interest and principal due, balloon excluded [T]."""
        return self.interest + self.principal

    @property
    def balloon(self) -> float:
        """Share of principal left at maturity; nothing where only rounding is left."""
        left = float(self.balance[-1])
        return left if left > DUST else 0.0


def period_rates(terms: DebtTerms, flows: Flows) -> Floats:
    """Rate of each period [N]: annual rate times accrual."""
    return flows.rate * terms.accrual


def level_constant(rate: float, months: int) -> float:
    """Mortgage constant: yearly debt service per 1 of principal on level monthly payments.

    >>> round(level_constant(0.055, 360), 7)
    0.0681347
    """
    return 12.0 * kernel.level_payment(rate / 12.0, months)


def over(earned: float, due: float) -> float:
    """Ratio of two amounts, infinite over nothing due.

    >>> over(3.0, 2.0), over(3.0, 0.0)
    (1.5, inf)
    """
    return earned / due if due else math.inf


def ratio(earned: Floats, due: Floats, otherwise: float = math.nan) -> Floats:
    """Ratios, `otherwise` over nothing due; infinite where the quotient is beyond the largest number.

    >>> ratio(np.array([3.0, 1.0, -1e9]), np.array([2.0, 0.0, 1e-305])).tolist()
    [1.5, nan, -inf]
    """
    with np.errstate(over="ignore"):
        found: Floats = np.divide(earned, due, out=np.full(len(due), otherwise), where=due > 0.0)
    return found


def present_value(flow: Floats, rate: Floats) -> Floats:
    """Present value at each boundary [N + 1] of flows [N] at period ends, at the periods' own rates [N]."""
    value = np.empty(len(flow) + 1)
    kernel.present_values(np.ascontiguousarray(flow[None]), np.ascontiguousarray(rate[None]), value[None])
    return value


def discount_factors(rate: Floats) -> Floats:
    """Discount factor to closing of each boundary [N + 1], at the periods' own rates [N]."""
    factor = np.empty(len(rate) + 1)
    kernel.discount_factors(np.ascontiguousarray(rate[None]), factor[None])
    return factor
