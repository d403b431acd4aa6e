"""Amortisation schedules per 1 of principal, and sculpted debt capacity."""

# Design: sculpted debt is scheduled in the sizing case; in another the same balances bear that case's rates.

from collections.abc import Mapping, Sequence

import numpy as np

from rackrate import kernel
from rackrate.deal.debt import InterestOnly, Level, Sculpted, TargetBalance
from rackrate.engine.debt.terms import DebtTerms, Flows, Schedule, period_rates
from rackrate.engine.timeline import Floats


def capacity(terms: DebtTerms, flows: Flows, dscr: float, ceilings: Floats | None = None) -> Floats:
    """Sculpted debt capacity at each boundary under each ceiling.

    Parameters
    ----------
    dscr : float
        Cover held in every period.
    ceilings : float64[S, T + 1] or None
        Most that may be outstanding at each boundary, the balloon included; None for no ceiling.

    Returns
    -------
    float64[S, T + 1]
    """
    limits = np.full((1, terms.term + 1), np.inf) if ceilings is None else ceilings
    result = np.empty(limits.shape)
    shape = len(limits), terms.term
    kernel.sculpt(
        np.broadcast_to(flows.ncf[: terms.term], shape).copy(),
        np.broadcast_to(period_rates(terms, flows)[: terms.term], shape).copy(),
        np.ascontiguousarray(limits),
        np.full(shape[0], dscr),
        np.full(shape[0], terms.balloon),
        terms.interest_only,
        result,
    )
    return result


def uncovered(ncf: Floats) -> str:
    """Say which period of the term cannot pay interest, by its net cash flow [T]."""
    short = np.flatnonzero(ncf <= 0.0)
    if not len(short):
        return "nothing can be repaid before maturity"
    k = int(short[0])
    return f"net cash flow of period {k + 1} is {ncf[k]:,.2f}, which pays no interest"


def unit_balances(terms: DebtTerms, rates: Floats, carried: Floats | None = None) -> Floats:
    """Outstanding balance per 1 of principal after each payment.

    Parameters
    ----------
    rates : float64[S, N]
        Annual rates of S cases: level payments are set anew when the rate moves.
    carried : float64[T + 1] or None
        Debt capacity of a sculpt, not zero at closing; for sculpted debt only. Where it is infinite, nothing
        need be repaid.

    Returns
    -------
    float64[S, T + 1]
    """
    balance = np.ones((len(rates), terms.term + 1))
    match terms.amortisation:
        case InterestOnly():
            pass
        case Level(months=months):
            count = months // terms.period_months
            years = terms.period_months / 12.0
            kernel.level_balances(
                np.ascontiguousarray(rates), terms.accrual, years, terms.interest_only, count, balance
            )
        case TargetBalance():
            if terms.target is None:
                raise ValueError("target: a target balance needs its curve at every payment date")
            after = terms.interest_only
            balance[:, after + 1 :] = np.minimum(1.0, np.minimum.accumulate(terms.target[after : terms.term]))
        case Sculpted():
            if carried is None:
                raise ValueError("carried: sculpted debt needs its capacity")
            if carried[0] < np.inf:
                balance[:] = np.minimum.accumulate(carried) / carried[0]
    return balance


def schedules(
    terms: DebtTerms, cases: Sequence[Flows], carried: Floats | None = None
) -> Mapping[str | None, Schedule]:
    """Amortisation schedule per 1 of principal in each case, by the case's name."""
    balances = unit_balances(terms, np.array([flows.rate for flows in cases]), carried)
    return {
        flows.case: Schedule(balance, period_rates(terms, flows)[: terms.term])
        for flows, balance in zip(cases, balances, strict=True)
    }
