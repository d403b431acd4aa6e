# A month of a trust: what is due at its start, what is written down at its end, and whether it adds up.

from libc.math cimport fabs as abs

from records cimport WAC_CAP, WAC_LESS
from trust.accounts cimport *

cdef inline void interest_due(Trust* trust, const double* rate, const double* accrual, Py_ssize_t M, double wac) noexcept nogil:
    cdef Py_ssize_t k, j, K = trust.K
    cdef double c, earned, strip, notional
    cdef double* of = trust.of
    for k in range(K):
        if trust.notes[k].io:
            continue
        c = rate[k * M]
        if trust.notes[k].wac_kind == WAC_CAP:
            c = min(c, wac / accrual[k * M])
        elif trust.notes[k].wac_kind == WAC_LESS:
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


cdef inline void write_down(Trust* trust, double after) noexcept nogil:
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


cdef inline void close_month(Trust* trust) noexcept nogil:
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


cdef inline void open_month(Trust* trust) noexcept nogil:
    cdef Py_ssize_t k, K = trust.K
    for k in range(K):
        trust.of[OPENING * K + k] = trust.of[OWED * K + k]
        trust.of[PAID * K + k] = trust.of[REPAID * K + k] = trust.of[PREMIUM * K + k] = 0.0
        trust.of[REIMBURSED * K + k] = trust.of[WRITTEN * K + k] = 0.0
    trust.fees = trust.residual = 0.0
    trust.opening_reserve, trust.opening_deficit = trust.reserve, trust.deficit


cdef enum:                               # records.TRUST_BREACHES
    CASH_BREACH
    PREMIUM_BREACH
    NEGATIVE_BREACH
    PRIORITY_BREACH


cdef inline void fail(Trust* trust, Py_ssize_t i, long long kind) noexcept nogil:
    """Remember the first month that does not add up."""
    if trust.breach < 0:
        trust.breach, trust.breach_kind = i, kind


cdef inline double room(const Trust* trust) noexcept nogil:
    """A millionth, and what a double can tell apart of the money in play: issued, brought in, held, owed and due."""
    cdef Py_ssize_t k
    cdef double money = trust.issued + abs(trust.brought)
    money += trust.opening_reserve + trust.reserve + trust.opening_deficit + trust.deficit
    for k in range(trust.K):
        money += trust.of[DUE * trust.K + k]
    return DUST + RESOLUTION * money


cdef inline void audit(Trust* trust, Py_ssize_t i, double premiums) noexcept nogil:
    """What comes in is what goes out; no balance is negative; no later rank is paid before interest of an earlier one."""
    cdef Py_ssize_t k, K = trust.K
    cdef double* of = trust.of
    cdef double cash = trust.brought - trust.fees - trust.residual, lowest = 0.0, least = room(trust)
    cdef double least_premium = least + RESOLUTION * abs(premiums)
    cdef long long unpaid = 0
    cash += trust.opening_reserve - trust.reserve + trust.deficit - trust.opening_deficit
    premiums -= trust.premiums
    for k in range(K):
        cash -= of[PAID * K + k] + of[REPAID * K + k] + of[REIMBURSED * K + k]
        premiums -= of[PREMIUM * K + k]
        lowest = min(lowest, of[STANDS * K + k])
        if not trust.notes[k].io and of[DUE * K + k] - of[PAID * K + k] > least:
            unpaid = trust.notes[k].rank if unpaid == 0 else min(unpaid, trust.notes[k].rank)
    if not abs(cash) <= least:
        fail(trust, i, CASH_BREACH)
    if not abs(premiums) <= least_premium:
        fail(trust, i, PREMIUM_BREACH)
    if lowest < 0.0:
        fail(trust, i, NEGATIVE_BREACH)
    for k in range(K if trust.terms.ranked and unpaid > 0 else 0):
        if trust.notes[k].rank > unpaid and of[PAID * K + k] + of[REPAID * K + k] > least:
            fail(trust, i, PRIORITY_BREACH)
