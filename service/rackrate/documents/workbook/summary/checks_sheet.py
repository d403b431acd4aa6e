"""Sheet of checks: every block tied to the answer's figure, and what must hold whatever the inputs."""

from collections.abc import Sequence

from rackrate.documents.workbook.formulas.book import Book, Sheet
from rackrate.documents.workbook.model import Model
from rackrate.documents.workbook.structure.stress_sheet import UNPAID
from rackrate.documents.workbook.summary.bridge_sheet import line_rows

HEAD = ("block", "what", "here", "answer", "difference of scale", "tolerance", "result")
TOLERANCE = 1e-9
SCHEDULE = ("interest", "principal", "balance")
RUN = (
    ("available", "available"),
    ("fees", "fees"),
    ("uncapped", "uncapped_fees"),
    ("reserve", "reserve"),
    ("trap", "trap"),
    ("equity", "equity"),
)
CLASS_RUN = (
    ("due", "interest_due"),
    ("interest_paid", "interest_paid"),
    ("capitalised", "capitalised"),
    ("principal_paid", "principal_paid"),
    ("additional_paid", "additional_paid"),
    ("balance", "balance"),
    ("unpaid", "interest_unpaid"),
)
OF_CLASS = (
    "ltv",
    "dscr",
    "debt_yield",
    "coupon",
    "credit_enhancement",
    "subordination",
    "wal_to_ard",
    "wal_to_final",
    "duration",
)


class Checks:
    """The sheet of checks while it is written; ``inputs`` says that the workbook has inputs to change."""

    def __init__(self, book: Book, *, inputs: bool = True) -> None:
        self.inputs = inputs
        said = "Ties to the answer count while no input is changed; the others always do."
        self.sheet: Sheet = book.sheet("Checks", "Checks", said if inputs else "Ties to the answer.")
        self.sheet.widths = {0: 22, 1: 44, 2: 22, 3: 22, 4: 16, 5: 11, 6: 16}
        for column, text in enumerate(HEAD):
            self.sheet.put(5, column, text, "head")
        self.at = 5

    def tie(self, block: str, what: str, here: str, answer: float | None, scale: float = 0.0) -> None:
        """Tie a formula to the answer's figure; ``scale`` where the figure is not its own."""
        self.at += 1
        key, held = f"check{self.at}", "" if answer is None else float(answer)
        self._start(block, what, here, key)
        self.sheet.put(
            self.at, 3, held, "value:number" if answer is not None else "value:text", key=f"{key}.answer"
        )
        size = max(scale, abs(answer or 0.0), 1.0 if not scale else 0.0)
        here_, there = f"{{{key}.here}}", f"{{{key}.answer}}"
        one = f"IF(OR(ISNUMBER({here_}),ISNUMBER({there})),1,0)"
        apart = f"IF(AND(ISNUMBER({here_}),ISNUMBER({there})),ABS({here_}-{there})/{_plain(size)},{one})"
        self.sheet.put(self.at, 4, f"={apart}", "difference", key=f"{key}.apart")
        self.sheet.put(self.at, 5, TOLERANCE, "difference")
        result = f'IF({{{key}.apart}}<=1E-9,"ok","FAILS")'
        result = f'IF({{inputs_changed}}>0,"inputs changed",{result})' if self.inputs else result
        self.sheet.put(self.at, 6, f"={result}", "light", key=f"{key}.result")

    def hold(self, block: str, what: str, here: str, most: str, style: str = "number") -> None:
        """What must be at most a bound, whatever the inputs."""
        self.at += 1
        key = f"check{self.at}"
        self._start(block, what, here, key, style)
        self.sheet.put(self.at, 3, f"={most}", style, key=f"{key}.most")
        self.sheet.put(self.at, 5, "at most", "small")
        result = f'IF({{{key}.here}}<={{{key}.most}},"ok","FAILS")'
        self.sheet.put(self.at, 6, f"={result}", "light", key=f"{key}.result")

    def _start(self, block: str, what: str, here: str, key: str, style: str = "number") -> None:
        self.sheet.say(self.at, 0, block)
        self.sheet.say(self.at, 1, what)
        self.sheet.put(self.at, 2, f"={here}", style, key=f"{key}.here")

    def series(self, block: str, row: str, values: Sequence[float], scale: float) -> None:
        """Tie a row of months by its sum, and by its sum weighted by time."""
        last = len(values) - 1
        months = "{w.m@[:]}" if row.startswith("w.") else f"({{t.m@[0:{last}]}}+1)"
        label = row.rpartition(".")[2]
        whole = sum(values)
        self.tie(block, f"{label}: sum", f"SUM({{{row}@[0:{last}]}})", whole, max(scale, abs(whole)))
        late = sum(value * (n + 1) for n, value in enumerate(values))
        here = f"SUMPRODUCT({{{row}@[0:{last}]}},{months})"
        self.tie(block, f"{label}: sum by time", here, late, max(scale, abs(late)))

    def errors(self, book: Book) -> None:
        """No cell of a sheet of months is an error."""
        for sheet in book.sheets:
            if sheet.rows:
                whole = f"{{{sheet.rows[0].key}..{sheet.rows[-1].key}@[:]}}"
                self.hold(sheet.name, "cells in error", f"SUMPRODUCT(ISERROR({whole})*1)", "0", "count")

    def finish(self) -> None:
        """The light: all results are ok, or inputs are changed."""
        results, count = f"{{check6.result..check{self.at}.result}}", self.at - 5
        good = f'COUNTIF({results},"ok")+COUNTIF({results},"inputs changed")'
        self.sheet.say(2, 0, "All checks", "total")
        self.sheet.put(2, 2, f'=IF({good}={count},"ok","FAILS")', "light", name="chk_all")
        self.sheet.say(3, 0, "Checks that are ok", "total")
        self.sheet.put(3, 2, f'=COUNTIF({results},"ok")', "count", key="checks_ok")
        self.sheet.put(3, 3, float(count), "count")


def _plain(number: float) -> str:
    """A number as the grammar writes it.

    >>> _plain(1e16), _plain(1.5)
    ('1E+16', '1.5')
    """
    return repr(number).upper()


def write_checks(model: Model) -> None:
    """Tie every block to the answer, then what must always hold."""
    checks, answer = Checks(model.book), model.source.answer
    for n, name in enumerate(line_rows(model)):
        line = answer.bridge[n]
        checks.tie("Bridge", f"{name}, issuer", f"{{bridge{n + 1}.issuer}}", line.issuer, 1.0)
        checks.tie("Bridge", f"{name}, sizing case", f"{{bridge{n + 1}.own}}", line.underwritten, 1.0)
    _sizing(checks, model)
    _classes(checks, model)
    _always(checks, model)
    checks.finish()


def _sizing(checks: Checks, model: Model) -> None:
    answer = model.source.answer
    principal = answer.summary.principal
    checks.tie("Sizing", "principal", "{out_principal}", principal)
    checks.tie("Sizing", "value", f"{{k{model.number(None)}.value}}", answer.summary.value)
    for i, test in enumerate(answer.sizing.tests, start=1):
        largest = test.max_principal
        checks.tie("Sizing", f"{test.name}: limit", f"{{test{i}.limit}}", test.limit)
        checks.tie("Sizing", f"{test.name}: actual", f"{{test{i}.actual}}", test.actual)
        if largest is not None:
            checks.tie("Sizing", f"{test.name}: largest", f"{{test{i}.largest}}", largest)
        checks.tie("Sizing", f"{test.name}: slack", f"{{test{i}.slack}}", test.slack, principal)
        checks.tie("Sizing", f"{test.name}: per 1 of limit", f"{{test{i}.shadow}}", test.shadow_price)
        checks.tie("Sizing", f"{test.name}: binds", f"{{test{i}.binds}}", float(test.binding))
    for n, row in enumerate(answer.coverage, start=1):
        parts = [row.measure, row.numerator or "", row.denominator or "", row.basis, row.case or ""]
        checks.tie("Coverage", " ".join(part for part in parts if part), f"{{coverage{n}}}", row.value)
    for name in SCHEDULE:
        checks.series("Schedule", f"d.{name}", getattr(answer.sizing.schedule, name), principal)


def _classes(checks: Checks, model: Model) -> None:
    answer = model.source.answer
    if answer.waterfall is None:
        return
    issued = answer.summary.issued or 0.0
    checks.tie("Classes", "issued", "{out_issued}", issued)
    for j, tranche in enumerate(answer.tranches, start=1):
        checks.tie("Classes", f"{tranche.name}: principal", f"{{class{j}.issued}}", tranche.principal)
        for name in OF_CLASS:
            checks.tie("Classes", f"{tranche.name}: {name}", f"{{class{j}.{name}}}", getattr(tranche, name))
        checks.tie("Classes", f"{tranche.name}: yield", f"{{class{j}.yield}}", tranche.yield_)
        for i, limit in enumerate(tranche.limits, start=1):
            what = f"{tranche.name}: {limit.kind}"
            checks.tie("Classes", what, f"{{class{j}_limit{i}.actual}}", limit.actual)
    for row, name in RUN:
        checks.series("Waterfall", f"w.{row}", getattr(answer.waterfall, name), issued)
    for j, note in enumerate(answer.waterfall.classes, start=1):
        for row, name in CLASS_RUN:
            checks.series(f"Waterfall: {note.name}", f"w.{row}{j}", getattr(note, name), issued)


def _always(checks: Checks, model: Model) -> None:
    answer = model.source.answer
    change = next(f"{{bridge{n + 1}.change}}" for n, line in enumerate(answer.bridge) if line.line == "ncf")
    closing = "1E-9*ABS({bridge1.own})+1E-6"
    if answer.bridge_steps:
        moved = f"IF({{inputs_changed}}>0,0,ABS({{steps}}-{change}))"
        checks.hold("Bridge", "steps add to the change, inputs unchanged", moved, closing)
    last = model.term - 1
    k = model.number(None)
    left = f"ABS({{d.balance@[{last}]}}-{{out_principal}}*{{s{k}.b@[{last}]}})"
    checks.hold("Schedule", "ends in the balloon", left, "1E-9*{out_principal}")
    if answer.waterfall is not None:
        checks.hold(
            "Classes", "issued within the principal", "{out_issued}-{out_principal}", "1E-9*{out_principal}"
        )
        for key, name in (("w", "Waterfall"), ("z", "Final"), ("xh", "Stress_holds"), ("xf", "Stress_fails")):
            if f"{key}.books" in model.book.rows:
                _run(checks, key, name, len(answer.tranches))
        if "stress.holds" in model.book.cells:
            bound = f"{UNPAID}*{{out_issued}}"
            changed = "{inputs_changed}"
            checks.hold(
                "Stress",
                "holds below the break-even, inputs unchanged",
                f"IF({changed}>0,0,{{stress.holds}})",
                bound,
            )
            fails = f"IF({changed}>0,0,{bound}-{{stress.fails}})"
            checks.hold("Stress", "fails above the break-even, inputs unchanged", fails, "0")
    checks.errors(model.book)


def _run(checks: Checks, key: str, name: str, classes: int) -> None:
    books = f"{{{key}.books@[:]}}"
    checks.hold(name, "books: most that is off", f"MAX(MAX({books}),-MIN({books}))", "1E-9*{out_issued}")
    rows = [f"MIN({{{key}.{row}{j}@[:]}})" for j in range(1, classes + 1) for row in ("balance", "unpaid")]
    least = f"-MIN({','.join([*rows, f'MIN({{{key}.reserve@[:]}})', f'MIN({{{key}.trap@[:]}})'])})"
    checks.hold(name, "least balance, below zero", least, "1E-9*{out_issued}")
