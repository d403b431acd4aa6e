"""A month of a trust: what is due, the priority of payments, write-downs, and what its accounts show."""

import numpy as np

from rackrate.kernel import records
from rackrate.kernel.reference.trust.accounts import DUST, Floats, Trust
from rackrate.kernel.reference.trust.steps import take
from rackrate.kernel.reference.trust.triggers import controlling, is_tripped


def interest_due(trust: Trust, rate: Floats, accrual: Floats, wac: float) -> tuple[Floats, Floats]:
    """Coupon of each class, and the interest due on it: capped by or cut from what the pool earns."""
    coupon, due = np.zeros(len(rate)), np.zeros(len(rate))
    for k, note in enumerate(trust.notes):
        if note["io"]:
            continue
        c = float(rate[k])
        if note["wac_kind"] == records.WAC_CAP:
            c = min(c, wac / accrual[k])
        elif note["wac_kind"] == records.WAC_LESS:
            c = wac / accrual[k] - float(note["wac_less"])
        coupon[k] = max(0.0, c)
        earned = coupon[k] * accrual[k]
        due[k] = trust.owed[k] * earned + trust.unpaid[k] + trust.unpaid[k] * earned
    for k, note in enumerate(trust.notes):
        if note["io"]:
            strip = notional = 0.0
            for j in np.flatnonzero(trust.strips[k]):
                strip += trust.owed[j] * max(0.0, wac - coupon[j] * accrual[j])
                notional += trust.owed[j]
            coupon[k] = strip / notional * 12.0 if notional > 0.0 else 0.0
            due[k] = strip + trust.unpaid[k]
    return coupon, due


def write_down(trust: Trust, after: float) -> Floats:
    """Principal written off each class, last rank first, where more is owed than the pool has."""
    written = np.zeros(len(trust.owed))
    excess = float(trust.owed.sum()) - after
    if excess <= DUST:
        return written
    for rank in range(int(trust.notes["rank"].max()), 0, -1):
        at = [k for k in range(len(trust.owed)) if trust.notes[k]["rank"] == rank]
        total = float(sum(trust.owed[k] for k in at))
        taken = min(excess, total)
        for k in at:
            if total > 0.0:
                written[k] = trust.owed[k] if taken >= total else taken * (trust.owed[k] / total)
        excess -= taken
    trust.owed -= written
    trust.lost += written
    return written


def run_month(
    trust: Trust, rate: Floats, accrual: Floats, funds: Floats, stated: float, after: float, first: float,
    treasury: float, ends: bool,
) -> None:  # fmt: skip
    """Pay a month: its books are opened, triggers read, steps taken, losses written down, accounts shown."""
    interest_funds, principal_funds, premiums, premium_rate, accrued, defaulted, loss, squares, cut = funds
    fee = (float(trust.terms["fee_annual"]) + float(trust.terms["fee_rate"]) * stated) / 12.0
    wac = max(0.0, (accrued - fee) / stated) if stated > 0.0 else 0.0
    owes = bool((trust.owed > 0.0).any() or (trust.unpaid > 0.0).any())
    tripped = is_tripped(trust, stated, first, defaulted, squares, owes)
    control = controlling(trust, cut) if owes else -1
    trust.coupon, trust.due = interest_due(trust, rate, accrual, wac)
    trust.opening = trust.owed.copy()
    freed = trust.reserve if ends or not owes else max(0.0, trust.reserve - trust.target)
    trust.reserve -= freed
    trust.target = (
        0.0 if ends else max(float(trust.terms["reserve_floor"]), float(trust.terms["reserve_share"]) * after)
    )
    cash = interest_funds + principal_funds + freed - trust.deficit
    trust.deficit, trust.cash = max(0.0, -cash), max(0.0, cash)
    trust.fees_unpaid = trust.fees_unpaid + fee if stated > 0.0 else 0.0
    trust.paid, trust.repaid, trust.premium, trust.reimbursed, written = (
        np.zeros(len(trust.owed)) for _ in range(5)
    )
    trust.fees = trust.residual = 0.0
    trust.premiums, trust.premiums_rest = premiums, 0.0
    trust.principal_due = float(trust.owed.sum()) if ends else max(0.0, principal_funds)
    trust.yields = treasury, premium_rate / premiums if premiums > 0.0 else 0.0
    for step in trust.steps:
        if step["when"] == records.POOL_ALWAYS or (step["when"] == records.WHEN_TRIPPED) == tripped:
            take(trust, step, after, ends)
    trust.premiums_rest += trust.premiums
    if trust.terms["write_down"] and not ends:
        written = write_down(trust, after)
    trust.loss += loss
    trust.owed[trust.owed < DUST] = 0.0
    trust.unpaid = trust.due - trust.paid
    trust.unpaid[trust.unpaid < DUST] = 0.0
    trust.series[:] = (
        interest_funds + principal_funds, trust.fees, trust.reserve, trust.residual, trust.premiums_rest,
        trust.deficit, tripped, control,
    )  # fmt: skip
    stands = np.where(trust.notes["io"] == 1, trust.strips @ trust.owed, trust.owed)
    trust.classes[:] = (
        trust.coupon, trust.due, trust.paid, trust.unpaid, trust.repaid, trust.premium, trust.reimbursed,
        written, stands,
    )  # fmt: skip
