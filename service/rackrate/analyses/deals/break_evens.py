"""Break-evens of a deal: the value of an adjustment or a limit at which a target is reached."""

# Design: several tests may stand just above the loan, so that no limit alone makes it larger. Of a principal
# a limit is therefore solved for its own test, one leg of it: what it must be for that test to allow so much.

import math
from dataclasses import replace

import numpy as np
from msgspec import UNSET, structs

from rackrate.analyses.deals.points import Base, Held, held, measured, whole
from rackrate.deal.answers.figures import BreakEvenTarget
from rackrate.deal.requests.sensitivity import TARGETS, SolvedBreakEven, SoughtBreakEven
from rackrate.deal.sizing_tests import limits_of
from rackrate.engine.facility.cases import adjustment
from rackrate.engine.facility.collateral import Collateral
from rackrate.engine.structure.break_even import break_evens, excess, targets
from rackrate.engine.structure.first_failure import Excess, Failure, first_failures
from rackrate.engine.timeline import Floats

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
RELIEFS = {  # the other way, where a loan grows; elsewhere as far as neutral
    "rent_haircut": -1.0,
    "market_rent_haircut": -1.0,
    "ncf_haircut": -1.0,
    "renewal_factor": 11.0,
    "pd_multiplier": 0.0,
    "power_price_factor": 0.0,
    "power_price_add": -1000.0,
    "utilisation_factor": 2.0,
    "pue_add": -0.5,
    "opex_factor": 0.0,
    "rate_add": -0.5,
}
VALUATION_RATES = ("cap_rate", "discount_rate")  # neutral is none of its own: sought from end to end
LEAST, MOST = 0.1, 10.0  # of a limit, as a multiple of itself


def break_even(base: Base, sought: SoughtBreakEven, resize: bool) -> SolvedBreakEven:
    """Solve one break-even; a haircut of net cash flow is the uniform one of the classes' own break-evens."""
    start, end = _range(base, sought)
    target = BreakEvenTarget(**{name: getattr(sought.target, name) for name in TARGETS})
    if sought.adjustment == "ncf_haircut" and not resize and base.paid is not None:
        cover = 1.0 if target.dscr_minimum is UNSET else target.dscr_minimum
        solved = dict(break_evens(base.priced, base.sized, base.paid, cover))
        failure = solved.get(target, Failure("never", 1.0))
    else:
        failure = first_failures(_excess(base, sought, (start, end), target, resize))[0]
    value = None if failure.value is None else whole(sought.adjustment, start + (end - start) * failure.value)
    return SolvedBreakEven(
        adjustment=sought.adjustment,
        target=target,
        value=value,
        status=failure.status,
        held_by=_holding(base, sought, end) if failure.status == "never" else None,
    )


def _holding(base: Base, sought: SoughtBreakEven, end: float) -> str | None:
    """The binding test where an adjustment is at its end and the loan is no larger."""
    multiple = sought.target.principal
    if multiple is UNSET or multiple < 1.0 or sought.adjustment not in RANGES:
        return None
    at = held(base, [{sought.adjustment: end}], resize=True, waterfall=False)[0]
    return None if at.sized is None else at.sized.name(at.sized.binding)


def _range(base: Base, sought: SoughtBreakEven) -> tuple[float, float]:
    """Range in which a break-even is sought: from neutral to stress, or of a loan from the deal's own."""
    name, multiple = sought.adjustment, sought.target.principal
    grows = multiple is not UNSET and multiple > 1.0
    tests = base.priced.deal.sizing.tests
    if name not in RANGES:
        i, field = limits_of(tests)[name]
        own = getattr(tests[i], field)
        loosens = base.sized.allowances[i].rising if field == "limit" else field != "dscr"
        return own, own * (MOST if loosens == (multiple is UNSET or grows) else LEAST)
    neutral, stress = RANGES[name]
    if multiple is UNSET:
        return neutral, stress
    relief = RELIEFS.get(name, neutral)
    own = adjustment(base.priced.cases[base.priced.deal.sizing.case], name)
    if name in VALUATION_RATES and not own:
        own = stress if grows else relief
    return own, relief if grows else stress


def _excess(
    base: Base, sought: SoughtBreakEven, within: tuple[float, float], target: BreakEvenTarget, resize: bool
) -> Excess:
    """By how much the target is passed at each share of the range from one value to another, [H, 1]."""
    name, (start, end) = sought.adjustment, within
    multiple = target.principal
    paid = target.trigger is not UNSET or target.first_loss is not UNSET
    tried = base if multiple is UNSET else replace(base, priced=_alone(base.priced, name))

    def passed(at: Held) -> float:
        if multiple is UNSET:
            return _passed(at, target)
        more = _allowed(base, at, name) - multiple * base.sized.principal
        return more if multiple > 1.0 else -more

    def excess_at(shares: Floats) -> Floats:
        points = [{name: whole(name, start + (end - start) * share)} for share in shares.tolist()]
        return np.array([[passed(at)] for at in held(tried, points, resize, waterfall=paid)])

    return excess_at


def _alone(priced: Collateral, name: str) -> Collateral:
    """The deal with only the leg of a test whose limit is sought."""
    limits, sizing = limits_of(priced.deal.sizing.tests), priced.deal.sizing
    if name not in limits:
        return priced
    i, field = limits[name]
    other = {leg: None for k, leg in limits.values() if k == i and leg != field}
    tests = [*sizing.tests[:i], structs.replace(sizing.tests[i], **other), *sizing.tests[i + 1 :]]
    return replace(priced, deal=structs.replace(priced.deal, sizing=structs.replace(sizing, tests=tests)))


def _allowed(base: Base, at: Held, name: str) -> float:
    """Principal at a point: what the test of a limit allows, else the loan's; zero where none is sized."""
    limits = limits_of(base.priced.deal.sizing.tests)
    if at.sized is None:
        return 0.0
    return at.sized.allowances[limits[name][0]].largest if name in limits else at.sized.principal


def _passed(at: Held, target: BreakEvenTarget) -> float:
    """By how much a point passes a cover, trigger or loss; where no debt can be sized all are passed."""
    if at.sized is None:
        return math.inf
    if target.dscr_minimum is not UNSET:
        cover = measured(at.sized)["dscr_minimum"]
        return -math.inf if cover is None else target.dscr_minimum - cover
    sought = [] if at.paid is None else targets(at.paid.structure)
    if at.paid is None or target not in sought:
        return -math.inf
    return float(excess(at.paid.run.outcome, at.paid)[0, sought.index(target)])
