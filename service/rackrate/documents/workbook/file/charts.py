"""Charts of the workbook, each beside the rows that it draws."""

from dataclasses import dataclass
from typing import Any

from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]  # ships no types
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # ships no types

from rackrate.documents.workbook.formulas.addresses import FIRST
from rackrate.documents.workbook.formulas.book import Row, Sheet

PALE = "#D9D9D9"
PAYMENT_ROW = 4
COLORS = ("#1F3864", "#5B9BD5", "#A5A5A5", "#ED7D31", "#70AD47", "#FFC000", "#7030A0", "#264478")
ROWS = 17  # of a sheet that a chart covers
WIDTH, ON_A_PAGE = 900, 640  # of a chart, and of one beneath rows of months, which is printed on one page
YEARS = 24  # months of a chart from which on its axis names years alone


@dataclass(frozen=True)
class Line:
    """A series of a chart: its name or the cell that has it, and the cells of its categories and values."""

    name: str | tuple[str, int, int]
    categories: tuple[str, int, int, int, int]
    values: tuple[str, int, int, int, int]
    color: str
    dashed: bool = False


def line_of(row: Row, color: str, months: range, *, dashed: bool = False) -> Line:
    """Some months of a row as a series by payment date, named by its label."""
    sheet, first, last = row.sheet.name, FIRST + months.start, FIRST + months.stop - 1
    dates, values = (sheet, PAYMENT_ROW, first, PAYMENT_ROW, last), (sheet, row.at, first, row.at, last)
    return Line((sheet, row.at, 1), dates, values, color, dashed)


@dataclass(frozen=True)
class Chart:
    """A chart: where it stands, its kind, and its series; `style` and `names` are the formats of its axes.

    `unit` is what its values are in, `by` what they are drawn by.
    """

    kind: str
    title: str
    row: int
    column: int
    lines: list[Line]
    style: str
    unit: str = ""
    by: str = ""
    subtype: str = ""
    width: int = WIDTH
    height: int = 300
    names: str = "mmm yyyy"


def add_charts(workbook: Workbook, worksheet: Worksheet, sheet: Sheet) -> None:
    """Draw the charts of a sheet."""
    for chart in sheet.charts:
        options = {"type": chart.kind} | ({"subtype": chart.subtype} if chart.subtype else {})
        drawn = workbook.add_chart(options)
        for line in chart.lines:
            stroke = {"color": line.color, "width": 1.5} | ({"dash_type": "dash"} if line.dashed else {})
            name = line.name if isinstance(line.name, str) else list(line.name)
            series = {"name": name, "categories": list(line.categories), "values": list(line.values)}
            drawn.add_series(
                series | ({"line": stroke} if chart.kind == "line" else {"fill": {"color": line.color}})
            )
        drawn.set_title({"name": chart.title, "name_font": {"size": 11}, "overlay": False})
        names, values = _names(chart), _values(chart)
        lying = chart.kind == "bar"  # whose axes XlsxWriter exchanges
        drawn.set_y_axis(names if lying else values)
        drawn.set_x_axis(values if lying else names)
        drawn.set_legend({"none": True} if lying else {"position": "bottom"})
        drawn.show_blanks_as("gap")
        width = min(chart.width, ON_A_PAGE if sheet.months else WIDTH)
        drawn.set_size({"width": width, "height": chart.height})
        worksheet.insert_chart(chart.row, chart.column, drawn)


def _values(chart: Chart) -> dict[str, Any]:
    """Axis of what is drawn, its unit beside it."""
    return {
        "label_position": "high" if chart.kind == "bar" else "next_to",  # below, where words are reversed
        "name": chart.unit,
        "name_font": {"size": 9, "bold": False},
        "num_format": chart.style,
        "major_gridlines": {"visible": True, "line": {"color": PALE}},
    }


def _names(chart: Chart) -> dict[str, Any]:
    """Axis of what it is drawn by: dates of payment, years by the date on which they end, or words."""
    names: dict[str, Any] = {"label_position": "low", "major_gridlines": {"visible": False}}
    names |= {"name": chart.by, "name_font": {"size": 9, "bold": False}}
    if chart.kind == "bar":
        return names | {"reverse": True}  # from the top, as the rows are read
    if chart.kind == "column":
        return names | {"text_axis": True, "num_format": chart.names}
    count = max(line.values[4] - line.values[2] for line in chart.lines)
    every = {"major_unit": 12 if count > YEARS else 3, "major_unit_type": "months"}
    return names | {"date_axis": True, "num_format": chart.names} | every
