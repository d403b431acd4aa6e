"""References of a formula by name, and the addresses of a spreadsheet that they come to.

``{key}`` is a cell, or a row in this column; ``{key@-1}`` the column left, ``{key@-11:0}`` a window that
stops at the first month; ``{key@[3]}``, ``{key@[0:11]}``, ``{key@[:]}`` months of a row wherever the formula
stands, -1 being the opening; ``{a..b}`` everything from one row or cell down to another; ``{m}`` the month.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from rackrate.documents.workbook.formulas.grammar import REFERENCE, FormulaError

if TYPE_CHECKING:
    from rackrate.documents.workbook.formulas.book import Book, Cell, Row

FIRST = 7  # column of month 0; the opening stands left of it
MONTH_ROW = 3
WINDOW = re.compile(r"([+-]?\d+):([+-]?\d+)|([+-]\d+)")


@dataclass
class Reference:
    """A reference: rows at some months, or cells."""

    rows: Sequence["Row"] = ()
    cells: Sequence["Cell"] = ()
    offsets: tuple[int, int] = (0, 0)
    absolute: tuple[int, int] | None = None
    is_range: bool = False
    is_window: bool = False
    month: bool = False


@dataclass(frozen=True)
class Relative:
    """A part of a formula that moves with its column: rows ``top`` to ``bottom``, columns from its own."""

    prefix: str
    top: int
    bottom: int
    offsets: tuple[int, int]
    is_range: bool
    is_window: bool

    @property
    def pattern(self) -> str:
        """Its address with ``%s`` in place of each column."""
        first = f"{self.prefix}%s{self.top}"
        return f"{first}:%s{self.bottom}" if self.is_range else first

    def letters(self, columns: range) -> list[Sequence[str]]:
        """What its pattern takes in each of some columns; a window stops at the first month."""
        low, high = self.offsets
        first = across(columns.start + low, len(columns), FIRST if self.is_window else 0)
        return [first, across(columns.start + high, len(columns), 0)] if self.is_range else [first]

    def begins(self) -> int:
        """The first column in which it has a month."""
        return FIRST - self.offsets[1] if self.is_window else 0


@dataclass
class Pieces:
    """A template as texts and the parts that move with the column."""

    parts: list[str | Relative] = field(default_factory=list)

    def at(self, column: int) -> str:
        """The formula in a column."""
        return self.over(range(column, column + 1))[0]

    def over(self, columns: range) -> list[str]:
        """The formula in each of some columns; a window that has no month yet is nothing."""
        moving = [part for part in self.parts if isinstance(part, Relative)]
        whole = min(max([columns.start, *(part.begins() for part in moving)]), columns.stop)
        early = [self._without(column) for column in range(columns.start, whole)]
        later = range(whole, columns.stop)
        taken = [each for part in moving for each in part.letters(later)]
        pattern = "".join(
            [part.replace("%", "%%") if isinstance(part, str) else part.pattern for part in self.parts]
        )
        rows = zip(*taken, strict=True) if taken else [()] * len(later)
        return early + [pattern % found for found in rows]

    def _without(self, column: int) -> str:
        """The formula in a column in which a window has no month."""
        known = [
            "0" if isinstance(part, Relative) and part.begins() > column else part for part in self.parts
        ]
        return Pieces(known).at(column)


@cache
def letters(column: int) -> str:
    """Letters of a column.

    >>> letters(0), letters(25), letters(26), letters(702)
    ('A', 'Z', 'AA', 'AAA')
    """
    name, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(65 + digit) + name
    return name


@cache
def across(start: int, count: int, least: int) -> tuple[str, ...]:
    """Letters of columns side by side, none of them left of the least.

    >>> across(6, 3, 7)
    ('H', 'H', 'I')
    """
    return tuple(letters(max(column, least)) for column in range(start, start + count))


def reference(book: "Book", text: str) -> Reference:
    """Find what a reference names."""
    if text == "m":
        return Reference(month=True)
    name, _, where = text.partition("@")
    first, _, last = name.partition("..")
    if first in book.cells:
        return _of_cells(book, first, last)
    if first not in book.rows:
        raise FormulaError(f"{text}: neither a row nor a cell")
    rows = _between(book.rows[first].sheet.rows, book.rows[first], book.rows[last or first])
    found = Reference(rows=rows, is_range=bool(last))
    if where.startswith("["):
        low, colon, high = where[1:-1].partition(":")
        start = int(low or 0)
        end = (int(high) if high else rows[0].sheet.months - 1) if colon else start
        found.absolute, found.is_range = (start, end), bool(colon) or bool(last)
    elif where:
        matched = WINDOW.fullmatch(where)
        if matched is None:
            raise FormulaError(f"{text}: no months")
        low, high, one = matched.groups()
        found.offsets = (int(one), int(one)) if one else (int(low), int(high))
        found.is_window = not one
        found.is_range = found.is_range or found.is_window
    return found


def _of_cells(book: "Book", first: str, last: str) -> Reference:
    start, end = book.cells[first], book.cells[last or first]
    held = [start]
    if last:
        same = start.sheet.columns[start.column]
        held = [same[row] for row in range(start.row, end.row + 1) if row in same]
    return Reference(cells=held, is_range=bool(last))


def _between(rows: Sequence["Row"], first: "Row", last: "Row") -> Sequence["Row"]:
    return rows[first.order : last.order + 1]


def pieces(book: "Book", sheet: str, template: str) -> Pieces:
    """Cut a template into texts and addresses, as formulas of a sheet write them."""
    made, at = Pieces(), 0
    for found in REFERENCE.finditer(template):
        made.parts.append(template[at : found.start()])
        made.parts.append(_address(reference(book, found.group(1)), sheet))
        at = found.end()
    made.parts.append(template[at:])
    return made


def _address(ref: Reference, sheet: str) -> str | Relative:
    if ref.month:
        return Relative("", MONTH_ROW + 1, MONTH_ROW + 1, (0, 0), is_range=False, is_window=False)
    held = ref.cells or ref.rows
    prefix = "" if held[0].sheet.name == sheet else f"{held[0].sheet.name}!"
    if ref.cells:
        return _of_cell(ref, prefix)
    top, bottom = ref.rows[0].at + 1, ref.rows[-1].at + 1
    if ref.absolute is None:
        return Relative(prefix, top, bottom, ref.offsets, ref.is_range, ref.is_window)
    low, high = ref.absolute
    first = f"{prefix}${letters(FIRST + low)}${top}"
    return f"{first}:${letters(FIRST + high)}${bottom}" if ref.is_range else first


def _of_cell(ref: Reference, prefix: str) -> str:
    first, last = ref.cells[0], ref.cells[-1]
    if first.name and not ref.is_range:
        return first.name
    start = f"{prefix}${letters(first.column)}${first.row + 1}"
    return f"{start}:${letters(last.column)}${last.row + 1}" if ref.is_range else start
