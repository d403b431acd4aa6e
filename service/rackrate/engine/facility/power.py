"""Resolve power: supply contracts as rows, in the order they apply."""

import math

from rackrate.deal.facility import power as terms
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.rows import FOREVER, Rows, rows
from rackrate.engine.timeline import Timeline
from rackrate.kernel import records

KINDS = {
    terms.FixedBlock: records.FIXED_BLOCK,
    terms.FullRequirements: records.FULL_REQUIREMENTS,
    terms.Indexed: records.INDEXED,
    terms.Tariff: records.TARIFF,
    terms.Cfd: records.CFD,
}


def resolve_contracts(deal: Deal, timeline: Timeline) -> Rows:
    """Power contracts in the order they apply, facility by facility, rows [C]."""
    return rows(
        records.POWER,
        (
            {
                "kind": KINDS[type(contract)],
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


def _price(contract: terms.PowerContract) -> float:
    match contract:
        case terms.Indexed(adder=adder):
            return adder
        case terms.Cfd(strike=strike):
            return strike
    return contract.price_per_mwh
