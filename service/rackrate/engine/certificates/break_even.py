"""Break-evens of certificates: default rates, severity or haircut at which a class is unpaid."""

# Design: a point is a run of the whole pool and serves every class. Points that move no path are scenarios of
# one call.

from collections.abc import Iterable

import numpy as np

from rackrate.deal.answers.pools.certificates import ClassBreakEven, FirstLossPoint
from rackrate.engine.certificates.runs import PoolRuns
from rackrate.engine.certificates.waterfall import pay_runs
from rackrate.engine.pool.cashflow import run_collaterals
from rackrate.engine.pool.paths import Paths, run_paths
from rackrate.engine.rows import Rows
from rackrate.engine.structure.first_failure import Failure, first_failures
from rackrate.engine.timeline import Floats

UNPAID = 1e-10  # of all that was issued
MULTIPLES, PER_MULTIPLE = 80, 4  # the default rates up to twenty times, by quarters
BATCH = 8  # points of a scan in one call: the last classes fail late or never


def break_evens(runs: PoolRuns) -> list[ClassBreakEven]:
    """How far default rates, severity and cash flow may go before each class is left unpaid."""
    inputs = runs.reported_collateral[0]
    terms, call, paths = runs.terms(inputs), runs.call_share, runs.reported_paths
    principal = np.array(runs.sizes.principal)
    above, held = UNPAID * runs.sizes.issued, np.flatnonzero(principal > 0.0)

    def short(paths: Paths, rows: Rows) -> Floats:
        """What each class is owed in the end, on paths under each row of terms [S, K]."""
        scripted = np.repeat(inputs.scripted[None], len(rows), axis=0)
        found = run_collaterals(paths, call, rows, scripted)
        owed: Floats = pay_runs(terms, found.funds, found.stated, found.called).losses.sum(axis=2)
        return owed[:, held] - above

    def by_multiple(points: Floats) -> Floats:
        rows = np.repeat(paths.row, len(points))
        rows["cdr_multiple"] = points
        return short(paths, rows)

    def by_severity(points: Floats) -> Floats:
        severe = paths.severe()
        rows = np.repeat(severe.row, len(points))
        rows["severity"] = points
        return short(severe, rows)

    def by_haircut(points: Floats) -> Floats:
        return np.concatenate([short(run_paths(inputs, g), paths.row) for g in points.tolist()])

    multiples = (
        first_failures(by_multiple, MULTIPLES, PER_MULTIPLE, BATCH) if inputs.terms.is_random else None
    )
    severities, haircuts = (first_failures(by, batch=BATCH) for by in (by_severity, by_haircut))
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
