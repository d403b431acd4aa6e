"""Break-evens of certificates: default rates, severity or haircut at which a class is unpaid."""

# Design: a point is a run of the whole pool and serves every class, so points come a few at a time; what no
# point moves is worked out once before the first.

from collections.abc import Callable, Iterable

import numpy as np

from rackrate.deal.answers.pool import ClassBreakEven, FirstLossPoint
from rackrate.engine.certificates.runs import PoolRuns
from rackrate.engine.certificates.waterfall import pay
from rackrate.engine.pool.cashflow import run_collateral
from rackrate.engine.pool.paths import Paths, run_paths
from rackrate.engine.structure.first_failure import Failure, first_failures
from rackrate.engine.timeline import Floats

UNPAID = 1e-10  # of all that was issued
MULTIPLES, PER_MULTIPLE = 80, 4  # the default rates up to twenty times, by quarters
BATCH = 4  # points of a scan: the last classes fail late or never


def break_evens(runs: PoolRuns) -> list[ClassBreakEven]:
    """How far default rates, severity and cash flow may go before each class is left unpaid."""
    inputs = runs.reported_collateral[0]
    terms, call, paths = runs.terms(inputs), runs.call_share, runs.reported_paths
    principal = np.array(runs.sizes.principal)
    above, held = UNPAID * runs.sizes.issued, np.flatnonzero(principal > 0.0)

    def excess(moved: Callable[[float], Paths], multiples: bool = False) -> Callable[[Floats], Floats]:
        def at(point: float) -> Floats:
            found = run_collateral(moved(point), call, point if multiples else 1.0)
            short: Floats = pay(terms, found).losses.sum(axis=1)[held] - above
            return short

        return lambda points: np.array([at(point) for point in points.tolist()])

    random = inputs.terms.is_random
    multiples = (
        first_failures(excess(lambda _: paths, multiples=True), MULTIPLES, PER_MULTIPLE, BATCH)
        if random
        else None
    )
    severities = first_failures(excess(paths.severe), batch=BATCH)
    haircuts = first_failures(excess(lambda haircut: run_paths(inputs, haircut)), batch=BATCH)
    points = [_points(found, held.tolist(), len(principal)) for found in (multiples, severities, haircuts)]
    return [
        ClassBreakEven(cdr_multiple=multiple, severity=severity, ncf_haircut=haircut)
        for multiple, severity, haircut in zip(*points, strict=True)
    ]


def _points(found: Iterable[Failure] | None, held: list[int], classes: int) -> list[FirstLossPoint]:
    """The break-even of every class, of those that are held as they were found."""
    points = [FirstLossPoint(value=None, status="not_applicable") for _ in range(classes)]
    for k, failure in zip(held, found or [], strict=found is not None):
        value = failure.value if failure.status == "solved" else None
        points[k] = FirstLossPoint(value=value, status=failure.status)
    return points
