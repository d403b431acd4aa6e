"""Rows of a workbook's sheet as text: bounded, without macros, formulas by the value they were saved with."""

# Design: a workbook is a zip of XML. Its parts are counted and measured before the library opens them, and
# none of them may declare a document type; the library then reads row by row, no more than a roll has.

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from importlib.util import find_spec
from typing import Any

from rackrate.analyses.tapes.csv_records import MOST_CHARACTERS
from rackrate.analyses.tapes.text import broken
from rackrate.deal.errors import FieldError, Invalid, Malformed, Unsupported

MOST_PARTS, MOST_UNPACKED, MOST_ROWS, MOST_COLUMNS = 500, 32 * 1024 * 1024, 5_000, 100
MOST_TAGS, MOST_OTHER_TAGS = 1_000_000, 50_000  # of a sheet or its strings, and of all that is neither
_OF_CELLS = ("xl/worksheets/", "xl/sharedStrings")
_DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def workbook_rows(content: bytes, sheet: str | None) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank of a sheet, with its number; percentages as such, dates as ISO.

    Raises
    ------
    Malformed
        If it is no workbook.
    Invalid
        If it is beyond the bounds, or which sheet is meant is not said.
    Unsupported
        If what reads workbooks is not installed.
    """
    if find_spec("openpyxl") is None:
        raise Unsupported("Reading a workbook needs openpyxl: install rackrate[xlsx], or send CSV.")
    _check_parts(content)
    yield from _rows(_opened(content), sheet)


def _check_parts(content: bytes) -> None:
    """Measure what a zip unpacks to, and look into its XML, before anything is made of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            listed = parts.infolist()
            if len(listed) > MOST_PARTS or sum(part.file_size for part in listed) > MOST_UNPACKED:
                raise Invalid.of([FieldError("", f"it unpacks to more than {MOST_UNPACKED} bytes or parts")])
            for part in listed:
                if part.filename.endswith((".xml", ".rels")):
                    _check_part(part.filename, parts.read(part))  # no more than its declared size
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as fault:
        raise broken(1, 1, f"no workbook: {fault}") from None


def _check_part(name: str, text: bytes) -> None:
    """Refuse XML that declares anything, is in another encoding, or has more elements than a roll."""
    if _DECLARED.search(text) or b"\0" in text:
        raise Malformed(f"{name[:80]}: document types, entities and UTF-16 are not read")
    most = MOST_TAGS if name.startswith(_OF_CELLS) else MOST_OTHER_TAGS
    if text.count(b"<") > most:
        raise Invalid.of([FieldError("", f"{name[:80]}: more than {most} tags")])


def _opened(content: bytes) -> Any:
    import openpyxl  # type: ignore[import-untyped]  # has no types

    try:
        with warnings.catch_warnings(action="ignore"):  # of styles and extensions, which no roll has
            return openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=True, keep_links=False
            )
    except Exception:  # noqa: BLE001  whatever a broken workbook makes the library stumble over
        raise broken(1, 1, "no workbook: parts that it needs are missing or do not fit together") from None


def _rows(workbook: Any, sheet: str | None) -> Iterator[tuple[int, list[str]]]:
    names: list[str] = workbook.sheetnames
    if sheet is None and len(names) != 1:
        raise Invalid.of(
            [FieldError("/sheet", f"say which sheet is the rent roll: {', '.join(names)[:500]}")]
        )
    if sheet is not None and sheet not in names:
        raise Invalid.of([FieldError("/sheet", f"no sheet {sheet!r}: there are {', '.join(names)[:500]}")])
    try:
        page = workbook[names[0] if sheet is None else sheet]
        rows = page.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS)
        for line, row in enumerate(rows, 1):
            if line > MOST_ROWS:
                raise Invalid.of([FieldError("", f"more than {MOST_ROWS} rows")])
            cells = [_text(cell) for cell in row]
            if any(cells):
                yield line, cells
    except (Invalid, Malformed):
        raise
    except Exception:  # noqa: BLE001  as above: a sheet is parsed as it is read
        raise broken(1, 1, "no sheet of a workbook: its cells cannot be read") from None


def _text(cell: Any) -> str:
    """A cell as it would be typed: a percentage with its sign, a date as ISO."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, int | float) and not isinstance(value, bool):
        exact = Decimal(repr(value))
        return f"{exact * 100:f}%" if "%" in str(cell.number_format) else f"{exact:f}"
    return str(value).strip()[: MOST_CHARACTERS + 1]
