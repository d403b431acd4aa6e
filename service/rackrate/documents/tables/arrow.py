"""Tables as Arrow streams and Parquet files, units and origin in their metadata."""

# Design: pyarrow is 170 MB and few ask for its formats, so it is an extra, loaded where it is first needed.
# One row group and nothing of the writer's own beside its version: the same table is the same bytes.

from collections.abc import Sequence
from typing import Any

from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.documents.tables.table import Column, shown_unit

PREFIX = "rackrate."


def as_arrow(table: str, columns: Sequence[Column], deal: Deal, underwriting: Underwriting) -> bytes:
    """Write columns as an Arrow IPC stream of one record batch."""
    import pyarrow  # type: ignore[import-untyped]  # ships no types

    whole = _table(table, columns, deal, underwriting)
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, whole.schema) as writer:
        writer.write_table(whole)
    return bytes(sink.getvalue())


def as_parquet(table: str, columns: Sequence[Column], deal: Deal, underwriting: Underwriting) -> bytes:
    """Write columns as a Parquet file of one row group, compressed by Zstandard."""
    import pyarrow
    from pyarrow import parquet

    whole = _table(table, columns, deal, underwriting)
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(
        whole, sink, compression="zstd", row_group_size=max(1, whole.num_rows), write_statistics=True
    )
    return bytes(sink.getvalue())


def _table(name: str, columns: Sequence[Column], deal: Deal, underwriting: Underwriting) -> Any:
    import pyarrow

    types = {
        "integer": pyarrow.int32(),
        "number": pyarrow.float64(),
        "date": pyarrow.date32(),
        "text": pyarrow.dictionary(pyarrow.int32(), pyarrow.string()),
        "boolean": pyarrow.bool_(),
    }
    told = {
        "table": name,
        "id": underwriting.id,
        "engine": underwriting.engine,
        "ruleset": underwriting.ruleset.name,
        "currency": deal.currency,
    }
    fields = [
        pyarrow.field(
            column.name, types[column.kind], metadata={"unit": shown_unit(column.unit, deal.currency)}
        )
        for column in columns
    ]
    schema = pyarrow.schema(fields, metadata={PREFIX + key: value for key, value in told.items()})
    arrays = [pyarrow.array(column.values, field.type) for column, field in zip(columns, fields, strict=True)]
    return pyarrow.Table.from_arrays(arrays, schema=schema)
