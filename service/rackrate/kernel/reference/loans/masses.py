"""What is left of a loan: the shares that perform, default and prepay in each month, and what they bring."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel import records
from rackrate.kernel.reference.loans import lines as row
from rackrate.kernel.reference.loans.recovery import run_default

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def _pd(dscr: float, ltv: float, dscr_below: Floats, ltv_up_to: Floats, hazard: Floats) -> float:
    row = next((r for r, bound in enumerate(dscr_below) if dscr < bound), len(dscr_below))
    column = next((c for c, bound in enumerate(ltv_up_to) if ltv <= bound), len(ltv_up_to))
    return float(hazard[row, column])


def _monthly(yearly: float) -> float:
    """Share of a month of a yearly probability."""
    return 1.0 - (1.0 - yearly) ** (1.0 / 12.0) if yearly < 1.0 else 1.0


def run_loan(
    loan: Any, terms: Any, x: int, rate: Floats, accrual: Floats, value: Floats, sale_value: Floats,
    days: Floats, advance_rate: Floats, cdr: Floats, cpr: Floats, scripted: int, closing_cover: float,
    dscr_below: Floats, ltv_up_to: Floats, hazard: Floats, protection: Integers, balance: Floats,
    principal: Floats, cover: Floats, premium: Floats, ends: Integers, lines: Floats, outcome: Floats,
) -> None:  # fmt: skip
    """Run one loan of `pool_collateral` in one scenario."""
    months, share, fee = lines.shape[1], float(loan["share"]), float(loan["fee_rate"])
    stated = np.zeros(months + 1)
    in_default = np.zeros(months + 1)
    mass, below = 1.0, 0
    arrears = bool(loan["in_arrears"]) and bool(terms["arrears_default"])
    outcome[row.LAST_MONTH] = -1.0
    stated[0] = balance[0]
    for i in range(months):
        owed = balance[i]
        if mass <= 0.0:
            break
        lines[row.ACCRUED, i] += mass * owed * (rate[i] - fee) * accrual[i]
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
                ltv = float(owed) / share / float(value[i]) if value[i] > 0.0 else np.inf
                yearly += float(terms["hazard"]) * _pd(dscr, ltv, dscr_below, ltv_up_to, hazard)
            defaulted = mass * _monthly(min(1.0, float(terms["cdr_multiple"]) * yearly))
        if defaulted > 0.0:
            outcome[row.DEFAULTED_MASS] += defaulted
            if i >= loan["term"] and not whole:
                outcome[row.EXTENDED] += defaulted
            run_default(loan, terms, i, defaulted, arrears and i == 0, owed, rate, accrual, sale_value, days,
                     advance_rate, principal, lines, stated, in_default, outcome)  # fmt: skip
        alive = mass - defaulted
        if alive <= 0.0:
            mass = 0.0
            break
        lines[row.INTEREST_LINE, i] += alive * owed * rate[i] * accrual[i]
        lines[row.STRIP, i] += alive * owed * fee * accrual[i]
        lines[row.SCHEDULED, i] += alive * principal[i]
        outcome[row.LAST_MONTH] = max(outcome[row.LAST_MONTH], i)
        left = balance[i + 1]
        if i >= loan["term"]:
            outcome[row.EXTENDED] = 1.0
        if i == ends[0] or left <= 1e-6:
            lines[row.BALLOON, i] += alive * left
            outcome[row.REPAID_MASS] += alive
            mass = 0.0
            break
        gone = 0.0
        if protection[i] != records.CLOSED:
            gone = alive * _monthly(float(cpr[protection[i], i]))
            lines[row.PREPAID, i] += gone * left
            lines[row.PREMIUMS, i] += gone * left * premium[i]
            lines[row.PREMIUM_RATE, i] += gone * left * premium[i] * rate[i]
            outcome[row.PREPAID_MASS] += gone
        mass = alive - gone
        stated[i + 1] += mass * left
    outcome[row.LEFT] = mass
    lines[row.BALANCE] += stated[1:]
    lines[row.DEFAULTED] += in_default[1:]
    lines[row.SQUARES] += stated[:-1] ** 2
