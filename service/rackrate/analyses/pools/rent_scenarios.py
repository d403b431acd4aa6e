"""What the classes on ground rents lose in each case: held as issued, paid from the rents of that case."""

import math
from collections.abc import Iterator

import numpy as np

from rackrate.deal.answers.ground_pool import GroundScenario
from rackrate.deal.answers.pool import ScenarioClass
from rackrate.engine.debt.sizing import Sized
from rackrate.engine.property.ground_leases import NEVER
from rackrate.engine.property.ground_pool import GroundCollateral
from rackrate.engine.structure.bonds import average_lives
from rackrate.engine.structure.payment import REPORTED, Paid, hold


def scenarios(priced: GroundCollateral, sized: Sized, paid: Paid) -> Iterator[GroundScenario]:
    """Every case as a scenario, in the order in which the pool names them."""
    for name in priced.cases:
        found = hold(priced, sized, paid, name)
        lives = average_lives(
            np.ascontiguousarray(found.run.principal_paid[REPORTED]), found.terms.period_months
        )
        end = found.run.outcome
        yield GroundScenario(
            name=name,
            ncf=priced.runs.incomes[name].closing["ncf"],
            defaulted_share=_defaulted(priced, name),
            classes=[
                ScenarioClass(
                    name=note.name,
                    wal=lives[k],
                    principal_loss=float(end.principal_loss[REPORTED, k]),
                    interest_unpaid=float(end.interest_unpaid[REPORTED, k]),
                )
                for k, note in enumerate(found.structure.classes)
            ],
        )


def _defaulted(priced: GroundCollateral, case: str) -> float:
    """Share of ground rent at closing of the leases that default in a case, cured or not."""
    runs = priced.leases[case]
    total = math.fsum(run.rent_at_closing() for run in runs)
    lost = math.fsum(run.rent_at_closing() for run in runs if run.default_month != NEVER)
    return lost / total if total > 0.0 else 0.0
