"""One row of a rent roll: cells by field, each that cannot be read reported."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from msgspec import UNSET, UnsetType

from rackrate.analyses.rent_rolls import cells, schedules
from rackrate.analyses.rent_rolls.cells import Quantity, Unread
from rackrate.analyses.rent_rolls.heads import REQUIRED, Columns
from rackrate.analyses.rent_rolls.schedules import Reader
from rackrate.deal.answers.rent_roll import RollField, RollReason, RollTermination
from rackrate.deal.requests.rent_roll import RentRollRequest

Add = Callable[[int, str, RollReason, str | None], None]
Read = TypeVar("Read")


def optional(found: Read | None) -> Read | UnsetType:
    """What is left out where it was not read."""
    return UNSET if found is None else found


class Row:
    """The cells of one row; of a row of totals none is missed."""

    def __init__(
        self, request: RentRollRequest, columns: Columns, line: int, texts: list[str], add: Add
    ) -> None:
        self._request, self._columns, self.line, self._add = request, columns, line, add
        self._texts = {
            name: texts[column.place] if column.place < len(texts) else "" for name, column in columns.items()
        }
        self.is_total = False

    def text(self, name: RollField) -> str:
        """Text of a field; empty where there is none."""
        return self._texts.get(name, "")

    def add(self, name: RollField, reason: RollReason, value: str | None = None) -> None:
        """Report a field by the head of its column, or by itself where it has none."""
        column = self._columns.get(name)
        self._add(self.line, column.head if column else name, reason, value)

    def words(self, name: RollField, read: Callable[[str, str], Any]) -> Any:
        """What `read` makes of a cell and its head; None where it could not be read, which is reported."""
        column, text = self._columns.get(name), self.text(name)
        if column is None:
            return None
        if not text:
            if name in REQUIRED and not self.is_total:
                self.add(name, "missing")
            return None
        found = read(text, column.words)
        if isinstance(found, Unread):
            self.add(name, found.reason, text)
            return None
        return found

    def number(self, name: RollField, unit: Callable[[Quantity, str], Any]) -> Any:
        """A number in the unit that `unit` makes of it."""

        def read(text: str, head: str) -> Any:
            cell = cells.quantity(text, self._request.decimals)
            return cell if isinstance(cell, Unread) else unit(cell, head)

        return self.words(name, read)

    def share(self, name: RollField) -> float | UnsetType:
        """A share of one."""
        found = self.number(name, cells.share)
        return UNSET if found is None else float(found)

    def day(self, name: RollField) -> date | None:
        """A date."""
        found: date | None = self.words(name, lambda text, _: cells.day(text, self._request.dates))
        return found

    def term(self, commencement: date | None) -> int | UnsetType:
        """The term: as stated, or from commencement to expiry; where both are there they must agree."""
        stated, expiry = self.number("term", cells.months), self.day("expiry")
        if commencement is None or expiry is None:
            if stated is None:
                self.add("term", "missing")
            return UNSET if stated is None else int(stated)
        between = cells.term_between(commencement, expiry)
        if isinstance(between, Unread) or (stated is not None and stated != between):
            self.add("expiry", "unreadable", self.text("expiry"))
            return UNSET
        return between

    def escalation(self) -> Any:
        """How the rent grows."""
        return self.words(
            "escalation", lambda text, head: cells.escalation(text, head, self._request.decimals)
        )

    def ramp(self, commencement: date | None) -> Any:
        """How the billed load grows; nothing where it does not."""
        return self.words("ramp", lambda text, head: schedules.ramp(text, head, self._reader(commencement)))

    def termination(self, commencement: date | None) -> RollTermination | UnsetType:
        """The tenant's option to end; what it does not say is reported."""
        found: RollTermination | None = self.words(
            "termination", lambda text, _: schedules.termination(text, self._reader(commencement))
        )
        for name in () if found is None else RollTermination.__struct_fields__:
            if getattr(found, name) is UNSET:
                self.add("termination", "missing", name)
        return UNSET if found is None else found

    def _reader(self, commencement: date | None) -> Reader:
        return Reader(self._request.dates, self._request.decimals, commencement)

    def power(self) -> Any:
        """Who pays for power."""
        return self.words("power", lambda text, _: cells.power(text, self._request.decimals))
