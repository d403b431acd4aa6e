"""First failures: the least point of a scan at which something fails, by scan, secant and bisection."""

# Design: failure is not monotone (a deeper cut can trip a sweep sooner), so the first failing step of a fixed
# scan is found and cut into 2**24 cells; the answer is the middle of a cell whose left end holds and whose
# right end fails. Everything a haircut does is a broken line, so once two failing points lie on one piece the
# secant names the cell; a point a little past it fails where the line bends, and the next secant is through
# that. Where it does not help, the bracket is cut into four. All targets share a call: points are its
# scenario axis.

from collections.abc import Callable
from dataclasses import dataclass
from math import floor, isfinite
from typing import Literal

import numpy as np

from rackrate.engine.timeline import Floats

STEPS, PER_UNIT = 100, 100  # of a share
CELLS = 1 << 24  # of one step: below 1e-8 of a hundredth or of a quarter
NEVER = -1  # of a step: none fails
BATCH = 32  # points of the scan in one call
CUT = 4  # parts of a bracket where no secant helps
PAST = 64  # how far past the secant's cell one more is asked: this part of what is left to the failing one
SECANT_GAIN = 8  # times a secant narrows a bracket, or the next is a cut

Excess = Callable[[Floats], Floats]
"""By how much each target [T] fails at each point [H], as an array [H, T]: above zero it does."""


@dataclass(frozen=True)
class Failure:
    """Result of a break-even: ``solved`` at a value, ``never`` in the scan, or failing ``at_once``."""

    status: Literal["solved", "never", "at_once"]
    value: float | None


def first_failures(
    excess: Excess, steps: int = STEPS, per_unit: int = PER_UNIT, batch: int = BATCH
) -> list[Failure]:
    """First point from 0 at which each target fails, scanned up in `steps` steps of 1/`per_unit`.

    `batch` points of the scan are asked for at once; it ends with the batch in which the last target fails.

    >>> first_failures(lambda h: np.stack([h - 0.305, h + 1.0, h - 2.0], axis=1))[1:]
    [Failure(status='at_once', value=None), Failure(status='never', value=1.0)]
    """
    found = _scan(excess, np.arange(steps + 1) / per_unit, batch)
    failing = found > 0.0
    first = np.where(failing.any(axis=0), failing.argmax(axis=0), NEVER).tolist()
    brackets = {k: _bracket(step, found[:, k], per_unit) for k, step in enumerate(first) if step > 0}
    while cells_of := {k: bracket.next_cells() for k, bracket in brackets.items() if bracket.is_open}:
        points = [brackets[k].point(cell) for k, cells in cells_of.items() for cell in cells]
        answers, at = excess(np.array(points)).T.tolist(), 0
        for k, cells in cells_of.items():
            brackets[k].narrow(cells, answers[k][at : at + len(cells)])
            at += len(cells)
    return [
        Failure("never", steps / per_unit)
        if step == NEVER
        else Failure("at_once", None)
        if step == 0
        else Failure("solved", brackets[k].point(brackets[k].low + 0.5))
        for k, step in enumerate(first)
    ]


def _scan(excess: Excess, points: Floats, batch: int) -> Floats:
    """The excess at points until every target has failed, [H, T]."""
    found = excess(points[:batch])
    while len(found) < len(points) and not (found > 0.0).any(axis=0).all():
        found = np.concatenate([found, excess(points[len(found) : len(found) + batch])])
    return found


def _bracket(step: int, scanned: Floats, per_unit: int) -> "_Bracket":
    holds, fails, *after = scanned[step - 1 : step + 2].tolist()
    beyond = (2 * CELLS, after[0]) if after and after[0] > fails else None
    return _Bracket(step, per_unit, holds, fails, beyond)


@dataclass
class _Bracket:
    """Bracket of a break-even: the cells of a step between one that holds and one that fails."""

    step: int
    per_unit: int
    holds: float  # excess at `low`
    fails: float  # excess at `high`
    beyond: tuple[int, float] | None  # a cell past `high` that fails by more
    low: int = 0
    high: int = CELLS
    uses_secant: bool = True  # whether the last secant helped

    @property
    def is_open(self) -> bool:
        """Whether there are cells between the two."""
        return self.high - self.low > 1

    def point(self, cell: float) -> float:
        return (self.step - 1 + cell / CELLS) / self.per_unit

    def next_cells(self) -> list[int]:
        """Cells to evaluate next: the secant's and one past it, or three that cut the bracket into four."""
        guess, wide = self._secant() if self.uses_secant else None, self.high - self.low
        if guess is None or guess < self.low:  # the curve bends or jumps: the bracket says more
            cells = {self.low + wide * part // CUT for part in range(1, CUT)}
        else:
            cell = min(floor(guess), self.high - 1)
            cells = {cell, cell + 1, cell + 1 + (self.high - cell) // PAST}
        inside = sorted(cell for cell in cells if self.low < cell < self.high)
        return inside or [(self.low + self.high) // 2]

    def narrow(self, cells: list[int], answers: list[float]) -> None:
        """Narrow the bracket to the first of the evaluated cells that fails."""
        wide = self.high - self.low
        for cell, answer in zip(cells, answers, strict=True):
            if answer > 0.0:
                self.beyond = (self.high, self.fails) if self.fails > answer else None
                self.high, self.fails = cell, answer
                break
            self.low, self.holds = cell, answer
        self.uses_secant = not self.uses_secant or (self.high - self.low) * SECANT_GAIN <= wide

    def _secant(self) -> float | None:
        """Where the line through two points meets zero: two that fail, else one on either side."""
        if self.beyond is not None:
            cell, excess = self.beyond
            line = excess - self.fails, cell - self.high
        else:
            line = self.fails - self.holds, self.high - self.low
        rise, run = line
        return self.high - self.fails * run / rise if isfinite(rise) and rise > 0.0 else None
