"""Sheet of coverage: every ratio of the answer, one row each, in its order."""

from rackrate.deal.answers.sizing import Coverage
from rackrate.documents.workbook.debt.schedule_sheet import ratio_row, yearly
from rackrate.documents.workbook.debt.service import Service, reported
from rackrate.documents.workbook.debt.tested_figures import life
from rackrate.documents.workbook.formulas.book import Sheet
from rackrate.documents.workbook.model import Model

HEAD = ("measure", "numerator", "denominator", "basis", "case", "figure")
STYLES = {"debt_yield": "rate", "ltv": "rate", "ltc": "rate"}
P = "{out_principal}"


def write_coverage(model: Model, schedule: Sheet) -> Sheet:
    """Write every coverage ratio; a figure that is not defined is empty."""
    sheet = model.book.sheet(
        "Coverage", "Coverage", "The sized loan's cover, each figure with what it is made of."
    )
    sheet.widths = {0: 14, 1: 12, 2: 16, 3: 14, 4: 22, 5: 14}
    for column, text in enumerate(HEAD):
        sheet.put(4, column, text, "head")
    services = {by.kind: by for by in reported(model.source)}
    for n, row in enumerate(model.source.answer.coverage):
        parts = (row.measure, row.numerator or "", row.denominator or "", row.basis, row.case or "")
        for column, text in enumerate(parts):
            sheet.say(5 + n, column, text)
        formula = _figure(model, schedule, row, services)
        style = STYLES.get(row.measure, "cover")
        sheet.put(5 + n, 5, f"={formula}", style, key=f"coverage{n + 1}")
    return sheet


def known(figure: str, base: str) -> str:
    """A ratio, empty over nothing."""
    return f'IF({base}=0,"",{figure}/{base})'


def _figure(model: Model, schedule: Sheet, row: Coverage, services: dict[str, Service]) -> str:
    k = model.number(row.case)
    income = f"{{k{k}.{row.basis}.{row.numerator}}}"
    match row.measure:
        case "dscr":
            return _dscr(model, schedule, row, k, services[str(row.denominator)])
        case "icr":
            return known(income, f"({P}*SUM({{s{k}.interest@[0:11]}}))")
        case "debt_yield":
            return f"{income}/{P}"
        case "leverage":
            return known(P, income)
        case "llcr" | "plcr":
            if row.value is None:
                return '""'
            return f"({life(model, k, project=row.measure == 'plcr')})/{P}"
        case "ltv":
            return known(P, f"{{k{k}.value}}")
        case _:
            return known(P, "{cost}")


def _dscr(model: Model, schedule: Sheet, row: Coverage, k: int, by: Service) -> str:
    if row.basis in ("minimum", "average"):
        windows = ratio_row(model, schedule, k, str(row.numerator), by)
        held = "MIN" if row.basis == "minimum" else "AVERAGE"
        return f'IF(COUNT({{{windows}@[:]}})=0,"",{held}({{{windows}@[:]}})/{P})'
    if row.basis == "trailing_3m":
        if model.term < 3:
            return '""'
        parts = {"actual": f"SUM({{s{k}.service@[0:2]}})", "interest_only": f"SUM({{s{k}.r@[0:2]}})"}
        due = parts.get(by.kind) or f"(3*{yearly(k, by)}/12)"
        return known(f"SUM({{cf{k}.{row.numerator}@[0:2]}})/{P}", due)
    return known(f"{{k{k}.{row.basis}.{row.numerator}}}/{P}", yearly(k, by))
