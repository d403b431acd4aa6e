"""Charts of published deals as SVG: the same bytes for the same answers, legible on light and on dark."""

# Design: a few rectangles, lines and words; a plotting library would write other bytes with each release, and
# black on whatever is behind them. Inks are rules by class, not variables, which only browsers know.

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import pairwise

from rackrate.published.comparison import VERDICTS, Underwritten

LIGHT = {
    "ink": "#1f2933",
    "faint": "#d5dbe1",
    "paper": "#ffffff",
    "one": "#2f6db3",
    "two": "#c2570c",
    "three": "#4b7f2b",
    "four": "#8250b4",
}
DARK = {
    "ink": "#e4e9ee",
    "faint": "#3b444d",
    "paper": "#14191e",
    "one": "#79b0ee",
    "two": "#f0975a",
    "three": "#93c96d",
    "four": "#c39cf0",
}


def painted(inks: Mapping[str, str]) -> str:
    """Rules of a set of inks: words in ink, `fill-` and `stroke-` of each."""
    rules = (
        f".fill-{name} {{ fill: {ink} }} .stroke-{name} {{ stroke: {ink} }}" for name, ink in inks.items()
    )
    return "\n".join([f"text {{ fill: {inks['ink']} }}", *rules])


STYLE = f"""<style>
{painted(LIGHT)}
@media (prefers-color-scheme: dark) {{
{painted(DARK)}
}}
text {{ font: 11px system-ui, sans-serif }}
.head {{ font-weight: 600 }} .end {{ text-anchor: end }} .mid {{ text-anchor: middle }}
</style>"""
FOLDER = "charts/published"  # under docs
INKS = ("one", "two", "three", "four")
WIDTH = 780
ROW = 16
TOP = 34
LABEL, ZONE = 300, 130  # of a deal's chart: words, then where the answer lies
KEY = (
    "Band: the rounding of what is printed. Full: computed.",
    "Ring: given, or chosen to hit it. Orange: differs, at the edge by more.",
)
HOLLOW = (VERDICTS["given"], VERDICTS["chosen"])
BEYOND = 4.0  # half last digits either side that are shown; what lies further is drawn at the edge
LOSSES = (1e-6, 1.0)  # probabilities that are shown


def drawn(height: float, parts: Iterable[str], title: str) -> str:
    """A whole chart: its style, a paper behind it, its parts, and a title for who cannot see it."""
    size = f'viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    paper = f'<rect width="{WIDTH}" height="{height:g}" rx="6" class="fill-paper"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", STYLE, paper, *parts, "</svg>", ""])


def text(x: float, y: float, words: str, kind: str = "") -> str:
    """Words at a point."""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}">{escape(words)}</text>'


def line(points: Sequence[tuple[float, float]], ink: str, width: float = 1.0) -> str:
    """A broken line."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" class="stroke-{ink}" stroke-width="{width:g}"/>'


def box(x: float, y: float, width: float, height: float, ink: str) -> str:
    """A filled rectangle."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" class="fill-{ink}"/>'


def dot(x: float, y: float, ink: str, *, hollow: bool = False) -> str:
    """A point, filled or a ring."""
    paint = f'class="fill-{"paper" if hollow else ink} stroke-{ink}" stroke-width="1.5"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" {paint}/>'


def deal_chart(found: Underwritten) -> str:
    """Where the answer lies in the rounding of each figure; cash and debt service by year beside it."""
    height = max(TOP + ROW * len(found.rows) + 44, 220)
    return drawn(
        height,
        [*_figures(found), *_years(found, height)],
        f"{found.published.title}: published figures and cash",
    )


def _figures(found: Underwritten) -> Iterable[str]:
    middle, unit = LABEL + ZONE / 2, ZONE / 2 / BEYOND
    foot = TOP + ROW * len(found.rows)
    yield text(12, 20, "Where rackrate lies in what is printed", "head")
    yield box(middle - unit, TOP - 4, 2 * unit, foot - TOP + 4, "faint")
    for k, row in enumerate(found.rows):
        told, y = row.printed, TOP + ROW * k + 8
        off = max(-BEYOND, min(BEYOND, (row.value - told.value) / told.rounding))
        yield text(12, y + 4, _short(row.figure.what, 50))
        yield line([(LABEL, y), (LABEL + ZONE, y)], "faint")
        yield dot(middle + off * unit, y, "one" if row.agrees else "two", hollow=row.verdict in HOLLOW)
    for k, words in enumerate(KEY):
        yield text(12, foot + 16 + 15 * k, words)


def _years(found: Underwritten, height: float) -> Iterable[str]:
    """Bars of cash and a line of interest and scheduled principal, in years from closing to maturity."""
    schedule, cash = found.answer["sizing"]["schedule"], found.answer["cash_flow"]
    term = math.ceil(len(schedule["date"]) / 12)
    service = [a + b for a, b in zip(schedule["interest"], schedule["principal"], strict=True)]
    paid, earned = yearly(service)[:term], yearly(cash["lines"]["ncf"])[:term]
    left, right, top, foot = LABEL + ZONE + 62, WIDTH - 12, TOP + 8, height - 40
    most = max([*paid, *earned])
    tall, wide = (foot - top) / most, (right - left) / term
    yield text(left - 40, 20, f"Net cash flow ({cash['case']} case) and debt service", "head")
    for share in (0.0, 0.5, 1.0):
        y = foot - share * most * tall
        yield line([(left, y), (right, y)], "faint")
        yield text(left - 4, y + 4, f"{share * most / 1e6:,.0f}m", "end")
    for k, amount in enumerate(earned):
        bar = max(0.0, amount) * tall
        yield box(left + (k + 0.15) * wide, foot - bar, 0.7 * wide, bar, "one")
        if k % (1 + term // 11) == 0:
            yield text(left + (k + 0.5) * wide, foot + 14, str(k + 1), "mid")
    steps = [
        (left + (k + side) * wide, foot - amount * tall) for k, amount in enumerate(paid) for side in (0, 1)
    ]
    yield line(steps, "two", 2)
    balloon = found.answer["sizing"]["balloon"]
    owed = f"; {balloon / 1e6:,.0f}m at maturity" if balloon > 1.0 else ""
    yield text(right, foot + 30, f"year from closing; line: interest, principal{owed}", "end")


def yearly(months: Sequence[float]) -> list[float]:
    """Sums of whole years, the last of what is left, which counts as a year.

    >>> yearly([1.0] * 13)
    [12.0, 1.0]
    """
    return [math.fsum(months[k : k + 12]) for k in range(0, len(months), 12)]


def bars_chart(
    title: str, names: Sequence[str], groups: dict[str, Sequence[float | None]], shown: str
) -> str:
    """Bars side by side for each name, a colour a group; None has no bar."""
    height = TOP + len(names) * (10 * len(groups) + 10) + 30
    most = max(value for values in groups.values() for value in values if value is not None)
    scale, parts = (WIDTH - 320) / most, [text(12, 20, title, "head")]
    for k, name in enumerate(names):
        y = TOP + k * (10 * len(groups) + 10)
        parts.append(text(12, y + 5 * len(groups) + 4, _short(name, 38)))
        for g, (values, ink) in enumerate(zip(groups.values(), INKS, strict=False)):
            if (value := values[k]) is not None:
                parts += [
                    box(240, y + 10 * g, value * scale, 8, ink),
                    text(246 + value * scale, y + 10 * g + 8, format(value, shown)),
                ]
    return drawn(height, [*parts, *_key(list(groups), height)], title)


def dots_chart(title: str, values: dict[str, float], shown: str) -> str:
    """A point for each name on one axis, from the least to the greatest."""
    height = TOP + ROW * len(values) + 20
    least, most = min(values.values()), max(values.values())
    parts = [text(12, 20, title, "head")]
    for k, (name, value) in enumerate(values.items()):
        x, y = 420 + (value - least) / (most - least) * (WIDTH - 480), TOP + ROW * k + 8
        parts += [
            text(12, y + 4, name),
            line([(420, y), (WIDTH - 60, y)], "faint"),
            dot(x, y, "one"),
            text(x + 8, y + 4, format(value, shown)),
        ]
    return drawn(height, parts, title)


def losses_chart(title: str, curves: dict[str, Sequence[tuple[float, float]]]) -> str:
    """Chances, on a logarithmic axis, of losing more than a share: (share, chance), a line a name."""
    left, right, top, foot = 60, WIDTH - 20, TOP, 290
    low, high = (math.log10(edge) for edge in LOSSES)

    def at(share: float, chance: float) -> tuple[float, float]:
        level = max(math.log10(chance), low) if chance > 0 else low
        return left + share * 2 * (right - left), foot - (level - low) / (high - low) * (foot - top)

    parts = [text(12, 20, title, "head")]
    for power in range(round(low), round(high) + 1):
        y = at(0, 10.0**power)[1]
        parts += [
            line([(left, y), (right, y)], "faint"),
            text(left - 6, y + 4, f"{10.0**power * 100:g}%", "end"),
        ]
    for tenth in range(6):
        parts.append(text(at(tenth / 10, 1)[0], foot + 16, f"{tenth * 10}%", "mid"))
    parts.append(
        text((left + right) / 2, foot + 34, "share of rent lost, half of a defaulted tenant's", "mid")
    )
    for ink, points in zip(INKS, curves.values(), strict=False):
        steps = [(points[0][0], points[0][1])]
        for (_, before), (share, chance) in pairwise(points):
            steps += [(share, before), (share, chance)]
        drawable = [(round(x, 1), round(y, 1)) for x, y in (at(*step) for step in steps)]
        bends = [
            here
            for k, here in enumerate(drawable)
            if k in (0, len(steps) - 1) or not _straight(*drawable[k - 1 : k + 2])
        ]
        parts.append(line(bends, ink, 2))
    return drawn(foot + 64, [*parts, *_key(list(curves), foot + 64)], title)


def _straight(before: tuple[float, float], here: tuple[float, float], after: tuple[float, float]) -> bool:
    """Whether a point of steps is on the way between its neighbours."""
    return before[0] == here[0] == after[0] or before[1] == here[1] == after[1]


def _key(names: Sequence[str], height: float) -> Iterable[str]:
    """What each colour is, in a row at the foot."""
    for k, (name, ink) in enumerate(zip(names, INKS, strict=False)):
        x = 12 + k * (WIDTH - 24) / len(names)
        yield box(x, height - 18, 10, 10, ink)
        yield text(x + 16, height - 9, name)


def _short(words: str, most: int) -> str:
    """Words cut to a length."""
    return words if len(words) <= most else words[: most - 1].rstrip(" ,") + "…"
