"""Debt service cover: income over debt service per 1 of principal, of a year and of every rolling year."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rackrate import kernel
from rackrate.deal.errors import Unsupported
from rackrate.deal.sizing_tests import MinDscr, Service
from rackrate.engine.debt.terms import DUST, DebtTerms, Flows, Schedule, Year, level_constant
from rackrate.engine.timeline import Floats

Flags = NDArray[np.bool_]
ROLLING: tuple[Literal["minimum", "average"], ...] = ("minimum", "average")  # bases of every rolling year
ANNUITY_MONTHS = 360  # of amortising service where neither the debt nor a test names a term


@dataclass(frozen=True, slots=True)
class Measure:
    """Kind of debt service measured; the annuity's months if amortising, the constant if stressed."""

    kind: Service
    months: int = ANNUITY_MONTHS
    constant: float = 0.0


@dataclass(frozen=True, slots=True)
class Bearing:
    """Debt that bears interest: annual rate and accrual by period [N], periods a year, schedule per 1."""

    rate: Floats
    accrual: Floats
    year: int
    schedule: Schedule


def bearing(terms: DebtTerms, flows: Flows, schedule: Schedule) -> Bearing:
    """The whole loan as interest-bearing debt in one case."""
    return Bearing(flows.rate, terms.accrual, terms.year, schedule)


def measure(test: MinDscr, default: Service) -> Measure:
    """The debt service that a test measures."""
    return Measure(test.service or default, test.months or ANNUITY_MONTHS, test.constant or 0.0)


def yearly(debt: Bearing, by: Measure) -> float:
    """A year's debt service per 1 of principal from closing: the first scheduled year where actual.

    >>> idle = Bearing(np.full(4, 0.08), np.full(4, 0.25), 4, Schedule(np.ones(2), np.zeros(1)))
    >>> yearly(idle, Measure("interest_only")), yearly(idle, Measure("stressed", constant=0.09))
    (0.08, 0.09)
    """
    match by.kind:
        case "actual":
            return math.fsum(debt.schedule.service[: debt.year])
        case "interest_only":
            return math.fsum(debt.rate[: debt.year] * debt.accrual[: debt.year])
        case "amortising":
            return level_constant(float(debt.rate[0]), by.months)
        case "stressed":
            return by.constant


def by_period(debt: Bearing, by: Measure) -> Floats:
    """Debt service per 1 of principal in each period of the term [T]; a yearly constant is spread evenly."""
    term = len(debt.schedule.rate)
    match by.kind:
        case "actual":
            return debt.schedule.service
        case "interest_only":
            return debt.rate[:term] * debt.accrual[:term]
        case "amortising" | "stressed":
            return np.full(term, yearly(debt, by) / debt.year)


def income(year: Year, numerator: str) -> float:
    """Net cash flow or net operating income of a year."""
    earned = year.noi if numerator == "noi" else year.ncf
    if earned is None:
        raise ValueError(f"{numerator}: needed by a test")
    return earned


def series(flows: Flows, numerator: str) -> Floats:
    """Net cash flow or net operating income by period [N]."""
    values = flows.noi if numerator == "noi" else flows.ncf
    if values is None:
        raise ValueError(f"{numerator}: needed by a test")
    return values


def year_of(flows: Flows, basis: str) -> Year:
    """Annualised income at closing or stabilised."""
    year = flows.stabilised if basis == "stabilised" else flows.closing
    if year is None:
        raise ValueError(f"{basis}: needed by a test")
    return year


def rolling(numerator: Floats, service: Floats, schedule: Schedule, year: int) -> Floats:
    """DSCR of every rolling year inside the term that counts and in which service falls due.

    A year counts while debt is outstanding before its last payment.

    Parameters
    ----------
    numerator : float64[N]
        Income of each period.
    service : float64[T]
        Service of each period per 1 of principal.
    year : int
        Periods in a year.

    Returns
    -------
    float64[W]
        W of at most T - year + 1 windows, in order.

    Examples
    --------
    >>> left = Schedule(np.ones(4), np.full(3, 0.5))
    >>> rolling(np.array([1.0, 2.0, 3.0]), left.service, left, 2).tolist()
    [3.0, 5.0]
    """
    ratio = _every_year(numerator, service, schedule, year)
    return ratio[~np.isnan(ratio)]


def tightest(numerator: Floats, service: Floats, schedule: Schedule, year: int) -> tuple[float, float] | None:
    """Income and service of the rolling year of the least DSCR, as of `rolling`; None where no year counts.

    >>> left = Schedule(np.ones(4), np.full(3, 0.5))
    >>> tightest(np.array([1.0, 2.0, 3.0]), left.service, left, 2)
    (3.0, 1.0)
    """
    ratio = _every_year(numerator, service, schedule, year)
    if np.isnan(ratio).all():
        return None
    at = int(np.nanargmin(ratio))
    return math.fsum(numerator[at : at + year]), math.fsum(service[at : at + year])


def _every_year(numerator: Floats, service: Floats, schedule: Schedule, year: int) -> Floats:
    """DSCR of every rolling year inside the term; NaN where it does not count or nothing falls due."""
    ratio = np.empty(max(0, len(service) - year + 1))
    income, due, left = (np.ascontiguousarray(x[None]) for x in (numerator, service, schedule.balance))
    kernel.rolling_ratios(income, due, left, year, DUST, ratio[None])
    return ratio


def on_basis(covers: Sequence[float], basis: str) -> float:
    """Minimum or average of rolling DSCRs; infinite without one, for nothing falls due.

    >>> on_basis([1.0, 2.0, 6.0], "minimum"), on_basis([1.0, 2.0, 6.0], "average")
    (1.0, 3.0)
    """
    if not covers:
        return math.inf
    return math.fsum(covers) / len(covers) if basis == "average" else min(covers)


def counted(name: str, schedules: Sequence[Schedule], year: int) -> Flags:
    """Which rolling years inside the term count: any of the debts is outstanding before the last payment [W].

    Raises
    ------
    Unsupported
        If none does, naming the test that asks.

    Examples
    --------
    Repaid in the third of four periods, with two to a year.

    >>> repaid = Schedule(np.array([1.0, 0.7, 0.4, 0.0, 0.0]), np.zeros(4))
    >>> counted("min_dscr", [repaid], 2).tolist()
    [True, True, False]
    """
    counts: Flags = np.any([schedule.balance[year - 1 : -1] > DUST for schedule in schedules], axis=0)
    if not counts.any():
        raise Unsupported(f"{name}: no rolling year of the term has debt outstanding before its last payment")
    return counts
