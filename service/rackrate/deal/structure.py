"""The capital structure: classes in order of seniority, fees, reserves, triggers, priority of payments."""

from collections.abc import Iterator
from typing import Annotated, Literal, get_args

from msgspec import Meta, field

from rackrate.deal.debt import ClassSchedule, DebtRate, rate_faults, schedule_faults
from rackrate.deal.errors import FieldError
from rackrate.deal.facility.costs import Fee
from rackrate.deal.measures import unit
from rackrate.deal.parts import Part
from rackrate.deal.sizing_tests import SizingTest, limit_faults
from rackrate.deal.units import (
    CapitalisationRate,
    Constant,
    Cover,
    DayCount,
    DebtTerm,
    Denomination,
    Factor,
    Identifier,
    InterestRate,
    Ltv,
    Money,
    NotePrice,
    PeriodMonths,
    PositiveMoney,
    Share,
    period_faults,
    repeated,
)

Template = Literal["abs_master_trust", "cmbs_single_asset", "compute_term_loan", "project_finance"]
TEMPLATE_NAMES: tuple[Template, ...] = get_args(Template)
StepKind = Literal[
    "fees",
    "interest",
    "reserve",
    "scheduled_principal",
    "principal",
    "trap",
    "uncapped_fees",
    "additional_interest",
    "equity",
]
StepOrder = Literal["sequential", "pro_rata"]
StepCondition = Literal["always", "amortising", "trapping", "not_pik"]
STEP_KINDS: tuple[StepKind, ...] = get_args(StepKind)
STEP_ORDERS: tuple[StepOrder, ...] = get_args(StepOrder)
STEP_CONDITIONS: tuple[StepCondition, ...] = get_args(StepCondition)
"""The words of a step, each in the order in which the kernel numbers them (``ext/records.pxd``)."""

OF_CLASSES = frozenset({"interest", "scheduled_principal", "principal", "additional_interest"})


class Vfn(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A variable funding note: committed, partly drawn."""

    commitment: Annotated[PositiveMoney, Meta(description="Commitment, deal currency.")]
    drawn: Annotated[Money, Meta(description="Drawn at closing in the issuer case, deal currency.")]
    commitment_fee: Annotated[InterestRate, Meta(description="Fee on what is undrawn, per year.")]


class NoteClass(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A class of notes: sized by its limits, or of a fixed principal, or a variable funding note."""

    name: Annotated[Identifier, Meta(description="Name, unique in the structure.")]
    coupon: Annotated[
        DebtRate, Meta(description="Coupon per year: a number, or a margin over market.base_rate.")
    ]
    day_count: Annotated[DayCount, Meta(description="How the coupon accrues.")]
    deferrable: Annotated[
        bool, Meta(description="Whether its interest is skipped and capitalised while PIK is on.")
    ] = False
    case: Annotated[
        Identifier | None, Meta(description="Case its limits are tested in; the sizing's if absent.")
    ] = None
    limits: Annotated[
        list[SizingTest],
        Meta(max_length=50, description="Limits on all debt down to and including this class."),
    ] = field(default_factory=list)
    principal: Annotated[PositiveMoney | None, Meta(description="Fixed principal, deal currency.")] = None
    vfn: Annotated[Vfn | None, Meta(description="Terms of a variable funding note.")] = None
    ltv_trigger: Annotated[
        Ltv | None,
        Meta(description="Loan to value above which this class amortises; none if absent."),
    ] = None
    price: Annotated[NotePrice, Meta(description="Price per 1 of principal, for yield and duration.")] = 1.0
    schedule: Annotated[
        ClassSchedule | None,
        Meta(description="Repayment of its own, due on it alone; the debt's if absent."),
    ] = None


class Reserves(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The liquidity reserve, funded at closing outside the waterfall."""

    liquidity_months: Annotated[
        Factor, unit("months"), Meta(description="Target, in months of coupon on opening balances.")
    ]
    initial: Annotated[
        Money | None,
        Meta(description="Amount funded at closing, deal currency; the opening target if absent."),
    ] = None


class Triggers(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Levels of cover below which cash is trapped, classes amortise, and interest is deferred."""

    service: Annotated[
        Literal["actual", "assumed_amortisation"], Meta(description="Debt service the cover is measured on.")
    ]
    constant: Annotated[
        Constant | None, Meta(description="Yearly service per 1 of balance, of assumed amortisation.")
    ] = None
    trap_below: Annotated[Cover | None, Meta(description="Cash is trapped below this cover.")] = None
    amortise_below: Annotated[Cover | None, Meta(description="All classes amortise below this cover.")] = None
    pik_below: Annotated[
        Cover | None, Meta(description="Deferrable interest is deferred below this cover.")
    ] = None
    cure_periods: Annotated[
        int,
        unit("count"),
        Meta(ge=1, le=600, description="Consecutive tests at or above the level that cure a trigger."),
    ]


class Step(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of the priority of payments."""

    kind: Annotated[StepKind, Meta(description="What is paid.")]
    classes: Annotated[
        Annotated[list[Identifier], Meta(min_length=1, max_length=20)] | None,
        Meta(description="Classes paid; all if absent."),
    ] = None
    order: Annotated[
        StepOrder,
        Meta(description="Class by class, or in proportion to what is due."),
    ] = "sequential"
    when: Annotated[StepCondition, Meta(description="When the step is taken.")] = "always"


Steps = Annotated[list[Step], Meta(min_length=1, max_length=100)]


class Structure(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Classes, fees, reserves, triggers and the order in which they are paid."""

    template: Annotated[Template, Meta(description="Priority of payments where steps gives none.")]
    denomination: Annotated[
        Denomination, Meta(description="Class principals are multiples of it, rounded down.")
    ]
    period_months: Annotated[PeriodMonths, Meta(description="Months between payment dates.")] = 1
    ard_months: Annotated[
        DebtTerm | None,
        Meta(description="Anticipated repayment date, months from closing; the debt's term if absent."),
    ] = None
    legal_final_months: Annotated[DebtTerm, Meta(description="Legal final maturity, months from closing.")]
    additional_rate: Annotated[InterestRate, Meta(description="Additional interest after the ARD, per year.")]
    case: Annotated[Identifier, Meta(description="Case the waterfall runs in.")] = "issuer"
    exit_cap_rate: Annotated[
        CapitalisationRate | None,
        Meta(description="Capitalisation rate at legal final; the refinance test's if absent."),
    ] = None
    sale_costs: Annotated[
        Share | None, Meta(description="Costs of the sale at legal final, share; the ruleset's if absent.")
    ] = None
    classes: Annotated[
        list[NoteClass], Meta(min_length=1, max_length=20, description="The classes, most senior first.")
    ]
    fees: Annotated[list[Fee], Meta(max_length=20, description="Fees of the structure.")]
    reserves: Annotated[Reserves, Meta(description="The liquidity reserve.")]
    triggers: Annotated[Triggers, Meta(description="Performance triggers.")]
    steps: Annotated[Steps | None, Meta(description="Priority of payments; the template's if absent.")] = None


def step_faults(steps: list[Step], classes: list[str], at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in a priority of payments."""
    for i, step in enumerate(steps):
        if step.classes is not None and step.kind not in OF_CLASSES:
            yield FieldError(f"{at}/{i}/classes", f"the step {step.kind!r} pays no classes")
        names = step.classes or []
        yield from repeated(names, f"{at}/{i}/classes/{{}}", "the class")
        for k, name in enumerate(names):
            if name not in classes:
                yield FieldError(f"{at}/{i}/classes/{k}", f"no class {name!r} in the structure")
    if steps[-1].kind != "equity" or steps[-1].when != "always":
        yield FieldError(
            f"{at}/{len(steps) - 1}/kind", "the last step is equity, always: cash must end somewhere"
        )


def trigger_faults(triggers: Triggers, at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in the triggers."""
    if triggers.service == "assumed_amortisation" and triggers.constant is None:
        yield FieldError(f"{at}/constant", "required by assumed_amortisation service")


def date_faults(
    ard_months: int, legal_final_months: int, period_months: int, at: str
) -> Iterator[FieldError]:
    """Yield where anticipated repayment, legal final and payment dates do not fit each other."""
    if ard_months > legal_final_months:
        message = (
            f"the anticipated repayment in month {ard_months} is after legal final in {legal_final_months}"
        )
        yield FieldError(f"{at}/ard_months", message)
    for name, months in (("ard_months", ard_months), ("legal_final_months", legal_final_months)):
        yield from period_faults(months, period_months, f"{at}/{name}")


def _class_faults(note: NoteClass, has_equipment: bool, period_months: int, at: str) -> Iterator[FieldError]:
    yield from rate_faults(note.coupon, f"{at}/coupon")
    if note.principal is not None and note.vfn is not None:
        yield FieldError(f"{at}/vfn", "a class of fixed principal cannot be a variable funding note")
    if note.vfn is not None and note.vfn.drawn > note.vfn.commitment:
        yield FieldError(f"{at}/vfn/drawn", f"more than the commitment {note.vfn.commitment:g}")
    yield from limit_faults(note.limits, has_equipment, f"{at}/limits")
    if note.schedule is not None:
        yield from schedule_faults(note.schedule, f"{at}/schedule", period_months)


def structure_faults(
    structure: Structure, term_months: int, has_equipment: bool, at: str
) -> Iterator[FieldError]:
    """Yield what contradicts itself in the structure."""
    ard_months = term_months if structure.ard_months is None else structure.ard_months
    yield from date_faults(ard_months, structure.legal_final_months, structure.period_months, at)
    names = [note.name for note in structure.classes]
    yield from repeated(names, f"{at}/classes/{{}}/name", "the class")
    for i, note in enumerate(structure.classes):
        yield from _class_faults(note, has_equipment, structure.period_months, f"{at}/classes/{i}")
    yield from trigger_faults(structure.triggers, f"{at}/triggers")
    if structure.steps is not None:
        yield from step_faults(structure.steps, names, f"{at}/steps")
