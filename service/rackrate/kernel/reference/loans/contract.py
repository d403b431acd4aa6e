"""A loan without default: principal, refinancing, extension, and the premium on what is prepaid."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel import records
from rackrate.kernel.reference.sizing import level_payment

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

DUST = 1e-6
COVERED = np.inf  # cover where no service is due


def _scheduled(loan: Any, i: int, payment: float, owed: float, interest: float, target: float) -> float:
    """Principal the contract asks for in a month."""
    if i < loan["interest_only"] or loan["amortisation"] == records.INTEREST_ONLY:
        return 0.0
    if loan["amortisation"] == records.WRITTEN_BALANCE:
        return float(max(0.0, owed - target))
    return float(min(owed, max(0.0, payment - interest)))


def run_path(
    loan: Any, terms: Any, rate: Floats, accrual: Floats, ncf: Floats, supported: Floats, target: Floats,
    balance: Floats, principal: Floats, cover: Floats, ends: Integers,
) -> None:  # fmt: skip
    """Run one loan of `pool_paths`."""
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
        income[i + 2], service[i + 2] = share * float(ncf[i]), float(interest + asked)
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


def run_premiums(
    loan: Any, rate: Floats, accrual: Floats, treasury: Floats, protection: Integers, premium_terms: Floats,
    balance: Floats, principal: Floats, premium: Floats,
) -> None:  # fmt: skip
    """Premiums of one loan of `pool_paths`, the present value from each month's end."""
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
