"""Facilities: capacity, tenure, rent roll, power, operating costs, equipment and letting market."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, field

from rackrate.deal.errors import FieldError
from rackrate.deal.facility.costs import OperatingCost, cost_faults
from rackrate.deal.facility.leases import Lease, lease_faults
from rackrate.deal.facility.power import PowerContract, contract_faults
from rackrate.deal.measures import unit
from rackrate.deal.parts import Part
from rackrate.deal.units import (
    Hours,
    Identifier,
    Kw,
    LeaseTerm,
    Money,
    MonthCount,
    PositiveMoney,
    PueCurve,
    Rate,
    Share,
    ShareCurve,
    UnitPrice,
    curve_faults,
    month_index,
    repeated,
)


class Freehold(Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="freehold"):
    """The land is owned."""


class Leasehold(
    Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="leasehold"
):
    """The land is leased: ground rent until expiry, nothing afterwards."""

    expiry: Annotated[date, Meta(description="Day the ground lease ends.")]
    ground_rent: Annotated[
        Money, unit("money/year"), Meta(description="Ground rent per year at closing, deal currency.")
    ]
    growth: Annotated[Rate, Meta(description="Yearly growth of the ground rent from closing, share.")]


Tenure = Freehold | Leasehold


class Equipment(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Computing equipment that stands as collateral."""

    cost: Annotated[PositiveMoney, Meta(description="Cost, deal currency.")]
    life_months: Annotated[LeaseTerm, Meta(description="Useful life from closing, months.")]
    residual: Annotated[ShareCurve, Meta(description="Resale value over time, share of cost.")]


class LettingMarket(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens at the end of a lease: renewal, downtime, and the terms of the next one."""

    name: Annotated[
        Identifier | None, Meta(description="The leasing market, the same name in every deal.")
    ] = None
    rent_per_kw_month: Annotated[
        UnitPrice, unit("money/kW-month"), Meta(description="Market rent at closing, per kW and month.")
    ]
    growth: Annotated[Rate, Meta(description="Yearly growth of market rent and letting costs, share.")]
    renewal_probability: Annotated[
        Share, unit("probability"), Meta(description="Probability that a tenant renews, 0 to 1.")
    ]
    renew_at: Annotated[
        Literal["market", "in_place", "lower_of"],
        Meta(description="Rent of a renewal: the market's, the one just expired, or the lower of them."),
    ]
    downtime_months: Annotated[MonthCount, Meta(description="Months empty after a lease is not renewed.")]
    default_downtime_months: Annotated[MonthCount, Meta(description="Months empty after a default.")]
    default_rent_discount: Annotated[
        Share, Meta(description="Discount to market rent when re-let after a default, share.")
    ]
    term_months: Annotated[LeaseTerm, Meta(description="Length of renewals and new lettings, months.")]
    free_rent_months: Annotated[MonthCount, Meta(description="Months without rent in a new letting.")]
    escalation: Annotated[Rate, Meta(description="Yearly increase within renewals and new lettings, share.")]
    renewal_cost_per_kw: Annotated[
        UnitPrice, unit("money/kW"), Meta(description="Cost of a renewal per kW, at closing prices.")
    ]
    reletting_cost_per_kw: Annotated[
        UnitPrice, unit("money/kW"), Meta(description="Cost of a new letting per kW, at closing prices.")
    ]


class Facility(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A data centre: capacity, tenure, rent roll, power supply, costs and letting market."""

    id: Annotated[Identifier, Meta(description="Identifier, unique in the deal.")]
    capacity_kw: Annotated[Kw, Meta(description="Critical load that can be let, kW.")]
    pue: Annotated[PueCurve, Meta(description="Power usage effectiveness: facility load over critical load.")]
    appraised_value: Annotated[Money, Meta(description="Appraised value at closing, deal currency.")]
    cost: Annotated[Money, Meta(description="Cost to build or buy, deal currency.")]
    tenure: Annotated[Tenure, Meta(description="How the land is held.")]
    leases: Annotated[list[Lease], Meta(max_length=2000, description="The rent roll.")]
    power: Annotated[
        list[PowerContract],
        Meta(
            max_length=50,
            description="Power supply, in order of use; what nothing serves is bought at the index.",
        ),
    ] = field(default_factory=list)
    operating_costs: Annotated[
        list[OperatingCost], Meta(max_length=50, description="Operating costs, a line each.")
    ] = field(default_factory=list)
    management_fee: Annotated[
        Share, Meta(description="Management fee, share of effective gross income less power recovery.")
    ]
    other_income: Annotated[
        Money, unit("money/year"), Meta(description="Other income per year, deal currency.")
    ] = 0.0
    capex_reserve_per_kw_year: Annotated[
        UnitPrice,
        unit("money/kW-year"),
        Meta(description="Capital reserve per kW of capacity and year, deal currency."),
    ]
    vacancy_floor: Annotated[Share, Meta(description="Least vacancy assumed, share of capacity.")] = 0.0
    curtailment_hours_per_year: Annotated[
        Hours, Meta(description="Hours per year in which the utility curtails the load.")
    ] = 0.0
    sla_credit_share: Annotated[
        Share, Meta(description="Share of base rent credited to tenants in curtailed hours.")
    ] = 0.0
    equipment: Annotated[Equipment | None, Meta(description="Computing equipment, if it is collateral.")] = (
        None
    )
    market: Annotated[LettingMarket, Meta(description="The letting market the facility competes in.")]


def _billed_changes(lease: Lease, closing: date) -> Iterator[tuple[int, float]]:
    """Yield (month from closing, change of billed kW) over a lease's contract."""
    start = month_index(lease.commencement, closing)
    billed = 0.0
    for month, kw in [(s.from_month, s.kw) for s in lease.ramp] or [(0, lease.contracted_kw)]:
        if month < lease.term_months:
            yield max(start + month, 0), kw - billed
            billed = kw
    yield max(start + lease.term_months, 0), -billed


def _most_billed(lease: Lease) -> float:
    """Return the most kW a lease is ever billed."""
    return max([step.kw for step in lease.ramp], default=lease.contracted_kw)


def _capacity_faults(facility: Facility, closing: date, at: str) -> Iterator[FieldError]:
    if sum(_most_billed(lease) for lease in facility.leases) <= facility.capacity_kw:
        return  # whenever each of them runs
    changes: dict[int, float] = {}
    for lease in facility.leases:
        for month, change in _billed_changes(lease, closing):
            changes[month] = changes.get(month, 0.0) + change
    let, limit = 0.0, facility.capacity_kw * (1 + 1e-9)
    for month in sorted(changes):
        let += changes[month]
        if let > limit:
            message = (
                f"{let:g} kW are let in month {month} from closing, the facility has {facility.capacity_kw:g}"
            )
            yield FieldError(f"{at}/leases", message)
            return


def _asset_faults(facility: Facility, closing: date, at: str) -> Iterator[FieldError]:
    yield from curve_faults(facility.pue, f"{at}/pue")
    if isinstance(facility.tenure, Leasehold) and facility.tenure.expiry <= closing:
        yield FieldError(f"{at}/tenure/expiry", f"the leasehold expired before closing on {closing}")
    if facility.equipment is not None:
        yield from curve_faults(facility.equipment.residual, f"{at}/equipment/residual")
    if facility.market.free_rent_months > facility.market.term_months:
        message = f"longer than the term of {facility.market.term_months} months"
        yield FieldError(f"{at}/market/free_rent_months", message)


def facility_faults(facility: Facility, closing: date, at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in one facility, its leases and contracts included."""
    yield from _asset_faults(facility, closing, at)
    for i, lease in enumerate(facility.leases):
        yield from lease_faults(lease, closing, f"{at}/leases/{i}")
    yield from _capacity_faults(facility, closing, at)
    for i, contract in enumerate(facility.power):
        yield from contract_faults(contract, closing, f"{at}/power/{i}")
    for i, cost in enumerate(facility.operating_costs):
        yield from cost_faults(cost, f"{at}/operating_costs/{i}")
    lines = [cost.name for cost in facility.operating_costs]
    yield from repeated(lines, f"{at}/operating_costs/{{}}/name", "the cost line")
