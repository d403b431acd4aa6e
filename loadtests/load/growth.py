"""Growth of a request's time and the service's memory with the size of its body and with concurrency.

One service on one core. Bodies of 1 to 2,000 leases, new and kept, one at a time; then 1 to 256 connections
that ask for a kept answer. The exponent is the slope of time on a doubly logarithmic scale; 1 is linear.
"""

import json
import sys
import time
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from loadtests.load.documents import PATH, deals, known
from loadtests.load.report import CHARTS, table, write
from loadtests.load.services import Service, ours
from loadtests.load.volley import fire, request

mpl.use("svg")
mpl.rcParams |= {"svg.hashsalt": "rackrate", "svg.fonttype": "none", "font.size": 8, "axes.grid": True}

LEASES = (1, 3, 10, 30, 100, 300, 1000, 2000)
CONNECTIONS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
LARGE = 100  # leases from which the body, and not what every deal costs, is most of the time
TIMES, ROUNDS, ROUND_S = 7, 3, 0.7
LINEAR = 1.1  # an exponent that measuring cannot tell from 1
BASE = "colocation-multi-tenant"


def of_leases(count: int, number: int) -> bytes:
    """A colocation deal whose hall is let in so many equal leases; `number` makes it new."""
    deal: dict[str, Any] = json.loads(json.dumps(deals()[BASE]))
    facility = deal["facilities"][0]
    first = {**facility["leases"][0], "contracted_kw": 0.8 * facility["capacity_kw"] / count}
    first.pop("ramp", None)
    facility["leases"] = [{**first, "id": f"lease-{n}"} for n in range(count)]
    deal["facilities"], deal["name"] = [facility], f"{count} leases, {number}"
    return json.dumps(deal).encode()


def exponent(sizes: Sequence[float], figures: Sequence[float]) -> float:
    """Slope of a line through the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(figures), 1)[0])


def timed(service: Service, bodies: Sequence[bytes]) -> float:
    """Least milliseconds of some requests, one at a time."""
    times = []
    for body in bodies:
        start = time.perf_counter()
        status, _, content = service.ask("POST", PATH, body)
        times.append(1e3 * (time.perf_counter() - start))
        if status != 200:
            raise RuntimeError(content.decode())
    return min(times)


def by_body(service: Service) -> list[list[float]]:
    """A row per size: leases, KiB, ms of a new one, ms of a kept one, MiB of memory."""
    rows = []
    for count in LEASES:
        bodies = [of_leases(count, number) for number in range(TIMES)]
        fresh = timed(service, bodies)
        kept = timed(service, [bodies[-1]] * (2 * TIMES))
        rows.append([count, len(bodies[0]) / 1024, fresh, kept, service.memory_mib()])
    return rows


def by_connections(service: Service) -> list[list[float]]:
    """A row per number of connections: requests/s, p50, p99, MiB of memory."""
    asked = [request(PATH, known(deals()[BASE]))]
    fire(service.port, asked, 2, 0.5)
    rows = []
    for count in CONNECTIONS:
        told = max(
            (fire(service.port, asked, count, ROUND_S) for _ in range(ROUNDS)), key=lambda one: one.rate
        )
        rows.append([count, told.rate, told.percentile(0.5), told.percentile(0.99), service.memory_mib()])
    return rows


def chart(name: str, across: str, rows: Sequence[Sequence[float]], lines: dict[str, int]) -> str:
    """Draw columns of rows against the first on logarithmic scales; give the Markdown that shows it."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2, 2.6), layout="constrained")
    axes = figure.subplots()
    for label, column in lines.items():
        axes.loglog(
            [row[0] for row in rows], [row[column] for row in rows], marker="o", markersize=3, label=label
        )
    axes.set_xlabel(across)
    axes.legend()
    CHARTS.mkdir(parents=True, exist_ok=True)
    figure.savefig(CHARTS / f"{name}.svg", metadata={"Date": None})
    return f"![{across}](charts/{name}.svg)"


def main() -> int:
    """Measure, draw, write the section."""
    with ours() as service:
        bodies = by_body(service)
    with ours() as service:
        connections = by_connections(service)
    large = [row for row in bodies if row[0] >= LARGE]
    leases, lines = [row[0] for row in large], [row[0] for row in connections]
    found = [
        ["ms of a new deal, on leases", exponent(leases, [row[2] for row in large])],
        ["ms of a kept deal, on leases", exponent(leases, [row[3] for row in large])],
        ["MiB, on leases", exponent(leases, [row[4] for row in large])],
        ["p50 of a hit, on connections", exponent(lines, [row[2] for row in connections])],
        ["MiB, on connections", exponent(lines, [row[4] for row in connections])],
    ]
    rows = [[what, slope, "yes" if slope <= LINEAR else "no"] for what, slope in found]
    parts = [
        f"Slopes of logarithms, from {LARGE} leases up: below, what every deal costs is most of it. "
        "With more connections each waits for the others, so its time grows as their number.",
        table(["growth", "exponent", "linear or better"], rows),
        chart("growth-body", "leases in the deal", bodies, {"ms, new": 2, "ms, kept": 3, "MiB": 4}),
        table(["leases", "KiB", "ms, new", "ms, kept", "MiB"], bodies),
        chart("growth-connections", "connections", connections, {"requests/s": 1, "p50 ms": 2, "MiB": 4}),
        table(["connections", "requests/s", "p50 ms", "p99 ms", "MiB"], connections),
    ]
    write("load-growth", 70, "Growth with body size and concurrency", parts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
