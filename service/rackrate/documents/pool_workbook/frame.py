"""Cover and notes of a pool's workbook: what it is of, the light of the checks, headline, legend, sheets."""

from collections.abc import Sequence

from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.answers.pool import PoolCaution, PoolUnderwriting
from rackrate.deal.requests.pool import PoolBase
from rackrate.documents.pool_workbook.grid import Grid
from rackrate.documents.workbook.formulas.book import Book, Sheet
from rackrate.documents.workbook.formulas.functions import serial
from rackrate.documents.workbook.summary.cover_sheet import LEGEND, list_sheets, write_legend, write_lines
from rackrate.documents.workbook.summary.figures_sheet import SAYS, write_notes

PURPOSE = "Tables of one answer: its figures as values, sums, ratios, balances and lives as live formulas."
UNSAID = ("Changes", "Ties")  # notes of workbooks that have inputs
NOTES = [said for said in SAYS if said[0] not in UNSAID]
COLOURS = [said for said in LEGEND if not said[0].startswith("input")]


def write_head(book: Book, pool: PoolBase, answer: PoolUnderwriting | GroundUnderwriting, said: str) -> Sheet:
    """Begin the cover: what the workbook is of; closing is named, for every sheet counts months from it."""
    sheet = book.sheet("Cover", pool.name, said)
    sheet.widths = {0: 34, 1: 30, 2: 70}
    lines = [
        ("purpose", PURPOSE),
        ("answer", answer.id),
        ("engine", answer.engine),
        ("ruleset", f"{answer.ruleset.name}, sha256 {answer.ruleset.sha256[:16]}…"),
        ("ruleset of pools", f"{answer.pool_ruleset.name}, sha256 {answer.pool_ruleset.sha256[:16]}…"),
        ("currency", pool.currency),
    ]
    sheet.next = write_lines(sheet, 3, "This workbook", lines)
    sheet.say(sheet.next - 1, 0, "closing")
    sheet.put(sheet.next - 1, 1, serial(pool.closing), "value:date", name="in_closing")
    sheet.next += 1
    return sheet


def finish(
    book: Book,
    cover: Sheet,
    order: Sequence[str],
    figures: Sequence[tuple[str, str, str]],
    left_out: Sequence[str] = (),
) -> Book:
    """Finish the workbook: headline, what is issued where there are classes, notes, the order of sheets."""
    issued = [("issued", "{class.principal}", "money")] * ("Classes" in {sheet.name for sheet in book.sheets})
    _write_headline(cover, [*figures, *issued])
    write_notes(book, left_out, NOTES)
    book.sheets.sort(key=lambda sheet: order.index(sheet.name))
    list_sheets(cover)
    return book


def _write_headline(sheet: Sheet, figures: Sequence[tuple[str, str, str]]) -> None:
    """Finish the cover: the light, the headline as links to other sheets, the legend."""
    row = sheet.next
    sheet.say(row, 0, "State", "heading")
    sheet.say(row + 1, 0, "all checks")
    sheet.put(row + 1, 1, "={chk_all}", "light", key="light1")
    row += 3
    sheet.say(row, 0, "Headline", "heading")
    for n, (name, formula, style) in enumerate(figures, start=1):
        sheet.say(row + n, 0, name)
        sheet.put(row + n, 1, f"={formula}", f"headline:{style}")
    write_legend(sheet, row + len(figures) + 2, COLOURS)


def write_warnings(book: Book, warnings: Sequence[PoolCaution]) -> None:
    """Write every warning with where in the request it comes from."""
    if not warnings:
        return
    sheet = book.sheet("Warnings", "Warnings", "What a reader of the figures should know.")
    sheet.widths = {0: 34, 1: 70, 2: 34}
    sheet.next = 3
    names = {"code": "warning", "message": "what", "pointer": "where in the request"}
    grid = Grid.below(sheet, "Warnings", "warning", names, len(warnings))
    for name in names:
        held = [getattr(each, name) for each in warnings]
        grid.values(name, "text", [text.replace("_", " ") if name == "code" else text for text in held])
