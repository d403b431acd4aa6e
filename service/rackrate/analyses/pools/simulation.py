"""Simulate a pool of loans: obligor groups under the one-factor model, losses of the loans and by class."""

from collections.abc import Callable

import numpy as np

from rackrate import __version__, processors
from rackrate.deal.answers.figures import RulesetStamp
from rackrate.deal.errors import at_pointer
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.requests.pool_simulation import (
    CollateralRisk,
    PoolSimulation,
    PoolSimulationRequest,
    SimulatedGroup,
)
from rackrate.deal.requests.simulation import ClassRisk, Distribution
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.certificates.paths import MONTHS_A_YEAR, Drawn, path_terms, run
from rackrate.engine.certificates.runs import PoolRuns
from rackrate.engine.simulation.estimates import distribution, odds_of_pairs, pair_mean, sample

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
LIVES = (0.05, 0.25, 0.5, 0.75, 0.95)
TAIL = (0.95, 0.99, 0.999)
SHORTFALL = 0.99


def simulate_pool(
    request: PoolSimulationRequest,
    ruleset: Ruleset,
    defaults: PoolRuleset,
    *,
    id: str,
    progress: Callable[[int, int], None] | None = None,
    threads: int | None = None,
) -> PoolSimulation:
    """Simulate a pool of loans over seeded paths; the answer does not depend on the threads.

    Raises
    ------
    Invalid
        If a payment does not cover its interest.
    CannotFinance
        If the limits of the classes leave nothing to issue.
    """
    with at_pointer("/pool"):
        runs = PoolRuns(request.pool, ruleset, defaults)
        scenario = request.scenario or runs.reported
        correlation = request.asset_correlation
        if correlation is None:
            correlation = ruleset.credit.asset_correlation
        terms = path_terms(runs, scenario, correlation, request.seed)
    drawn = run(terms, request.paths // 2, threads or processors.available(), progress)
    lost = sample(drawn.collateral_loss)
    return PoolSimulation(
        id=id,
        engine=__version__,
        ruleset=RulesetStamp(name=ruleset.name, sha256=ruleset.sha256),
        pool_ruleset=RulesetStamp(name=defaults.name, sha256=defaults.sha256),
        scenario=scenario,
        paths=request.paths,
        seed=request.seed,
        asset_correlation=correlation,
        groups=_groups(runs, drawn),
        one_year_loss=_one_year(runs, drawn, defaults.concentration.lgd),
        collateral=CollateralRisk(
            loss=distribution(lost, pair_mean(drawn.collateral_loss), LEVELS),
            expected_shortfall=lost.tail_mean(SHORTFALL),
        ),
        classes=_classes(runs, drawn),
    )


def _groups(runs: PoolRuns, drawn: Drawn) -> list[SimulatedGroup]:
    maturity = runs.loans.loans["term"]
    found = []
    for g, group in enumerate(runs.concentration.groups):
        month = drawn.default_month[:, :, g]
        last = max(int(maturity[x]) for x in group.loans)
        found.append(
            SimulatedGroup(
                loans=[runs.pool.loans[x].id for x in group.loans],
                share=group.share,
                pd=group.pd,
                defaulted=odds_of_pairs((month >= 0) & (month < last)),
            )
        )
    return found


def _one_year(runs: PoolRuns, drawn: Drawn, lgd: float) -> Distribution:
    share = np.array([group.share for group in runs.concentration.groups])
    within = (drawn.default_month >= 0) & (drawn.default_month < MONTHS_A_YEAR)
    lost = np.where(within, share * lgd, 0.0).sum(axis=2)
    return distribution(sample(lost), pair_mean(lost), LEVELS)


def _classes(runs: PoolRuns, drawn: Drawn) -> list[ClassRisk]:
    if runs.structure is None:
        return []
    return [
        _class(note.name, principal, drawn, k)
        for k, (note, principal) in enumerate(zip(runs.structure.classes, runs.sizes.principal, strict=True))
    ]


def _class(name: str, principal: float, drawn: Drawn, k: int) -> ClassRisk:
    lost, life = drawn.lost[:, :, k], drawn.life[:, :, k]
    spread = sample(lost)
    return ClassRisk(
        name=name,
        principal=principal,
        missed_interest=odds_of_pairs(drawn.missed[:, :, k]),
        principal_loss=odds_of_pairs(lost > 0.0),
        expected_loss=pair_mean(lost),
        loss_quantiles={f"{q:g}": spread.quantile(q) for q in TAIL},
        loss_quantile_errors={f"{q:g}": spread.quantile_error(q) for q in TAIL},
        expected_shortfall=spread.tail_mean(SHORTFALL),
        wal=distribution(sample(life), pair_mean(life), LIVES) if principal > 0.0 else None,
    )
