"""Sheets of what the service says and no sheet computes: concentration, losses, warnings; notes."""

from collections.abc import Sequence

import msgspec

from rackrate.deal.answers.credit import LossDistribution
from rackrate.deal.answers.figures import BreakEven
from rackrate.documents.workbook.formulas.book import Book, Sheet
from rackrate.documents.workbook.model import Model

WHY = "Value of the service: it is computed by quadrature, search or whole runs (docs/methodology.md)."
LINE = 12.5  # points of a line of text
SAYS = (
    ("live", "A formula: it follows every input it leans on."),
    (
        "value",
        "The service's own figure: no formula can hold it, and its note says why. It stays as it is.",
    ),
    (
        "Signs",
        "Costs are positive and subtracted, payments positive. Flags are 0 or 1. An empty cell is not known.",
    ),
    ("Months", "Month i runs from closing plus i months to closing plus i + 1; its flows fall at its end."),
    (
        "Changes",
        "Change a blue cell on Inputs. Column G there says whether every figure follows, or renewals stay.",
    ),
    (
        "Ties",
        "Ties on Checks count while no input is changed, then say 'inputs changed'. The others always count.",
    ),
    (
        "Limits",
        "Not advice, no rating, no offer. What a cover supports is implied by the ruleset's thresholds.",
    ),
)


def write_figures(model: Model) -> None:
    """Write the figures that are values as a whole."""
    answer = model.source.answer
    sheet = model.book.sheet("Figures", "Figures", "What the service says, and a sheet cannot compute.")
    sheet.widths = {0: 34, 1: 20, 2: 20, 3: 20, 4: 60}
    row = _table(sheet, 4, "Break-evens: least cut of net cash flow", ("target", "haircut"))
    for found in answer.break_evens:
        sheet.say(row, 0, _target(found))
        _value(sheet, row, 1, found.value, "rate")
        row += 1
    credit = answer.credit
    row = _table(sheet, row + 1, "Concentration of the rent roll", ("figure", "value"))
    for name in ("hhi", "effective_tenants", "hhi_kw", "effective_tenants_kw", "top_1_share", "top_5_share"):
        sheet.say(row, 0, name.replace("_", " "))
        _value(sheet, row, 1, getattr(credit, name), "rate" if "share" in name else "number")
        row += 1
    row = _table(
        sheet, row + 1, "Tenants", ("tenant", "share of rent", "share of kW", "default, first horizon")
    )
    for tenant in credit.tenants:
        sheet.say(row, 0, tenant.id)
        for column, figure in enumerate((tenant.share, tenant.share_kw, tenant.cumulative_pd[0]), start=1):
            _value(sheet, row, column, figure, "rate")
        row += 1
    what = "Losses of rent to defaults over the ruleset's horizon"
    row = write_losses(sheet, row + 1, credit.loss_distribution, what)
    row = _table(sheet, row + 1, "Warnings", ("code", "pointer", "", "", "message"))
    for warning in answer.warnings:
        sheet.say(row, 0, warning.code.replace("_", " "))
        sheet.say(row, 1, warning.pointer, "small")
        sheet.say(row, 4, warning.message, "wrap")
        row += 1


MOST_LOSSES = 200  # rows of the distribution that are shown


def write_losses(sheet: Sheet, row: int, spread: LossDistribution | None, what: str) -> int:
    """Write a distribution of losses, the smallest first; the row below it."""
    if spread is None:
        return row
    row = _table(sheet, row, what, ("loss", "probability"))
    for loss, chance in list(zip(spread.loss, spread.probability, strict=True))[:MOST_LOSSES]:
        _value(sheet, row, 0, loss, "rate")
        _value(sheet, row, 1, chance, "factor")
        row += 1
    if len(spread.loss) > MOST_LOSSES:
        sheet.say(row, 0, f"{len(spread.loss) - MOST_LOSSES} larger losses: in the answer", "small")
        row += 1
    sheet.say(row, 0, "expected")
    _value(sheet, row, 1, spread.expected, "rate")
    return row + 1


def _table(sheet: Sheet, row: int, title: str, head: tuple[str, ...]) -> int:
    sheet.say(row, 0, title, "heading")
    for column, text in enumerate(head):
        sheet.put(row + 1, column, text, "head")
    return row + 2


def _value(sheet: Sheet, row: int, column: int, value: float | None, style: str) -> None:
    shown = "none" if value is None else value
    sheet.put(row, column, shown, "value:text" if value is None else f"value:{style}")


def _target(found: BreakEven) -> str:
    told = msgspec.to_builtins(found.target)
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in told.items())


def write_notes(book: Book, left_out: Sequence[str], says: Sequence[tuple[str, str]] = SAYS) -> None:
    """Write how the workbook is read, what was left out, and every row that is a value with its reason."""
    sheet = book.sheet("Notes", "Notes", "How this workbook is read, and every row that is no formula.")
    sheet.widths = {0: 24, 1: 60, 2: 110}
    row = 4
    for name, text in says:
        sheet.say(row, 0, name, "total")
        sheet.say(row, 2, text, "wrap")
        row += 1
    for text in left_out:
        sheet.say(row, 0, "Left out", "total")
        sheet.say(row, 2, text, "wrap")
        row += 1
    row += 1
    for column, text in enumerate(("sheet", "value", "reason")):
        sheet.put(row, column, text, "head")
    for note, where in _reasons(book).items():
        for n, (name, labels) in enumerate(where.items()):
            row += 1
            sheet.say(row, 0, name, "wrap")
            sheet.say(row, 1, "; ".join(labels), "wrap")
            sheet.heights[row] = LINE * max(1, -(-len("; ".join(labels)) // 60))
            if n == 0:
                sheet.say(row, 2, note, "wrap")
                sheet.heights[row] = max(sheet.heights[row], LINE * -(-len(note) // 100))


def _reasons(book: Book) -> dict[str, dict[str, list[str]]]:
    """Reasons of what is a value, each with the sheets and the labels of what it is given for."""
    found: dict[str, dict[str, list[str]]] = {}
    for sheet in book.sheets:
        held = [(row.label, row.note) for row in sheet.rows if row.note]
        held += [("figures on the sheet", cell.note) for cell in sheet.cells if cell.note]
        for label, note in held:
            labels = found.setdefault(note, {}).setdefault(sheet.name, [])
            labels += [] if label in labels else [label]
    return found
