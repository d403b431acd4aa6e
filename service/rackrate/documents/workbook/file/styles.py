"""Formats of the workbook's cells: what a number is, and what kind of cell holds it."""

from typing import Any

from xlsxwriter.format import Format  # type: ignore[import-untyped]  # ships no types
from xlsxwriter.workbook import Workbook  # type: ignore[import-untyped]  # ships no types

NUMBERS = {
    "money": "#,##0_);(#,##0);–_)",
    "price": "#,##0.00_);(#,##0.00);–_)",
    "rate": "0.00%_)",
    "cover": '0.00"x"_)',
    "count": "#,##0_);-#,##0_);–_)",
    "number": "#,##0.00####",
    "date": "dd mmm yyyy",
    "flag": "0;-0;·",
    "factor": "0.000000",
    "index": "0",
    "figure": "#,##0_)",
    "rank": "#,##0_)",
    "difference": "0.0E+00",
    "small_difference": "0.00;-0.00;–",
    "month": '0;"opening";0',
}
INK, BLUE, BROWN, GREEN, GREY = "#000000", "#0000FF", "#7F3F00", "#006100", "#7F7F7F"
KINDS: dict[str, dict[str, Any]] = {
    "input": {
        "font_color": BLUE,
        "bg_color": "#FFF9E5",
        "locked": False,
        "border": 1,
        "border_color": "#D9D9D9",
    },
    "value": {"font_color": BROWN, "bg_color": "#F2F2F2"},
    "link": {"font_color": GREEN},
    "headline": {"bold": True, "bg_color": "#E2EFDA"},
    "total": {"bold": True, "top": 1},
}
TEXTS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "font_color": "#1F3864"},
    "purpose": {"italic": True, "font_color": GREY},
    "head": {"bold": True, "bg_color": "#D9E2F3", "text_wrap": True, "valign": "top"},
    "head_right": {"bold": True, "bg_color": "#D9E2F3", "text_wrap": True, "valign": "top", "align": "right"},
    "heading": {"bold": True, "font_color": "#1F3864", "bottom": 1},
    "small": {"font_size": 8, "font_color": GREY},
    "text": {},
    "wrap": {"text_wrap": True, "valign": "top"},
    "sheet": {"font_color": GREEN, "underline": 1},
    "light": {"bold": True, "align": "center"},
}

LIGHTS = (
    ("ok", "#C6EFCE", "#006100"),
    ("FAILS", "#FFC7CE", "#9C0006"),
    ("changed", "#FFEB9C", "#7F6000"),
    ("left behind", "#FFEB9C", "#7F6000"),
)
"""What a light says, its ground and its ink."""


class Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[str, Format] = {}

    def of(self, style: str) -> Format:
        """The format of a style: a text's, or a number's, behind the kind of its cell where it has one."""
        if style not in self._made:
            made = self._workbook.add_format({"font_name": "Arial", "font_size": 9, **_properties(style)})
            made._get_xf_index()  # numbered here, since rows of months name formats by number
            self._made[style] = made
        return self._made[style]

    def number(self, style: str) -> int:
        """The number of a style's format in the file."""
        return int(self.of(style)._get_xf_index())


def _properties(style: str) -> dict[str, Any]:
    kind, _, rest = style.rpartition(":")
    own = KINDS.get(kind, {})
    if rest in NUMBERS:
        return {**own, "num_format": NUMBERS[rest]}
    return {**TEXTS.get(rest, {}), **own}
