"""Join the parts of a run into the datasets of a book: in order, the same bytes whatever the parts."""

# Design: row groups and files end at fixed rows, never where a part ends; tables are made contiguous before
# they are written. So nothing of how the work was cut is left in a file.

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # ships no types
import pyarrow.compute as pc  # type: ignore[import-untyped]  # ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships no types
from msgspec import Struct

from rackrate import __version__
from rackrate.books.columns import schema, table
from rackrate.books.work import durable, write_whole

OF_FILE, OF_GROUP, PATHS_OF_GROUP = 100_000, 10_000, 65_536


class Output(Struct, frozen=True):
    """A file of a dataset: its path in the folder, rows, bytes and hash."""

    path: str
    rows: int
    bytes: int
    sha256: str


class Joined:
    """Writes the datasets of one book into a folder."""

    def __init__(self, out: Path, book: str, simulated: bool) -> None:
        self._out, self._simulated = out, simulated
        self._metadata = {"engine": __version__, "book": book}
        self.outputs: list[Output] = []

    def by_row(self, name: str, tables: Iterable[pa.Table], documents: int) -> None:
        """Write a dataset of rows in the order of documents: a file each 100,000, a group each 10,000."""
        waiting = iter(_groups(tables, OF_GROUP))
        group = next(waiting, None)
        for file in range(max(1, -(-documents // OF_FILE))):
            with self._file(name, file) as writer:
                while group is not None and group[0] < (file + 1) * (OF_FILE // OF_GROUP):
                    writer.write(group[1])
                    group = next(waiting, None)

    def by_scenario(self, name: str, tables: Iterable[pa.Table], documents: int, scenarios: int) -> None:
        """Write a dataset in the order of scenarios, then of documents; files and groups as for rows."""
        waiting = iter(_groups(tables, OF_FILE))
        held = next(waiting, None)
        for file in range(max(1, -(-documents // OF_FILE))):
            with self._file(name, file) as writer:
                if held is None or held[0] != file:
                    continue
                rows = pa.concat_tables(held[1])
                for scenario in range(scenarios):
                    for _, group in _groups([rows.filter(pc.equal(rows["scenario"], scenario))], OF_GROUP):
                        writer.write(group)
                held = next(waiting, None)

    def whole(self, name: str, tables: Iterable[pa.Table]) -> None:
        """Write a dataset as one file, a group each table."""
        with self._file(name, 0) as writer:
            for own in tables:
                writer.write([own])

    def beside(self, name: str, content: bytes, rows: int) -> None:
        """Write a file that is no dataset."""
        write_whole(self._out / name, [content])
        self.outputs.append(Output(name, rows, len(content), hashlib.sha256(content).hexdigest()))

    def _file(self, name: str, number: int) -> "_Writer":
        return _Writer(
            self, name, number, schema(name, self._simulated).with_metadata(self._metadata), self._out
        )


class _Writer:
    """One file of a dataset, its rows counted and its bytes hashed when it is closed."""

    def __init__(self, joined: Joined, name: str, number: int, wanted: pa.Schema, out: Path) -> None:
        self._joined, self._schema, self._rows = joined, wanted, 0
        self._path, self._out = out / name / f"{number:05d}.parquet", out

    def __enter__(self) -> "_Writer":
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(
            self._path, self._schema, compression="zstd", compression_level=3, store_schema=False
        )
        self._writer.add_key_value_metadata(
            {k.decode(): v.decode() for k, v in self._schema.metadata.items()}
        )
        return self

    def write(self, tables: list[pa.Table]) -> None:
        """Write a row group of tables, which are let go of column by column: none lies in memory twice."""
        rows = sum(map(len, tables))
        if not rows:
            return
        columns = {name: [own[name] for own in tables] for name in self._schema.names}
        tables.clear()
        whole = pa.table(
            [_contiguous(columns.pop(field.name), field.type) for field in self._schema], schema=self._schema
        )
        self._writer.write_table(whole, row_group_size=rows)
        self._rows += rows

    def __exit__(self, kind: Any, *_: Any) -> None:
        self._writer.close()
        if kind is None:
            durable(self._path)
            durable(self._path.parent)
            digest, size = hashlib.sha256(), 0
            with self._path.open("rb") as written:
                while block := written.read(1 << 20):
                    digest.update(block)
                    size += len(block)
            name = str(self._path.relative_to(self._out))
            self._joined.outputs.append(Output(name, self._rows, size, digest.hexdigest()))


def _contiguous(columns: list[pa.ChunkedArray], kind: pa.DataType) -> pa.Array:
    """A column of several tables as one array."""
    return pa.concat_arrays([chunk.cast(kind) for column in columns for chunk in column.chunks])


def _groups(tables: Iterable[pa.Table], of: int) -> Iterator[tuple[int, list[pa.Table]]]:
    """Rows by the multiple of documents they are in, in order; who takes the tables empties the list."""
    number, held = -1, list[pa.Table]()
    for own in tables:
        start = 0
        rows = own["row"].to_numpy() // of
        while start < len(rows):
            end = start + int((rows[start:] == rows[start]).sum())
            if rows[start] != number and held:
                yield number, held
                held = []
            number = int(rows[start])
            held.append(own.slice(start, end - start))
            start = end
    if held:
        yield number, held


def without(own: pa.Table, rejected: set[int]) -> pa.Table:
    """Rows of documents that no later stage rejected."""
    if not rejected:
        return own
    return own.filter(pc.invert(pc.is_in(own["row"], pa.array(sorted(rejected), pa.int64()))))


def with_estimates(classes: pa.Table, estimates: dict[tuple[int, int], dict[str, Any]]) -> pa.Table:
    """Rows of classes with what a simulation found of each."""
    rows = classes.to_pylist()
    for row in rows:
        row.update(estimates.get((row["row"], row["class"]), {}))
    return table("classes", rows, simulated=True)
