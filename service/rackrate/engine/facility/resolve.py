"""Resolve a deal's facilities and market: words and dates become arrays, once for all cases and scenarios."""

# Design: resolve, then price. Nothing after a room's resolve reads a curve or a date of the deal: this one
# has the facilities and the market, those of debt and structure what their own terms add.

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rackrate import kernel
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.facility.facilities import (
    EquipmentValue,
    resolve_costs,
    resolve_equipment,
    resolve_facilities,
)
from rackrate.engine.facility.leases import (
    contracted_months,
    resolve_leases,
    resolve_markets,
)
from rackrate.engine.facility.power import resolve_contracts
from rackrate.engine.facility.tenant_survival import Hazards, resolve_hazards
from rackrate.engine.rows import Rows
from rackrate.engine.timeline import Floats, Timeline, timeline

BY_MONTH = ("amounts", "pue", "growth", "market_rent", "cpi", "power_index", "base_rate", "rent", "kw")


@dataclass(frozen=True)
class CollateralTerms:
    """What debt and structure read of any collateral beside its income (axis: N month).

    Attributes
    ----------
    base_rate : array [N]
        Per year.
    cost : float
        Of all facilities, deal currency.
    equipment : EquipmentValue or None
        None where no facility has any.
    last_contract_end : int
        Month after the last contract lease.
    stabilised : int
        First month in which every contract lease has commenced, is ramped fully and has left free rent.
    """

    timeline: Timeline
    base_rate: Floats
    cost: float
    equipment: EquipmentValue | None
    last_contract_end: int
    stabilised: int


@dataclass(frozen=True)
class Resolved(CollateralTerms):
    """A deal's facilities and market as rows and curves (axes: F facility, L lease, T tenant, N month).

    Attributes
    ----------
    tenants : tuple of str, length T
        Their ids.
    appraisals : array [F]
        Appraised values, deal currency.
    """

    tenants: tuple[str, ...]
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
    appraisals: Floats

    def over(self, months: int) -> "Resolved":
        """Cut the curves to their first months; equipment stays over all."""
        cut: dict[str, Any] = {
            name: np.ascontiguousarray(getattr(self, name)[..., :months]) for name in BY_MONTH
        }
        return replace(self, timeline=timeline(self.timeline.closing, months), **cut)

    def by_facility(self) -> "Resolved":
        """The same facilities, the cash flow of each in a group of its own."""
        facilities = self.facilities.copy()
        facilities["group"] = np.arange(len(facilities))
        return replace(self, facilities=facilities)


def resolve(deal: Deal, ruleset: Ruleset, timeline: Timeline) -> Resolved:
    """Resolve a deal's facilities and market over the months of a timeline; all facilities are one group."""
    leases, ramps, steps = resolve_leases(deal, timeline)
    last_contract_end, stabilised = contracted_months(deal)
    markets = resolve_markets(deal)
    costs, cost_names, amounts = resolve_costs(deal, timeline)
    shape = (len(deal.facilities), timeline.months)
    growth, rent, kw = np.empty(shape), np.empty((len(leases), shape[1])), np.empty((len(leases), shape[1]))
    kernel.compound_index(
        np.array([facility.market.growth for facility in deal.facilities], dtype=float), growth
    )
    cpi = timeline.curve(deal.market.cpi)
    kernel.contract(leases, ramps, steps, cpi, rent, kw)
    return Resolved(
        timeline=timeline,
        tenants=tuple(tenant.id for tenant in deal.tenants),
        facilities=resolve_facilities(deal, timeline),
        equipment=resolve_equipment(deal, timeline),
        cost=sum(facility.cost for facility in deal.facilities),
        appraisals=np.array([facility.appraised_value for facility in deal.facilities], dtype=float),
        costs=costs,
        cost_names=cost_names,
        amounts=amounts,
        leases=leases,
        ramps=ramps,
        steps=steps,
        rent=rent,
        kw=kw,
        last_contract_end=last_contract_end,
        stabilised=stabilised,
        markets=markets,
        growth=growth,
        market_rent=markets["rent"][:, None] * growth,
        hazards=resolve_hazards(deal, ruleset),
        contracts=resolve_contracts(deal, timeline),
        pue=np.array([timeline.curve(facility.pue) for facility in deal.facilities]),
        cpi=cpi,
        power_index=timeline.curve(deal.market.power_index),
        base_rate=timeline.curve(deal.market.base_rate),
    )
