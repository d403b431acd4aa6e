"""Cash of a case into the waterfall as a line in a uniform haircut."""

# Design: all the waterfall reads is linear in a uniform haircut of positive net cash flow, so a run under a
# hundred haircuts is one scenario axis. Periods of the waterfall are sums of the model's months.

import math
from dataclasses import dataclass

import numpy as np

from rackrate.deal.cases import Case
from rackrate.deal.structure import Structure
from rackrate.engine.debt.refinance import cover_leg, value_leg
from rackrate.engine.facility.cases import adjustment
from rackrate.engine.facility.valuation import ValuationBasis, ValuedFacilities, exit_value_lines, value_lines
from rackrate.engine.structure.resolve import ResolvedStructure
from rackrate.engine.structure.waterfall import HaircutLine
from rackrate.engine.timeline import Floats, period_sums

YEAR = 12


@dataclass(frozen=True)
class CaseCash:
    """Cash flow and valuation of the case that the waterfall runs in, by month [N]."""

    case: Case
    ncf: Floats
    available: Floats
    valued: ValuedFacilities
    basis: ValuationBasis


def haircut_line(resolved: ResolvedStructure, cash: CaseCash) -> HaircutLine:
    """Cash, take-out, sale and tested value of a case as lines in a uniform haircut."""
    structure = resolved.structure
    step, final = structure.period_months, structure.legal_final_months
    months = np.array([flow[:final] for flow in (cash.available, cash.ncf, cash.valued.positive)])
    return HaircutLine(
        cash=period_sums(months, step),
        takeout=takeouts(resolved, cash),
        sale=sales(resolved, cash),
        value=watched_values(structure, cash),
    )


def takeouts(resolved: ResolvedStructure, cash: CaseCash) -> Floats:
    """Take-out debt that each refinance leg supports at the ARD, as lines in a haircut, [3, legs]."""
    ard = resolved.ard
    year = slice(ard, ard + YEAR)
    both = np.array([math.fsum(cash.ncf[year]), math.fsum(cash.valued.positive[year])])
    add = adjustment(cash.case, "rate_add")
    legs = list[list[float]]()
    for test in resolved.refinance:
        cover, value = cover_leg(test, add), value_leg(test)
        if cover is not None:
            of_cash = both / cover.ncf
            legs.append([*of_cash.tolist(), -np.inf])
        if value is not None:
            of_value = value.ltv * exit_value_lines(cash.valued, value.cap_rate, ard, ard)[:2, 0]
            legs.append([*of_value.tolist(), 0.0])
    return np.ascontiguousarray(np.array(legs).reshape(-1, 3).T)


def sales(resolved: ResolvedStructure, cash: CaseCash) -> Floats:
    """Net sale values at closing and legal final, of which a sale brings the lesser, as lines, [4, 2]."""
    final = resolved.structure.legal_final_months
    at_closing = value_lines(cash.basis, cash.valued, np.zeros(1, dtype=np.int64))
    at_final = exit_value_lines(cash.valued, resolved.exit_cap_rate, final, final - YEAR)
    return np.concatenate([at_closing, at_final], axis=1) * (1.0 - resolved.sale_costs)


def watched_values(structure: Structure, cash: CaseCash) -> Floats:
    """Value that LTV triggers test in each period, the last period's, as lines, [4, P]; [4, 0] without.

    The first period has no last period: nothing is tested, as against an infinite value.
    """
    if all(note.ltv_trigger is None for note in structure.classes):
        return np.empty((4, 0))
    starts = np.arange(0, structure.legal_final_months - structure.period_months, structure.period_months)
    untested = [[np.inf], [0.0], [0.0], [0.0]]
    return np.concatenate([untested, value_lines(cash.basis, cash.valued, starts)], axis=1)
