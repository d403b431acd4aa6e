"""Ground leases, the landlord's side: rent, resets, the leasehold above, and what default brings."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from rackrate.deal.cases import Case
from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.pools.loans import TenantShare, tenant_share_faults
from rackrate.deal.sizing_tests import SizingTest
from rackrate.deal.units import (
    DebtMonths,
    Identifier,
    Money,
    MonthCount,
    Name,
    Rate,
    Share,
    month_index,
    repeated,
)
from rackrate.deal.valuation import Appraisal, CapRate


class FixedGrowth(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="fixed"
):
    """Rent grows by a share at each anniversary."""

    rate: Annotated[Rate, Meta(description="Growth per year.")]


class CpiGrowth(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="cpi"):
    """Rent grows with inflation at each anniversary."""

    floor: Annotated[Rate | None, Meta(description="Least growth per year; none if absent.")] = None
    cap: Annotated[Rate | None, Meta(description="Greatest growth per year; none if absent.")] = None


class GroundStep(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rent from a month of the lease on."""

    from_month: Annotated[MonthCount, Meta(description="Months from commencement, whole years.")]
    rent: Annotated[Money, Meta(description="Rent per year, deal currency.")]


class StepGrowth(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="steps"
):
    """Rent as the lease writes it out."""

    steps: Annotated[list[GroundStep], Meta(min_length=1, max_length=100, description="Months ascending.")]


class Reset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rent is lifted to a share of the land's value, where that is more."""

    every_months: Annotated[
        int, unit("months"), Meta(ge=12, le=1200, description="Months between resets, whole years.")
    ]
    share_of_land_value: Annotated[Share, Meta(description="Rent per year, share of land value.")]


class Percentage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rent beside the base: a share of the leasehold's revenue above a breakpoint."""

    share: Annotated[Share, Meta(description="Share of revenue above the breakpoint.")]
    breakpoint: Annotated[Money, Meta(description="Revenue per year below which none is due.")]


class StatedLeasehold(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="stated"
):
    """A leasehold of which only totals are known, before ground rent."""

    ncf: Annotated[Money, Meta(description="Net cash flow per year before ground rent.")]
    revenue: Annotated[Money, Meta(description="Revenue per year, for percentage rent.")] = 0.0
    growth: Annotated[Rate, Meta(description="Growth a year from closing.")] = 0.0
    tenants: Annotated[list[TenantShare], Meta(max_length=200, description="Tenants and shares.")] = []


class FacilityLeasehold(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="facility"
):
    """A leasehold that is a facility of the request."""

    id: Annotated[Identifier, Meta(description="Its identifier.")]


class Cure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a mortgagee of the leasehold may pay what the lessee does not."""

    mortgagee: Annotated[bool, Meta(description="Whether there is one.")]
    months: Annotated[DebtMonths, Meta(description="Months within which it pays.")] = 0


class GroundLease(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ground lease, seen from the landlord."""

    id: Annotated[Identifier, Meta(description="Identifier, unique in the pool.")]
    name: Annotated[Name | None, Meta(description="Name for people to read.")] = None
    commencement: Annotated[date, Meta(description="Commencement.")]
    expiry: Annotated[date, Meta(description="Expiry.")]
    rent: Annotated[Money, Meta(description="Rent per year in force at closing, or at a later commencement.")]
    escalation: Annotated[FixedGrowth | CpiGrowth | StepGrowth, Meta(description="How rent grows.")]
    reset: Annotated[Reset | None, Meta(description="Resets to land value; none if absent.")] = None
    percentage: Annotated[Percentage | None, Meta(description="Percentage rent; none if absent.")] = None
    costs: Annotated[Money, Meta(description="The landlord's costs per year.")] = 0.0
    costs_growth: Annotated[Rate, Meta(description="Growth of costs a year from closing.")] = 0.0
    fee_value: Annotated[Money, Meta(description="Value of the leased fee.")]
    land_value: Annotated[Money, Meta(description="Value of the land alone, for resets.")] = 0.0
    land_growth: Annotated[Rate, Meta(description="Growth of land value per year.")] = 0.0
    combined_value: Annotated[Money, Meta(description="Value of land and improvements.")]
    reversion: Annotated[Money, Meta(description="What the landlord has at expiry.")] = 0.0
    leasehold: Annotated[StatedLeasehold | FacilityLeasehold, Meta(description="What pays the rent.")]
    cure: Annotated[Cure, Meta(description="The mortgagee's right to cure.")] = Cure(mortgagee=False)
    step_up_share: Annotated[
        Share, Meta(description="Share of the improved property a landlord gets after a default.")
    ] = 0.0


class GroundDefault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A lessee that stops paying ground rent in a given month."""

    ground_lease: Annotated[Identifier, Meta(description="Identifier of the ground lease.")]
    month: Annotated[DebtMonths, Meta(description="Month from closing in which it defaults.")]


class PoolCase(Case, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A case of a pool: a deal's adjustments, and ground leases that default."""

    ground_defaults: Annotated[
        Annotated[list[GroundDefault], Meta(max_length=500)] | None,
        Meta(description="Ground leases that default, and when."),
    ] = None


class LifeNpv(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="npv"):
    """Rent and receipts to expiry, and the reversion then, discounted."""

    discount_rate: Annotated[Rate, Meta(description="Discount rate, per year.")]


class GroundSizing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How debt on ground leases is sized."""

    case: Annotated[Identifier, Meta(description="Name of the case the loan is sized in.")]
    value: Annotated[Appraisal | CapRate | LifeNpv, Meta(description="How the ground leases are valued.")]
    tests: Annotated[
        list[SizingTest],
        Meta(min_length=1, max_length=50, description="The tests; the tightest sizes the loan."),
    ]


def ground_faults(lease: GroundLease, closing: date, at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in one ground lease."""
    start, end = month_index(lease.commencement, closing), month_index(lease.expiry, closing)
    if end <= max(start, 0):
        yield FieldError(f"{at}/expiry", "a ground lease that has expired before it can be paid")
    if end - max(start, 0) > 1200:
        yield FieldError(
            f"{at}/expiry", f"rent is due for {end - max(start, 0)} months: at most 1200 are computed"
        )
    if lease.reset is not None and lease.reset.every_months % 12:
        yield FieldError(f"{at}/reset/every_months", "resets fall on anniversaries: whole years of 12 months")
    if lease.reset is not None and lease.land_value == 0.0:
        yield FieldError(f"{at}/land_value", "required by a reset")
    if isinstance(lease.escalation, StepGrowth):
        before = -1
        for k, step in enumerate(lease.escalation.steps):
            place = f"{at}/escalation/steps/{k}/from_month"
            if step.from_month % 12:
                yield FieldError(place, "steps fall on anniversaries: whole years of 12 months")
            if step.from_month <= before:
                yield FieldError(place, f"months must ascend: {step.from_month} follows {before}")
            before = step.from_month
    if isinstance(lease.escalation, CpiGrowth):
        low, high = lease.escalation.floor, lease.escalation.cap
        if low is not None and high is not None and low > high:
            yield FieldError(f"{at}/escalation/cap", f"below the floor {low:g}")
    if isinstance(lease.leasehold, StatedLeasehold):
        yield from tenant_share_faults(lease.leasehold.tenants, f"{at}/leasehold/tenants")


def ground_default_faults(cases: list[PoolCase], known: set[str], at: str) -> Iterator[FieldError]:
    """Yield ground defaults of a case that name a lease twice, or none of the pool."""
    for i, case in enumerate(cases):
        named = [event.ground_lease for event in case.ground_defaults or []]
        place = f"{at}/{i}/ground_defaults"
        yield from repeated(named, f"{place}/{{}}/ground_lease", "the ground lease")
        for k, name in enumerate(named):
            if name not in known:
                yield FieldError(f"{place}/{k}/ground_lease", f"no ground lease {name!r} in the pool")
