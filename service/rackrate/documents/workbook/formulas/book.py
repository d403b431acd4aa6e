"""The workbook as data: sheets, rows of months, cells, and the value of every formula."""

# Design: one row, one formula, months across. A block is a list of rows that lean on each other: it is
# evaluated month by month as soon as it is written, so that each value is known where the next block is made.

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rackrate.documents.workbook.formulas import functions
from rackrate.documents.workbook.formulas.addresses import Pieces, Reference, pieces, reference
from rackrate.documents.workbook.formulas.grammar import python

Value = float | str
SAME = "="  # an opening cell with its row's own formula
SCOPE: dict[str, Any] = {
    **functions.BY_NAME,
    **functions.OPERATORS,
    "vector": functions.vector,
    "__builtins__": {},
}


@dataclass
class Row:
    """A row of months: values [1 + months], the opening first, and one blank cell behind them.

    ``kind`` is ``live`` for formulas, ``value`` for the service's own figures, ``link`` for another sheet's.
    """

    key: str
    sheet: "Sheet"
    at: int
    label: str
    unit: str
    style: str
    kind: str
    template: str = ""
    opening: str | float | None = None
    note: str = ""
    values: list[Value] = field(default_factory=list)
    first: int = 0  # month of its first cell
    order: int = 0  # among the rows of its sheet


@dataclass
class Cell:
    """A cell of a sheet of its own layout; ``name`` is its defined name, if it has one."""

    sheet: "Sheet"
    row: int
    column: int
    style: str
    value: Any
    template: str = ""
    name: str = ""
    note: str = ""


@dataclass
class Sheet:
    """A sheet: a table of cells, or rows of months where it has any."""

    book: "Book"
    name: str
    title: str
    purpose: str
    months: int = 0
    step: int = 1
    rows: list[Row] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    columns: dict[int, dict[int, Cell]] = field(default_factory=dict)
    headings: dict[int, str] = field(default_factory=dict)
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    charts: list[Any] = field(default_factory=list)
    next: int = 6
    _pending: list[Row] = field(default_factory=list)

    def heading(self, text: str) -> None:
        """A heading above the rows that follow."""
        self.next += 1
        self.headings[self.next] = text
        self.next += 1

    def row(
        self,
        key: str,
        label: str,
        template: str,
        *,
        unit: str = "",
        style: str = "money",
        kind: str = "live",
        opening: str | float | None = None,
        note: str = "",
        first: int = 0,
    ) -> str:
        """Add a row of formulas, evaluated by the next `run`; its key."""
        row = Row(key, self, self.next, label, unit, style, kind, template, opening, note, first=first)
        row.values = [""] + [0.0] * (self.months + 1)
        self._add(row)
        self._pending.append(row)
        return key

    def known(
        self,
        key: str,
        label: str,
        values: Sequence[Value],
        *,
        unit: str = "",
        style: str = "money",
        note: str,
        opening: Value = "",
    ) -> str:
        """Add a row of the service's own values, with the reason why they are no formulas; its key."""
        row = Row(key, self, self.next, label, unit, style, "value", note=note)
        row.values = [opening, *values, 0.0]
        self._add(row)
        return key

    def _add(self, row: Row) -> None:
        if row.key in self.book.rows:
            raise ValueError(f"{row.key}: two rows of this key")
        row.order = len(self.rows)
        self.rows.append(row)
        self.book.rows[row.key] = row
        self.next += 1

    def run(self, *, backwards: bool = False) -> None:
        """Evaluate the rows added since the last run, month by month."""
        self.book.evaluate(self._pending, self.months, backwards)
        self._pending = []

    def put(
        self,
        row: int,
        column: int,
        content: Any,
        style: str = "text",
        *,
        key: str = "",
        name: str = "",
        note: str = "",
    ) -> str:
        """Put a constant, or a formula where it begins with ``=``, into a cell; its key.

        Texts of the deal are constants whatever they begin with: they are put by `say`.
        """
        template = content[1:] if isinstance(content, str) and content.startswith("=") else ""
        value = self.book.calculate(template) if template else content
        return self._put(Cell(self, row, column, style, value, template, name, note), key or name)

    def say(self, row: int, column: int, text: str, style: str = "text", *, key: str = "") -> str:
        """Put a text into a cell as it is, never a formula."""
        return self._put(Cell(self, row, column, style, text), key)

    def _put(self, cell: Cell, key: str) -> str:
        self.cells.append(cell)
        self.columns.setdefault(cell.column, {})[cell.row] = cell
        if key:
            if key in self.book.cells:
                raise ValueError(f"{key}: two cells of this key")
            self.book.cells[key] = cell
        return key


class Book:
    """All sheets of a workbook, what is known of every key, and the currency of its amounts."""

    def __init__(self, currency: str = "") -> None:
        self.currency = currency
        self.sheets: list[Sheet] = []
        self.rows: dict[str, Row] = {}
        self.cells: dict[str, Cell] = {}

    def sheet(self, name: str, title: str, purpose: str, months: int = 0) -> Sheet:
        """Add a sheet behind the others."""
        made = Sheet(self, name, title, purpose, months)
        self.sheets.append(made)
        return made

    def value(self, key: str) -> Any:
        """Value of a cell."""
        return self.cells[key].value

    def series(self, key: str) -> list[Value]:
        """Values of a row by month."""
        return self.rows[key].values[1:-1]

    def formulas(self) -> int:
        """Number of formulas."""
        by_month = sum(len(row.values) - 2 for sheet in self.sheets for row in sheet.rows if row.template)
        return by_month + sum(bool(cell.template) for sheet in self.sheets for cell in sheet.cells)

    def pieces(self, sheet: Sheet, template: str) -> Pieces:
        """A template cut into text and addresses."""
        return pieces(self, sheet.name, template)

    def calculate(self, template: str) -> Any:
        """Value of a formula in a cell."""
        used: dict[str, Any] = {}
        source = python(template, lambda text: self._python(reference(self, text), used))
        return _plain(eval(source, SCOPE, used))

    def evaluate(self, rows: Sequence[Row], months: int, backwards: bool) -> None:
        """Evaluate a block of rows month by month, in their order within a month."""
        used: dict[str, Any] = {"months": range(months, 0, -1) if backwards else range(1, months + 1)}
        body, opening = [], []
        for row in rows:
            source = python(row.template, lambda text: self._python(reference(self, text), used))
            target = self._values(row, used)
            body.append(
                f"  if j > {row.first}: {target}[j] = {source}" if row.first else f"  {target}[j] = {source}"
            )
            if row.opening == SAME:
                opening.append(f" {target}[j] = {source}")
            elif isinstance(row.opening, str):
                opening.append(
                    f" {target}[j] = {python(row.opening, lambda t: self._python(reference(self, t), used))}"
                )
            elif row.opening is not None:
                row.values[0] = row.opening
            for blank in range(row.first):
                row.values[1 + blank] = ""
        before = [] if backwards else [" j = 0", *opening]
        after = [" j = 0", *opening] if backwards else []
        lines = ["def block():", *before, " for j in months:", *(body or ["  pass"]), *after]
        scope = {**SCOPE, **used, "range": range, "max": max}
        exec("\n".join(lines), scope)
        block: Callable[[], None] = scope["block"]
        block()
        for row in rows:
            row.values = [_plain(value) for value in row.values]

    def _values(self, row: Row, used: dict[str, Any]) -> str:
        name = f"s{id(row):x}"
        used[name] = row.values
        return name

    def _python(self, ref: Reference, used: dict[str, Any]) -> str:
        """Python of a reference: a value, a slice of a row, a column of values."""
        if ref.cells:
            values = [cell.value for cell in ref.cells]
            name = f"c{id(ref.cells[0]):x}_{len(values)}"
            used[name] = values if ref.is_range else values[0]
            return name
        if ref.month:
            return "(j - 1.0)"
        names = [self._values(row, used) for row in ref.rows]
        if ref.absolute is not None:
            low, high = ref.absolute
            slices = [
                f"{name}[{low + 1}:{high + 2}]" if ref.is_range else f"{name}[{low + 1}]" for name in names
            ]
            return " + ".join(slices) if len(slices) == 1 else f"({' + '.join(slices)})"
        if ref.is_window:
            low, high = ref.offsets
            return f"{names[0]}[max(1, j + {low}):j + {high + 1}]"
        at = [f"{name}[j + {ref.offsets[0]}]" if ref.offsets[0] else f"{name}[j]" for name in names]
        return f"[{', '.join(at)}]" if ref.is_range else at[0]


def _plain(value: Any) -> Any:
    """A number as Python's own float; flags are 1 and 0."""
    return value if isinstance(value, str) else float(value)
