# The prices of a power contract in time.

from numerics.rows cimport fill
from records cimport PowerRow
from numerics.growth cimport anniversary, climb


cdef inline void escalate(const PowerRow* contract, Py_ssize_t months, double* level) noexcept nogil:
    """(1 + escalation) to the whole years since the contract's start, month by month; 1 before it."""
    cdef long long y, first = min(anniversary(contract.start, 0), months)
    cdef double now = 1.0, growth = 1.0 + contract.escalation
    for y in range((-contract.start) // 12):
        now = now * growth
    fill(first, now, level)
    climb(now * growth, growth, first, months, level)
