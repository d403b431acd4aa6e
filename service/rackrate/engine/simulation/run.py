"""Run simulated paths in the kernel, in chunks and threads, and add up their tallies."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

import numpy as np

from rackrate import kernel
from rackrate.deal.errors import FieldError, Invalid
from rackrate.deal.factor import Factor
from rackrate.engine.simulation.estimates import Tally
from rackrate.engine.simulation.inputs import PathInputs
from rackrate.engine.structure.waterfall import AuditBreach
from rackrate.engine.timeline import Floats
from rackrate.kernel import records
from rackrate.kernel.arguments import Counts

CHUNK = 2048  # pairs of one call
NONE, NO_MONTHS = np.empty((0, 0)), np.empty((0, 0), dtype=np.int32)  # nothing to be kept


class Cancelled(Exception):  # noqa: N818  it is what was asked for, not a fault
    """The simulation was cancelled: nobody waits for it."""


def factor_row(factor: Factor) -> "np.ndarray[Any, np.dtype[np.void]]":
    """The terms of the one-factor model as the kernel's row."""
    names = records.FACTOR_TERMS.names or ()
    return np.array([tuple(getattr(factor, name) for name in names)], dtype=records.FACTOR_TERMS)


@dataclass(frozen=True)
class _Chunk:
    first: int
    pairs: int


def run(
    path: PathInputs,
    pairs: int,
    progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
    threads: int,
    chunk: int = CHUNK,
) -> Tally:
    """Run pairs of antithetic paths in threads and add up their tallies."""
    chunks = [_Chunk(first, min(chunk, pairs - first)) for first in range(0, pairs, chunk)]
    free: SimpleQueue[Tally] = SimpleQueue()
    tallies = [Tally(path.periods, path.classes) for _ in range(min(threads, len(chunks)))]
    for tally in tallies:
        free.put(tally)

    def work(part: _Chunk) -> int:
        if cancelled is not None and cancelled():
            raise Cancelled
        tally = free.get()
        try:
            run_chunk(path, part.first, part.pairs, tally)
        finally:
            free.put(tally)  # also after a refusal: a chunk that has begun waits for it
        return part.pairs

    done = 0
    with ThreadPoolExecutor(len(tallies)) as pool:
        try:
            for ran in pool.map(work, chunks):
                done += ran
                if progress is not None:
                    progress(2 * done, 2 * pairs)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for other in tallies[1:]:
        tallies[0].add(other)
    return tallies[0]


def run_chunk(
    path: PathInputs,
    first: int,
    pairs: int,
    tally: Tally,
    outcomes: Floats = NONE,
    defaults: Counts = NO_MONTHS,
    flows: Floats = NONE,
) -> None:
    """Run one chunk of pairs into a tally; the rest takes each path's quantities, defaults and cash flow."""
    kernel.simulate(*path.arguments(first, pairs), tally.arrays, outcomes, defaults, flows)
    if tally.breach[0] >= 0:
        at, period, kind = tally.breach.tolist()
        raise AuditBreach(
            f"the waterfall's books disagree in period {period} of path {at}: {records.BREACHES[kind]}"
        )
    if tally.uncounted(path.centres, path.scales):
        raise Invalid.of([FieldError("/deal", "a path's amounts are beyond what is added up exactly")])
    tally.carry()
