"""Watch the functions of a module while something runs: how often each is called, with what, for how long."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Watched:
    """One function: calls, processor seconds, those of watched functions below it, arguments."""

    calls: int = 0
    seconds: float = 0.0
    within: float = 0.0
    arguments: list[tuple[Any, ...]] = field(default_factory=list)


@contextmanager
def watching(*owners: tuple[Any, list[str]], keep: bool = False) -> Iterator[dict[str, Watched]]:
    """Watch named functions of modules, by `module.function`; with `keep`, remember each call's arguments."""
    found: dict[str, Watched] = {}
    below = [0.0]

    def wrap(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        seen = found.setdefault(name, Watched())

        def call(*arguments: Any, **named: Any) -> Any:
            outside, below[0] = below[0], 0.0
            if keep:
                seen.arguments.append(arguments)
            start = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                taken = time.process_time() - start
                seen.calls, seen.seconds, seen.within = (
                    seen.calls + 1,
                    seen.seconds + taken,
                    seen.within + below[0],
                )
                below[0] = outside + taken

        return call

    originals = [(owner, name, getattr(owner, name)) for owner, names in owners for name in names]
    try:
        for owner, name, function in originals:
            setattr(owner, name, wrap(f"{owner.__name__.rpartition('.')[2]}.{name}", function))
        yield found
    finally:
        for owner, name, function in originals:
            setattr(owner, name, function)
