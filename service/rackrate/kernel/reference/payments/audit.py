"""The audit of a waterfall's period, all lanes at once: twin of ``ext/payments/audit.pxd``."""

import numpy as np

from rackrate.kernel.reference.payments.accounts import Accounts, Floats, total

MILLIONTH = 1e-6  # of a currency unit
RESOLUTION = 1e-14  # of the money in play: what float64 can tell apart


def audit(a: Accounts, t: int) -> None:
    """Check the period's books; keep the first period in which they disagree, and how."""
    tolerance = MILLIONTH + RESOLUTION * _money_in_play(a)
    interest = _miss(a.interest_due - a.interest_paid - a.capitalised - a.unpaid)
    accounts = [*a.balance, *a.unpaid, *a.additional_owed, *a.fees_owed]
    breaches = [
        np.abs(_cash_in(a) - _cash_out(a)),
        np.maximum(interest, _miss(a.additional_due - a.additional_paid - a.additional_owed)),
        _miss(a.opening + a.capitalised - a.principal_paid - a.balance),
        np.maximum(-a.reserve, np.abs(a.opening_reserve + a.reserve_in - a.reserve_out - a.reserve)),
        np.maximum(-a.trap, np.abs(a.opening_trap + a.trap_in - a.trap_out - a.trap)),
        -np.minimum.reduce(accounts),
        a.unjust,
    ]
    for kind, breach in enumerate(breaches, start=1):
        fresh = ~(breach <= tolerance) & (a.breach_period < 0.0)
        a.breach_kind = np.where(fresh, float(kind), a.breach_kind)
        a.breach_period = np.where(fresh, float(t), a.breach_period)


def _miss(rows: Floats) -> Floats:
    worst: Floats = np.abs(rows).max(axis=0)
    return worst


def _money_in_play(a: Accounts) -> Floats:
    opening = a.opening_reserve + a.opening_trap - a.opening_carried
    due = a.debt + total(a.interest_due + a.additional_due) + total(a.fees_owed + a.fees_paid) + a.target
    size: Floats = due + opening + a.sold + np.abs(a.available)
    return size


def _cash_in(a: Accounts) -> Floats:
    cash: Floats = a.available + a.opening_carried - a.carried + a.sold + a.reserve_out + a.trap_out
    return cash


def _cash_out(a: Accounts) -> Floats:
    paid = total(a.interest_paid + a.principal_paid + a.additional_paid)
    cash: Floats = total(a.fees_paid) + paid + a.equity + a.reserve_in + a.trap_in
    return cash
