"""Certificates on a pool: coupons, the priority of payments and write-downs, month by month.

Axes: K class, M month; last axis contiguous. Only + - * / and comparisons: the same bits on every machine.
"""

from numerics.buffers cimport ANY, Array, Reals, integers, need, out, reals, rows, totals
from records cimport POOL_ALWAYS, WHEN_TRIPPED, CertificateRow, PoolStepRow, PoolTriggerRow, TrustRow
from trust.accounts cimport *
from trust.month cimport audit, close_month, interest_due, open_month, write_down
from trust.steps cimport take
from trust.triggers cimport controlling, is_tripped

import numpy as np

from rackrate.kernel import records

cdef enum:                               # rows of records.POOL_FUNDS
    INTEREST_FUNDS
    PRINCIPAL_FUNDS
    PREMIUM_FUNDS
    PREMIUM_RATE
    ACCRUED
    DEFAULTED
    LOST
    SQUARES
    REDUCTION
    FUNDS

cdef enum:                               # rows of records.TRUST_SERIES
    CASH
    FEES
    RESERVE
    RESIDUAL
    PREMIUMS_RESIDUAL
    DEFICIT
    TRIPPED
    CONTROLLING
    TRUST_SERIES

cdef double MILLIONTH = 1e-6, RESOLUTION = 1e-13     # of a currency unit, and of all that was issued


def pay_certificates(
    terms,                       # IN  [1] row of TRUST
    notes,                       # IN  [K] rows of CERTIFICATE
    rate,                        # IN  [K, M] contracted coupon
    accrual,                     # IN  [K, M]
    strips,                      # IN  [K, K] classes each strip is cut from
    steps,                       # IN  [P] rows of POOL_STEP
    members,                     # IN  classes of each step
    triggers,                    # IN  [R] rows of POOL_TRIGGER
    funds,                       # IN  [POOL_FUNDS, M]
    stated,                      # IN  [M + 1]
    treasury,                    # IN  [M]
    series,                      # OUT [TRUST_SERIES, M]
    classes,                     # OUT [K, CERTIFICATE_SERIES, M]
    losses,                      # OUT [K, 2]
    breach,                      # OUT [2] first month that does not add up, -1 for none, and of TRUST_BREACHES
):
    """Pay certificates month by month; rackrate.kernel.reference.certificates says it in full."""
    cdef Array row = rows(terms, records.TRUST, "terms [1]", 1), table = rows(notes, records.CERTIFICATE, "notes [classes]")
    cdef Array order = rows(steps, records.POOL_STEP, "steps [steps]"), listed = integers(members, "members [members]", ANY)
    cdef Array levels = rows(triggers, records.POOL_TRIGGER, "triggers [triggers]")
    cdef Reals rates = reals(rate, "rate [classes, months]", table.shape[0], ANY)
    cdef Py_ssize_t K = table.shape[0], M = rates.shape[1], i, k, n
    cdef Reals fractions = reals(accrual, "accrual [classes, months]", K, M)
    cdef Array cut = integers(strips, "strips [classes, classes]", K, K)
    cdef Reals brought = reals(funds, "funds [POOL_FUNDS, months]", FUNDS, M), left = reals(stated, "stated [months + 1]", M + 1)
    cdef Reals bond = reals(treasury, "treasury [months]", M), shown = out(series, "series [TRUST_SERIES, months]", TRUST_SERIES, M)
    cdef Reals paid = out(classes, "classes [classes, CERTIFICATE_SERIES, months]", K, SERIES, M)
    cdef Reals lost = out(losses, "losses [classes, 2]", K, 2)
    cdef Array found = totals(breach, "breach [2]", 2)
    cdef const PoolStepRow* step = <const PoolStepRow*> order.at
    cdef double fee, wac, now, after, freed, cash, held
    cdef bint ends, owes, tripped
    cdef double control
    need(M > 0, rate, "rate [classes, months > 0]")
    for n in range(order.shape[0]):
        need(0 <= step[n].first <= step[n].last <= listed.shape[0] and step[n].rest < K, steps,
             "steps [steps], each pointing at members and the class of the rest")
    for n in range(listed.shape[0]):
        need(0 <= (<const long long*> listed.at)[n] < K, members, "members [members], each pointing at a class")
    kept, latches = np.zeros((KEPT, K)), np.zeros(max(1, levels.shape[0]))
    cdef Reals of = out(kept, "kept [series, classes]", KEPT, K)
    cdef Reals latched = out(latches, "latches [triggers]", max(1, levels.shape[0]))
    cdef Trust trust
    trust.K, trust.terms, trust.notes = K, <const TrustRow*> row.at, <const CertificateRow*> table.at
    trust.strips, trust.of = <const long long*> cut.at, of.at
    trust.fees_unpaid = trust.deficit = trust.loss = 0.0
    trust.reserve = trust.target = trust.terms.reserve_initial
    trust.breach, trust.breach_kind, trust.room = -1, 0, MILLIONTH
    for k in range(K):
        of.at[OWED * K + k] = trust.notes[k].principal
        trust.room += RESOLUTION * trust.notes[k].principal
    with nogil:
        for i in range(M):
            now, after = left.at[i], left.at[i + 1]
            ends = i == M - 1 or i == trust.terms.called
            fee = (trust.terms.fee_annual + trust.terms.fee_rate * now) / 12.0
            wac = max(0.0, (brought.at[ACCRUED * M + i] - fee) / now) if now > 0.0 else 0.0
            owes = total(of.at + OWED * K, K) > 0.0 or total(of.at + UNPAID * K, K) > 0.0
            tripped = is_tripped(&trust, <const PoolTriggerRow*> levels.at, levels.shape[0], latched.at, now, left.at[0],
                                 brought.at[DEFAULTED * M + i], brought.at[SQUARES * M + i], owes)
            control = controlling(&trust, brought.at[REDUCTION * M + i]) if owes else -1.0
            interest_due(&trust, rates.at + i, fractions.at + i, M, wac)
            open_month(&trust)
            freed = trust.reserve if ends or not owes else max(0.0, trust.reserve - trust.target)
            trust.reserve -= freed
            held = max(trust.terms.reserve_floor, trust.terms.reserve_share * after)
            trust.target = 0.0 if ends else held
            trust.brought = brought.at[INTEREST_FUNDS * M + i] + brought.at[PRINCIPAL_FUNDS * M + i]
            cash = trust.brought + freed - trust.deficit
            trust.deficit, trust.cash = max(0.0, -cash), max(0.0, cash)
            trust.fees_unpaid = trust.fees_unpaid + fee if now > 0.0 else 0.0
            trust.premiums, trust.base = brought.at[PREMIUM_FUNDS * M + i], bond.at[i]
            trust.top = brought.at[PREMIUM_RATE * M + i] / trust.premiums if trust.premiums > 0.0 else 0.0
            trust.principal_due = max(0.0, brought.at[PRINCIPAL_FUNDS * M + i])
            if ends:
                trust.principal_due = total(of.at + OWED * K, K)
            for n in range(order.shape[0]):
                if step[n].when == POOL_ALWAYS or (step[n].when == WHEN_TRIPPED) == tripped:
                    take(&trust, &step[n], <const long long*> listed.at, after, ends)
            if trust.terms.write_down and not ends:
                write_down(&trust, after)
            trust.loss += brought.at[LOST * M + i]
            close_month(&trust)
            audit(&trust, i, brought.at[PREMIUM_FUNDS * M + i])
            shown.at[CASH * M + i], shown.at[FEES * M + i] = trust.brought, trust.fees
            shown.at[RESERVE * M + i], shown.at[RESIDUAL * M + i] = trust.reserve, trust.residual
            shown.at[PREMIUMS_RESIDUAL * M + i], shown.at[DEFICIT * M + i] = trust.premiums, trust.deficit
            shown.at[TRIPPED * M + i], shown.at[CONTROLLING * M + i] = tripped, control
            for k in range(K):
                for n in range(SERIES):
                    paid.at[(k * SERIES + n) * M + i] = of.at[n * K + k]
        for k in range(K):
            lost.at[2 * k] = of.at[OWED * K + k] + of.at[SHORT * K + k]
            lost.at[2 * k + 1] = of.at[UNPAID * K + k]
        (<long long*> found.at)[0], (<long long*> found.at)[1] = trust.breach, trust.breach_kind
