"""Run a book: plan, stages in order, each resumed where it was, then the datasets and the manifest."""

# Design: only this process reads the book and writes the folder; workers get bytes and give bytes. What is
# counted is read from parts, never from what tasks return: a task may run twice.

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import msgspec

from rackrate.analyses.books.assembly import (
    Accepted,
    added,
    asked_defaults,
    assemble,
    book_id,
    check_currencies,
)
from rackrate.analyses.books.deal_rows import DealRows
from rackrate.analyses.books.defaults import DefaultAsked, Stressed
from rackrate.analyses.books.simulated import Simulated
from rackrate.analyses.books.stages import LIMITS, Document, Limits, Rejected
from rackrate.books.columns import COLUMNS
from rackrate.books.datasets import Datasets, Results
from rackrate.books.join import Output
from rackrate.books.source import Source, chunks, file_of, read_chunk
from rackrate.books.tasks import Job, Part, unpacked, versions
from rackrate.books.work import Plan, Work, locked, plan_of, write_whole
from rackrate.books.workers import Task, Workers
from rackrate.deal.answers.book import BookAnswer
from rackrate.deal.requests.book import MOST_DEALS, BookTerms
from rackrate.engine.book.exposures import Exposures

FORMAT = "rackrate-book-1"
DOCUMENTS_OF_SIMULATION = 10  # of a chunk, a task's part


class Report(Protocol):
    """Is told how a run gets on."""

    def stage(self, name: str, of: int) -> None:
        """A stage of so many documents begins."""

    def advance(self, documents: int, rejected: int) -> None:
        """Documents are done."""

    def note(self, text: str) -> None:
        """Something that a person should know."""

    def stopping(self) -> bool:
        """Whether the run is to end: no more is submitted."""


class Stopped(Exception):  # noqa: N818  it is what was asked for, not a fault
    """The run was asked to end; what was under way is kept."""


class OtherBookError(Exception):
    """The folder holds another finished book."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a book is run; none of it shows in what comes out."""

    chunk: int = 500
    fresh: bool = False
    keep_work: bool = False
    limits: Limits = LIMITS


@dataclass
class BookRun:
    """One run of a book into a folder."""

    source: Source
    terms: BookTerms
    out: Path
    workers: Workers
    report: Report
    options: Options
    keys: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def run(self) -> int:
        """Run what is missing; how many documents were rejected."""
        if self.options.fresh:
            clear(self.out)
        self.plan = plan_of(self.terms, self.options.chunk, list(chunks(self.source, self.options.chunk)))
        self.documents = sum(chunk.documents for chunk in self.plan.chunks)
        done = finished(self.out, self.plan, self.source)
        if done is not None:
            self.report.note(f"{self.out} is finished: nothing to do")
            return done
        with locked(self.out):
            self.work = Work(self.out, self.plan)
            self.work.begin()
            done = self._run()
        if not self.options.keep_work:
            self.work.end()
        return done

    def _run(self) -> int:
        self._stage("underwrite", self._underwriting())
        ids, house, currencies, largest = [], set[tuple[str, str]](), set[str](), Exposures()
        for part in self._parts("underwrite"):
            found: list[DealRows | Rejected] = sorted([*part.deals, *part.rejects], key=lambda one: one.row)
            ids += [one.id for one in found]
            house |= {one.ruleset for one in found if one.ruleset is not None}
            for deal in part.deals:
                currencies.add(deal.datasets["deals"][0]["currency"])
                largest.add(deal.row, (one for one in deal.exposed if one.dimension == "tenant"))
        check_currencies(self.terms, currencies)
        defaults = asked_defaults(self.terms, largest)
        if defaults:
            self._stage("scenario", self._stressing(defaults))
        if self.terms.simulation is not None:
            self._stage("simulate", self._simulating())
        return self._join(defaults, ids, house)

    def _stage(self, name: str, tasks: Iterable[tuple[Task, int]]) -> None:
        """Run the tasks of a stage that have no part."""
        counts, self.keys[name] = dict[int, int](), []
        self.report.stage(name, self.documents)

        def missing() -> Iterator[Task]:
            for task, documents in tasks:
                self.keys[name].append((task.number, task.digest))
                counts[task.number] = documents
                known = self.work.read(name, task.number, task.digest)
                if known is not None:
                    self.report.advance(counts.pop(task.number), len(unpacked(known).rejects))
                elif self.report.stopping():
                    return
                else:
                    yield task

        for done in self.workers.run(missing()):
            self.work.write(name, done.task.number, done.task.digest, done.part)
            self.report.advance(counts.pop(done.task.number), len(unpacked(done.part).rejects))
        if self.report.stopping():
            raise Stopped

    def _parts(self, name: str) -> Iterator[Part]:
        """Parts of a stage, in the order of its tasks."""
        for number, digest in self.keys.get(name, []):
            content = self.work.read(name, number, digest)
            if content is None:
                raise FileNotFoundError(f"part {number} of {name} is gone, or is not what was written")
            yield unpacked(content)

    def _task(self, stage: str, number: int, documents: list[Document], defaults: list[DefaultAsked]) -> Task:
        job = Job(
            stage=stage,
            terms=self.terms,
            documents=documents,
            defaults=defaults,
            limits=self.options.limits,
            keep=self.documents <= MOST_DEALS,
            of=versions(),
        )
        content = msgspec.msgpack.encode(job)
        return Task(number, hashlib.sha256(content).hexdigest(), content)

    def _underwriting(self) -> Iterator[tuple[Task, int]]:
        for number, chunk in enumerate(self.plan.chunks):
            documents = read_chunk(self.source, chunk)
            yield self._task("underwrite", number, documents, []), len(documents)

    def _stressing(self, defaults: list[DefaultAsked]) -> Iterator[tuple[Task, int]]:
        """Documents that have one of the obligors, a task a chunk."""
        asked = {one.obligor for one in defaults}
        for number, (chunk, part) in enumerate(zip(self.plan.chunks, self._parts("underwrite"), strict=True)):
            rows = {deal.row for deal in part.deals if asked & deal.warned.keys()}
            documents = [one for one in read_chunk(self.source, chunk) if one.row in rows] if rows else []
            yield self._task("scenario", number, documents, defaults), chunk.documents

    def _simulating(self) -> Iterator[tuple[Task, int]]:
        """Accepted documents, a tenth of a chunk a task."""
        size = max(1, self.options.chunk // DOCUMENTS_OF_SIMULATION)
        before = self._parts("scenario") if "scenario" in self.keys else iter(())
        number = 0
        for chunk, part in zip(self.plan.chunks, self._parts("underwrite"), strict=True):
            out = {one.row for one in next(before, Part(rows=0)).rejects}
            rows = {deal.row for deal in part.deals} - out
            documents = read_chunk(self.source, chunk)
            for first in range(0, len(documents), size):
                own = [one for one in documents[first : first + size] if one.row in rows]
                yield self._task("simulate", number, own, []), min(size, len(documents) - first)
                number += 1

    def _join(self, defaults: list[DefaultAsked], ids: list[str], house: set[tuple[str, str]]) -> int:
        self.report.stage("join", self.documents)
        rejects = [one for name in self.keys for part in self._parts(name) for one in part.rejects]
        rejects.sort(key=lambda one: one.row)
        out = {one.row for one in rejects}
        accepted = Accepted(keep=self.documents <= MOST_DEALS)
        for part in self._parts("underwrite"):
            for deal in part.deals:
                if deal.row not in out:
                    accepted.add(deal)
        joint = added(self.terms, self._simulated(out))
        answer = assemble(
            self.terms,
            accepted,
            rejects,
            defaults,
            self._stressed(out),
            joint,
            lambda: self._simulated(out),
            id=book_id(self.terms, house, ids),
            rulesets=house,
        )
        results = Results(
            documents=self.documents,
            answer=answer,
            defaults=len(defaults),
            joint=joint,
            parts=self._parts,
            rejected=out,
            simulated=lambda: self._simulated(out),
            exposures=accepted.exposures,
        )
        datasets = Datasets(self.out, self.terms, results, self.report.advance)
        outputs = datasets.write(rejects)
        _manifest(self.out, self.plan, self.source, self.documents, answer, outputs)
        return len(rejects)

    def _stressed(self, out: set[int]) -> Iterator[Stressed]:
        for part in self._parts("scenario"):
            yield from (one for one in part.stressed if one.deal["row"] not in out)

    def _simulated(self, out: set[int]) -> Iterator[Simulated]:
        for part in self._parts("simulate"):
            yield from (one for one in part.simulated if one.row not in out)


def _input(source: Source, documents: int) -> dict[str, object]:
    files = [file_of(path, source.root) for path in source.files]
    return {"kind": source.kind, "files": msgspec.to_builtins(files), "documents": documents}


def _manifest(
    out: Path, plan: Plan, source: Source, documents: int, answer: BookAnswer, outputs: list[Output]
) -> None:
    """Write the manifest, the proof of a finished book, last."""
    told = {
        "format": FORMAT,
        "id": answer.id,
        "engine": answer.engine,
        "draws": plan.draws,
        "pyarrow": versions().pyarrow,
        "rulesets": msgspec.to_builtins(answer.rulesets),
        "input": _input(source, documents),
        "request": msgspec.to_builtins(plan.request),
        "counts": msgspec.to_builtins(answer.counts),
        "outputs": msgspec.to_builtins(outputs),
    }
    write_whole(out / "manifest.json", json.dumps(told, indent=1).encode() + b"\n")


def finished(out: Path, plan: Plan, source: Source) -> int | None:
    """How many documents a finished book of the same plan rejected; None where the folder has none.

    Raises
    ------
    OtherBookError
        If the folder holds another book.
    """
    path = out / "manifest.json"
    if not path.exists():
        return None
    known = json.loads(path.read_bytes())
    documents = sum(chunk.documents for chunk in plan.chunks)
    same = {
        "engine": plan.engine,
        "draws": plan.draws,
        "request": msgspec.to_builtins(plan.request),
        "input": _input(source, documents),
    }
    for name, wanted in same.items():
        if known.get(name) != wanted:
            raise OtherBookError(f"{out} holds a finished book of another {name}; --fresh starts over")
    rejected: int = known["counts"]["rejected"]
    return rejected


def clear(out: Path) -> None:
    """Remove what a run writes into a folder, the proof that it is finished first."""
    for name in ("manifest.json", "book.json", "rejects.ndjson"):
        (out / name).unlink(missing_ok=True)
    for name in ("work", *COLUMNS):
        if (out / name).is_dir():
            shutil.rmtree(out / name)
