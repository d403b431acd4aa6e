"""Read a loan tape: loans, properties, totals, and a report of what could not be read."""

# Design: nothing is guessed. What cannot be read is left out of its loan and listed, so that the pool it is
# posted to names the gap; layouts are data, and one reader serves all of them.

import re
from collections.abc import Iterator

from rackrate import __version__
from rackrate.analyses.tapes.csv_records import crefc_records
from rackrate.analyses.tapes.layouts import LAYOUTS, Columns
from rackrate.analyses.tapes.loans import beside, is_loan, loan_of
from rackrate.analyses.tapes.property import property_of
from rackrate.analyses.tapes.reconciliation import differences, totals
from rackrate.analyses.tapes.records import Cells, Record, Report
from rackrate.analyses.tapes.xml_records import xml_records
from rackrate.deal.answers.tape import BesideLoan, TapeLoan, TapeProperty, TapeReading
from rackrate.deal.requests.tape import TapeRequest, layout_of

MEMBER = re.compile(r"(?P<loan>.+?)(?:\.[0-9]{2}|-[0-9]{3})")  # a property's number extends its loan's
OFF = 1.0  # money by which members' values may differ from their roll-up


def read_tape(request: TapeRequest, *, id: str) -> TapeReading:
    """Read a loan tape.

    Raises
    ------
    Malformed
        If the file is none of its kind, saying at what line and column.
    Invalid
        If it is another document, or beyond the bounds.
    """
    columns, report = LAYOUTS[layout_of(request)], Report()
    if columns.layout == "schedule_al":
        records = xml_records(request.content, frozenset(columns.all()))
    else:
        records = crefc_records(request.content, columns.layout, report)
    tape = _Tape(request, columns, report)
    tape.read(records)
    found = totals(tape.loans, tape.counted())
    stated: dict[str, float] = {each.total: each.value for each in request.stated}
    return TapeReading(
        id=id,
        engine=__version__,
        layout=columns.layout,
        loans=tape.loans,
        beside=tape.beside,
        properties=[*tape.rollups, *tape.members],
        report=report.entries(),
        totals=found,
        stated=stated,
        differences=differences(found, stated),
    )


class _Tape:
    """What has been read of one tape."""

    def __init__(self, request: TapeRequest, columns: Columns, report: Report) -> None:
        self._columns, self._basis, self._report = columns, request.basis, report
        self.loans, self.beside = list[TapeLoan](), list[BesideLoan]()
        self.rollups, self.members = list[TapeProperty](), list[TapeProperty]()
        self._of = dict[str, tuple[Cells, list[Cells]]]()  # a loan's record, and those of its properties

    def read(self, records: list[Record]) -> None:
        others = list[Cells]()
        for record in records:
            cells = Cells(record, self._report, self._columns.dates)
            for name in record.repeated:
                cells.add(name, "duplicate")
            if self._columns.layout != "schedule_al" or is_loan(cells, self._columns):
                self._add_loan(cells)
            else:
                others.append(cells)
        for cells in others:
            self._add_member(cells)
        for parent, members in self._of.values():
            self._check_rollup(parent, members)

    def counted(self) -> int:
        """Members, and loans without members."""
        if self._columns.name is None:
            return 0
        return sum(len(members) or 1 for _, members in self._of.values())

    def _add_loan(self, cells: Cells) -> None:
        number = cells.text(self._columns.id)
        key = number if number is not None else f"\0{cells.line}"
        if key in self._of:
            cells.add(self._columns.id, "duplicate", number)
            return
        self._of[key] = cells, []
        self.loans.append(loan_of(cells, self._columns, self._basis))
        self.beside.append(beside(cells, self._columns))
        if self._columns.name is not None:
            self.rollups.append(property_of(cells, self._columns, self._basis, number, rollup=True))

    def _add_member(self, cells: Cells) -> None:
        number = cells.text(self._columns.id)
        found = MEMBER.fullmatch(number or "")
        parent = self._of.get(found["loan"]) if found else None
        if number is None or found is None or parent is None:
            cells.add(self._columns.id, "no_parent" if number else "missing", number)
            return
        parent[1].append(cells)
        self.members.append(property_of(cells, self._columns, self._basis, found["loan"], rollup=False))

    def _check_rollup(self, parent: Cells, members: list[Cells]) -> None:
        """Report a value that is not the sum of its members'."""
        figures = self._columns.securitisation
        column = figures.value if figures else None
        whole = parent.number(column)
        values = list(_numbers(members, column))
        if column and whole is not None and values and abs(sum(values) - whole) > OFF:
            parent.add(column, "rollup_differs", str(sum(values)))


def _numbers(members: list[Cells], column: str | None) -> Iterator[float]:
    for cells in members:
        value = cells.number(column)
        if value is not None:
            yield value
