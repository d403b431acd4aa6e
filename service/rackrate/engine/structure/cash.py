"""Structure: a sized deal's classes and cash as the waterfall reads them, under any number of haircuts."""

# Design: all the waterfall reads is linear in a uniform haircut of positive net cash flow, so a run under a
# hundred haircuts is one scenario axis. Periods of the waterfall are sums of the model's months.

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rackrate.deal.cases import Case
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing_tests import Refinance
from rackrate.deal.structure import Structure
from rackrate.engine.debt.refinance import refinance_tests, take_out_constant
from rackrate.engine.debt.terms import total
from rackrate.engine.facility.cases import adjustment
from rackrate.engine.facility.valuation import ValuationBasis, ValuedFacilities, exit_worths, worths
from rackrate.engine.structure.waterfall import HaircutLine, by_period
from rackrate.engine.timeline import Floats

YEAR = 12


@dataclass(frozen=True)
class CaseCash:
    """One case as the waterfall stands on it: months [N] of cash, and what its facilities are worth."""

    case: Case
    ncf: Floats
    available: Floats
    estate: ValuedFacilities
    lens: ValuationBasis


def haircut_line(deal: Deal, structure: Structure, ruleset: Ruleset, stand: CaseCash) -> HaircutLine:
    """Cash of a case, and what a haircut takes of it."""
    step, final = structure.period_months, structure.legal_final_months
    tests = refinance_tests(deal.sizing.tests, ruleset)
    months = np.array([flow[:final] for flow in (stand.available, stand.ncf, stand.estate.positive)])
    return HaircutLine(
        cash=by_period(months, step),
        takeout=takeouts(tests, stand, ard_month(deal, structure)),
        sale=sales(structure, tests, ruleset, stand),
        value=watched_values(structure, stand),
    )


def takeouts(tests: Sequence[Refinance], stand: CaseCash, month: int) -> Floats:
    """Debt that each refinance leg supports in a month, its positive part, its least, [3, legs]."""
    year = slice(month, month + YEAR)
    both = np.array([total(stand.ncf[year]), total(stand.estate.positive[year])])
    add = adjustment(stand.case, "rate_add")
    legs = list[list[float]]()
    for test in tests:
        constant = take_out_constant(test, add)
        if test.dscr is not None and constant is not None:
            of_cash = both / (test.dscr * constant)
            legs.append([*of_cash.tolist(), -np.inf])
        if test.ltv is not None and test.cap_rate is not None:
            of_value = test.ltv * exit_worths(stand.estate, test.cap_rate, month, month)[:2, 0]
            legs.append([*of_value.tolist(), 0.0])
    return np.ascontiguousarray(np.array(legs).reshape(-1, 3).T)


def sales(structure: Structure, tests: Sequence[Refinance], ruleset: Ruleset, stand: CaseCash) -> Floats:
    """Values at closing and at legal final, of which a sale brings the lesser, less its costs, [4, 2]."""
    final = structure.legal_final_months
    cap = structure.exit_cap_rate
    if cap is None:
        cap = next((test.cap_rate for test in tests if test.cap_rate is not None), ruleset.refinance.cap_rate)
    costs = ruleset.sale.costs if structure.sale_costs is None else structure.sale_costs
    at_closing = worths(stand.lens, stand.estate, np.zeros(1, dtype=np.int64))
    at_final = exit_worths(stand.estate, cap, final, final - YEAR)
    return np.concatenate([at_closing, at_final], axis=1) * (1.0 - costs)


def watched_values(structure: Structure, stand: CaseCash) -> Floats:
    """What each period's LTV triggers look at is worth, [4, P]: the last period's; [4, 0] without triggers.

    The first period has no last period: nothing is tested, as against an infinite value.
    """
    if all(note.ltv_trigger is None for note in structure.classes):
        return np.empty((4, 0))
    starts = np.arange(0, structure.legal_final_months - structure.period_months, structure.period_months)
    untested = [[np.inf], [0.0], [0.0], [0.0]]
    return np.concatenate([untested, worths(stand.lens, stand.estate, starts)], axis=1)


def ard_month(deal: Deal, structure: Structure) -> int:
    """Month of the anticipated repayment date; the debt's maturity if the structure names none."""
    return deal.debt.term_months if structure.ard_months is None else structure.ard_months
