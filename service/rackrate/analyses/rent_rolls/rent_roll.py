"""Read a rent roll: leases as a facility takes them, and a report of what was not read."""

# Design: columns are found by what their heads say, units by head or cell; a number whose unit neither says
# is not read. Rows that total others are held against them and never read as leases.

import re
from collections.abc import Iterator
from decimal import Decimal

from rackrate import __version__
from rackrate.analyses.rent_rolls import cells
from rackrate.analyses.rent_rolls.heads import REQUIRED, Column, Columns, fields_of
from rackrate.analyses.rent_rolls.row import Row, optional
from rackrate.analyses.rent_rolls.tenants import Tenants
from rackrate.analyses.rent_rolls.workbook_rows import workbook_rows
from rackrate.analyses.tapes.csv_records import rows
from rackrate.deal.answers.rent_roll import (
    RentRollReading,
    RollColumn,
    RollEntry,
    RollLease,
    RollReason,
    RollTotals,
)
from rackrate.deal.answers.tape import TotalDifference
from rackrate.deal.errors import FieldError, Invalid
from rackrate.deal.requests.rent_roll import RentRollRequest

SEARCHED = 30  # rows in which the heads are looked for
SHOWN = 80  # characters of a cell that a report repeats
TOTAL = re.compile(r"(?:grand |sub)?-?\s*totals?\b.*|sum\b.*", re.IGNORECASE)
VACANT = ("vacant", "available", "unleased", "vacancy")
DELIMITERS = ",;\t"
MOST_ENTRIES = 20_000
NOTHING = Decimal(0)


def read_rent_roll(request: RentRollRequest, *, id: str) -> RentRollReading:
    """Read a rent roll.

    Raises
    ------
    Malformed
        If the file is none of its kind.
    Invalid
        If it has no heads, is beyond the bounds, or which sheet is meant is not said.
    """
    roll, is_csv = _Roll(request), request.file == "csv"
    roll.read(rows(request.content, DELIMITERS) if is_csv else workbook_rows(request.content, request.sheet))
    totals = RollTotals(
        count=len(roll.leases), contracted_kw=float(roll.load), rent_per_month=float(roll.rent)
    )
    stated = {str(each.total): each.value for each in request.stated}
    asked = [_difference(name, value, float(getattr(totals, name))) for name, value in stated.items()]
    return RentRollReading(
        id=id,
        engine=__version__,
        columns=[RollColumn(head=c.head, field=c.field, unit=c.unit) for c in roll.columns.values()],
        leases=roll.leases,
        tenants=roll.tenants.all(),
        report=sorted(roll.report, key=lambda entry: (entry.line, entry.column, entry.reason)),
        totals=totals,
        stated=stated,
        differences=[*asked, *roll.differences],
    )


def _difference(name: str, stated: float, read: float) -> TotalDifference:
    return TotalDifference(total=name, stated=stated, read=read, difference=read - stated)


class _Roll:
    """What has been read of one rent roll; load and rent in all, and before the latest subtotal."""

    def __init__(self, request: RentRollRequest) -> None:
        self._request, self.tenants = request, Tenants(request.tenants)
        self.columns: Columns = {}
        self.leases, self.report = list[RollLease](), list[RollEntry]()
        self.differences, self._ids = list[TotalDifference](), set[str]()
        self.load = self.rent = self._load_before = self._rent_before = NOTHING

    def add(self, line: int, column: str, reason: RollReason, value: str | None = None) -> None:
        """List what was not read."""
        if len(self.report) >= MOST_ENTRIES:
            fault = f"line {line}: more than {MOST_ENTRIES} cells could not be read"
            raise Invalid.of([FieldError("", fault)])
        shown = value and value[:SHOWN]
        self.report.append(RollEntry(line=line, column=column[:SHOWN], reason=reason, value=shown))

    def read(self, found: Iterator[tuple[int, list[str]]]) -> None:
        """Find the heads, then read what stands under them."""
        for _, (line, texts) in zip(range(SEARCHED), found, strict=False):
            if self._find_heads(line, texts):
                break
        else:
            fault = f"no row of the first {SEARCHED} heads a column 'Tenant' and another that is known"
            raise Invalid.of([FieldError("", fault)])
        for line, texts in found:
            self._read_row(Row(self._request, self.columns, line, texts, self.add), texts)

    def _find_heads(self, line: int, texts: list[str]) -> bool:
        """Take a row as the heads if it is one; what is not known of it, or there twice, is listed."""
        found = fields_of(texts)
        if found is None:
            return False
        for i, name in found.items():
            if name is None or name in self.columns:
                self.add(line, texts[i], "duplicate" if name else "unknown_column")
            else:
                self.columns[name] = Column(i, texts[i], name)
        for name in REQUIRED:
            if name not in self.columns:
                self.add(line, name, "missing")
        return True

    def _read_row(self, row: Row, texts: list[str]) -> None:
        tenant = row.text("tenant")
        label = tenant or row.text("id") or next(filter(None, texts))
        is_dated = any(row.text(name) for name in ("commencement", "expiry", "term"))
        if TOTAL.fullmatch(label) and not is_dated:
            self._hold_total(row, label)
        elif tenant.lower() in VACANT:
            row.add("tenant", "vacant", row.text("contracted_kw") or None)
        elif not tenant:
            row.add("tenant", "missing")
        else:
            self._add_lease(row, tenant)

    def _add_lease(self, row: Row, tenant: str) -> None:
        kw = row.number("contracted_kw", cells.load)
        rent = row.number("rent", lambda cell, head: cells.rent(cell, head, kw))
        self.load += kw or NOTHING
        self.rent += (kw or NOTHING) * (rent or NOTHING)
        commencement = row.day("commencement")
        self.leases.append(
            RollLease(
                id=self._number(row),
                tenant=self.tenants.id_of(tenant),
                contracted_kw=optional(None if kw is None else float(kw)),
                rent_per_kw_month=optional(None if rent is None else float(rent)),
                commencement=optional(commencement),
                term_months=row.term(commencement),
                free_rent_months=optional(row.number("free_rent", cells.months)),
                ramp=optional(row.ramp(commencement)),
                escalation=optional(row.escalation()),
                utilisation=row.share("utilisation"),
                peak_utilisation=row.share("peak_utilisation"),
                power=optional(row.power()),
                termination=row.termination(commencement),
            )
        )

    def _number(self, row: Row) -> str:
        """The lease's own number, or its row's where it has none or another lease has it."""
        number, own = row.text("id"), f"row-{row.line}"
        if number in self._ids:
            row.add("id", "duplicate", number)
        found = own if not number or number in self._ids else number
        self._ids.add(found)
        return found

    def _hold_total(self, row: Row, label: str) -> None:
        """Hold a row of totals against the rows above it: a subtotal against those since the last."""
        row.add("tenant", "total", label)
        row.is_total, is_part = True, label.lower().startswith("sub")
        load = self.load - (self._load_before if is_part else NOTHING)
        rent = self.rent - (self._rent_before if is_part else NOTHING)
        kw = row.number("contracted_kw", cells.load)
        column = self.columns.get("rent")
        if kw is not None:
            self._hold(f"row {row.line} contracted_kw", kw, load)
        if kw is not None and column and " kw " not in cells.words_of(column.words):
            told = row.number("rent", lambda cell, head: cells.rent(cell, head, kw))
            if told is not None:
                self._hold(f"row {row.line} rent_per_month", told * kw, rent)
        if is_part:
            self._load_before, self._rent_before = self.load, self.rent

    def _hold(self, name: str, stated: Decimal, read: Decimal) -> None:
        self.differences.append(_difference(name, float(stated), float(read)))
