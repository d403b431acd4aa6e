"""A pool of ground leases as a deal: its rents are the cash, its leases the collateral."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

import numpy as np

from rackrate.deal.cases import Case
from rackrate.deal.pools.ground_leases import LifeNpv
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing_tests import Sizing
from rackrate.deal.valuation import Npv, Value
from rackrate.engine.facility.cashflow import ScenarioCashFlows
from rackrate.engine.facility.collateral import Collateral, months_paid
from rackrate.engine.facility.income import YEAR, Income, Runs, cases_of
from rackrate.engine.facility.resolve import CollateralTerms, Resolved
from rackrate.engine.facility.valuation import valuation_bases
from rackrate.engine.property.facility_runs import FacilityRuns
from rackrate.engine.property.ground_leases import GroundRun, run_ground_leases
from rackrate.engine.property.ground_valuation import ValuedGroundLeases, net_of, to_expiry, valued_leases
from rackrate.engine.property.resolve import last_expiry, resolve_ground_leases, resolve_ground_terms
from rackrate.engine.timeline import timeline

LINES = (
    "ground_rent_income",
    "landlord_costs",
    "ncf_haircut",
    "ncf",
    "noi",
    "termination_receipts",
    "available",
)


@dataclass(frozen=True)
class GroundCollateral(Collateral):
    """Collateral of ground leases, run in every case that the pool names."""

    own_terms: CollateralTerms
    leases: Mapping[str, list[GroundRun]]
    valued: Mapping[str, ValuedGroundLeases]

    @property
    def terms(self) -> CollateralTerms:
        """What debt and structure read of it beside its income."""
        return self.own_terms


def as_deal(pool: GroundPool) -> Deal:
    """The pool as a deal: debt, sizing and structure as they are."""
    asked = pool.sizing.value
    value: Value
    if isinstance(asked, LifeNpv):
        value = Npv(discount_rate=asked.discount_rate, months=1, terminal_cap_rate=1.0)
    else:
        value = asked
    return Deal(
        name=pool.name,
        currency=pool.currency,
        closing=pool.closing,
        ruleset=pool.ruleset,
        tenants=pool.tenants,
        facilities=pool.facilities,
        market=pool.market,
        debt=pool.debt,
        cases=list(pool.cases),
        sizing=Sizing(case=pool.sizing.case, value=value, tests=pool.sizing.tests),
        structure=pool.structure,
    )


def price_ground_leases(pool: GroundPool, ruleset: Ruleset, defaults: PoolRuleset) -> GroundCollateral:
    """Run a pool's ground leases in every case it names or has."""
    deal = as_deal(pool)
    cases = cases_of(deal, ruleset) | {case.name: case for case in deal.cases}
    life = last_expiry(pool)
    beyond = max(months_paid(deal), defaults.ground.takeover_months) + 3 * YEAR
    clock = timeline(pool.closing, life + beyond)
    resolved = resolve_ground_leases(pool, clock)
    facilities = FacilityRuns(pool, ruleset, list(cases.values()), clock.months) if pool.facilities else None
    leases = {
        name: run_ground_leases(
            pool,
            resolved,
            ruleset,
            defaults,
            case,
            None if facilities is None else (facilities, i),
        )
        for i, (name, case) in enumerate(cases.items())
    }
    haircuts = {name: case.ncf_haircut or 0.0 for name, case in cases.items()}
    incomes = {name: _income(case, leases[name], haircuts[name]) for name, case in cases.items()}
    nothing, bases = np.empty((0, 0, 0)), valuation_bases(deal, ruleset, cases)
    return GroundCollateral(
        deal=deal,
        ruleset=ruleset,
        cases=cases,
        months_paid=months_paid(deal),
        resolved=_unresolved(facilities),
        runs=Runs(incomes, ScenarioCashFlows(nothing, nothing, nothing, nothing, ()), []),
        bases={name: to_expiry(basis, life) for name, basis in bases.items()},
        valued={name: valued_leases(leases[name], incomes[name].facility_ncf) for name in cases},
        own_terms=resolve_ground_terms(pool, clock, resolved),
        leases=leases,
    )


def _unresolved(facilities: FacilityRuns | None) -> Resolved:
    """The leaseholds as resolved, if there are any; debt and structure do not read them."""
    return facilities.resolved if facilities is not None else None  # type: ignore[return-value]


def _income(case: Case, runs: list[GroundRun], haircut: float) -> Income:
    ncf = net_of(runs, haircut)
    receipts = np.array([run.receipts for run in runs])
    total = ncf.sum(axis=0)
    closing = fsum(total[:YEAR].tolist())
    return Income(
        case=case,
        ncf=total,
        noi=total,
        available=total + receipts.sum(axis=0),
        facility_ncf=ncf,
        closing={"ncf": closing, "noi": closing},
        closing_ncf=np.ascontiguousarray(ncf[:, :YEAR]),
        contracted=None,
    )


def lines_of(priced: GroundCollateral, case: str, months: int) -> dict[str, list[float]]:
    """Lines of the landlord's cash flow in a case."""
    runs, income = priced.leases[case], priced.runs.incomes[case]
    rent = np.array([run.income for run in runs]).sum(axis=0)
    costs = np.array([run.costs for run in runs]).sum(axis=0)
    receipts = np.array([run.receipts for run in runs]).sum(axis=0)
    series = (rent, costs, rent - costs - income.ncf, income.ncf, income.noi, receipts, income.available)
    return {name: line[:months].tolist() for name, line in zip(LINES, series, strict=True)}
