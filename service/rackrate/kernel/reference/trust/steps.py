"""The steps of a priority of payments."""

from typing import Any

from rackrate.kernel import records
from rackrate.kernel.reference.trust.accounts import Trust


def pay_interest(trust: Trust, who: list[int], order: int) -> None:
    """Pay classes their interest, in order or by what is due to each."""
    owed = {k: max(0.0, trust.due[k] - trust.paid[k]) for k in who}
    if order == records.SEQUENTIAL:
        for k in who:
            trust.paid[k] += trust.draw(owed[k])
        return
    total = sum(owed.values())
    paid = trust.draw(total)
    for k in who:
        trust.paid[k] += owed[k] if paid >= total else owed[k] * (paid / total)


def pay_principal(trust: Trust, who: list[int], order: int, due: float) -> float:
    """Repay classes in order, or by balance; what it came to."""
    if order == records.TO_CROSSOVER:
        rank = max((trust.notes[k]["rank"] for k in who), default=0)
        later = any(trust.owed[k] > 0.0 for k in range(len(trust.owed)) if trust.notes[k]["rank"] > rank)
        order = records.SEQUENTIAL if later else records.PRO_RATA
    amount, spent = min(due, trust.cash), 0.0
    total = sum(trust.opening[k] for k in who)
    for k in who:
        if order == records.SEQUENTIAL:
            paid = min(amount - spent, trust.owed[k])
        else:
            paid = min(amount * (trust.opening[k] / total), trust.owed[k]) if total > 0.0 else 0.0
        trust.owed[k] -= paid
        trust.repaid[k] += paid
        spent += paid
    trust.cash = max(0.0, trust.cash - spent)
    return float(spent)


def pay_premiums(trust: Trust, who: list[int], rest: int) -> None:
    """Share prepayment premiums among classes by what each was repaid and the fraction its coupon earns."""
    fund, (base, top) = trust.premiums, trust.yields
    total = float(sum(trust.repaid[k] for k in who))
    if total > 0.0 and top > base:
        for k in who:
            fraction = min(1.0, max(0.0, (trust.coupon[k] - base) / (top - base)))
            paid = fund * (trust.repaid[k] / total) * fraction
            trust.premium[k] += paid
            trust.premiums -= paid
    if rest >= 0:
        trust.premium[rest] += trust.premiums
        trust.premiums = 0.0


def take(trust: Trust, step: Any, after: float, ends: bool) -> None:
    """Take one step of the priority of payments."""
    kind = int(step["kind"])
    who = [int(k) for k in trust.members[step["first"] : step["last"]]]
    if kind == records.POOL_FEES:
        paid = trust.draw(trust.fees_unpaid)
        trust.fees += paid
        trust.fees_unpaid -= paid
    elif kind == records.POOL_INTEREST:
        pay_interest(trust, who, int(step["order"]))
    elif kind == records.POOL_PRINCIPAL:
        if step["to_target"] and not ends:
            total = float(trust.owed.sum()) - float(trust.terms["advance_rate"]) * after
            pay_principal(trust, who, int(step["order"]), max(0.0, total))
        else:
            trust.principal_due -= pay_principal(trust, who, int(step["order"]), trust.principal_due)
    elif kind == records.POOL_REIMBURSEMENT:
        for k in who:
            paid = min(trust.cash, trust.lost[k])
            trust.cash -= paid
            trust.lost[k] -= paid
            trust.reimbursed[k] += paid
    elif kind == records.POOL_RESERVE:
        if (trust.owed > 0.0).any():
            paid = min(trust.cash, max(0.0, trust.target - trust.reserve))
            trust.cash -= paid
            trust.reserve += paid
    elif kind == records.POOL_TURBO:
        pay_principal(trust, who, records.SEQUENTIAL, trust.cash)
    elif kind == records.POOL_PREMIUMS:
        pay_premiums(trust, who, int(step["rest"]))
    else:
        trust.residual += trust.cash
        trust.cash = 0.0
