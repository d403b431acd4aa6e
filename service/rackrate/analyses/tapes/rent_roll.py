"""Read a rent roll: leases as a facility takes them, and a report of what was not read."""

# Design: columns are found by what their heads say, units by head or cell; a number whose unit neither says
# is not read. Rows that total others are held against them and never read as leases.

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from msgspec import UNSET, UnsetType

from rackrate import __version__
from rackrate.analyses.tapes import roll_cells
from rackrate.analyses.tapes.csv_records import rows
from rackrate.analyses.tapes.roll_cells import Quantity, Unread
from rackrate.analyses.tapes.workbook_rows import workbook_rows
from rackrate.deal.answers.rent_roll import (
    RentRollReading,
    RollColumn,
    RollEntry,
    RollField,
    RollLease,
    RollReason,
    RollTenant,
    RollTotals,
)
from rackrate.deal.answers.tape import TotalDifference
from rackrate.deal.errors import FieldError, Invalid
from rackrate.deal.requests.rent_roll import RentRollRequest

HEADS: dict[RollField, tuple[str, ...]] = {
    "id": ("id", "lease", "leaseid", "leaseno", "suite", "hall", "unit", "space", "premises"),
    "tenant": ("tenant", "tenantname", "customer", "customername", "lessee", "occupant"),
    "contracted_kw": (
        *("contractedkw", "kw", "criticalkw", "leasedkw", "contractedload", "criticalload", "itload"),
        *("contractedcapacity", "contractedmw", "mw", "criticalmw", "leasedmw", "load", "capacity"),
        *("contractedkwcriticalload", "contractedpower"),
    ),
    "rent": (
        *(
            "rent",
            "baserent",
            "contractrent",
            "rentperkwmonth",
            "rentperkwyear",
            "monthlyrent",
        ),
        *(
            "annualrent",
            "rentpermonth",
            "rentperyear",
            "rentkwmo",
            "rentkwmonth",
            "rentkwyr",
        ),
        *(
            "rentkwyear",
            "inplacerent",
            "monthlybaserent",
            "annualbaserent",
            "rentperkw",
        ),
    ),
    "commencement": (
        *(
            "commencement",
            "commencementdate",
            "leasestart",
            "start",
            "startdate",
        ),
        *("leasecommencement",),
    ),
    "expiry": (
        *(
            "expiry",
            "expirydate",
            "expiration",
            "expirationdate",
            "leaseend",
            "end",
            "enddate",
        ),
        *("leaseexpiry",),
    ),
    "term": ("term", "termmonths", "termyears", "leaseterm"),
    "free_rent": ("freerent", "freerentmonths", "rentfree", "rentfreemonths", "abatement"),
    "escalation": ("escalation", "escalator", "annualescalation", "annualincrease", "rentincrease", "bumps"),
    "utilisation": ("utilisation", "utilization", "averageutilisation", "averageutilization"),
    "peak_utilisation": ("peakutilisation", "peakutilization", "peak"),
    "power": ("power", "powerterms", "electricity", "powercost"),
}
FIELD_OF = {name: field for field, names in HEADS.items() for name in names}
REQUIRED: tuple[RollField, ...] = ("contracted_kw", "rent", "commencement", "escalation", "power")
SEARCHED = 30  # rows in which the heads are looked for
TOTAL = re.compile(r"(?:grand |sub)?-?\s*totals?\b.*|sum\b.*", re.IGNORECASE)
BRACKETS = re.compile(r"[(\[](.*?)[)\]]")  # of a head: its unit
VACANT = ("vacant", "available", "unleased", "vacancy")
COMPANY = re.compile(r"\b(?:inc|incorporated|llc|lp|ltd|limited|corp|corporation|plc|gmbh|co|company)\b")
MOST_ENTRIES = 20_000
Read = TypeVar("Read")


def read_rent_roll(request: RentRollRequest, *, id: str) -> RentRollReading:
    """Read a rent roll.

    Raises
    ------
    Malformed
        If the file is none of its kind.
    Invalid
        If it has no heads, is beyond the bounds, or which sheet is meant is not said.
    """
    found = (
        workbook_rows(request.content, request.sheet)
        if request.file == "xlsx"
        else rows(request.content, ",;\t")
    )
    roll = _Roll(request)
    roll.read(found)
    totals = RollTotals(
        count=len(roll.leases),
        contracted_kw=float(sum(roll.loads, Decimal(0))),
        rent_per_month=float(sum(roll.rents, Decimal(0))),
    )
    stated = {str(each.total): each.value for each in request.stated}
    asked = [_difference(name, value, float(getattr(totals, name))) for name, value in stated.items()]
    return RentRollReading(
        id=id,
        engine=__version__,
        columns=[RollColumn(head=c.head, field=c.field, unit=c.unit) for c in roll.columns.values()],
        leases=roll.leases,
        tenants=list(roll.tenants.values()),
        report=sorted(roll.report, key=lambda entry: (entry.line, entry.column, entry.reason)),
        totals=totals,
        stated=stated,
        differences=[*asked, *roll.differences],
    )


def _difference(name: str, stated: float, read: float) -> TotalDifference:
    return TotalDifference(total=name, stated=stated, read=read, difference=read - stated)


def plain_head(head: str) -> str:
    """A head without its unit, in lower case, letters alone.

    >>> plain_head("Base Rent ($/kW-month)"), plain_head("term_months")
    ('baserent', 'termmonths')
    """
    return re.sub("[^a-z]", "", BRACKETS.sub("", head).lower())


@dataclass(frozen=True)
class _Column:
    index: int
    head: str
    field: RollField

    @property
    def unit(self) -> str | None:
        """What stands in brackets."""
        found = BRACKETS.search(self.head)
        return found[1].strip() if found else None

    @property
    def words(self) -> str:
        """The head with the boundaries of its words."""
        return self.head.replace("_", " ")


@dataclass
class _Sums:
    """Load and rent since the last subtotal, and in all."""

    since: dict[str, Decimal] = field(
        default_factory=lambda: {"contracted_kw": Decimal(0), "rent": Decimal(0)}
    )
    whole: dict[str, Decimal] = field(
        default_factory=lambda: {"contracted_kw": Decimal(0), "rent": Decimal(0)}
    )

    def add(self, name: str, value: Decimal) -> None:
        self.since[name] += value
        self.whole[name] += value


class _Roll:
    """What has been read of one rent roll."""

    def __init__(self, request: RentRollRequest) -> None:
        self._request, self._sums = request, _Sums()
        self.columns = dict[RollField, _Column]()
        self.leases, self.report = list[RollLease](), list[RollEntry]()
        self.loads, self.rents = list[Decimal](), list[Decimal]()
        self.tenants, self.differences = dict[str, RollTenant](), list[TotalDifference]()
        self._ids, self._known = set[str](), dict[str, set[str]]()
        for each in request.tenants:
            for name in (each.id, each.name or each.id):
                self._known.setdefault(plain_company(name), set()).add(each.id)

    def add(self, line: int, column: str, reason: RollReason, value: str | None = None) -> None:
        """List what was not read."""
        if len(self.report) >= MOST_ENTRIES:
            raise Invalid.of(
                [FieldError("", f"line {line}: more than {MOST_ENTRIES} cells could not be read")]
            )
        self.report.append(
            RollEntry(line=line, column=column[:80], reason=reason, value=value and value[:80])
        )

    def read(self, found: Iterator[tuple[int, list[str]]]) -> None:
        for _, (line, cells) in zip(range(SEARCHED), found, strict=False):
            if self._find_heads(line, cells):
                break
        else:
            fault = f"no row of the first {SEARCHED} heads a column 'Tenant' and another that is known"
            raise Invalid.of([FieldError("", fault)])
        for line, cells in found:
            self._read_row(line, cells)

    def _find_heads(self, line: int, cells: list[str]) -> bool:
        """Take a row as the heads if it names a tenant and something else; what is not known is listed."""
        known = {i: FIELD_OF.get(plain_head(cell)) for i, cell in enumerate(cells) if cell}
        if "tenant" not in known.values() or len([name for name in known.values() if name]) < 2:
            return False
        for i, name in known.items():
            if name is None:
                self.add(line, cells[i], "unknown_column")
            elif name in self.columns:
                self.add(line, cells[i], "duplicate")
            else:
                self.columns[name] = _Column(i, cells[i], name)
        for name in REQUIRED:
            if name not in self.columns:
                self.add(line, name, "missing")
        return True

    def _read_row(self, line: int, cells: list[str]) -> None:
        texts = {
            name: cells[column.index] if column.index < len(cells) else ""
            for name, column in self.columns.items()
        }
        labels = [texts.get(name, "") for name in ("tenant", "id")]
        label = next((text for text in [*labels, next(filter(None, cells))] if text), "")
        if TOTAL.fullmatch(label) and not any(texts.get(name) for name in ("commencement", "expiry", "term")):
            self._hold_total(line, texts, is_part=label.lower().startswith("sub"))
        elif texts["tenant"].lower() in VACANT:
            self.add(line, self.columns["tenant"].head, "vacant", texts.get("contracted_kw") or None)
        elif not texts["tenant"]:
            self.add(line, self.columns["tenant"].head, "missing")
        else:
            self._add_lease(line, texts)

    def _add_lease(self, line: int, texts: dict[RollField, str]) -> None:
        row = _Row(self, line, texts)
        number = texts.get("id") or f"row-{line}"
        if number in self._ids:
            self.add(line, self.columns["id"].head, "duplicate", number)
            number = f"row-{line}"
        self._ids.add(number)
        kw = row.number("contracted_kw", roll_cells.load)
        rent = row.number("rent", lambda cell, head: roll_cells.rent(cell, head, kw))
        if kw is not None:
            self.loads.append(kw)
            self._sums.add("contracted_kw", kw)
        if kw is not None and rent is not None:
            self.rents.append(kw * rent)
            self._sums.add("rent", kw * rent)
        commencement = row.day("commencement")
        self.leases.append(
            RollLease(
                id=number,
                tenant=self._tenant(texts["tenant"]),
                contracted_kw=UNSET if kw is None else float(kw),
                rent_per_kw_month=UNSET if rent is None else float(rent),
                commencement=UNSET if commencement is None else commencement,
                term_months=row.term(commencement),
                free_rent_months=row.optional(row.number("free_rent", roll_cells.months)),
                escalation=row.optional(row.words("escalation", self._escalation)),
                utilisation=row.share("utilisation"),
                peak_utilisation=row.share("peak_utilisation"),
                power=row.optional(row.words("power", self._power)),
            )
        )

    def _escalation(self, text: str, head: str) -> Any:
        return roll_cells.escalation(text, head, self._request.decimals)

    def _power(self, text: str, head: str) -> Any:
        return roll_cells.power(text, self._request.decimals)

    def _tenant(self, name: str) -> str:
        """Identifier of a tenant: the deal's by identifier or by name, else one made of the name."""
        key = plain_company(name)
        if key not in self.tenants:
            known = sorted(self._known.get(key, ()))
            made = re.sub("[^a-z0-9]+", "-", key).strip("-")[:64] or f"tenant-{len(self.tenants) + 1}"
            id_ = known[0] if len(known) == 1 else made
            self.tenants[key] = RollTenant(id=id_, name=name[:200], known=len(known) == 1)
        return self.tenants[key].id

    def _hold_total(self, line: int, texts: dict[RollField, str], is_part: bool) -> None:
        """Hold a row of totals against the rows above it."""
        self.add(line, self.columns["tenant"].head, "total", texts["tenant"] or texts.get("id") or None)
        row, sums = _Row(self, line, texts), self._sums.since if is_part else self._sums.whole
        kw = row.number("contracted_kw", roll_cells.load, is_total=True)
        if kw is not None:
            read = float(sums["contracted_kw"])
            self.differences.append(_difference(f"row {line} contracted_kw", float(kw), read))
            rent = row.number("rent", lambda cell, head: roll_cells.rent(cell, head, kw), is_total=True)
            column = self.columns.get("rent")
            if rent is not None and column is not None and " kw " not in roll_cells.words_of(column.words):
                read = float(sums["rent"])
                self.differences.append(_difference(f"row {line} rent_per_month", float(rent * kw), read))
        if is_part:
            self._sums.since = _Sums().since


def plain_company(name: str) -> str:
    """A company's name in lower case, without marks and its legal form.

    >>> plain_company("Hyperion, Inc.") == plain_company("HYPERION INC")
    True
    """
    plain = re.sub(r"[^\w]+", " ", name.lower()).strip()
    return COMPANY.sub("", plain).strip() or plain


class _Row:
    """The cells of one row by field."""

    def __init__(self, roll: _Roll, line: int, texts: dict[RollField, str]) -> None:
        self._roll, self._line, self._texts = roll, line, texts

    def number(self, name: RollField, unit: Callable[[Quantity, str], Any], is_total: bool = False) -> Any:
        """A number in the unit that `unit` makes of it; None where it could not be read."""
        decimals = self._roll._request.decimals
        return self.words(
            name,
            lambda text, head: (
                cell if isinstance(cell := roll_cells.quantity(text, decimals), Unread) else unit(cell, head)
            ),
            is_total,
        )

    def words(self, name: RollField, read: Callable[[str, str], Any], is_total: bool = False) -> Any:
        """What `read` makes of a cell and its head; None where it could not be read, which is reported."""
        column, text = self._roll.columns.get(name), self._texts.get(name, "")
        if column is None:
            return None
        if not text:
            if name in REQUIRED and not is_total:
                self._roll.add(self._line, column.head, "missing")
            return None
        found = read(text, column.words)
        if isinstance(found, Unread):
            self._roll.add(self._line, column.head, found.reason, text)
            return None
        return found

    def day(self, name: RollField) -> date | None:
        """A date."""
        order = self._roll._request.dates
        found: date | None = self.words(name, lambda text, _: roll_cells.day(text, order))
        return found

    def term(self, commencement: date | None) -> int | UnsetType:
        """The term: as stated, else from commencement to expiry; where both are there they must agree."""
        stated = self.number("term", roll_cells.months)
        expiry = self.day("expiry")
        if commencement is None or expiry is None:
            if stated is None:
                self._roll.add(self._line, "term", "missing")
            return UNSET if stated is None else int(stated)
        between = roll_cells.term_between(commencement, expiry)
        if isinstance(between, Unread) or (stated is not None and stated != between):
            self._roll.add(self._line, self._roll.columns["expiry"].head, "unreadable", self._texts["expiry"])
            return UNSET if stated is None else int(stated)
        return between

    def share(self, name: RollField) -> float | UnsetType:
        """A share of one."""
        found = self.number(name, roll_cells.share)
        return UNSET if found is None else float(found)

    @staticmethod
    def optional(found: Read | None) -> Read | UnsetType:
        """What is left out where it was not read."""
        return UNSET if found is None else found
