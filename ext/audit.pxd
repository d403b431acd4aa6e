# The audit: each period's books held against each other, to 1e-6 of a currency unit, or to what a double can tell apart
# at the size of the deal. A breach is a fault of the program, never of a deal: the engine raises it with its period.

cimport lanes
from accounts cimport *

cdef enum Breach:                        # records.BREACHES
    CASH_BREACH = 1, INTEREST_BREACH, PRINCIPAL_BREACH, RESERVE_BREACH, TRAP_BREACH, NEGATIVE_BREACH, PRIORITY_BREACH

cdef extern from *:
    """
    #define RACKRATE_RESOLUTION 1e-14    /* of the money in play */
    """
    const double RESOLUTION "RACKRATE_RESOLUTION"


cdef inline void measure(const Plan* plan, Block* block, double* tolerance) noexcept nogil:
    """The tolerance: a millionth, and the resolution of a double on the money in play."""
    cdef Py_ssize_t n = block.lanes, k
    cdef double* size = row(block, SHARE)
    lanes.copy(n, row(block, DEBT), size)
    for k in range(plan.classes):
        lanes.add(n, class_row(block, INTEREST_DUE, k), size)
        lanes.add(n, class_row(block, ADDITIONAL_DUE, k), size)
    lanes.add(n, row(block, OPENING_RESERVE), size)
    lanes.add(n, row(block, OPENING_TRAP), size)
    lanes.subtract(n, row(block, OPENING_CARRIED), size)
    lanes.add(n, row(block, OPENING_FEES), size)
    lanes.add(n, row(block, SOLD), size)
    lanes.fill(n, 1e-6, tolerance)
    lanes.add_scaled(n, RESOLUTION, size, tolerance)
    lanes.copy(n, row(block, AVAILABLE), size)
    lanes.below_zero(n, row(block, AVAILABLE), size)
    lanes.add_scaled(n, RESOLUTION, size, tolerance)


cdef inline void audit(const Plan* plan, Block* block, Py_ssize_t t) noexcept nogil:
    """Cash, interest, principal, reserve and trap; no account negative; no junior paid before a senior."""
    cdef Py_ssize_t n = block.lanes, k
    cdef int kind
    cdef double* tolerance = row(block, TOTAL)
    cdef double* worst = row(block, MISSING)
    cdef double* zero = row(block, ZERO)
    measure(plan, block, tolerance)
    for kind in range(CASH_BREACH, PRIORITY_BREACH + 1):
        lanes.fill(n, 0.0, worst)
        if kind == CASH_BREACH:
            balance_cash(plan, block, worst)
        elif kind == RESERVE_BREACH:
            lanes.trace(n, row(block, OPENING_RESERVE), row(block, RESERVE_IN), row(block, RESERVE_OUT), zero,
                        row(block, RESERVE), worst)
            lanes.below_zero(n, row(block, RESERVE), worst)
        elif kind == TRAP_BREACH:
            lanes.trace(n, row(block, OPENING_TRAP), row(block, TRAP_IN), row(block, TRAP_OUT), zero, row(block, TRAP),
                        worst)
            lanes.below_zero(n, row(block, TRAP), worst)
        elif kind == PRIORITY_BREACH:
            lanes.at_least(n, row(block, UNJUST), worst)
        else:
            for k in range(plan.classes):
                trace_class(block, kind, k, worst)
        lanes.judge(n, t, kind, worst, tolerance, row(block, BREACH_PERIOD), row(block, BREACH_KIND))


cdef inline void balance_cash(const Plan* plan, Block* block, double* worst) noexcept nogil:
    """Cash in, draws and sales against everything paid and set aside."""
    cdef Py_ssize_t n = block.lanes, k
    cdef double* taken = row(block, SHARE)
    cdef double* paid = row(block, START)
    lanes.copy(n, row(block, AVAILABLE), taken)
    lanes.add(n, row(block, OPENING_CARRIED), taken)
    lanes.subtract(n, row(block, CARRIED), taken)
    lanes.add(n, row(block, SOLD), taken)
    lanes.add(n, row(block, RESERVE_OUT), taken)
    lanes.add(n, row(block, TRAP_OUT), taken)
    lanes.copy(n, row(block, FEES), paid)
    lanes.add(n, row(block, UNCAPPED_FEES), paid)
    for k in range(plan.classes):
        lanes.add(n, class_row(block, INTEREST_PAID, k), paid)
        lanes.add(n, class_row(block, PRINCIPAL_PAID, k), paid)
        lanes.add(n, class_row(block, ADDITIONAL_PAID, k), paid)
    lanes.add(n, row(block, EQUITY), paid)
    lanes.trace(n, taken, row(block, ZERO), paid, row(block, RESERVE_IN), row(block, TRAP_IN), worst)


cdef inline void trace_class(Block* block, int kind, Py_ssize_t k, double* worst) noexcept nogil:
    cdef Py_ssize_t n = block.lanes
    cdef double* zero = row(block, ZERO)
    if kind == INTEREST_BREACH:
        lanes.trace(n, class_row(block, INTEREST_DUE, k), zero, class_row(block, INTEREST_PAID, k),
                    class_row(block, CAPITALISED, k), class_row(block, INTEREST_UNPAID, k), worst)
        lanes.trace(n, class_row(block, ADDITIONAL_DUE, k), zero, class_row(block, ADDITIONAL_PAID, k), zero,
                    class_row(block, ADDITIONAL_OWED, k), worst)
    elif kind == PRINCIPAL_BREACH:
        lanes.trace(n, class_row(block, OPENING, k), class_row(block, CAPITALISED, k),
                    class_row(block, PRINCIPAL_PAID, k), zero, class_row(block, BALANCE, k), worst)
    else:
        lanes.below_zero(n, row(block, SENIOR_FEES_OWED), worst)
        lanes.below_zero(n, row(block, JUNIOR_FEES_OWED), worst)
        lanes.below_zero(n, class_row(block, BALANCE, k), worst)
        lanes.below_zero(n, class_row(block, INTEREST_UNPAID, k), worst)
        lanes.below_zero(n, class_row(block, ADDITIONAL_OWED, k), worst)
