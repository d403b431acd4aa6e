"""Simulated paths of a pool: obligor groups default together; each path pays the classes already sized."""

# Design: the groups' months of default are scripts of the scenario's runs, whose own default rates are left
# out; a chunk of paths is one call of each kernel. What a path came to is kept by its number, so that no
# figure depends on chunks or threads.

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from rackrate import kernel
from rackrate.engine.certificates.runs import PoolRuns
from rackrate.engine.certificates.waterfall import TrustRun, TrustTerms, pay_runs
from rackrate.engine.pool.cashflow import run_collaterals
from rackrate.engine.pool.paths import Paths, run_paths
from rackrate.engine.rows import Integers
from rackrate.engine.timeline import Floats

CHUNK = 32  # pairs of one call
MISSED = 1e-10  # of all that was issued
MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Drawn:
    """What paths came to, by pair and path of it [N, 2, ...] (axes: G group, K class).

    Collateral loss in money; month of default of each group, -1 for none; of each class principal lost,
    whether interest was ever left unpaid, and its average life in years, what is lost outstanding to the end.
    """

    collateral_loss: Floats
    default_month: Integers
    lost: Floats
    missed: "np.ndarray[tuple[int, int, int], np.dtype[np.bool_]]"
    life: Floats


@dataclass(frozen=True)
class PathTerms:
    """What all paths of a pool share."""

    paths: Paths
    call_share: float
    trust: TrustTerms | None
    principal: Floats
    group: Integers
    pd: Floats
    correlation: float
    seed: int


def path_terms(runs: PoolRuns, scenario: str, correlation: float, seed: int) -> PathTerms:
    """A pool's paths in a scenario, its default rates left out."""
    terms = replace(runs.scenarios[scenario], cdr=np.zeros_like(runs.scenarios[scenario].cdr), hazard=0.0)
    inputs, groups = runs.inputs(terms), runs.concentration.groups
    place = {x: g for g, group in enumerate(groups) for x in group.loans}
    return PathTerms(
        paths=run_paths(inputs),
        call_share=runs.call_share,
        trust=None if runs.structure is None else runs.terms(inputs),
        principal=np.array(runs.sizes.principal),
        group=np.array([place[x] for x in range(len(place))]),
        pd=np.array([group.pd for group in groups]),
        correlation=correlation,
        seed=seed,
    )


def run(
    terms: PathTerms,
    pairs: int,
    threads: int,
    progress: Callable[[int, int], None] | None = None,
    chunk: int = CHUNK,
) -> Drawn:
    """Run pairs of antithetic paths.

    Raises
    ------
    BalanceNotConserved, CertificatesNotConserved
        If a month of a path does not add up.
    """
    drawn = Drawn(
        collateral_loss=np.zeros((pairs, 2)),
        default_month=np.empty((pairs, 2, len(terms.pd)), dtype=np.int64),
        lost=np.zeros((pairs, 2, len(terms.principal))),
        missed=np.zeros((pairs, 2, len(terms.principal)), dtype=np.bool_),
        life=np.zeros((pairs, 2, len(terms.principal))),
    )
    horizon = terms.paths.inputs.loans.timeline.months
    kernel.default_months(terms.pd, terms.correlation, terms.seed, 0, horizon, drawn.default_month)
    with ThreadPoolExecutor(threads) as pool:
        done = 0
        for ran in pool.map(lambda part: _run(terms, part, drawn), _chunks(pairs, chunk)):
            done += ran
            if progress is not None:
                progress(2 * done, 2 * pairs)
    return drawn


def _chunks(pairs: int, chunk: int) -> Iterator[slice]:
    return (slice(first, min(first + chunk, pairs)) for first in range(0, pairs, chunk))


def _run(terms: PathTerms, part: slice, drawn: Drawn) -> int:
    """Run some pairs into what is drawn; how many."""
    months = drawn.default_month[part]
    runs = 2 * len(months)
    found = run_collaterals(
        terms.paths, terms.call_share, np.repeat(terms.paths.row, runs), _scripts(terms, months)
    )
    drawn.collateral_loss[part] = found.loss.reshape(-1, 2)
    if terms.trust is not None:
        paid = pay_runs(terms.trust, found.funds, found.stated, found.called)
        _keep(terms, paid, part, drawn)
    return len(months)


def _scripts(terms: PathTerms, months: Integers) -> Integers:
    """Month of each loan's default on each path [2 * pairs, L]: its group's, or the scenario's if sooner."""
    drawn = months.reshape(-1, months.shape[2])[:, terms.group]
    scripted = np.broadcast_to(terms.paths.inputs.scripted, drawn.shape)
    sooner = np.minimum(drawn, scripted)
    return np.where(drawn < 0, scripted, np.where(scripted < 0, drawn, sooner))


def _keep(terms: PathTerms, paid: TrustRun, part: slice, drawn: Drawn) -> None:
    """Keep what each class came to on some paths."""
    shape = (-1, 2, len(terms.principal))
    lost = paid.losses[:, :, 0]
    principal = paid.of_classes("principal_paid")
    years = np.arange(1, principal.shape[2] + 1) / MONTHS_A_YEAR
    outstanding = (principal * years).sum(axis=2) + lost * years[-1]
    drawn.lost[part] = lost.reshape(shape)
    unpaid = paid.of_classes("interest_unpaid").max(axis=2) > MISSED * terms.principal.sum()
    drawn.missed[part] = unpaid.reshape(shape)
    held = np.where(terms.principal > 0.0, terms.principal, 1.0)
    drawn.life[part] = (outstanding / held).reshape(shape)
