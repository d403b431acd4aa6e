"""Certificates on a pool: fees, reserve, triggers, retention, and the order of payments."""

from collections.abc import Iterator
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.pools.classes import Capacity, Certificate, coupon_faults
from rackrate.deal.units import (
    Denomination,
    Factor,
    Identifier,
    Money,
    Share,
    repeated,
)

CertificateTemplate = Literal["cmbs_conduit", "cmbs_pro_rata", "abs_loans"]
MAX_FINAL = 480


class PoolFee(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A fee of the trust."""

    name: Annotated[Identifier, Meta(description="Name of the fee.")]
    annual: Annotated[Money, Meta(description="Fixed part per year, deal currency.")]
    rate: Annotated[Share, Meta(description="Part of the stated balance, per year.")]


class PoolReserve(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The reserve, funded at closing outside the waterfall."""

    share: Annotated[Share, Meta(description="Target, share of the stated balance.")] = 0.0
    floor: Annotated[Money, Meta(description="Least target, deal currency.")] = 0.0


PoolTriggerKind = Literal[
    "cumulative_loss", "defaulted", "balance", "effective_loans", "overcollateralisation"
]
TRIGGER_KINDS: tuple[PoolTriggerKind, ...] = get_args(PoolTriggerKind)
"""What triggers measure, in the order in which the kernel numbers it (``ext/records.pxd``)."""


class LossTrigger(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A level of the pool that, once crossed, changes who is paid."""

    kind: Annotated[
        PoolTriggerKind,
        Meta(description="What is measured at the start of the month."),
    ]
    above: Annotated[Factor | None, Meta(description="Tripped above, of losses and defaults.")] = None
    below: Annotated[Factor | None, Meta(description="Tripped below, of the others.")] = None
    through: Annotated[
        Identifier | None, Meta(description="Last class counted, of overcollateralisation.")
    ] = None
    latched: Annotated[bool, Meta(description="Whether it stays tripped.")] = True


class Retention(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the sponsor of the securitisation keeps."""

    kind: Annotated[Literal["vertical", "horizontal"], Meta(description="Of every class, or the last.")]
    share: Annotated[Share | None, Meta(description="Share to keep; the ruleset's if absent.")] = None


PoolStepKind = Literal[
    "fees", "interest", "principal", "reimbursement", "reserve", "turbo", "premiums", "residual"
]
PoolStepOrder = Literal["sequential", "pro_rata", "to_crossover"]
PoolStepCondition = Literal["always", "tripped", "untripped"]
STEP_KINDS: tuple[PoolStepKind, ...] = get_args(PoolStepKind)
STEP_ORDERS: tuple[PoolStepOrder, ...] = get_args(PoolStepOrder)
STEP_CONDITIONS: tuple[PoolStepCondition, ...] = get_args(PoolStepCondition)
"""The words of a step, each in the order in which the kernel numbers them (``ext/records.pxd``)."""

OF_CERTIFICATES = frozenset({"interest", "principal", "reimbursement", "turbo", "premiums"})


class PoolStep(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of the priority of payments."""

    kind: Annotated[PoolStepKind, Meta(description="What is paid.")]
    classes: Annotated[
        Annotated[list[Identifier], Meta(min_length=1, max_length=50)] | None,
        Meta(description="Classes paid; all classes of principal if absent."),
    ] = None
    order: Annotated[PoolStepOrder, Meta(description="How they share it.")] = "sequential"
    to: Annotated[
        Literal["target"] | None, Meta(description="Principal is due down to the target balance.")
    ] = None
    rest: Annotated[Identifier | None, Meta(description="Class paid the rest of premiums.")] = None
    when: Annotated[PoolStepCondition, Meta(description="When the step is taken.")] = "always"


class Certificates(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Classes, fees, reserve, triggers and the order in which they are paid."""

    template: Annotated[CertificateTemplate, Meta(description="Priority where steps gives none.")]
    scenario: Annotated[Identifier, Meta(description="Scenario reported.")] = "base"
    case: Annotated[Identifier, Meta(description="Case the classes are sized in.")] = "issuer"
    legal_final_months: Annotated[
        int,
        unit("months"),
        Meta(ge=1, le=MAX_FINAL, description="Legal final maturity, months from closing."),
    ]
    denomination: Annotated[
        Denomination, Meta(description="Class principals are multiples of it, rounded down.")
    ] = 1000.0
    clean_up_call: Annotated[Share, Meta(description="Share of the pool below which the rest is bought.")] = (
        0.0
    )
    write_down: Annotated[
        bool | None, Meta(description="Whether losses are written off classes; the template's if absent.")
    ] = None
    advance_rate: Annotated[Factor, Meta(description="Notes to stated balance, of a target.")] = 1.0
    classes: Annotated[
        list[Certificate], Meta(min_length=1, max_length=50, description="The classes, most senior first.")
    ]
    fees: Annotated[list[PoolFee], Meta(max_length=20, description="Fees of the trust.")] = []
    reserve: Annotated[PoolReserve, Meta(description="The reserve.")] = PoolReserve()
    triggers: Annotated[list[LossTrigger], Meta(max_length=20, description="Triggers.")] = []
    retention: Annotated[Retention | None, Meta(description="Risk retention; not reported if absent.")] = None
    steps: Annotated[
        Annotated[list[PoolStep], Meta(min_length=1, max_length=200)] | None,
        Meta(description="Priority of payments; the template's if absent."),
    ] = None


def _class_faults(structure: Certificates, categories: set[str], at: str) -> Iterator[FieldError]:
    paid = {note.name for note in structure.classes if note.io is None}
    for i, note in enumerate(structure.classes):
        place = f"{at}/{i}"
        if note.io is not None:
            for k, name in enumerate(note.io):
                if name not in paid:
                    yield FieldError(f"{place}/io/{k}", f"no class of principal {name!r}")
            for name in ("rank", "coupon", "principal"):
                if getattr(note, name) is not None:
                    yield FieldError(f"{place}/{name}", "an io class has none")
            continue
        if note.rank is None:
            yield FieldError(f"{place}/rank", "required of a class of principal")
        if note.coupon is None:
            yield FieldError(f"{place}/coupon", "required of a class of principal")
        yield from coupon_faults(note.coupon, f"{place}/coupon")
        sized = [note.principal is not None, note.residual, bool(note.limits)]
        if sum(sized) != 1:
            yield FieldError(place, "needs one of limits, principal, residual")
        for k, limit in enumerate(note.limits):
            if isinstance(limit, Capacity) and limit.category not in categories:
                known = ", ".join(categories)
                yield FieldError(f"{place}/limits/{k}/category", f"no category {limit.category!r}: {known}")


def _order_faults(structure: Certificates, at: str) -> Iterator[FieldError]:
    """Yield ranks that do not follow each other, and a residual class that is not the last."""
    principal = [(i, note) for i, note in enumerate(structure.classes) if note.io is None]
    if not principal:
        yield FieldError(at, "needs a class of principal")
    last = 0
    for i, note in principal:
        if note.rank is not None and not last <= note.rank <= last + 1:
            yield FieldError(f"{at}/{i}/rank", f"ranks follow each other from 1: {note.rank} follows {last}")
        last = note.rank or last
        if note.residual and note is not principal[-1][1]:
            yield FieldError(f"{at}/{i}/residual", "the residual class is the last")


def _step_faults(structure: Certificates, at: str) -> Iterator[FieldError]:
    steps = structure.steps or []
    names = {note.name: note for note in structure.classes}
    for i, step in enumerate(steps):
        place = f"{at}/{i}"
        if step.classes is not None and step.kind not in OF_CERTIFICATES:
            yield FieldError(f"{place}/classes", f"the step {step.kind!r} pays no classes")
        yield from repeated(step.classes or [], f"{place}/classes/{{}}", "the class")
        for k, name in enumerate(step.classes or []):
            if name not in names:
                yield FieldError(f"{place}/classes/{k}", f"no class {name!r} in the structure")
            elif names[name].io is not None and step.kind != "interest":
                yield FieldError(f"{place}/classes/{k}", f"the io class {name!r} has no principal")
        if step.rest is not None and step.rest not in names:
            yield FieldError(f"{place}/rest", f"no class {step.rest!r} in the structure")
        if step.to is not None and structure.advance_rate == 0.0:
            yield FieldError(f"{place}/to", "a target needs an advance_rate above 0")
        if step.to is not None and step.kind != "principal":
            yield FieldError(f"{place}/to", "of a principal step alone")
    if steps and (steps[-1].kind != "residual" or steps[-1].when != "always"):
        yield FieldError(f"{at}/{len(steps) - 1}/kind", "the last step is residual, always")


def _trigger_faults(structure: Certificates, at: str) -> Iterator[FieldError]:
    names = {note.name for note in structure.classes if note.io is None}
    for i, trigger in enumerate(structure.triggers):
        side = "above" if trigger.kind in ("cumulative_loss", "defaulted") else "below"
        other = "below" if side == "above" else "above"
        if getattr(trigger, side) is None:
            yield FieldError(f"{at}/{i}/{side}", f"required by {trigger.kind}")
        if getattr(trigger, other) is not None:
            yield FieldError(f"{at}/{i}/{other}", f"{trigger.kind} trips {side} a level")
        if trigger.kind == "overcollateralisation" and trigger.through not in names:
            yield FieldError(f"{at}/{i}/through", f"no class of principal {trigger.through!r}")
        if trigger.kind != "overcollateralisation" and trigger.through is not None:
            yield FieldError(f"{at}/{i}/through", "of overcollateralisation alone")


def certificate_faults(structure: Certificates, categories: set[str], at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in the structure; `categories` are those of the pool ruleset."""
    names = [note.name for note in structure.classes]
    yield from repeated(names, f"{at}/classes/{{}}/name", "the class")
    yield from _class_faults(structure, categories, f"{at}/classes")
    yield from _order_faults(structure, f"{at}/classes")
    yield from _trigger_faults(structure, f"{at}/triggers")
    yield from _step_faults(structure, f"{at}/steps")
    if structure.template == "abs_loans" and structure.steps is None and structure.advance_rate == 0.0:
        yield FieldError(f"{at}/advance_rate", "a target needs an advance_rate above 0")
