"""Sheet that a reader opens first: what this is, three lights, the headline, the legend, the sheets."""

from collections.abc import Sequence

from rackrate.documents.workbook.formulas.book import Sheet
from rackrate.documents.workbook.model import Model

PURPOSE = "Recomputes one answer of the service with live formulas, to trace every figure and try a change."
SHOWN = ("closing", "minimum", "average")
LEGEND = (
    ("input:money", "input: blue on yellow; unlocked"),
    ("money", "live formula: black"),
    (
        "value:money",
        "value of the service, brown on grey: its note says what it is, and why it is no formula",
    ),
    ("headline:money", "headline"),
)


def write_cover(model: Model) -> Sheet:
    """Write the cover; every figure on it is a formula."""
    source = model.source
    deal, answer = source.deal, source.answer
    sheet = model.book.sheet("Cover", deal.name, "Debt underwriting: the working model of one answer.")
    sheet.widths = {0: 34, 1: 30, 2: 70}
    row = write_lines(
        sheet,
        3,
        "This workbook",
        [
            ("purpose", PURPOSE),
            ("answer", answer.id),
            ("engine", answer.engine),
            ("ruleset", f"{answer.ruleset.name}, sha256 {answer.ruleset.sha256[:16]}…"),
            ("closing", deal.closing.isoformat()),
            ("currency", deal.currency),
            ("sizing case, paid case", f"{deal.sizing.case}, {source.priced.paid_case}"),
        ],
    )
    row = _state(sheet, row)
    row = _headline(model, sheet, row)
    write_legend(sheet, row, LEGEND)
    return sheet


def write_legend(sheet: Sheet, row: int, legend: Sequence[tuple[str, str]]) -> None:
    """Write what the colours of cells say, the last block above the list of sheets."""
    sheet.say(row, 0, "Legend", "heading")
    for n, (style, text) in enumerate(legend, start=1):
        sheet.put(row + n, 0, 1234567.0, style)
        sheet.say(row + n, 1, text)
    sheet.next = row + len(legend) + 2


def write_lines(sheet: Sheet, row: int, title: str, lines: Sequence[tuple[str, str]]) -> int:
    """Write lines of text, each under its name, below a heading; the row below them."""
    sheet.say(row, 0, title, "heading")
    for n, (name, text) in enumerate(lines, start=1):
        sheet.say(row + n, 0, name)
        sheet.say(row + n, 1, text)
    return row + len(lines) + 2


def _state(sheet: Sheet, row: int) -> int:
    """Three lights: checks, inputs changed, values that a change has left behind."""
    sheet.say(row, 0, "State", "heading")
    lights = (
        ("all checks", "={chk_all}"),
        ("inputs changed", '=IF({inputs_changed}=0,"ok","changed")'),
        ("values left behind by a change", '=IF({left_behind}=0,"ok","left behind")'),
    )
    for n, (name, formula) in enumerate(lights, start=1):
        sheet.say(row + n, 0, name)
        sheet.put(row + n, 1, formula, "light", key=f"light{n}")
    return row + len(lights) + 2


def _headline(model: Model, sheet: Sheet, row: int) -> int:
    k, answer = model.number(None), model.source.answer
    figures = [
        ("principal", "={out_principal}", "headline:money"),
        ("value", f"={{k{k}.value}}", "headline:money"),
        ("loan to value", f'=IF({{k{k}.value}}=0,"",{{out_principal}}/{{k{k}.value}})', "headline:rate"),
        ("debt yield", f"={{k{k}.closing.ncf}}/{{out_principal}}", "headline:rate"),
    ]
    for n, found in enumerate(answer.coverage, start=1):
        made_of = found.measure, found.numerator, found.denominator, found.case, found.basis
        if made_of in [("dscr", "ncf", "actual", model.cases[k], basis) for basis in SHOWN]:
            figures.append((f"dscr, {found.basis}", f"={{coverage{n}}}", "headline:cover"))
    figures.append(("binding test", "={out_binds}" if answer.tranches else "={out_binding}", "headline:text"))
    if answer.tranches:
        figures.append(("issued", "={out_issued}", "headline:money"))
    sheet.say(row, 0, f"Headline, {model.source.deal.currency}", "heading")
    for n, (name, formula, style) in enumerate(figures, start=1):
        sheet.say(row + n, 0, name)
        sheet.put(row + n, 1, formula, style)
    return row + len(figures) + 2


def list_sheets(cover: Sheet) -> None:
    """List the sheets of the workbook, once all are written."""
    row = cover.next
    cover.say(row, 0, "Sheets", "heading")
    for n, sheet in enumerate(cover.book.sheets, start=1):
        cover.say(row + n, 0, sheet.name, "sheet")
        cover.say(row + n, 1, sheet.title if sheet is not cover else "this page")
        cover.say(row + n, 2, sheet.purpose, "small")
