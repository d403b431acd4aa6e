"""Figures and texts of a memo as they are printed: one way each, so that a test can ask them of the PDF."""

# Design: dates and numbers by hand and not by locale: the same answer is the same bytes everywhere. What the
# memo's own fonts have no glyph for would print as nothing, and so is a question mark.

import re
from datetime import date

NOTHING = "–"
MINUS = "−"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PRINTED = (  # blocks of Unicode
    " -~\u00a0-\u036f"  # Latin and its accents
    "\u0370-\u03ff\u0400-\u052f\u1e00-\u1eff"  # Greek, Cyrillic, more Latin
    "\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u2199\u2200-\u22ff"  # signs, currencies, arrows, maths
)
UNPRINTED = re.compile(f"[^{PRINTED}]")
LONG = re.compile(r"\S{20,}")
PIECE = 12  # characters of a long word after which it may be broken
BREAK = "\u200b"


def number(value: float, places: int) -> str:
    """Write a number with commas and a true minus; what rounds to zero has no sign.

    >>> number(-1234.56, 1), number(-0.04, 1)
    ('−1,234.6', '0.0')
    """
    text = f"{abs(value):,.{places}f}"
    return f"{MINUS}{text}" if value < 0 and text.strip("0.,") else text


def millions(amount: float | None, places: int = 1) -> str:
    """Write an amount in millions.

    >>> millions(2642363025.08), millions(None)
    ('2,642.4', '–')
    """
    return NOTHING if amount is None else number(amount / 1e6, places)


def percent(share: float | None, places: int = 2) -> str:
    """Write a share or a rate in percent.

    >>> percent(0.0826), percent(0.8252, 1)
    ('8.26%', '82.5%')
    """
    return NOTHING if share is None else f"{number(share * 100, places)}%"


def times(ratio: float | None) -> str:
    """Write a cover.

    >>> times(1.5211)
    '1.52x'
    """
    return NOTHING if ratio is None else f"{number(ratio, 2)}x"


def years(span: float | None) -> str:
    """Write a span of years.

    >>> years(14.4167)
    '14.4'
    """
    return NOTHING if span is None else number(span, 1)


def day(when: date | None) -> str:
    """Write a date.

    >>> day(date(2030, 11, 20))
    '20 Nov 2030'
    """
    return NOTHING if when is None else f"{when.day} {month(when)}"


def month(when: date) -> str:
    """Write a month.

    >>> month(date(2030, 11, 20))
    'Nov 2030'
    """
    return f"{MONTHS[when.month - 1]} {when.year}"


def name(text: str) -> str:
    """Write a text of the request: what cannot be printed as a question mark, long words breakable.

    >>> name("東 A"), name("a" * 25).replace(BREAK, "|")
    ('? A', 'aaaaaaaaaaaa|aaaaaaaaaaaa|a')
    """
    return LONG.sub(_pieces, UNPRINTED.sub("?", text))


def _pieces(word: re.Match[str]) -> str:
    text = word[0]
    return BREAK.join(text[k : k + PIECE] for k in range(0, len(text), PIECE))


def short(text: str, most: int) -> str:
    """Write a text where there is no room to wrap it.

    >>> short("full requirements", 9)
    'full req…'
    """
    plain = UNPRINTED.sub("?", text)
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def words(key: str) -> str:
    """Write a key as words.

    >>> words("ncf_haircut")
    'ncf haircut'
    """
    return key.replace("_", " ")


def listed(texts: list[str]) -> str:
    """Join texts as a sentence does.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(texts[:-1]), texts[-1]]) if texts[1:] else "".join(texts)
