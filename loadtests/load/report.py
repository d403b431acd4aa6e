"""Sections of the report: what a script found, kept as JSON for the page that joins them, and printed."""

import json
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parents[1]
REPORTS = HERE / "reports"
CHARTS = HERE.parent / "docs" / "charts"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; numbers have three figures.

    >>> print(table(["what", "ms"], [["hit", 0.12345]]))
    | what | ms |
    |---|---|
    | hit | 0.123 |
    """
    lines = [head, ["---"] * len(head), *([_cell(cell) for cell in row] for row in rows)]
    text = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([text[0], text[1].replace(" ", ""), *text[2:]])


def _cell(cell: object) -> str:
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"


def write(name: str, order: int, title: str, parts: Sequence[str]) -> None:
    """Keep a finished section and print it."""
    markdown = "\n\n".join(parts)
    REPORTS.mkdir(exist_ok=True)
    section = {"order": order, "title": title, "markdown": markdown}
    (REPORTS / f"{name}.json").write_text(json.dumps(section, indent=1) + "\n")
    print(f"## {title}\n\n{markdown}\n")
