"""Sensitivities: the deal at other values of its cases' adjustments."""

# Design: a point is the deal with one or two adjustments set in every case it names. All points of a call are
# cases of one run, the kernels' scenario axis; debt and waterfall then read each point's own incomes. Where
# the classes are held a haircut of net cash flow is the one of their break-evens, so that a grid, a tornado
# and a break-even of it are one curve.

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from msgspec import UNSET

from rackrate import __version__
from rackrate.deal.answers.figures import BreakEvenTarget, RulesetStamp
from rackrate.deal.errors import CannotFinance, Invalid, at_pointer
from rackrate.deal.requests.sensitivity import (
    LOSS,
    Grid,
    GridFigures,
    Point,
    Sensitivities,
    SensitivityRequest,
    SolvedBreakEven,
    SoughtBreakEven,
    Swing,
    SwingPoint,
    Swung,
)
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.debt.case_flows import hold, size_loan
from rackrate.engine.debt.coverage import dscr
from rackrate.engine.debt.debt_service import Measure
from rackrate.engine.debt.sizing import Sized
from rackrate.engine.facility.collateral import Collateral, reprice, run_cases
from rackrate.engine.structure.break_even import Excess, Failure, break_evens, excess, first_failures, targets
from rackrate.engine.structure.payment import Paid, pay
from rackrate.engine.structure.payment import hold as hold_classes
from rackrate.engine.timeline import Floats

TOGETHER = 32  # points in one run of the facilities: bounds what is held at once
WHOLE = {"downtime_add_months"}  # adjustments that are whole months
RANGES: dict[
    str, tuple[float, float]
] = {  # where a break-even is sought: from neutral to past any real stress
    "rent_haircut": (0.0, 1.0),
    "market_rent_haircut": (0.0, 1.0),
    "ncf_haircut": (0.0, 1.0),
    "vacancy_floor": (0.0, 1.0),
    "renewal_factor": (1.0, 0.0),
    "downtime_add_months": (0.0, 100.0),
    "pd_multiplier": (1.0, 101.0),
    "power_price_factor": (1.0, 11.0),
    "power_price_add": (0.0, 1000.0),
    "utilisation_factor": (1.0, 0.0),
    "pue_add": (0.0, 1.0),
    "opex_factor": (1.0, 11.0),
    "management_fee_floor": (0.0, 1.0),
    "capex_reserve_floor": (0.0, 1000.0),
    "rate_add": (0.0, 0.5),
    "cap_rate": (0.01, 1.01),
    "discount_rate": (0.01, 1.01),
}


@dataclass(frozen=True)
class Base:
    """The deal unadjusted, sized and, where it has a structure, paid."""

    priced: Collateral
    sized: Sized
    paid: Paid | None


@dataclass(frozen=True)
class Held:
    """The deal at a point: its loan, and its classes paid; None where no debt can be sized there."""

    sized: Sized | None
    paid: Paid | None


@at_pointer("/deal")
def sensitivities(request: SensitivityRequest, ruleset: Ruleset, *, id: str) -> Sensitivities:
    """Answer every tornado, grid and break-even of a request.

    Raises
    ------
    CannotFinance
        If a test allows no debt in the deal unadjusted, naming the test.
    """
    priced = run_cases(request.deal, ruleset)
    sized = size_loan(priced)
    structure = request.deal.structure
    base = Base(priced, sized, None if structure is None else pay(priced, sized, structure))
    return Sensitivities(
        id=id,
        engine=__version__,
        ruleset=RulesetStamp(name=ruleset.name, sha256=ruleset.sha256),
        base=point(sized),
        tornado=_tornado(base, request.tornado, request.resize),
        grids=[_grid(base, grid, request.resize) for grid in request.grids],
        break_evens=[_break_even(base, sought, request.resize) for sought in request.break_evens],
    )


def point(sized: Sized | None) -> Point:
    """Principal, cover and value at a point."""
    return Point(**_figures(sized))


def _figures(sized: Sized | None) -> dict[str, float | None]:
    if sized is None:
        return dict.fromkeys(("principal", "dscr_closing", "dscr_minimum", "ltv"))
    case = sized.loan.case
    cover, worth = dscr(sized, case, Measure("actual"), "ncf"), sized.loan.cases[case].value
    return {
        "principal": sized.principal,
        "dscr_closing": cover["closing"],
        "dscr_minimum": cover["minimum"],
        "ltv": sized.principal / worth if worth else None,
    }


def held(base: Base, points: Sequence[dict[str, float]], resize: bool, waterfall: bool) -> list[Held]:
    """The deal at each point, its loan held or sized anew, its classes paid where asked."""
    return [
        _held(base, priced, resize, waterfall)
        for first in range(0, len(points), TOGETHER)
        for priced in reprice(base.priced, points[first : first + TOGETHER], held=not resize)
    ]


def _held(base: Base, priced: Collateral, resize: bool, waterfall: bool) -> Held:
    if not resize:
        sized = hold(priced, base.sized)
        paid = None if base.paid is None or not waterfall else hold_classes(priced, sized, base.paid)
        return Held(sized, paid)
    try:
        sized = size_loan(priced)
        paid = None if base.paid is None or not waterfall else pay(priced, sized, base.paid.structure)
    except (CannotFinance, Invalid):  # the latter: less than a denomination, or no cash to sculpt a class on
        return Held(None, None)
    return Held(sized, paid)


def _tornado(base: Base, swings: Sequence[Swing], resize: bool) -> list[Swung]:
    points = [
        {swing.adjustment: _whole(swing.adjustment, end)}
        for swing in swings
        for end in (swing.low, swing.high)
    ]
    ends = [_figures(at.sized) for at in held(base, points, resize, waterfall=False)]
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
        {x.adjustment: _whole(x.adjustment, along), y.adjustment: _whole(y.adjustment, down)}
        for down in y.values
        for along in x.values
    ]
    loss = grid.measure.startswith(LOSS)
    figures = [_measured(at, grid.measure) for at in held(base, points, resize, waterfall=loss)]
    wide = len(x.values)
    rows = [figures[first : first + wide] for first in range(0, len(figures), wide)]
    return GridFigures(x=x, y=y, measure=grid.measure, values=rows)


def _measured(at: Held, measure: str) -> float | None:
    if not measure.startswith(LOSS):
        return _figures(at.sized)[measure]
    if at.paid is None:
        return None
    names = [note.name for note in at.paid.structure.classes]
    k = names.index(measure.removeprefix(LOSS))
    return float(at.paid.run.principal_loss[0, k] + at.paid.run.interest_unpaid[0, k, -1])


def _whole(name: str, value: float) -> float:
    """An adjustment's value, a whole number where it counts months.

    >>> _whole("downtime_add_months", 5.6), _whole("rent_haircut", 0.1)
    (6, 0.1)
    """
    return round(value) if name in WHOLE else value


def _break_even(base: Base, sought: SoughtBreakEven, resize: bool) -> SolvedBreakEven:
    """Solve one break-even; a haircut of net cash flow is the uniform one of the classes' own break-evens."""
    start, end = RANGES[sought.adjustment]
    target = BreakEvenTarget(
        dscr_minimum=sought.target.dscr_minimum,
        trigger=sought.target.trigger,
        first_loss=sought.target.first_loss,
    )
    if sought.adjustment == "ncf_haircut" and not resize and base.paid is not None:
        cover = 1.0 if target.dscr_minimum is UNSET else target.dscr_minimum
        solved = dict(break_evens(base.priced, base.sized, base.paid, cover))
        failure = solved.get(target, Failure("never", 1.0))
    else:
        failure = first_failures(_excess(base, sought.adjustment, target, resize))[0]
    value = (
        None if failure.value is None else _whole(sought.adjustment, start + (end - start) * failure.value)
    )
    return SolvedBreakEven(adjustment=sought.adjustment, target=target, value=value, status=failure.status)


def _excess(base: Base, name: str, target: BreakEvenTarget, resize: bool) -> Excess:
    """By how much the target is passed at each share of an adjustment's range, [H, 1]."""
    start, end = RANGES[name]

    def excess_at(shares: Floats) -> Floats:
        points = [{name: _whole(name, start + (end - start) * share)} for share in shares.tolist()]
        found = held(base, points, resize, waterfall=target.dscr_minimum is UNSET)
        return np.array([[_passed(at, target)] for at in found])

    return excess_at


def _passed(at: Held, target: BreakEvenTarget) -> float:
    """By how much a point passes a target; where no debt can be sized every target is passed."""
    if at.sized is None:
        return math.inf
    if target.dscr_minimum is not UNSET:
        cover = _figures(at.sized)["dscr_minimum"]
        return -math.inf if cover is None else target.dscr_minimum - cover
    sought = [] if at.paid is None else targets(at.paid.structure)
    if at.paid is None or target not in sought:
        return -math.inf
    return float(excess(at.paid.run.outcome, at.paid)[0, sought.index(target)])
