"""Loans of a pool: paths without default, then defaults, recoveries, advances, prepayments by mass.

Axes: L loan, M month (of the run), 12 months more where the next year is read; last axis contiguous. Every
output is filled in place. A month's flows fall at its end.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel import records
from rackrate.kernel.reference.sizing import level_payment

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rows = np.ndarray[Any, np.dtype[np.void]]

DUST = 1e-6
COVERED = np.inf  # cover where no service is due


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
        _path(
            loans[x], terms[0], rate[x], accrual[x], ncf[x], supported[x], target[x],
            balance[x], principal[x], cover[x], ends[x],
        )  # fmt: skip
        _premiums(loans[x], rate[x], accrual[x], treasury, protection[x], premium_terms[x],
                  balance[x], principal[x], premium[x])  # fmt: skip


def _scheduled(loan: Any, i: int, payment: float, owed: float, interest: float, target: float) -> float:
    """Principal the contract asks for in a month."""
    if i < loan["interest_only"] or loan["amortisation"] == records.INTEREST_ONLY:
        return 0.0
    if loan["amortisation"] == records.WRITTEN_BALANCE:
        return float(max(0.0, owed - target))
    return float(min(owed, max(0.0, payment - interest)))


def _path(
    loan: Any, terms: Any, rate: Floats, accrual: Floats, ncf: Floats, supported: Floats, target: Floats,
    balance: Floats, principal: Floats, cover: Floats, ends: Integers,
) -> None:  # fmt: skip
    months, term, ard = len(rate), int(loan["term"]), int(loan["ard"])
    final = term + int(terms["extension_months"])
    share = float(loan["share"])
    owed, payment = float(loan["balance"]), 0.0
    income, service = [0.0] * (months + 2), [0.0] * (months + 2)
    balance[:], principal[:], cover[:], ends[:] = 0.0, 0.0, COVERED, -1
    balance[0] = owed
    hyper = False
    for i in range(months):
        interest = owed * rate[i] * accrual[i]
        paid = i - int(loan["interest_only"])
        asked = 0.0
        if i < term:
            if loan["amortisation"] == records.LEVEL:
                left = int(loan["amortisation_months"]) - paid
                if paid >= 0 and left >= 1 and (paid == 0 or rate[i] != rate[i - 1]):
                    payment = owed * level_payment(rate[i] / 12.0, left)
                if left < 1:
                    payment = 0.0
            elif loan["amortisation"] == records.FIXED_PAYMENT:
                payment = float(loan["payment"])
            asked = _scheduled(loan, i, payment, owed, interest, target[i])
        income[i + 2], service[i + 2] = share * ncf[i], interest + asked
        due = service[i] + service[i + 1] + service[i + 2]
        cover[i] = (income[i] + income[i + 1] + income[i + 2]) / due if due > 0.0 else COVERED
        spare = max(0.0, share * ncf[i] - interest)
        if i >= term:
            asked = min(owed, float(terms["extension_sweep"]) * spare)
        elif hyper:
            asked = min(owed, max(asked, spare))
        principal[i] = asked
        owed -= asked
        balance[i + 1] = owed
        at = i + 1
        holds = owed <= DUST or not terms["test_maturity"] or owed / share <= supported[at]
        tested = at >= term and ((at - term) % int(terms["retest_months"]) == 0 or at == final)
        if owed <= DUST or ((at == ard or tested) and holds):
            ends[0] = i
            return
        if at == ard:
            hyper = True
        if at == final:
            if at < months:
                ends[1] = at
            return


def _premiums(
    loan: Any, rate: Floats, accrual: Floats, treasury: Floats, protection: Integers, premium_terms: Floats,
    balance: Floats, principal: Floats, premium: Floats,
) -> None:  # fmt: skip
    premium[:] = np.where(protection == records.PENALTY, premium_terms[0], 0.0)
    end = min(len(rate), int(loan["ard"]) if loan["ard"] > 0 else int(loan["term"]))
    for i in range(len(rate)):
        if protection[i] != records.YIELD_MAINTENANCE:
            continue
        over = -1.0
        if i + 1 < end and balance[i + 1] > DUST:
            present_value = 0.0
            for t in range(end - 1, i, -1):
                flow = (
                    balance[t] * rate[t] * accrual[t] + principal[t] + (balance[end] if t == end - 1 else 0.0)
                )
                present_value = (flow + present_value) / (1.0 + (treasury[t] + premium_terms[1, i]) / 12.0)
            over = present_value / balance[i + 1] - 1.0
        premium[i] = max(premium_terms[0, i], over)


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
        _loan(loans[x], terms[s], x, rate[x], accrual[x], value[x], sale_value[x], days, advance_rate, cdr,
              cpr, int(scripted[s, x]), float(closing_cover[x]), dscr_below, ltv_up_to, hazard, protection[x],
              balance[x], principal[x], cover[x], premium[x], ends[x], lines[s], outcome[s, x])  # fmt: skip


(
    INTEREST_LINE,
    STRIP,
    SCHEDULED,
    PREPAID,
    BALLOON,
    PREMIUMS,
    INTEREST_ADVANCED,
    PRINCIPAL_ADVANCED,
    REIMBURSED,
    ADVANCE_INTEREST,
    INTEREST_RECOVERED,
    PRINCIPAL_RECOVERED,
    SPECIAL_SERVICING,
    REALISED_LOSS,
    APPRAISAL_REDUCTION,
    ADVANCES_OUTSTANDING,
    BALANCE,
    DEFAULTED,
    ACCRUED,
    PREMIUM_RATE,
    SQUARES,
) = range(21)
DEFAULTED_MASS, PREPAID_MASS, REPAID_MASS, LOSS, LAST_MONTH, EXTENDED, LEFT, STOPPED, NEGATIVE = range(9)
UNRESOLVED = 9


def _pd(dscr: float, ltv: float, dscr_below: Floats, ltv_up_to: Floats, hazard: Floats) -> float:
    row = next((r for r, bound in enumerate(dscr_below) if dscr < bound), len(dscr_below))
    column = next((c for c, bound in enumerate(ltv_up_to) if ltv <= bound), len(ltv_up_to))
    return float(hazard[row, column])


def _monthly(yearly: float) -> float:
    """Share of a month of a yearly probability."""
    return 1.0 - (1.0 - yearly) ** (1.0 / 12.0) if yearly < 1.0 else 1.0


def _loan(
    loan: Any, terms: Any, x: int, rate: Floats, accrual: Floats, value: Floats, sale_value: Floats,
    days: Floats, advance_rate: Floats, cdr: Floats, cpr: Floats, scripted: int, closing_cover: float,
    dscr_below: Floats, ltv_up_to: Floats, hazard: Floats, protection: Integers, balance: Floats,
    principal: Floats, cover: Floats, premium: Floats, ends: Integers, lines: Floats, outcome: Floats,
) -> None:  # fmt: skip
    months, share, fee = lines.shape[1], float(loan["share"]), float(loan["fee_rate"])
    stated = np.zeros(months + 1)
    in_default = np.zeros(months + 1)
    mass, below = 1.0, 0
    arrears = bool(loan["in_arrears"]) and bool(terms["arrears_default"])
    outcome[LAST_MONTH] = -1.0
    stated[0] = balance[0]
    for i in range(months):
        owed = balance[i]
        if mass <= 0.0:
            break
        lines[ACCRUED, i] += mass * owed * (rate[i] - fee) * accrual[i]
        whole = i == scripted or i == ends[1] or (arrears and i == 0)
        if terms["below_months"] > 0:
            whole = whole or below >= terms["below_months"]
            below = below + 1 if cover[i] < terms["below_dscr"] else 0
        if whole:
            defaulted = mass
        else:
            yearly = float(cdr[i])
            if terms["hazard"] > 0.0:
                dscr = closing_cover if i == 0 else cover[i - 1]
                ltv = owed / share / value[i] if value[i] > 0.0 else np.inf
                yearly += float(terms["hazard"]) * _pd(dscr, ltv, dscr_below, ltv_up_to, hazard)
            defaulted = mass * _monthly(min(1.0, float(terms["cdr_multiple"]) * yearly))
        if defaulted > 0.0:
            outcome[DEFAULTED_MASS] += defaulted
            if i >= loan["term"] and not whole:
                outcome[EXTENDED] += defaulted
            _default(loan, terms, i, defaulted, arrears and i == 0, owed, rate, accrual, sale_value, days,
                     advance_rate, principal, lines, stated, in_default, outcome)  # fmt: skip
        alive = mass - defaulted
        if alive <= 0.0:
            mass = 0.0
            break
        lines[INTEREST_LINE, i] += alive * owed * rate[i] * accrual[i]
        lines[STRIP, i] += alive * owed * fee * accrual[i]
        lines[SCHEDULED, i] += alive * principal[i]
        outcome[LAST_MONTH] = max(outcome[LAST_MONTH], i)
        left = balance[i + 1]
        if i >= loan["term"]:
            outcome[EXTENDED] = 1.0
        if i == ends[0] or left <= 1e-6:
            lines[BALLOON, i] += alive * left
            outcome[REPAID_MASS] += alive
            mass = 0.0
            break
        gone = 0.0
        if protection[i] != records.CLOSED:
            gone = alive * _monthly(float(cpr[protection[i], i]))
            lines[PREPAID, i] += gone * left
            lines[PREMIUMS, i] += gone * left * premium[i]
            lines[PREMIUM_RATE, i] += gone * left * premium[i] * rate[i]
            outcome[PREPAID_MASS] += gone
        mass = alive - gone
        stated[i + 1] += mass * left
    outcome[LEFT] = mass
    lines[BALANCE] += stated[1:]
    lines[DEFAULTED] += in_default[1:]
    lines[SQUARES] += stated[:-1] ** 2


def _default(
    loan: Any, terms: Any, i: int, mass: float, arrears: bool, owed: float, rate: Floats, accrual: Floats,
    sale_value: Floats, days: Floats, advance_rate: Floats, principal: Floats, lines: Floats, stated: Floats,
    in_default: Floats, outcome: Floats,
) -> None:  # fmt: skip
    """What a default of one month brings until the property is sold, times the mass that defaults."""
    months, share, fee = lines.shape[1], float(loan["share"]), float(loan["fee_rate"])
    last = i + int(terms["recovery_months"]) - 1
    contract_end = int(loan["ard"]) if loan["ard"] > 0 else int(loan["term"])
    kind, stated_loss = int(terms["advances"]), bool(terms["severity_stated"])
    beta, unpaid, interest_on = owed, 0.0, 0.0
    advanced = float(loan["advances"]) if arrears else 0.0
    stopped = False
    for j in range(i, min(last + 1, months)):
        if j > i:
            lines[ACCRUED, j] += mass * beta * (rate[j] - fee) * accrual[j]
        interest = beta * (rate[j] - fee) * accrual[j]
        repaid = (
            min(beta, principal[j])
            if kind == records.PRINCIPAL_AND_INTEREST_ADVANCES and j < contract_end
            else 0.0
        )
        interest_on += advanced * advance_rate[j] * (days[j] / 360.0)
        reduction = 0.0
        if j - i >= terms["reduction_months"]:
            claim = beta + advanced + interest_on + unpaid
            reduction = min(max(claim - float(terms["appraisal_share"]) * share * sale_value[j], 0.0), beta)
        lines[APPRAISAL_REDUCTION, j] += mass * reduction
        lines[SPECIAL_SERVICING, j] += mass * beta * float(terms["special_servicing"]) / 12.0
        paid = 0.0
        if kind != records.NO_ADVANCES and not stopped:
            paid = interest * (1.0 - reduction / beta) if beta > 0.0 else 0.0
            if stated_loss:
                expected = (1.0 - float(terms["severity"])) * owed
            else:
                expected = share * sale_value[j] * (1.0 - float(terms["costs"]))
            if advanced + interest_on + paid + repaid > float(terms["stop_share"]) * expected:
                stopped, paid = True, 0.0
                outcome[STOPPED] = 1.0
        if kind == records.NO_ADVANCES or stopped:
            repaid = 0.0
        advanced += paid + repaid
        beta -= repaid
        unpaid += interest - paid
        lines[INTEREST_ADVANCED, j] += mass * paid
        lines[PRINCIPAL_ADVANCED, j] += mass * repaid
        if paid + repaid != 0.0:
            outcome[LAST_MONTH] = max(outcome[LAST_MONTH], j)
        if j < last:
            lines[ADVANCES_OUTSTANDING, j] += mass * advanced
            stated[j + 1] += mass * beta
            in_default[j + 1] += mass * beta
    if last >= months:
        outcome[UNRESOLVED] += mass
        return
    if stated_loss:
        loss = float(terms["severity"]) * owed
        back, interest_back = beta - loss, 0.0
    else:
        proceeds = share * sale_value[last + 1] * (1.0 - float(terms["costs"]))
        net = min(proceeds, beta + advanced + interest_on + unpaid) - advanced - interest_on
        back = min(beta, net)
        loss, interest_back = beta - back, max(0.0, net - beta)
    lines[REIMBURSED, last] += mass * advanced
    lines[ADVANCE_INTEREST, last] += mass * interest_on
    lines[PRINCIPAL_RECOVERED, last] += mass * back
    lines[INTEREST_RECOVERED, last] += mass * interest_back
    lines[REALISED_LOSS, last] += mass * loss
    outcome[LOSS] += mass * loss
    outcome[LAST_MONTH] = max(outcome[LAST_MONTH], last)
    if back < 0.0:
        outcome[NEGATIVE] = 1.0
