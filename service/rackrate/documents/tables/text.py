"""Tables as text: CSV that opens in a spreadsheet (RFC 4180), and JSON."""

# Design: a spreadsheet takes text that begins like a formula for one, quoted or not; an apostrophe ahead of
# it makes it text again. Numbers are left alone: a minus is theirs.

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain

import msgspec

from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.documents.tables.table import Cell, Column, TableColumn, TableDocument, shown_unit

MARK = "\ufeff"  # by which a spreadsheet knows UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(columns: Sequence[Column], currency: str) -> bytes:
    """Write columns as CSV under a header that says their units; null is empty."""
    written = io.StringIO(newline="")
    rows = zip(*(_texts(column) for column in columns), strict=True)
    csv.writer(written).writerows(chain([[_head(column, currency) for column in columns]], rows))
    return (MARK + written.getvalue()).encode()


def as_json(table: str, columns: Sequence[Column], deal: Deal, underwriting: Underwriting) -> bytes:
    """Write columns as JSON, with what the table was made from."""
    document = TableDocument(
        table=table,
        id=underwriting.id,
        engine=underwriting.engine,
        ruleset=underwriting.ruleset.name,
        currency=deal.currency,
        columns=[
            TableColumn(
                name=column.name,
                unit=shown_unit(column.unit, deal.currency),
                kind=column.kind,
                values=[cell.isoformat() if isinstance(cell, date) else cell for cell in column.values],
            )
            for column in columns
        ],
    )
    return msgspec.json.encode(document)


def _head(column: Column, currency: str) -> str:
    """Name a column and its unit.

    >>> _head(Column("ncf", "money", "number", []), "USD"), _head(Column("pik", "", "boolean", []), "USD")
    ('ncf [USD]', 'pik')
    """
    unit = shown_unit(column.unit, currency)
    return neutral(f"{column.name} [{unit}]" if unit else column.name)


def _texts(column: Column) -> Iterator[str]:
    return map(_text, column.values)


def _text(cell: Cell) -> str:
    """Write a cell: numbers by the shortest digits that read back as they are.

    >>> _text(0.1), _text(-2.5), _text(None), _text(True), _text(date(2027, 1, 2)), _text("=1+1")
    ('0.1', '-2.5', '', 'true', '2027-01-02', "'=1+1")
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str):
        return neutral(cell)
    return cell.isoformat() if isinstance(cell, date) else repr(cell)


def neutral(text: str) -> str:
    """Put an apostrophe before text that a spreadsheet would take for a formula.

    >>> neutral("@SUM(1)"), neutral("A-1")
    ("'@SUM(1)", 'A-1')
    """
    return f"'{text}" if text.startswith(FORMULA) else text
