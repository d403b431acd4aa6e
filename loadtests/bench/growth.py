"""How time and memory grow with a deal: segments, months, classes, and paths.

    python -m loadtests.bench.growth

All sizes are run in turn, round after round: the least processor time, and the peak of what Python and NumPy
allocate. The exponent is the slope of a line through the upper half of the sizes, both axes in logarithms: 1
is linear. Fixed costs make small sizes look flat, which is why the upper half alone is fitted.
"""

import gc
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from loadtests.bench.report import CHARTS, section, table
from loadtests.bench.simulation import TERMS
from loadtests.kernel import chain
from loadtests.kernel.chain import inputs
from loadtests.kernel.deal import deal
from loadtests.kernel.timing import measure

from rackrate import kernel
from rackrate.analyses.deals.simulation import simulate
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal import rulesets
from rackrate.deal.requests.simulation import SimulationRequest

ROUNDS = 5
SCENARIOS = 8  # of the waterfall alone: what they write stays in cache
STEEP = 1.1  # an exponent above this is more than linear


@dataclass(frozen=True)
class Axis:
    """One way for a request to grow: its sizes, and the call at a size."""

    name: str
    what: str
    sizes: tuple[int, ...]
    call: Callable[[int], Callable[[], Any]]


def underwriting(**fixed: Any) -> Callable[[str], Callable[[int], Callable[[], Any]]]:
    """Underwrite the bench deal with one of its sizes left open."""

    def sized(name: str) -> Callable[[int], Callable[[], Any]]:
        def at(size: int) -> Callable[[], Any]:
            told, ruleset = deal(**fixed | {name: size}), rulesets.newest()
            return lambda: underwrite(told, ruleset, id="growth")

        return at

    return sized


def waterfall(classes: int) -> Callable[[], Any]:
    """Pay a few scenarios through the waterfall alone."""
    x = inputs(SCENARIOS, classes=classes)
    lines, facility_ncf = chain.earn(kernel, x)
    value, principal, balance, _ = chain.size(kernel, x, lines, facility_ncf)
    flows = chain.cash(kernel, x, lines, facility_ncf, value, principal, balance)
    return lambda: chain.distribute(kernel, x, *flows)


def paths(count: int) -> Callable[[], Any]:
    """Simulate a small deal in one thread."""
    request = SimulationRequest(deal=deal(segments=4, final=120), paths=count, seed=7, factor=TERMS)
    return lambda: simulate(request, rulesets.newest(), id="growth", threads=1)


AXES = (
    Axis("segments", "underwriting", (10, 30, 60, 125, 250, 500, 1000, 2000), underwriting()("segments")),
    Axis("months", "underwriting", (150, 180, 220, 270, 330, 400, 490, 600), underwriting()("final")),
    Axis("classes", "underwriting", (2, 3, 4, 6, 8, 11, 15, 20), underwriting()("classes")),
    Axis("classes", "waterfall", (2, 3, 4, 6, 8, 11, 15, 20), waterfall),
    Axis("paths", "simulation", (1024, 2048, 4096, 8192, 16384, 32768, 65536), paths),
)


def peak(call: Callable[[], Any]) -> float:
    """Peak of what a call allocates, in MiB."""
    gc.collect()
    tracemalloc.start()
    call()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 2**20


def exponent(sizes: tuple[int, ...], figures: list[float]) -> float:
    """Slope of the upper half in logarithms.

    >>> exponent((1, 2, 4, 8), [9.0, 9.0, 16.0, 64.0])
    2.0
    """
    upper = slice(len(sizes) // 2, None)
    return round(float(np.polyfit(np.log(sizes[upper]), np.log(figures[upper]), 1)[0]), 2)


def chart(axis: Axis, figures: Mapping[str, list[float]]) -> None:
    """Time and memory against size, a dashed line for linear growth from the largest size."""
    matplotlib.use("svg")
    matplotlib.rcParams |= {"svg.hashsalt": "rackrate", "svg.fonttype": "none", "font.size": 9}
    from matplotlib import pyplot

    drawing, panels = pyplot.subplots(1, len(figures), figsize=(7.0, 2.6), layout="constrained")
    for panel, (name, values) in zip(panels, figures.items(), strict=True):
        linear = [values[-1] * size / axis.sizes[-1] for size in axis.sizes]
        panel.loglog(axis.sizes, linear, "--", color="#999999", linewidth=1, label="linear")
        panel.loglog(axis.sizes, values, "o-", color="#1f5f8b", markersize=3, linewidth=1.2, label=axis.what)
        panel.set(xlabel=axis.name, ylabel=name)
        ends = axis.sizes[0], axis.sizes[-1]  # numbers, where no power of ten lies between them
        panel.set_xticks(ends, [f"{size:,}" for size in ends])
        reached = sorted({values[0], values[-1]})
        panel.set_yticks(reached, [f"{value:.3g}" for value in reached])
        panel.minorticks_off()
        panel.legend(frameon=False)
    CHARTS.mkdir(parents=True, exist_ok=True)
    drawing.savefig(CHARTS / f"{axis.what}-{axis.name}.svg", metadata={"Date": None, "Creator": None})
    pyplot.close(drawing)


def rows(axis: Axis) -> list[list[str]]:
    """The rows of one axis: its ends, and the exponents of time and memory."""
    calls = {str(size): axis.call(size) for size in axis.sizes}
    times = [1e-3 * microseconds for microseconds in measure(calls, ROUNDS).values()]
    figures = {"ms": times, "MiB": [peak(call) for call in calls.values()]}
    chart(axis, figures)
    found = []
    for unit, values in figures.items():
        slope = exponent(axis.sizes, values)
        verdict = "more than linear" if slope > STEEP else "linear or better"
        ends = f"{axis.sizes[0]:,} to {axis.sizes[-1]:,}"
        figure = [f"{values[0]:,.2f}", f"{values[-1]:,.2f}", f"{slope:.2f}"]
        found.append([axis.what, axis.name, ends, unit, *figure, verdict])
    return found


def main() -> None:
    head = ["of", "by", "sizes", "in", "least", "most", "exponent", ""]
    whole = table(head, [row for axis in AXES for row in rows(axis)])
    pictures = "\n".join(
        f"![{axis.what} by {axis.name}](charts/{axis.what}-{axis.name}.svg)" for axis in AXES
    )
    section(
        "growth",
        30,
        "Growth",
        f"""A deal is underwritten whole, break-evens included, or simulated in one thread, at sizes that grow
along one axis; processor time, and the peak of what Python and NumPy allocate. The exponent is the slope of
the upper half of the sizes in logarithms; above {STEEP} it is said to be more than linear.

{whole}

With more classes an underwriting is asked more: a break-even for each class, and each of its waterfalls pays
every class. The waterfall alone pays {SCENARIOS} scenarios and keeps every period. Of 64 scenarios with 20
classes it would write 28 MiB, more than the processor's caches hold: what grew would be the memory's time.

{pictures}""",
    )


if __name__ == "__main__":
    main()
