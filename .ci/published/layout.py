"""Markdown: tables, paragraphs within the width of a page, numbers in words."""

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 118


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def wrapped(words: str) -> str:
    """Wrap paragraphs; headings and pictures are paragraphs of their own."""
    parts = words.strip().split("\n\n")
    fill = textwrap.TextWrapper(WIDTH, break_long_words=False, break_on_hyphens=False).fill
    return "\n\n".join(map(fill, parts)) + "\n"


def tenths(share: float) -> str:
    """A share in percent, to a tenth.

    >>> tenths(0.1892)
    '18.9 percent'
    """
    return f"{share * 100:.1f} percent"
