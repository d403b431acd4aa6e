"""Classes of notes: size, position, cover, life, yield; limits at the issued principals."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct, field

from rackrate.deal.measures import unit


class Attachment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A point in the capital structure, as a share of value and of debt."""

    value: Annotated[float | None, unit("ratio"), Meta(description="Debt down to this point over value.")]
    debt: Annotated[float | None, unit("ratio"), Meta(description="Debt down to this point over all debt.")]


class LimitOutcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One limit of a class, at the issued principals."""

    kind: Annotated[str, Meta(description="Kind of the limit.")]
    limit: Annotated[float, unit("as-stated"), Meta(description="The limit.")]
    actual: Annotated[
        float | None, unit("as-stated"), Meta(description="The figure for all debt down to the class.")
    ]
    met: Annotated[bool, Meta(description="Whether the limit is met.")]


class Tranche(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One class of notes: size, position, cover, life, yield and the loss it withstands."""

    name: Annotated[str, Meta(description="Name of the class.")]
    principal: Annotated[
        float, unit("money"), Meta(description="Principal, a multiple of the denomination, deal currency.")
    ]
    coupon: Annotated[
        float, unit("rate"), Meta(description="Coupon as contracted, at closing's index, a year.")
    ]
    attachment: Annotated[Attachment, Meta(description="Where the class begins.")]
    detachment: Annotated[Attachment, Meta(description="Where the class ends.")]
    credit_enhancement: Annotated[
        float | None,
        unit("share"),
        Meta(
            description="1 less cumulative loan to value: value that may be lost before the class is touched,"
            " equity included. Not the share of debt below it, as a conduit means it: `subordination`."
        ),
    ]
    subordination: Annotated[
        float | None,
        unit("share"),
        Meta(description="Debt below the class over all debt: 1 less detachment.debt, equity left out."),
    ]
    ltv: Annotated[float | None, unit("ratio"), Meta(description="Cumulative loan to value.")]
    dscr: Annotated[
        float | None, unit("ratio"), Meta(description="Cumulative debt service cover at closing.")
    ]
    debt_yield: Annotated[
        float | None, unit("rate"), Meta(description="Cumulative debt yield at closing, per year.")
    ]
    wal_to_ard: Annotated[
        float | None, unit("years"), Meta(description="Weighted average life, refinanced at the ARD, years.")
    ]
    wal_to_final: Annotated[
        float | None,
        unit("years"),
        Meta(description="Weighted average life of what is repaid, not refinanced, years; null if nothing."),
    ]
    duration: Annotated[float | None, unit("years"), Meta(description="Modified duration to the ARD, years.")]
    price: Annotated[float, unit("ratio"), Meta(description="Price per 1 of principal.")]
    yield_: Annotated[
        float | None,
        unit("rate"),
        Meta(description="Nominal monthly yield at the price to the ARD, per year."),
    ] = field(name="yield")
    window: Annotated[
        list[date] | None, Meta(description="First and last date principal is paid in the reported run.")
    ]
    break_even_haircut: Annotated[
        float | None,
        unit("share"),
        Meta(description="Least cut of net cash flow at which it loses; 1 if never, null if without one."),
    ]
    supports: Annotated[
        str | None, Meta(description="Category its cover supports; model-implied, not a rating.")
    ]
    limits: Annotated[list[LimitOutcome], Meta(description="Its limits at the issued principals.")] = []
