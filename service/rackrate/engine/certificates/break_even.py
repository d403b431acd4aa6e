"""Break-evens of certificates: default rates, severity or haircut at which a class is unpaid."""

# Design: a point is a run of the whole pool and serves every class; points are scenarios of one call of
# each kernel.

from collections.abc import Callable, Iterable

import numpy as np

from rackrate.deal.answers.pools.certificates import ClassBreakEven, FirstLossPoint
from rackrate.engine.certificates.runs import PoolRuns
from rackrate.engine.certificates.waterfall import losses_of
from rackrate.engine.pool.cashflow import PoolCashFlow, run_collaterals
from rackrate.engine.pool.haircuts import haircut_lines, run_haircuts
from rackrate.engine.pool.paths import Paths
from rackrate.engine.rows import Rows
from rackrate.engine.structure.first_failure import PER_UNIT, STEPS, Failure, first_failures
from rackrate.engine.timeline import Floats

UNPAID = 1e-10  # of all that was issued
MULTIPLES, PER_MULTIPLE = 80, 4  # the default rates up to twenty times, by quarters
BATCH = 8  # points in one call: the last classes fail late or never, and memory is that of a batch


def break_evens(runs: PoolRuns) -> list[ClassBreakEven]:
    """How far default rates, severity and cash flow may go before each class is left unpaid."""
    inputs = runs.reported_collateral[0]
    terms, call, paths = runs.terms(inputs), runs.call_share, runs.reported_paths
    severe, lines = paths.severe(), haircut_lines(inputs)
    principal = np.array(runs.sizes.principal)
    above, held = UNPAID * runs.sizes.issued, np.flatnonzero(principal > 0.0)

    def short(found: PoolCashFlow) -> Floats:
        """What each class is owed in the end of every run [S, K]."""
        owed: Floats = losses_of(terms, found.funds, found.stated, found.called).sum(axis=2)
        return owed[:, held] - above

    def under(paths: Paths, rows: Rows) -> PoolCashFlow:
        return run_collaterals(paths, call, rows, np.repeat(inputs.scripted[None], len(rows), axis=0))

    def by_multiple(points: Floats) -> PoolCashFlow:
        rows = np.repeat(paths.row, len(points))
        rows["cdr_multiple"] = points
        return under(paths, rows)

    def by_severity(points: Floats) -> PoolCashFlow:
        rows = np.repeat(severe.row, len(points))
        rows["severity"] = points
        return under(severe, rows)

    def by_haircut(points: Floats) -> PoolCashFlow:
        return run_haircuts(lines, call, points)

    def found(
        by: Callable[[Floats], PoolCashFlow], steps: int = STEPS, per_unit: int = PER_UNIT
    ) -> list[Failure]:
        def excess(points: Floats) -> Floats:
            parts = (points[at : at + BATCH] for at in range(0, len(points), BATCH))
            return np.concatenate([short(by(part)) for part in parts])

        return first_failures(excess, steps, per_unit, BATCH)

    multiples = found(by_multiple, MULTIPLES, PER_MULTIPLE) if inputs.terms.is_random else None
    severities, haircuts = found(by_severity), found(by_haircut)
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
