"""Tables for a terminal: numbers, columns and sections in at most 100 columns."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import zip_longest

NOTHING = "–"
WIDTH = 100
WORDS = frozenset(
    ("", "adjustment", "class", "element", "figure", "line", "note", "reason", "target", "template", "tenant")
).union(("test", "trigger"))  # heads of columns of words: to the left
WORDS |= {"by", "ground lease", "group", "largest", "loan", "status"}  # of pools
VALUES = frozenset(("first", "second"))  # heads of columns of figures or words: to the right
LEAST = 8  # the narrowest that a column of words becomes


class Wrapper(textwrap.TextWrapper):
    """A wrapper that breaks words at their slashes too."""

    wordsep_simple_re = re.compile(r"(\s+|(?<=/))")


def millions(amount: float | None) -> str:
    """An amount in millions.

    >>> millions(2642363025.08), millions(None)
    ('2,642.4m', '–')
    """
    return NOTHING if amount is None else f"{amount / 1e6:,.1f}m"


def percent(share: float | None) -> str:
    """A share or a rate in percent.

    >>> percent(0.0826)
    '8.26%'
    """
    return NOTHING if share is None else f"{share * 100:.2f}%"


def times(ratio: float | None) -> str:
    """A coverage ratio as a multiple.

    >>> times(1.5211)
    '1.52x'
    """
    return NOTHING if ratio is None else f"{ratio:.2f}x"


def years(span: float | None) -> str:
    """A span of years.

    >>> years(5.0)
    '5.0y'
    """
    return NOTHING if span is None else f"{span:.1f}y"


def plain(number: float | None) -> str:
    """A number to five significant digits.

    >>> plain(-0.0123456), plain(6.0)
    ('-0.012346', '6')
    """
    return NOTHING if number is None else f"{number:.5g}"


def day(when: date | None) -> str:
    """A date; "never" where there is none.

    >>> day(date(2027, 1, 2)), day(None)
    ('2027-01-02', 'never')
    """
    return "never" if when is None else str(when)


def page(sections: Iterable[Sequence[str]]) -> str:
    """Sections parted by blank lines, long lines wrapped, empty sections left out."""
    return "\n\n".join("\n".join(map(wrapped, lines)) for lines in sections if lines)


def wrapped(line: str) -> str:
    """A line within the width of the page, what follows the first indented."""
    if len(line) <= WIDTH:
        return line
    return textwrap.fill(line, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def columns(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows under a head, words to the left and figures to the right; nothing where there are no rows.

    Where the page is too narrow the widest columns of words are wrapped.

    >>> columns(("class", "LTV"), [("A", "60%"), ("B", "7%")])
    ['class  LTV', 'A      60%', 'B       7%']
    """
    table = [head, *rows]
    if len(table) == 1:
        return []
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    words = [i for i, name in enumerate(head) if name in WORDS]
    _narrow(widths, [i for i, name in enumerate(head) if name in WORDS | VALUES])
    return [
        "  ".join(
            cell.ljust(width) if i in words else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for row in table
        for line in zip_longest(*map(_lines, row, widths), fillvalue="")
    ]


def _narrow(widths: list[int], wrapped: Sequence[int]) -> None:
    """Take from the widest of the columns that may be wrapped until the page has room for all."""
    while sum(widths) + 2 * (len(widths) - 1) > WIDTH:
        widest = max(wrapped, key=lambda i: widths[i])
        if widths[widest] <= LEAST:
            return
        widths[widest] -= 1


def _lines(cell: str, width: int) -> list[str]:
    """A cell within the width of its column.

    >>> _lines("tranches/A-2/detachment/value", 20)
    ['tranches/A-2/', 'detachment/value']
    """
    return [cell] if len(cell) <= width else Wrapper(width, break_on_hyphens=False).wrap(cell)
