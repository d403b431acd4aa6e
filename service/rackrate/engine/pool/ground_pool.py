"""A pool of ground leases as a deal: its rents are the cash, its leases the collateral, all else as in a deal."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import fsum

import numpy as np

from rackrate.deal.ground_leases import LifeNpv
from rackrate.deal.pool_rulesets import PoolRuleset
from rackrate.deal.requests.pool import GroundPool
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing_tests import Appraisal, Npv, Sizing
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.facility.cashflow import CashFlow
from rackrate.engine.facility.income import YEAR, Income, Runs, cases_of
from rackrate.engine.pool.ground_leases import GroundRun, run_ground_leases
from rackrate.engine.pool.security import FacilityRuns
from rackrate.engine.facility.collateral import Collateral, months_paid
from rackrate.engine.facility.resolve import Resolved
from rackrate.engine.timeline import Floats, Timeline, timeline
from rackrate.engine.facility.valuation import Months, ValuationBasis, ValuedFacilities, lens, with_positive

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
class GroundEstate(ValuedFacilities):
    """Ground leases as what is valued: rent to expiry, and then what the landlord is left with.

    `receipts` [G, N] come beside net cash flow; `reversion` [G] is nothing where a lease is lost.
    """

    receipts: Floats
    reversion: Floats

    def one(self, g: int) -> "GroundEstate":
        """One of the leases."""
        at = slice(g, g + 1)
        rows = {name: getattr(self, name)[at].copy() for name in self.__dataclass_fields__}
        return GroundEstate(**rows)

    @cached_property
    def positive(self) -> Floats:
        """What a haircut is taken of in each month: the positive part of the rents, which are one income."""
        taken: Floats = np.maximum(self.ncf.sum(axis=0), 0.0)
        return taken

    @cached_property
    def valued(self) -> Floats:
        """Rent, receipts and reversions; a haircut is taken of rent alone."""
        flows = self.ncf + self.receipts
        for g, end in enumerate(self.expiry.tolist()):
            flows[g, end - 1] += self.reversion[g]
        return np.array([flows, np.maximum(self.ncf, 0.0)])

    def reverted(self, cap: float, at: Months) -> Floats:
        """Reversions as of each month, at the rate that capitalises the rent."""
        years = np.maximum(0, self.expiry[:, None] - at[None, :]) / 12.0
        worth = np.where(years > 0.0, self.reversion[:, None] * (1.0 + cap) ** -years, 0.0)
        total: Floats = worth.sum(axis=0)
        return total


@dataclass(frozen=True)
class GroundCollateral(Collateral):
    """A deal whose collateral is ground leases, run in every case it names."""

    clock: Timeline
    leases: Mapping[str, list[GroundRun]]
    estates: Mapping[str, GroundEstate]

    @property
    def timeline(self) -> Timeline:
        """Months of the whole horizon."""
        return self.clock


def as_deal(pool: GroundPool) -> Deal:
    """The pool as a deal: debt, sizing and structure as they are."""
    value = pool.sizing.value
    if isinstance(value, LifeNpv):
        value = Npv(discount_rate=value.discount_rate, months=1, terminal_cap_rate=1.0)
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
    """Run a pool's ground leases in every case it names."""
    deal = as_deal(pool)
    cases = cases_of(deal, ruleset)
    base = timeline(pool.closing, 1)
    life = max(base.index(lease.expiry) for lease in pool.ground_leases)
    beyond = max(months_paid(deal), defaults.ground.takeover_months) + 3 * YEAR
    clock = timeline(pool.closing, life + beyond)
    facilities = FacilityRuns(pool, ruleset, list(cases.values()), clock.months) if pool.facilities else None
    leases = {
        name: run_ground_leases(
            pool,
            pool.ground_leases,
            ruleset,
            defaults,
            case,
            clock,
            None if facilities is None else (facilities, i),
        )
        for i, (name, case) in enumerate(cases.items())
    }
    haircuts = {name: case.ncf_haircut or 0.0 for name, case in cases.items()}
    incomes = {name: _income(case, leases[name], haircuts[name]) for name, case in cases.items()}
    nothing = np.empty((0, 0, 0))
    return GroundCollateral(
        deal=deal,
        ruleset=ruleset,
        cases=cases,
        resolved=_unresolved(facilities),
        runs=Runs(incomes, CashFlow(nothing, nothing, nothing, nothing, ()), []),
        lenses={
            name: _to_expiry(lens(deal.sizing.value, case, ruleset), life) for name, case in cases.items()
        },
        estates={name: _estate(incomes[name], leases[name]) for name in cases},
        clock=clock,
        leases=leases,
    )


def _unresolved(facilities: FacilityRuns | None) -> Resolved:
    """The leaseholds as resolved, if there are any: debt and structure read nothing of them."""
    return facilities.resolved if facilities is not None else None  # type: ignore[return-value]


def _to_expiry(view: ValuationBasis, life: int) -> ValuationBasis:
    """A lens that discounts to the last expiry: nothing is left to capitalise after it."""
    return replace(view, months=life) if view.kind == "npv" else view


def net_of(runs: list[GroundRun], haircut: float) -> Floats:
    """Net cash flow of each ground lease [G, N], its positive part cut."""
    bare = np.array([run.income - run.costs for run in runs])
    cut: Floats = bare - haircut * np.maximum(bare, 0.0)
    return cut


def _income(case: "object", runs: list[GroundRun], haircut: float) -> Income:
    ncf = net_of(runs, haircut)
    receipts = np.array([run.receipts for run in runs])
    total = ncf.sum(axis=0)
    closing = fsum(total[:YEAR].tolist())
    return Income(
        case=case,  # type: ignore[arg-type]
        ncf=total,
        noi=total,
        available=total + receipts.sum(axis=0),
        facility_ncf=ncf,
        closing={"ncf": closing, "noi": closing},
        closing_ncf=np.ascontiguousarray(ncf[:, :YEAR]),
        contracted=None,
    )


def _estate(income: Income, runs: list[GroundRun]) -> GroundEstate:
    return GroundEstate(
        appraisals=np.array([run.lease.fee_value for run in runs]),
        expiry=np.array([run.expiry for run in runs], dtype=np.int64),
        closing=income.closing_ncf,
        ncf=income.facility_ncf,
        receipts=np.array([run.receipts for run in runs]),
        reversion=np.array([0.0 if run.is_lost else run.lease.reversion for run in runs]),
    )


def lines_of(priced: GroundCollateral, case: str, months: int) -> dict[str, list[float]]:
    """Lines of the landlord's cash flow in a case."""
    runs, income = priced.leases[case], priced.runs.incomes[case]
    rent = np.array([run.income for run in runs]).sum(axis=0)
    costs = np.array([run.costs for run in runs]).sum(axis=0)
    receipts = np.array([run.receipts for run in runs]).sum(axis=0)
    series = (rent, costs, rent - costs - income.ncf, income.ncf, income.noi, receipts, income.available)
    return {name: line[:months].tolist() for name, line in zip(LINES, series, strict=True)}
