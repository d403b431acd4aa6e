"""Job worker: the process of long jobs, one at a time, in MessagePack frames on its pipes.

It belongs to the worker that started it and ends with it: at once if that is killed, since only after the
job under way would it see that its input has ended.
"""

import ctypes
import os
import signal
import struct
import sys
import traceback
from typing import BinaryIO, Literal

import msgspec

from rackrate.analyses.prepare import Asked, examine
from rackrate.analyses.problems import Problem, kind_of
from rackrate.analyses.registry import BY_NAME, Analysis, Progress, ruleset_of
from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.codec.decode import Media, decode
from rackrate.deal.errors import CannotFinance, FieldError, Refusal
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.requests.pool import Pool, PoolBase
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.documents.documents import DOCUMENTS, POOL_DOCUMENTS

NICENESS = 5  # short work goes first where processors are scarce
LENGTH = struct.Struct(">I")
PR_SET_PDEATHSIG = 1  # prctl(2): the signal to send when the parent ends


class Job(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A job: an analysis by name, the canonical request, the id of the answer.

    Without an id the document is a body as it was sent, and is only read: `most` is the work it may ask for.
    """

    analysis: str
    document: bytes
    id: str = ""
    media: Media = "json"
    most: int = 0


class DocumentJob(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """A document to be made: its name, the canonical request, the whole answer, the media type.

    `most` is the work it may ask for; `of` says whether the request is a deal or a pool.
    """

    document: str
    request: bytes
    answer: bytes
    media: str
    most: int
    of: Literal["deal", "pool"] = "deal"


class JobReport(msgspec.Struct, frozen=True, array_like=True):
    """Report of a job: progress, an answer, a refusal by the name of its kind, or a failure of the engine.

    A body that was read is answered by its canonical form, the id of its answer and its work.
    """

    outcome: Literal["progress", "answer", "refusal", "failure"]
    answer: bytes = b""
    kind: str = ""
    detail: str = ""
    errors: list[FieldError] = []
    test: str = ""
    done: int = 0
    of: int = 0
    id: str = ""
    work: int = 0


def frame(message: msgspec.Struct) -> bytes:
    """Encode a message behind its length.

    >>> frame(JobReport("answer", b"{}"))[:4]
    b'\\x00\\x00\\x00\\x14'
    """
    body = msgspec.msgpack.encode(message)
    return LENGTH.pack(len(body)) + body


def perform(job: Job | DocumentJob, on_progress: Progress) -> JobReport:
    """Run a job, reporting progress where the analysis can."""
    try:
        if isinstance(job, DocumentJob):
            return JobReport("answer", made(job))
        analysis = BY_NAME[job.analysis]
        if not job.id:
            return _examined(examine(analysis, job.document, job.media, job.most))
        return JobReport("answer", _computed(analysis, job, on_progress))
    except Problem as problem:
        return JobReport("refusal", b"", problem.kind.name, problem.detail, problem.errors)
    except Refusal as refusal:
        test = refusal.test if isinstance(refusal, CannotFinance) else ""
        return JobReport("refusal", b"", kind_of(refusal).name, refusal.detail, refusal.errors, test)
    except Exception as error:  # noqa: BLE001  one failed job must not end the process; the worker answers 500
        where = "".join(traceback.format_tb(error.__traceback__))
        return JobReport("failure", detail=f"{type(error).__name__} in {_name(job)}\n{where}")


def _name(job: Job | DocumentJob) -> str:
    return job.document if isinstance(job, DocumentJob) else job.analysis


def made(job: DocumentJob) -> bytes:
    """Make a document of an answer.

    Raises
    ------
    Problem
        If it is more work than is done for one request.
    """
    if job.of == "pool":
        pool: PoolBase = decode(job.request, Pool)  # or of ground leases: what it is stands in the document
        kind = GroundUnderwriting if isinstance(pool, GroundPool) else PoolUnderwriting
        underwriting = msgspec.json.decode(job.answer, type=kind)
        return POOL_DOCUMENTS[job.document].make(pool, underwriting, job.media, job.most)
    deal, answer = decode(job.request, Deal), msgspec.json.decode(job.answer, type=Underwriting)
    return DOCUMENTS[job.document].make(deal, answer, job.media, job.most)


def _examined(asked: Asked) -> JobReport:
    return JobReport("answer", asked.document, id=asked.id, work=asked.work)


def _computed(analysis: Analysis, job: Job, on_progress: Progress) -> bytes:
    request = decode(job.document, analysis.reads)
    asked = (request, ruleset_of(request), job.id)
    return msgspec.json.encode(
        analysis.compute_with_progress(*asked, on_progress)
        if analysis.compute_with_progress
        else analysis.compute(*asked)
    )


def work(orders: BinaryIO, reports: BinaryIO) -> None:
    """Run jobs from the pipe one after another until it is closed."""

    def send(report: JobReport) -> None:
        reports.write(frame(report))
        reports.flush()

    def on_progress(done: int, of: int) -> None:
        send(JobReport("progress", done=done, of=of))

    while head := orders.read(LENGTH.size):
        job = msgspec.msgpack.decode(orders.read(LENGTH.unpack(head)[0]), type=Job | DocumentJob)
        send(perform(job, on_progress))


def end_with(worker: int) -> None:
    """Have the kernel kill this process when its parent, the worker of this process id, ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != worker:  # it ended before
        os._exit(0)


if __name__ == "__main__":
    end_with(int(sys.argv[1]))
    os.nice(NICENESS)
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints must not break a frame
    try:
        work(sys.stdin.buffer, out)
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(0)  # the worker is gone, or going; nobody reads what is left in the buffers
