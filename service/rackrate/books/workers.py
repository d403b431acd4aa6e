"""Who runs the tasks of a book: processes of this machine, or a scheduler's workers."""

# Design: a bounded number of tasks is under way, submitted as results land, so that a long book takes no
# memory. A worker that dies costs its task's time; a task that kills whoever runs it is cut in halves until
# the document that does it stands alone.

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import islice
from typing import NamedTuple, Protocol

import msgspec

from rackrate.analyses.books.stages import OnFault, rejected
from rackrate.analyses.problems import INTERNAL, Problem
from rackrate.books.processes import Processes
from rackrate.books.tasks import Job, Part, merged, packed, run, unpacked

AHEAD = 4  # tasks a worker under way


class Task(NamedTuple):
    """A task: its number in the stage, the digest of its input, and its job."""

    number: int
    digest: str
    job: bytes


class Done(NamedTuple):
    """A task and its part."""

    task: Task
    part: bytes


class Workers(Protocol):
    """Runs tasks, in any order."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield each task as it is done."""


class TooManyPoisonedError(Exception):
    """More documents kill their workers than a run allows: a broken build, not broken deals."""


class SchedulerLostError(Exception):
    """The scheduler is gone, and did not come back."""


class Isolation:
    """Runs tasks that killed a worker, in processes of this machine, a document alone in the end."""

    def __init__(self, on_fault: OnFault, most: int) -> None:
        self._on_fault, self._most, self.poisoned = on_fault, most, 0
        self._process: Processes | None = None

    def run(self, task: Task) -> Done:
        """Run a task that killed its worker, or was beside one that did."""
        job = msgspec.msgpack.decode(task.job, type=Job)
        return Done(task, packed(self._tried(job) if len(job.documents) < 2 else self._halved(job)))

    def _halved(self, job: Job) -> Part:
        half = len(job.documents) // 2
        halves = (job.documents[:half], job.documents[half:])
        return merged([self._tried(msgspec.structs.replace(job, documents=one)) for one in halves])

    def _tried(self, job: Job) -> Part:
        """The part of a job; where that ends its process, of its halves, or its one document rejected."""
        done = self._attempt(job)
        if isinstance(done, Part):
            return done
        return self._halved(job) if len(job.documents) > 1 else self._reject(job, done)

    def _attempt(self, job: Job) -> Part | str:
        """Run a job in a process of its own; how that ended, if it did."""
        process = self._process = self._process or Processes(1)
        try:
            done = process.submit(partial(run, on_fault=self._on_fault), msgspec.msgpack.encode(job))
            return unpacked(done.result())
        except BrokenProcessPool:
            self.close()
            return process.ending()

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def _reject(self, job: Job, ending: str) -> Part:
        self.poisoned += 1
        if self.poisoned > self._most or not job.documents:
            raise TooManyPoisonedError(
                f"{self.poisoned} documents kill their workers, {self._most} are allowed"
            )
        document, killed = job.documents[0], Problem(INTERNAL, f"The process that worked on it {ending}.")
        own = hashlib.sha256(document.content).hexdigest()
        return Part(rows=1, rejects=[rejected(document, "worker", killed, _never, own)])


def _never(error: Exception, _: str) -> Problem:
    raise error


class LocalPool:
    """Processes of this machine, started afresh and not forked."""

    def __init__(self, processes: int, on_fault: OnFault, isolation: Isolation) -> None:
        self.processes, self._isolation = processes, isolation
        self._work = partial(run, on_fault=on_fault)
        self._pool = Processes(processes)

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield each task as it is done."""
        waiting, going = iter(tasks), dict[Future[bytes], Task]()
        for task in islice(waiting, AHEAD * self.processes):
            going[self._pool.submit(self._work, task.job)] = task
        while going:
            landed, _ = wait(going, return_when=FIRST_COMPLETED)
            broken = [future for future in landed if _died(future)]
            for future in landed - set(broken):
                yield Done(going.pop(future), future.result())
            if broken:  # the pool is lost, and all that is under way with it
                suspects, going = list(going.values()), {}
                self._pool.close()
                self._pool = Processes(self.processes)
                yield from (self._isolation.run(task) for task in suspects)
            for task in islice(waiting, AHEAD * self.processes - len(going)):
                going[self._pool.submit(self._work, task.job)] = task

    def close(self) -> None:
        """End the processes."""
        self._pool.close()


def _died(future: Future[bytes]) -> bool:
    return isinstance(future.exception(), BrokenProcessPool)
