"""Sizing: the largest principal that every test allows, and the binding test."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rackrate.deal.answers.sizing import DebtSchedule, SizingOutcome, TestOutcome
from rackrate.deal.errors import FieldError, Unsupported, at_pointer
from rackrate.deal.sizing_tests import SculptedTest, SizingTest, name_of
from rackrate.engine.debt.loan import Loan, allows_nothing
from rackrate.engine.debt.sizing_tests import SizingTestResult, allowance
from rackrate.engine.debt.terms import DUST, NO_DEBT, Schedule
from rackrate.engine.timeline import Timeline

TIE = 1e-9  # relative difference of principals within which the sculpt binds


@dataclass(frozen=True, slots=True)
class Sized:
    """A sized loan: its principal, what each test allows, the binding test.

    Attributes
    ----------
    loan : Loan
    principal : float
    allowances : sequence of Allowance
        One per test, in order.
    binding, next : int, int or None
        Index of the test that sizes the loan, and of the next tightest that limits it at all.
    """

    loan: Loan
    principal: float
    allowances: Sequence[SizingTestResult]
    binding: int
    next: int | None

    @property
    def schedule(self) -> Schedule:
        """Schedule per 1 of principal in the sizing case."""
        return self.loan.schedules[self.loan.case]

    @property
    def balloon(self) -> float:
        """Principal due at maturity."""
        return self.principal * self.schedule.balloon

    def name(self, test: int | None) -> str | None:
        """Name of the test at an index."""
        return None if test is None else name_of(self.loan.tests[test])


def size(loan: Loan) -> Sized:
    """Size the loan: the principal is the least of what the tests allow.

    Raises
    ------
    CannotFinance
        If a test allows no debt, naming it.
    Unsupported
        If the model does not define a test on this loan, or no test limits it.
    """
    allowances = [_allowance(loan, i) for i in range(len(loan.tests))]
    principal = min(allowed.largest for allowed in allowances)
    if principal == math.inf:
        raise _unlimited(loan, allowances)
    ranked = _ranked(loan.tests, allowances, principal)
    limiting = [i for i in ranked if allowances[i].largest < math.inf]
    return Sized(loan, principal, allowances, limiting[0], limiting[1] if len(limiting) > 1 else None)


def _allowance(loan: Loan, i: int) -> SizingTestResult:
    """The result of one test; a refusal carries its pointer."""
    with at_pointer(loan.pointers[i]):
        allowed = allowance(loan, loan.tests[i], loan.case_of(loan.tests[i]))
    if allowed.largest <= NO_DEBT:
        raise allows_nothing(loan, i, allowed.reason)
    return allowed


def _unlimited(loan: Loan, allowances: Sequence[SizingTestResult]) -> Unsupported:
    """The refusal of a loan that no test limits, with the reason of each."""
    reasons = dict.fromkeys(
        f"{name_of(test)}: {allowed.reason}" for test, allowed in zip(loan.tests, allowances, strict=True)
    )
    return Unsupported(
        f"no test limits the principal: {'; '.join(reasons)}",
        [FieldError(at, allowed.reason) for at, allowed in zip(loan.pointers, allowances, strict=True)],
    )


def _ranked(
    tests: Sequence[SizingTest], allowances: Sequence[SizingTestResult], principal: float
) -> list[int]:
    """Tests from the tightest; a sculpt that ties with the tightest comes first."""

    def tightness(i: int) -> tuple[bool, float]:
        largest = allowances[i].largest
        tied_sculpt = isinstance(tests[i], SculptedTest) and largest <= principal * (1.0 + TIE)
        return not tied_sculpt, largest

    return sorted(range(len(tests)), key=tightness)


def outcome(sized: Sized, timeline: Timeline) -> SizingOutcome:
    """The sizing as it is answered; ``timeline`` is the deal's, by month."""
    return SizingOutcome(
        principal=sized.principal,
        value=sized.loan.cases[sized.loan.case].value,
        balloon=sized.balloon,
        tests=[_test_outcome(sized, i) for i in range(len(sized.loan.tests))],
        schedule=_schedule(sized, timeline),
    )


def finite(figure: float) -> float | None:
    """A figure, or None where it is infinite or not defined."""
    return figure if math.isfinite(figure) else None


def _test_outcome(sized: Sized, i: int) -> TestOutcome:
    test, allowed = sized.loan.tests[i], sized.allowances[i]
    numerator, denominator = allowed.quotient(sized.principal) or (None, None)
    return TestOutcome(
        kind=test.kind,
        name=name_of(test),
        limit=allowed.limit,
        actual=finite(allowed.actual(sized.principal)),
        max_principal=finite(allowed.largest),
        slack=finite(allowed.largest - sized.principal),
        shadow_price=finite(allowed.shadow_price),
        binding=i == sized.binding,
        numerator=numerator,
        denominator=denominator,
        leg=allowed.leg,
    )


def _schedule(sized: Sized, timeline: Timeline) -> DebtSchedule:
    unit, terms = sized.schedule, sized.loan.terms
    step, term = terms.period_months, terms.term
    ncf = sized.loan.cases[sized.loan.case].ncf[:term]
    due = unit.service > DUST
    cover = ncf / np.where(due, sized.principal * unit.service, 1.0)
    return DebtSchedule(
        date=timeline.boundaries[step : term * step + 1 : step].tolist(),
        interest=(sized.principal * unit.interest).tolist(),
        principal=(sized.principal * unit.principal).tolist(),
        balance=(sized.principal * unit.balance[1:]).tolist(),
        dscr=[figure if owed else None for figure, owed in zip(cover.tolist(), due.tolist(), strict=True)],
    )
