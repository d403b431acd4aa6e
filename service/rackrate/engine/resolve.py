"""From words and dates to arrays: the rows the kernel reads, once for all cases, classes and scenarios."""

# Design: resolve, then price. Nothing after this module reads a deal's leases, contracts or dates.

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rackrate import kernel
from rackrate.deal import leases as lease_terms
from rackrate.deal import power as power_terms
from rackrate.deal.credit import Tenant, scale
from rackrate.deal.facilities import Facility, Leasehold
from rackrate.deal.leases import Lease
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.underwriting import Deal
from rackrate.engine.timeline import Floats, Timeline
from rackrate.kernel import records

FOREVER = 1_000_000
BOOKED_AFTER = 3  # months from closing after which a lease not yet commenced is booked, not billed
ESCALATIONS = {lease_terms.FixedEscalation: 0, lease_terms.CpiEscalation: 1, lease_terms.StepsEscalation: 2}
POWER_TERMS = {lease_terms.Metered: 0, lease_terms.FixedPrice: 1, lease_terms.Included: 2, lease_terms.Direct: 3}
SUPPLY_KINDS = {
    power_terms.FixedBlock: 0,
    power_terms.FullRequirements: 1,
    power_terms.Indexed: 2,
    power_terms.Tariff: 3,
    power_terms.Cfd: 4,
}
RENEW_AT = {"market": 0, "in_place": 1, "lower_of": 2}

Rows = np.ndarray[Any, np.dtype[np.void]]


@dataclass(frozen=True)
class Hazards:
    """Cumulative hazard of each tenant at the knots of its default table: ``months`` and ``hazards`` [T, H]."""

    months: Floats
    hazards: Floats
    multipliers: Floats


@dataclass(frozen=True)
class Resolved:
    """A deal's facilities as rows and curves over a horizon of N months (axes: F facility, L lease, N month)."""

    timeline: Timeline
    facilities: Rows
    leases: Rows
    ramps: Rows
    steps: Rows
    markets: Rows
    contracts: Rows
    costs: Rows
    cost_names: tuple[str, ...]
    amounts: Floats
    pue: Floats
    growth: Floats
    market_rent: Floats
    cpi: Floats
    power_index: Floats
    hazards: Hazards
    rent: Floats
    kw: Floats


def rows(dtype: "np.dtype[np.void]", values: Iterable[dict[str, float]]) -> Rows:
    """Rows of a record dtype from dictionaries; every field must be named."""
    names = dtype.names or ()
    return np.array([tuple(value[name] for name in names) for value in values], dtype=dtype)


def last_contract_end(deal: Deal, timeline: Timeline) -> int:
    """Month after the last contract lease of the deal."""
    return max(
        timeline.index(lease.commencement) + lease.term_months for _, _, lease in leases_of(deal)
    )


def stabilised_month(deal: Deal, timeline: Timeline) -> int:
    """First month in which every contract lease has commenced, is ramped fully and has left free rent."""
    return max(0, *(timeline.index(lease.commencement) + _settled(lease) for _, _, lease in leases_of(deal)))


def _settled(lease: Lease) -> int:
    ramped = lease.ramp[-1].from_month if lease.ramp else 0
    return max(ramped, lease.free_rent_months)


def leases_of(deal: Deal) -> list[tuple[int, int, Lease]]:
    """Every lease with the indices of its facility and of itself in it, in the order of the document."""
    return [(f, n, lease) for f, facility in enumerate(deal.facilities) for n, lease in enumerate(facility.leases)]


def _spans(lists: Sequence[Sequence[dict[str, float]]]) -> list[tuple[int, int]]:
    ends = np.cumsum([len(entries) for entries in lists]).tolist()
    return [(end - len(entries), end) for end, entries in zip(ends, lists, strict=True)]


def _lease_row(
    facility: int, lease: Lease, tenants: dict[str, int], deal: Deal, timeline: Timeline
) -> dict[str, float]:
    start = timeline.index(lease.commencement)
    escalation, power, option = lease.escalation, lease.power, lease.termination
    tenant = tenants[lease.tenant]
    booked = start > BOOKED_AFTER and not lease.reserved
    floor = getattr(escalation, "floor", None)
    cap = getattr(escalation, "cap", None)
    pue_cap = getattr(power, "pue_cap", None)
    return {
        "facility": facility,
        "tenant": tenant,
        "commencement": start,
        "term": lease.term_months,
        "free_rent": lease.free_rent_months,
        "booked_not_billed": int(booked),
        "escalation": ESCALATIONS[type(escalation)],
        "power": POWER_TERMS[type(power)],
        "termination": -1 if option is None else start + option.month,
        "contracted_kw": lease.contracted_kw,
        "rent": lease.rent_per_kw_month,
        "escalation_rate": getattr(escalation, "rate", 0.0),
        "escalation_floor": -math.inf if floor is None else floor,
        "escalation_cap": math.inf if cap is None else cap,
        "utilisation": lease.utilisation or 0.0,
        "peak_utilisation": lease.peak_utilisation or 0.0,
        "pue_cap": math.inf if pue_cap is None else pue_cap,
        "markup": getattr(power, "markup", 0.0),
        "power_price": getattr(power, "price_per_mwh", 0.0),
        "power_escalation": power.escalation if isinstance(power, lease_terms.FixedPrice) else 0.0,
        "fee_months": 0.0 if option is None else option.fee_months,
        "termination_probability": 0.0 if option is None else option.probability,
        "security_months": deal.tenants[tenant].security_months,
    }


def resolve_leases(deal: Deal, timeline: Timeline) -> tuple[Rows, Rows, Rows]:
    """Lease rows [L] with their ramp and rent steps."""
    tenants = {tenant.id: t for t, tenant in enumerate(deal.tenants)}
    entries = leases_of(deal)
    ramps = [[{"from_month": s.from_month, "value": s.kw} for s in lease.ramp or ()] for _, _, lease in entries]
    steps = [
        [
            {"from_month": s.from_month, "value": s.rent_per_kw_month}
            for s in (lease.escalation.steps if isinstance(lease.escalation, lease_terms.StepsEscalation) else ())
        ]
        for _, _, lease in entries
    ]
    table = [_lease_row(f, lease, tenants, deal, timeline) for f, _, lease in entries]
    for row, ramp, step in zip(table, _spans(ramps), _spans(steps), strict=True):
        row["ramp_start"], row["ramp_end"] = ramp
        row["step_start"], row["step_end"] = step
    return (
        rows(records.LEASE, table),
        rows(records.STEP, (step for steps_of in ramps for step in steps_of)),
        rows(records.STEP, (step for steps_of in steps for step in steps_of)),
    )


def resolve_markets(deal: Deal) -> Rows:
    """The letting market of each facility, rows [F]."""
    return rows(
        records.MARKET,
        (
            {
                "renew_at": RENEW_AT[market.renew_at],
                "downtime": market.downtime_months,
                "default_downtime": market.default_downtime_months,
                "term": market.term_months,
                "free_rent": market.free_rent_months,
                "rent": market.rent_per_kw_month,
                "renewal_probability": market.renewal_probability,
                "default_rent_discount": market.default_rent_discount,
                "escalation": market.escalation,
                "renewal_cost": market.renewal_cost_per_kw,
                "reletting_cost": market.reletting_cost_per_kw,
            }
            for market in (facility.market for facility in deal.facilities)
        ),
    )


def resolve_contracts(deal: Deal, timeline: Timeline) -> Rows:
    """Power contracts in the order they apply, facility by facility, rows [C]."""
    return rows(
        records.POWER,
        (
            {
                "kind": SUPPLY_KINDS[type(contract)],
                "start": 0 if contract.start is None else timeline.index(contract.start),
                "end": FOREVER if contract.end is None else timeline.index(contract.end),
                "mw": _or_infinite(getattr(contract, "mw", None)),
                "price": _price(contract),
                "escalation": contract.escalation,
                "resale_share": getattr(contract, "resale_share", 0.0),
                "demand_rate": getattr(contract, "demand_rate", 0.0),
                "contracted_demand_kw": getattr(contract, "contracted_demand_kw", 0.0),
                "minimum_demand_share": getattr(contract, "minimum_demand_share", 0.0),
                "ratchet_share": getattr(contract, "ratchet_share", 0.0),
                "fixed_monthly": getattr(contract, "fixed_monthly", 0.0),
            }
            for facility in deal.facilities
            for contract in facility.power
        ),
    )


def _or_infinite(value: float | None) -> float:
    return math.inf if value is None else value


def _price(contract: power_terms.PowerContract) -> float:
    match contract:
        case power_terms.Indexed(adder=adder):
            return adder
        case power_terms.Cfd(strike=strike):
            return strike
    return contract.price_per_mwh


def _facility_row(facility: Facility, timeline: Timeline, span: tuple[int, int], group: int) -> dict[str, float]:
    tenure = facility.tenure
    leasehold = tenure if isinstance(tenure, Leasehold) else None
    return {
        "expiry": FOREVER if leasehold is None else timeline.index(leasehold.expiry),
        "power_start": span[0],
        "power_end": span[1],
        "group": group,
        "capacity_kw": facility.capacity_kw,
        "curtailment_share": facility.curtailment_hours_per_year / 8760.0,
        "sla_credit_share": facility.sla_credit_share,
        "vacancy_floor": facility.vacancy_floor,
        "management_fee": facility.management_fee,
        "other_income": facility.other_income,
        "capex_reserve": facility.capex_reserve_per_kw_year,
        "ground_rent": 0.0 if leasehold is None else leasehold.ground_rent,
        "ground_rent_growth": 0.0 if leasehold is None else leasehold.growth,
    }


def resolve_facilities(deal: Deal, timeline: Timeline, by_facility: bool) -> Rows:
    """Facility rows [F], summed into one group or, ``by_facility``, each into its own."""
    ends = np.cumsum([len(facility.power) for facility in deal.facilities]).tolist()
    return rows(
        records.FACILITY,
        (
            _facility_row(facility, timeline, (end - len(facility.power), end), f if by_facility else 0)
            for f, (facility, end) in enumerate(zip(deal.facilities, ends, strict=True))
        ),
    )


def resolve_costs(deal: Deal, timeline: Timeline) -> tuple[Rows, tuple[str, ...], Floats]:
    """Operating costs: rows [Q], the names of their lines, and monthly amounts [Q, N] with growth in.

    An amount is money per month, or per occupied kW and month.
    """
    names: dict[str, int] = {}
    table, amounts = [], []
    for f, facility in enumerate(deal.facilities):
        for cost in facility.operating_costs:
            line = names.setdefault(cost.name, len(records.LINES) + len(names))
            table.append({"facility": f, "line": line, "per_kw": int(cost.per_kw_month is not None)})
            growth = annual_growth(cost.growth, timeline.months)
            base = cost.per_kw_month if cost.annual is None else timeline.curve(cost.annual) / 12.0
            amounts.append(base * growth)
    shape = (len(table), timeline.months)
    return rows(records.COST, table), tuple(names), np.array(amounts, dtype=np.float64).reshape(shape)


def annual_growth(rate: float, months: int) -> Floats:
    """(1 + rate) to the whole years since closing, shape [months]: products only, so bits do not depend on the machine.

    >>> annual_growth(0.5, 25)[[0, 11, 12, 24]].tolist()
    [1.0, 1.0, 1.5, 2.25]
    """
    level, levels = 1.0, []
    for _ in range(-(-months // 12)):
        levels.append(level)
        level *= 1.0 + rate
    return np.repeat(np.array(levels), 12)[:months]


def _default_table(tenant: Tenant, ruleset: Ruleset) -> list[tuple[float, float]]:
    """(years, cumulative default probability) of a tenant: its own table, its one-year figure, or its rating's."""
    if tenant.cumulative_pd is not None:
        return [(float(years), float(pd)) for years, pd in tenant.cumulative_pd]
    if tenant.one_year_pd is not None:
        return [(1.0, tenant.one_year_pd)]
    category = scale(tenant.rating or "") or ruleset.credit.unrated_as
    table = ruleset.credit.cumulative_pd[category]
    return [(float(years), pd) for years, pd in zip(ruleset.credit.horizons, table, strict=True)]


def resolve_hazards(deal: Deal, ruleset: Ruleset) -> Hazards:
    """Cumulative hazards [T, H] at the knots of each tenant's default table; a short table repeats its last slope."""
    tables = [_default_table(tenant, ruleset) for tenant in deal.tenants]
    width = max(len(table) for table in tables)
    months = np.zeros((len(tables), width))
    hazards = np.zeros_like(months)
    for t, table in enumerate(tables):
        knots = 12.0 * np.array([years for years, _ in table])
        level = np.empty(len(table))
        kernel.cumulative_hazard(np.array([pd for _, pd in table]), level)
        extra = width - len(table)
        slope = max(0.0, float(level[-1] - (level[-2] if len(table) > 1 else 0.0)))
        run = float(knots[-1] - (knots[-2] if len(table) > 1 else 0.0))
        ahead = np.arange(1, extra + 1)
        months[t] = np.concatenate([knots, knots[-1] + run * ahead])
        hazards[t] = np.concatenate([level, level[-1] + slope * ahead])
    return Hazards(months, hazards, np.array([tenant.pd_multiplier for tenant in deal.tenants]))


def resolve(deal: Deal, ruleset: Ruleset, timeline: Timeline, by_facility: bool = False) -> Resolved:
    """Rows and curves of a deal's facilities over the months of a timeline."""
    leases, ramps, steps = resolve_leases(deal, timeline)
    costs, cost_names, amounts = resolve_costs(deal, timeline)
    shape = (len(deal.facilities), timeline.months)
    growth, rent, kw = np.empty(shape), np.empty((len(leases), shape[1])), np.empty((len(leases), shape[1]))
    kernel.compound_index(np.array([facility.market.growth for facility in deal.facilities], dtype=float), growth)
    cpi = timeline.curve(deal.market.cpi)
    kernel.contract(leases, ramps, steps, cpi, rent, kw)
    markets = resolve_markets(deal)
    return Resolved(
        timeline=timeline,
        facilities=resolve_facilities(deal, timeline, by_facility),
        leases=leases,
        ramps=ramps,
        steps=steps,
        markets=markets,
        contracts=resolve_contracts(deal, timeline),
        costs=costs,
        cost_names=cost_names,
        amounts=amounts,
        pue=np.array([timeline.curve(facility.pue) for facility in deal.facilities]),
        growth=growth,
        market_rent=markets["rent"][:, None] * growth,
        cpi=cpi,
        power_index=timeline.curve(deal.market.power_index),
        hazards=resolve_hazards(deal, ruleset),
        rent=rent,
        kw=kw,
    )
