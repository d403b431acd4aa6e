"""Bars of a memo: the bridge of net cash flow, classes on value, leases and power over time."""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from rackrate.documents.charts.lines import Mark
from rackrate.documents.charts.svg import (
    GREY,
    NAVY,
    PALE,
    RED,
    RULE,
    SHADES,
    WIDTH,
    bar,
    canvas,
    line,
    room,
    text,
)
from rackrate.documents.wording import millions, month, percent, short

NAMES, FIGURES = 150.0, 84.0  # room at the left for names, at the right for figures
STEP, ROW = 15.0, 13.0
LIGHT = 2  # shades from here on take dark text
APART = 34.0  # edges of classes nearer than this have their figures in two rows
HALO = "#ffffff"
BOLD = 1.2  # times as wide as regular letters, at most


class Bar(Struct, frozen=True):
    """A bar of time: what it is, from when until when, whether it is pale."""

    label: str
    start: date
    end: date
    pale: bool = False


def bridge_chart(steps: Sequence[tuple[str, float]], issuer: float) -> str:
    """Draw the changes of net cash flow from a zero line, each with its amount and share."""
    height = STEP * len(steps) + 6
    low, high = min(0.0, *(step for _, step in steps)), max(0.0, *(step for _, step in steps))
    field = WIDTH - NAMES - 2 * FIGURES
    scale = field / (high - low if high > low else 1.0)
    zero = NAMES + FIGURES - low * scale
    marks = [line(zero, 2, zero, height - 2, stroke=GREY)]
    for k, (label, change) in enumerate(steps):
        y = 4 + STEP * k
        told = millions(change, 2) + (f" ({percent(change / issuer, 1)})" if issuer else "")
        left, width = (zero + change * scale, -change * scale) if change < 0 else (zero, change * scale)
        marks.append(bar(left, y, width, STEP - 4, RED if change < 0 else NAVY))
        marks.append(text(NAMES - 8, y + 8.5, short(label, 32), fill=NAVY, anchor="end"))
        anchor, x = ("end", left - 4) if change < 0 else ("start", left + width + 4)
        marks.append(text(x, y + 8.5, told, bold=True, anchor=anchor, fill=RED if change < 0 else NAVY))
    return canvas(height, marks)


def stack_chart(classes: Sequence[tuple[str, float]], value: float) -> str:
    """Draw classes to the scale of value, most senior first, equity the rest, loan to value at each edge."""
    debt = sum(principal for _, principal in classes)
    scale = WIDTH / max(debt, value, 1e-9)
    marks, x, below = list[str](), 0.0, 0.0
    row, rows, last = 0, 0, -APART
    for k, (label, principal) in enumerate(classes):
        width = principal * scale
        marks.append(bar(x, 2, width, 28, SHADES[min(k, len(SHADES) - 1)], stroke=HALO))
        body = short(label, max(int(len(label) * width / (BOLD * room(label))), 1))
        if width >= 10:
            marks.append(
                text(x + width / 2, 19, body, anchor="middle", fill=HALO if k < LIGHT else NAVY, bold=True)
            )
        x, below = x + width, below + principal
        row = 1 - row if x - last < APART else 0
        rows, last = max(rows, row), x
        told = percent(below / value, 1) if value else "–"
        marks.append(line(x, 30, x, 33 + 9 * row, stroke=NAVY))
        marks.append(text(min(x, WIDTH - 2), 41 + 9 * row, told, anchor="end", size=8, fill=NAVY))
    if value > debt:
        marks.append(bar(x, 2, WIDTH - x, 28, "#f4f4f4", stroke=GREY))
        marks += [text((x + WIDTH) / 2, 19, "equity", anchor="middle")] * (WIDTH - x > 30)
    else:
        marks.append(line(value * scale, 0, value * scale, 32, stroke=RED, width=1.2, dash="3 2"))
    return canvas(45 + 9 * rows, marks)


def column_chart(columns: Sequence[tuple[str, float]], mark: Mark, wide: float = WIDTH) -> str:
    """Draw columns side by side, each with its figure above and its name below."""
    most = max((figure for _, figure in columns), default=0.0) or 1.0
    slot = wide / max(len(columns), 1)
    width, base = min(slot * 0.6, 46.0), 78.0
    marks = [line(0, base, wide, base, stroke=GREY)]
    for k, (label, figure) in enumerate(columns):
        x, tall = slot * (k + 0.5), 60.0 * figure / most
        marks.append(bar(x - width / 2, base - tall, width, tall, NAVY))
        if slot > room(label):
            marks.append(text(x, base + 11, label, size=8, anchor="middle"))
        if slot > room(mark(figure)):
            marks.append(text(x, base - tall - 3, mark(figure), size=8, anchor="middle", fill=NAVY))
    return canvas(92, marks, wide)


def time_line(bars: Sequence[Bar], start: date, dates: Sequence[tuple[str, date, str]]) -> str:
    """Draw bars from the start on, with dates across them: what each is, when, in which colour."""
    end = max([*(each.end for each in bars), *(when for _, when, _ in dates)])
    days = max((end - start).days, 1)
    left, field = NAMES, WIDTH - NAMES - 14
    height = 18 + ROW * len(bars) + 16

    def x(when: date) -> float:
        return left + field * min(max((when - start).days, 0), days) / days

    marks, labels = list(_years(start, days, x(end), height)), list[str]()
    for k, each in enumerate(bars):
        y = 18 + ROW * k
        marks.append(
            bar(x(each.start), y + 1, x(each.end) - x(each.start), ROW - 3, PALE if each.pale else NAVY)
        )
        labels += _labels(each, x(each.start), x(each.end), y)
    previous = -100.0
    for label, when, stroke in sorted(dates, key=lambda found: found[1]):
        at = x(when)
        marks.append(line(at, 15, at, height - 14, stroke=HALO, width=3))
        marks.append(line(at, 15, at, height - 14, stroke=stroke, width=1.2, dash="3 2"))
        y = 4 if at - previous < room(label) + 10 else 11
        marks.append(
            text(min(at, WIDTH - room(label) / 2 - 1), y + 1, label, anchor="middle", fill=stroke, bold=True)
        )
        previous = at
    return canvas(height, [*marks, *labels])


def _labels(each: Bar, x1: float, x2: float, y: float) -> Iterator[str]:
    """Name a bar at its left, and write its end inside of it where there is room."""
    yield text(NAMES - 8, y + 8.5, short(each.label, 34), size=8, anchor="end")
    told = month(each.end)
    wide, inside = room(told, 7.5), PALE if each.pale else NAVY
    if x2 - x1 > wide + 8:  # over its bar, whatever line crosses it
        yield bar(x2 - wide - 6, y + 1, wide + 5, ROW - 3, inside)
        yield text(x2 - 4, y + 8.3, told, size=7.5, anchor="end", fill=NAVY if each.pale else HALO)
    else:
        yield bar(x2 + 1.5, y + 1, wide + 3, ROW - 3, HALO)
        yield text(x2 + 3, y + 8.3, told, size=7.5)


def _years(start: date, days: int, right: float, height: float) -> Iterator[str]:
    """Rule the field at a few dates and name them."""
    count = 5
    for k in range(count + 1):
        at = date.fromordinal(start.toordinal() + days * k // count)
        x = NAMES + (right - NAMES) * k / count
        yield line(x, 18, x, height - 14, stroke=RULE)
        yield text(x, height - 3, month(at), size=8, anchor="middle" if k < count else "end")
