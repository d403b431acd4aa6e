"""Working folder of a run: its plan, the parts that are done, and the lock that keeps a second run out."""

# Design: a part is written beside its place, made durable and renamed; it is believed only with the plan's
# hash, its chunk's digest and its own. So a run may end anywhere, and the next one computes what is
# missing.

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from rackrate import __version__
from rackrate.books.source import Chunk
from rackrate.deal import rulesets
from rackrate.deal.requests.book import BookTerms
from rackrate.engine.simulation.streams import DRAWS

FORMAT = "rackrate-book-work-1"
FOLDER = 1000  # parts of a folder
LOCK = "lock"


class Plan(Struct, frozen=True, kw_only=True):
    """What a run does: on which documents, what is asked, by which engine, in which chunks."""

    format: str = FORMAT
    input: str
    request: BookTerms
    engine: str = __version__
    draws: int = DRAWS
    rulesets: list[tuple[str, str]]
    chunk: int
    chunks: list[Chunk]

    @property
    def documents(self) -> int:
        """Documents of the book."""
        return sum(chunk.documents for chunk in self.chunks)

    @property
    def sha256(self) -> str:
        """Hash of all of it."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


def plan_of(terms: BookTerms, chunk: int, chunks: list[Chunk]) -> Plan:
    """The plan of a run over chunks of documents."""
    digest = hashlib.sha256("".join(one.sha256 for one in chunks).encode()).hexdigest()
    known = [rulesets.load(name) for name in rulesets.names()]
    return Plan(
        input=digest,
        request=terms,
        rulesets=[(ruleset.name, ruleset.sha256) for ruleset in known],
        chunk=chunk,
        chunks=chunks,
    )


class OtherPlanError(Exception):
    """A folder holds the work of another run."""


class BusyError(Exception):
    """Another run is at work in the folder."""


class Work:
    """The folder `work` of a run, which has its lock."""

    def __init__(self, out: Path, plan: Plan) -> None:
        self._folder, self.plan, self._hash = out / "work", plan, plan.sha256

    def begin(self) -> None:
        """Write the plan, or hold it against the one that is there.

        Raises
        ------
        OtherPlanError
            If that is of another input, request, engine, ruleset or chunk, naming the first difference.
        """
        path = self._folder / "plan.json"
        if not path.exists():
            write_whole(path, [msgspec.json.encode(self.plan)])
            return
        try:
            known = msgspec.json.decode(path.read_bytes(), type=Plan)
        except msgspec.DecodeError as error:
            raise OtherPlanError(f"{path} cannot be read: {error}") from error
        for name in ("format", "engine", "draws", "rulesets", "request", "chunk", "input", "chunks"):
            if getattr(known, name) != getattr(self.plan, name):
                raise OtherPlanError(f"{path} is of another {name}; --fresh starts over")

    def _path(self, stage: str, number: int) -> Path:
        return self._folder / "parts" / f"{number // FOLDER:03d}" / f"{stage}-{number:06d}"

    def _head(self, digest: str, content: bytes) -> bytes:
        own = hashlib.sha256(content).hexdigest()
        return json.dumps([self._hash, digest, own]).encode() + b"\n"

    def write(self, stage: str, number: int, digest: str, content: bytes) -> None:
        """Keep the part of a stage and a task whose input has a digest."""
        write_whole(self._path(stage, number), [self._head(digest, content), content])

    def read(self, stage: str, number: int, digest: str) -> bytes | None:
        """A part that is there and right; None else."""
        try:
            content = self._path(stage, number).read_bytes()
        except FileNotFoundError:
            return None
        head, _, rest = content.partition(b"\n")
        return rest if head + b"\n" == self._head(digest, rest) else None

    def count(self, stage: str) -> int:
        """How many parts of a stage are there, right or wrong."""
        return sum(1 for _ in (self._folder / "parts").glob(f"*/{stage}-{'[0-9]' * 6}"))

    def free(self) -> int:
        """Bytes that are free where the folder is."""
        return shutil.disk_usage(self._folder).free


def emptied(out: Path) -> None:
    """Remove what a run keeps in a folder while it is at work; the lock is whoever's has it."""
    for path in (out / "work").glob("*"):
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != LOCK:
            path.unlink()


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold the lock of a folder's work.

    Raises
    ------
    BusyError
        If another run has it.
    """
    path = out / "work" / LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BusyError(f"{out}: another run is at work in it") from error
        if not path.exists() or path.stat().st_ino != os.fstat(lock.fileno()).st_ino:
            raise BusyError(f"{out}: another run has just ended in it")
        try:
            yield
        finally:
            path.unlink()
            with suppress(OSError):  # what is done is kept in it
                path.parent.rmdir()


def write_whole(path: Path, blocks: Iterable[bytes]) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.tmp-{os.getpid()}")
    try:
        with beside.open("wb") as file:
            file.writelines(blocks)
        durable(beside)
        beside.rename(path)
    finally:
        beside.unlink(missing_ok=True)
    durable(path.parent)


def durable(path: Path) -> None:
    """See to it that a file, or the names in a folder, outlast a loss of power."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
