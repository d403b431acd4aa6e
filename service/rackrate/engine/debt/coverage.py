"""Coverage ratios of the sized loan: DSCR, ICR, LLCR, PLCR, debt yield, LTV, LTC and leverage."""

# Design: a figure without its label misleads: the same loan has a dozen debt service covers. Each row names
# measure, numerator, denominator, basis and case; a figure that is not defined is a row with no value.

import math
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Literal

import numpy as np

from rackrate import kernel
from rackrate.deal.answers.sizing import Coverage
from rackrate.deal.debt import Level
from rackrate.deal.sizing_tests import MinDscr, Service
from rackrate.engine.debt.debt_service import (
    ANNUITY_MONTHS,
    ROLLING,
    Measure,
    bearing,
    by_period,
    income,
    on_basis,
    series,
    yearly,
)
from rackrate.engine.debt.life_cover import life_value
from rackrate.engine.debt.loan import Loan
from rackrate.engine.debt.sizing import Sized, finite
from rackrate.engine.debt.terms import DUST, Flows, Schedule, Year, over
from rackrate.engine.timeline import Floats

Numerator = Literal["noi", "ncf"]
Basis = Literal["closing", "stabilised", "minimum", "average", "trailing_3m"]
Measured = Literal["dscr", "icr", "llcr", "plcr", "debt_yield", "ltv", "ltc", "leverage"]
TRAILING_MONTHS = 3


def coverage(sized: Sized) -> list[Coverage]:
    """Every coverage ratio in every case of the loan, the sizing case first."""
    loan = sized.loan
    cases = [loan.case, *(case for case in loan.cases if case != loan.case)]
    services = measures(loan)
    return [row for case in cases for row in _rows(sized, case, services)]


def dscr(sized: Sized, case: str | None, by: Measure, numerator: Numerator) -> dict[Basis, float | None]:
    """DSCR in a case on every basis the case has."""
    (covers,) = dscrs(sized, case, [numerator], [by])
    return {basis: None if cover is None else finite(cover) for basis, cover in covers.items()}


def dscrs(
    sized: Sized, case: str | None, numerators: Sequence[Numerator], services: Sequence[Measure]
) -> list[dict[Basis, float | None]]:
    """DSCR in a case on every basis the case has, each income over each service in turn.

    ``trailing_3m`` is the first a trigger could test: the three months from closing; None in a shorter term.
    A cover of no service, or of no rolling year, is infinite.
    """
    loan, flows, schedule = sized.loan, sized.loan.cases[case], sized.loan.schedules[case]
    debt, first = bearing(loan.terms, flows, schedule), max(1, TRAILING_MONTHS // loan.terms.period_months)
    cash = [series(flows, numerator) for numerator in numerators]
    due = [by_period(debt, by) for by in services]
    of_years = [yearly(debt, by) for by in services]
    of_starts = [math.fsum(service[:first]) for service in due]
    rolling, found = iter(_rolling(cash, due, schedule, debt.year)), []
    for numerator, earned in zip(numerators, cash, strict=True):
        start = math.fsum(earned[:first])
        for of_year, of_start in zip(of_years, of_starts, strict=True):
            windows = [cover for cover in next(rolling) if cover == cover]
            covers: dict[Basis, float | None] = {
                basis: over(income(year, numerator), of_year) / sized.principal
                for basis, year in _years(flows)
            }
            covers |= {basis: on_basis(windows, basis) / sized.principal for basis in ROLLING}
            covers["trailing_3m"] = (
                over(start, of_start) / sized.principal if first <= loan.terms.term else None
            )
            found.append(covers)
    return found


def _rolling(cash: list[Floats], due: list[Floats], schedule: Schedule, year: int) -> list[list[float]]:
    """Rolling DSCR of each income over each service in turn; NaN where a year does not count."""
    asked = len(cash) * len(due)
    ratio = np.empty((asked, max(0, len(schedule.rate) - year + 1)))
    earned, service = np.array([row for row in cash for _ in due]), np.array(due * len(cash))
    kernel.rolling_ratios(earned, service, np.array([schedule.balance] * asked), year, DUST, ratio)
    ratios: list[list[float]] = ratio.tolist()
    return ratios


def rolling_covers(sized: Sized, positive: Floats) -> Floats:
    """Rolling DSCR of actual service in the sizing case, and its fall per unit of haircut, [2, windows].

    A haircut's are the first less the haircut times the second; of them, those that may be the least.

    Parameters
    ----------
    positive : float64[N]
        The facilities' positive net cash flow in the sizing case.
    """
    loan, case = sized.loan, sized.loan.case
    flows, schedule, year = loan.cases[case], loan.schedules[case], loan.terms.year
    ratio = np.empty((2, max(0, loan.terms.term - year + 1)))
    service = np.array([sized.principal * schedule.service] * 2)
    left = np.array([schedule.balance] * 2)
    kernel.rolling_ratios(np.array([flows.ncf, positive]), service, left, year, DUST, ratio)
    return lowest(ratio[:, ~np.isnan(ratio[0])])


def lowest(lines: Floats) -> Floats:
    """Keep the lines lines[0] - h * lines[1], [2, W], that are the least at some haircut h in [0, 1].

    >>> lowest(np.array([[3.0, 2.0, 2.5], [2.0, 0.0, 0.0]])).tolist()
    [[2.0, 3.0], [0.0, 2.0]]
    """
    lines = lines[:, np.argsort(lines[0], kind="stable")]
    cut = lines[0] - lines[1]
    before = np.minimum.accumulate(np.concatenate([[np.inf], cut[:-1]])) if len(cut) else cut
    return lines[:, cut < before]


def measures(loan: Loan) -> list[Measure]:
    """Debt services to measure: actual, interest only, amortising, and stressed if a test has a constant.

    Amortising service runs over the debt's own annuity, else over the first test's, else over thirty years.
    """
    tests = [test for test in loan.tests if isinstance(test, MinDscr)]
    own = [loan.terms.amortisation.months] if isinstance(loan.terms.amortisation, Level) else []
    asked = [test.months for test in tests if test.service == "amortising" and test.months is not None]
    found = [
        Measure("actual"),
        Measure("interest_only"),
        Measure("amortising", months=[*own, *asked, ANNUITY_MONTHS][0]),
    ]
    constants = [test.constant for test in tests if test.service == "stressed" and test.constant is not None]
    return found + [Measure("stressed", constant=constant) for constant in constants[:1]]


def _rows(sized: Sized, case: str | None, services: Sequence[Measure]) -> Iterator[Coverage]:
    flows = sized.loan.cases[case]
    numerators: tuple[Numerator, ...] = ("ncf",) if flows.noi is None else ("noi", "ncf")
    found = dscrs(sized, case, numerators, services)
    for (numerator, by), covers in zip(product(numerators, services), found, strict=True):
        for basis, value in covers.items():
            yield _row("dscr", numerator, by.kind, basis, case, value)
    for numerator in numerators:
        yield from _income_rows(sized, case, numerator)
    yield from _life_rows(sized, case)
    bases: dict[Measured, float | None] = {"ltv": flows.value, "ltc": flows.cost}
    for measure, base in bases.items():
        value = None if base is None else over(sized.principal, base)
        yield _row(measure, None, None, "closing", case, value)


def _income_rows(sized: Sized, case: str | None, numerator: Numerator) -> Iterator[Coverage]:
    """Interest cover, debt yield and leverage on one income."""
    loan, principal, flows = sized.loan, sized.principal, sized.loan.cases[case]
    interest = principal * math.fsum(loan.schedules[case].interest[: loan.terms.year])
    for basis, year in _years(flows):
        earned = income(year, numerator)
        yield _row("icr", numerator, "interest_only", basis, case, over(earned, interest))
        yield _row("debt_yield", numerator, None, basis, case, earned / principal)
        yield _row("leverage", numerator, None, basis, case, over(principal, earned))


def _life_rows(sized: Sized, case: str | None) -> Iterator[Coverage]:
    values: dict[Measured, float | None] = {
        "llcr": life_value(sized.loan, case, project=False),
        "plcr": life_value(sized.loan, case, project=True),
    }
    for measure, present_value in values.items():
        value = None if present_value is None else present_value / sized.principal
        yield _row(measure, "ncf", "actual", "closing", case, value)


def _years(flows: Flows) -> list[tuple[Basis, Year]]:
    closing: list[tuple[Basis, Year]] = [("closing", flows.closing)]
    return closing if flows.stabilised is None else [*closing, ("stabilised", flows.stabilised)]


def _row(
    measure: Measured,
    numerator: Numerator | None,
    denominator: Service | None,
    basis: Basis,
    case: str | None,
    value: float | None,
) -> Coverage:
    return Coverage(
        measure=measure,
        numerator=numerator,
        denominator=denominator,
        basis=basis,
        case=case,
        value=None if value is None else finite(value),
    )
