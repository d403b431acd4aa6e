"""One deterministic underwriting, whole and in parts, beside its rivals.

    python -m loadtests.bench.underwriting

360 months, 10 segments, 3 classes, every line in use (`kernel/deal.py`). All in one run, one thread,
processor time, the least of many rounds. Every rival's answer
is held against the kernel's before it is timed.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from loadtests.bench.report import section, table
from loadtests.kernel import chain, peers, plain, rivals
from loadtests.kernel.chain import TWIN, Inputs, inputs
from loadtests.kernel.deal import deal
from loadtests.kernel.timing import keep_memory, measure

from rackrate import kernel
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal import rulesets

BATCH, LANES = 32, 100  # scenarios side by side: as many as the engine runs, and as many as numba is given
PARTS = ("earn", "size", "cash", "distribute", "weigh")
TARGETS = (  # what, rival, ours, at least
    ("waterfall alone, one scenario, beside numba", "numba, audited", "waterfall", 1.0),
    ("waterfall alone, 100 scenarios, beside numba", "numba, audited, 100", "waterfall, 100", 1.0),
    ("whole underwriting beside plain Python", "plain Python", "whole", 20.0),
    ("waterfall-py beside the same job", "waterfall-py", "waterfall-py's job", 500.0),
    ("waterfall-py beside a whole underwriting", "waterfall-py", "whole", 500.0),
    (f"waterfall-py beside one of {BATCH} whole underwritings", "waterfall-py", "whole, of many", 500.0),
    ("Singleowner beside the same job", "Singleowner", "Singleowner's job", 300.0),
    ("Singleowner beside a whole underwriting", "Singleowner", "whole", 300.0),
    (f"Singleowner beside one of {BATCH} whole underwritings", "Singleowner", "whole, of many", 300.0),
)


def same(ours: Any, theirs: Any) -> None:
    """Answers agree to 1e-9, or to a thousandth of a cent where money is nearly nothing."""
    theirs = np.asarray(theirs, dtype=float).reshape(np.shape(ours))
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-5)


def stages(k: Any, x: Inputs) -> dict[str, Callable[[], Any]]:
    """Each part of the chain on what the part before found."""
    lines, facility_ncf = chain.earn(k, x)
    value, principal, balance, _ = chain.size(k, x, lines, facility_ncf)
    classes = chain.cash(k, x, lines, facility_ncf, value, principal, balance)
    _, by_class, _ = chain.distribute(k, x, *classes)
    return {
        "earn": lambda: chain.earn(k, x),
        "size": lambda: chain.size(k, x, lines, facility_ncf),
        "cash": lambda: chain.cash(k, x, lines, facility_ncf, value, principal, balance),
        "distribute": lambda: chain.distribute(k, x, *classes),
        "weigh": lambda: chain.weigh(k, by_class),
    }


def whole_calls(x: Inputs) -> dict[str, Callable[[], Any]]:
    """The whole underwriting, by all who can do it; answers held against each other."""
    ours, twin = chain.underwrite(kernel, x), chain.underwrite(TWIN, x)
    for name in ("lines", "value", "principal", "llcr", "series", "by_class", "events", "yields", "lives"):
        same(getattr(ours, name), getattr(twin, name))
    python = plain.underwriter(x)
    lines, value, principal, llcr, series, by_class, events, weighed = python()
    pairs = [(ours.lines, lines), (ours.value, value), (ours.principal, principal), (ours.llcr, llcr)]
    pairs += [(ours.series, series), (ours.by_class, by_class), (ours.events, events)]
    pairs += [(np.stack([ours.yields, ours.lives], axis=1), weighed)]
    for mine, theirs in pairs:
        same(mine, theirs)
    told, ruleset, many = deal(), rulesets.newest(), inputs(BATCH)
    return {
        "whole": lambda: chain.underwrite(kernel, x),
        "whole, twin": lambda: chain.underwrite(TWIN, x),
        "plain Python": python,
        "whole, batch": lambda: chain.underwrite(kernel, many),
        "engine": lambda: underwrite(told, ruleset, id="bench"),
    }


def waterfall_calls(x: Inputs) -> dict[str, Callable[[], Any]]:
    """The waterfall alone, of one scenario and of a hundred that trip every trigger; answers held too."""
    lines, facility_ncf = chain.earn(kernel, x)
    found = chain.size(kernel, x, lines, facility_ncf)
    notes, schedule, available, ncf, sale = chain.cash(kernel, x, lines, facility_ncf, *found[:3])
    cuts = np.linspace(0.0, 0.7, LANES)[:, None] * np.maximum(ncf, 0.0)
    sales = sale * np.linspace(1.0, 0.3, LANES)
    shared, run = rivals.plan(x, notes, schedule), rivals.by_numba()
    python = rivals.interpreted(shared, available[0], ncf[0], sale[0])

    def ours(k: Any, lanes: int) -> Callable[[], Any]:
        flows = available - cuts[:lanes], ncf - cuts[:lanes]
        return lambda: chain.distribute(k, x, notes, schedule, *flows, sales[:lanes])

    def numba(audited: bool, lanes: int) -> Callable[[], Any]:
        flows, never = (available - cuts[:lanes], ncf - cuts[:lanes]), np.full(lanes, -1.0)

        def call() -> Any:
            out = rivals.outputs(lanes, len(notes))
            run(audited, *shared, *flows, never, sales[:lanes], *out)
            return out

        return call

    for lanes in (1, LANES):
        series, by_class, events = ours(kernel, lanes)()
        for theirs in (numba(True, lanes)(), numba(False, lanes)(), *([python()] if lanes == 1 else [])):
            same(series, theirs[0])
            same(by_class, theirs[1])
            same(events, theirs[2])
    return {
        "waterfall": ours(kernel, 1),
        "waterfall, twin": ours(TWIN, 1),
        "numba, audited": numba(True, 1),
        "numba, unaudited": numba(False, 1),
        "waterfall, plain Python": python,
        "waterfall, 100": ours(kernel, LANES),
        "waterfall, twin, 100": ours(TWIN, LANES),
        "numba, audited, 100": numba(True, LANES),
        "numba, unaudited, 100": numba(False, LANES),
        **peer_calls(x, available),
    }


def peer_calls(x: Inputs, available: Any) -> dict[str, Callable[[], Any]]:
    """Peers and the kernel on the peers' own jobs; answers held likewise."""
    classes, theirs = peers.fixed_structure(kernel, x, available), peers.by_waterfall_py(available)
    peers.agree_on_classes(classes(), theirs())
    project = peers.single_owner()
    debt = peers.sculpted(kernel, project())
    same(debt()[0, 0], project().size_of_debt)
    return {
        "waterfall-py": theirs,
        "waterfall-py's job": classes,
        "Singleowner": project,
        "Singleowner's job": debt,
    }


def whole_table(us: dict[str, float]) -> str:
    """Whole underwritings."""
    rows = [
        ("kernel, one scenario", "the kernel's calls on resolved arrays", us["whole"]),
        (f"kernel, {BATCH} scenarios, each", "the same, side by side", us["whole, of many"]),
        ("NumPy twin", "the same calls, in NumPy", us["whole, twin"]),
        ("plain Python", "the same recursion on lists of floats", us["plain Python"]),
        (
            "engine",
            "decoded deal to answer: every case, the bridge, tests, covers, break-evens",
            us["engine"],
        ),
    ]
    cells = [[what, does, f"{time:,.0f}", f"{time / us['whole']:.2f}"] for what, does, time in rows]
    return table(["what", "does", "µs", "ratio to the kernel's one"], cells)


def waterfall_table(us: dict[str, float]) -> str:
    """Waterfalls of one scenario and of a hundred."""
    names = {
        "waterfall": "steps as data, every period audited",
        "numba, audited": "the same recursion in scalars, same answers",
        "numba, unaudited": "the same without the audit",
        "waterfall, twin": "the same calls, in NumPy",
        "waterfall, plain Python": "the source that numba compiles, interpreted",
    }
    rows = []
    for name, does in names.items():
        many = us.get(f"{name}, 100")
        cells = [name.replace("waterfall, ", "").replace("waterfall", "kernel"), does]
        cells += [f"{us[name]:,.1f}", f"{us[name] / us['waterfall']:.2f}"]
        per = None if many is None else many / LANES
        ours = us["waterfall, 100"] / LANES
        rows.append([*cells, *(["", ""] if per is None else [f"{per:,.1f}", f"{per / ours:.2f}"])])
    return table(["what", "does", "µs, one", "ratio", "µs each, of 100", "ratio each"], rows)


def peer_table(us: dict[str, float]) -> str:
    """Peers on their own jobs."""
    jobs = {
        "waterfall-py": (
            "waterfall-py's job",
            "a fee, interest and given principal of three classes, equity; 360 months, six assertions "
            "a period, cash and schedules given. No sizing, deferral, trap, ARD, reserve of this kind",
        ),
        "Singleowner": (
            "Singleowner's job",
            "sculpts 18 years of debt in a 30-year project by year, and the project's cash, taxes and "
            "returns besides. No classes, no waterfall, no months",
        ),
    }
    rows = [
        [
            name,
            does,
            f"{us[name]:,.0f}",
            f"{us[job]:,.1f}",
            f"{us[name] / us[job]:,.0f}",
            f"{us[name] / us['whole']:,.1f}",
        ]
        for name, (job, does) in jobs.items()
    ]
    head = ["peer", "does", "µs", "kernel on the same job, µs", "ratio", "ratio to a whole underwriting"]
    return table(head, rows)


def part_table(us: dict[str, float]) -> str:
    """Where the kernel's time goes."""
    does = {
        "earn": "contract rents, survival, letting, power, cash flow",
        "size": "value, schedule, rolling cover, tests",
        "cash": "classes, schedules, sale",
        "distribute": "the waterfall",
        "weigh": "yields and average lives",
    }
    one, many = (sum(us[f"{part}, {n}"] for part in PARTS) for n in (1, BATCH))
    rows = [
        [part, does[part], f"{us[f'{part}, 1']:,.0f}", f"{us[f'{part}, 1'] / one:.0%}",
         f"{us[f'{part}, {BATCH}'] / BATCH:,.0f}", f"{us[f'{part}, {BATCH}'] / many:.0%}"]
        for part in PARTS
    ]  # fmt: skip
    return table(["part", "does", "µs, one", "share", f"µs each, of {BATCH}", "share each"], rows)


def target_table(us: dict[str, float]) -> str:
    """What was asked for and what was found."""
    rows = []
    for what, rival, ours, least in TARGETS:
        found = us[rival] / us[ours]
        told = f"{found:,.2f}" if found < 10.0 else f"{found:,.0f}"
        rows.append([what, f"{least:,.0f}", told, "met" if found >= least else "missed"])
    return table(["target: times as fast", "asked", "found", ""], rows)


def main() -> None:
    keep_memory()
    x = inputs()
    calls = whole_calls(x) | waterfall_calls(x)
    for n in (1, BATCH):
        calls |= {f"{part}, {n}": call for part, call in stages(kernel, inputs(n)).items()}
    us = measure(calls)
    us["whole, of many"] = us["whole, batch"] / BATCH
    parts = SimpleNamespace(
        targets=target_table(us), whole=whole_table(us), parts=part_table(us), waterfall=waterfall_table(us),
        peers=peer_table(us),
    )  # fmt: skip
    section(
        "underwriting",
        10,
        "One underwriting",
        f"""360 months, 10 segments, 3 classes, every line in use; one thread, processor time, least of many
rounds; memory that is freed stays with the process. Before anything is timed, every rival's answer is held
against the kernel's to 1e-9.

{parts.targets}

A whole underwriting 500 times as fast as waterfall-py would take {us["waterfall-py"] / 500.0:.0f} µs,
and 300 times as fast as Singleowner {us["Singleowner"] / 300.0:.0f} µs;
numba's waterfall alone takes {us["numba, audited"]:.0f} µs.

{parts.whole}

Parts of the kernel's underwriting:

{parts.parts}

The waterfall alone, 360 periods, 3 classes, 9 steps; the hundred scenarios trip every trigger and lose
principal:

{parts.waterfall}

Peers on the part they can do, and the kernel on the same part with the same answer:

{parts.peers}""",
    )


if __name__ == "__main__":
    main()
