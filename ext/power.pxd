# The prices of a power contract in time.

from records cimport PowerRow


cdef inline void escalate(const PowerRow* contract, Py_ssize_t months, double* level) noexcept nogil:
    """(1 + escalation) to the whole years since the contract's start, month by month; 1 before it."""
    cdef Py_ssize_t i
    cdef long long y
    cdef double now = 1.0
    for y in range((-contract.start) // 12):
        now = now * (1.0 + contract.escalation)
    for i in range(months):
        if i > max(contract.start, 0) and (i - contract.start) % 12 == 0:
            now = now * (1.0 + contract.escalation)
        level[i] = now
