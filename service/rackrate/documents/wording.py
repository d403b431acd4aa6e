"""Figures and texts of a memo as they are printed: one way each, so that a test can ask them of the PDF."""

# Design: dates and numbers by hand and not by locale: the same answer is the same bytes everywhere. What the
# memo's own font has no glyph for is a question mark, and the memo says so: the typesetter refuses a PDF/UA
# that lacks a glyph.

import re
import unicodedata
from datetime import date

NOTHING = "–"
MINUS = "−"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PRINTED = (  # what Libertinus Serif has, and of Arabic DejaVu Sans Mono, regular and bold
    " -~\u00a0-\u02e4\u02ea-\u036f\u1e00-\u1e9b\u1e9e\u1ea0-\u1ef9"  # Latin and its accents
    "\u037a-\u037e\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u03ce"  # Greek
    "\u0400-\u045f\u0490-\u04c4"  # Cyrillic
    "\u05be\u05d0-\u05ea\u05f3\u05f4"  # Hebrew
    "\u0606\u0607\u0609\u060a\u060c\u0615\u061b\u061f\u0621-\u063a\u0640-\u0655\u065a"  # Arabic
    "\u0660-\u066d\u0674\u0679-\u067b\u067e-\u0680\u0683\u0684\u0686\u0687\u0691\u0698"
    "\u06a4\u06a9\u06af\u06be\u06cc\u06f0-\u06f9"
    "\u2010-\u2027\u2030-\u2037\u2039-\u203e"  # signs
    "\u20a2-\u20a4\u20a7\u20a8\u20ab\u20ac\u20af\u20b1\u20bf"  # currencies
    "\u2190-\u2199\u2200-\u220d\u220f-\u221c\u221e\u221f\u2248\u2249\u2260-\u2262\u2264\u2265"  # maths
)
LONG = re.compile(r"\S{20,}")
PIECE = 12  # characters of a long word after which it may be broken
BREAK = "\u200b"
UNPRINTED_NOTE = (
    "A question mark within a name may stand for a character that the fonts of this memo lack; "
    "the answer, its tables and its workbook have the name in full. Not printed"
)
UNPRINTED = re.compile(f"[^{PRINTED}{BREAK}]")


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
    """Write a text of the request, long words breakable.

    >>> name("a" * 25).replace(BREAK, "|")
    'aaaaaaaaaaaa|aaaaaaaaaaaa|a'
    """
    return LONG.sub(_pieces, text)


def _pieces(word: re.Match[str]) -> str:
    text = word[0]
    return BREAK.join(text[k : k + PIECE] for k in range(0, len(text), PIECE))


def short(text: str, most: int) -> str:
    """Write a text where there is no room to wrap it.

    >>> short("full requirements", 9)
    'full req…'
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def printable(text: str) -> str:
    """Put a question mark for each character that the memo's font has no glyph for.

    >>> printable("東 ₽ €")
    '? ? €'
    """
    return UNPRINTED.sub("?", text)


def not_printable(text: str) -> str:
    """Say which characters of a text are question marks in print: letters by their script; or nothing.

    >>> not_printable("東京 ትግርኛ 😀").split(": ")[1]
    'CJK, Ethiopic, signs.'
    >>> not_printable("Żółć")
    ''
    """
    kinds = {_script(c) for c in set(UNPRINTED.findall(text))}
    return f"{UNPRINTED_NOTE}: {', '.join(sorted(kinds))}." if kinds else ""


def _script(character: str) -> str:
    """Name the script of a letter, the first word of its name; all else is a sign."""
    named = unicodedata.name(character, "") if character.isalpha() else ""
    script = named.split(" ")[0]
    return (script if script == "CJK" else script.capitalize()) or "signs"


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
