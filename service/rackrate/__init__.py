"""Underwriting AI data-centre debt: facility terms in, DSCR, debt sizing and a tranche structure out.

`rackrate.underwrite(deal)` and its siblings answer in this process (`rackrate.in_process`), `rackrate.client`
asks a service. Nothing is loaded before it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rackrate.in_process import (
        arrow,
        column,
        compare,
        pool,
        sensitivity,
        simulate,
        simulate_pool,
        size,
        underwrite,
        waterfall,
    )

__version__ = "0.5.0"

__all__ = [
    "arrow",
    "column",
    "compare",
    "pool",
    "sensitivity",
    "simulate",
    "simulate_pool",
    "size",
    "underwrite",
    "waterfall",
]


def __getattr__(name: str) -> Any:
    """Load the analyses, and with them NumPy and the kernel, when one is first asked for (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("rackrate.in_process"), name)


def __dir__() -> list[str]:
    """List what can be asked for, loaded or not."""
    return [*globals(), *__all__]
