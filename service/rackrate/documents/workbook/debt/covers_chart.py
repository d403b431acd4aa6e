"""Rolling covers of the sized loan that its tests limit, by month, and their chart beside the limits."""

from rackrate.deal.sizing_tests import MinDscr, name_of
from rackrate.documents.workbook.debt.schedule_sheet import ratio_row
from rackrate.documents.workbook.debt.service import of_test
from rackrate.documents.workbook.file.charts import COLORS, ROWS, Chart, line_of
from rackrate.documents.workbook.file.styles import NUMBERS
from rackrate.documents.workbook.formulas.book import Sheet
from rackrate.documents.workbook.model import Model


def write_covers(model: Model, schedule: Sheet, sizing: Sheet) -> None:
    """Write what each test of a cover measures in every twelve months, and draw it on the sheet of sizing."""
    tests = model.source.sized.loan.tests
    limited = {i: test for i, test in enumerate(tests, start=1) if isinstance(test, MinDscr)}
    for i, test in limited.items():
        _rows(model, schedule, i, test)
    schedule.run()
    known = [
        month
        for i in limited
        for month, cover in enumerate(model.book.series(f"d.cover{i}"))
        if not isinstance(cover, str)
    ]
    if not known:
        return
    months, rows = range(min(known), max(known) + 1), model.book.rows
    lines = [
        line_of(rows[f"d.{what}{i}"], COLORS[n % len(COLORS)], months, dashed=what == "limit")
        for n, i in enumerate(limited)
        for what in ("cover", "limit")
    ]
    title = "Cover of twelve months beside its limit"
    sizing.charts.append(Chart("line", title, sizing.next, 0, lines, NUMBERS["cover"], by="twelve months to"))
    sizing.next += ROWS


def _rows(model: Model, schedule: Sheet, i: int, test: MinDscr) -> None:
    """Cover of the twelve months that end with each, at the sized principal, and the test's limit."""
    of_one = ratio_row(
        model, schedule, model.number_of(test), test.numerator, of_test(test, f"test{i}", "actual")
    )
    cover = f'IF(ISNUMBER({{{of_one}}}),{{{of_one}}}/{{out_principal}},"")'
    schedule.row(f"d.cover{i}", f"{name_of(test)}: cover of twelve months", cover, style="cover")
    schedule.row(f"d.limit{i}", f"{name_of(test)}: limit", f"{{test{i}.limit}}", style="cover")
