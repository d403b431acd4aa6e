"""Request and answer of sensitivities: tornado, grids and break-evens."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from rackrate.deal.answers.figures import BreakEvenTarget, RulesetStamp
from rackrate.deal.answers.runs import TriggerDates
from rackrate.deal.cases import MOVABLE, Stress, value_fault
from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.sizing_tests import SizingTest, limits_of, with_limits
from rackrate.deal.units import Cover, Identifier

MAX_POINTS = 2000  # of all tornados and grids of a request
LOSS = "loss:"

TARGETS = ("dscr_minimum", "trigger", "first_loss", "principal")

AdjustmentName = Annotated[
    str,
    Meta(
        description="An adjustment of a case that is a number; with resize also a limit of a sizing test:"
        " `limit:NAME`, or `dscr:NAME`, `ltv:NAME`, `advance_rate:NAME` of a test that has two.",
        max_length=96,
    ),
]
AdjustmentValue = Annotated[float, unit("as-stated"), Meta(ge=-1000.0, le=1000.0)]


class Swing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One bar of a tornado: an adjustment at two values."""

    adjustment: AdjustmentName
    low: Annotated[AdjustmentValue, Meta(description="Its value at one end.")]
    high: Annotated[AdjustmentValue, Meta(description="Its value at the other end.")]


class Axis(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One axis of a grid."""

    adjustment: AdjustmentName
    values: Annotated[
        list[AdjustmentValue], Meta(min_length=1, max_length=50, description="Its values along the axis.")
    ]


class Grid(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A measure over two adjustments."""

    x: Annotated[Axis, Meta(description="Adjustment along a row.")]
    y: Annotated[Axis, Meta(description="Adjustment along a column.")]
    measure: Annotated[
        str,
        Meta(
            max_length=80,
            description="principal, dscr_closing, dscr_minimum, ltv, or loss:CLASS (all it is left unpaid).",
        ),
    ]


class Target(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be reached: exactly one of a cover, a trigger, a class's first loss, or a principal."""

    dscr_minimum: Annotated[Cover | UnsetType, Meta(description="Least rolling debt service cover.")] = UNSET
    trigger: Annotated[
        Literal["trap", "amortise", "pik"] | UnsetType, Meta(description="Trigger that trips.")
    ] = UNSET
    first_loss: Annotated[Identifier | UnsetType, Meta(description="Class that takes its first loss.")] = (
        UNSET
    )
    principal: Annotated[
        Annotated[float, unit("ratio"), Meta(ge=0.1, le=10.0)] | UnsetType,
        Meta(
            description="Sized principal, as a multiple of the deal's unadjusted: 1.05 is five percent more. "
            "Needs resize."
        ),
    ] = UNSET


class SoughtBreakEven(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A break-even to solve: how far an adjustment goes from neutral until a target is reached.

    Of a principal it goes from the sizing case's own value, or a limit from its own, to where loans grow.
    """

    adjustment: AdjustmentName
    target: Annotated[Target, Meta(description="What is to be reached.")]


class SensitivityRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deal, and the adjustments to try on every case it names."""

    deal: Annotated[Deal, Meta(description="The deal.")]
    resize: Annotated[
        bool, Meta(description="Whether each point sizes a new loan; otherwise the classes are held.")
    ] = False
    tornado: Annotated[list[Swing], Meta(max_length=50, description="Adjustments one at a time.")] = []
    grids: Annotated[list[Grid], Meta(max_length=10, description="Adjustments two at a time.")] = []
    break_evens: Annotated[
        list[SoughtBreakEven], Meta(max_length=50, description="Break-evens to solve.")
    ] = []
    tenants_out: Annotated[
        bool, Meta(description="Whether each tenant is tried in turn as defaulting at closing.")
    ] = False
    stresses: Annotated[
        list[Stress],
        Meta(max_length=50, description="Adjustments by name, classes and triggers followed through each."),
    ] = []


class Point(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The deal at one point; cover and value are the sizing case's, null where no debt can be sized."""

    principal: Annotated[float | None, unit("money"), Meta(description="Principal, deal currency.")]
    dscr_closing: Annotated[
        float | None, unit("ratio"), Meta(description="Cover of the twelve months from closing.")
    ]
    dscr_minimum: Annotated[float | None, unit("ratio"), Meta(description="Least rolling cover.")]
    ltv: Annotated[float | None, unit("ratio"), Meta(description="Principal over value.")]


class SwingPoint(Point, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One end of a bar."""

    value: Annotated[float, unit("as-stated"), Meta(description="Value of the adjustment.")]


class Swung(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One bar of the tornado."""

    adjustment: Annotated[str, Meta(description="The adjustment.")]
    low: Annotated[SwingPoint, Meta(description="The deal at one end.")]
    high: Annotated[SwingPoint, Meta(description="The deal at the other end.")]


class GridFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A grid's figures, a row for each value of y."""

    x: Annotated[Axis, Meta(description="Adjustment along a row.")]
    y: Annotated[Axis, Meta(description="Adjustment along a column.")]
    measure: Annotated[str, Meta(description="The measure.")]
    values: Annotated[
        list[list[float | None]], unit("as-stated"), Meta(description="Rows by y, columns by x.")
    ]


class SolvedBreakEven(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A break-even: solved at a value, reached at once (null), or never within the range tried (its end)."""

    adjustment: Annotated[str, Meta(description="The adjustment.")]
    target: Annotated[BreakEvenTarget, Meta(description="What is reached.")]
    value: Annotated[float | None, unit("as-stated"), Meta(description="Value at which it is reached.")]
    status: Annotated[Literal["solved", "never", "at_once"], Meta(description="How it was found.")]
    held_by: Annotated[
        str | None, Meta(description="Of a larger principal never reached: the test that binds at the end.")
    ] = None


class ClassOut(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of one class at a point, in the waterfall's case."""

    name: Annotated[str, Meta(description="Name of the class.")]
    first_shortfall: Annotated[
        date | None,
        Meta(
            description="First payment date that leaves interest unpaid, or legal final if principal is;"
            " null if never."
        ),
    ]
    ltv_trigger: Annotated[
        date | None,
        Meta(description="First payment date on which its LTV trigger is tripped; null if never."),
    ]
    loss: Annotated[
        float,
        unit("money"),
        Meta(description="Principal and interest unpaid after legal final, deal currency."),
    ]


class FollowedPoint(Point, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The deal at one point, its waterfall followed."""

    triggers: Annotated[
        TriggerDates | None, Meta(description="When each DSCR trigger first trips; null without classes.")
    ]
    classes: Annotated[list[ClassOut], Meta(description="The classes, most senior first.")]


class TenantOut(FollowedPoint, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The deal with one tenant defaulting at closing, in every case."""

    tenant: Annotated[str, Meta(description="Identifier of the tenant.")]


class StressOutcome(FollowedPoint, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The deal under one stress, in every case."""

    name: Annotated[str, Meta(description="Name of the stress.")]
    adjustment: Annotated[str, Meta(description="The adjustment.")]
    value: Annotated[float, unit("as-stated"), Meta(description="Its value.")]


class Sensitivities(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to a sensitivity request."""

    id: Annotated[str, Meta(description="Hash of engine version, ruleset and request, hexadecimal.")]
    engine: Annotated[str, Meta(description="Version of the engine.")]
    ruleset: Annotated[RulesetStamp, Meta(description="House defaults used.")]
    base: Annotated[Point, Meta(description="The deal unadjusted.")]
    tornado: Annotated[list[Swung], Meta(description="Adjustments one at a time.")]
    grids: Annotated[list[GridFigures], Meta(description="Adjustments two at a time.")]
    break_evens: Annotated[list[SolvedBreakEven], Meta(description="Break-evens solved.")]
    tenants_out: Annotated[
        list[TenantOut], Meta(description="Each tenant out in turn, in the deal's order; none unless asked.")
    ] = []
    stresses: Annotated[
        list[StressOutcome], Meta(description="Each stress, in the order asked; none unless asked.")
    ] = []


def sensitivity_faults(request: SensitivityRequest) -> Iterator[FieldError]:
    """Yield what contradicts itself in a sensitivity request, its deal apart."""
    classes = [] if request.deal.structure is None else [note.name for note in request.deal.structure.classes]
    points = len(request.deal.tenants) if request.tenants_out else 0
    for i, swing in enumerate(request.tornado):
        points += 2
        yield from _name_faults(request, swing.adjustment, f"/tornado/{i}/adjustment")
        for end in ("low", "high"):
            yield from _value_faults(request, swing.adjustment, getattr(swing, end), f"/tornado/{i}/{end}")
    for i, grid in enumerate(request.grids):
        points += len(grid.x.values) * len(grid.y.values)
        for axis in ("x", "y"):
            name, values = getattr(grid, axis).adjustment, getattr(grid, axis).values
            yield from _name_faults(request, name, f"/grids/{i}/{axis}/adjustment")
            for k, value in enumerate(values):
                yield from _value_faults(request, name, value, f"/grids/{i}/{axis}/values/{k}")
        if grid.x.adjustment == grid.y.adjustment:
            yield FieldError(f"/grids/{i}/y/adjustment", "the same as x")
        yield from _measure_faults(grid.measure, classes, f"/grids/{i}/measure")
    for i, stress in enumerate(request.stresses):
        points += 1
        yield from _name_faults(request, stress.adjustment, f"/stresses/{i}/adjustment")
        yield from _value_faults(request, stress.adjustment, stress.value, f"/stresses/{i}/value")
    if points > MAX_POINTS:
        yield FieldError("/grids", f"{points} points in all, at most {MAX_POINTS}")
    for i, sought in enumerate(request.break_evens):
        yield from _name_faults(request, sought.adjustment, f"/break_evens/{i}/adjustment")
        yield from _target_faults(sought.target, classes, request.resize, f"/break_evens/{i}/target")


def _name_faults(request: SensitivityRequest, name: str, at: str) -> Iterator[FieldError]:
    limits = limits_of(request.deal.sizing.tests)
    if name not in MOVABLE and name not in limits:
        yield FieldError(at, f"no adjustment {name!r}: known are {', '.join([*MOVABLE, *limits])}")
    elif name in limits and not request.resize:
        yield FieldError(at, "a limit sizes the loan, which is held: set resize")


def _value_faults(request: SensitivityRequest, name: str, value: float, at: str) -> Iterator[FieldError]:
    """Yield where a case, or a test, could not have this value of the adjustment."""
    if name in MOVABLE:
        fault = value_fault(name, value)
        if fault is not None:
            yield FieldError(at, fault)
        return
    try:
        tests = with_limits(request.deal.sizing.tests, {name: value})
        msgspec.convert(msgspec.to_builtins(tests), list[SizingTest])
    except msgspec.ValidationError as error:
        yield FieldError(at, str(error).partition(" - at ")[0])


def _measure_faults(measure: str, classes: list[str], at: str) -> Iterator[FieldError]:
    known = ["principal", "dscr_closing", "dscr_minimum", "ltv", *(LOSS + name for name in classes)]
    if measure not in known:
        yield FieldError(at, f"no measure {measure!r}: known are {', '.join(known)}")


def _target_faults(target: Target, classes: list[str], resize: bool, at: str) -> Iterator[FieldError]:
    named = [name for name in TARGETS if getattr(target, name) is not UNSET]
    if len(named) != 1:
        yield FieldError(at, f"needs exactly one of {', '.join(TARGETS[:-1])} and {TARGETS[-1]}")
    if target.trigger is not UNSET and not classes:
        yield FieldError(f"{at}/trigger", "the deal has no structure")
    if target.first_loss is not UNSET and target.first_loss not in classes:
        yield FieldError(f"{at}/first_loss", f"no class {target.first_loss!r} in the structure")
    if target.principal is not UNSET and not resize:
        yield FieldError(f"{at}/principal", "the principal is held: set resize")
    if target.principal == 1.0:
        yield FieldError(f"{at}/principal", "the deal unadjusted has this principal: more than 1, or less")
