"""Figures over time as lines, with levels they are held against and spans in which something is on."""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from msgspec import Struct

from rackrate.documents.charts.svg import GREY, NAVY, RED, RULE, bar, canvas, line, path, text
from rackrate.documents.wording import month, short

Figures = Sequence[float | None]
Mark = Callable[[float], str]

LEFT, RIGHT, TOP, BOTTOM = 40.0, 352.0, 10.0, 16.0  # of the field, RIGHT leaves room for labels
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
GRIDS, TICKS, APART = 6, 6, 10.0
STROKES = (NAVY, "#4f7cc0", GREY)  # apart in lightness too
LEVELS = ((RED, "6 2"), (GREY, "3 2"), ("#c05050", "1.5 2"))  # colour and dashes, apart without colour too
LABEL = 30  # characters


class Series(Struct, frozen=True):
    """A line: what stands at its end, and its figures; null leaves a gap."""

    label: str
    figures: Figures


class Level(Struct, frozen=True):
    """A level that a line is held against."""

    label: str
    at: float


class Axes(Struct, frozen=True):
    """Where figures lie on the field."""

    height: float
    low: float
    high: float
    count: int

    def x(self, k: float) -> float:
        """Place a period."""
        return LEFT + (RIGHT - LEFT) * k / max(self.count - 1, 1)

    def y(self, figure: float) -> float:
        """Place a figure."""
        return (
            self.height - BOTTOM - (self.height - BOTTOM - TOP) * (figure - self.low) / (self.high - self.low)
        )


def line_chart(
    dates: Sequence[date],
    series: Sequence[Series],
    mark: Mark,
    *,
    levels: Sequence[Level] = (),
    shaded: Sequence[bool] = (),
    low: float = 0.0,
    height: float = 150.0,
) -> str:
    """Draw series by date, named where they end, levels dashed, periods shaded where something is on."""
    known = [figure for one in series for figure in one.figures if figure is not None]
    bounds = [low, *known, *(level.at for level in levels)]
    step = _step(max(bounds) - min(bounds))
    bottom, top = math.floor(min(bounds) / step) * step, math.ceil(max(bounds) / step) * step
    axes = Axes(height, bottom, top if top > bottom else bottom + step, len(dates))
    labels = [
        (axes.y(level.at), short(level.label, LABEL), LEVELS[k % len(LEVELS)][0], False)
        for k, level in enumerate(levels)
    ]
    labels += [
        label for one, stroke in zip(series, STROKES, strict=False) for label in _last(axes, one, stroke)
    ]
    marks = [*_shades(axes, shaded), *_grid(axes, step, mark), *_ticks(axes, dates)]
    for k, level in enumerate(levels):
        y = axes.y(level.at)
        stroke, dash = LEVELS[k % len(LEVELS)]
        marks.append(line(LEFT, y, RIGHT, y, stroke=stroke, width=0.9, dash=dash))
    for one, stroke in zip(series, STROKES, strict=False):
        marks += [path(points, stroke=stroke) for points in _runs(axes, one.figures)]
    return canvas(height, [*marks, *_pushed(labels, height)])


def _step(span: float) -> float:
    """Choose the distance of grid lines: a round number that leaves few of them."""
    scale = 1.0
    while True:
        for step in STEPS:
            if span <= step * scale * GRIDS:
                return step * scale
        scale *= 1000.0


def _grid(axes: Axes, step: float, mark: Mark) -> Iterator[str]:
    for k in range(round((axes.high - axes.low) / step) + 1):
        figure = axes.low + k * step
        yield line(LEFT, axes.y(figure), RIGHT, axes.y(figure), stroke=RULE)
        yield text(LEFT - 5, axes.y(figure) + 3, mark(figure), size=8, anchor="end")


def _ticks(axes: Axes, dates: Sequence[date]) -> Iterator[str]:
    """Name dates along the axis, the first and the last among them."""
    count = min(TICKS, len(dates))
    for k in sorted({round(i * (len(dates) - 1) / max(count - 1, 1)) for i in range(count)}):
        x = axes.x(k)
        yield line(x, axes.height - BOTTOM, x, axes.height - BOTTOM + 3, stroke=GREY)
        yield text(x, axes.height - 3, month(dates[k]), size=8, anchor="middle")


def _shades(axes: Axes, shaded: Sequence[bool]) -> Iterator[str]:
    """Shade each span of periods in which something is on."""
    start: int | None = None
    for k, on in enumerate([*shaded, False]):
        if on and start is None:
            start = k
        if not on and start is not None:
            left, right = axes.x(max(start - 0.5, 0)), axes.x(min(k - 0.5, axes.count - 1))
            yield bar(left, TOP, right - left, axes.height - TOP - BOTTOM, "#f3e3d0")
            start = None


def _runs(axes: Axes, figures: Figures) -> Iterator[list[tuple[float, float]]]:
    """Yield the points of each run of figures between gaps."""
    run: list[tuple[float, float]] = []
    for k, figure in enumerate([*figures, None]):
        if figure is not None:
            run.append((axes.x(k), axes.y(figure)))
        elif run:
            yield run if run[1:] else [run[0], (run[0][0] + 1.5, run[0][1])]
            run = []


def _last(axes: Axes, one: Series, stroke: str) -> list[tuple[float, str, str, bool]]:
    """Label a series where it ends."""
    last = next((figure for figure in reversed(one.figures) if figure is not None), None)
    return [] if last is None else [(axes.y(last), short(one.label, LABEL), stroke, True)]


def _pushed(labels: Sequence[tuple[float, str, str, bool]], height: float) -> Iterator[str]:
    """Write labels at the right edge, apart from each other, the lowest within the canvas."""
    ordered = sorted(labels)
    places: list[float] = []
    for y, *_ in ordered:
        places.append(max(y, places[-1] + APART) if places else y)
    for k in range(len(places) - 1, -1, -1):
        most = height - BOTTOM - 4 if k == len(places) - 1 else places[k + 1] - APART
        places[k] = min(places[k], most)
    for y, (_, body, stroke, bold) in zip(places, ordered, strict=True):
        yield text(RIGHT + 6, y + 3, body, fill=stroke, bold=bold)
