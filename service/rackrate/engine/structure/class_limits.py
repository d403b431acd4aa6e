"""Limits of a class: the principal each allows behind the senior classes, and whether it is met."""

# Design: a class's limit is a limit on all debt down to it. Every kind but a debt service cover means for the
# classes what it means for the whole loan; a cover weighs each class's own service.

import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from rackrate.deal.answers.tranches import LimitOutcome
from rackrate.deal.cases import case_of
from rackrate.deal.errors import at_pointer
from rackrate.deal.sizing_tests import MinDscr, SizingTest
from rackrate.deal.structure import NoteClass
from rackrate.engine.debt.debt_service import (
    ROLLING,
    Bearing,
    by_period,
    counted,
    income,
    measure,
    on_basis,
    series,
    year_of,
    yearly,
)
from rackrate.engine.debt.loan import Loan
from rackrate.engine.debt.sizing import finite
from rackrate.engine.debt.sizing_tests import allowance
from rackrate.engine.debt.terms import Schedule
from rackrate.engine.timeline import Floats

MET = 1e-9  # relative excess over a limit that is rounding
BISECTIONS = 60  # halves an interval to the resolution of a double


@dataclass(frozen=True, slots=True)
class ClassTerms:
    """A class, its coupon and its repayment.

    Attributes
    ----------
    note : NoteClass
    coupon : mapping of float64[N]
        Annual coupon in each month, by case; at least a year and the debt's term.
    accrual : float64[N]
        Year fraction of each month by the class's day count.
    contracted : float
        Its coupon at closing, no case's addition in it.
    balance : float64[T + 1] or None
        Its own repayment schedule per 1 of principal; the debt's if None.
    """

    note: NoteClass
    coupon: Mapping[str | None, Floats]
    accrual: Floats
    contracted: float
    balance: Floats | None = None


def room(loan: Loan, classes: Sequence[ClassTerms], senior: Sequence[float], i: int) -> float:
    """Principal that the last class's limit ``i`` allows it behind the classes above."""
    limit, case = _limit(loan, classes, i)
    with _pointed_at(classes, i):
        if not isinstance(limit, MinDscr):
            return allowance(loan, limit, case).largest - math.fsum(senior)
        earned, services = _years(loan, classes, limit, case)
    due, own = _due([*senior, 0.0], services), services[-1]
    if limit.basis == "average":
        return _room_on_average(earned, due, own, limit.limit)
    return min(_covers(earned / limit.limit - due, own), default=math.inf)


def outcome(loan: Loan, classes: Sequence[ClassTerms], principals: Sequence[float], i: int) -> LimitOutcome:
    """The last class's limit ``i`` tested at the principals of all classes down to it."""
    limit, case = _limit(loan, classes, i)
    with _pointed_at(classes, i):
        if isinstance(limit, MinDscr):
            earned, services = _years(loan, classes, limit, case)
            covers = _covers(earned, _due(principals, services))
            bound, actual = limit.limit, on_basis(covers, limit.basis)
            met = within(bound, actual)
        else:
            allowed = allowance(loan, limit, case)
            actual, bound = allowed.actual(math.fsum(principals)), allowed.limit
            met = within(actual, bound) if allowed.rising else within(bound, actual)
    return LimitOutcome(kind=limit.kind, limit=bound, actual=finite(actual), met=met)


def _limit(loan: Loan, classes: Sequence[ClassTerms], i: int) -> tuple[SizingTest, str | None]:
    """A limit of the last of the classes, and the case it is held in: its own, else its class's."""
    limit = classes[-1].note.limits[i]
    return limit, case_of(limit, class_case(loan, classes[-1]))


def _pointed_at(classes: Sequence[ClassTerms], i: int) -> AbstractContextManager[None]:
    """Point refusals at a limit of the last of the classes."""
    return at_pointer(f"/structure/classes/{len(classes) - 1}/limits/{i}")


def within(figure: float, limit: float) -> bool:
    """Whether a figure is at most a limit, rounding apart.

    >>> within(0.7000000000000001, 0.7), within(0.71, 0.7)
    (True, False)
    """
    return figure <= limit + MET * abs(limit)


def class_case(loan: Loan, terms: ClassTerms) -> str | None:
    """The case a class is measured in: its own, else the loan's."""
    return case_of(terms.note, loan.case)


def class_bearing(loan: Loan, terms: ClassTerms, case: str | None) -> Bearing:
    """A class as interest-bearing debt in a case: its coupon, on its own schedule or the debt's."""
    balance = loan.schedules[case].balance if terms.balance is None else terms.balance
    coupon, term = terms.coupon[case], len(balance) - 1
    return Bearing(coupon, terms.accrual, 12, Schedule(balance, coupon[:term] * terms.accrual[:term]))


def year_of_coupon(terms: ClassTerms, case: str | None) -> float:
    """The first year's coupon on 1 of a class that repays nothing."""
    return math.fsum(terms.coupon[case][:12] * terms.accrual[:12])


def _years(
    loan: Loan, classes: Sequence[ClassTerms], limit: MinDscr, case: str | None
) -> tuple[Floats, list[Floats]]:
    """Income, and each class's service per 1, of the year tested or of each rolling year that counts [W]."""
    by, flows = measure(limit, "interest_only"), loan.cases[case]
    debts = [class_bearing(loan, terms, case) for terms in classes]
    if limit.basis not in ROLLING:
        earned = income(year_of(flows, limit.basis), limit.numerator)
        return np.array([earned]), [np.array([yearly(debt, by)]) for debt in debts]
    counts = counted(limit.kind, [debt.schedule for debt in debts], 12)
    incomes, services = series(flows, limit.numerator), [by_period(debt, by) for debt in debts]
    earned_by_year = _rolling_sums(incomes[: loan.terms.term])
    return earned_by_year[counts], [_rolling_sums(service)[counts] for service in services]


def _due(principals: Sequence[float], services: Sequence[Floats]) -> Floats:
    """Debt service of all classes together [W], added from the most senior."""
    due = np.zeros(1)
    for principal, service in zip(principals, services, strict=True):
        due = due + principal * service
    return due


def _covers(earned: Floats, due: Floats) -> list[float]:
    """DSCR of each of the years [W] in which debt service is due."""
    return [year / owed for year, owed in zip(earned.tolist(), due.tolist(), strict=True) if owed > 0.0]


def _room_on_average(earned: Floats, due: Floats, service: Floats, limit: float) -> float:
    """Largest principal of ``service`` per 1 beside what is due at which the average DSCR [W] is the limit.

    Mean cover is not linear in the principal where senior classes are served in another rhythm: bisected.
    """
    bears, counts = service > 0.0, int(np.count_nonzero((due > 0.0) | (service > 0.0)))
    sought = limit * counts - math.fsum(_covers(earned[~bears], due[~bears]))
    earned, due, service = earned[bears], due[bears], service[bears]
    if not len(service) or sought <= 0.0:
        return math.inf
    low, high = 0.0, math.fsum(_covers(np.maximum(earned, 0.0), service)) / sought
    if not due.any():
        return math.fsum(_covers(earned, service)) / sought
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        if math.fsum(_covers(earned, due + middle * service)) >= sought:
            low = middle
        else:
            high = middle
    return low


def _rolling_sums(values: Floats) -> Floats:
    """Sums of every twelve months in a row, added in one order on every processor."""
    sums = np.zeros(max(0, len(values) - 11))
    for month in range(12):
        sums += values[month : month + len(sums)]
    return sums
