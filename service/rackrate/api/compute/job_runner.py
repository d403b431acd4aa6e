"""The back room: long work in a process of its own, so that no short work waits for it."""

# Design: a thread would share the interpreter's lock with the event loop, and could not be stopped. A process
# can be killed when nobody waits for its work any more, and if it crashes, the worker does not. Started when
# first needed, again when gone.

import asyncio
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process

import msgspec

from rackrate.analyses.job_worker import LENGTH, Job, Report, frame
from rackrate.analyses.problems import BY_NAME
from rackrate.analyses.problems import Problem as Refused
from rackrate.analyses.registry import Progress
from rackrate.api.limits.seats import Seats
from rackrate.api.telemetry.metrics import inside

SEATS = 8  # jobs at once, the one under way among them

logger = logging.getLogger("rackrate.backroom")


class JobError(Exception):
    """The engine failed on long work, or its process ended."""


class JobRunner:
    """Does long jobs one at a time, in the order they came."""

    def __init__(self, seats: int = SEATS) -> None:
        """Let at most `seats` jobs in."""
        self.seats, self._turn = Seats(seats, "long jobs"), asyncio.Lock()
        self._analyst: Process | None = None
        self._leaving: set[asyncio.Task[tuple[bytes, bytes]]] = set()

    async def run(self, job: Job, heard: Progress, client: str = "") -> Report:
        """Have a job of a client's done; a caller that is cancelled ends it. `heard` is told how far it is.

        Raises
        ------
        Problem
            503 if too many wait, 429 if too many of them are the client's; what the deal is refused with.
        AnalystError
            If the engine failed.
        """
        with self.seats.seat(client), inside("long").track_inprogress():
            async with self._turn:
                return _answered(await self._done(job, heard))

    async def stop(self) -> None:
        """Send the analyst home."""
        if self._analyst:
            self._dismiss(self._analyst)
        await asyncio.gather(*self._leaving)

    async def _done(self, job: Job, heard: Progress) -> Report:
        analyst = self._analyst or await self._hire()
        reported = False
        try:
            if analyst.stdin is None or analyst.stdout is None:
                raise JobError("the analyst has no pipes")
            analyst.stdin.write(frame(job))
            while (report := await _report(analyst.stdout)).outcome == "progress":
                heard(report.done, report.of)
            reported = True
            return report
        except (asyncio.IncompleteReadError, OSError):
            raise JobError("the process that does long work ended") from None
        finally:
            if not reported:  # cancelled or dead: what it would say next belongs to nobody
                self._dismiss(analyst)

    async def _hire(self) -> Process:
        command = (sys.executable, "-m", "rackrate.analyses.job_worker", str(os.getpid()))
        self._analyst = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        return self._analyst

    def _dismiss(self, analyst: Process) -> None:
        self._analyst = None
        if analyst.returncode is None:
            analyst.kill()
        leaving = asyncio.get_running_loop().create_task(analyst.communicate())
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)


async def _report(pipe: asyncio.StreamReader) -> Report:
    size = LENGTH.unpack(await pipe.readexactly(LENGTH.size))[0]
    return msgspec.msgpack.decode(await pipe.readexactly(size), type=Report)


def _answered(report: Report) -> Report:
    if report.outcome == "answer":
        return report
    if report.outcome == "refusal":
        raise Refused(BY_NAME[report.kind], report.detail, report.errors, test=report.test or None)
    logger.error("%s", report.detail)
    raise JobError("the engine failed on long work")
