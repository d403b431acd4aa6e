"""Compares the figures of a workbook with those of an answer, wherever its cells are read from."""

from collections.abc import Callable, Sequence
from typing import Any

from rackrate.deal.requests.underwriting import Underwriting
from rackrate.documents.workbook.formulas.book import Book
from rackrate.documents.workbook.summary.checks_sheet import CLASS_RUN, OF_CLASS, RUN, SCHEDULE

TOLERANCE = 1e-9
FLAGS = (("trap_on", "trapping"), ("amortising", "amortising"), ("pik_on", "pik"))
LINES = ("base_rent", "power_recovery", "egi", "power_cost", "noi", "ncf", "available")

CellOf = Callable[[str], Any]
RowOf = Callable[[str], Sequence[Any]]


class Agreement:
    """Figures that disagree with an answer; `cell` and `row` read those of the workbook by key."""

    def __init__(self, book: Book, answer: Underwriting, cell: CellOf, row: RowOf) -> None:
        self.book, self.answer, self.cell, self.row = book, answer, cell, row
        self.faults: list[str] = []
        self.compared = 0
        self.skip_final = False

    def figure(self, what: str, found: Any, expected: float | None, scale: float = 0.0) -> None:
        self.compared += 1
        if expected is None or isinstance(found, str):
            if not (expected is None and found == ""):
                self.faults.append(f"{what}: {found!r} for {expected!r}")
        elif abs(found - expected) > TOLERANCE * max(
            scale, abs(expected) if scale else max(1.0, abs(expected))
        ):
            self.faults.append(f"{what}: {found!r} for {expected!r}")

    def series(self, key: str, expected: Sequence[float | None], scale: float) -> None:
        found = self.row(key)[: len(expected)]
        for month, (here, there) in enumerate(zip(found, expected, strict=True)):
            self.figure(f"{key} in {month}", here, there, scale)

    def all(self) -> "Agreement":
        """Compare every part of the answer that the workbook has live."""
        self._sizing()
        self._cash_flow()
        if self.answer.waterfall is not None:
            self._classes()
            self._waterfall()
        return self

    def _sizing(self) -> None:
        answer = self.answer
        principal = answer.summary.principal
        self.figure("principal", self.cell("out_principal"), principal)
        for i, test in enumerate(answer.sizing.tests, start=1):
            for name, figure in (
                ("limit", test.limit),
                ("actual", test.actual),
                ("slack", test.slack),
                ("shadow", test.shadow_price),
                ("binds", float(test.binding)),
            ):
                scale = principal if name == "slack" else 0.0
                self.figure(f"test {i} {name}", self.cell(f"test{i}.{name}"), figure, scale)
            if test.max_principal is not None:
                self.figure(f"test {i} largest", self.cell(f"test{i}.largest"), test.max_principal)
        for n, row in enumerate(answer.coverage, start=1):
            self.figure(f"coverage {n} {row}", self.cell(f"coverage{n}"), row.value)
        for name in SCHEDULE:
            self.series(f"d.{name}", getattr(answer.sizing.schedule, name), principal)
        self.series("d.dscr", answer.sizing.schedule.dscr, 1.0)

    def _cash_flow(self) -> None:
        flow = self.answer.cash_flow
        prefixes = {sheet.title.removeprefix("Cash flow, case "): sheet for sheet in self.book.sheets}
        sheet = prefixes[flow.case]
        key = sheet.rows[0].key.partition(".")[0]
        scale = max(map(abs, flow.lines["egi"]))
        for line in LINES:
            self.series(f"{key}.{line}", flow.lines[line], scale)

    def _classes(self) -> None:
        answer = self.answer
        self.figure("issued", self.cell("out_issued"), answer.summary.issued)
        for j, tranche in enumerate(answer.tranches, start=1):
            self.figure(f"class {j} issued", self.cell(f"class{j}.issued"), tranche.principal)
            self.figure(f"class {j} yield", self.cell(f"class{j}.yield"), tranche.yield_)
            for name in OF_CLASS:
                if name == "wal_to_final" and self.skip_final:
                    continue
                self.figure(f"class {j} {name}", self.cell(f"class{j}.{name}"), getattr(tranche, name))
            for i, limit in enumerate(tranche.limits, start=1):
                self.figure(f"class {j} limit {i}", self.cell(f"class{j}_limit{i}.actual"), limit.actual)
                self.figure(f"class {j} met {i}", self.cell(f"class{j}_limit{i}.met"), float(limit.met))

    def _waterfall(self) -> None:
        run, issued = self.answer.waterfall, self.answer.summary.issued or 0.0
        assert run is not None
        for row, name in RUN:
            self.series(f"w.{row}", getattr(run, name), issued)
        self.series("w.dscr_actual", run.dscr_actual, 1.0)
        if "w.dscr_assumed" in self.book.rows:
            self.series("w.dscr_assumed", run.dscr_assumed, 1.0)
        for row, name in FLAGS:
            if f"w.{row}" in self.book.rows:
                self.series(f"w.{row}", [float(on) for on in getattr(run, name)], 1.0)
        for j, note in enumerate(run.classes, start=1):
            for row, name in CLASS_RUN:
                self.series(f"w.{row}{j}", getattr(note, name), issued)
