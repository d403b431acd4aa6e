"""One step of the priority of payments, all lanes at once: twin of ``ext/payments/priority.pxd``."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel import records
from rackrate.kernel.reference.payments.accounts import Accounts, Floats, ratio, total

Classes = NDArray[np.int64]

LAST_CENT = 1e-12  # of a set's principal: a schedule's remainder below it is paid with the rest


def follow(a: Accounts, t: int, payment: Any, classes: Classes) -> None:
    """Take one step where its condition holds."""
    kind, pro_rata = int(payment["kind"]), bool(payment["order"])
    always = np.ones_like(a.cash)
    on = [always, a.amortising, a.flags["trap"], 1.0 - a.flags["pik"]][payment["when"]]
    start, senior_short = a.cash, a.short
    if kind == records.FILL_TRAP:
        on = on * (total(a.claims()) > 0.0)  # once every class is repaid nothing more is trapped
        a.trap, a.trap_in, a.cash = a.trap + on * a.cash, a.trap_in + on * a.cash, a.cash - on * a.cash
    elif kind == records.PAY_EQUITY:
        a.equity, a.cash = a.equity + on * a.cash, a.cash - on * a.cash
    elif kind == records.FILL_RESERVE:
        (paid,) = settle(a, (on * np.maximum(0.0, a.target - a.reserve))[None])
        a.reserve, a.reserve_in = a.reserve + paid, a.reserve_in + paid
    elif kind in (records.PAY_FEES, records.PAY_UNCAPPED_FEES):
        row = np.array([0 if kind == records.PAY_FEES else 1])
        pay_rows(a, row, on * a.fees_owed[row], a.fees_owed, a.fees_paid, draws=kind == records.PAY_FEES)
    elif kind == records.PAY_INTEREST:
        pay_rows(a, classes, on * a.unpaid[classes], a.unpaid, a.interest_paid, pro_rata, draws=True)
    elif kind == records.PAY_ADDITIONAL_INTEREST:
        due = on * a.additional_owed[classes]
        pay_rows(a, classes, due, a.additional_owed, a.additional_paid, pro_rata)
    elif kind == records.PAY_PRINCIPAL:
        senior_short = join(a, on)
        share = np.maximum(on, a.ltv_on[classes]) if payment["when"] == records.WHEN_AMORTISING else on
        pay_rows(a, classes, share * a.balance[classes], a.balance, a.principal_paid, pro_rata)
    elif t < a.terms["term"]:
        due = on * scheduled(a, t, classes, pro_rata)
        pay_rows(a, classes, due, a.balance, a.principal_paid, pro_rata)
    a.unjust = np.maximum(a.unjust, np.minimum(senior_short, start - a.cash))


def join(a: Accounts, on: Floats) -> Floats:
    """While amortising the trap joins the sweep; returns what earlier steps still lack of cash."""
    joins = (on * a.amortising) * a.trap
    a.cash, a.trap, a.trap_out = a.cash + joins, a.trap - joins, a.trap_out + joins
    a.short = np.where(joins > 0.0, 0.0, a.short)  # of the trap they have no claim
    return a.short


def scheduled(a: Accounts, t: int, classes: Classes, pro_rata: bool) -> Floats:
    """Scheduled principal due: outstanding less the share of principal left and capitalised interest.

    A class with a schedule of its own is due on that alone, the others together.
    """
    goal = (a.issued * a.schedule[:, t])[:, None] + a.capitalised_so_far
    own = np.maximum(0.0, a.balance - goal)
    together, alone = a.by_schedule(classes)
    nothing = np.zeros_like(a.cash)
    left: Floats = np.maximum(0.0, total([nothing, *a.balance[together]]) - total([nothing, *goal[together]]))
    if pro_rata:
        share = ratio(left, total([nothing, *own[together]]), 0.0)
        return np.array([own[k] if k in alone else own[k] * share for k in classes])
    due, issued = [], total([0.0, *a.issued[together]])
    for k in classes:
        if k in alone:
            due.append(_to_the_last_cent(a.balance[k], own[k], a.issued[k]))
        else:
            due.append(_to_the_last_cent(a.balance[k], left, issued))
            left = np.maximum(0.0, left - due[-1])
    return np.array(due)


def _to_the_last_cent(balance: Floats, due: Floats, issued: float) -> Floats:
    return np.where(balance - due <= LAST_CENT * issued, balance, due)


def pay_rows(
    a: Accounts,
    rows: Classes,
    due: Floats,
    owed: Floats,
    paid: Floats,
    pro_rata: bool = False,
    draws: bool = False,
) -> None:
    """Pay and record what the rows of an account are due."""
    for row, amount in zip(rows, settle(a, due, pro_rata, draws), strict=True):
        owed[row] -= amount
        paid[row] += amount


def settle(a: Accounts, due: Floats, pro_rata: bool = False, draws: bool = False) -> Iterable[Floats]:
    """Pay what is due from cash, in sequence or pro rata; reserve and then trap help where they may."""
    missing = np.zeros_like(a.cash)
    if pro_rata:
        whole = total(due)
        draw(a, whole if draws else missing)
        funded = np.minimum(whole, a.cash)
        due, missing, draws = due * ratio(funded, whole, 0.0), whole - funded, False
    paid, before = [], a.short
    for one in due:
        draw(a, one if draws else np.zeros_like(one))
        paid.append(np.minimum(one, a.cash))
        a.unjust = np.maximum(a.unjust, np.minimum(a.short - before, paid[-1]))
        a.short, a.cash = a.short + (one - paid[-1]), a.cash - paid[-1]
    a.short = a.short + missing
    return paid


def draw(a: Accounts, due: Floats) -> None:
    """Draw what cash lacks of an amount due from reserve, then trap."""
    a.cash, a.reserve, a.reserve_out = _drawn(due, a.cash, a.reserve, a.reserve_out)
    a.cash, a.trap, a.trap_out = _drawn(due, a.cash, a.trap, a.trap_out)


def _drawn(due: Floats, cash: Floats, account: Floats, out: Floats) -> tuple[Floats, Floats, Floats]:
    missing = due - np.minimum(due, cash)
    drawn = np.minimum(missing, account)
    # Cash becomes exactly what is due, not the sum of two parts that may be a last bit short of it.
    return np.where(missing <= account, np.maximum(due, cash), cash + drawn), account - drawn, out + drawn
