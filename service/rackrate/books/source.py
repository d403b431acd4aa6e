"""Documents of a book: lines of NDJSON, files of a folder, rows of Parquet, counted, hashed, in chunks."""

# Design: one pass counts and hashes everything; after it any chunk is read by itself, so that a book may be
# longer than memory, and a run that was interrupted goes on where it was.

import hashlib
import os
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Literal, NamedTuple

import pyarrow as pa  # type: ignore[import-untyped]  # ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships no types
from msgspec import Struct

from rackrate.analyses.books.stages import Document

MOST_CHUNK = 8 * 1024 * 1024  # bytes of documents in a chunk
Kind = Literal["ndjson", "json", "parquet"]
ROWS = 1024  # of Parquet that are read together


class SourceError(Exception):
    """What is named is no book: it is not there, or has no column of documents."""


class File(Struct, frozen=True):
    """One file of a book."""

    name: str
    bytes: int
    sha256: str


class Source(NamedTuple):
    """Where a book's documents are: its kind, its files in order, and the column of Parquet."""

    kind: Kind
    files: list[Path]
    root: Path
    column: str


class Place(NamedTuple):
    """Where a document stands: the file's place, its offset (or row), its own place in the source's words."""

    file: int
    offset: int
    source: str


def source_of(book: Path, column: str) -> Source:
    """Find the documents of a book.

    Raises
    ------
    SourceError
        If there is no such file or folder, or nothing in it.
    """
    if not book.exists():
        raise SourceError(f"{book}: no such file or folder")
    if book.is_file():
        kind: Kind = "parquet" if book.suffix == ".parquet" else "ndjson"
        return Source(kind, [book], book.parent, column)
    for kind, ending in (("parquet", ".parquet"), ("json", ".json")):
        files = sorted(_below(book, ending), key=lambda path: os.fsencode(path.relative_to(book)))
        if files:
            return Source(kind, files, book, column)
    raise SourceError(f"{book}: no *.json and no *.parquet in it")


def _below(folder: Path, ending: str) -> Iterator[Path]:
    """Files below a folder with an ending; links are not followed."""
    for at, _, names in os.walk(folder, followlinks=False):
        for name in names:
            path = Path(at, name)
            if name.endswith(ending) and not path.is_symlink():
                yield path


def documents(source: Source, first: Place | None = None) -> Iterator[tuple[Place, bytes]]:
    """Documents in order, from a place on, white space around cut; blank lines and null values are none."""
    start = first.file if first is not None else 0
    for file in range(start, len(source.files)):
        at = first.offset if first is not None and file == start else 0
        if source.kind == "ndjson":
            yield from _lines(source, file, at, first.source if at and first is not None else "line 1")
        elif source.kind == "json":
            path = source.files[file]
            yield Place(file, 0, str(path.relative_to(source.root))), path.read_bytes().strip()
        else:
            yield from _values(source, file, at)


def _lines(source: Source, file: int, offset: int, first: str) -> Iterator[tuple[Place, bytes]]:
    number = int(first.removeprefix("line "))
    with source.files[file].open("rb") as lines:
        lines.seek(offset)
        for line in lines:
            content = line.strip()
            if content:
                yield Place(file, offset, f"line {number}"), content
            offset, number = offset + len(line), number + 1


def _values(source: Source, file: int, first: int) -> Iterator[tuple[Place, bytes]]:
    path = source.files[file]
    with pq.ParquetFile(path) as opened:
        kind = (
            opened.schema_arrow.field(source.column).type
            if source.column in opened.schema_arrow.names
            else None
        )
        if kind is None or not (pa.types.is_string(kind) or pa.types.is_binary(kind) or _is_large(kind)):
            raise SourceError(f"{path}: no column {source.column!r} of text or bytes")
        sizes = [opened.metadata.row_group(group).num_rows for group in range(opened.num_row_groups)]
        ends = list(accumulate(sizes))
        groups = [group for group, end in enumerate(ends) if end > first]
        passed = max((end for end in ends if end <= first), default=0)
        for batch in opened.iter_batches(ROWS, row_groups=groups, columns=[source.column]):
            for value in batch.column(0):
                if value.is_valid and passed >= first:
                    content = value.as_py()
                    content = content.encode() if isinstance(content, str) else content
                    yield Place(file, passed, f"row {passed}"), content.strip()
                passed += 1


def _is_large(kind: pa.DataType) -> bool:
    return bool(pa.types.is_large_string(kind) or pa.types.is_large_binary(kind))


class Chunk(Struct, frozen=True, array_like=True):
    """Documents that are worked on together: the first one's row and place, how many, bytes and hash."""

    row: int
    documents: int
    file: int
    offset: int
    source: str
    bytes: int
    sha256: str


def chunks(source: Source, most: int) -> Iterator[Chunk]:
    """Cut a book into chunks of a number of documents, or of 8 MiB, whichever comes first."""
    row, count, size, digest, first = 0, 0, 0, hashlib.sha256(), Place(0, 0, "")
    for place, content in documents(source):
        if count and (count == most or size + len(content) > MOST_CHUNK):
            yield Chunk(row, count, *first, size, digest.hexdigest())
            row, count, size, digest = row + count, 0, 0, hashlib.sha256()
        if not count:
            first = place
        count, size = count + 1, size + len(content)
        digest.update(len(content).to_bytes(8, "little") + content)
    if count:
        yield Chunk(row, count, *first, size, digest.hexdigest())


def read_chunk(source: Source, chunk: Chunk) -> list[Document]:
    """Documents of a chunk.

    Raises
    ------
    SourceError
        If they are not those that were counted: the book has changed meanwhile.
    """
    digest, found = hashlib.sha256(), list[Document]()
    for place, content in documents(source, Place(chunk.file, chunk.offset, chunk.source)):
        found.append(Document(chunk.row + len(found), place.source, content))
        digest.update(len(content).to_bytes(8, "little") + content)
        if len(found) == chunk.documents:
            break
    if digest.hexdigest() != chunk.sha256:
        raise SourceError(f"{source.files[chunk.file]}: has changed since the run began")
    return found


def file_of(path: Path, root: Path) -> File:
    """A file's name below its root, its size and its hash."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as opened:
        while part := opened.read(1 << 20):
            digest.update(part)
            size += len(part)
    return File(str(path.relative_to(root)), size, digest.hexdigest())
