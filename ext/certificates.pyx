"""Certificates on a pool: coupons, the priority of payments and write-downs, month by month.

Axes: S scenario, K class, M month; last axis contiguous. Only + - * / and comparisons: the same bits on every machine.
"""

from libc.stdlib cimport free, malloc
from libc.string cimport memset

from numerics.buffers cimport ANY, Array, Reals, integers, need, out, reals, rows, totals
from records cimport POOL_ALWAYS, WHEN_TRIPPED, CertificateRow, PoolStepRow, PoolTriggerRow, TrustRow
from trust.accounts cimport *
from trust.month cimport audit, close_month, interest_due, open_month, write_down
from trust.steps cimport take
from trust.triggers cimport controlling, is_tripped

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


cdef struct Structure:                   # what all scenarios share
    Py_ssize_t months
    Py_ssize_t step_count
    Py_ssize_t trigger_count
    bint keeps                           # whether months are handed over, not ends alone
    const double* rate
    const double* accrual
    const double* treasury
    const PoolStepRow* steps
    const long long* members
    const PoolTriggerRow* triggers


cdef inline void open_trust(Trust* trust, double* latched, Py_ssize_t triggers) noexcept nogil:
    """A trust as it closes."""
    cdef Py_ssize_t k
    memset(trust.of, 0, KEPT * trust.K * sizeof(double))
    memset(latched, 0, triggers * sizeof(double))
    trust.fees_unpaid = trust.deficit = trust.loss = 0.0
    trust.reserve = trust.target = trust.terms.reserve_initial
    trust.breach, trust.breach_kind, trust.issued = -1, 0, 0.0
    for k in range(trust.K):
        trust.of[OWED * trust.K + k] = trust.notes[k].principal
        trust.issued += trust.notes[k].principal


cdef inline void bring_in(Trust* trust, const Structure* held, const double* funds, Py_ssize_t i, double now, double after,
                          bint ends, bint owes) noexcept nogil:
    """The cash, the principal due and the premiums of a month."""
    cdef Py_ssize_t M = held.months
    cdef double fee = (trust.terms.fee_annual + trust.terms.fee_rate * now) / 12.0, freed, cash
    freed = trust.reserve if ends or not owes else max(0.0, trust.reserve - trust.target)
    trust.reserve -= freed
    trust.target = 0.0 if ends else max(trust.terms.reserve_floor, trust.terms.reserve_share * after)
    trust.brought = funds[INTEREST_FUNDS * M + i] + funds[PRINCIPAL_FUNDS * M + i]
    cash = trust.brought + freed - trust.deficit
    trust.deficit, trust.cash = max(0.0, -cash), max(0.0, cash)
    trust.fees_unpaid = trust.fees_unpaid + fee if now > 0.0 else 0.0
    trust.premiums, trust.base = funds[PREMIUM_FUNDS * M + i], held.treasury[i]
    trust.top = funds[PREMIUM_RATE * M + i] / trust.premiums if trust.premiums > 0.0 else 0.0
    trust.principal_due = max(0.0, funds[PRINCIPAL_FUNDS * M + i])
    if ends:
        trust.principal_due = total(trust.of + OWED * trust.K, trust.K)


cdef inline void keep_month(const Trust* trust, Py_ssize_t M, Py_ssize_t i, bint is_on, double control, double* series,
                            double* classes) noexcept nogil:
    """Write a month of a scenario."""
    cdef Py_ssize_t k, n
    series[CASH * M + i], series[FEES * M + i] = trust.brought, trust.fees
    series[RESERVE * M + i], series[RESIDUAL * M + i] = trust.reserve, trust.residual
    series[PREMIUMS_RESIDUAL * M + i], series[DEFICIT * M + i] = trust.premiums, trust.deficit
    series[TRIPPED * M + i], series[CONTROLLING * M + i] = is_on, control
    for k in range(trust.K):
        for n in range(SERIES):
            classes[(k * SERIES + n) * M + i] = trust.of[n * trust.K + k]


cdef void run_months(Trust* trust, const Structure* held, const double* funds, const double* stated, long long called,
                     double* latched, double* series, double* classes) noexcept nogil:
    """Every month of one scenario."""
    cdef Py_ssize_t i, n, K = trust.K, M = held.months
    cdef double wac, now, after, control
    cdef bint ends, owes, is_on
    for i in range(M):
        now, after, ends = stated[i], stated[i + 1], i == M - 1 or i == called
        wac = funds[ACCRUED * M + i] - (trust.terms.fee_annual + trust.terms.fee_rate * now) / 12.0
        wac = max(0.0, wac / now) if now > 0.0 else 0.0
        owes = total(trust.of + OWED * K, K) > 0.0 or total(trust.of + UNPAID * K, K) > 0.0
        is_on = is_tripped(trust, held.triggers, held.trigger_count, latched, now, stated[0], funds[DEFAULTED * M + i],
                           funds[SQUARES * M + i], owes)
        control = controlling(trust, funds[REDUCTION * M + i]) if owes else -1.0
        interest_due(trust, held.rate + i, held.accrual + i, M, wac)
        open_month(trust)
        bring_in(trust, held, funds, i, now, after, ends, owes)
        for n in range(held.step_count):
            if held.steps[n].when == POOL_ALWAYS or (held.steps[n].when == WHEN_TRIPPED) == is_on:
                take(trust, &held.steps[n], held.members, after, ends)
        if trust.terms.write_down and not ends:
            write_down(trust, after)
        trust.loss += funds[LOST * M + i]
        close_month(trust)
        audit(trust, i, funds[PREMIUM_FUNDS * M + i])
        if held.keeps:
            keep_month(trust, M, i, is_on, control, series, classes)


def pay_certificates(
    terms,                       # IN  [1] row of TRUST
    notes,                       # IN  [K] rows of CERTIFICATE
    rate,                        # IN  [K, M] contracted coupon
    accrual,                     # IN  [K, M]
    strips,                      # IN  [K, K] classes each strip is cut from
    steps,                       # IN  [P] rows of POOL_STEP
    members,                     # IN  classes of each step
    triggers,                    # IN  [R] rows of POOL_TRIGGER
    treasury,                    # IN  [M]
    funds,                       # IN  [S, POOL_FUNDS, M]
    stated,                      # IN  [S, M + 1]
    called,                      # IN  [S] month of the clean-up call; -1: none
    series,                      # OUT [S, TRUST_SERIES, M]; of no months where ends alone are asked for, as are classes
    classes,                     # OUT [S, K, CERTIFICATE_SERIES, M]
    losses,                      # OUT [S, K, 2]
    breach,                      # OUT [S, 2] first month that does not add up, -1 for none, and of TRUST_BREACHES
):
    """Pay certificates month by month; rackrate.kernel.reference.certificates says it in full."""
    cdef Array row = rows(terms, records.TRUST, "terms [1]", 1), table = rows(notes, records.CERTIFICATE, "notes [classes]")
    cdef Array order = rows(steps, records.POOL_STEP, "steps [steps]"), listed = integers(members, "members [members]", ANY)
    cdef Array levels = rows(triggers, records.POOL_TRIGGER, "triggers [triggers]")
    cdef Reals rates = reals(rate, "rate [classes, months]", table.shape[0], ANY)
    cdef Array calls = integers(called, "called [scenarios]", ANY)
    cdef Py_ssize_t S = calls.shape[0], K = table.shape[0], M = rates.shape[1], R = levels.shape[0], k, n, s
    cdef Reals fractions = reals(accrual, "accrual [classes, months]", K, M)
    cdef Array cut = integers(strips, "strips [classes, classes]", K, K)
    cdef Reals brought = reals(funds, "funds [scenarios, POOL_FUNDS, months]", S, FUNDS, M)
    cdef Reals left = reals(stated, "stated [scenarios, months + 1]", S, M + 1)
    cdef Reals bond = reals(treasury, "treasury [months]", M)
    cdef Reals shown = out(series, "series [scenarios, TRUST_SERIES, months]", S, TRUST_SERIES, ANY)
    cdef Reals paid = out(classes, "classes [scenarios, classes, CERTIFICATE_SERIES, months]", S, K, SERIES, shown.shape[2])
    cdef Reals lost = out(losses, "losses [scenarios, classes, 2]", S, K, 2)
    cdef long long* found = <long long*> totals(breach, "breach [scenarios, 2]", S, 2).at
    cdef Structure held
    cdef Trust trust
    need(M > 0, rate, "rate [classes, months > 0]")
    need(shown.shape[2] in (0, M), series, "series [scenarios, TRUST_SERIES, months], all months or none")
    held.keeps = shown.shape[2] > 0
    held.steps, held.step_count, held.members = <const PoolStepRow*> order.at, order.shape[0], <const long long*> listed.at
    held.triggers, held.trigger_count, held.months = <const PoolTriggerRow*> levels.at, R, M
    held.rate, held.accrual, held.treasury = rates.at, fractions.at, bond.at
    for n in range(order.shape[0]):
        need(0 <= held.steps[n].first <= held.steps[n].last <= listed.shape[0] and held.steps[n].rest < K, steps,
             "steps [steps], each pointing at members and the class of the rest")
    for n in range(listed.shape[0]):
        need(0 <= held.members[n] < K, members, "members [members], each pointing at a class")
    trust.K, trust.terms, trust.notes = K, <const TrustRow*> row.at, <const CertificateRow*> table.at
    trust.strips = <const long long*> cut.at
    trust.of = <double*> malloc((KEPT * K + R + 1) * sizeof(double))
    if trust.of == NULL:
        raise MemoryError
    with nogil:
        for s in range(S):
            open_trust(&trust, trust.of + KEPT * K, R)
            run_months(&trust, &held, brought.at + s * FUNDS * M, left.at + s * (M + 1), (<const long long*> calls.at)[s],
                       trust.of + KEPT * K, shown.at + s * TRUST_SERIES * shown.shape[2], paid.at + s * K * SERIES * shown.shape[2])
            for k in range(K):
                lost.at[2 * (s * K + k)] = trust.of[OWED * K + k] + trust.of[SHORT * K + k]
                lost.at[2 * (s * K + k) + 1] = trust.of[UNPAID * K + k]
            found[2 * s], found[2 * s + 1] = trust.breach, trust.breach_kind
        free(trust.of)
