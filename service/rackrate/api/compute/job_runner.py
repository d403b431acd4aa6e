"""Run long jobs in processes of their own, so that no short work waits for them."""

# Design: a thread would share the interpreter's lock with the event loop, and could not be stopped. A process
# can be killed when nobody waits for its work any more, and if it crashes, the worker does not. Started when
# first needed, again when gone. A second one is started when a second client asks for long work meanwhile.

import asyncio
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process

import msgspec

from rackrate.analyses.problems import BY_NAME
from rackrate.analyses.problems import Problem as Refused
from rackrate.analyses.registry import Progress
from rackrate.api.compute.fair_queue import FairQueue
from rackrate.api.limits.concurrency_limit import ConcurrencyLimit
from rackrate.api.telemetry.metrics import under_way
from rackrate.job_worker import LENGTH, DocumentJob, Job, JobReport, frame

MOST_JOBS = 8  # jobs at once, those under way among them
PROCESSES = 2  # so that no client has all of them: each has one at a time
PATIENCE_S = 120.0  # that a job may wait for its turn

logger = logging.getLogger("rackrate.jobs")


class JobError(Exception):
    """The engine failed on long work, or its process ended."""


class JobRunner:
    """A queue of long jobs, one of a client's run at a time; clients are served round robin."""

    def __init__(self, most: int = MOST_JOBS, patience_s: float = PATIENCE_S) -> None:
        """Let at most `most` jobs in, each of which waits for `patience_s` at most."""
        self.limit, self._queue = ConcurrencyLimit(most, "long jobs"), FairQueue(PROCESSES, patience_s)
        self._processes: set[Process] = set()
        self._idle: list[Process] = []
        self._ending: set[asyncio.Task[tuple[bytes, bytes]]] = set()

    async def run(self, job: Job | DocumentJob, on_progress: Progress, client: str = "") -> JobReport:
        """Run a client's job; cancelling the caller ends it. `on_progress` is called with its progress.

        Raises
        ------
        Problem
            503 if too many wait or this one waited too long, 429 if too many of them are the client's; what
            the deal is refused with.
        JobError
            If the engine failed.
        """
        with self.limit.hold(client), under_way("long").track_inprogress():
            async with self._queue.slot(client):
                return _answered(await self._done(job, on_progress))

    async def stop(self) -> None:
        """End the job processes."""
        for process in list(self._processes):
            self._end(process)
        await asyncio.gather(*self._ending)

    async def _done(self, job: Job | DocumentJob, on_progress: Progress) -> JobReport:
        process = self._idle.pop() if self._idle else await self._start()
        reported = False
        try:
            if process.stdin is None or process.stdout is None:
                raise JobError("the job process has no pipes")
            process.stdin.write(frame(job))
            while (report := await _report(process.stdout)).outcome == "progress":
                on_progress(report.done, report.of)
            reported = True
            self._idle.append(process)
            return report
        except (asyncio.IncompleteReadError, OSError):
            raise JobError("the process that does long work ended") from None
        finally:
            if not reported:  # cancelled or dead: what it would report next belongs to nobody
                self._end(process)

    async def _start(self) -> Process:
        command = (sys.executable, "-m", "rackrate.job_worker", str(os.getpid()))
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        self._processes.add(process)
        return process

    def _end(self, process: Process) -> None:
        if process not in self._processes:
            return
        self._processes.discard(process)
        self._idle = [each for each in self._idle if each is not process]
        if process.returncode is None:
            process.kill()
        ending = asyncio.get_running_loop().create_task(process.communicate())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)


async def _report(pipe: asyncio.StreamReader) -> JobReport:
    size = LENGTH.unpack(await pipe.readexactly(LENGTH.size))[0]
    return msgspec.msgpack.decode(await pipe.readexactly(size), type=JobReport)


def _answered(report: JobReport) -> JobReport:
    if report.outcome == "answer":
        return report
    if report.outcome == "refusal":
        raise Refused(BY_NAME[report.kind], report.detail, report.errors, test=report.test or None)
    logger.error("%s", report.detail)
    raise JobError("the engine failed on long work")
