"""Break-evens of certificates: default rates, severity or haircut at which a class is unpaid."""

# Design: losing is not monotone, so points are scanned up and the first step that fails is halved. A run
# serves every class whose answer is still open.

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from rackrate.engine.timeline import Floats

RESOLUTION = 1e-8
UNPAID = 1e-10  # of all that was issued

Status = Literal["solved", "never", "at_once", "not_applicable"]
Short = Callable[[float], Floats]
"""What each class [K] is owed in the end at a point."""


@dataclass(frozen=True)
class FirstLoss:
    """First point at which a class is left unpaid."""

    status: Status
    value: float | None = None


def first_losses(
    short: Short, step: float, count: int, above: float, classes: Sequence[int]
) -> dict[int, FirstLoss]:
    """First point at which each class is owed more than `above`: `count` steps from 0, then halves.

    >>> import numpy as np
    >>> found = first_losses(lambda x: np.array([x - 0.305, 1.0, -1.0]), 0.01, 100, 0.0, [0, 1, 2])
    >>> found[1].status, found[2].status, abs(found[0].value - 0.305) < 1e-8
    ('at_once', 'never', True)
    """
    known: dict[float, Floats] = {}

    def fails(point: float, k: int) -> bool:
        if point not in known:
            known[point] = short(point)
        return bool(known[point][k] > above)

    found: dict[int, FirstLoss] = {}
    brackets: dict[int, tuple[float, float]] = {}
    for n in range(count + 1):
        for k in classes:
            if k not in brackets and k not in found and fails(n * step, k):
                if n == 0:
                    found[k] = FirstLoss("at_once")
                else:
                    brackets[k] = (n - 1) * step, n * step
        if len(brackets) + len(found) == len(classes):
            break
    for k, (low, high) in brackets.items():
        while high - low > RESOLUTION:
            middle = 0.5 * (low + high)
            low, high = (low, middle) if fails(middle, k) else (middle, high)
        found[k] = FirstLoss("solved", 0.5 * (low + high))
    return {k: found.get(k, FirstLoss("never")) for k in classes}
