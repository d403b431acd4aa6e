# What rises once a year, month by month.

from numerics.rows cimport fill


cdef inline void climb(double now, double growth, long long start, long long end, double* x) noexcept nogil:
    """A figure from month `start` to `end`, times `growth` on each anniversary of its start."""
    cdef long long stop
    while start < end:
        stop = min(start + 12, end)
        fill(stop - start, now, x + start)
        now = now * growth
        start = stop


cdef inline long long anniversary(long long start, long long month) noexcept nogil:
    """The first anniversary of a start after a month; a year on where the start is yet to come."""
    return month + 12 - (month - start) % 12 if month >= start else start + 12
