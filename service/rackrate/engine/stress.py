"""Stress: how far one adjustment may go before something fails, solved by scan and bisection."""

# Design: failure is not monotone (a deeper cut can trip a sweep sooner), so the first failing step of a fixed
# scan is found, and bisection closes in on it. All targets share a call: points are its scenario axis.

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rackrate.engine.timeline import Floats

STEPS = 100
LEVELS = 3  # halvings tried in one call
BISECTIONS = 24  # halvings of one step of a hundredth: well below 1e-8
BATCH = 16  # points of the scan in one call

Fails = Callable[[Floats], "np.ndarray[tuple[int, int], np.dtype[np.bool_]]"]
"""Whether each target [T] fails at each point [H], as an array [H, T]."""


@dataclass(frozen=True)
class Failure:
    """Where a target first fails: ``solved`` at a point, ``never`` in the scan, or ``at_once``."""

    status: Literal["solved", "never", "at_once"]
    value: float | None


def first_failures(fails: Fails) -> list[Failure]:
    """First point in [0, 1] at which each target fails.

    Scanned up in steps of 0.01; the step that fails first is halved 24 times and its middle is the answer.

    >>> first_failures(lambda h: np.stack([h > 0.305, h >= 0.0, h > 2.0], axis=1))[1:]
    [Failure(status='at_once', value=None), Failure(status='never', value=1.0)]
    """
    step = _first_steps(fails)
    inside = [k for k, at in enumerate(step) if at]
    steps = np.array([at for at in step if at], dtype=np.float64)
    bounds = np.column_stack([steps - 1.0, steps]) / STEPS
    for _ in range(BISECTIONS // LEVELS if inside else 0):
        bounds = _narrow(fails, bounds, inside)
    solved = dict(zip(inside, bounds.mean(axis=1).tolist(), strict=True))
    return [
        Failure("never", 1.0)
        if at is None
        else Failure("at_once", None)
        if at == 0
        else Failure("solved", solved[k])
        for k, at in enumerate(step)
    ]


def _narrow(fails: Fails, bounds: Floats, targets: list[int]) -> Floats:
    """Halve each target's bracket LEVELS times on one call, trying every midpoint that may be asked for."""
    grid = bounds
    for _ in range(LEVELS):
        finer = np.empty((len(grid), 2 * grid.shape[1] - 1))
        finer[:, ::2], finer[:, 1::2] = grid, (grid[:, :-1] + grid[:, 1:]) / 2.0
        grid = finer
    inner = grid[:, 1:-1]
    failed = fails(inner.ravel()).reshape(*inner.shape, -1)
    narrowed = []
    for k, target in enumerate(targets):
        low, high = 0, grid.shape[1] - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if failed[k, middle - 1, target] else (middle, high)
        narrowed.append(grid[k, [low, high]])
    return np.array(narrowed)


def _first_steps(fails: Fails) -> list[int | None]:
    """First failing step of the scan for each target, None if none fails."""
    points = np.arange(STEPS + 1)
    found: list[int | None] = []
    for start in range(0, STEPS + 1, BATCH):
        chunk = points[start : start + BATCH]
        failed = fails(chunk / STEPS)
        found = found or [None] * failed.shape[1]
        for k, at in enumerate(found):
            if at is None and failed[:, k].any():
                found[k] = int(chunk[failed[:, k].argmax()])
        if all(at is not None for at in found):
            break
    return found
