"""Rows of the classes' coupons: rate and interest per 1, by class and case, written where asked for."""

from dataclasses import dataclass

from rackrate.deal.structure import NoteClass, Structure
from rackrate.documents.workbook.debt.schedule_sheet import rate_of
from rackrate.documents.workbook.debt.service import Service
from rackrate.documents.workbook.facility.time_sheet import OF_COUNT
from rackrate.documents.workbook.formulas.book import Sheet
from rackrate.documents.workbook.model import Model, level

WHY_OWN = (
    "Value of the service: the share of the class left after each payment on its own schedule"
    " (docs/methodology.md, classes). It moves with the schedule and the principal: a new run."
)


@dataclass(frozen=True)
class Coupons:
    """The sheet of coupons while it is written (classes and cases are counted from 0)."""

    model: Model
    sheet: Sheet
    structure: Structure

    def note(self, j: int) -> NoteClass:
        """A class."""
        return self.structure.classes[j]

    def of(self, j: int, k: int) -> str:
        """Prefix of a class's rows in a case: `.rate` and `.r`, interest on 1."""
        key, note = f"n{j + 1}.{k}", self.note(j)
        if f"{key}.r" not in self.model.book.rows:
            label = f"{note.name}, {self.model.cases[k]}"
            rate = rate_of(f"class{j + 1}_coupon", note.coupon, f"+{{in_case{k}_rate_add}}")
            self.sheet.row(f"{key}.rate", f"coupon of {label}", rate, style="rate")
            due = f"{{{key}.rate}}*{{{OF_COUNT[note.day_count]}}}"
            self.sheet.row(f"{key}.r", f"interest per 1 of {label}", due, style="factor")
            self.sheet.run()
        return key

    def contracted(self, j: int) -> str:
        """Formula of a class's coupon at closing, no case's addition in it."""
        rate = rate_of(f"class{j + 1}_coupon", self.note(j).coupon, "")
        return rate.replace("{t.base_rate}", "{t.base_rate@[0]}")

    def year(self, j: int, k: int, by: Service) -> str:
        """Formula of a year's service per 1 of a class from closing."""
        key = self.of(j, k)
        match by.kind:
            case "interest_only":
                return f"SUM({{{key}.r@[0:11]}})"
            case "amortising":
                return f"(12*{level(f'({{{key}.rate@[0]}}/12)', by.months)})"
            case "stressed":
                return by.constant
        return f"SUM({{{self.scheduled(j, k)}@[0:11]}})"

    def windows(self, j: int, k: int, by: Service) -> str:
        """Formula of the twelve months' service per 1 that end in this column."""
        if by.kind in ("amortising", "stressed"):
            return self.year(j, k, by)
        row = self.of(j, k) + ".r" if by.kind == "interest_only" else self.scheduled(j, k)
        return f"SUM({{{row}@-11:0}})"

    def balance(self, j: int, k: int) -> str:
        """Row of what is left of 1 of a class after each month: the debt's schedule, or its own."""
        key = f"n{j + 1}.left"
        own = self.model.source.paid_balances[j]
        if own is None:
            return f"s{k}.b"
        if key not in self.model.book.rows:
            months = self.sheet.months
            left = [*own[1:].tolist(), *[float(own[-1])] * months][:months]
            self.sheet.known(key, f"left of 1 of {self.note(j).name}", left, style="factor", note=WHY_OWN)
            self.model.book.rows[key].values[0] = 1.0
        return key

    def scheduled(self, j: int, k: int) -> str:
        """Row of a class's interest and scheduled principal per 1 by month of the term."""
        key, left = f"{self.of(j, k)}.service", self.balance(j, k)
        if key not in self.model.book.rows:
            before = f"IF({{m}}=0,1,{{{left}@-1}})"
            due = f"{before}*{{{self.of(j, k)}.r}}+{before}-{{{left}}}"
            label = f"service per 1 of {self.note(j).name}, {self.model.cases[k]}"
            self.sheet.row(key, label, f"IF({{m}}<{{in_debt_term}},{due},0)", style="factor")
            self.sheet.run()
        return key
