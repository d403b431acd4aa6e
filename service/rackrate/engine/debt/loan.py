"""A loan before it is sized: terms, sizing tests, cases, amortisation schedule in each case."""

# Design: equipment ceilings are known before any principal is, so a sculpt takes them in while it is induced;
# every other schedule runs forwards per 1 of principal and meets the ceilings afterwards.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rackrate.deal.cases import case_of
from rackrate.deal.debt import Sculpted
from rackrate.deal.errors import CannotFinance, FieldError
from rackrate.deal.sizing_tests import EquipmentTest, SculptedTest, SizingTest, name_of
from rackrate.engine.debt.amortisation import capacity, schedules, uncovered
from rackrate.engine.debt.terms import (
    NO_DEBT,
    DebtTerms,
    EquipmentCollateral,
    Flows,
    Schedule,
    period_rates,
    present_value,
)
from rackrate.engine.timeline import Floats


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan whose principal is not sized yet.

    Attributes
    ----------
    terms : Terms
    tests : sequence of SizingTest
        Those listed; of sculpted debt also its own where no sculpted one is.
    pointers : sequence of str
        JSON pointer of each test in the request.
    cases : mapping of Flows
        By name; every case a test names, and the sizing case.
    case : str or None
        The sizing case.
    schedules : mapping of Schedule
        Per 1 of principal, by case.
    """

    terms: DebtTerms
    tests: Sequence[SizingTest]
    pointers: Sequence[str]
    cases: Mapping[str | None, Flows]
    case: str | None
    schedules: Mapping[str | None, Schedule]

    def case_of(self, test: SizingTest) -> str | None:
        """The case a sizing test is held in."""
        return case_of(test, self.case)


def arrange(
    terms: DebtTerms,
    tests: Sequence[SizingTest],
    cases: Mapping[str | None, Flows],
    case: str | None,
    at: str = "/sizing/tests",
) -> Loan:
    """Schedule the debt per 1 of principal in every case.

    Parameters
    ----------
    at : str
        JSON pointer of the tests in the request; see `Loan` for the other arguments.

    Raises
    ------
    CannotFinance
        If sculpted debt carries nothing.
    """
    listed = [(test, f"{at}/{i}") for i, test in enumerate(tests)]
    held = listed + _own_sculpt(terms, tests)
    loan = Loan(terms, [test for test, _ in held], [pointer for _, pointer in held], cases, case, {})
    return replace(loan, schedules=schedules(terms, list(cases.values()), _carried(loan)))


def _own_sculpt(terms: DebtTerms, tests: Sequence[SizingTest]) -> list[tuple[SizingTest, str]]:
    """The sculpted test that sculpted debt implies, and its pointer; none where one is listed."""
    sculpt = terms.amortisation
    if not isinstance(sculpt, Sculpted) or any(isinstance(test, SculptedTest) for test in tests):
        return []
    return [(SculptedTest(limit=sculpt.dscr), "/debt/amortisation/dscr")]


def _carried(loan: Loan) -> Floats | None:
    """Capacity of sculpted debt below every equipment ceiling [T + 1]; None for other repayment."""
    terms, flows, sculpt = loan.terms, loan.cases[loan.case], loan.terms.amortisation
    if not isinstance(sculpt, Sculpted):
        return None
    ceilings = {
        i: ceiling(terms, loan.cases[loan.case_of(test)], test)
        for i, test in enumerate(loan.tests)
        if isinstance(test, EquipmentTest)
    }
    joint = np.min([np.full(terms.term + 1, np.inf), *ceilings.values()], axis=0)
    carried: Floats = capacity(terms, flows, sculpt.dscr, joint[None])[0]
    if carried[0] <= NO_DEBT:
        raise _carries_nothing(loan, sculpt.dscr, ceilings)
    return carried


def contract_value(terms: DebtTerms, flows: Flows) -> Floats:
    """Present value of contracted net cash flow to come, at the debt's own rates, by boundary [T + 1]."""
    return present_value(_collateral(flows).contracted, period_rates(terms, flows))[: terms.term + 1]


def advance_base(flows: Flows) -> Floats:
    """Residual value of the equipment that is advanced against, from closing to maturity [T + 1]."""
    return _collateral(flows).residual


def ceiling(terms: DebtTerms, flows: Flows, test: EquipmentTest) -> Floats:
    """Largest balance that an equipment test allows from closing to maturity, balloon included [T + 1].

    The least of the contracts' value over ``dscr``, an advance on residual value, each where the test has
    it, and straight-line cost; never below zero.
    """
    least = _collateral(flows).book
    if test.dscr is not None:
        least = np.minimum(least, contract_value(terms, flows) / test.dscr)
    if test.advance_rate is not None:
        least = np.minimum(least, test.advance_rate * advance_base(flows))
    return np.maximum(least, 0.0)


def _collateral(flows: Flows) -> EquipmentCollateral:
    if flows.collateral is None:
        raise ValueError(f"collateral: case {flows.case} has no equipment")
    return flows.collateral


def _carries_nothing(loan: Loan, dscr: float, ceilings: Mapping[int, Floats]) -> CannotFinance:
    """Refuse sculpted debt without capacity, naming its own cash flow or the equipment test at fault."""
    terms, flows = loan.terms, loan.cases[loan.case]
    if capacity(terms, flows, dscr)[0, 0] <= NO_DEBT:
        i = next(i for i, test in enumerate(loan.tests) if isinstance(test, SculptedTest))
        return allows_nothing(loan, i, uncovered(flows.ncf[: terms.term]))
    i = min(ceilings, key=lambda i: float(capacity(terms, flows, dscr, ceilings[i][None])[0, 0]))
    return allows_nothing(loan, i, unbacked(ceilings[i]))


def allows_nothing(loan: Loan, i: int, reason: str) -> CannotFinance:
    """The refusal of a loan of which one test allows no debt."""
    name, fault = name_of(loan.tests[i]), FieldError(loan.pointers[i], f"allows no debt: {reason}")
    return CannotFinance(name, f"{name} {fault.message}", [fault])


def unbacked(ceilings: Floats) -> str:
    """Say at which date the equipment ceiling [T + 1] is lowest."""
    k, end = int(np.argmin(ceilings)), len(ceilings) - 1
    when = "closing" if k == 0 else "maturity" if k == end else f"the end of period {k}"
    return f"the equipment backs {ceilings[k]:,.2f} at {when}"
