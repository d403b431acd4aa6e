"""Runs of a pool: every scenario's collateral, the classes sized on it, and the certificates paid from it."""

# Design: one object has what every figure of the answer reads, each computed once and only when it is read.

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rackrate.deal.cases import ISSUER, TenantDefault
from rackrate.deal.pools.certificates import Certificates
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.pools.scenarios import BASE, CONTRACT
from rackrate.deal.requests.pool import Pool, horizon_months
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.certificates.classes import Sizes, size
from rackrate.engine.certificates.waterfall import TrustRun, TrustTerms, pay, trust_terms
from rackrate.engine.facility.income import YEAR
from rackrate.engine.pool.cashflow import PoolCashFlow, run_collateral
from rackrate.engine.pool.concentration import PoolConcentration, concentration
from rackrate.engine.pool.coverage import Covers, enhancement, named_cases
from rackrate.engine.pool.loans import resolve_loans
from rackrate.engine.pool.paths import Paths, ScenarioInputs, run_paths, scenario_inputs
from rackrate.engine.pool.scenarios import ScenarioTerms, resolve_scenarios
from rackrate.engine.property.security import CaseKey, Securities, case_key
from rackrate.engine.timeline import Floats, timeline


@dataclass(frozen=True)
class CapacityOf:
    """What a category carries: the loans' own enhancement, the pool's, and the principal."""

    category: str
    by_loan: list[float]
    loan_enhancement: float
    enhancement: float
    principal: float


@dataclass(frozen=True)
class ScenarioRun:
    """A scenario run: its collateral, and its certificates where there are any."""

    inputs: ScenarioInputs
    collateral: PoolCashFlow
    terms: TrustTerms | None
    trust: TrustRun | None


class PoolRuns:
    """A pool of loans, run in its scenarios."""

    def __init__(self, pool: Pool, ruleset: Ruleset, defaults: PoolRuleset) -> None:
        """Resolve the loans, and let and price what secures them in every case."""
        self.pool, self.ruleset, self.defaults = pool, ruleset, defaults
        months = horizon_months(pool)
        span = max(months, YEAR)  # a loan is measured over a year, however soon legal final is
        self.clock, longer = timeline(pool.closing, months), timeline(pool.closing, span)
        self.scenarios = resolve_scenarios(pool, ruleset, defaults, longer)
        loans = resolve_loans(pool, longer)
        self.loans = loans.over(months)
        self.total = math.fsum(self.loans.balance.tolist())
        self.named_cases = named_cases(pool, defaults, self.scenarios)
        self._runs: dict[str, ScenarioRun] = {}
        self.securities = Securities(pool, ruleset, defaults, span, self._keys())
        self.covers = Covers(pool, defaults, loans.over(YEAR), self.securities, self.scenarios[CONTRACT])

    def _keys(self) -> Iterable[CaseKey]:
        """Cases of the loans' figures and of the scenarios."""
        yield from (case_key(name) for name in self.named_cases)
        yield from (case_key(terms.case, terms.tenant_defaults) for terms in self.scenarios.values())

    @property
    def structure(self) -> Certificates | None:
        """The certificates, if any."""
        return self.pool.structure

    @property
    def reported(self) -> str:
        """Name of the reported scenario."""
        return BASE if self.structure is None else self.structure.scenario

    @cached_property
    def reported_rate(self) -> Floats:
        """Rate of each loan in the first month at the contract's index [L]."""
        return np.ascontiguousarray(self.loans.contract_rate[:, 0])

    @property
    def call_share(self) -> float:
        """Share of the pool at or below which the rest is bought."""
        return 0.0 if self.structure is None else self.structure.clean_up_call

    @cached_property
    def concentration(self) -> PoolConcentration:
        """How the balance is spread at closing."""
        return concentration(
            self.pool, self.ruleset, self.defaults, self.loans, self.securities, self.covers.of(ISSUER)
        )

    @cached_property
    def capacity(self) -> list[CapacityOf]:
        """What each category carries, best first."""
        spread = self.concentration
        found = []
        for category, criteria in self.defaults.capacity.items():
            by_loan = self.covers.capacity(category).tolist()
            loan = 1.0 - math.fsum(by_loan) / self.total
            whole = enhancement(
                criteria, loan, spread.effective_groups, spread.top("group", criteria.obligors)
            )
            found.append(CapacityOf(category, by_loan, loan, whole, (1.0 - whole) * self.total))
        return found

    def inputs(self, terms: ScenarioTerms) -> ScenarioInputs:
        """What the runs of a scenario read."""
        key = case_key(terms.case, terms.tenant_defaults)
        security, add = self.securities.of(key).over(self.clock.months), self.securities.rate_add(key)
        return scenario_inputs(self.pool, self.loans, terms, self.defaults, security, add)

    @cached_property
    def reported_paths(self) -> Paths:
        """Loans of the reported scenario without default."""
        return run_paths(self.inputs(self.scenarios[self.reported]))

    @cached_property
    def reported_collateral(self) -> tuple[ScenarioInputs, PoolCashFlow]:
        """The reported scenario's collateral: classes are sized on its first month."""
        paths = self.reported_paths
        return paths.inputs, run_collateral(paths, self.call_share)

    @cached_property
    def sizes(self) -> Sizes:
        """The classes."""
        if self.structure is None:
            return Sizes([], [], [])
        inputs, found = self.reported_collateral
        fee = math.fsum(fee.annual + fee.rate * self.total for fee in self.structure.fees) / 12.0
        pool_rate = max(0.0, (float(found.line("accrued")[0]) - fee) / self.total)
        largest = {row.category: row.principal for row in self.capacity}
        return size(self.structure, self.covers, largest, pool_rate, inputs.add)

    def run(self, name: str) -> ScenarioRun:
        """A scenario by its name."""
        if name not in self._runs:
            self._runs[name] = self.run_terms(self.scenarios[name], name == self.reported)
        return self._runs[name]

    def run_terms(self, terms: ScenarioTerms, is_reported: bool = False) -> ScenarioRun:
        """A scenario by its terms."""
        if is_reported:
            inputs, found = self.reported_collateral
        else:
            inputs = self.inputs(terms)
            found = run_collateral(run_paths(inputs), self.call_share)
        if self.structure is None:
            return ScenarioRun(inputs, found, None, None)
        held = self.terms(inputs)
        return ScenarioRun(inputs, found, held, pay(held, found))

    def terms(self, inputs: ScenarioInputs) -> TrustTerms:
        """The certificates as rows, in a scenario."""
        if self.structure is None:
            raise ValueError("structure: there is none")
        return trust_terms(self.structure, self.defaults, self.sizes, self.loans, inputs.add)

    def stresses(self) -> list[tuple[str, str, float, ScenarioRun]]:
        """The reported scenario with each of the largest obligors in default: kind, name, share, run."""
        criteria, terms = self.defaults.concentration, self.scenarios[self.reported]
        largest = {
            kind: self.concentration.by[kind][: criteria.stress_obligors] for kind in ("tenant", "sponsor")
        }
        events = {
            name: TenantDefault(tenant=name, month=criteria.stress_month) for name, _ in largest["tenant"]
        }
        stressed = {
            ("tenant", name): replace(terms, tenant_defaults=(*terms.tenant_defaults, event))
            for name, event in events.items()
        }
        for name, _ in largest["sponsor"]:
            month = min(criteria.stress_month, terms.sponsor_defaults.get(name, criteria.stress_month))
            stressed["sponsor", name] = replace(
                terms, sponsor_defaults={**terms.sponsor_defaults, name: month}
            )
        self.securities.add(case_key(own.case, own.tenant_defaults) for own in stressed.values())
        return [
            (kind, name, share, self.run_terms(stressed[kind, name]))
            for kind, pairs in largest.items()
            for name, share in pairs
        ]
