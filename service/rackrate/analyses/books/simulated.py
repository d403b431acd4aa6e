"""Simulated losses of one deal of a book: cents by path, category and obligor, and its own distribution."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct

from rackrate.analyses.deals.points import Base
from rackrate.analyses.deals.simulation import class_risk
from rackrate.deal.requests.book import BookSimulation
from rackrate.deal.requests.simulation import ClassRisk, Estimate, TailMean
from rackrate.engine.book.attribution import attribute
from rackrate.engine.book.losses import CATEGORIES, cents, distribution, pair_squares
from rackrate.engine.facility.concentration import concentration
from rackrate.engine.rows import Integers
from rackrate.engine.simulation.estimates import Tally
from rackrate.engine.simulation.inputs import PathInputs, path_inputs
from rackrate.engine.simulation.run import factor_row, run_chunk
from rackrate.engine.simulation.streams import obligor_of
from rackrate.engine.structure.payment import Paid

BLOCK = 4096  # pairs of one call
GAP = 16  # pairs that are run rather than left out between two that are asked
LEVELS = ("0.95", "0.99", "0.999")


class PathLosses(Struct, frozen=True, kw_only=True):
    """One deal's losses on some paths.

    ``cents`` are int64 [paths with a loss, 6] by category, little-endian, ``paths`` their numbers. ``rows``
    are (path, obligor's place in ``keys``, cents), the null key at place -1.
    """

    row: int
    paths: bytes = b""
    cents: bytes = b""
    keys: list[str] = []
    rows: tuple[bytes, bytes, bytes] = (b"", b"", b"")

    def by_category(self) -> tuple[Integers, Integers]:
        """Paths with a loss, and their cents by category [paths, 6]."""
        return np.frombuffer(self.paths, np.int64), np.frombuffer(self.cents, np.int64).reshape(-1, 6)

    def by_obligor(self) -> Iterator[tuple[str | None, Integers, Integers]]:
        """Each obligor that the losses go to: paths, and its cents on them."""
        path, places, amount = (np.frombuffer(column, np.int64) for column in self.rows)
        for place in np.unique(places).tolist():
            here = places == place
            yield None if place < 0 else self.keys[place], path[here], amount[here]


class Simulated(Struct, frozen=True, kw_only=True):
    """One deal's simulation: what it came to on all paths, and its losses on those that are kept.

    ``total`` and ``squares`` (of pairs), and what goes to each of ``obligors``, are whole numbers of any
    size, in digits.
    """

    row: int
    name: str
    principals: list[float]
    losses: PathLosses
    obligors: list[tuple[str | None, str]]
    total: str
    squares: str
    standalone: dict[str, float]
    classes: list[dict[str, Any]]


def simulated(row: int, done: Base, asked: BookSimulation, as_of: date | None, fx_rate: float) -> Simulated:
    """Simulate a deal that has a structure; `fx_rate` is what 1 of its currency is in the reporting one."""
    path, paid, pairs = _inputs(done, asked, as_of), _paid(done), asked.paths // 2
    tally = Tally(path.periods, path.classes)
    blocks = [(first, min(BLOCK, pairs - first)) for first in range(0, pairs, BLOCK)]
    ran = _ran(path, paid, blocks, tally, fx_rate)
    total = ran.cents.sum(axis=1)
    losses, own = _path_losses(row, done, ran), distribution(total)
    somewhere = np.flatnonzero(total)
    return Simulated(
        row=row,
        name=done.priced.deal.name,
        principals=_principals(paid, fx_rate),
        losses=losses,
        obligors=[(key, str(sum(cents.tolist()))) for key, _, cents in losses.by_obligor()],
        total=str(sum(total.tolist())),
        squares=str(pair_squares(somewhere, total[somewhere])),
        standalone={level: own.expected_shortfall[level].value for level in LEVELS},
        classes=[_class(row, k, class_risk(tally, path, k, pairs)) for k in range(path.classes)],
    )


def on_paths(
    row: int, done: Base, asked: BookSimulation, as_of: date | None, fx_rate: float, paths: Integers
) -> PathLosses:
    """A simulated deal's losses on some of its paths, in ascending order, run again."""
    path, paid = _inputs(done, asked, as_of), _paid(done)
    ran = _ran(path, paid, _blocks(np.unique(paths // 2)), Tally(path.periods, path.classes), fx_rate)
    wanted = np.isin(ran.paths, paths)
    return _path_losses(row, done, _Ran(ran.paths[wanted], ran.cents[wanted], ran.defaults[wanted]))


def _blocks(pairs: Integers) -> list[tuple[int, int]]:
    """Runs of pairs that hold those that are asked: first, count; a small gap is run with them."""
    if not len(pairs):
        return []
    cuts = np.flatnonzero(np.diff(pairs) > GAP) + 1
    runs = zip(pairs[np.r_[0, cuts]].tolist(), pairs[np.r_[cuts - 1, -1]].tolist(), strict=True)
    return [(at, min(BLOCK, last + 1 - at)) for first, last in runs for at in range(first, last + 1, BLOCK)]


def _inputs(done: Base, asked: BookSimulation, as_of: date | None) -> PathInputs:
    return path_inputs(done.priced, _paid(done), factor_row(asked.factor), asked.seed, as_of)


def _paid(done: Base) -> Paid:
    if done.paid is None:
        raise ValueError("a deal without a structure has no losses")
    return done.paid


class _Ran(NamedTuple):
    """Paths that were run [N]: cents by category [N, 6], and months of the tenants' defaults [N, T]."""

    paths: Integers
    cents: Integers
    defaults: "np.ndarray[Any, Any]"


def _ran(
    path: PathInputs, paid: Paid, blocks: Sequence[tuple[int, int]], tally: Tally, fx_rate: float
) -> _Ran:
    """Run blocks of pairs into a tally."""
    count = 2 * sum(pairs for _, pairs in blocks)
    outcomes = np.empty((count, 1 + 2 * path.classes))
    months = np.empty((count, len(path.risk.thresholds)), dtype=np.int32)
    paths, done = np.empty(count, dtype=np.int64), 0
    for first, pairs in blocks:
        part = slice(done, done + 2 * pairs)
        run_chunk(path, first, pairs, tally, outcomes[part], months[part])
        paths[part], done = np.arange(2 * first, 2 * (first + pairs)), done + 2 * pairs
    return _Ran(paths, _by_category(paid, outcomes[:, 1 : 1 + path.classes], fx_rate), months)


def _path_losses(row: int, done: Base, ran: _Ran) -> PathLosses:
    """Losses by category and by obligor on the paths that lose."""
    total, final = ran.cents.sum(axis=1), _paid(done).structure.legal_final_months
    lost = np.flatnonzero(total)
    months = ran.defaults[lost]
    keys = [obligor_of(tenant) for tenant in done.priced.deal.tenants]
    shares = concentration(done.priced.resolved, len(keys)).share.tolist()
    gone = (months >= 0) & (months < final)
    parts = attribute(ran.paths[lost], total[lost].tolist(), gone, keys, shares)
    named = sorted({key for _, key, _ in parts if key is not None}, key=str.encode)
    place = {key: n for n, key in enumerate(named)} | {None: -1}
    columns = np.array([(at, place[key], part) for at, key, part in parts], dtype=np.int64).reshape(-1, 3)
    return PathLosses(
        row=row,
        paths=ran.paths[lost].tobytes(),
        cents=ran.cents[lost].tobytes(),
        keys=named,
        rows=(columns[:, 0].tobytes(), columns[:, 1].tobytes(), columns[:, 2].tobytes()),
    )


def _by_category(paid: Paid, losses: "np.ndarray[Any, Any]", fx_rate: float) -> Integers:
    """Cents by path and category [N, 6] of all classes' losses [N, K]."""
    found = np.zeros((len(losses), len(CATEGORIES)), dtype=np.int64)
    for k, issued in enumerate(paid.capital.classes):
        found[:, CATEGORIES.index(issued.supports or "none")] += cents(losses[:, k], fx_rate)
    return found


def _principals(paid: Paid, fx_rate: float) -> list[float]:
    """Principal by category."""
    found = [0.0] * len(CATEGORIES)
    for issued in paid.capital.classes:
        found[CATEGORIES.index(issued.supports or "none")] += issued.principal * fx_rate
    return found


def _class(row: int, k: int, risk: ClassRisk) -> dict[str, Any]:
    """Columns that a simulation adds to a class's row."""
    estimates: dict[str, Estimate | TailMean] = {
        "missed_interest": risk.missed_interest,
        "loss_probability": risk.principal_loss,
        "expected_loss": risk.expected_loss,
        "expected_shortfall": risk.expected_shortfall,
    }
    found: dict[str, Any] = {"row": row, "class": k}
    for name, estimate in estimates.items():
        found |= {name: estimate.value, f"{name}_se": estimate.standard_error}
    for level in LEVELS:
        column = f"loss_{level.removeprefix('0.')}"
        found |= {column: risk.loss_quantiles[level], f"{column}_se": risk.loss_quantile_errors[level]}
    return found
