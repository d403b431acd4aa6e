# The steps of a priority of payments.

from records cimport POOL_FEES, POOL_INTEREST, POOL_PREMIUMS, POOL_PRINCIPAL, POOL_REIMBURSEMENT, POOL_RESERVE, POOL_TURBO
from records cimport PRO_RATA, SEQUENTIAL, TO_CROSSOVER, PoolStepRow
from trust.accounts cimport *


cdef inline void pay_interest(Trust* trust, const long long* who, Py_ssize_t count, bint pro_rata) noexcept nogil:
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


cdef inline double pay_principal(
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
                order = SEQUENTIAL
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
    trust.cash = max(0.0, trust.cash - spent)    # parts may add up to more than the whole, by rounding
    return spent


cdef inline void pay_premiums(Trust* trust, const long long* who, Py_ssize_t count, long long rest) noexcept nogil:
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


cdef inline void take(Trust* trust, const PoolStepRow* step, const long long* members, double after, bint ends) noexcept nogil:
    """One step of the priority of payments."""
    cdef Py_ssize_t n, k, K = trust.K, count = step.last - step.first
    cdef const long long* who = members + step.first
    cdef double paid
    if step.kind == POOL_FEES:
        paid = draw(trust, trust.fees_unpaid)
        trust.fees += paid
        trust.fees_unpaid -= paid
    elif step.kind == POOL_INTEREST:
        pay_interest(trust, who, count, step.order == PRO_RATA)
    elif step.kind == POOL_PRINCIPAL and step.to_target and not ends:
        paid = total(trust.of + OWED * K, K) - trust.terms.advance_rate * after
        pay_principal(trust, who, count, step.order, max(0.0, paid))
    elif step.kind == POOL_PRINCIPAL:
        trust.principal_due -= pay_principal(trust, who, count, step.order, trust.principal_due)
    elif step.kind == POOL_REIMBURSEMENT:
        for n in range(count):
            k = who[n]
            paid = min(trust.cash, trust.of[SHORT * K + k])
            trust.cash -= paid
            trust.of[SHORT * K + k] -= paid
            trust.of[REIMBURSED * K + k] += paid
    elif step.kind == POOL_RESERVE:
        if total(trust.of + OWED * K, K) > 0.0:
            paid = min(trust.cash, max(0.0, trust.target - trust.reserve))
            trust.cash -= paid
            trust.reserve += paid
    elif step.kind == POOL_TURBO:
        pay_principal(trust, who, count, SEQUENTIAL, trust.cash)
    elif step.kind == POOL_PREMIUMS:
        pay_premiums(trust, who, count, step.rest)
    else:
        trust.residual += trust.cash
        trust.cash = 0.0
