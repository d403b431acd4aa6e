"""Value: a year's net cash flow capitalised, or a horizon discounted and then capitalised; leaseholds run out."""

from numerics.buffers cimport ANY, Array, Reals, integers, out, reals
from numerics.rows cimport fill
from numerics.elementary cimport compound, twelfth_root


cdef inline double year_of(const double* flows, long long months, long long start) noexcept nogil:
    """Sum of twelve months from start, as far as they are known."""
    cdef double total = 0.0
    cdef long long i
    for i in range(start, min(start + 12, months)):
        total += flows[i]
    return total


cdef inline double perpetuity(double cap, long long months_left) noexcept nogil:
    """Value of one a year at a cap rate: 1/cap, for a leasehold times 1 - (1 + cap) ** -years left."""
    if months_left <= 0:
        return 0.0
    if months_left > 12000:
        return 1.0 / cap
    return (1.0 - 1.0 / compound(cap, months_left)) / cap


def capitalise(
    flows,                               # IN [S, F, M] net cash flow
    expiry,                              # IN [F] first month without the leasehold
    double cap,                          # IN a year, > 0
    at,                                  # IN [P] months of valuation
    start,                               # IN [P] first of the twelve months capitalised
    value,                               # OUT [S, P]
):
    """The twelve months from `start` capitalised as of month `at`, leasehold by leasehold."""
    cdef Reals flow = reals(flows, "flows [scenarios, facilities, months]", ANY, ANY, ANY)
    cdef Array when = integers(at, "at [periods]", ANY)
    cdef Py_ssize_t S = flow.shape[0], F = flow.shape[1], M = flow.shape[2], P = when.shape[0], s, f, p
    cdef Array ends = integers(expiry, "expiry [facilities]", F), starts = integers(start, "start [periods]", P)
    cdef Reals values = out(value, "value [scenarios, periods]", S, P)
    cdef const long long* end = <const long long*> ends.at
    cdef const long long* month = <const long long*> when.at
    cdef const long long* first = <const long long*> starts.at
    cdef double multiple
    if not cap > 0.0:
        raise ValueError(f"cap: expected a rate above zero, got {cap}")
    with nogil:
        fill(S * P, 0.0, values.at)
        for p in range(P):
            for f in range(F):
                multiple = perpetuity(cap, end[f] - month[p])
                for s in range(S):
                    values.at[s * P + p] += year_of(flow.at + (s * F + f) * M, M, first[p]) * multiple


def discount(
    flows,                               # IN [S, F, M] net cash flow
    expiry,                              # IN [F]
    double rate,                         # IN a year
    double cap,                          # IN terminal, a year, > 0
    long long months,                    # IN
    at,                                  # IN [P] months of valuation
    value,                               # OUT [S, P] of the months
    terminal,                            # OUT [S, P] of the twelve after them
):
    """Flows of `months` months at their ends, and the next twelve capitalised, both discounted to month `at`."""
    cdef Reals flow = reals(flows, "flows [scenarios, facilities, months]", ANY, ANY, ANY)
    cdef Array when = integers(at, "at [periods]", ANY)
    cdef Py_ssize_t S = flow.shape[0], F = flow.shape[1], M = flow.shape[2], P = when.shape[0], s, f, p, i
    cdef Array ends = integers(expiry, "expiry [facilities]", F)
    cdef Reals values = out(value, "value [scenarios, periods]", S, P)
    cdef Reals after = out(terminal, "terminal [scenarios, periods]", S, P)
    cdef const long long* end = <const long long*> ends.at
    cdef const long long* month = <const long long*> when.at
    cdef const double* facility
    cdef double keep, factor, total, last
    if not cap > 0.0:
        raise ValueError(f"cap: expected a rate above zero, got {cap}")
    with nogil:
        keep = 1.0 / twelfth_root(1.0 + rate)
        for p in range(P):
            for s in range(S):
                total, last = 0.0, 0.0
                for f in range(F):
                    factor, facility = 1.0, flow.at + (s * F + f) * M
                    for i in range(month[p], min(month[p] + months, <long long> M)):
                        factor = factor * keep
                        total += facility[i] * factor
                    last += factor * year_of(facility, M, month[p] + months) * perpetuity(
                        cap, end[f] - month[p] - months)
                values.at[s * P + p], after.at[s * P + p] = total, last
