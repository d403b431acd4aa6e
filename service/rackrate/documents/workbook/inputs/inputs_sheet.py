"""Sheet of inputs: a row each, with its pointer, its unit, and what follows when it is changed."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from rackrate.documents.workbook.formulas.book import Book, Sheet
from rackrate.documents.workbook.formulas.functions import serial

LIVE = "live"
CONTRACT = "contract live; renewals stay"
RERUN = "needs a new run"
HEAD = ("pointer", "what", "unit", "value", "as answered", "changed", "what follows a change")
VALUE = 3  # column
NUMBERED = (VALUE, VALUE + 1, VALUE + 2)  # columns
STYLES = {
    "date": "date",
    "money": "money",
    "price": "price",
    "rate": "rate",
    "x": "cover",
    "share": "rate",
    "months": "index",
    "flag": "index",
    "kW": "count",
    "hours": "count",
}


class Inputs:
    """The sheet of inputs while it is written."""

    def __init__(self, book: Book) -> None:
        self.sheet: Sheet = book.sheet(
            "Inputs", "Inputs", "Change a blue cell: every live formula follows; column G says what does not."
        )
        self.at = 4
        self.first = self.at + 1
        for column, text in enumerate(HEAD):
            self.sheet.put(self.at, column, text, "head_right" if column in NUMBERED else "head")
        self.sheet.widths = {0: 44, 1: 40, 2: 14, 3: 18, 4: 18, 5: 9, 6: 28}

    def heading(self, text: str) -> None:
        """A heading above the inputs that follow; its text may be the deal's."""
        self.at += 2
        self.sheet.say(self.at, 0, text, "heading")

    def add(
        self,
        name: str,
        pointer: str,
        what: str,
        unit: str,
        value: float | date | bool,
        follows: str = LIVE,
        style: str = "",
    ) -> str:
        """Add an input under a defined name; its name."""
        self.at += 1
        held = serial(value) if isinstance(value, date) else float(value)
        shown = style or STYLES.get(unit, "number")
        self.sheet.say(self.at, 0, pointer, "small")
        self.sheet.say(self.at, 1, what)
        self.sheet.say(self.at, 2, unit, "small")
        self.sheet.put(self.at, VALUE, held, f"input:{shown}", name=f"in_{name}")
        self.sheet.put(self.at, 4, held, f"value:{shown}", key=f"was_{name}")
        here = f"IF({{in_{name}}}={{was_{name}}},0,1)"
        self.sheet.put(self.at, 5, f"={here}", "flag", key=f"changed_{name}")
        self.sheet.put(self.at, 6, follows, "small", key=f"follows_{name}")
        return f"in_{name}"

    def curve(self, name: str, pointer: str, what: str, unit: str, points: Any, follows: str = LIVE) -> str:
        """Add a curve: a number, or its dates and below them its values; its name."""
        if isinstance(points, int | float):
            return self.add(name, pointer, what, unit, points, follows)
        for k, (day, _) in enumerate(points):
            self.add(f"{name}_date{k + 1}", f"{pointer}/{k}/0", f"{what}, from", "date", day, follows)
        for k, (_, value) in enumerate(points):
            self.add(f"{name}_{k + 1}", f"{pointer}/{k}/1", what, unit, value, follows)
        return f"in_{name}"

    def finish(self) -> None:
        """Count the changes, and those that leave a value behind."""
        last = self.at
        names = [cell.name for cell in self.sheet.cells if cell.name]
        span = (
            f"changed_{names[0][3:]}..changed_{names[-1][3:]}",
            f"follows_{names[0][3:]}..follows_{names[-1][3:]}",
        )
        self.sheet.say(2, 1, "Inputs changed")
        self.sheet.put(2, VALUE, f"=SUM({{{span[0]}}})", "flag", key="inputs_changed")
        self.sheet.say(2, 4, "not wholly live")
        self.sheet.put(
            2,
            5,
            f'={{inputs_changed}}-SUMPRODUCT({{{span[0]}}}*({{{span[1]}}}="{LIVE}"))',
            "flag",
            key="left_behind",
        )
        self.last = last


def curve_at(book: Book, name: str, day: str) -> str:
    """Formula of a curve's value on a date: the last point on or before it, else the first."""
    if name in book.cells:
        return f"{{{name}}}"
    count = sum(1 for _ in _points(book, name))
    if count == 1:
        return f"{{{name}_1}}"
    dates, values = f"{{{name}_date1..{name}_date{count}}}", f"{{{name}_1..{name}_{count}}}"
    return f"IF({day}<{{{name}_date1}},{{{name}_1}},LOOKUP({day},{dates},{values}))"


def _points(book: Book, name: str) -> Iterator[int]:
    count = 1
    while f"{name}_{count}" in book.cells:
        yield count
        count += 1


def index(day: str, closing: str = "{in_closing}") -> str:
    """Formula of the index of the first boundary on or after a date."""
    months = f"12*(YEAR({day})-YEAR({closing}))+MONTH({day})-MONTH({closing})"
    return f"{months}+IF(DAY({day})>DAY({closing}),1,0)"


def joined(terms: Sequence[str]) -> str:
    """Sum of terms; nothing is 0.

    >>> joined(["{a}", "{b}"]), joined([])
    ('{a}+{b}', '0')
    """
    return "+".join(terms) or "0"
