"""A default, from its month to the sale of the property."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel import records
from rackrate.kernel.reference.loans import lines as row

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def run_default(
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
            lines[row.ACCRUED, j] += mass * beta * (rate[j] - fee) * accrual[j]
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
        lines[row.APPRAISAL_REDUCTION, j] += mass * reduction
        lines[row.SPECIAL_SERVICING, j] += mass * beta * float(terms["special_servicing"]) / 12.0
        paid = 0.0
        if kind != records.NO_ADVANCES and not stopped:
            paid = interest * (1.0 - reduction / beta) if beta > 0.0 else 0.0
            if stated_loss:
                expected = (1.0 - float(terms["severity"])) * owed
            else:
                expected = share * sale_value[j] * (1.0 - float(terms["costs"]))
            if advanced + interest_on + paid + repaid > float(terms["stop_share"]) * expected:
                stopped, paid = True, 0.0
                outcome[row.STOPPED] = 1.0
        if kind == records.NO_ADVANCES or stopped:
            repaid = 0.0
        advanced += paid + repaid
        beta -= repaid
        unpaid += interest - paid
        lines[row.INTEREST_ADVANCED, j] += mass * paid
        lines[row.PRINCIPAL_ADVANCED, j] += mass * repaid
        if paid + repaid != 0.0:
            outcome[row.LAST_MONTH] = max(outcome[row.LAST_MONTH], j)
        if j < last:
            lines[row.ADVANCES_OUTSTANDING, j] += mass * advanced
            stated[j + 1] += mass * beta
            in_default[j + 1] += mass * beta
    if last >= months:
        outcome[row.UNRESOLVED] += mass
        return
    if stated_loss:
        loss = float(terms["severity"]) * owed
        back, interest_back = beta - loss, 0.0
    else:
        proceeds = share * sale_value[last + 1] * (1.0 - float(terms["costs"]))
        net = min(proceeds, beta + advanced + interest_on + unpaid) - advanced - interest_on
        back = min(beta, net)
        loss, interest_back = beta - back, max(0.0, net - beta)
    lines[row.REIMBURSED, last] += mass * advanced
    lines[row.ADVANCE_INTEREST, last] += mass * interest_on
    lines[row.PRINCIPAL_RECOVERED, last] += mass * back
    lines[row.INTEREST_RECOVERED, last] += mass * interest_back
    lines[row.REALISED_LOSS, last] += mass * loss
    outcome[row.LOSS] += mass * loss
    outcome[row.LAST_MONTH] = max(outcome[row.LAST_MONTH], last)
    if back < 0.0:
        outcome[row.NEGATIVE] = 1.0
