"""The workbook as a file: frame, formats, names, notes, charts by XlsxWriter, rows of months as text."""

# Design: XlsxWriter takes 40 us a formula, and a deal has hundreds of thousands: rows of months are written
# as text into the sheet's own XML. It leans on names that are private there: its version is pinned.

from collections.abc import Sequence
from datetime import datetime, time
from html import escape
from io import BytesIO

from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]  # ships no types
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # ships no types

from rackrate.deal.requests.pool import PoolBase
from rackrate.deal.requests.underwriting import Deal
from rackrate.documents.workbook.file.charts import PAYMENT_ROW, add_charts
from rackrate.documents.workbook.file.styles import LIGHTS, Styles
from rackrate.documents.workbook.formulas.addresses import FIRST, MONTH_ROW, Pieces, across, letters
from rackrate.documents.workbook.formulas.book import SAME, Book, Row, Sheet, Value

TEXT_ONLY = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
WIDTHS = {0: 17, 1: 38, 2: 12, 3: 7, 4: 1, 5: 1, 6: 14}
MONTH_WIDTH = 13.5
PRINT_SCALE = 54  # percent: a year across a page
YEAR = 12  # months
ONE_PAGE = ("Cover", "Bridge", "Sizing", "Classes")


class MonthlySheet(Worksheet):  # type: ignore[misc]  # ships no types
    """A worksheet whose rows of months are written as text: see `fill`."""

    def fill(self, sheet: Sheet, styles: Styles, *, blank: bool) -> None:
        """Take the rows of months; ``blank`` keeps no values beside the formulas."""
        self.months = {row.at: _cells(row, styles, blank) for row in sheet.rows}
        self.dim_colmax: int = FIRST + sheet.months - 1

    def _write_rows(self) -> None:
        for at in sorted({*self.table, *self.months}):
            if not self.table.get(at) and at not in self.months:
                continue
            self._write_row(at, None, self.row_info.get(at))
            for column in sorted(self.table.get(at, ())):
                self._write_cell(at, column, self.table[at][column])
            self.fh.write(self.months.get(at, ""))
            self._xml_end_tag("row")


def _cells(row: Row, styles: Styles, blank: bool) -> str:
    """XML of the cells of a row of months, the opening first where it has one."""
    number = styles.number(row.style if row.kind == "live" else f"{row.kind}:{row.style}")
    values, opening = row.values[1:-1], row.opening
    cells = _run(row, row.template, FIRST, [0] * len(values) if blank and row.template else values, number)
    if isinstance(opening, str):
        first = [0] if blank else row.values[:1]
        cells = _run(row, row.template if opening == SAME else opening, FIRST - 1, first, number) + cells
    elif row.values[0] != "":
        cells = _run(row, "", FIRST - 1, row.values[:1], number) + cells
    return "".join(cells)


def _run(row: Row, template: str, start: int, values: Sequence[Value], number: int) -> list[str]:
    """XML of cells side by side in a row: one formula, or none, and the value of each."""
    columns = range(start, start + len(values))
    formulas = _formulas(row, template, columns) if template else [""] * len(values)
    rest = f'{row.at + 1}" s="{number}"'
    return [
        f'<c r="{column}{rest}>{formula}<v>{value!r}</v></c>'
        if value.__class__ is not str
        else f'<c r="{column}{rest} t="str">{formula}<v>{escape(value)}</v></c>'
        for column, formula, value in zip(across(start, len(values), 0), formulas, values, strict=True)
    ]


def _formulas(row: Row, template: str, columns: range) -> list[str]:
    """XML of a row's formula in each of some columns; addresses need no escape."""
    parts = row.sheet.book.pieces(row.sheet, template).parts
    escaped = [escape(part, quote=False) if isinstance(part, str) else part for part in parts]
    return Pieces(["<f>", *escaped, "</f>"]).over(columns)


def save(book: Book, deal: Deal | PoolBase, footer: str, *, blank: bool = False) -> bytes:
    """Write a workbook; the same book is the same bytes.

    Parameters
    ----------
    blank : bool
        Whether to leave out every value of a formula, so that nothing but recalculation can bring it back.
    """
    target = BytesIO()
    workbook = Workbook(target, TEXT_ONLY)
    workbook.set_properties({"title": deal.name, "created": datetime.combine(deal.closing, time())})
    workbook.set_calc_mode("auto")
    styles = Styles(workbook)
    made: dict[str, Worksheet] = {}
    for sheet in book.sheets:
        made[sheet.name] = _sheet(workbook, book, sheet, styles, blank)
        _print(made[sheet.name], sheet, footer)
    for cell in book.cells.values():
        if cell.name:
            place = f"='{cell.sheet.name}'!${letters(cell.column)}${cell.row + 1}"
            workbook.define_name(cell.name, place)
    for sheet in book.sheets:
        add_charts(workbook, made[sheet.name], sheet)
    workbook.close()
    return target.getvalue()


def _sheet(workbook: Workbook, book: Book, sheet: Sheet, styles: Styles, blank: bool) -> Worksheet:
    worksheet = workbook.add_worksheet(sheet.name, MonthlySheet if sheet.months else None)
    worksheet.hide_gridlines(2)
    worksheet.write_string(0, 0, sheet.title, styles.of("title"))
    worksheet.write_string(1, 0, sheet.purpose, styles.of("purpose"))
    if sheet.months:
        _months(worksheet, book, sheet, styles, blank)
    below = {(cell.row - 1, cell.column) for cell in sheet.cells if not isinstance(cell.value, str)}
    for cell in sheet.cells:
        over_numbers = cell.style == "head" and (cell.row, cell.column) in below
        shown = styles.of("head_right" if over_numbers else cell.style)
        if cell.template:
            formula = book.pieces(sheet, cell.template).at(cell.column)
            worksheet.write_formula(cell.row, cell.column, f"={formula}", shown, 0 if blank else cell.value)
        elif cell.style == "sheet":
            worksheet.write_url(cell.row, cell.column, f"internal:'{cell.value}'!A1", shown, str(cell.value))
        elif isinstance(cell.value, str):
            worksheet.write_string(cell.row, cell.column, cell.value, shown)
        else:
            worksheet.write_number(cell.row, cell.column, float(cell.value), shown)
        if cell.note:
            worksheet.write_comment(cell.row, cell.column, cell.note, {"x_scale": 2.5, "y_scale": 1.4})
    _lights(workbook, worksheet, sheet)
    for column, width in (WIDTHS if sheet.months else sheet.widths).items():
        worksheet.set_column(column, column, width)
    for at, height in sheet.heights.items():
        worksheet.set_row(at, height)
    worksheet.protect("", {"format_columns": True, "format_rows": True})
    return worksheet


def _lights(workbook: Workbook, worksheet: Worksheet, sheet: Sheet) -> None:
    """Colour what the lights say, beside saying it."""
    columns: dict[int, list[int]] = {}
    for cell in sheet.cells:
        if cell.style == "light":
            columns.setdefault(cell.column, []).append(cell.row)
    for says, ground, ink in LIGHTS if columns else ():
        shown = workbook.add_format({"bg_color": ground, "font_color": ink})
        rule = {"type": "text", "criteria": "containing", "value": says, "format": shown}
        for column, rows in columns.items():
            worksheet.conditional_format(min(rows), column, max(rows), column, rule)


def _months(worksheet: MonthlySheet, book: Book, sheet: Sheet, styles: Styles, blank: bool) -> None:
    """Head and labels of a sheet of months, and its rows."""
    worksheet.set_column(FIRST, FIRST + sheet.months - 1, MONTH_WIDTH)
    worksheet.freeze_panes(PAYMENT_ROW + 1, FIRST)
    worksheet.write_string(MONTH_ROW, 1, "month" if sheet.step == 1 else "period", styles.of("head"))
    ends = "payment date" if sheet.step < YEAR else "year to"
    worksheet.write_string(PAYMENT_ROW, 1, ends, styles.of("head"))
    months, dates = styles.of("month"), styles.of("date")
    worksheet.write_number(MONTH_ROW, FIRST - 1, -1, months)
    for month in range(sheet.months):
        worksheet.write_number(MONTH_ROW, FIRST + month, month, months)
        formula = f"=EDATE(in_closing,({letters(FIRST + month)}${MONTH_ROW + 1}+1)*{sheet.step})"
        value = 0 if blank else book.calculate(f"EDATE({{in_closing}},{(month + 1) * sheet.step})")
        worksheet.write_formula(PAYMENT_ROW, FIRST + month, formula, dates, value)
    for at, text in sheet.headings.items():
        worksheet.write_string(at, 1, text, styles.of("heading"))
    for row in sheet.rows:
        worksheet.write_string(row.at, 0, row.key, styles.of("small"))
        worksheet.write_string(row.at, 1, row.label, styles.of("text"))
        unit = row.unit or (book.currency if row.style == "money" else "")
        worksheet.write_string(row.at, 2, unit, styles.of("small"))
        worksheet.write_string(
            row.at, 3, row.kind, styles.of("small" if row.kind == "live" else "value:small")
        )
        if row.note:
            worksheet.write_comment(row.at, 3, row.note, {"x_scale": 2.5, "y_scale": 1.4})
    worksheet.fill(sheet, styles, blank=blank)


def _print(worksheet: Worksheet, sheet: Sheet, footer: str) -> None:
    """Pages: landscape A4, labels and dates repeated, the answer's id in the footer."""
    worksheet.set_landscape()
    worksheet.set_paper(9)
    worksheet.set_margins(0.4, 0.4, 0.5, 0.6)
    worksheet.set_footer(f"&L&7 {footer}&C&7&A&R&7&P of &N")  # apart: digits of an id would join the size
    if sheet.months:
        worksheet.repeat_rows(MONTH_ROW, PAYMENT_ROW)
        worksheet.repeat_columns(0, 2)
        worksheet.set_print_scale(PRINT_SCALE)
        if sheet.charts:
            worksheet.set_h_pagebreaks([min(chart.row for chart in sheet.charts)])
    else:
        worksheet.fit_to_pages(1, 1 if sheet.name in ONE_PAGE else 0)
