"""Sizing on a client's own cash flow: request, answer and checks."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct, field

from rackrate.deal.answers.sizing import Coverage, SizingOutcome
from rackrate.deal.debt import (
    Debt,
    FloatingRate,
    debt_faults,
)
from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.parts import Part
from rackrate.deal.sizing_tests import (
    EquipmentTest,
    MaxLtc,
    MaxLtv,
    MinDscr,
    Refinance,
    SizingTest,
    SizingTests,
    sizing_faults,
)
from rackrate.deal.units import (
    PeriodMonths,
    PositiveMoney,
    SignedMoney,
    closing_faults,
    period_faults,
)

OwnNcf = Annotated[
    list[SignedMoney],
    Meta(
        min_length=1,
        max_length=612,
        description="Net cash flow of each period, paid at its end, deal currency.",
    ),
]
OwnPeriod = Annotated[PeriodMonths, Meta(description="Months in a period.")]


class SizingRequest(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A loan to size on a cash flow of the client's own."""

    closing: Annotated[date, Meta(description="Closing date; periods are counted from it.")]
    period_months: OwnPeriod
    ncf: OwnNcf
    value: Annotated[PositiveMoney | None, Meta(description="Value, deal currency; needed by max_ltv.")] = (
        None
    )
    cost: Annotated[PositiveMoney | None, Meta(description="Cost, deal currency; needed by max_ltc.")] = None
    annual_ncf: Annotated[
        SignedMoney | None,
        unit("money/year"),
        Meta(description="Net cash flow of tests at closing, per year; the first year's if absent."),
    ] = None
    debt: Annotated[Debt, Meta(description="Terms of the loan; its rate is a number here.")]
    tests: SizingTests = field(default_factory=list)


class SizingAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The loan sized on a cash flow of the client's own."""

    sizing: Annotated[SizingOutcome, Meta(description="The sized loan.")]
    coverage: Annotated[list[Coverage], Meta(description="Its coverage.")]


def series_faults(ncf: list[float], period_months: int, needed: int, why: str) -> Iterator[FieldError]:
    """Yield a fault where a series of cash flow ends before the months it is needed for."""
    known = len(ncf) * period_months
    if known < needed:
        yield FieldError("/ncf", f"covers {known} months, {why} needs {needed}")


def _own_test_faults(request: SizingRequest, test: SizingTest, at: str) -> Iterator[FieldError]:
    """Yield tests that need more than one series of net cash flow."""
    if test.case is not None:
        yield FieldError(f"{at}/case", "there is one series only, and no cases")
    match test:
        case MaxLtv() if request.value is None:
            yield FieldError("/value", "required by max_ltv")
        case MaxLtc() if request.cost is None:
            yield FieldError("/cost", "required by max_ltc")
        case EquipmentTest():
            yield FieldError(f"{at}/kind", "there is no equipment in a series")
        case Refinance():
            needed = request.debt.term_months + 12
            yield from series_faults(request.ncf, request.period_months, needed, "refinance")
        case MinDscr(numerator="noi"):
            yield FieldError(f"{at}/numerator", "the series is net cash flow")
        case MinDscr(basis="stabilised"):
            yield FieldError(f"{at}/basis", "a series of one's own has no stabilised figures")


def check_sizing(request: SizingRequest) -> list[FieldError]:
    """Return everything in a sizing request that contradicts itself."""
    debt, period = request.debt, request.period_months
    errors = [*closing_faults(request.closing), *debt_faults(debt, "/debt", period)]
    errors += period_faults(debt.term_months, period, "/debt/term_months")
    errors += period_faults(debt.interest_only_months, period, "/debt/interest_only_months")
    if isinstance(debt.rate, FloatingRate):
        errors.append(FieldError("/debt/rate", "a number here: there is no base rate to float on"))
    errors += series_faults(request.ncf, period, debt.term_months, "the term")
    if request.annual_ncf is None:
        errors += series_faults(request.ncf, period, 12, "the first year")
    errors += sizing_faults(request.tests, debt, True, "/tests")
    for i, test in enumerate(request.tests):
        errors += _own_test_faults(request, test, f"/tests/{i}")
    return list(dict.fromkeys(errors))
