"""What is read of a loan tape: loans as a pool takes them, what stands beside them, and a report."""

from datetime import date
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from rackrate.deal.measures import unit

Layout = Literal["schedule_al", "crefc_setup", "crefc_periodic"]
Basis = Literal["securitisation", "most_recent"]
Reason = Literal[
    "missing",
    "unreadable",
    "unknown_code",
    "not_in_layout",
    "ambiguous_unit",
    "fallback",
    "no_parent",
    "rollup_differs",
    "duplicate",
]
_Money = Annotated[float, unit("money")]
_Share = Annotated[float, unit("share")]
_Rate = Annotated[float, unit("rate")]
_Months = Annotated[int, unit("months")]


class Unread(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that could not be read, or was read otherwise than it stands first."""

    line: Annotated[int, unit("count"), Meta(description="Line of its record.")]
    element: Annotated[str, Meta(description="Element or column as the layout names it, or what it lacks.")]
    reason: Annotated[Reason, Meta(description="Why.")]
    value: Annotated[str | None, Meta(description="What stands there.")] = None


class TapeRate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A margin over the base rate."""

    margin: Annotated[_Rate, Meta(description="Added to the base rate, per year.")]
    floor: Annotated[_Rate | UnsetType, Meta(description="Least base rate, per year.")] = UNSET
    cap: Annotated[_Rate | UnsetType, Meta(description="Greatest base rate, per year.")] = UNSET


class TapeAmortisation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How principal is repaid after interest only."""

    kind: Annotated[Literal["interest_only", "level"], Meta(description="Nothing, or level payments.")]
    months: Annotated[_Months | UnsetType, Meta(description="Term of the annuity that is left.")] = UNSET


class TapeProtection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One stretch of prepayment protection; no layout has premiums or floors."""

    kind: Annotated[
        Literal["lockout", "defeasance", "yield_maintenance", "penalty"], Meta(description="Which kind.")
    ]
    until: Annotated[date, Meta(description="Last day on which it is in force.")]


class TapeSecurity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Totals of the whole property."""

    kind: Annotated[Literal["stated"], Meta(description="Totals are what a tape has.")] = "stated"
    noi: Annotated[_Money | UnsetType, Meta(description="Net operating income per year.")] = UNSET
    ncf: Annotated[_Money | UnsetType, Meta(description="Net cash flow per year.")] = UNSET
    value: Annotated[_Money | UnsetType, Meta(description="Value.")] = UNSET
    value_date: Annotated[date | UnsetType, Meta(description="Date of the valuation.")] = UNSET


class TapeReported(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Figures that the tape itself has."""

    dscr: Annotated[
        Annotated[float, unit("ratio")] | UnsetType, Meta(description="Cover on net cash flow.")
    ] = UNSET


class TapeStatus(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a loan stands."""

    arrears_months: Annotated[_Months | UnsetType, Meta(description="Payments missed, at most 3.")] = UNSET
    advances: Annotated[_Money | UnsetType, Meta(description="Advances outstanding.")] = UNSET


class TapeLoan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A loan as a pool takes it, without what could not be read."""

    id: Annotated[str | UnsetType, Meta(description="Number of the loan.")] = UNSET
    originator: Annotated[str | UnsetType, Meta(description="Who made the loan.")] = UNSET
    originated: Annotated[date | UnsetType, Meta(description="Date it was made.")] = UNSET
    original_balance: Annotated[_Money | UnsetType, Meta(description="Balance when made.")] = UNSET
    balance: Annotated[_Money | UnsetType, Meta(description="Scheduled balance of the trust's note.")] = UNSET
    rate: Annotated[_Rate | TapeRate | UnsetType, Meta(description="Interest per year.")] = UNSET
    day_count: Annotated[
        Literal["30/360", "ACT/360", "ACT/365F"] | UnsetType, Meta(description="How interest accrues.")
    ] = UNSET
    maturity: Annotated[date | UnsetType, Meta(description="Maturity.")] = UNSET
    ard: Annotated[date | UnsetType, Meta(description="Anticipated repayment date.")] = UNSET
    interest_only_months: Annotated[
        _Months | UnsetType, Meta(description="Months without repayment that are left.")
    ] = UNSET
    amortisation: Annotated[
        TapeAmortisation | UnsetType, Meta(description="How principal is repaid afterwards.")
    ] = UNSET
    prepayment: Annotated[
        list[TapeProtection] | UnsetType, Meta(description="Protection in order of time.")
    ] = UNSET
    fee_rate: Annotated[
        _Rate | UnsetType, Meta(description="Servicing, trustee and strip fees, per year.")
    ] = UNSET
    pari_passu_share: Annotated[
        _Share | UnsetType, Meta(description="1 where the note is the whole loan.")
    ] = UNSET
    property_type: Annotated[str | UnsetType, Meta(description="Type of property, a code.")] = UNSET
    market: Annotated[str | UnsetType, Meta(description="State of the property.")] = UNSET
    security: Annotated[TapeSecurity | UnsetType, Meta(description="Totals of the property.")] = UNSET
    reported: Annotated[TapeReported | UnsetType, Meta(description="Figures that the tape has.")] = UNSET
    status: Annotated[TapeStatus | UnsetType, Meta(description="Where it stands.")] = UNSET


class LargestTenant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the three largest tenants, by area: no share of cash flow."""

    name: Annotated[str, Meta(description="Name.")]
    area_share: Annotated[_Share | UnsetType, Meta(description="Its area over the net rentable area.")] = (
        UNSET
    )
    lease_expiry: Annotated[date | UnsetType, Meta(description="Expiry of its lease.")] = UNSET


class BesideLoan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a tape says of a loan that a pool does not take."""

    id: Annotated[str | UnsetType, Meta(description="Number of the loan.")] = UNSET
    structure: Annotated[str | UnsetType, Meta(description="Structure code: WL is a whole loan.")] = UNSET
    lien: Annotated[str | UnsetType, Meta(description="Lien position code: 1 is the first.")] = UNSET
    largest_tenants: Annotated[list[LargestTenant], Meta(description="Up to three, the largest first.")] = []


class TapeProperty(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A property, or all properties of a loan rolled up."""

    line: Annotated[int, unit("count"), Meta(description="Line of its record.")]
    loan: Annotated[str | UnsetType, Meta(description="Number of the loan it secures.")] = UNSET
    rollup: Annotated[bool, Meta(description="Whether it is the loan's own record.")]
    name: Annotated[str | UnsetType, Meta(description="Name.")] = UNSET
    city: Annotated[str | UnsetType, Meta(description="City.")] = UNSET
    state: Annotated[str | UnsetType, Meta(description="State.")] = UNSET
    property_type: Annotated[str | UnsetType, Meta(description="Type, a code.")] = UNSET
    value: Annotated[_Money | UnsetType, Meta(description="Value.")] = UNSET
    occupancy: Annotated[_Share | UnsetType, Meta(description="Physical occupancy.")] = UNSET


class WeightedAverage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An average weighted by balance, over the loans that have the figure."""

    value: Annotated[
        Annotated[float, unit("as-stated")] | None, Meta(description="The average; none over nothing.")
    ]
    balance: Annotated[_Money, Meta(description="Balance of the loans that have it.")]


class TapeTotals(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Totals of what was read."""

    count: Annotated[int, unit("count"), Meta(description="Loans.")]
    properties: Annotated[int, unit("count"), Meta(description="Members, and loans without members.")]
    balance: Annotated[_Money, Meta(description="Sum of balances.")]
    wa_rate: Annotated[WeightedAverage, Meta(description="Rate, of loans at a fixed rate.")]
    wa_dscr: Annotated[WeightedAverage, Meta(description="Reported cover on net cash flow.")]
    wa_ltv: Annotated[WeightedAverage, Meta(description="Balance over value, of whole loans alone.")]


class TotalDifference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stated total beside the one that was read."""

    total: Annotated[str, Meta(description="Which total.")]
    stated: Annotated[float, unit("as-stated"), Meta(description="As stated.")]
    read: Annotated[
        Annotated[float, unit("as-stated")] | None, Meta(description="As read; none over nothing.")
    ]
    difference: Annotated[Annotated[float, unit("as-stated")] | None, Meta(description="Read less stated.")]


class TapeReading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a loan tape says, and what could not be read of it."""

    id: Annotated[str, Meta(description="Identifier of this answer.")]
    engine: Annotated[str, Meta(description="Version of the engine.")]
    layout: Annotated[Layout, Meta(description="Layout of the tape.")]
    loans: Annotated[list[TapeLoan], Meta(description="The loans, to be completed and posted as a pool.")]
    beside: Annotated[list[BesideLoan], Meta(description="What else the tape says of each.")]
    properties: Annotated[list[TapeProperty], Meta(description="Roll-ups first, then members.")]
    report: Annotated[list[Unread], Meta(description="What could not be read, by line and element.")]
    totals: Annotated[TapeTotals, Meta(description="Totals of what was read.")]
    stated: Annotated[
        dict[str, Annotated[float, unit("as-stated")]], Meta(description="Totals that the request states.")
    ]
    differences: Annotated[list[TotalDifference], Meta(description="Each stated total beside the one read.")]


class TapeFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pool as a loan tape."""

    id: Annotated[str, Meta(description="Identifier of this answer.")]
    layout: Annotated[Layout, Meta(description="Layout of the tape.")]
    content: Annotated[str, Meta(description="The file.")]
