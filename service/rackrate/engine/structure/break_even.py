"""Break-evens: the least haircut at which something fails, by scan, secant and bisection."""

# Design: failure is not monotone (a deeper cut can trip a sweep sooner), so the first failing step of a fixed
# scan is found and cut into 2**24 cells; the answer is the middle of a cell whose left end holds and whose
# right end fails. Everything a haircut does is a broken line, so once two failing points lie on one piece the
# secant names the cell. Where it does not help, the bracket is cut into eight. All targets share a call:
# points are its scenario axis.

from collections.abc import Callable
from dataclasses import dataclass
from math import floor, isfinite, isqrt
from typing import Literal

import numpy as np

from rackrate.deal.answers.figures import BreakEvenTarget
from rackrate.deal.structure import Structure
from rackrate.engine.debt.coverage import rolling_covers
from rackrate.engine.debt.sizing import Sized
from rackrate.engine.facility.collateral import Collateral
from rackrate.engine.structure.payment import Paid
from rackrate.engine.structure.reporting import unpaid_above
from rackrate.engine.structure.structure import trigger_levels
from rackrate.engine.structure.waterfall import Outcome, stress
from rackrate.engine.timeline import Floats

STEPS = 100
CELLS = 1 << 24  # of one step of a hundredth: well below 1e-8
NEVER = -1  # of a step: none fails
BATCH = 32  # points of the scan in one call

Excess = Callable[[Floats], Floats]
"""By how much each target [T] fails at each point [H], as an array [H, T]: above zero it does."""


@dataclass(frozen=True)
class Failure:
    """Result of a break-even: ``solved`` at a value, ``never`` in the scan, or failing ``at_once``."""

    status: Literal["solved", "never", "at_once"]
    value: float | None


def first_failures(excess: Excess) -> list[Failure]:
    """First point in [0, 1] at which each target fails, scanned up in steps of 0.01.

    >>> first_failures(lambda h: np.stack([h - 0.305, h + 1.0, h - 2.0], axis=1))[1:]
    [Failure(status='at_once', value=None), Failure(status='never', value=1.0)]
    """
    found = _scan(excess)
    failing = found > 0.0
    steps = np.where(failing.any(axis=0), failing.argmax(axis=0), NEVER).tolist()
    brackets = {k: _bracket(step, found[:, k]) for k, step in enumerate(steps) if step > 0}
    while cells_of := {k: bracket.next_cells() for k, bracket in brackets.items() if bracket.is_open}:
        points = [brackets[k].point(cell) for k, cells in cells_of.items() for cell in cells]
        answers, at = excess(np.array(points)).T.tolist(), 0
        for k, cells in cells_of.items():
            brackets[k].narrow(cells, answers[k][at : at + len(cells)])
            at += len(cells)
    return [
        Failure("never", 1.0)
        if step == NEVER
        else Failure("at_once", None)
        if step == 0
        else Failure("solved", brackets[k].point(brackets[k].low + 0.5))
        for k, step in enumerate(steps)
    ]


def _scan(excess: Excess) -> Floats:
    """The excess at 0, 0.01, ... until every target has failed, [H, T]."""
    points = np.arange(STEPS + 1) / STEPS
    found = excess(points[:BATCH])
    while len(found) <= STEPS and not (found > 0.0).any(axis=0).all():
        found = np.concatenate([found, excess(points[len(found) : len(found) + BATCH])])
    return found


def _bracket(step: int, scanned: Floats) -> "_Bracket":
    holds, fails, *after = scanned[step - 1 : step + 2].tolist()
    beyond = (2 * CELLS, after[0]) if after and after[0] > fails else None
    return _Bracket(step, holds, fails, beyond)


@dataclass
class _Bracket:
    """Bracket of a break-even: the cells of a step between one that holds and one that fails."""

    step: int
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
        return (self.step - 1 + cell / CELLS) / STEPS

    def next_cells(self) -> list[int]:
        """Cells to evaluate next: about the secant's, or seven that cut the bracket into eight."""
        guess, wide = self._secant() if self.uses_secant else None, self.high - self.low
        if guess is None:
            cells = {self.low + wide * part // 8 for part in range(1, 8)}
        else:
            cell, near = min(max(floor(guess), self.low), self.high - 1), isqrt(wide)
            cells = {cell - near, cell, cell + 1, cell + 1 + near}
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
        self.uses_secant = not self.uses_secant or (self.high - self.low) * 8 <= wide

    def _secant(self) -> float | None:
        """Where the line through two points meets zero: two that fail, else one on either side."""
        if self.beyond is not None:
            cell, excess = self.beyond
            line = excess - self.fails, cell - self.high
        else:
            line = self.fails - self.holds, self.high - self.low
        rise, run = line
        return self.high - self.fails * run / rise if isfinite(rise) and rise > 0.0 else None


COVERED = 1.0


def targets(structure: Structure) -> list[BreakEvenTarget]:
    """Break-even targets of a structure: each trigger it has trips, each class is left unpaid."""
    levels = trigger_levels(structure.triggers)
    return [
        *(BreakEvenTarget(trigger=name) for name, level in levels.items() if level is not None),
        *(BreakEvenTarget(first_loss=note.name) for note in structure.classes),
    ]


def excess(end: Outcome, paid: Paid) -> Floats:
    """By how much each break-even target fails in each scenario, [S, targets]; above zero it does."""
    structure = paid.structure
    cover = end.least_actual if structure.triggers.service == "actual" else end.least_assumed
    levels = [level for level in trigger_levels(structure.triggers).values() if level is not None]
    found = np.empty((len(cover), len(levels) + len(structure.classes)))
    unpaid = np.maximum(end.principal_loss, end.interest_unpaid)
    np.subtract(levels, cover[:, None], out=found[:, : len(levels)])
    found[:, len(levels) :] = unpaid - unpaid_above(paid.terms)
    return found


def break_evens(
    priced: Collateral, sized: Sized, paid: Paid, cover: float = COVERED
) -> list[tuple[BreakEvenTarget, Failure]]:
    """Least uniform haircut of cash at which cover is lost, a trigger trips, a class is left unpaid."""
    whole, positive = rolling_covers(sized, priced.valued[str(sized.loan.case)].positive)
    sought = [BreakEvenTarget(dscr_minimum=cover), *targets(paid.structure)]

    def by_how_much(haircuts: Floats) -> Floats:
        found = np.empty((len(haircuts), len(sought)))
        found[:, 0] = cover - (whole - haircuts[:, None] * positive).min(axis=1, initial=np.inf)
        found[:, 1:] = excess(stress(paid.terms, paid.line, haircuts), paid)
        return found

    return list(zip(sought, first_failures(by_how_much), strict=True))
