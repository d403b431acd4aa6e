"""Loans of a pool: paths without default, then defaults, recoveries, advances, prepayments by mass.

Axes: L loan, M month (of the run), 12 months more where the next year is read; last axis contiguous. Every
output is filled in place. A month's flows fall at its end.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel.reference.loans.contract import run_path, run_premiums
from rackrate.kernel.reference.loans.masses import run_loan

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rows = np.ndarray[Any, np.dtype[np.void]]


def pool_paths(
    loans: Rows,
    terms: Rows,
    rate: Floats,
    accrual: Floats,
    ncf: Floats,
    supported: Floats,
    target: Floats,
    treasury: Floats,
    protection: Integers,
    premium_terms: Floats,
    balance: Floats,
    principal: Floats,
    cover: Floats,
    premium: Floats,
    ends: Integers,
) -> None:
    """Run every loan to its repayment, or to the month in which it cannot be refinanced.

    Parameters
    ----------
    loans : rows [L] of ``records.POOL_LOAN``
    terms : rows [1] of ``records.POOL_TERMS``
    rate, accrual : float64[L, M]
        Annual rate and year fraction of each month.
    ncf : float64[L, M or more]
        Net cash flow of the whole property.
    supported : float64[L, M + 1]
        Whole loan that could be refinanced at each boundary.
    target : float64[L, M]
        Balance written for each payment date.
    treasury : float64[M]
        Government bond yield per year.
    protection : int64[L, M]
        ``records.OPEN``, ``PENALTY``, ``YIELD_MAINTENANCE`` or ``CLOSED``.
    premium_terms : float64[L, 2, M]
        Penalty or floor, and spread.
    balance : float64[L, M + 1]
        OUT. At each boundary before any balloon; 0 after the end.
    principal : float64[L, M]
        OUT. Repaid without the balloon.
    cover : float64[L, M]
        OUT. Debt service cover of three months on scheduled service; inf where none is due.
    premium : float64[L, M]
        OUT. On 1 of principal prepaid.
    ends : int64[L, 2]
        OUT. The month whose end repays the loan, and the month of its maturity default; -1 for none.
    """
    for x in range(len(loans)):
        run_path(
            loans[x], terms[0], rate[x], accrual[x], ncf[x], supported[x], target[x],
            balance[x], principal[x], cover[x], ends[x],
        )  # fmt: skip
        run_premiums(loans[x], rate[x], accrual[x], treasury, protection[x], premium_terms[x],
                  balance[x], principal[x], premium[x])  # fmt: skip


def pool_collateral(
    loans: Rows,
    terms: Rows,
    rate: Floats,
    accrual: Floats,
    value: Floats,
    sale_value: Floats,
    days: Floats,
    advance_rate: Floats,
    cdr: Floats,
    cpr: Floats,
    scripted: Integers,
    closing_cover: Floats,
    dscr_below: Floats,
    ltv_up_to: Floats,
    hazard: Floats,
    protection: Integers,
    balance: Floats,
    principal: Floats,
    cover: Floats,
    premium: Floats,
    ends: Integers,
    lines: Floats,
    outcome: Floats,
) -> None:
    """Run defaults, recoveries, advances and prepayments of every loan, and add up what the pool receives.

    Parameters
    ----------
    terms : rows [S] of ``records.POOL_TERMS``
    value : float64[L, M + 1]
        Of the whole property at each boundary, the less of value and capitalised cash flow.
    sale_value : float64[L, M + 1]
        Its value in a sale, costs apart.
    days, advance_rate, cdr : float64[M]
    cpr : float64[3, M]
        Where open, under a penalty, under yield maintenance.
    scripted : int64[S, L]
        Month of a scripted default; -1 for none.
    closing_cover : float64[L]
        Cover at closing; inf where no service is due.
    dscr_below, ltv_up_to, hazard : float64[R], float64[C], float64[R + 1, C + 1]
        One-year default probabilities.
    balance, principal, cover, premium, ends
        As `paths` left them.
    lines : float64[S, len(records.POOL_LINES), M]
        OUT. Money of each month, and stocks after it.
    outcome : float64[S, L, len(records.POOL_OUTCOME)]
        OUT. Masses, money lost, last month of cash, mass past maturity, mass left.
    """
    lines[:], outcome[:] = 0.0, 0.0
    for s, x in np.ndindex(scripted.shape):
        run_loan(loans[x], terms[s], x, rate[x], accrual[x], value[x], sale_value[x], days, advance_rate, cdr,
              cpr, int(scripted[s, x]), float(closing_cover[x]), dscr_below, ltv_up_to, hazard, protection[x],
              balance[x], principal[x], cover[x], premium[x], ends[x], lines[s], outcome[s, x])  # fmt: skip


def pool_under_haircuts(
    loans: Rows,
    terms: Rows,
    rate: Floats,
    accrual: Floats,
    target: Floats,
    treasury: Floats,
    protection: Integers,
    premium_terms: Floats,
    flows: Floats,
    years: Floats,
    closing: Floats,
    value: Floats,
    special: Integers,
    capitals: Floats,
    dscr_constant: float,
    ltv: float,
    refinance_cap: float,
    recovery_cap: float,
    decline: float,
    days: Floats,
    advance_rate: Floats,
    cdr: Floats,
    cpr: Floats,
    scripted: Integers,
    dscr_below: Floats,
    ltv_up_to: Floats,
    hazard: Floats,
    haircuts: Floats,
    lines: Floats,
    outcome: Floats,
) -> None:
    """Run paths, defaults and prepayments of every loan under uniform haircuts of its property.

    Parameters
    ----------
    flows, years, closing : float64[2, L, M or more], float64[2, L, M + 1], float64[2, L]
        Net cash flow of the whole property by month, of the twelve months from each boundary and at
        closing, and what a haircut is taken of.
    value : float64[L, M + 1]
        Of the whole property; a haircut is taken of all of it.
    special : int64[L]
        Row of `capitals`; -1 where what is capitalised is the year over the rate.
    capitals : float64[X, 2, 3, M + 1]
        In the refinance test and in a recovery: capitalised, what a haircut is taken of, what is kept
        beside, of which it is taken too.
    dscr_constant, ltv, refinance_cap : float
        Of the refinance test: yearly cash flow asked for on 1, and the share of capitalised cash flow; the
        first and the last are 0 where there is no such leg.
    recovery_cap, decline : float
        Rate of the value in a recovery, 0 for none, and what that value loses in a sale.
    haircuts : float64[S]
    lines, outcome
        OUT. As in `pool_collateral`.
    """

    def capitalised(year: Floats, cap: float, leg: int, haircut: float) -> Floats:
        values = np.maximum(year, 0.0) / cap
        for x in np.flatnonzero(special >= 0):
            whole, positive, kept = capitals[special[x], leg]
            values[x] = np.maximum(whole - haircut * positive, 0.0) + (1.0 - haircut) * kept
        return values

    for s, haircut in enumerate(haircuts.tolist()):
        year = years[0] - haircut * years[1]
        supported, worth = np.full(year.shape, np.inf), (1.0 - haircut) * value
        if dscr_constant > 0.0:
            supported = np.maximum(year, 0.0) / dscr_constant
        if refinance_cap > 0.0:
            supported = np.minimum(supported, ltv * capitalised(year, refinance_cap, 0, haircut))
        if recovery_cap > 0.0:
            worth = np.minimum(worth, capitalised(year, recovery_cap, 1, haircut))
        balance, paid = (
            np.empty(year.shape),
            (np.empty(rate.shape), np.empty(rate.shape), np.empty(rate.shape)),
        )
        ends, ncf = np.empty((len(loans), 2), dtype=np.int64), flows[0] - haircut * flows[1]
        pool_paths(
            loans, terms, rate, accrual, ncf, supported, target, treasury, protection, premium_terms,
            balance, *paid, ends,
        )  # fmt: skip
        cover = _first_cover(loans, closing[0] - haircut * closing[1], rate * accrual, balance, paid[0])
        pool_collateral(
            loans, terms, rate, accrual, worth, (1.0 - decline) * worth, days, advance_rate, cdr, cpr,
            scripted[None], cover, dscr_below, ltv_up_to, hazard, protection, balance, *paid, ends,
            lines[s : s + 1], outcome[s : s + 1],
        )  # fmt: skip


def _first_cover(loans: Rows, closing: Floats, rate: Floats, balance: Floats, principal: Floats) -> Floats:
    """Cover by the yearly service of the first contract year; `rate` is of a month [L, M]."""
    covers = np.full(len(loans), np.inf)
    for x, loan in enumerate(loans):
        end = min(12, int(loan["ard"]) if loan["ard"] > 0 else int(loan["term"]))
        service = (balance[x, :-1][:end] * rate[x, :end] + principal[x, :end]).sum() * 12.0 / end
        if service > 0.0:
            covers[x] = float(closing[x] * loan["share"]) / float(service)
    return covers
