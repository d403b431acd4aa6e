"""Tasks of a book: a stage on a chunk of documents, from bytes to the bytes of a part."""

# Design: a task is a function of this module with plain arguments, so that any process that has the package
# can run it, and again. It asks for its versions first: one built otherwise would give other bits.

import os
import platform
import signal
import zlib
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships no types
from msgspec import Struct

from rackrate import __version__
from rackrate.analyses.books.deal_rows import DealRows
from rackrate.analyses.books.defaults import DefaultAsked, Stressed
from rackrate.analyses.books.joint_losses import add_losses, without_losses
from rackrate.analyses.books.simulated import PathLosses, Simulated
from rackrate.analyses.books.stages import (
    LIMITS,
    Document,
    Limits,
    OnFault,
    Rejected,
    lose,
    simulate,
    stress,
    underwrite,
)
from rackrate.books.columns import OF_DEALS, OF_DEFAULTS, table
from rackrate.deal.requests.book import BookTerms
from rackrate.engine.book.losses import CATEGORIES
from rackrate.engine.rows import Integers
from rackrate.engine.simulation.streams import DRAWS

ABORT = "BOOK_TEST_ABORT_DEAL"  # a test's: the process that meets a deal of this name ends


class Versions(Struct, frozen=True):
    """What the bits of a part depend on."""

    engine: str
    draws: int
    numpy: str
    msgspec: str
    pyarrow: str
    python: str


def versions() -> Versions:
    """Versions of this process."""
    python = ".".join(platform.python_version_tuple()[:2])
    return Versions(__version__, DRAWS, np.__version__, msgspec.__version__, pa.__version__, python)


class Job(Struct, frozen=True, kw_only=True):
    """What a stage is asked: of which documents, and what beside them."""

    stage: str
    terms: BookTerms
    documents: list[Document]
    defaults: Sequence[DefaultAsked] = ()
    paths: bytes = b""  # int64, those on which losses are asked again
    limits: Limits = LIMITS
    keep: bool = False
    of: Versions | None = None


class Part(Struct, frozen=True, kw_only=True):
    """What a stage came to on some documents: tables as Parquet, what the book adds up, and its rejects."""

    rows: int
    tables: dict[str, list[bytes]] = {}
    deals: list[DealRows] = []
    stressed: list[Stressed] = []
    simulated: list[Simulated] = []
    vectors: bytes = b""  # int64 [7, paths], sums of deals whose losses by path are not kept
    losses: list[PathLosses] = []
    rejects: list[Rejected] = []

    def sums(self) -> Integers:
        """Sums by path [7, paths]."""
        return np.frombuffer(self.vectors, np.int64).reshape(1 + len(CATEGORIES), -1)


class WrongPartError(Exception):
    """What came back of a task, or is kept of it, is no part."""


class OtherVersionsError(Exception):
    """A process has other versions than the run that asks it."""


def run(job: bytes, on_fault: OnFault) -> bytes:
    """Run a stage on a chunk.

    Raises
    ------
    OtherVersionsError
        If this process would give other bits than the one that asks.
    """
    asked = msgspec.msgpack.decode(job, type=Job)
    if asked.of is not None and asked.of != versions():
        raise OtherVersionsError(f"{versions()} instead of {asked.of}")
    for document in asked.documents:
        _abort(document)
    return packed(STAGES[asked.stage](asked, on_fault))


def packed(part: Part) -> bytes:
    """A part as bytes, compressed."""
    return zlib.compress(msgspec.msgpack.encode(part), 1)


def unpacked(content: bytes) -> Part:
    """A part from its bytes.

    Raises
    ------
    WrongPartError
        If they are none.
    """
    try:
        return msgspec.msgpack.decode(zlib.decompress(content), type=Part)
    except (zlib.error, msgspec.MsgspecError) as error:
        raise WrongPartError(str(error)) from error


def merged(parts: Sequence[Part]) -> Part:
    """Parts of neighbouring documents as one."""
    names = dict.fromkeys(name for part in parts for name in part.tables)
    sums = [part.sums() for part in parts if part.vectors]
    return Part(
        rows=sum(part.rows for part in parts),
        tables={name: [one for part in parts for one in part.tables.get(name, [])] for name in names},
        deals=[one for part in parts for one in part.deals],
        stressed=[one for part in parts for one in part.stressed],
        simulated=[one for part in parts for one in part.simulated],
        vectors=np.sum(sums, axis=0).tobytes() if sums else b"",
        losses=[one for part in parts for one in part.losses],
        rejects=[one for part in parts for one in part.rejects],
    )


def _abort(document: Document) -> None:
    name = os.environ.get(ABORT)
    if name and f'"{name}"'.encode() in document.content:
        os.kill(os.getpid(), signal.SIGKILL)


def _underwrite(job: Job, on_fault: OnFault) -> Part:
    found = [underwrite(document, job.terms, on_fault, job.limits) for document in job.documents]
    deals = [one for one in found if isinstance(one, DealRows)]
    tables = {
        name: [parquet(name, [row for deal in deals for row in deal.datasets[name]])] for name in OF_DEALS
    }
    kept = ("deals", "classes") if job.keep else ("deals",)
    return Part(
        rows=len(job.documents),
        tables=tables,
        deals=[
            msgspec.structs.replace(deal, datasets={name: deal.datasets[name] for name in kept})
            for deal in deals
        ],
        rejects=[one for one in found if isinstance(one, Rejected)],
    )


def _stress(job: Job, on_fault: OnFault) -> Part:
    found = [stress(document, job.terms, job.defaults, on_fault) for document in job.documents]
    runs = [one for of_deal in found if not isinstance(of_deal, Rejected) for one in of_deal]
    rows = {
        "scenarios": [one.deal for one in runs],
        "scenario_classes": [c for one in runs for c in one.classes],
    }
    return Part(
        rows=len(job.documents),
        tables={name: [parquet(name, rows[name])] for name in OF_DEFAULTS},
        stressed=runs,
        rejects=[one for one in found if isinstance(one, Rejected)],
    )


def _simulate(job: Job, on_fault: OnFault) -> Part:
    """Simulate; of many paths only the sums by path go back, for all documents together."""
    asked, deals, rejects = job.terms.simulation, list[Simulated](), list[Rejected]()
    vectors = None
    if asked is not None and asked.tail_only:
        vectors = np.zeros((1 + len(CATEGORIES), asked.paths), dtype=np.int64)
    for document in job.documents:
        found = simulate(document, job.terms, on_fault)
        if isinstance(found, Rejected):
            rejects.append(found)
        elif found is not None and vectors is not None:
            add_losses(vectors, found.losses)
            deals.append(without_losses(found))
        elif found is not None:
            deals.append(found)
    sums = b"" if vectors is None else vectors.tobytes()
    return Part(rows=len(job.documents), simulated=deals, vectors=sums, rejects=rejects)


def _lose(job: Job, _: OnFault) -> Part:
    paths = np.frombuffer(job.paths, np.int64)
    losses = [lose(document, job.terms, paths) for document in job.documents]
    return Part(rows=len(job.documents), losses=losses)


STAGES = {"underwrite": _underwrite, "scenario": _stress, "simulate": _simulate, "contribute": _lose}


def parquet(name: str, rows: list[dict[str, Any]]) -> bytes:
    """Rows of a dataset as a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table(name, rows), sink, compression="zstd", store_schema=False)
    return bytes(sink.getvalue().to_pybytes())
