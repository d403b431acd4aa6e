"""Builds of a kernel module for several instruction sets, and the widest that this processor runs."""

# Design: the builds of a source give the same bits (no fused multiply-add, no reordering), so which one runs
# shows in the time alone. A build is named for its instructions: _waterfall, _waterfall_avx2, ...

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from rackrate.kernel._cpu import instructions

BASELINE = "baseline"


def builds(name: str) -> dict[str, ModuleType]:
    """Every build of a kernel module that this processor can run, the widest first."""
    wide = {isa: f"rackrate.kernel._{name}_{isa}" for isa in instructions()}
    built = {isa: import_module(module) for isa, module in wide.items() if find_spec(module)}
    return {**built, BASELINE: import_module(f"rackrate.kernel._{name}")}


def widest(name: str) -> ModuleType:
    """The build of a kernel module with the widest instructions of this processor."""
    return next(iter(builds(name).values()))


def fitting(name: str, verb: str, scenarios: int) -> Callable[..., None]:
    """A function that runs in the narrowest build whose vector holds all its scenarios, else in the widest.

    A wider vector would work on lanes that nobody asked for. `scenarios` is the argument with an entry each.
    """
    by_width = {module.width: getattr(module, verb) for module in builds(name).values()}
    widest = max(by_width)
    fits = [by_width[min(width for width in by_width if width >= asked)] for asked in range(widest + 1)]

    def run(*arguments: Any) -> None:
        fits[min(len(arguments[scenarios]), widest)](*arguments)

    return run
