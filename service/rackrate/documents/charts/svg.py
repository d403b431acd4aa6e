"""SVG by hand: lines, bars and texts on a canvas as wide as the page's text."""

from collections.abc import Iterable
from html import escape
from unicodedata import category, normalize

WIDTH = 482.0  # points: the text of an A4 page
HALF = 232.0  # of one of a pair of blocks on it
FONT = "Libertinus Serif"
ARABIC = frozenset(map(chr, range(0x600, 0x700)))
NAVY, BLUE, PALE, GREY, RED, RULE = "#1f3864", "#2f6eba", "#8fb0dc", "#5f5f5f", "#a00000", "#d9d9d9"
SHADES = ("#1f3864", "#2f6eba", "#8fb0dc", "#c9d8ee")
EDGE, CAPITAL = 0.48, 0.8  # of a letter's height: the usual width, that of a capital


def canvas(height: float, marks: Iterable[str], width: float = WIDTH) -> str:
    """Put marks on a canvas, of the page's width if no other is said."""
    size = f'width="{width:g}pt" height="{height:g}pt" viewBox="0 0 {width:g} {height:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(marks)}</svg>'


def text(
    x: float,
    y: float,
    body: str,
    *,
    size: float = 8.5,
    fill: str = GREY,
    anchor: str = "start",
    bold: bool = False,
) -> str:
    """Write a text with its baseline at a point.

    >>> text(1, 2, "<A>").endswith('fill="#5f5f5f" text-anchor="start">&lt;A&gt;</text>')
    True
    """
    weight = ' font-weight="bold"' if bold else ""
    place = f'x="{_at(x)}" y="{_at(y)}" font-family="{FONT}" font-size="{size:g}"{weight}'
    return f'<text {place} fill="{fill}" text-anchor="{anchor}">{escape(composed(body))}</text>'


def composed(body: str) -> str:
    """Write a text with a character a letter, as the typesetter can draw it: it places no mark by itself.

    Accents that no letter has are left out; beside Arabic, which is of another font, all are.

    >>> composed("Cafe\\u0301 x\\u0301"), composed("\\u0628\\u0651 \\u1eae")
    ('Café x', 'ب A')
    """
    letters = [c for c in normalize("NFC", body) if not category(c).startswith("M")]
    if any(c in ARABIC for c in letters):
        letters = [c if c in ARABIC else normalize("NFD", c)[0] for c in letters]
    return "".join(letters)


def line(
    x1: float, y1: float, x2: float, y2: float, *, stroke: str = RULE, width: float = 0.6, dash: str = ""
) -> str:
    """Draw a straight line."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    ends = f'x1="{_at(x1)}" y1="{_at(y1)}" x2="{_at(x2)}" y2="{_at(y2)}"'
    return f'<line {ends} stroke="{stroke}" stroke-width="{width:g}"{dashed}/>'


def path(points: Iterable[tuple[float, float]], *, stroke: str, width: float = 1.6) -> str:
    """Draw a line through points."""
    joined = " ".join(f"{_at(x)},{_at(y)}" for x, y in points)
    return f'<polyline points="{joined}" fill="none" stroke="{stroke}" stroke-width="{width:g}"/>'


def bar(x: float, y: float, width: float, height: float, fill: str, stroke: str = "") -> str:
    """Fill a rectangle."""
    edge = f' stroke="{stroke}" stroke-width="0.6"' if stroke else ""
    size = f'x="{_at(x)}" y="{_at(y)}" width="{_at(max(width, 0.0))}" height="{_at(height)}"'
    return f'<rect {size} fill="{fill}"{edge}/>'


def room(body: str, size: float = 8.5) -> float:
    """Estimate the width of a text.

    >>> round(room("100%"), 1), round(room("AAA"), 1)
    (16.3, 20.4)
    """
    return sum(size * (CAPITAL if letter.isupper() else EDGE) for letter in body)


def _at(value: float) -> str:
    """Write a coordinate: to a hundredth of a point.

    >>> _at(1.0), _at(2.346), _at(-0.001)
    ('1', '2.35', '0')
    """
    return f"{round(value, 2) + 0.0:g}"
