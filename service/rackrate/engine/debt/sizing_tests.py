"""Sizing tests: the largest principal each allows, its shadow price, and the tested figure."""

# Design: with the schedule known per 1 of principal, every tested figure is one number that principal
# multiplies (a loan to value) or divides (a cover). Sculpted debt and equipment are the two whose schedule
# moves with the limit: there the largest principal comes from the induction itself.

import math
from dataclasses import dataclass, replace
from typing import Literal

import msgspec
import numpy as np

from rackrate.deal.debt import Sculpted
from rackrate.deal.errors import Unsupported
from rackrate.deal.sizing_tests import (
    EquipmentTest,
    MaxLeverage,
    MaxLtc,
    MaxLtv,
    MinDebtYield,
    MinDscr,
    MinLlcr,
    MinPlcr,
    Refinance,
    SculptedTest,
    SizingTest,
    name_of,
)
from rackrate.engine.debt.amortisation import capacity, uncovered
from rackrate.engine.debt.debt_service import (
    ROLLING,
    bearing,
    by_period,
    counted,
    income,
    measure,
    on_basis,
    rolling,
    series,
    tightest,
    year_of,
    yearly,
)
from rackrate.engine.debt.life_cover import life_value
from rackrate.engine.debt.loan import Loan, advance_base, ceiling, contract_value, unbacked
from rackrate.engine.debt.refinance import cover_leg, value_leg, year_after
from rackrate.engine.debt.terms import DUST, Flows, over
from rackrate.engine.timeline import Floats

STEP = 1e-5  # share of the limit on either side of it: the central difference of an equipment test
Leg = Literal["dscr", "ltv", "advance_rate"]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a tested figure is made of: an amount that principal does not move, and one per 1 of principal."""

    fixed: float
    per_unit: float = 1.0


@dataclass(frozen=True, slots=True)
class SizingTestResult:
    """Result of a sizing test: largest principal, shadow price, tested figure.

    Attributes
    ----------
    limit : float
    largest : float
        Largest principal; infinite if the test limits nothing, not positive if it allows no debt.
    shadow_price : float
        d(largest)/d(limit).
    rising : bool
        Whether the tested figure rises with principal.
    figure : float
        The principal at which a rising figure is 1; the falling figure at principal 1.
    reason : str
        What the largest principal rests on, or why nothing is limited.
    parts : Parts or None
        What the figure is made of: the one over the other. None of an average, and of a sculpt of other debt.
    leg : str or None
        Which of its limits, of a test that has more than one.
    """

    limit: float
    largest: float
    shadow_price: float
    rising: bool
    figure: float
    reason: str
    parts: Parts | None
    leg: Leg | None = None

    def actual(self, principal: float) -> float:
        """The tested figure at a principal."""
        return over(principal, self.figure) if self.rising else over(self.figure, principal)

    def quotient(self, principal: float) -> tuple[float, float] | None:
        """Numerator and denominator of the tested figure at a principal; None where it is no one quotient."""
        if self.parts is None:
            return None
        owed = principal * self.parts.per_unit
        return (owed, self.parts.fixed) if self.rising else (self.parts.fixed, owed)


def at_most(
    limit: float, figure: float, reason: str, parts: Parts | None = None, leg: Leg | None = None
) -> SizingTestResult:
    """Result of a test that caps a figure which rises with principal.

    >>> at_most(0.5, 800.0, "").largest
    400.0
    """
    return SizingTestResult(limit, limit * figure, figure, True, figure, reason, parts or Parts(figure), leg)


def at_least(
    limit: float, figure: float, reason: str, parts: Parts | None = None, leg: Leg | None = None
) -> SizingTestResult:
    """Result of a test that floors a figure which falls with principal.

    >>> at_least(2.0, 800.0, "").largest, at_least(2.0, 800.0, "").shadow_price
    (400.0, -200.0)
    """
    largest, parts = figure / limit, parts or Parts(figure)
    return SizingTestResult(limit, largest, -figure / limit / limit, False, figure, reason, parts, leg)


def allowance(loan: Loan, test: SizingTest, case: str | None) -> SizingTestResult:
    """The result of a sizing test in a case.

    Raises
    ------
    Unsupported
        If the model does not define the test on this loan.
    """
    flows = loan.cases[case]
    match test:
        case MaxLtv(limit=limit):
            return at_most(limit, known(flows.value, "value"), f"value is {flows.value:,.2f}")
        case MaxLtc(limit=limit):
            return at_most(limit, known(flows.cost, "cost"), f"cost is {flows.cost:,.2f}")
        case MinDebtYield(limit=limit):
            return at_least(limit, flows.closing.ncf, _closing(flows))
        case MaxLeverage(limit=limit):
            return at_most(limit, flows.closing.ncf, _closing(flows))
        case MinDscr():
            return _min_dscr(loan, test, case)
        case SculptedTest():
            return _sculpted(loan, test, case)
        case MinLlcr() | MinPlcr():
            return _life(loan, test, case)
        case Refinance():
            return _refinance(loan, test, case)
        case EquipmentTest():
            return _equipment(loan, test, case)


def known(figure: float | None, name: str) -> float:
    """A figure that a test needs; an error names it where it is not known."""
    if figure is None:
        raise ValueError(f"{name}: needed by a test")
    return figure


def _closing(flows: Flows) -> str:
    return f"net cash flow at closing is {flows.closing.ncf:,.2f} a year"


def _min_dscr(loan: Loan, test: MinDscr, case: str | None) -> SizingTestResult:
    flows, schedule = loan.cases[case], loan.schedules[case]
    debt, by = bearing(loan.terms, flows, schedule), measure(test, "actual")
    year: tuple[float, float] | None
    if test.basis in ROLLING:
        counted(name_of(test), [schedule], loan.terms.year)
        every = series(flows, test.numerator), by_period(debt, by), schedule, loan.terms.year
        figure = on_basis(rolling(*every).tolist(), test.basis)
        year = tightest(*every) if test.basis == "minimum" else None
        reason = f"{test.numerator} on basis {test.basis} does not exceed zero"
    else:
        year = income(year_of(flows, test.basis), test.numerator), yearly(debt, by)
        figure = over(*year)
        reason = f"{test.basis} {test.numerator} is {year[0]:,.2f} a year"
    if figure == math.inf:
        reason = "no debt service falls due, so that its cover limits nothing"
    return replace(at_least(test.limit, figure, reason), parts=year and Parts(*year))


def _sculpted(loan: Loan, test: SculptedTest, case: str | None) -> SizingTestResult:
    """Sculpted capacity by backward induction; the tested figure is the least DSCR of the debt's own sculpt.

    Debt repaid otherwise is held against the cover that a sculpt of the same principal would keep.
    """
    flows = loan.cases[case]
    largest = float(capacity(loan.terms, flows, test.limit)[0, 0])
    reason = uncovered(flows.ncf[: loan.terms.term])
    if largest == math.inf:
        reason = "no interest falls due and nothing need be repaid, so that its cover limits nothing"
    cover, parts = test.limit * largest, None
    if isinstance(loan.terms.amortisation, Sculpted):
        service = loan.schedules[case].service
        due = np.flatnonzero(service > DUST)
        covers = flows.ncf[due] / service[due]
        cover = float(np.min(covers, initial=math.inf))
        parts = _least(covers, flows.ncf[due], service[due])
    return SizingTestResult(test.limit, largest, -largest / test.limit, False, cover, reason, parts)


def _least(figures: Floats, fixed: Floats, per_unit: Floats) -> Parts | None:
    """The parts of the least figure; None of none."""
    if not len(figures):
        return None
    at = int(np.argmin(figures))
    return Parts(float(fixed[at]), float(per_unit[at]))


def _life(loan: Loan, test: MinLlcr | MinPlcr, case: str | None) -> SizingTestResult:
    value = life_value(loan, case, project=isinstance(test, MinPlcr))
    if value is None:
        raise Unsupported(f"{name_of(test)}: a balloon counts only as far as a refinance test supports it")
    return at_least(test.limit, value, f"the present value of its cash flow is {value:,.2f}")


def _refinance(loan: Loan, test: Refinance, case: str | None) -> SizingTestResult:
    flows, balloon = loan.cases[case], loan.schedules[case].balloon
    reason = "net cash flow after maturity refinances no balloon"
    if balloon == 0.0:
        reason = "nothing is left at maturity for it to test"
    legs, cover, value = [], cover_leg(test, flows.rate_add), value_leg(test)
    if cover is not None:
        earned = year_after(flows.ncf, loan.terms)
        parts = Parts(earned, cover.constant * balloon)
        legs.append(at_least(cover.dscr, over(earned / cover.constant, balloon), reason, parts, "dscr"))
    if value is not None:
        takeout = flows.take_out(value.cap_rate)
        legs.append(at_most(value.ltv, over(takeout, balloon), reason, Parts(takeout, balloon), "ltv"))
    return min(legs, key=lambda leg: leg.largest)


def _equipment(loan: Loan, test: EquipmentTest, case: str | None) -> SizingTestResult:
    """The equipment ceiling from closing to maturity; of a sculpt below it, the sculpt's own capacity.

    The limit is that of the advance, or of the cover where there is none.
    """
    flows, terms, balance = loan.cases[case], loan.terms, loan.schedules[case].balance
    leg: Leg = "dscr" if test.advance_rate is None else "advance_rate"
    limit, owed = known(getattr(test, leg), leg), balance > DUST
    limits = limit, limit * (1.0 + STEP), limit * (1.0 - STEP)
    moved = [msgspec.structs.replace(test, **{leg: at}) for at in limits]
    ceilings = np.stack([ceiling(terms, flows, at) for at in moved])
    if isinstance(terms.amortisation, Sculpted) and _is_own(loan, test, case):
        carried = capacity(terms, loan.cases[loan.case], terms.amortisation.dscr, ceilings)[:, 0]
    else:
        carried = np.min(ceilings[:, owed] / balance[owed], axis=1)
    largest, more, less = carried.tolist()
    backing = contract_value(terms, flows) if test.advance_rate is None else advance_base(flows)
    figures = backing[owed] / balance[owed]
    parts = _least(figures, backing[owed], balance[owed])
    shadow_price = (more - less) / (2.0 * STEP * limit)
    reason = unbacked(np.where(owed, ceilings[0], np.inf))
    rising, figure = test.advance_rate is not None, float(np.min(figures))
    return SizingTestResult(limit, largest, shadow_price, rising, figure, reason, parts, leg)


def _is_own(loan: Loan, test: EquipmentTest, case: str | None) -> bool:
    """Whether an equipment test is one of the loan's own, below whose ceiling its sculpt already keeps."""
    return any(test == own and case == loan.case_of(own) for own in loan.tests)
