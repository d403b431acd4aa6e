"""Where an underwriting's time goes: the engine's stages, the kernel's functions, their instructions.

    python -m loadtests.bench.breakdown

Instructions are counted by callgrind on the baseline build: virtual machines have no counters for perf.
"""

import re
import time
from typing import Any

from loadtests.bench.instructions import by_function, dumps, total
from loadtests.bench.report import section, table
from loadtests.kernel.deal import deal
from loadtests.kernel.instructed import simulation, underwriting
from loadtests.kernel.watching import Watched, watching

from rackrate import kernel
from rackrate.analyses.deals import figures
from rackrate.analyses.deals import underwriting as page
from rackrate.deal import rulesets

ROUNDS = 40
STAGES = {
    "run_cases": "resolve, then every case over the horizon and at closing",
    "size_loan": "schedules and tests",
    "pay": "classes, and the waterfall in three scenarios",
    "break_evens": "a haircut for every trigger and class, by scan and secants of waterfalls",
    "coverage": "every cover of every case",
    "credit": "concentration, the exact loss distribution",
    "bridge": "closing figures, issuer to underwritten",
    "outcome": "the schedule and tests, as figures",
    "summary": "the figures asked for first",
    "tranches": "yields and lives, as figures",
    "waterfall": "the run, as figures",
    "cash_flow": "every line, as figures",
    "power": "energy and its cost, as figures",
    "cautions": "warnings",
}
OWN = ("run_cases", "size_loan", "pay", "break_evens", "coverage", "outcome", "cautions")
BESIDES = ("pay, 64 scenarios", "simulate")
LEAST = 0.005  # share of a call's instructions below which a function is not listed


def engine_run() -> tuple[float, dict[str, Watched]]:
    """The fastest of some runs of the engine, watched: seconds, and what was called."""
    told, ruleset, best = deal(), rulesets.newest(), (float("inf"), dict[str, Watched]())
    owners = (kernel, kernel.__all__), (page, list(OWN)), (figures, [s for s in STAGES if s not in OWN])
    for _ in range(ROUNDS):
        with watching(*owners, keep=True) as found:
            start = time.process_time()
            page.underwrite(told, ruleset, id="profile")
            taken = time.process_time() - start
        best = min(best, (taken, found), key=lambda run: run[0])
    return best


def stage_table(taken: float, found: dict[str, Watched]) -> str:
    """Stages of the engine, and how much of each is the kernel's."""
    rows = []
    for stage, does in STAGES.items():
        seen = found[f"{'underwriting' if stage in OWN else 'figures'}.{stage}"]
        rows.append([seen.seconds, seen.within, stage, does])
    rest = taken - sum(row[0] for row in rows)
    rows.append([rest, 0.0, "the rest", "joining the parts"])
    rows.sort(key=lambda row: -row[0])
    cells = [
        [stage, does, f"{1e3 * whole:.2f}", f"{whole / taken:.0%}", f"{1e3 * inside:.2f}"]
        for whole, inside, stage, does in rows
    ]
    whole = sum(row[1] for row in rows)
    cells.append(["all", "", f"{1e3 * taken:.2f}", "100%", f"{1e3 * whole:.2f}"])
    return table(["stage", "does", "ms", "share", "of it in the kernel, ms"], cells)


def kernel_table(taken: float, found: dict[str, Watched]) -> str:
    """The kernel's functions in one run of the engine."""
    seen = {name.partition(".")[2]: w for name, w in found.items() if name.startswith("kernel.") and w.calls}
    rows = sorted(seen.items(), key=lambda pair: -pair[1].seconds)
    cells = [
        [name, f"{w.calls}", f"{1e6 * w.seconds:,.0f}", f"{w.seconds / taken:.1%}"] for name, w in rows[:8]
    ]
    return table(["kernel function", "calls", "µs", "share of the engine's time"], cells)


def lanes(found: dict[str, Watched]) -> tuple[int, int]:
    """Calls of the waterfall in one run of the engine, and its lanes together."""
    paid = [arguments[9] for arguments in found["kernel.pay"].arguments]
    paid += [arguments[12] for arguments in found["kernel.stress"].arguments]
    return len(paid), sum(map(len, paid))


def instruction_tables() -> tuple[str, str]:
    """Instructions of one underwriting by kernel function, and of its largest by what runs inside."""
    asked: dict[str, Any] = underwriting(final=360)
    asked |= dict(zip(BESIDES, (underwriting(final=360, scenarios=64)["pay"], simulation()), strict=True))
    found = dumps(asked)
    whole = sum(total(found[name]) for name in asked if name not in ("pay, 64 scenarios", "simulate"))
    one = sorted(
        (
            (total(dump), name)
            for name, dump in found.items()
            if name not in ("pay, 64 scenarios", "simulate")
        ),
        reverse=True,
    )
    first = table(
        ["function", "instructions", "share"],
        [[name, f"{count:,}", f"{count / whole:.1%}"] for count, name in one if count / whole > LEAST],
    )
    rows = []
    for name in ("let", "pay", *BESIDES):
        for inner, count in list(by_function(found[name]).items())[:6]:
            share = count / total(found[name])
            if share > LEAST:
                rows.append([name, f"`{plain_name(inner)}`", f"{count:,}", f"{share:.0%}"])
    return first, table(["call", "inside", "instructions", "share"], rows)


def plain_name(symbol: str) -> str:
    """What the sources call a compiled function.

    >>> plain_name("__pyx_f_8priority_settle.isra.0"), plain_name("__pyx_pw_8rackrate_6kernel_7_leases_5let")
    ('priority.settle', 'leases.let')
    """
    found = re.fullmatch(r"__pyx_(f|pf|pw)_(.*)", symbol.split(".")[0])
    if found is None:
        return symbol
    rest, parts = found[2], list[str]()
    for _ in range(2 if found[1] == "f" else 3):  # a folder and a file, or a file alone
        size = re.match(r"\d+", rest)
        if size is None:
            break
        parts.append(rest[size.end() : size.end() + int(size[0])].strip("_"))
        rest = rest[size.end() + int(size[0]) :].lstrip("_")
    return f"{parts[-1]}.{rest.lstrip('0123456789')}" if parts else symbol


def main() -> None:
    taken, found = engine_run()
    calls, together = lanes(found)
    functions, inside = instruction_tables()
    section(
        "profile",
        20,
        "Where the time goes",
        f"""The engine, from a decoded deal to its answer (two cases, three classes, seven break-evens);
processor time of the fastest of {ROUNDS} runs. It pays {together} waterfalls in {calls} calls, where the
underwriting above pays one:

{stage_table(taken, found)}

{kernel_table(taken, found)}

Instructions of one underwriting, by callgrind on the baseline build:

{functions}

What runs inside the largest, callees apart; a function that its caller has swallowed counts as its caller:

{inside}""",
    )


if __name__ == "__main__":
    main()
