"""Documents of a book: from any place on they are those that follow it in a pass from the first."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rackrate.books.source import chunks, documents, read_chunk, source_of

VALUES = [b"{}", None, b" [1]\n", b"", b"7", None, b"null", b"[]", b"{", b"x", b"\xff"]


@pytest.mark.parametrize("rows", range(1, len(VALUES) + 1))
def test_parquet_is_read_from_any_place_on_however_large_its_row_groups_are(tmp_path, rows):
    path = tmp_path / "book.parquet"
    pq.write_table(pa.table({"document": pa.array(VALUES, pa.binary())}), path, row_group_size=rows)
    source = source_of(path, "document")
    whole = list(documents(source))
    assert [content for _, content in whole] == [value.strip() for value in VALUES if value is not None]
    for number, (place, _) in enumerate(whole):
        assert list(documents(source, place)) == whole[number:]
    for size in range(1, len(whole) + 1):
        read = [one for chunk in chunks(source, size) for one in read_chunk(source, chunk)]
        assert [(one.source, one.content) for one in read] == [(at.source, of) for at, of in whole]


def test_lines_are_read_from_any_place_on_blank_ones_and_returns_among_them(tmp_path):
    path = tmp_path / "book.ndjson"
    path.write_bytes(b"{}\r\n\n [1] \n\r\n7\nlast")
    source = source_of(path, "document")
    whole = list(documents(source))
    assert [(at.source, of) for at, of in whole] == [
        ("line 1", b"{}"), ("line 3", b"[1]"), ("line 5", b"7"), ("line 6", b"last")
    ]  # fmt: skip
    for number, (place, _) in enumerate(whole):
        assert list(documents(source, place)) == whole[number:]
