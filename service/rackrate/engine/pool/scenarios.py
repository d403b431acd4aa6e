"""Scenarios of a pool as terms: what the request leaves out filled in from the ruleset, key by key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
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
from rackrate.engine.timeline import Floats, Points, Timeline

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
    """A scenario with nothing left out.

    `cpr` [3, M] are prepayment rates where open, under a penalty and under yield maintenance; `cdr` [M]
    default rates. `is_random`: whether loans default by rates, so that a multiple of them means something.
    """

    name: str
    case: str
    rate_add: float
    cpr: Floats
    cdr: Floats
    hazard: float
    is_random: bool
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


def resolve_scenarios(
    pool: Pool, ruleset: Ruleset, defaults: PoolRuleset, timeline: Timeline
) -> dict[str, ScenarioTerms]:
    """Every scenario of a pool by name: the contract's, the base, then the request's own."""
    given = {scenario.name: scenario for scenario in pool.scenarios}
    base = given.pop(BASE, PoolScenario(name=BASE))
    asked = [PoolScenario(name=CONTRACT, test_maturity=False), base, *given.values()]
    return {scenario.name: _terms(scenario, ruleset, defaults, timeline) for scenario in asked}


def _terms(
    scenario: PoolScenario, ruleset: Ruleset, defaults: PoolRuleset, timeline: Timeline
) -> ScenarioTerms:
    standard, advances = defaults.scenario, scenario.advances
    is_contract = scenario.name == CONTRACT
    refinance = ruleset.refinance
    prepaying = (
        _or(scenario.cpr.open, standard.cpr.open),
        _or(scenario.cpr.penalty, standard.cpr.penalty),
        _or(scenario.cpr.yield_maintenance, standard.cpr.yield_maintenance),
    )
    defaulting = 0.0 if is_contract else _or(scenario.cdr, standard.cdr)
    hazard = 0.0 if is_contract else _or(scenario.hazard, standard.hazard)
    return ScenarioTerms(
        name=scenario.name,
        case=_or(scenario.case, standard.case),
        rate_add=_or(scenario.rate_add, standard.rate_add),
        cpr=np.array([timeline.curve(0.0 if is_contract else points) for points in prepaying]),
        cdr=timeline.curve(defaulting),
        hazard=hazard,
        is_random=hazard > 0.0 or _is_positive(defaulting),
        loan_defaults={event.loan: event.month for event in scenario.loan_defaults},
        sponsor_defaults={event.sponsor: event.month for event in scenario.sponsor_defaults},
        tenant_defaults=tuple(scenario.tenant_defaults),
        default_below=scenario.default_below,
        recovery=_recovery(scenario.recovery, standard.recovery),
        recovery_months=_or(scenario.recovery_months, standard.recovery_months),
        extension_months=_or(scenario.extension_months, standard.extension_months),
        retest_months=_or(scenario.retest_months, standard.retest_months),
        extension_sweep=_or(scenario.extension_sweep, standard.extension_sweep),
        test_maturity=_or(scenario.test_maturity, standard.test_maturity),
        arrears_default=not is_contract,
        refinance=scenario.refinance
        or PoolRefinance(
            rate=refinance.rate,
            months=refinance.months,
            dscr=refinance.dscr,
            ltv=refinance.ltv,
            cap_rate=refinance.cap_rate,
        ),
        advances=_or(advances.kind, standard.advances.kind),
        advance_rate=_or(advances.rate, standard.advances.rate),
        reduction_months=_or(
            advances.appraisal_reduction_months, standard.advances.appraisal_reduction_months
        ),
        appraisal_share=_or(advances.appraisal_share, standard.advances.appraisal_share),
        stop_share=_or(advances.stop_share, standard.advances.stop_share),
    )


def _is_positive(points: Points) -> bool:
    """Whether a curve is above zero anywhere, in the months of a pool or after them."""
    return any(value > 0.0 for _, value in points) if isinstance(points, list) else points > 0.0


def _or(given: Given | None, otherwise: Given) -> Given:
    return otherwise if given is None else given


def _recovery(
    given: ValueRecovery | SeverityRecovery, standard: ValueRecovery | SeverityRecovery
) -> Recovery:
    """A recovery key by key; one of another kind than the ruleset's stands whole."""
    if isinstance(given, SeverityRecovery):
        return Recovery(severity=given.severity, cap_rate=None, costs=0.0, decline=0.0)
    if isinstance(standard, SeverityRecovery):
        standard = ValueRecovery(cap_rate=None, costs=0.0, decline=0.0)
    cap_rate = standard.cap_rate if isinstance(given.cap_rate, UnsetType) else given.cap_rate
    return Recovery(
        severity=None,
        cap_rate=None if isinstance(cap_rate, UnsetType) else cap_rate,
        costs=_or(given.costs, standard.costs) or 0.0,
        decline=_or(given.decline, standard.decline) or 0.0,
    )
