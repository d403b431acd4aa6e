"""Resolve the structure: coupons, accruals, schedules, dates and house defaults as numbers and arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rackrate.deal.cases import Case
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing_tests import Refinance
from rackrate.deal.structure import Structure
from rackrate.engine.debt.interest_rates import annual_rate
from rackrate.engine.debt.refinance import refinance_tests
from rackrate.engine.debt.resolve import target_balances
from rackrate.engine.facility.cases import adjustment
from rackrate.engine.facility.resolve import CollateralTerms
from rackrate.engine.timeline import Floats, period_sums


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedStructure:
    """A structure in numbers and arrays (axes: K class, N month).

    Attributes
    ----------
    term, ard : int
        Months to the debt's maturity and to the anticipated repayment date.
    refinance : sequence of Refinance
        Tests of the take-out loan at the ARD: the deal's, or the ruleset's.
    exit_cap_rate, sale_costs : float
        Capitalisation rate at legal final; costs of the sale there, share.
    coupons : mapping of float64[K, N]
        Annual coupon in each month, by case.
    contracted : sequence of float, length K
        Coupon at closing, no case's addition in it.
    accruals, period_accruals : float64[K, N], float64[K, P]
        Year fraction of each month, and of each whole period, by the class's day count.
    targets : sequence of float64[P] or None, length K
        Written balance after each payment, at least to legal final and maturity; None without one.
    """

    structure: Structure
    term: int
    ard: int
    refinance: Sequence[Refinance]
    exit_cap_rate: float
    sale_costs: float
    coupons: Mapping[str, Floats]
    contracted: Sequence[float]
    accruals: Floats
    period_accruals: Floats
    targets: Sequence[Floats | None]


def resolve_structure(
    structure: Structure, deal: Deal, ruleset: Ruleset, collateral: CollateralTerms, cases: Mapping[str, Case]
) -> ResolvedStructure:
    """Resolve a structure of a deal over the months of its collateral, its coupons in some cases."""
    notes, base, timeline = structure.classes, collateral.base_rate, collateral.timeline
    adds = {name: adjustment(case, "rate_add") for name, case in cases.items()}
    tests = refinance_tests(deal.sizing.tests, ruleset)
    caps = [cap for cap in (structure.exit_cap_rate, *(test.cap_rate for test in tests)) if cap is not None]
    accruals = np.array([timeline.accrual(note.day_count) for note in notes])
    return ResolvedStructure(
        structure=structure,
        term=deal.debt.term_months,
        ard=deal.debt.term_months if structure.ard_months is None else structure.ard_months,
        refinance=tests,
        exit_cap_rate=[*caps, ruleset.refinance.cap_rate][0],
        sale_costs=ruleset.sale.costs if structure.sale_costs is None else structure.sale_costs,
        coupons={
            name: np.array([annual_rate(note.coupon, base, add) for note in notes])
            for name, add in adds.items()
        },
        contracted=[float(annual_rate(note.coupon, base[:1])[0]) for note in notes],
        accruals=accruals,
        period_accruals=period_sums(accruals, structure.period_months),
        targets=[target_balances(note.schedule, timeline, structure.period_months) for note in notes],
    )
