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
