"""Parts of a run: tasks of a stage that have none are run, and parts are read in the order of their tasks."""

# Design: what is counted is read from parts, never from what tasks return: a task may run twice. A part that
# is gone, that another run wrote, or that cannot be read is computed again, once, wherever that is seen.

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple, Protocol

from rackrate.books.tasks import Part, WrongPartError, unpacked
from rackrate.books.work import Work
from rackrate.books.workers import Done, Task, Workers

FIRST = 10  # parts after which is told what a stage takes
Tasks = Callable[[], Iterable[tuple[Task, int]]]
"""Tasks of a stage, and how many documents each is of; the same ones each time."""


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


class _Known(NamedTuple):
    number: int
    digest: str
    documents: int


@dataclass
class Parts:
    """Parts of the stages of one run."""

    work: Work
    workers: Workers
    report: Report
    _tasks: dict[str, Tasks] = field(default_factory=dict)
    _known: dict[str, list[_Known]] = field(default_factory=dict)

    @property
    def stages(self) -> list[str]:
        """Stages that were run."""
        return list(self._known)

    def run(self, stage: str, tasks: Tasks, of: int) -> None:
        """Run those of the `of` tasks of a stage that have no part.

        Raises
        ------
        Stopped
            If the run was asked to end.
        """
        self._tasks[stage], self._known[stage] = tasks, []
        self.report.stage(stage, self.work.plan.documents)
        done = self.work.count(stage)
        if done:
            self.report.note(f"resumes: {done} of {of} chunks of {stage} are done")
        sizes, wrong = list[int](), list[Task]()
        for one in self.workers.run(self._missing(stage)):
            if not self._kept(stage, one):
                wrong.append(one.task)
            sizes.append(len(one.part))
            if len(sizes) == FIRST < of:
                self._tell_room(stage, of, sum(sizes) / FIRST)
        for task in wrong:
            part = self._once_more(stage, task)
            self.report.advance(self._known[stage][task.number].documents, len(part.rejects))
        if self.report.stopping():
            raise Stopped

    def _missing(self, stage: str) -> Iterator[Task]:
        for task, documents in self._tasks[stage]():
            self._known[stage].append(_Known(task.number, task.digest, documents))
            part = self._read(stage, task.number, task.digest)
            if part is not None:
                self.report.advance(documents, len(part.rejects))
            elif self.report.stopping():
                return
            else:
                yield task

    def _kept(self, stage: str, done: Done) -> bool:
        """Keep a part that landed; False if it cannot be read."""
        try:
            part = unpacked(done.part)
        except WrongPartError:
            return False
        self.work.write(stage, done.task.number, done.task.digest, done.part)
        self.report.advance(self._known[stage][done.task.number].documents, len(part.rejects))
        return True

    def _tell_room(self, stage: str, of: int, each: float) -> None:
        """Tell what the parts that are missing take."""
        wanted, free = each * (of - self.work.count(stage)), self.work.free()
        told = f"{stage}: about {wanted / 1e6:.0f} MB more to write, {free / 1e6:.0f} MB are free"
        self.report.note(told if wanted < free else f"{told}: not enough")

    def of(self, stage: str) -> Iterator[Part]:
        """Parts of a stage, in the order of its tasks; none of a stage that was not run.

        Raises
        ------
        WrongPartError
            If one is wrong though it was computed again, naming it.
        """
        for known in self._known.get(stage, ()):
            part = self._read(stage, known.number, known.digest)
            if part is None:
                task, _ = next(islice(self._tasks[stage](), known.number, None))
                part = self._once_more(stage, task)
            yield part

    def _read(self, stage: str, number: int, digest: str) -> Part | None:
        content = self.work.read(stage, number, digest)
        try:
            return None if content is None else unpacked(content)
        except WrongPartError:
            return None

    def _once_more(self, stage: str, task: Task) -> Part:
        """Compute a part again, and read what is written of it."""
        name = f"part {task.number} of {stage}"
        self.report.note(f"{name} is not what was computed: once more")
        (done,) = self.workers.run([task])
        try:
            unpacked(done.part)
            self.work.write(stage, task.number, task.digest, done.part)
            part = self._read(stage, task.number, task.digest)
        except WrongPartError as error:
            raise WrongPartError(f"{name} is wrong twice: {error}") from error
        if part is None:
            raise WrongPartError(f"{name} is wrong twice: it is not read as it was written")
        return part
