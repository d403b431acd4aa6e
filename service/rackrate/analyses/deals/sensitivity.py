"""Sensitivities: tornado, grids, break-evens, tenants out and stresses, over the adjustments of the cases."""

# Design: where the classes are held a haircut of net cash flow is the one of their break-evens, so that a
# grid, a tornado and a break-even of it are one curve.

from collections.abc import Sequence
from typing import Any

from rackrate import __version__
from rackrate.analyses.deals import figures
from rackrate.analyses.deals.break_evens import break_even
from rackrate.analyses.deals.points import Base, Held, base_of, held, measured, point, whole
from rackrate.deal.answers.figures import RulesetStamp
from rackrate.deal.cases import Stress, TenantDefault
from rackrate.deal.errors import at_pointer
from rackrate.deal.requests.sensitivity import (
    LOSS,
    ClassOut,
    Grid,
    GridFigures,
    Sensitivities,
    SensitivityRequest,
    StressOutcome,
    Swing,
    SwingPoint,
    Swung,
    TenantOut,
)
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.facility.collateral import Collateral


@at_pointer("/deal")
def sensitivities(request: SensitivityRequest, ruleset: Ruleset, *, id: str) -> Sensitivities:
    """Answer every tornado, grid, break-even and stress of a request.

    Raises
    ------
    CannotFinance
        If a test allows no debt in the deal unadjusted, naming the test.
    """
    base = base_of(request.deal, ruleset)
    return Sensitivities(
        id=id,
        engine=__version__,
        ruleset=RulesetStamp(name=ruleset.name, sha256=ruleset.sha256),
        base=point(base.sized),
        tornado=_tornado(base, request.tornado, request.resize),
        grids=[_grid(base, grid, request.resize) for grid in request.grids],
        break_evens=[break_even(base, sought, request.resize) for sought in request.break_evens],
        tenants_out=_tenants_out(base, request.resize) if request.tenants_out else [],
        stresses=_stresses(base, request.stresses, request.resize),
    )


def _tornado(base: Base, swings: Sequence[Swing], resize: bool) -> list[Swung]:
    points = [
        {swing.adjustment: whole(swing.adjustment, end)}
        for swing in swings
        for end in (swing.low, swing.high)
    ]
    ends = [measured(at.sized) for at in held(base, points, resize, waterfall=False)]
    return [
        Swung(
            adjustment=swing.adjustment,
            low=SwingPoint(value=swing.low, **ends[2 * k]),
            high=SwingPoint(value=swing.high, **ends[2 * k + 1]),
        )
        for k, swing in enumerate(swings)
    ]


def _grid(base: Base, grid: Grid, resize: bool) -> GridFigures:
    x, y = grid.x, grid.y
    points = [
        {x.adjustment: whole(x.adjustment, along), y.adjustment: whole(y.adjustment, down)}
        for down in y.values
        for along in x.values
    ]
    loss = grid.measure.startswith(LOSS)
    found = [_figure(at, grid.measure) for at in held(base, points, resize, waterfall=loss)]
    wide = len(x.values)
    rows = [found[first : first + wide] for first in range(0, len(found), wide)]
    return GridFigures(x=x, y=y, measure=grid.measure, values=rows)


def _figure(at: Held, measure: str) -> float | None:
    if not measure.startswith(LOSS):
        return measured(at.sized)[measure]
    if at.paid is None:
        return None
    names = [note.name for note in at.paid.structure.classes]
    k = names.index(measure.removeprefix(LOSS))
    return float(at.paid.run.principal_loss[0, k] + at.paid.run.interest_unpaid[0, k, -1])


def _tenants_out(base: Base, resize: bool) -> list[TenantOut]:
    """Default each tenant at closing in turn, in every case, beside the defaults of the case itself."""
    tenants = [tenant.id for tenant in base.priced.deal.tenants]
    points = [{"tenant_defaults": [TenantDefault(tenant=tenant, month=0)]} for tenant in tenants]
    found = held(base, points, resize, waterfall=True)
    return [
        TenantOut(tenant=tenant, **_followed(base.priced, at))
        for tenant, at in zip(tenants, found, strict=True)
    ]


def _stresses(base: Base, stresses: Sequence[Stress], resize: bool) -> list[StressOutcome]:
    points = [{stress.adjustment: whole(stress.adjustment, stress.value)} for stress in stresses]
    found = held(base, points, resize, waterfall=True)
    return [
        StressOutcome(
            name=stress.name,
            adjustment=stress.adjustment,
            value=stress.value,
            **_followed(base.priced, at),
        )
        for stress, at in zip(stresses, found, strict=True)
    ]


def _followed(priced: Collateral, at: Held) -> dict[str, Any]:
    """The fields of a followed point."""
    point_figures = measured(at.sized)
    if at.paid is None:
        return {"triggers": None, "classes": [], **point_figures}
    run = figures.waterfall(at.paid.terms, at.paid.run, priced.paid_case, priced.dates)
    classes = [
        ClassOut(
            name=note.name,
            first_shortfall=note.first_shortfall,
            ltv_trigger=note.ltv_trigger,
            loss=note.principal_loss + note.interest_unpaid[-1],
        )
        for note in run.classes
    ]
    return {"triggers": run.triggers, "classes": classes, **point_figures}
