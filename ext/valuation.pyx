"""Value: a year's net cash flow capitalised, or a horizon discounted and then capitalised; leaseholds run out."""

from scalar cimport compound, twelfth_root


cdef inline double year_of(const double[::1] flows, long long start) noexcept nogil:
    """Sum of twelve months from start, as far as they are known."""
    cdef double total = 0.0
    cdef long long i
    for i in range(start, min(start + 12, flows.shape[0])):
        total += flows[i]
    return total


cdef inline double perpetuity(double cap, long long months_left) noexcept nogil:
    """What one a year is worth at a cap rate: 1/cap, for a leasehold times 1 - (1 + cap) ** -years left."""
    if months_left <= 0:
        return 0.0
    if months_left > 12000:
        return 1.0 / cap
    return (1.0 - 1.0 / compound(cap, months_left)) / cap


def capitalise(
    const double[:, :, ::1] flows,       # IN [S, F, M] net cash flow
    const long long[::1] expiry,         # IN [F] first month without the leasehold
    double cap,                          # IN a year, > 0
    const long long[::1] at,             # IN [P] months of valuation
    const long long[::1] start,          # IN [P] first of the twelve months capitalised
    double[:, ::1] value,                # OUT [S, P]
):
    """The twelve months from `start` capitalised as of month `at`, leasehold by leasehold."""
    cdef Py_ssize_t S = flows.shape[0], F = flows.shape[1], P = at.shape[0], s, f, p
    if value.shape[0] != S or value.shape[1] != P or expiry.shape[0] != F or start.shape[0] != P or cap <= 0.0:
        raise ValueError("shapes disagree, or no cap rate")
    value[:, :] = 0.0
    with nogil:
        for p in range(P):
            for f in range(F):
                for s in range(S):
                    value[s, p] += year_of(flows[s, f], start[p]) * perpetuity(cap, expiry[f] - at[p])


def discount(
    const double[:, :, ::1] flows,       # IN [S, F, M] net cash flow
    const long long[::1] expiry,         # IN [F]
    double rate,                         # IN a year
    double cap,                          # IN terminal, a year, > 0
    long long months,                    # IN
    const long long[::1] at,             # IN [P] months of valuation
    double[:, ::1] value,                # OUT [S, P]
):
    """Flows of `months` months at their ends, then the next twelve capitalised, all discounted to month `at`."""
    cdef Py_ssize_t S = flows.shape[0], F = flows.shape[1], M = flows.shape[2], P = at.shape[0], s, f, p, i
    cdef double keep, factor
    if value.shape[0] != S or value.shape[1] != P or expiry.shape[0] != F or cap <= 0.0:
        raise ValueError("shapes disagree, or no cap rate")
    value[:, :] = 0.0
    with nogil:
        keep = 1.0 / twelfth_root(1.0 + rate)
        for p in range(P):
            for s in range(S):
                for f in range(F):
                    factor = 1.0
                    for i in range(at[p], min(at[p] + months, M)):
                        factor = factor * keep
                        value[s, p] += flows[s, f, i] * factor
                    value[s, p] += factor * year_of(flows[s, f], at[p] + months) * perpetuity(
                        cap, expiry[f] - at[p] - months)
