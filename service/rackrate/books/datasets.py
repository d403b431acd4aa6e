"""Datasets of a finished run: tables of every stage, what the book adds up to, and its rejects."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships no types
from msgspec import Raw

from rackrate.analyses.books.assembly import exposure_rows
from rackrate.analyses.books.joint_losses import Again, JointLosses
from rackrate.analyses.books.stages import Rejected
from rackrate.books.columns import OF_DEALS, OF_DEFAULTS, table
from rackrate.books.join import OF_GROUP, PATHS_OF_GROUP, Joined, Output, with_estimates, without
from rackrate.books.tasks import Part
from rackrate.deal.answers.book import BookAnswer
from rackrate.deal.answers.books.losses import BookEstimate, DealLoss
from rackrate.deal.requests.book import BookTerms
from rackrate.engine.book.exposures import DIMENSIONS, Exposures
from rackrate.engine.book.losses import CATEGORIES
from rackrate.engine.simulation.factor import factor_of_paths


@dataclass(frozen=True, kw_only=True)
class Results:
    """What a run came to, its parts to be read again as often as they are needed."""

    documents: int
    answer: BookAnswer
    defaults: int
    joint: JointLosses | None
    parts: Callable[[str], Iterator[Part]]
    rejected: set[int]
    simulated: Again
    exposures: Exposures


@dataclass(frozen=True)
class Datasets:
    """Writes the datasets that are asked for."""

    out: Path
    terms: BookTerms
    results: Results
    advance: Callable[[int, int], None]

    def write(self, rejects: list[Rejected]) -> list[Output]:
        """Write all of them, the answer and the rejects."""
        of, results = (
            Joined(self.out, self.results.answer.id, self.terms.simulation is not None),
            self.results,
        )
        for name in OF_DEALS:
            of.by_row(name, self._of_deals(name), results.documents)
        of.whole("exposures", [self._exposures()])
        if self.terms.scenarios is not None:
            for name in OF_DEFAULTS:
                tables = self._tables("scenario", name)
                of.by_scenario(name, tables, results.documents, results.defaults)
        if results.joint is not None:
            of.whole("paths", self._paths(results.joint))
            of.whole("contributions", self._contributions(results.joint))
        of.beside("book.json", msgspec.json.encode(results.answer), results.answer.counts.accepted)
        of.beside("rejects.ndjson", b"".join(map(_line, rejects)), len(rejects))
        return of.outputs

    def _tables(self, stage: str, name: str) -> Iterator[pa.Table]:
        """Tables of a dataset, part by part, without what a later stage rejected."""
        for part in self.results.parts(stage):
            for content in part.tables.get(name, ()):
                yield without(pq.read_table(pa.BufferReader(content)), self.results.rejected)

    def _of_deals(self, name: str) -> Iterator[pa.Table]:
        tables = self._tables("underwrite", name)
        if name != "classes" or self.terms.simulation is None:
            return tables
        return self._estimated(tables)

    def _estimated(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Rows of classes with what the simulation found, both in the order of documents."""
        waiting = iter(self.results.simulated())
        ahead = next(waiting, None)
        for own in tables:
            last = own["row"][-1].as_py() if len(own) else -1
            found: dict[tuple[int, int], dict[str, Any]] = {}
            while ahead is not None and ahead.row <= last:
                found |= {(ahead.row, row["class"]): row for row in ahead.classes}
                ahead = next(waiting, None)
            yield with_estimates(own, found)

    def _exposures(self) -> pa.Table:
        rows = []
        for name in DIMENSIONS:
            found = exposure_rows(self.results.exposures.dimension(name))
            rows += [{"dimension": name, "rank": rank, **row} for rank, row in enumerate(found)]
        return table("exposures", rows)

    def _paths(self, joint: JointLosses) -> Iterator[pa.Table]:
        asked = self.terms.simulation
        cycle = factor_of_paths(asked.seed, joint.paths) if asked is not None else np.empty(0)
        for first in range(0, joint.paths, PATHS_OF_GROUP):
            part = slice(first, first + PATHS_OF_GROUP)
            columns = dict(zip(("total", *CATEGORIES), joint.vectors[:, part], strict=True))
            path = np.arange(first, min(first + PATHS_OF_GROUP, joint.paths))
            yield pa.table({"path": path, "factor": cycle[part], **columns})

    def _contributions(self, joint: JointLosses) -> Iterator[pa.Table]:
        deals = enumerate(joint.deals(self.results.simulated()))
        while own := [_of_deal(rank, deal) for rank, deal in islice(deals, OF_GROUP)]:
            yield table("contributions", own)
        losses = self.results.answer.simulation
        obligors = [] if losses is None else losses.obligors
        rows = [
            {"kind": "obligor", "rank": rank, "key": one.key}
            | _estimates(one.expected_loss, one.expected_shortfall)
            for rank, one in enumerate(obligors)
        ]
        yield table("contributions", rows)


def _of_deal(rank: int, deal: DealLoss) -> dict[str, Any]:
    alone = {f"standalone_{_level(name)}": value for name, value in deal.standalone_shortfall.items()}
    return (
        {"kind": "deal", "rank": rank, "row": deal.row, "key": deal.deal}
        | _estimates(deal.expected_loss, deal.expected_shortfall)
        | alone
    )


def _estimates(expected: BookEstimate, shortfall: dict[str, BookEstimate]) -> dict[str, Any]:
    found: dict[str, Any] = {"expected_loss": expected.value, "expected_loss_se": expected.standard_error}
    for name, value in shortfall.items():
        found |= {f"es_{_level(name)}": value.value, f"es_{_level(name)}_se": value.standard_error}
    return found


def _level(name: str) -> str:
    return name.removeprefix("0.")


def _line(one: Rejected) -> bytes:
    told = {
        "row": one.row,
        "source": one.source,
        "stage": one.stage,
        "status": one.status,
        "problem": Raw(one.problem),
    }
    return msgspec.json.encode(told) + b"\n"
