"""Names that the sheets of a workbook share: cases, their runs, formulas that several of them ask for."""

from dataclasses import dataclass
from functools import cached_property

from rackrate.deal.cases import case_of
from rackrate.deal.facility.facilities import Leasehold
from rackrate.deal.sizing_tests import Refinance, SizingTest
from rackrate.documents.workbook.formulas.book import Book, Sheet
from rackrate.documents.workbook.inputs.inputs_sheet import index
from rackrate.documents.workbook.source import Source
from rackrate.engine.facility.valuation import ValuationBasis

ENDLESS = "9.99E+307"  # stands for what is without bound
FREEHOLD = "1000000"  # month in which a freehold ends
LONGEST = "12000"  # months that a perpetuity counts


def level(rate: str, count: str) -> str:
    """Formula of the level payment per period on 1 at a rate per period.

    Where `1-(1+r)^-n` cancels it is the first terms of its series,
    `(1 + r(n+1)/2 + r^2(n^2-1)/12 (1 - r/2))/n`: what they leave out is below 2e-15 of it.
    """
    n = f"({count})"
    series = f"(1+{rate}*(({n}+1)/2+{rate}*({n}*{n}-1)/12*(1-{rate}/2)))/{n}"
    return f"IF(ABS({rate}*{n})<1E-3,{series},{rate}/(1-(1+{rate})^(-{n})))"


@dataclass(frozen=True)
class Model:
    """A workbook under way: the book, its source, and its sheet of values."""

    book: Book
    source: Source
    values: Sheet

    @cached_property
    def cases(self) -> list[str]:
        """Names of the cases in the order of their numbers."""
        return list(self.source.priced.cases)

    def number(self, case: str | None) -> int:
        """Number of a case; of no name the sizing's."""
        return self.cases.index(case or self.source.deal.sizing.case)

    def number_of(self, test: SizingTest, case: str | None = None) -> int:
        """Number of the case that a test is held in."""
        return self.number(case_of(test, case or self.source.deal.sizing.case))

    @property
    def term(self) -> int:
        """Months of the debt."""
        return self.source.deal.debt.term_months

    @property
    def facilities(self) -> int:
        """Number of facilities."""
        return len(self.source.deal.facilities)

    def closing(self, k: int) -> str:
        """Prefix of the rows that figures at closing are sums of."""
        return f"cl{k}" if self.source.has_booked else f"cf{k}"

    def year(self, k: int, line: str, basis: str = "closing") -> str:
        """Formula of a line's twelve months at closing, or stabilised."""
        if basis == "stabilised":
            month, start = "{t.m@[:]}", "{stabilised}"
            return f"SUMPRODUCT(({month}>={start})*({month}<{start}+12)*{{cf{k}.{line}@[:]}})"
        return f"SUM({{{self.closing(k)}.{line}@[0:11]}})"

    def ends(self, f: int) -> str:
        """Formula of the month in which a facility's leasehold ends."""
        leasehold = isinstance(self.source.deal.facilities[f].tenure, Leasehold)
        return f"({index(f'{{in_f{f + 1}_expiry}}')})" if leasehold else FREEHOLD

    def capitalised(self, k: int, at: int, start: int, cap: str, what: str, *, closing: bool = False) -> str:
        """Twelve months of a case capitalised as of a month: the key of their value; `.part` has a haircut's.

        A block of the sheet of values: a row a facility, once for every question.
        """
        rows = self.closing(k) if closing else f"cf{k}"
        key = f"v.{rows}.{at}.{start}.{cap}".replace("{", "").replace("}", "")
        if key not in self.book.cells:
            self._capitalise(key, rows, at, start, cap, what)
        return key

    def _capitalise(self, key: str, rows: str, at: int, start: int, cap: str, what: str) -> None:
        sheet, top = self.values, self.values.next
        sheet.say(top, 0, what, "heading")
        for column, text in enumerate(
            ("facility", "ncf of the year", "of it positive", "value of 1 a year", "value")
        ):
            sheet.put(top + 1, column, text, "head")
        for f, facility in enumerate(self.source.deal.facilities):
            year, row = f"{{{rows}.f{f + 1}.ncf@[{start}:{start + 11}]}}", top + 2 + f
            years = f"MIN(MAX(0,{self.ends(f)}-{at}),{LONGEST})/12"
            sheet.say(row, 0, facility.id)
            sheet.put(row, 1, f"=SUM({year})", "money", key=f"{key}.year{f}")
            sheet.put(row, 2, f"=SUMPRODUCT({year}*({year}>0))", "money", key=f"{key}.positive{f}")
            sheet.put(row, 3, f"=(1-(1+{cap})^(-{years}))/{cap}", "factor", key=f"{key}.factor{f}")
            sheet.put(row, 4, f"={{{key}.year{f}}}*{{{key}.factor{f}}}", "money", key=f"{key}.value{f}")
        last, row = self.facilities - 1, top + 2 + self.facilities
        sheet.say(row, 0, "together", "total")
        sheet.put(row, 4, f"=SUM({{{key}.value0..{key}.value{last}}})", "total:money", key=key)
        product = (
            f"SUMPRODUCT({{{key}.positive0..{key}.positive{last}}},{{{key}.factor0..{key}.factor{last}}})"
        )
        sheet.put(row, 2, f"={product}", "total:money", key=f"{key}.part")
        sheet.next = row + 2

    def under(self, key: str, haircut: str) -> str:
        """A capitalised value under a haircut, not yet held at zero."""
        return f"({{{key}}}-{haircut}*{{{key}.part}})" if haircut else f"{{{key}}}"

    def value(self, k: int, haircut: str = "") -> str:
        """Formula of the value at closing in a case, under a haircut."""
        basis: ValuationBasis = self.source.priced.bases[self.cases[k]]
        if basis.kind == "appraisal":
            parts = [
                f"IF({self.ends(f)}>0,{{in_f{f + 1}_appraised_value}},0)" for f in range(self.facilities)
            ]
            return f"({'+'.join(parts)})" + (f"*(1-{haircut})" if haircut else "")
        if basis.kind == "cap_rate":
            key = self.capitalised(k, 0, 0, self.cap_rate(k), self.title("Value", k), closing=True)
            return f"MAX(0,{self.under(key, haircut)})"
        return self._net_present(k, basis, haircut)

    def cap_rate(self, k: int) -> str:
        """Capitalisation rate of a case's value: its own, the value's, or the ruleset's."""
        names = f"in_case{k}_cap_rate", "in_value_cap", "in_house_cap"
        return next(f"{{{name}}}" for name in names if name in self.book.cells)

    def discount_rate(self, k: int) -> str:
        """Discount rate of a case's value: its own, or the value's."""
        own = f"in_case{k}_discount_rate"
        return f"{{{own}}}" if own in self.book.cells else "{in_value_rate}"

    def _net_present(self, k: int, basis: ValuationBasis, haircut: str) -> str:
        n, cap, rate = basis.months, self.cap_rate(k), self.discount_rate(k)
        weights = f"(1+{rate})^(-({{t.m@[0:{n - 1}]}}+1)/12)"
        terminal = self.capitalised(k, n, n, cap, self.title("Terminal value", k))
        months = f"SUMPRODUCT({{cf{k}.ncf@[0:{n - 1}]}},{weights})"
        if haircut:
            months += f"-{haircut}*SUMPRODUCT({{cf{k}.positive@[0:{n - 1}]}},{weights})"
        return f"MAX(0,{months}+MAX(0,{self.under(terminal, haircut)})*(1+{rate})^(-{n}/12))"

    def title(self, what: str, k: int) -> str:
        """Heading of a block of the sheet of values."""
        return f"{what}, case {self.cases[k]}"

    def takeout_legs(self, test: Refinance, name: str, k: int, at: int, haircut: str = "") -> dict[str, str]:
        """Formulas of the debt that each leg of a take-out supports at a month, before its own limit.

        ``cover`` is income over the constant, ``value`` the capitalised value.
        """
        legs = {}
        if test.dscr is not None:
            rate = f"MAX(0,{{{name}_rate}}+{{in_case{k}_rate_add}})"
            income = f"SUM({{cf{k}.ncf@[{at}:{at + 11}]}})"
            if haircut:
                income = f"({income}-{haircut}*SUM({{cf{k}.positive@[{at}:{at + 11}]}}))"
            legs["cover"] = f"{income}/(12*{level(f'({rate}/12)', f'{{{name}_months}}')})"
        if test.ltv is not None:
            key = self.capitalised(
                k, at, at, f"{{{name}_cap_rate}}", self.title(f"Take-out in month {at}", k)
            )
            legs["value"] = f"MAX(0,{self.under(key, haircut)})"
        return legs
