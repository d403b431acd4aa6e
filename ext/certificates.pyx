"""Certificates on a pool: coupons, the priority of payments and write-downs, month by month.

Axes: K class, M month; last axis contiguous. Only + - * / and comparisons: the same bits on every machine.
"""

from numerics.buffers cimport ANY, Array, Reals, integers, need, out, reals, rows
from records cimport CertificateRow, PoolStepRow, PoolTriggerRow, TrustRow

import numpy as np

from rackrate.kernel import records

cdef enum:                               # records.POOL_STEP_KINDS
    FEES
    INTEREST
    PRINCIPAL
    REIMBURSEMENT
    RESERVE
    TURBO
    PREMIUMS

cdef enum:
    PRO_RATA = 1
    TO_CROSSOVER = 2
    TRIPPED = 1                          # of a step's `when`
    CUMULATIVE_LOSS = 0
    BAD = 1
    REMAINING = 2
    EFFECTIVE_LOANS = 3

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

cdef enum:                               # what is kept of each class: records.CERTIFICATE_SERIES, then stocks
    COUPON
    DUE
    PAID
    UNPAID
    REPAID
    PREMIUM
    REIMBURSED
    WRITTEN
    STANDS
    SERIES
    OWED = 9
    OPENING
    SHORT
    KEPT

cdef double DUST = 1e-6


cdef struct Trust:
    Py_ssize_t K
    const TrustRow* terms
    const CertificateRow* notes
    const long long* strips
    double* of                           # [KEPT, K]
    double cash
    double fees_unpaid
    double fees
    double deficit
    double loss
    double reserve
    double target
    double residual
    double premiums
    double premiums_rest
    double principal_due
    double base
    double top


cdef inline double total(const double* row, Py_ssize_t count) noexcept nogil:
    cdef Py_ssize_t k
    cdef double found = 0.0
    for k in range(count):
        found += row[k]
    return found


cdef inline double draw(Trust* trust, double due) noexcept nogil:
    """Pay from cash, then from the reserve."""
    cdef double from_cash = min(trust.cash, due), from_reserve
    trust.cash -= from_cash
    from_reserve = min(trust.reserve, due - from_cash)
    trust.reserve -= from_reserve
    return from_cash + from_reserve


cdef bint is_tripped(
    Trust* trust, const PoolTriggerRow* triggers, Py_ssize_t count, double* latched, double stated, double first,
    double defaulted, double squares, bint owes,
) noexcept nogil:
    cdef Py_ssize_t k
    cdef bint now = False, trips
    cdef double level, owed
    for k in range(count):
        trips, level = False, triggers[k].level
        if stated > 0.0 and owes:
            if triggers[k].kind == CUMULATIVE_LOSS:
                trips = trust.loss / first > level
            elif triggers[k].kind == BAD:
                trips = defaulted / stated > level
            elif triggers[k].kind == REMAINING:
                trips = stated / first < level
            elif triggers[k].kind == EFFECTIVE_LOANS:
                trips = stated * stated < level * squares
            else:
                owed = total(trust.of + OWED * trust.K, triggers[k].through + 1)
                trips = owed > 0.0 and stated / owed < level
        if trips and triggers[k].latched:
            latched[k] = 1.0
        now = now or trips or latched[k] > 0.0
    return now


cdef double controlling(Trust* trust, double cut) noexcept nogil:
    """The class in control after appraisal reductions; -1 where none may be."""
    cdef Py_ssize_t k, found = -1, first = -1
    cdef double taken, owed
    for k in range(trust.K - 1, -1, -1):
        if trust.notes[k].io:
            continue
        owed = trust.of[OWED * trust.K + k]
        taken = min(cut, owed)
        cut -= taken
        if trust.notes[k].controls:
            first = k
            if found < 0 and owed - taken >= trust.terms.control_share * trust.notes[k].principal:
                found = k
    return found if found >= 0 else first


cdef void interest_due(Trust* trust, const double* rate, const double* accrual, Py_ssize_t M, double wac) noexcept nogil:
    cdef Py_ssize_t k, j, K = trust.K
    cdef double c, earned, strip, notional
    cdef double* of = trust.of
    for k in range(K):
        if trust.notes[k].io:
            continue
        c = rate[k * M]
        if trust.notes[k].wac_kind == 1:
            c = min(c, wac / accrual[k * M])
        elif trust.notes[k].wac_kind == 2:
            c = wac / accrual[k * M] - trust.notes[k].wac_less
        of[COUPON * K + k] = max(0.0, c)
        earned = of[COUPON * K + k] * accrual[k * M]
        of[DUE * K + k] = of[OWED * K + k] * earned + of[UNPAID * K + k] + of[UNPAID * K + k] * earned
    for k in range(K):
        if not trust.notes[k].io:
            continue
        strip = notional = 0.0
        for j in range(K):
            if trust.strips[k * K + j]:
                strip += of[OWED * K + j] * max(0.0, wac - of[COUPON * K + j] * accrual[j * M])
                notional += of[OWED * K + j]
        of[COUPON * K + k] = strip / notional * 12.0 if notional > 0.0 else 0.0
        of[DUE * K + k] = strip + of[UNPAID * K + k]


cdef void pay_interest(Trust* trust, const long long* who, Py_ssize_t count, bint pro_rata) noexcept nogil:
    cdef Py_ssize_t n, K = trust.K
    cdef double* due = trust.of + DUE * K
    cdef double* paid = trust.of + PAID * K
    cdef double asked = 0.0, got
    if not pro_rata:
        for n in range(count):
            paid[who[n]] += draw(trust, max(0.0, due[who[n]] - paid[who[n]]))
        return
    for n in range(count):
        asked += max(0.0, due[who[n]] - paid[who[n]])
    got = draw(trust, asked)
    for n in range(count):
        paid[who[n]] += max(0.0, due[who[n]] - paid[who[n]]) * (1.0 if got >= asked else got / asked)


cdef double pay_principal(
    Trust* trust, const long long* who, Py_ssize_t count, long long order, double due,
) noexcept nogil:
    cdef Py_ssize_t n, k, K = trust.K
    cdef double* owed = trust.of + OWED * K
    cdef double amount = min(due, trust.cash), spent = 0.0, whole = 0.0, paid
    cdef long long rank = 0
    if order == TO_CROSSOVER:
        for n in range(count):
            rank = max(rank, trust.notes[who[n]].rank)
        order = PRO_RATA
        for k in range(K):
            if trust.notes[k].rank > rank and owed[k] > 0.0:
                order = 0
    for n in range(count):
        whole += trust.of[OPENING * K + who[n]]
    for n in range(count):
        k = who[n]
        if order != PRO_RATA:
            paid = min(amount - spent, owed[k])
        else:
            paid = min(amount * (trust.of[OPENING * K + k] / whole), owed[k]) if whole > 0.0 else 0.0
        owed[k] -= paid
        trust.of[REPAID * K + k] += paid
        spent += paid
    trust.cash -= spent
    return spent


cdef void pay_premiums(Trust* trust, const long long* who, Py_ssize_t count, long long rest) noexcept nogil:
    cdef Py_ssize_t n, k, K = trust.K
    cdef double whole = 0.0, fund = trust.premiums, paid
    for n in range(count):
        whole += trust.of[REPAID * K + who[n]]
    if whole > 0.0 and trust.top > trust.base:
        for n in range(count):
            k = who[n]
            paid = min(1.0, max(0.0, (trust.of[COUPON * K + k] - trust.base) / (trust.top - trust.base)))
            paid = fund * (trust.of[REPAID * K + k] / whole) * paid
            trust.of[PREMIUM * K + k] += paid
            trust.premiums -= paid
    if rest >= 0:
        trust.of[PREMIUM * K + rest] += trust.premiums
        trust.premiums = 0.0


cdef void take(Trust* trust, const PoolStepRow* step, const long long* members, double after, bint ends) noexcept nogil:
    """One step of the priority of payments."""
    cdef Py_ssize_t n, k, K = trust.K, count = step.last - step.first
    cdef const long long* who = members + step.first
    cdef double paid
    if step.kind == FEES:
        paid = draw(trust, trust.fees_unpaid)
        trust.fees += paid
        trust.fees_unpaid -= paid
    elif step.kind == INTEREST:
        pay_interest(trust, who, count, step.order == PRO_RATA)
    elif step.kind == PRINCIPAL and step.to_target and not ends:
        paid = total(trust.of + OWED * K, K) - trust.terms.advance_rate * after
        pay_principal(trust, who, count, step.order, max(0.0, paid))
    elif step.kind == PRINCIPAL:
        trust.principal_due -= pay_principal(trust, who, count, step.order, trust.principal_due)
    elif step.kind == REIMBURSEMENT:
        for n in range(count):
            k = who[n]
            paid = min(trust.cash, trust.of[SHORT * K + k])
            trust.cash -= paid
            trust.of[SHORT * K + k] -= paid
            trust.of[REIMBURSED * K + k] += paid
    elif step.kind == RESERVE:
        if total(trust.of + OWED * K, K) > 0.0:
            paid = min(trust.cash, max(0.0, trust.target - trust.reserve))
            trust.cash -= paid
            trust.reserve += paid
    elif step.kind == TURBO:
        pay_principal(trust, who, count, 0, trust.cash)
    elif step.kind == PREMIUMS:
        pay_premiums(trust, who, count, step.rest)
    else:
        trust.residual += trust.cash
        trust.cash = 0.0


cdef void write_down(Trust* trust, double after) noexcept nogil:
    """Write off what the stated balance no longer covers, the last rank first."""
    cdef Py_ssize_t k, K = trust.K
    cdef double* owed = trust.of + OWED * K
    cdef double excess = total(owed, K) - after, whole, taken, off
    cdef long long rank = 0
    if excess <= DUST:
        return
    for k in range(K):
        rank = max(rank, trust.notes[k].rank)
    while rank > 0:
        whole = 0.0
        for k in range(K):
            whole += owed[k] if trust.notes[k].rank == rank else 0.0
        taken = min(excess, whole)
        for k in range(K):
            if whole > 0.0 and trust.notes[k].rank == rank:
                off = owed[k] if taken >= whole else taken * (owed[k] / whole)
                trust.of[WRITTEN * K + k] = off
                owed[k] -= off
                trust.of[SHORT * K + k] += off
        excess -= taken
        rank -= 1


cdef void close_month(Trust* trust) noexcept nogil:
    """Round dust away, and state what each class and each strip is left with."""
    cdef Py_ssize_t k, j, K = trust.K
    cdef double* of = trust.of
    for k in range(K):
        if of[OWED * K + k] < DUST:
            of[OWED * K + k] = 0.0
        of[UNPAID * K + k] = of[DUE * K + k] - of[PAID * K + k]
        if of[UNPAID * K + k] < DUST:
            of[UNPAID * K + k] = 0.0
    for k in range(K):
        of[STANDS * K + k] = of[OWED * K + k]
        for j in range(K):
            if trust.strips[k * K + j]:
                of[STANDS * K + k] += of[OWED * K + j]


cdef void open_month(Trust* trust) noexcept nogil:
    cdef Py_ssize_t k, K = trust.K
    for k in range(K):
        trust.of[OPENING * K + k] = trust.of[OWED * K + k]
        trust.of[PAID * K + k] = trust.of[REPAID * K + k] = trust.of[PREMIUM * K + k] = 0.0
        trust.of[REIMBURSED * K + k] = trust.of[WRITTEN * K + k] = 0.0
    trust.fees = trust.residual = trust.premiums_rest = 0.0


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
    cdef Reals bond = reals(treasury, "treasury [months]", M), shown = out(series, "series [TRUST_SERIES, months]", 8, M)
    cdef Reals paid = out(classes, "classes [classes, CERTIFICATE_SERIES, months]", K, SERIES, M)
    cdef Reals lost = out(losses, "losses [classes, 2]", K, 2)
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
    for k in range(K):
        of.at[OWED * K + k] = trust.notes[k].principal
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
            cash = brought.at[INTEREST_FUNDS * M + i] + brought.at[PRINCIPAL_FUNDS * M + i] + freed - trust.deficit
            trust.deficit, trust.cash = max(0.0, -cash), max(0.0, cash)
            trust.fees_unpaid = trust.fees_unpaid + fee if now > 0.0 else 0.0
            trust.premiums, trust.base = brought.at[PREMIUM_FUNDS * M + i], bond.at[i]
            trust.top = brought.at[PREMIUM_RATE * M + i] / trust.premiums if trust.premiums > 0.0 else 0.0
            trust.principal_due = max(0.0, brought.at[PRINCIPAL_FUNDS * M + i])
            if ends:
                trust.principal_due = total(of.at + OWED * K, K)
            for n in range(order.shape[0]):
                if step[n].when == 0 or (step[n].when == TRIPPED) == tripped:
                    take(&trust, &step[n], <const long long*> listed.at, after, ends)
            if trust.terms.write_down and not ends:
                write_down(&trust, after)
            trust.loss += brought.at[LOST * M + i]
            close_month(&trust)
            shown.at[0 * M + i] = brought.at[INTEREST_FUNDS * M + i] + brought.at[PRINCIPAL_FUNDS * M + i]
            shown.at[1 * M + i], shown.at[2 * M + i] = trust.fees, trust.reserve
            shown.at[3 * M + i], shown.at[4 * M + i] = trust.residual, trust.premiums
            shown.at[5 * M + i], shown.at[6 * M + i], shown.at[7 * M + i] = trust.deficit, tripped, control
            for k in range(K):
                for n in range(SERIES):
                    paid.at[(k * SERIES + n) * M + i] = of.at[n * K + k]
        for k in range(K):
            lost.at[2 * k] = of.at[OWED * K + k] + of.at[SHORT * K + k]
            lost.at[2 * k + 1] = of.at[UNPAID * K + k]
