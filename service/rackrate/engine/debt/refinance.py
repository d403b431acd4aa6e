"""Refinance tests: DSCR and LTV of a take-out loan, and the balloon that they support."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rackrate.deal.cases import case_of
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing_tests import Refinance, SizingTest
from rackrate.engine.debt.interest_rates import all_in
from rackrate.engine.debt.loan import Loan
from rackrate.engine.debt.terms import DebtTerms, level_constant
from rackrate.engine.timeline import Floats


@dataclass(frozen=True, slots=True)
class CoverLeg:
    """Least debt service cover of a take-out loan, and its yearly service per 1 of principal, above zero."""

    dscr: float
    constant: float

    @property
    def ncf(self) -> float:
        """Yearly net cash flow that the test asks per 1 of principal."""
        return self.dscr * self.constant


@dataclass(frozen=True, slots=True)
class ValueLeg:
    """Greatest loan to value of a take-out loan, and the cap rate of that value."""

    ltv: float
    cap_rate: float


def cover_leg(test: Refinance, add: float) -> CoverLeg | None:
    """The cover that a test asks of a take-out loan on level payments, ``add`` on its rate; None for none."""
    if test.dscr is None or test.rate is None or test.months is None:
        return None
    return CoverLeg(test.dscr, level_constant(all_in(test.rate, add), test.months))


def value_leg(test: Refinance) -> ValueLeg | None:
    """The loan to value that a test asks of a take-out loan; None for none."""
    return None if test.ltv is None or test.cap_rate is None else ValueLeg(test.ltv, test.cap_rate)


def year_after(ncf: Floats, terms: DebtTerms) -> float:
    """Net cash flow of the twelve months after maturity, of that by period [N]."""
    return math.fsum(ncf[terms.term : terms.term + terms.year])


def supported_balloon(loan: Loan, case: str | None, tests: Sequence[Refinance]) -> float:
    """Least balloon that refinance tests support, each in the case it names, if any."""
    supported = []
    for test in tests:
        flows = loan.cases[case_of(test, case)]
        balloons, cover, value = [float("inf")], cover_leg(test, flows.rate_add), value_leg(test)
        if cover is not None:
            balloons.append(year_after(flows.ncf, loan.terms) / cover.constant / cover.dscr)
        if value is not None:
            balloons.append(flows.take_out(value.cap_rate) * value.ltv)
        supported.append(max(0.0, min(balloons)))
    return min(supported)


def refinance_tests(tests: Sequence[SizingTest], ruleset: Ruleset) -> list[Refinance]:
    """The deal's refinance tests, or the ruleset's where it has none."""
    default = ruleset.refinance
    own = [test for test in tests if isinstance(test, Refinance)]
    return own or [
        Refinance(
            rate=default.rate,
            months=default.months,
            dscr=default.dscr,
            ltv=default.ltv,
            cap_rate=default.cap_rate,
        )
    ]
