"""Simulate a deal: Monte Carlo paths through the waterfall, on the classes already sized."""

# Design: the deal is priced, sized and structured once, as an underwriting is; the kernel then runs paths
# in chunks of pairs, in as many threads as asked for, and only what they came to is kept. Nothing of the
# answer depends on the chunks.

from collections.abc import Callable

from rackrate import __version__, processors
from rackrate.deal.answers.figures import RulesetStamp
from rackrate.deal.errors import Invalid, at_pointer
from rackrate.deal.requests.simulation import (
    ClassRisk,
    CoverFan,
    Estimate,
    SimulationAnswer,
    SimulationRequest,
    TriggerOdds,
    TriggerProbabilities,
    simulation_faults,
)
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.debt.case_flows import size_loan
from rackrate.engine.facility.collateral import run_cases
from rackrate.engine.simulation.estimates import Tally, amounts, cover, distribution, mean, odds
from rackrate.engine.simulation.inputs import PathInputs, path_inputs
from rackrate.engine.simulation.run import factor_row, run
from rackrate.engine.structure.payment import pay
from rackrate.kernel import records

FAN = (0.05, 0.25, 0.5, 0.75, 0.95)
TAIL = (0.95, 0.99, 0.999)
SHORTFALL = 0.99


def simulate(
    request: SimulationRequest,
    ruleset: Ruleset,
    *,
    id: str,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    threads: int | None = None,
) -> SimulationAnswer:
    """Simulate a deal: distributions of DSCR, triggers, losses, lives and equity over seeded paths.

    Parameters
    ----------
    progress : callable
        Told the paths run so far and those asked for, from time to time.
    cancelled : callable
        Asked from time to time whether to give up.
    threads : int
        Threads to run in, one a processor by default; the answer does not depend on it.

    Raises
    ------
    Invalid
        If the deal has no structure, or amounts of a path are beyond what can be added up exactly.
    CannotFinance
        If a test allows no debt, naming the test.
    Cancelled
        If it was given up.
    AuditBreach
        If the books of a path disagree, naming the path and the period.
    """
    structure = request.deal.structure
    faults = list(simulation_faults(request))
    if structure is None or faults:
        raise Invalid.of(faults)
    with at_pointer("/deal"):
        priced = run_cases(request.deal, ruleset)
        paid = pay(priced, size_loan(priced), structure)
    path = path_inputs(priced, paid, factor_row(request.factor), request.seed)
    pairs = request.paths // 2
    tally = run(path, pairs, progress, cancelled, threads or processors.available())
    return SimulationAnswer(
        id=id,
        engine=__version__,
        ruleset=RulesetStamp(name=ruleset.name, sha256=ruleset.sha256),
        paths=request.paths,
        seed=request.seed,
        dscr=fan(tally, path, pairs),
        triggers=triggers(tally, pairs),
        classes=[class_risk(tally, path, k, pairs) for k in range(tally.classes)],
        equity=distribution(amounts(tally, 0), average(tally, path, 0, pairs), FAN),
    )


def fan(tally: Tally, path: PathInputs, pairs: int) -> CoverFan:
    """Fan chart: quantiles of the DSCR by payment date."""
    spreads = [cover(tally, t) if tally.known[t] else None for t in range(tally.periods)]
    return CoverFan(
        month=[(t + 1) * path.period_months for t in range(tally.periods)],
        quantiles={f"{q:g}": [None if s is None else s.quantile(q) for s in spreads] for q in FAN},
        standard_errors={
            f"{q:g}": [None if s is None else s.quantile_error(q) for s in spreads] for q in FAN
        },
        share=(tally.known / (2 * pairs)).tolist(),
    )


def triggers(tally: Tally, pairs: int) -> TriggerProbabilities:
    """Probability of each trigger, ever and by month."""
    trap, amortise, sweep, pik = (
        TriggerOdds(
            ever=odds(tally.flags[-1, k], pairs),
            by_month=[odds(counts, pairs) for counts in tally.flags[:-1, k]],
        )
        for k in range(len(records.FLAGS))
    )
    return TriggerProbabilities(trap=trap, amortise=amortise, sweep=sweep, pik=pik)


def average(tally: Tally, path: PathInputs, quantity: int, pairs: int) -> Estimate:
    """Estimate of the mean of a quantity."""
    return mean(tally.totals[quantity], float(path.centres[quantity]), float(path.scales[quantity]), pairs)


def class_risk(tally: Tally, path: PathInputs, k: int, pairs: int) -> ClassRisk:
    """Probabilities of missed interest and loss, expected loss, tail and average life of a class."""
    loss, life = 1 + k, 1 + tally.classes + k
    lost = amounts(tally, loss)
    return ClassRisk(
        name=path.names[k],
        principal=path.principals[k],
        missed_interest=odds(tally.losses[k, 0], pairs),
        principal_loss=odds(tally.losses[k, 1], pairs),
        expected_loss=average(tally, path, loss, pairs),
        loss_quantiles={f"{q:g}": lost.quantile(q) for q in TAIL},
        loss_quantile_errors={f"{q:g}": lost.quantile_error(q) for q in TAIL},
        expected_shortfall=lost.tail_mean(SHORTFALL),
        wal=distribution(amounts(tally, life), average(tally, path, life, pairs), FAN)
        if path.principals[k] > 0.0
        else None,
    )
