# What is read at the start of a month: triggers, and the class in control.

from records cimport CUMULATIVE_LOSS, DEFAULTED_SHARE, EFFECTIVE_LOANS, REMAINING_SHARE, PoolTriggerRow
from trust.accounts cimport *


cdef inline bint is_tripped(
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
            elif triggers[k].kind == DEFAULTED_SHARE:
                trips = defaulted / stated > level
            elif triggers[k].kind == REMAINING_SHARE:
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


cdef inline double controlling(Trust* trust, double cut) noexcept nogil:
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
