"""Sheets of the bridge from the issuer's case to the sizing's, and of years."""

from dataclasses import replace

from rackrate.documents.workbook.facility.cashflow_sheet import cost_lines
from rackrate.documents.workbook.file.charts import Chart, Line, line_of
from rackrate.documents.workbook.file.styles import NUMBERS
from rackrate.documents.workbook.formulas.addresses import FIRST
from rackrate.documents.workbook.formulas.book import Sheet
from rackrate.documents.workbook.model import Model
from rackrate.engine.structure.waterfall_terms import WaterfallTerms

WHY_STEPS = (
    "Value of the service: each adjustment is a run of its own, applied after those before it"
    " (docs/methodology.md, bridge). The steps add to the live change: sheet Checks."
)
NAVY, SKY = "#1F3864", "#5B9BD5"


def line_rows(model: Model) -> dict[str, str]:
    """The row of each line of the answer, by the line's name, in the answer's order."""
    costs = {
        f"opex:{name}": f"cost{n + 1}" for n, name in enumerate(cost_lines(model.source.deal.facilities))
    }
    return {line.line: costs.get(line.line, line.line) for line in model.source.answer.bridge}


def write_bridge(model: Model) -> Sheet:
    """Write every line at closing in both cases, and the steps between them."""
    sheet = model.book.sheet("Bridge", "Bridge", "Closing figures of the issuer's case beside the sizing's.")
    sheet.widths = {0: 32, **dict.fromkeys(range(1, 4), 20), 4: 12}
    k, issuer = model.number(None), model.number("issuer")
    for column, text in enumerate(("line, a year", "issuer", model.cases[k], "change", "of issuer's")):
        sheet.say(4, column, text, "head")
    row = 5
    for n, (name, line) in enumerate(line_rows(model).items()):
        sheet.say(row, 0, name.replace("_", " "))
        style = "total:money" if name in ("egi", "noi", "ncf", "available") else "money"
        sheet.put(row, 1, f"={model.year(issuer, line)}", style, key=f"bridge{n + 1}.issuer")
        sheet.put(row, 2, f"={model.year(k, line)}", style, key=f"bridge{n + 1}.own")
        both = f"{{bridge{n + 1}.own}}-{{bridge{n + 1}.issuer}}"
        sheet.put(row, 3, f"={both}", style, key=f"bridge{n + 1}.change")
        share = f'IF({{bridge{n + 1}.issuer}}=0,"",{{bridge{n + 1}.change}}/{{bridge{n + 1}.issuer}})'
        sheet.put(row, 4, f"={share}", "rate")
        row += 1
    _steps(model, sheet, row + 1)
    return sheet


def _steps(model: Model, sheet: Sheet, row: int) -> None:
    steps = model.source.answer.bridge_steps
    sheet.put(row, 0, "adjustment", "head")
    sheet.put(row, 1, "change of ncf", "head")
    for n, step in enumerate(steps, start=1):
        sheet.say(row + n, 0, step.adjustment.replace("_", " "))
        sheet.put(row + n, 1, step.ncf_change, "value:money", key=f"step{n}", note=WHY_STEPS)
    end = row + len(steps) + 1
    sheet.put(end, 0, "together", "total")
    whole = f"SUM({{step1..step{len(steps)}}})" if steps else "0"
    sheet.put(end, 1, f"={whole}", "total:money", key="steps")
    sheet.next = end + 2
    if steps:
        span = (row + 1, row + len(steps))
        line = Line(
            "change of ncf", ("Bridge", span[0], 0, span[1], 0), ("Bridge", span[0], 1, span[1], 1), NAVY
        )
        title, unit = "From the issuer's ncf to the sizing's, a year from closing", model.book.currency
        sheet.charts.append(Chart("bar", title, end + 3, 0, [line], NUMBERS["money"], unit))


def write_annual(model: Model, terms: WaterfallTerms | None) -> Sheet:
    """Write the years of the cash flow, the debt and the classes."""
    years = -(-model.source.priced.months_paid // 12)
    sheet = model.book.sheet(
        "Annual", "Years", "Sums of twelve months from closing; balances at their ends.", years
    )
    sheet.step = 12
    k, paid = model.number(None), model.number(model.source.priced.paid_case)
    for case in dict.fromkeys((k, paid)):
        sheet.heading(f"Cash flow, case {model.cases[case]}")
        for name, line in line_rows(model).items():
            total = f"SUMIF({{t.year@[:]}},{{m}}+1,{{cf{case}.{line}@[:]}})"
            sheet.row(f"a{case}.{line}", name.replace("_", " "), total)
    _debt_years(model, sheet)
    if terms is not None:
        _class_years(model, sheet, terms)
    sheet.run()
    _chart(sheet, model, dict.fromkeys((k, paid)))
    return sheet


def _debt_years(model: Model, sheet: Sheet) -> None:
    sheet.heading("The sized loan")
    n = model.term
    for name in ("interest", "principal"):
        total = f"SUMPRODUCT(({{t.year@[0:{n - 1}]}}={{m}}+1)*{{d.{name}@[0:{n - 1}]}})"
        sheet.row(f"a.{name}", name, total)
    within = f"{{m}}*12<{n}"
    balance = f"IF({within},INDEX({{d.balance@[:]}},MIN(({{m}}+1)*12,{n})),0)"
    sheet.row("a.balance", "balance before the balloon", balance)
    due = "({a.interest}+{a.principal})"
    k = model.number(None)
    full = f"AND(({{m}}+1)*12<={n},{due}>0)"
    sheet.row("a.dscr", "dscr of the year", f'IF({full},{{a{k}.ncf}}/{due},"")', style="cover")


def _class_years(model: Model, sheet: Sheet, terms: WaterfallTerms) -> None:
    sheet.heading("The waterfall")
    per_year, periods = 12 // terms.period_months, len(terms.schedule[0])

    def total(row: str) -> str:
        inside = f"({{w.m@[:]}}>{{m}}*{per_year})*({{w.m@[:]}}<=({{m}}+1)*{per_year})"
        return f"SUMPRODUCT({inside}*{{w.{row}@[:]}})"

    for row in ("available", "fees", "uncapped", "equity"):
        sheet.row(f"a.w.{row}", row, total(row))
    for j, note in enumerate(terms.notes, start=1):
        sheet.row(f"a.interest{j}", f"{note.name}: interest", total(f"interest_paid{j}"))
        sheet.row(f"a.principal{j}", f"{note.name}: principal", total(f"principal_paid{j}"))
        last = f"INDEX({{w.balance{j}@[:]}},MIN(({{m}}+1)*{per_year},{periods}))"
        end = f"IF({{m}}*{per_year}<{periods},{last},0)"
        sheet.row(f"a.balance{j}", f"{note.name}: balance", end)


def _chart(sheet: Sheet, model: Model, cases: dict[int, None]) -> None:
    headings = {text: row for row, text in sheet.headings.items()}
    lines = []
    for n, case in enumerate(cases):
        row = line_of(sheet.book.rows[f"a{case}.ncf"], (NAVY, SKY)[n], range(sheet.months))
        lines.append(replace(row, name=("Annual", headings[f"Cash flow, case {model.cases[case]}"], 1)))
    title, unit = "Net cash flow by year", model.book.currency
    sheet.charts.append(
        Chart("column", title, sheet.next + 1, FIRST, lines, NUMBERS["money"], unit, "year to")
    )
