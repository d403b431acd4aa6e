"""Points of a sensitivity: the deal sized and paid at other adjustments of its cases or test limits."""

# Design: a point is the deal with adjustments set in every case it names, or with limits moved. All points of
# a call are cases of one run, the kernels' scenario axis; debt and waterfall read each point's own incomes.

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields

from msgspec.structs import replace

from rackrate.deal.errors import Refusal
from rackrate.deal.requests.sensitivity import Point
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing_tests import with_limits
from rackrate.engine.debt.case_flows import hold, size_loan
from rackrate.engine.debt.coverage import dscr
from rackrate.engine.debt.debt_service import Measure
from rackrate.engine.debt.sizing import Sized
from rackrate.engine.facility.cases import NEUTRAL
from rackrate.engine.facility.collateral import Adjustments, Collateral, reprice, run_cases
from rackrate.engine.structure.payment import Paid, pay
from rackrate.engine.structure.payment import hold as hold_classes

TOGETHER = 32  # points in one run of the facilities: bounds what is held at once
WHOLE = {"downtime_add_months"}  # adjustments that are whole months


@dataclass(frozen=True)
class Base:
    """The deal without adjustment: sized and, where it has a structure, paid."""

    priced: Collateral
    sized: Sized
    paid: Paid | None


def base_of(deal: Deal, ruleset: Ruleset) -> Base:
    """The deal priced, sized and, where it has a structure, paid."""
    priced = run_cases(deal, ruleset)
    sized = size_loan(priced)
    return Base(priced, sized, None if deal.structure is None else pay(priced, sized, deal.structure))


@dataclass(frozen=True)
class Held:
    """The deal at a point: its loan, and its classes paid; None where no debt can be sized there."""

    sized: Sized | None
    paid: Paid | None


def point(sized: Sized | None) -> Point:
    """Principal, DSCR and LTV at a point."""
    return Point(**measured(sized))


def measured(sized: Sized | None) -> dict[str, float | None]:
    """The figures of a point by name."""
    if sized is None:
        return dict.fromkeys(("principal", "dscr_closing", "dscr_minimum", "ltv"))
    case = sized.loan.case
    cover, value = dscr(sized, case, Measure("actual"), "ncf"), sized.loan.cases[case].value
    return {
        "principal": sized.principal,
        "dscr_closing": cover["closing"],
        "dscr_minimum": cover["minimum"],
        "ltv": sized.principal / value if value else None,
    }


def held(base: Base, points: Sequence[Adjustments], resize: bool, waterfall: bool) -> list[Held]:
    """The deal at each point, its loan held or resized, its classes paid where asked."""
    moved = [{name: value for name, value in point.items() if name in NEUTRAL} for point in points]
    priced = (
        at
        for first in range(0, len(points), TOGETHER)
        for at in reprice(base.priced, moved[first : first + TOGETHER], held=not resize)
    )
    return [
        _held(base, replace_fields(at, deal=_limited(at.deal, point)), resize, waterfall)
        for at, point in zip(priced, points, strict=True)
    ]


def _limited(deal: Deal, point: Adjustments) -> Deal:
    """The deal with the limits that a point sets."""
    return replace(deal, sizing=replace(deal.sizing, tests=with_limits(deal.sizing.tests, point)))


def _held(base: Base, priced: Collateral, resize: bool, waterfall: bool) -> Held:
    if not resize:
        sized = hold(priced, base.sized)
        paid = None if base.paid is None or not waterfall else hold_classes(priced, sized, base.paid)
        return Held(sized, paid)
    try:
        sized = size_loan(priced)
        paid = None if base.paid is None or not waterfall else pay(priced, sized, base.paid.structure)
    except Refusal:  # the deal unadjusted was not: no debt, none limited, less than a denomination, no cash
        return Held(None, None)
    return Held(sized, paid)


def whole(name: str, value: float) -> float:
    """An adjustment's value, a whole number where it counts months.

    >>> whole("downtime_add_months", 5.6), whole("rent_haircut", 0.1)
    (6, 0.1)
    """
    return round(value) if name in WHOLE else value
