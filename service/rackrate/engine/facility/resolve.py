"""Resolve: from words and dates to arrays, once for all cases, classes and scenarios."""

# Design: resolve, then price. Nothing after this module reads a deal's leases, contracts or dates.

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rackrate import kernel
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.facility.facilities import resolve_costs, resolve_facilities
from rackrate.engine.facility.leases import resolve_leases, resolve_markets
from rackrate.engine.facility.power import resolve_contracts
from rackrate.engine.facility.tenant_survival import Hazards, resolve_hazards
from rackrate.engine.rows import Rows
from rackrate.engine.timeline import Floats, Timeline, timeline


@dataclass(frozen=True)
class Resolved:
    """A deal's facilities as rows and curves over N months (axes: F facility, L lease, N month)."""

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

    def over(self, months: int) -> "Resolved":
        """Cut the curves to their first months."""
        curves = ("amounts", "pue", "growth", "market_rent", "cpi", "power_index", "rent", "kw")
        cut: dict[str, Any] = {
            name: np.ascontiguousarray(getattr(self, name)[..., :months]) for name in curves
        }
        return replace(self, timeline=timeline(self.timeline.closing, months), **cut)


def resolve(deal: Deal, ruleset: Ruleset, timeline: Timeline, by_facility: bool = False) -> Resolved:
    """Rows and curves of a deal's facilities over the months of a timeline."""
    leases, ramps, steps = resolve_leases(deal, timeline)
    costs, cost_names, amounts = resolve_costs(deal, timeline)
    shape = (len(deal.facilities), timeline.months)
    growth, rent, kw = np.empty(shape), np.empty((len(leases), shape[1])), np.empty((len(leases), shape[1]))
    kernel.compound_index(
        np.array([facility.market.growth for facility in deal.facilities], dtype=float), growth
    )
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
