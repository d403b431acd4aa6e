"""The loan before it is sized: its terms, its tests, the cases it is held against, its schedule in each."""

# Design: equipment ceilings are known before any principal is, so a sculpt takes them in while it is induced;
# every other schedule runs forwards per 1 of principal and meets the ceilings afterwards.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rackrate.deal.debt import Sculpted
from rackrate.deal.errors import CannotFinance, Unsupported
from rackrate.deal.sizing import EquipmentTest, SculptedTest, SizingTest
from rackrate.engine.debt import NO_DEBT, Collateral, Flows, Schedule, Terms, period_rates, present_value
from rackrate.engine.schedule import capacity, schedules
from rackrate.engine.timeline import Floats


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan of unknown principal.

    Attributes
    ----------
    terms : Terms
    tests : sequence of SizingTest
    cases : mapping of Flows
        By name; every case a test names, and the sizing case.
    case : str or None
        The sizing case.
    schedules : mapping of Schedule
        Per 1 of principal, by case.
    at : str
        JSON pointer of the tests in the request.
    """

    terms: Terms
    tests: Sequence[SizingTest]
    cases: Mapping[str | None, Flows]
    case: str | None
    schedules: Mapping[str | None, Schedule]
    at: str

    def case_of(self, test: SizingTest) -> str | None:
        """The case a sizing test is held in."""
        return self.case if test.case is None else test.case


def arrange(
    terms: Terms,
    tests: Sequence[SizingTest],
    cases: Mapping[str | None, Flows],
    case: str | None,
    at: str = "/sizing/tests",
) -> Loan:
    """Schedule the debt per 1 of principal in every case; see `Loan` for the arguments.

    Raises
    ------
    CannotFinance
        If sculpted debt carries nothing.
    Unsupported
        If sculpted debt carries anything: no interest, and all of it left at maturity.
    """
    carried = None
    if isinstance(terms.amortisation, Sculpted):
        ceilings = [
            ceiling(terms, cases[case if test.case is None else test.case], test.dscr, test.advance_rate)
            for test in tests
            if isinstance(test, EquipmentTest)
        ]
        joint = np.min(ceilings, axis=0)[None] if ceilings else None
        carried = capacity(terms, cases[case], terms.amortisation.dscr, joint)[0]
        if carried[0] <= NO_DEBT:
            raise _carries_nothing(terms, tests, cases[case], terms.amortisation.dscr)
        if carried[0] == np.inf:
            raise Unsupported("sculpted debt without interest that repays nothing has no limit")
    return Loan(terms, tests, cases, case, schedules(terms, list(cases.values()), carried), at)


def contract_value(terms: Terms, flows: Flows) -> Floats:
    """Contracted net cash flow still to come, at the debt's own rates, in each period of the term [T]."""
    return present_value(_collateral(flows).contracted, period_rates(terms, flows))[: terms.term]


def advance_base(terms: Terms, flows: Flows) -> Floats:
    """Residual value of the equipment in each period of the term [T]."""
    return _collateral(flows).residual[: terms.term]


def ceiling(terms: Terms, flows: Flows, dscr: float, advance_rate: float | None) -> Floats:
    """Most that equipment lets be outstanding in each period of the term [T].

    The least of the contracts' value over ``dscr``, an advance on residual value if there is one, and
    straight-line cost; never below zero.
    """
    least = np.minimum(contract_value(terms, flows) / dscr, _collateral(flows).book[: terms.term])
    if advance_rate is not None:
        least = np.minimum(least, advance_rate * advance_base(terms, flows))
    return np.maximum(least, 0.0)


def _collateral(flows: Flows) -> Collateral:
    if flows.collateral is None:
        raise ValueError(f"collateral: case {flows.case} has no equipment")
    return flows.collateral


def name_of(test: SizingTest) -> str:
    """A test's name, or its kind."""
    return test.name or kind_of(test)


def kind_of(test: SizingTest) -> str:
    """The word a test goes by in a document.

    >>> kind_of(SculptedTest(limit=1.3))
    'sculpted'
    """
    return str(test.__struct_config__.tag)


def _carries_nothing(terms: Terms, tests: Sequence[SizingTest], flows: Flows, dscr: float) -> CannotFinance:
    """Name what leaves sculpted debt without capacity: its own cash flow, or else the equipment."""
    kind = SculptedTest if capacity(terms, flows, dscr)[0, 0] <= NO_DEBT else EquipmentTest
    name = next((name_of(test) for test in tests if isinstance(test, kind)), "sculpted")
    reason = uncovered(terms, flows) if kind is SculptedTest else "the equipment carries no debt at closing"
    return CannotFinance(name, f"{name} allows no debt: {reason}")


def uncovered(terms: Terms, flows: Flows) -> str:
    """Say which period of the term cannot pay interest."""
    short = np.flatnonzero(flows.ncf[: terms.term] <= 0.0)
    if not len(short):
        return "nothing can be repaid before maturity"
    k = int(short[0])
    return f"net cash flow of period {k + 1} is {flows.ncf[k]:,.2f}, which pays no interest"
