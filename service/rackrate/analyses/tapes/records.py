"""Records of a file: cells by column, read as text, number, date or code; what cannot be read is reported."""

import math
import re
from calendar import monthrange
from collections.abc import Collection, Mapping
from datetime import date
from typing import Literal

from msgspec import Struct

from rackrate.deal.answers.tape import Reason, Unread
from rackrate.deal.errors import FieldError, Invalid

MOST_RECORDS, MOST_ENTRIES = 20_000, 100_000
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,3})?")
_DATES = {
    "month first": re.compile(r"(?P<month>[0-9]{2})-(?P<day>[0-9]{2})-(?P<year>[0-9]{4})"),
    "compact": re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"),
}
DateFormat = Literal["month first", "compact"]
HIGHEST_RATE, HIGHEST_SHARE = 0.3, 1.05  # above, a percentage may stand where a ratio should
LARGEST = 1e15  # number that is one
YEARS = range(1900, 2301)
SHOWN = 80  # characters of a cell that a report repeats


class Record(Struct, frozen=True):
    """One record: its line, its cells that have text, and the columns it has more than once."""

    line: int
    cells: Mapping[str, str]
    repeated: tuple[str, ...] = ()


class Report:
    """What could not be read, as a file is read."""

    def __init__(self) -> None:
        self._entries: list[Unread] = []

    def add(self, line: int, column: str, reason: Reason, value: str | None = None) -> None:
        """List a column of a record; one of a record's property is named without it."""
        if len(self._entries) >= MOST_ENTRIES:
            fault = f"more than {MOST_ENTRIES} cells could not be read: this is another layout, or no tape"
            raise Invalid.of([FieldError("", f"line {line}: {fault}")])
        shown = value if value is None else value[:SHOWN]
        self._entries.append(Unread(line=line, element=column.rpartition("/")[2], reason=reason, value=shown))

    def entries(self) -> list[Unread]:
        """All that is listed, by line and element."""
        return sorted(self._entries, key=lambda entry: (entry.line, entry.element, entry.reason))


class Cells:
    """The cells of one record; each that is asked for and cannot be read is reported once."""

    def __init__(self, record: Record, report: Report, dates: DateFormat) -> None:
        self.record, self.line, self._report, self._dates = record, record.line, report, dates
        self._told: set[tuple[str, Reason]] = set()

    def text(self, column: str | None) -> str | None:
        """Text of a column; None where there is none."""
        return self.record.cells.get(column) if column else None

    def add(self, column: str, reason: Reason, value: str | None = None) -> None:
        """Report a column."""
        if (column, reason) not in self._told:
            self._told.add((column, reason))
            self._report.add(self.line, column, reason, value)

    def number(self, column: str | None, most: float = math.inf, least: float = -math.inf) -> float | None:
        """A number as the layouts write it, without separators; above `most` its unit is ambiguous."""
        text = self.text(column)
        if text is None or column is None:
            return None
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not abs(value) <= LARGEST or value < least:
            self.add(column, "unreadable", text)
            return None
        if value > most:
            self.add(column, "ambiguous_unit", text)
            return None
        return value + 0.0

    def rate(self, column: str | None) -> float | None:
        """A rate per year."""
        return self.number(column, HIGHEST_RATE)

    def amount(self, column: str | None) -> float | None:
        """A number that cannot be below zero: a balance, a value, an area."""
        return self.number(column, least=0.0)

    def whole(self, column: str | None) -> int | None:
        """A whole number of months."""
        value = self.amount(column)
        if value is None or column is None:
            return None
        if value != int(value) or abs(value) > 1e6:
            self.add(column, "unreadable", self.text(column))
            return None
        return int(value)

    def day(self, column: str | None) -> date | None:
        """A date as the layout writes it."""
        text = self.text(column)
        if text is None or column is None:
            return None
        found = _DATES[self._dates].fullmatch(text)
        try:
            if found and int(found["year"]) in YEARS:
                return date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:
            pass
        self.add(column, "unreadable", text)
        return None

    def code(self, column: str | None, known: Collection[str]) -> str | None:
        """A code of the layout; one that means nothing here is reported."""
        text = self.text(column)
        if text is None or column is None or text in known:
            return text
        self.add(column, "unknown_code", text)
        return None

    def require(self, column: str | None) -> None:
        """Report a column that the layout has and the record has not."""
        if column and self.text(column) is None and column not in self.record.repeated:
            self.add(column, "missing")


def payments_due(first: date, end: date) -> int:
    """Payments due from the first due date to the end of a period, both counted; due monthly on that day.

    >>> payments_due(date(2025, 11, 11), date(2025, 12, 11))
    2
    >>> payments_due(date(2026, 1, 1), date(2025, 12, 11))
    0
    >>> payments_due(date(2026, 8, 31), date(2026, 9, 30))
    2
    """
    day = min(first.day, monthrange(end.year, end.month)[1])
    return max(0, 12 * (end.year - first.year) + end.month - first.month + (end.day >= day))
