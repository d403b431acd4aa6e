"""An obligor's default in one deal: its sizes held, its waterfall paid from what is left."""

from collections.abc import Sequence
from datetime import date
from math import fsum
from typing import Any

from msgspec import Struct

from rackrate.analyses.books.deal_rows import base_run, payment_dates
from rackrate.analyses.deals.points import Base, held
from rackrate.deal.cases import TenantDefault
from rackrate.engine.book.run_figures import RunFigures, run_figures
from rackrate.engine.simulation.streams import obligor_of


class DefaultAsked(Struct, frozen=True):
    """An obligor's default at a month of each deal, or on a day; `scenario` is its place in what is asked."""

    scenario: int
    obligor: str
    month: int | None = None
    day: date | None = None

    @property
    def name(self) -> str:
        """The obligor, and when it defaults."""
        return f"{self.obligor}@{self.month if self.day is None else self.day.isoformat()}"


class Stressed(Struct, frozen=True, kw_only=True):
    """A deal under one default: its row and those of its classes, senior first, in its own currency.

    ``fx_rate`` is what 1 of that is in the reporting currency, ``debt`` what is issued, in the latter.
    """

    scenario: int
    fx_rate: float
    debt: float
    deal: dict[str, Any]
    classes: list[dict[str, Any]]


def stressed(row: int, done: Base, asked: Sequence[DefaultAsked], fx_rate: float) -> list[Stressed]:
    """Run the defaults of the deal's obligors, all in one run of its facilities."""
    tenants: dict[str, list[str]] = {}
    for tenant in done.priced.deal.tenants:
        tenants.setdefault(obligor_of(tenant), []).append(tenant.id)
    own = [one for one in asked if one.obligor in tenants]
    months = [_month(done, one) for one in own]
    points = [
        {"tenant_defaults": [TenantDefault(tenant=name, month=month) for name in tenants[one.obligor]]}
        for one, month in zip(own, months, strict=True)
    ]
    base, dates = base_run(done), payment_dates(done)
    return [
        _stressed(row, done, one, month, base, run_figures(at.paid.run, dates), fx_rate)
        for one, month, at in zip(own, months, held(done, points, resize=False, waterfall=True), strict=True)
        if at.paid is not None
    ]


def _month(done: Base, asked: DefaultAsked) -> int:
    if asked.day is None:
        return asked.month or 0
    return max(0, done.priced.timeline.index(asked.day))


def _stressed(
    row: int, done: Base, asked: DefaultAsked, month: int, base: RunFigures, run: RunFigures, fx_rate: float
) -> Stressed:
    issued = done.paid.capital.classes if done.paid is not None else []
    return Stressed(
        scenario=asked.scenario,
        fx_rate=fx_rate,
        debt=fsum(note.principal for note in issued) * fx_rate,
        deal={
            "scenario": asked.scenario,
            "row": row,
            "name": asked.name,
            "obligor": asked.obligor,
            "month": month,
            "base_least_dscr": base.least_dscr,
            "base_principal_loss": base.principal_loss,
            "least_dscr": run.least_dscr,
            "first_trap": run.first_trap,
            "first_amortise": run.first_amortise,
            "first_pik": run.first_pik,
            "first_trigger": run.first_trigger,
            "first_missed": run.first_missed,
            "ard_refinanced": run.ard_refinanced,
            "principal_loss": run.principal_loss,
        },
        classes=[
            {
                "scenario": asked.scenario,
                "row": row,
                "class": k,
                "name": note.name,
                "supports": note.supports,
                "principal_loss": run.losses[k],
                "base_principal_loss": base.losses[k],
                "interest_unpaid": run.unpaid[k],
            }
            for k, note in enumerate(issued)
        ],
    )
