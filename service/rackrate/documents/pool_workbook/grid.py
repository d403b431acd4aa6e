"""A table of cells whose columns are values of the answer, or formulas that lean on other columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from rackrate.documents.workbook.formulas.book import Sheet
from rackrate.documents.workbook.formulas.functions import serial

Held = float | str | date | bool | None
VALUE = "Value of the service: runs, searches and weights behind it are no formulas (docs/pools.md)."


@dataclass(frozen=True)
class Grid:
    """A table under a heading: rows 1 to `count`, keyed `key{row}.{column}`, totals `key.{column}` below.

    `names` are the columns from left to right, each with its head.
    """

    sheet: Sheet
    key: str
    top: int
    names: dict[str, str]
    count: int

    @classmethod
    def below(cls, sheet: Sheet, title: str, key: str, names: dict[str, str], count: int) -> "Grid":
        """Begin a table below what the sheet has, with room for its totals."""
        top = sheet.next
        sheet.say(top, 0, title, "heading")
        for column, head in enumerate(names.values()):
            sheet.put(top + 1, column, head, "head")
        sheet.next = top + count + 4
        return cls(sheet, key, top + 2, names, count)

    def of(self, name: str) -> str:
        """Reference to a whole column."""
        return f"{{{self.key}1.{name}..{self.key}{self.count}.{name}}}"

    def cell(self, row: int, name: str) -> str:
        """Reference to a cell of a row."""
        return f"{{{self.key}{row}.{name}}}"

    def values(self, name: str, style: str, held: Sequence[Held], note: str = VALUE) -> None:
        """Fill a column with values of the answer or of the request; an empty cell is not known."""
        column = self._column(name)
        for n, value in enumerate(held, start=1):
            place, key = self.top + n - 1, f"{self.key}{n}.{name}"
            if isinstance(value, str) or value is None:
                self.sheet.say(place, column, value or "", "value:text", key=key)
            else:
                number = serial(value) if isinstance(value, date) else float(value)
                told = note if n == 1 else ""
                self.sheet.put(place, column, number, f"value:{style}", key=key, note=told)

    def formulas(self, name: str, style: str, formula: Callable[[int], str]) -> None:
        """Fill a column with a formula of the row's number."""
        column = self._column(name)
        for n in range(1, self.count + 1):
            self.sheet.put(self.top + n - 1, column, f"={formula(n)}", style, key=f"{self.key}{n}.{name}")

    def total(self, name: str, style: str, formula: str = "") -> None:
        """Put a formula below a column; without one its sum."""
        told = formula or f"SUM({self.of(name)})"
        place = self.top + self.count
        self.sheet.put(place, self._column(name), f"={told}", f"total:{style}", key=f"{self.key}.{name}")

    def _column(self, name: str) -> int:
        return list(self.names).index(name)


def ratio(over: str, under: str) -> str:
    """Formula of a ratio; an empty cell where nothing divides.

    >>> ratio("{a}", "{b}")
    'IF({b}=0,"",{a}/{b})'
    """
    return f'IF({under}=0,"",{over}/{under})'
