"""Resolve leases: the rent roll and the letting markets as rows."""

import math

from rackrate.deal.facility import leases as terms
from rackrate.deal.facility.leases import Lease
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.units import month_index
from rackrate.engine.rows import Rows, rows, spans
from rackrate.engine.timeline import Timeline
from rackrate.kernel import records

BOOKED_AFTER = 3  # months from closing after which a lease not yet commenced is booked, not billed
ESCALATIONS: dict[type[terms.Escalation], int] = {
    terms.FixedEscalation: records.FIXED_ESCALATION,
    terms.CpiEscalation: records.CPI_ESCALATION,
    terms.StepsEscalation: records.STEPPED_RENT,
}
POWER_TERMS: dict[type[terms.PowerTerms], int] = {
    terms.Metered: records.METERED,
    terms.FixedPrice: records.FIXED_PRICE,
    terms.Included: records.INCLUDED,
    terms.Direct: records.DIRECT,
}
RENEW_AT = {"market": records.AT_MARKET, "in_place": records.IN_PLACE, "lower_of": records.LOWER_OF}


def contracted_months(deal: Deal) -> tuple[int, int]:
    """Month after the last contract lease, and the first month in which all of them are stabilised.

    By then each has commenced, is ramped fully and has left free rent.
    """
    starts = [(month_index(lease.commencement, deal.closing), lease) for _, _, lease in leases_of(deal)]
    last_end = max(start + lease.term_months for start, lease in starts)
    return last_end, max(0, *(start + _settled(lease) for start, lease in starts))


def _settled(lease: Lease) -> int:
    ramped = lease.ramp[-1].from_month if lease.ramp else 0
    return max(ramped, lease.free_rent_months)


def leases_of(deal: Deal) -> list[tuple[int, int, Lease]]:
    """Every lease with the indices of its facility and of itself in it, in the order of the document."""
    return [
        (f, n, lease) for f, facility in enumerate(deal.facilities) for n, lease in enumerate(facility.leases)
    ]


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
        "power_escalation": power.escalation if isinstance(power, terms.FixedPrice) else 0.0,
        "fee_months": 0.0 if option is None else option.fee_months,
        "termination_probability": 0.0 if option is None else option.probability,
        "security_months": deal.tenants[tenant].security_months,
    }


def resolve_leases(deal: Deal, timeline: Timeline) -> tuple[Rows, Rows, Rows]:
    """Lease rows [L] with their ramp and rent steps."""
    tenants = {tenant.id: t for t, tenant in enumerate(deal.tenants)}
    entries = leases_of(deal)
    ramps = [
        [{"from_month": s.from_month, "value": s.kw} for s in lease.ramp or ()] for _, _, lease in entries
    ]
    steps = [
        [
            {"from_month": s.from_month, "value": s.rent_per_kw_month}
            for s in (lease.escalation.steps if isinstance(lease.escalation, terms.StepsEscalation) else ())
        ]
        for _, _, lease in entries
    ]
    table = [_lease_row(f, lease, tenants, deal, timeline) for f, _, lease in entries]
    for row, ramp, step in zip(table, spans(ramps), spans(steps), strict=True):
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
