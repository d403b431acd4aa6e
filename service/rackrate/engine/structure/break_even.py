"""Break-evens of a deal: the least uniform haircut at which cover, a trigger or a class fails."""

import numpy as np

from rackrate.deal.answers.figures import BreakEvenTarget
from rackrate.deal.structure import Structure
from rackrate.engine.debt.coverage import rolling_covers
from rackrate.engine.debt.sizing import Sized
from rackrate.engine.facility.collateral import Collateral
from rackrate.engine.structure.first_failure import Failure, first_failures
from rackrate.engine.structure.payment import Paid
from rackrate.engine.structure.reporting import unpaid_above
from rackrate.engine.structure.structure import trigger_levels
from rackrate.engine.structure.waterfall import Outcome, stress
from rackrate.engine.timeline import Floats

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
