"""Run a book: plan, stages in order, each resumed where it was, then the datasets and the manifest."""

# Design: only this process reads the book and writes the folder; workers get bytes and give bytes. What is
# counted is read from parts, never from what tasks return: a task may run twice.

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rackrate.analyses.books.assembly import (
    Accepted,
    asked_defaults,
    assemble,
    book_id,
    check_currencies,
)
from rackrate.analyses.books.deal_rows import DealRows
from rackrate.analyses.books.defaults import DefaultAsked, Stressed
from rackrate.analyses.books.joint_losses import JointLosses
from rackrate.analyses.books.simulated import Simulated
from rackrate.analyses.books.stages import LIMITS, Document, Limits, Rejected
from rackrate.books.datasets import Datasets, Results
from rackrate.books.manifest import OtherBookError, clear, finished, write_manifest
from rackrate.books.parts import Parts, Report
from rackrate.books.source import Source, chunks, read_chunk
from rackrate.books.tasks import Job, Part, WrongPartError, versions
from rackrate.books.work import Work, emptied, locked, plan_of
from rackrate.books.workers import Task, Workers
from rackrate.deal.requests.book import MOST_DEALS, BookTerms
from rackrate.engine.book.exposures import Exposures

DOCUMENTS_OF_SIMULATION = 10  # of a chunk, a task's part


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a book is run; none of it shows in what comes out."""

    chunk: int = 500
    fresh: bool = False
    keep_work: bool = False
    limits: Limits = LIMITS


@dataclass
class BookRun:
    """One run of a book into a folder; `source` finds its documents, once the folder is the run's."""

    source: Callable[[], Source]
    terms: BookTerms
    out: Path
    workers: Workers
    report: Report
    options: Options

    def run(self) -> int:
        """Run what is missing; how many documents were rejected."""
        with locked(self.out):
            if self.options.fresh:
                clear(self.out)
            self.found = self.source()
            size = self.options.chunk
            self.plan = plan_of(self.terms, size, list(chunks(self.found, size)))
            self.keep = self.plan.documents <= MOST_DEALS
            try:
                done = finished(self.out, self.plan, self.found)
            except OtherBookError:
                emptied(self.out)
                raise
            if done is not None:
                self.report.note(f"{self.out} is finished: nothing to do")
            else:
                done = self._run()
            if not self.options.keep_work:
                emptied(self.out)
            return done

    def _run(self) -> int:
        work = Work(self.out, self.plan)
        work.begin()
        self.parts = Parts(work, self.workers, self.report)
        self.parts.run("underwrite", self._underwriting, len(self.plan.chunks))
        rulesets, currencies, largest = set[tuple[str, str]](), set[str](), Exposures()
        for part in self.parts.of("underwrite"):
            rulesets |= {deal.ruleset for deal in part.deals}
            rulesets |= {one.ruleset for one in part.rejects if one.ruleset is not None}
            for deal in part.deals:
                currencies.add(deal.datasets["deals"][0]["currency"])
                largest.add(deal.row, (one for one in deal.exposed if one.dimension == "tenant"))
        check_currencies(self.terms, currencies)
        defaults = asked_defaults(self.terms, largest)
        if defaults:
            self.parts.run("scenario", lambda: self._stressing(defaults), len(self.plan.chunks))
        tasks = sum(-(-chunk.documents // self._size) for chunk in self.plan.chunks)
        if self.terms.simulation is not None:
            self.parts.run("simulate", self._simulating, tasks)
        joint = self._joint()
        if joint is not None and joint.tail_only:
            kept = joint.kept().tobytes()
            self.parts.run("contribute", lambda: self._losing(kept), tasks)
        return self._join(defaults, rulesets, joint)

    def _rejects(self) -> list[Rejected]:
        """Documents that a stage rejected, in order."""
        found = [one for name in self.parts.stages for part in self.parts.of(name) for one in part.rejects]
        return sorted(found, key=lambda one: one.row)

    def _joint(self) -> JointLosses | None:
        """Losses of all deals on each path; None where no simulation is asked."""
        if self.terms.simulation is None:
            return None
        joint = JointLosses(self.terms.simulation)
        for part in self.parts.of("simulate"):
            if part.vectors:
                joint.add_vectors(part.sums())
            for deal in part.simulated:
                joint.add(deal)
        return joint

    def _ids(self) -> Iterator[str]:
        """Ids of the documents, in order."""
        for part in self.parts.of("underwrite"):
            found: list[DealRows | Rejected] = sorted([*part.deals, *part.rejects], key=lambda one: one.row)
            yield from (one.id for one in found)

    @property
    def _size(self) -> int:
        """Documents of a task that simulates."""
        return max(1, self.options.chunk // DOCUMENTS_OF_SIMULATION)

    def _task(
        self,
        stage: str,
        number: int,
        documents: list[Document],
        defaults: Sequence[DefaultAsked] = (),
        paths: bytes = b"",
    ) -> Task:
        job = Job(
            stage=stage,
            terms=self.terms,
            documents=documents,
            defaults=defaults,
            paths=paths,
            limits=self.options.limits,
            keep=self.keep,
            of=versions(),
        )
        content = msgspec.msgpack.encode(job)
        return Task(number, hashlib.sha256(content).hexdigest(), content)

    def _underwriting(self) -> Iterator[tuple[Task, int]]:
        for number, chunk in enumerate(self.plan.chunks):
            documents = read_chunk(self.found, chunk)
            yield self._task("underwrite", number, documents), len(documents)

    def _stressing(self, defaults: list[DefaultAsked]) -> Iterator[tuple[Task, int]]:
        """Documents that have one of the obligors, a task a chunk."""
        asked = {one.obligor for one in defaults}
        for number, (chunk, part) in enumerate(
            zip(self.plan.chunks, self.parts.of("underwrite"), strict=True)
        ):
            rows = {deal.row for deal in part.deals if asked & deal.warned.keys()}
            documents = [one for one in read_chunk(self.found, chunk) if one.row in rows] if rows else []
            yield self._task("scenario", number, documents, defaults), chunk.documents

    def _slices(self) -> Iterator[tuple[list[Document], set[int]]]:
        """Documents of each task that simulates, a tenth of a chunk; rows that no earlier stage rejects."""
        size, before = self._size, self.parts.of("scenario")
        for chunk, part in zip(self.plan.chunks, self.parts.of("underwrite"), strict=True):
            out = {one.row for one in next(before, Part(rows=0)).rejects}
            rows = {deal.row for deal in part.deals} - out
            documents = read_chunk(self.found, chunk)
            for first in range(0, len(documents), size):
                yield documents[first : first + size], rows

    def _simulating(self) -> Iterator[tuple[Task, int]]:
        for number, (documents, rows) in enumerate(self._slices()):
            own = [one for one in documents if one.row in rows]
            yield self._task("simulate", number, own), len(documents)

    def _losing(self, kept: bytes) -> Iterator[tuple[Task, int]]:
        """Documents that were simulated, in the same tasks, for their losses on the paths that are kept."""
        tasks = zip(self._slices(), self.parts.of("simulate"), strict=True)
        for number, ((documents, _), part) in enumerate(tasks):
            rows = {deal.row for deal in part.simulated}
            own = [one for one in documents if one.row in rows]
            yield self._task("contribute", number, own, paths=kept), len(documents)

    def _join(
        self, defaults: list[DefaultAsked], rulesets: set[tuple[str, str]], joint: JointLosses | None
    ) -> int:
        self.report.stage("join", self.plan.documents)
        rejects = self._rejects()
        out = {one.row for one in rejects}
        accepted = Accepted(keep=self.keep)
        for part in self.parts.of("underwrite"):
            for deal in part.deals:
                if deal.row not in out:
                    accepted.add(deal)
        answer = assemble(
            self.terms,
            accepted,
            rejects,
            defaults,
            self._stressed(out),
            joint,
            self._simulated,
            id=book_id(self.terms, rulesets, self._ids()),
            rulesets=rulesets,
        )
        results = Results(
            documents=self.plan.documents,
            answer=answer,
            defaults=len(defaults),
            joint=joint,
            parts=self.parts.of,
            rejected=out,
            simulated=self._simulated,
            exposures=accepted.exposures,
        )
        datasets = Datasets(self.out, self.terms, results, self.report.advance)
        outputs = datasets.write(rejects)
        write_manifest(self.out, self.plan, self.found, answer, outputs)
        return len(rejects)

    def _stressed(self, out: set[int]) -> Iterator[Stressed]:
        for part in self.parts.of("scenario"):
            yield from (one for one in part.stressed if one.deal["row"] not in out)

    def _simulated(self) -> Iterator[Simulated]:
        """Simulated deals in order, with their losses on the paths that are kept."""
        again = self.parts.of("contribute")
        for part in self.parts.of("simulate"):
            lost = next(again, None)
            if lost is None:  # all of its losses are kept
                yield from part.simulated
                continue
            if lost.rejects:
                raise WrongPartError(f"document {lost.rejects[0].row} was simulated, and cannot be again")
            for deal, losses in zip(part.simulated, lost.losses, strict=True):
                yield msgspec.structs.replace(deal, losses=losses)
