"""Leases: kW, term, rent, escalation, options and power terms."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Annotated

from msgspec import Meta, field

from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.parts import Part
from rackrate.deal.units import (
    Factor,
    Identifier,
    Kw,
    KwOrNone,
    LeaseTerm,
    MonthCount,
    Pue,
    Rate,
    Share,
    UnitPrice,
    month_index,
)


class RampStep(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From a month of the lease on, this many kW are billed."""

    from_month: Annotated[MonthCount, Meta(description="First month of the step, counted from commencement.")]
    kw: Annotated[KwOrNone, Meta(description="Billed load from that month, kW.")]


class RentStep(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From a month of the lease on, this rent is in force."""

    from_month: Annotated[MonthCount, Meta(description="First month of the step, counted from commencement.")]
    rent_per_kw_month: Annotated[
        UnitPrice, unit("money/kW-month"), Meta(description="Rent from that month, per kW and month.")
    ]


class FixedEscalation(
    Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="fixed"
):
    """Rent rises by the same rate on every anniversary."""

    rate: Annotated[Rate, Meta(description="Increase on each anniversary of commencement, share.")]


class CpiEscalation(Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="cpi"):
    """Rent follows inflation on every anniversary, within a floor and a cap."""

    floor: Annotated[Rate | None, Meta(description="Least yearly increase, share; none if absent.")] = None
    cap: Annotated[Rate | None, Meta(description="Greatest yearly increase, share; none if absent.")] = None


class StepsEscalation(
    Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="steps"
):
    """Rent is written out in steps; before the first of them the lease's own rent is in force."""

    steps: Annotated[
        list[RentStep], Meta(min_length=1, max_length=600, description="The rent steps, months ascending.")
    ]


Escalation = FixedEscalation | CpiEscalation | StepsEscalation


class Metered(Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="metered"):
    """The tenant pays the facility's unit cost of power on what it draws, grossed up by a capped PUE."""

    pue_cap: Annotated[Pue | None, Meta(description="Highest PUE the tenant pays for; no cap if absent.")] = (
        None
    )
    markup: Annotated[Rate, Meta(description="Margin on the recovered power cost, share.")] = 0.0


class FixedPrice(
    Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="fixed_price"
):
    """The tenant pays a price of its own per MWh, whatever the power costs."""

    price_per_mwh: Annotated[
        UnitPrice, unit("money/MWh"), Meta(description="Price in force at closing, per MWh.")
    ]
    escalation: Annotated[Rate, Meta(description="Increase on each anniversary of the lease, share.")] = 0.0


class Included(Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="included"):
    """Power is in the rent: the landlord pays and recovers nothing."""


class Direct(Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="direct"):
    """The tenant buys its power itself: neither cost nor recovery is the landlord's."""


PowerTerms = Metered | FixedPrice | Included | Direct


class Termination(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tenant's option to leave early against a fee; void if its month lies before closing."""

    month: Annotated[MonthCount, Meta(description="Month of the lease in which the option is exercised.")]
    fee_months: Annotated[
        Factor, unit("months"), Meta(description="Fee, in months of the contract rent then in force.")
    ]
    probability: Annotated[
        Share, unit("probability"), Meta(description="Probability that the option is exercised, 0 to 1.")
    ]


class Lease(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One contract: a tenant takes a block of kW for a term at a rent."""

    id: Annotated[Identifier, Meta(description="Identifier, unique in the deal.")]
    tenant: Annotated[Identifier, Meta(description="Identifier of the tenant.")]
    contracted_kw: Annotated[Kw, Meta(description="Contracted critical load, kW.")]
    rent_per_kw_month: Annotated[
        UnitPrice,
        unit("money/kW-month"),
        Meta(description="Rent per kW and month in force at closing, or at commencement if that is later."),
    ]
    commencement: Annotated[date, Meta(description="First day of the term.")]
    term_months: Annotated[LeaseTerm, Meta(description="Length of the term, months.")]
    free_rent_months: Annotated[MonthCount, Meta(description="Months without rent from commencement.")] = 0
    ramp: Annotated[
        list[RampStep],
        Meta(
            max_length=600,
            description="Billed load by month of the lease, first at month 0; contracted_kw if empty.",
        ),
    ] = field(default_factory=list)
    escalation: Annotated[Escalation, Meta(description="How the rent grows.")]
    utilisation: Annotated[
        Share | None,
        Meta(
            description="Average draw, share of billed kW; needed unless the tenant buys its power directly."
        ),
    ] = None
    peak_utilisation: Annotated[
        Share | None,
        Meta(description="Peak draw, share of billed kW; needed unless the tenant buys its power directly."),
    ] = None
    power: Annotated[PowerTerms, Meta(description="Who pays for the tenant's power, and how.")]
    termination: Annotated[
        Termination | None, Meta(description="Early termination option, if the tenant has one.")
    ] = None
    reserved: Annotated[
        bool,
        Meta(
            description="Whether a lease starting more than three months after closing counts in figures "
            "annualised at closing all the same, because a reserve stands for its rent."
        ),
    ] = False


def _step_faults(months: list[int], at: str) -> Iterator[FieldError]:
    for i, (before, month) in enumerate(pairwise(months), start=1):
        if month <= before:
            yield FieldError(f"{at}/{i}/from_month", f"months must ascend: {month} follows {before}")


def _ramp_faults(lease: Lease, at: str) -> Iterator[FieldError]:
    if not lease.ramp:
        return
    if lease.ramp[0].from_month != 0:
        yield FieldError(f"{at}/ramp/0/from_month", "a ramp starts at month 0")
    yield from _step_faults([step.from_month for step in lease.ramp], f"{at}/ramp")
    for i, step in enumerate(lease.ramp):
        if step.kw > lease.contracted_kw:
            yield FieldError(f"{at}/ramp/{i}/kw", f"more than the contracted {lease.contracted_kw:g} kW")


def _power_faults(lease: Lease, at: str) -> Iterator[FieldError]:
    if isinstance(lease.power, Direct):
        return
    if lease.utilisation is None:
        yield FieldError(f"{at}/utilisation", "required unless the power is direct")
    if lease.peak_utilisation is None:
        yield FieldError(f"{at}/peak_utilisation", "required unless the power is direct")
    elif lease.utilisation is not None and lease.peak_utilisation < lease.utilisation:
        yield FieldError(f"{at}/peak_utilisation", f"below the average utilisation {lease.utilisation:g}")


def lease_faults(lease: Lease, closing: date, at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in one lease."""
    if month_index(lease.commencement, closing) + lease.term_months <= 0:
        yield FieldError(f"{at}/term_months", f"the lease expired before closing on {closing}")
    if lease.free_rent_months > lease.term_months:
        yield FieldError(f"{at}/free_rent_months", f"longer than the term of {lease.term_months} months")
    if lease.termination and lease.termination.month >= lease.term_months:
        yield FieldError(
            f"{at}/termination/month", f"not before the end of the term, month {lease.term_months}"
        )
    match lease.escalation:
        case StepsEscalation(steps=steps):
            yield from _step_faults([step.from_month for step in steps], f"{at}/escalation/steps")
        case CpiEscalation(floor=floor, cap=cap) if floor is not None and cap is not None and floor > cap:
            yield FieldError(f"{at}/escalation/cap", f"below the floor {floor:g}")
    yield from _ramp_faults(lease, at)
    yield from _power_faults(lease, at)
