"""Simulated losses of one deal of a book: cents by path, category and obligor, and its own distribution."""

from datetime import date
from typing import Any

import numpy as np
from msgspec import Struct

from rackrate.analyses.deals.points import Base
from rackrate.analyses.deals.simulation import class_risk
from rackrate.deal.requests.book import BookSimulation
from rackrate.deal.requests.simulation import ClassRisk, Estimate, TailMean
from rackrate.engine.book.attribution import attribute
from rackrate.engine.book.losses import CATEGORIES, cents, distribution, pair_squares
from rackrate.engine.facility.tenant_credit import concentration
from rackrate.engine.rows import Integers
from rackrate.engine.simulation.estimates import Tally
from rackrate.engine.simulation.inputs import PathInputs, path_inputs
from rackrate.engine.simulation.run import factor_row, run_chunk
from rackrate.engine.simulation.streams import obligor_of
from rackrate.engine.structure.payment import Paid

BLOCK = 4096  # pairs of one call
LEVELS = ("0.95", "0.99", "0.999")


class Simulated(Struct, frozen=True, kw_only=True):
    """One deal's losses on all paths.

    ``cents`` are int64 [paths with a loss, 6] by category, little-endian, ``paths`` their numbers. ``rows``
    are (path, obligor's place in ``keys``, cents), the null key at place -1. ``total`` and ``squares`` (of
    pairs) are whole numbers of any size, in digits.
    """

    row: int
    name: str
    principals: list[float]
    paths: bytes
    cents: bytes
    keys: list[str]
    rows: tuple[bytes, bytes, bytes]
    total: str
    squares: str
    standalone: dict[str, float]
    classes: list[dict[str, Any]]

    def losses(self) -> tuple[Integers, Integers]:
        """Paths with a loss, and their cents by category [paths, 6]."""
        return np.frombuffer(self.paths, np.int64), np.frombuffer(self.cents, np.int64).reshape(-1, 6)

    def shared(self) -> tuple[Integers, Integers, Integers]:
        """Path, place of the obligor and cents of each part of a loss."""
        path, key, amount = (np.frombuffer(column, np.int64) for column in self.rows)
        return path, key, amount


def simulated(row: int, done: Base, asked: BookSimulation, as_of: date | None, q: float) -> Simulated:
    """Simulate a deal that has a structure; `q` is the reporting currency's worth of a unit of its own."""
    if done.paid is None:
        raise ValueError("a deal without a structure has no losses")
    deal = done.priced.deal
    path = path_inputs(done.priced, done.paid, factor_row(asked.factor), asked.seed, as_of)
    tally, losses, months = _run(path, asked.paths // 2)
    by_category, principals = _by_category(done.paid, losses, q)
    total = by_category.sum(axis=1)
    somewhere = np.flatnonzero(total)
    final = done.paid.structure.legal_final_months
    gone = (months[somewhere] >= 0) & (months[somewhere] < final)
    keys = [obligor_of(tenant) for tenant in deal.tenants]
    shares = concentration(done.priced.resolved, len(keys)).share.tolist()
    parts = attribute(somewhere, total[somewhere].tolist(), gone, keys, shares)
    named = sorted({key for _, key, _ in parts if key is not None}, key=str.encode)
    place = {key: n for n, key in enumerate(named)} | {None: -1}
    columns = np.array([(at, place[key], part) for at, key, part in parts], dtype=np.int64).reshape(-1, 3)
    own = distribution(total)
    return Simulated(
        row=row,
        name=deal.name,
        principals=principals,
        paths=somewhere.astype(np.int64).tobytes(),
        cents=by_category[somewhere].tobytes(),
        keys=named,
        rows=(columns[:, 0].tobytes(), columns[:, 1].tobytes(), columns[:, 2].tobytes()),
        total=str(sum(total.tolist())),
        squares=str(pair_squares(somewhere, total[somewhere])),
        standalone={level: own.expected_shortfall[level].value for level in LEVELS},
        classes=[_class(row, k, class_risk(tally, path, k, asked.paths // 2)) for k in range(path.classes)],
    )


def _run(path: PathInputs, pairs: int) -> tuple[Tally, "np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
    """The tally of all paths, each path's losses [N, K], and its tenants' months of default [N, T]."""
    tally = Tally(path.periods, path.classes)
    outcomes = np.empty((2 * pairs, 1 + 2 * path.classes))
    months = np.empty((2 * pairs, len(path.risk.thresholds)), dtype=np.int32)
    for first in range(0, pairs, BLOCK):
        count = min(BLOCK, pairs - first)
        part = slice(2 * first, 2 * (first + count))
        run_chunk(path, first, count, tally, outcomes[part], months[part])
    return tally, outcomes[:, 1 : 1 + path.classes], months


def _by_category(paid: Paid, losses: "np.ndarray[Any, Any]", q: float) -> tuple[Integers, list[float]]:
    """Cents by path and category [N, 6], and principal by category, of all classes."""
    found = np.zeros((len(losses), len(CATEGORIES)), dtype=np.int64)
    principals = [0.0] * len(CATEGORIES)
    for k, issued in enumerate(paid.capital.classes):
        place = CATEGORIES.index(issued.supports or "none")
        found[:, place] += cents(losses[:, k], q)
        principals[place] += issued.principal * q
    return found, principals


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
