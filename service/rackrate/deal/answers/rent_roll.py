"""What is read of a rent roll: leases as a facility takes them, its tenants, and a report."""

from datetime import date
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from rackrate.deal.answers.tape import TotalDifference
from rackrate.deal.facility.leases import Escalation, PowerTerms, RampStep
from rackrate.deal.measures import unit

RollReason = Literal[
    "missing",
    "unreadable",
    "unknown_code",
    "unknown_column",
    "ambiguous_unit",
    "ambiguous_date",
    "duplicate",
    "vacant",
    "total",
]
RollField = Literal[
    "id",
    "tenant",
    "contracted_kw",
    "rent",
    "commencement",
    "expiry",
    "term",
    "free_rent",
    "escalation",
    "utilisation",
    "peak_utilisation",
    "power",
    "ramp",
    "termination",
]
_Months = Annotated[int, unit("months")]
_Share = Annotated[float, unit("share")]


class RollEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing of a rent roll that was not read as part of a lease."""

    line: Annotated[int, unit("count"), Meta(description="Row of the file, the first is 1.")]
    column: Annotated[str, Meta(description="Head of its column, or what no column says.")]
    reason: Annotated[RollReason, Meta(description="Why.")]
    value: Annotated[str | None, Meta(description="What stands there.")] = None


class RollColumn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a column was read as."""

    head: Annotated[str, Meta(description="Its head.")]
    field: Annotated[RollField, Meta(description="Field of a lease.")]
    unit: Annotated[str | None, Meta(description="Unit that its head names.")] = None


class RollTermination(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tenant's option to end, without what the rent roll does not say of it."""

    month: Annotated[
        _Months | UnsetType, Meta(description="Month of the lease in which it is exercised.")
    ] = UNSET
    fee_months: Annotated[_Months | UnsetType, Meta(description="Fee, in months of rent.")] = UNSET
    probability: Annotated[
        Annotated[float, unit("probability")] | UnsetType,
        Meta(description="Probability that it is exercised: rent rolls seldom say it."),
    ] = UNSET


class RollLease(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A lease as a facility takes it, without what could not be read."""

    id: Annotated[str, Meta(description="Identifier; the row's number where no column says one.")]
    tenant: Annotated[str, Meta(description="Identifier of its tenant.")]
    contracted_kw: Annotated[
        Annotated[float, unit("kW")] | UnsetType, Meta(description="Contracted critical load.")
    ] = UNSET
    rent_per_kw_month: Annotated[
        Annotated[float, unit("money/kW-month")] | UnsetType, Meta(description="Rent per kW and month.")
    ] = UNSET
    commencement: Annotated[date | UnsetType, Meta(description="First day of the term.")] = UNSET
    term_months: Annotated[_Months | UnsetType, Meta(description="Length of the term.")] = UNSET
    free_rent_months: Annotated[_Months | UnsetType, Meta(description="Months without rent.")] = UNSET
    ramp: Annotated[list[RampStep] | UnsetType, Meta(description="Billed load by month.")] = UNSET
    escalation: Annotated[Escalation | UnsetType, Meta(description="How the rent grows.")] = UNSET
    utilisation: Annotated[_Share | UnsetType, Meta(description="Average draw, share of kW.")] = UNSET
    peak_utilisation: Annotated[_Share | UnsetType, Meta(description="Peak draw, share of kW.")] = UNSET
    power: Annotated[PowerTerms | UnsetType, Meta(description="Who pays for power.")] = UNSET
    termination: Annotated[
        RollTermination | UnsetType, Meta(description="The tenant's option to end; none if absent.")
    ] = UNSET


class RollTenant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tenant of the rent roll."""

    id: Annotated[str, Meta(description="Identifier: the deal's where it is known, else of the name.")]
    name: Annotated[str, Meta(description="Name as the rent roll writes it first.")]
    known: Annotated[bool, Meta(description="Whether the request knows it.")]


class RollTotals(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Totals of the leases that were read."""

    count: Annotated[int, unit("count"), Meta(description="Leases.")]
    contracted_kw: Annotated[float, unit("kW"), Meta(description="Contracted critical load.")]
    rent_per_month: Annotated[
        float, unit("money/month"), Meta(description="Rent of the leases that have load and rent.")
    ]


class RentRollReading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rent roll says, and what could not be read of it."""

    id: Annotated[str, Meta(description="Identifier of this answer.")]
    engine: Annotated[str, Meta(description="Version of the engine.")]
    columns: Annotated[list[RollColumn], Meta(description="What each column was read as.")]
    leases: Annotated[list[RollLease], Meta(description="The leases, to be completed in a facility.")]
    tenants: Annotated[list[RollTenant], Meta(description="Their tenants.")]
    report: Annotated[list[RollEntry], Meta(description="What was not read, by line and column.")]
    totals: Annotated[RollTotals, Meta(description="Totals of what was read.")]
    stated: Annotated[
        dict[str, Annotated[float, unit("as-stated")]], Meta(description="Totals that the request states.")
    ]
    differences: Annotated[
        list[TotalDifference],
        Meta(description="Totals that the request and rows of the file state, beside those read."),
    ]
