"""Rows of a CSV file, and records of a CREFC setup or periodic file by field number."""

import csv
import io
import re
from collections.abc import Iterator

from rackrate.analyses.tapes.crefc_names import SETUP_NAMES
from rackrate.analyses.tapes.records import MOST_RECORDS, Record, Report
from rackrate.analyses.tapes.text import NOTHING, broken, text_of
from rackrate.deal.answers.tape import Layout
from rackrate.deal.errors import FieldError, Invalid

MOST_COLUMNS, MOST_CHARACTERS, MOST_LINES = 500, 4096, 200_000
ID_NAME = "prospectusloanid"
_LETTERS = re.compile("[^a-z0-9%$#]")


def rows(content: bytes, delimiters: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank, trimmed, with the line it begins on.

    The delimiter is the one of `delimiters` that the file has most of, the first of equals.

    Raises
    ------
    Malformed
        If it is no CSV in UTF-8, or all its rows are blank.
    Invalid
        If it is beyond the bounds.
    """
    text, line, count = text_of(content), 1, 0
    if text.count("\n") + text.count("\r") > MOST_LINES:
        raise _refused(MOST_LINES, 1, f"more than {MOST_LINES} lines")
    delimiter = max(delimiters, key=text.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as fault:
            raise broken(reader.line_num or 1, 1, f"no CSV: {fault}") from None
        if row is None and count == 0:
            raise broken(1, 1, NOTHING)
        if row is None:
            return
        cells, begun, line = [cell.strip() for cell in row], line, reader.line_num + 1
        if not any(cells):
            continue
        count += 1
        _check_bounds(cells, begun, count)
        yield begun, cells


def _check_bounds(cells: list[str], line: int, count: int) -> None:
    if count > MOST_RECORDS + 1:
        raise _refused(line, 1, f"more than {MOST_RECORDS} records")
    if len(cells) > MOST_COLUMNS:
        raise _refused(line, 1, f"more than {MOST_COLUMNS} columns")
    long = next((i for i, cell in enumerate(cells, 1) if len(cell) > MOST_CHARACTERS), None)
    if long is not None:
        raise _refused(line, long, f"more than {MOST_CHARACTERS} characters in one cell")


def _refused(line: int, column: int, message: str) -> Invalid:
    return Invalid.of([FieldError("", f"line {line}, column {column}: {message}")])


def plain_name(header: str) -> str:
    """A header without case, blanks and marks.

    >>> plain_name("Balloon  (Y/N)")
    'balloonyn'
    """
    return _LETTERS.sub("", header.lower())


def crefc_records(content: bytes, layout: Layout, report: Report) -> list[Record]:
    """Read the records of a CREFC file, cells by field number; a row with more cells than fields is reported.

    Raises
    ------
    Malformed, Invalid
        As `rows` does, or if a setup file has no header or a periodic one has.
    """
    found = rows(content)
    line, first = next(found)
    if layout == "crefc_setup":
        names = _setup_fields(first, line)
    else:
        if any(plain_name(cell) == ID_NAME for cell in first):
            raise _refused(line, 1, "a periodic file has no header, and this has")
        names = [f"L{i}" for i in range(1, len(first) + 1)]
    listed = [] if layout == "crefc_setup" else [(line, first)]
    return [record for row in (*listed, *found) for record in _record(row, names, report)]


def _record(row: tuple[int, list[str]], names: list[str | None], report: Report) -> Iterator[Record]:
    line, cells = row
    if any(cells[len(names) :]):
        report.add(line, "row", "unreadable", f"{len(cells)} cells, and there are {len(names)} columns")
        return
    named = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell}
    yield Record(line, named)


def _setup_fields(header: list[str], line: int) -> list[str | None]:
    """Field numbers of a header's columns: by name, or by place where every name known stands in its own."""
    known = {plain_name(name): f"S{i}" for i, name in enumerate(SETUP_NAMES, 1) if name}
    named = [known.get(plain_name(cell)) for cell in header]
    counted = [name for name in named if name]
    if "S4" not in counted:
        raise _refused(line, 1, "a setup file begins with a header, and no column is 'Prospectus Loan ID'")
    twice = next((i for i, name in enumerate(named) if name and name in named[:i]), None)
    if twice is not None:
        raise _refused(line, twice + 1, f"the column {header[twice][:80]!r} is there twice")
    places = [f"S{i}" for i in range(1, len(header) + 1)]
    if all(name in (None, place) for name, place in zip(named, places, strict=True)):
        return [name or place for name, place in zip(named, places, strict=True)]
    return named
