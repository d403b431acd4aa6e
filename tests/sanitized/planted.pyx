"""Faults on purpose: each function commits one that a sanitizer must report."""


def read_past_the_end(const double[::1] values):
    """An index one beyond the last."""
    return values[values.shape[0]]


def read_before_the_start(const double[::1] values):
    """An index one before the first."""
    cdef Py_ssize_t first = -1
    return values[first]


def divide_a_whole_number_by_zero(long long value, long long divisor):
    """In C undefined; on this processor the end of the process."""
    return value // divisor


def divide_by_zero(double value, double divisor):
    """An infinity nobody guarded against."""
    return value / divisor


def overflow(long long value):
    """The largest whole number and one more."""
    return value + 1


def cast(double value):
    """A float that its integer cannot hold."""
    return <int>value
