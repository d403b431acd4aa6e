"""Waterfall on a client's own cash flow: request, answer and checks."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct, field

from rackrate.deal.answers.runs import OwnTranche, WaterfallRun
from rackrate.deal.debt import ClassSchedule, InterestOnly, schedule_faults
from rackrate.deal.errors import FieldError
from rackrate.deal.facility.costs import Fee
from rackrate.deal.parts import Part
from rackrate.deal.requests.standalone_sizing import OwnNcf, OwnPeriod, series_faults
from rackrate.deal.structure import (
    Reserves,
    Steps,
    Template,
    Triggers,
    date_faults,
    step_faults,
    trigger_faults,
)
from rackrate.deal.units import (
    DayCount,
    DebtTerm,
    Identifier,
    InterestRate,
    Ltv,
    NotePrice,
    PositiveMoney,
    Share,
    closing_faults,
    repeated,
)


class OwnClass(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A class of notes of given principal."""

    name: Annotated[Identifier, Meta(description="Name, unique in the request.")]
    principal: Annotated[PositiveMoney, Meta(description="Principal, deal currency.")]
    coupon: Annotated[InterestRate, Meta(description="Coupon per year.")]
    day_count: Annotated[DayCount, Meta(description="How the coupon accrues.")]
    deferrable: Annotated[
        bool, Meta(description="Whether its interest is skipped and capitalised while PIK is on.")
    ] = False
    schedule: Annotated[ClassSchedule, Meta(description="Repayment; interest only if absent.")] = (
        InterestOnly()
    )
    ltv_trigger: Annotated[
        Ltv | None,
        Meta(description="Loan to value above which this class amortises; none if absent."),
    ] = None
    price: Annotated[NotePrice, Meta(description="Price per 1 of principal, for yield and duration.")] = 1.0


class Liquidation(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sale at legal final."""

    value: Annotated[
        PositiveMoney, Meta(description="Sale value, deal currency; at most the request's value.")
    ]
    cost_share: Annotated[Share, Meta(description="Costs of the sale, share of value.")] = 0.0


class WaterfallRequest(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Classes to pay from a cash flow of the client's own."""

    closing: Annotated[date, Meta(description="Closing date; periods are counted from it.")]
    period_months: OwnPeriod
    ncf: OwnNcf
    value: Annotated[
        PositiveMoney | None, Meta(description="Value, deal currency; needed by ltv_trigger, caps the sale.")
    ] = None
    classes: Annotated[
        list[OwnClass], Meta(min_length=1, max_length=20, description="The classes, most senior first.")
    ]
    fees: Annotated[list[Fee], Meta(max_length=20, description="Fees of the structure.")] = field(
        default_factory=list
    )
    reserves: Annotated[Reserves | None, Meta(description="The liquidity reserve; none if absent.")] = None
    triggers: Annotated[Triggers | None, Meta(description="Performance triggers; none if absent.")] = None
    ard_months: Annotated[
        DebtTerm | None, Meta(description="Anticipated repayment date, months; legal final if absent.")
    ] = None
    legal_final_months: Annotated[DebtTerm, Meta(description="Legal final maturity, months from closing.")]
    additional_rate: Annotated[
        InterestRate, Meta(description="Additional interest after the ARD, per year.")
    ] = 0.0
    refinances_at_ard: Annotated[bool, Meta(description="Whether the debt is refinanced at the ARD.")] = False
    liquidation: Annotated[Liquidation | None, Meta(description="Sale at legal final; none if absent.")] = (
        None
    )
    template: Annotated[Template, Meta(description="Priority of payments where steps gives none.")] = (
        "abs_master_trust"
    )
    steps: Annotated[Steps | None, Meta(description="Priority of payments; the template's if absent.")] = None


class WaterfallAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The classes paid from a cash flow of the client's own."""

    waterfall: Annotated[WaterfallRun, Meta(description="Every account and class by period.")]
    tranches: Annotated[list[OwnTranche], Meta(description="Life, yield and loss of each class.")]


def _own_class_faults(request: WaterfallRequest, note: OwnClass, at: str) -> Iterator[FieldError]:
    yield from schedule_faults(note.schedule, f"{at}/schedule", request.period_months)
    if note.ltv_trigger is not None and request.value is None:
        yield FieldError("/value", "required by ltv_trigger")


def check_waterfall(request: WaterfallRequest) -> list[FieldError]:
    """Return everything in a waterfall request that contradicts itself."""
    period, final = request.period_months, request.legal_final_months
    errors = list(closing_faults(request.closing))
    errors += date_faults(final if request.ard_months is None else request.ard_months, final, period, "")
    errors += series_faults(request.ncf, period, final, "legal final")
    names = [note.name for note in request.classes]
    errors += repeated(names, "/classes/{}/name", "the class")
    for i, note in enumerate(request.classes):
        errors += _own_class_faults(request, note, f"/classes/{i}")
    if request.triggers is not None:
        errors += trigger_faults(request.triggers, "/triggers")
    if request.steps is not None:
        errors += step_faults(request.steps, names, "/steps")
    return list(dict.fromkeys(errors))
