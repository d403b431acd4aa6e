"""Scenarios of a pool as terms: what the request leaves out filled in from the ruleset, key by key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from msgspec import UnsetType

from rackrate.deal.cases import TenantDefault
from rackrate.deal.debt import DebtRate
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.pools.scenarios import (
    BASE,
    CONTRACT,
    DefaultBelow,
    PoolRefinance,
    PoolScenario,
    SeverityRecovery,
    ValueRecovery,
)
from rackrate.deal.requests.pool import Pool
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.timeline import Points

Given = TypeVar("Given")


@dataclass(frozen=True)
class Recovery:
    """What a default brings: a sale at a capitalisation rate (or none), or a stated severity."""

    severity: float | None
    cap_rate: float | None
    costs: float
    decline: float


@dataclass(frozen=True)
class ScenarioTerms:
    """A scenario with nothing left out."""

    name: str
    case: str
    rate_add: float
    cpr: tuple[Points, Points, Points]
    cdr: Points
    hazard: float
    loan_defaults: Mapping[str, int]
    sponsor_defaults: Mapping[str, int]
    tenant_defaults: tuple[TenantDefault, ...]
    default_below: DefaultBelow | None
    recovery: Recovery
    recovery_months: int
    extension_months: int
    retest_months: int
    extension_sweep: float
    test_maturity: bool
    arrears_default: bool
    refinance: PoolRefinance
    advances: str
    advance_rate: DebtRate
    reduction_months: int
    appraisal_share: float
    stop_share: float

    @property
    def is_random(self) -> bool:
        """Whether loans default by rates, so that a multiple of them means something."""
        rates = self.cdr if isinstance(self.cdr, list) else [(None, self.cdr)]
        return self.hazard > 0.0 or any(rate > 0.0 for _, rate in rates)


def scenarios_of(pool: Pool, ruleset: Ruleset, defaults: PoolRuleset) -> dict[str, ScenarioTerms]:
    """Every scenario of a pool by name: the contract's, the base, then the request's own."""
    given = {scenario.name: scenario for scenario in pool.scenarios}
    base = given.pop(BASE, PoolScenario(name=BASE))
    asked = [PoolScenario(name=CONTRACT, test_maturity=False), base, *given.values()]
    return {scenario.name: _terms(scenario, ruleset, defaults) for scenario in asked}


def _terms(scenario: PoolScenario, ruleset: Ruleset, defaults: PoolRuleset) -> ScenarioTerms:
    house, advances = defaults.scenario, scenario.advances
    is_contract = scenario.name == CONTRACT
    refinance = ruleset.refinance
    return ScenarioTerms(
        name=scenario.name,
        case=_or(scenario.case, house.case),
        rate_add=_or(scenario.rate_add, house.rate_add),
        cpr=(0.0, 0.0, 0.0)
        if is_contract
        else (
            _or(scenario.cpr.open, house.cpr.open),
            _or(scenario.cpr.penalty, house.cpr.penalty),
            _or(scenario.cpr.yield_maintenance, house.cpr.yield_maintenance),
        ),
        cdr=0.0 if is_contract else _or(scenario.cdr, house.cdr),
        hazard=0.0 if is_contract else _or(scenario.hazard, house.hazard),
        loan_defaults={event.loan: event.month for event in scenario.loan_defaults},
        sponsor_defaults={event.sponsor: event.month for event in scenario.sponsor_defaults},
        tenant_defaults=tuple(scenario.tenant_defaults),
        default_below=scenario.default_below,
        recovery=_recovery(scenario.recovery, house.recovery),
        recovery_months=_or(scenario.recovery_months, house.recovery_months),
        extension_months=_or(scenario.extension_months, house.extension_months),
        retest_months=_or(scenario.retest_months, house.retest_months),
        extension_sweep=_or(scenario.extension_sweep, house.extension_sweep),
        test_maturity=_or(scenario.test_maturity, house.test_maturity),
        arrears_default=not is_contract,
        refinance=scenario.refinance
        or PoolRefinance(
            rate=refinance.rate,
            months=refinance.months,
            dscr=refinance.dscr,
            ltv=refinance.ltv,
            cap_rate=refinance.cap_rate,
        ),
        advances=_or(advances.kind, house.advances.kind),
        advance_rate=_or(advances.rate, house.advances.rate),
        reduction_months=_or(advances.appraisal_reduction_months, house.advances.appraisal_reduction_months),
        appraisal_share=_or(advances.appraisal_share, house.advances.appraisal_share),
        stop_share=_or(advances.stop_share, house.advances.stop_share),
    )


def _or(given: Given | None, house: Given) -> Given:
    return house if given is None else given


def _recovery(given: ValueRecovery | SeverityRecovery, house: ValueRecovery | SeverityRecovery) -> Recovery:
    """A recovery key by key; one of another kind than the ruleset's stands whole."""
    if isinstance(given, SeverityRecovery):
        return Recovery(severity=given.severity, cap_rate=None, costs=0.0, decline=0.0)
    if isinstance(house, SeverityRecovery):
        house = ValueRecovery(cap_rate=None, costs=0.0, decline=0.0)
    cap_rate = house.cap_rate if isinstance(given.cap_rate, UnsetType) else given.cap_rate
    return Recovery(
        severity=None,
        cap_rate=None if isinstance(cap_rate, UnsetType) else cap_rate,
        costs=_or(given.costs, house.costs) or 0.0,
        decline=_or(given.decline, house.decline) or 0.0,
    )
