"""The kernel calls whose instructions are counted: an underwriting, at one size and at twice it."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from loadtests.kernel import chain
from loadtests.kernel.deal import deal
from loadtests.kernel.pool import document, runs_of
from loadtests.kernel.watching import watching

from rackrate import kernel
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal import rulesets
from rackrate.engine.debt.case_flows import size_loan
from rackrate.engine.facility.collateral import run_cases
from rackrate.engine.pool.haircuts import haircut_lines, run_haircuts
from rackrate.engine.simulation.estimates import Tally
from rackrate.engine.simulation.inputs import path_inputs
from rackrate.engine.simulation.run import NO_MONTHS, NONE, factor_row
from rackrate.engine.structure.payment import pay

MODULES = (
    "leases",
    "credit",
    "power",
    "cashflow",
    "valuation",
    "bonds",
    "sizing",
    "waterfall",
    "losses",
    "simulate",
    "pool",
    "certificates",
    "obligors",
)
ASKED = ["stress", "convolve_losses"]  # by the engine besides
TERM = 24  # months of a market letting: short beside the horizon, whose end cuts lettings off
MONTHS, PERIODS, PAIRS = (252, 504), (240, 492), 32
"""Months of cash flow and periods of the waterfall, at one size and at twice it."""


@dataclass(frozen=True)
class Call:
    """One call of one function of a kernel module's baseline build."""

    module: str
    function: str
    arguments: tuple[Any, ...]


def calls() -> dict[str, Call]:
    """Every counted call by name: the function, and what there is twice of."""
    small = {"classes": 3, "final": PERIODS[0], "term_months": TERM}
    found = dict(underwriting(**small))
    sizes = {
        "months": underwriting(**small | {"final": PERIODS[1]}),
        "segments": underwriting(**small, segments=20),
        "classes": underwriting(**small | {"classes": 6}),
        "64 scenarios": underwriting(**small, scenarios=64),
        "128 scenarios": underwriting(**small, scenarios=128),
    }
    for name in dict.fromkeys(name for larger, smaller, _ in GROWTH for name in (larger, smaller)):
        function, _, size = name.partition(", ")
        if size and function not in ("simulate", "default_months", *ASKED, *POOLED):
            found[name] = sizes[size][function]
    return found | engines() | simulations() | pools()


def underwriting(**sizes: int) -> dict[str, Call]:
    """Every call of one underwriting; of a function called twice, the last."""
    x = chain.inputs(**sizes)
    with watching((kernel, kernel.__all__), keep=True) as watched:
        chain.underwrite(kernel, x)
    names = {name.partition(".")[2]: seen.arguments[-1] for name, seen in watched.items() if seen.calls}
    return {name: Call(module_of(name), name, arguments) for name, arguments in names.items()}


def engine(**sizes: int) -> dict[str, Call]:
    """What the engine asks first of functions that the chain of kernel calls leaves out."""
    told = deal(**{"segments": 10, "final": PERIODS[0], "term_months": TERM} | sizes)
    with watching((kernel, ASKED), keep=True) as watched:
        underwrite(told, rulesets.newest(), id="instructed")
    return {name: Call(module_of(name), name, watched[f"kernel.{name}"].arguments[0]) for name in ASKED}


def engines() -> dict[str, Call]:
    """A deal's first haircuts and its losses, and the haircuts of twice as much of it."""
    return {
        **engine(),
        "stress, months": engine(final=PERIODS[1])["stress"],
        "stress, classes": engine(classes=6)["stress"],
    }


def module_of(function: str) -> str:
    """The kernel module that has a function."""
    return next(name for name in MODULES if hasattr(import_module(f"rackrate.kernel._{name}"), function))


def simulation(pairs: int = PAIRS, **sizes: int) -> Call:
    """One block of paths of the deal."""
    from loadtests.bench.simulation import TERMS

    told = deal(**{"segments": 10, "final": PERIODS[0], "term_months": TERM} | sizes)
    priced = run_cases(told, rulesets.newest())
    assert told.structure is not None
    path = path_inputs(priced, pay(priced, size_loan(priced), told.structure), factor_row(TERMS), 7)
    tally = Tally(path.periods, path.classes)
    return Call("simulate", "simulate", (*path.arguments(0, pairs), tally.arrays, NONE, NO_MONTHS, NONE))


def simulations() -> dict[str, Call]:
    """Paths of the deal, and of twice as much of it."""
    return {
        "simulate": simulation(),
        "simulate, paths": simulation(2 * PAIRS),
        "simulate, months": simulation(final=PERIODS[1]),
        "simulate, segments": simulation(segments=20),
        "simulate, classes": simulation(classes=6),
    }


POOLED = ("pool_paths", "pool_collateral", "pool_under_haircuts", "pay_certificates")
HAIRCUTS = np.array([0.2, 0.4])
RANDOM = {"cdr": 0.03, "recovery_months": 18}
POOL_LOANS, POOL_YEARS = 20, 10


def pool(loans: int = POOL_LOANS, years: int = POOL_YEARS) -> dict[str, Call]:
    """What a scenario of a pool and its haircuts ask of the kernel, its loans in default by rates."""
    runs = runs_of(document(loans, years, **RANDOM))
    with watching((kernel, POOLED), keep=True) as watched:
        run_haircuts(haircut_lines(runs.run("timed").inputs), runs.call_share, HAIRCUTS)
    calls = {name: watched[f"kernel.{name}"].arguments for name in POOLED}
    longest = {name: max(told, key=lambda arguments: arguments[2].shape[1]) for name, told in calls.items()}
    return {name: Call(module_of(name), name, arguments) for name, arguments in longest.items()}


def obligors(pairs: int = PAIRS) -> Call:
    """Months of default of a few obligors."""
    months = np.empty((pairs, 2, POOL_LOANS), dtype=np.int64)
    return Call("obligors", "default_months", (np.full(POOL_LOANS, 0.02), 0.24, 7, 0, MONTHS[0], months))


def pools() -> dict[str, Call]:
    """A pool, and twice as much of it."""
    found = pool() | {"default_months": obligors(), "default_months, paths": obligors(2 * PAIRS)}
    larger = {"loans": pool(loans=2 * POOL_LOANS), "months": pool(years=2 * POOL_YEARS)}
    for name, _, _ in POOL_GROWTH:
        function, _, size = name.partition(", ")
        if size in larger:
            found[name] = larger[size][function]
    return found


POOL_GROWTH = (
    *((f"{name}, loans", name, 2.0) for name in ("pool_paths", "pool_collateral", "pool_under_haircuts")),
    *((f"{name}, months", name, 2.0) for name in POOLED),
    ("default_months, paths", "default_months", 2.0),
)
MORE_MONTHS, MORE_PERIODS = MONTHS[1] / MONTHS[0], PERIODS[1] / PERIODS[0]
GROWTH = (  # a call, the smaller one beside it, the ratio of their sizes
    *((f"{name}, months", name, MORE_MONTHS) for name in ("contract", "survive", "let", "supply", "net")),
    *((f"{name}, segments", name, 2.0) for name in ("contract", "let")),
    *((f"{name}, 128 scenarios", f"{name}, 64 scenarios", 2.0) for name in ("let", "supply", "net", "pay")),
    ("pay, months", "pay", MORE_PERIODS),
    ("pay, classes", "pay", 2.0),
    ("stress, months", "stress", MORE_PERIODS),
    ("stress, classes", "stress", 2.0),
    ("moments, months", "moments", MORE_PERIODS),
    ("moments, classes", "moments", 2.0),
    ("simulate, paths", "simulate", 2.0),
    ("simulate, months", "simulate", MORE_PERIODS),
    ("simulate, segments", "simulate", 2.0),
    ("simulate, classes", "simulate", 2.0),
    *POOL_GROWTH,
)
