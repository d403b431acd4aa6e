"""What became of one run of a waterfall: least cover, first dates of triggers and shortfalls, losses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import fsum

import numpy as np

from rackrate.engine.structure.reporting import first
from rackrate.engine.structure.waterfall import WaterfallResult

CENT = 0.01  # of the deal's currency, above which an amount is missed or lost


@dataclass(frozen=True, kw_only=True)
class RunFigures:
    """One run: dates are payment dates, None where something never happens; losses by class, senior first.

    ``first_amortise`` counts the turbo after a failed ARD. ``ard_refinanced`` is None where nothing was owed.
    """

    least_dscr: float | None
    first_trap: date | None
    first_amortise: date | None
    first_pik: date | None
    first_missed: date | None
    ard_refinanced: bool | None
    losses: list[float]
    unpaid: list[float]

    @property
    def first_trigger(self) -> date | None:
        """The earliest date of a trigger."""
        dates = (self.first_trap, self.first_amortise, self.first_pik)
        return min((day for day in dates if day is not None), default=None)

    @property
    def principal_loss(self) -> float:
        """Principal lost by all classes."""
        return fsum(self.losses)


def run_figures(run: WaterfallResult, dates: Sequence[date]) -> RunFigures:
    """Figures of the first scenario of a run, over its payment dates."""
    cover = run.dscr_actual[0]
    known = cover[np.isfinite(cover)]
    unpaid = run.interest_unpaid[0]
    owed = float(run.ard_balance[0]) > 0.0
    return RunFigures(
        least_dscr=float(known.min()) if len(known) else None,
        first_trap=first(dates, run.trapping[0]),
        first_amortise=first(dates, run.amortising[0]),
        first_pik=first(dates, run.pik[0]),
        first_missed=first(dates, np.add.accumulate(unpaid)[-1] > CENT),
        ard_refinanced=bool(run.refinanced[0]) if owed else None,
        losses=run.principal_loss[0].tolist(),
        unpaid=unpaid[:, -1].tolist(),
    )
