"""Tenant credit: survival from cumulative default tables."""

from scalar cimport exp, log


cdef struct Knot:                        # where a month lies in a table of cumulative hazard
    Py_ssize_t k                         # the knot at or after it, or the last
    double month                         # of the knot before
    double total                         # hazard to the knot before
    double slope                         # from there


cdef inline double slope_to(const double[:, ::1] months, const double[:, ::1] hazards, Py_ssize_t t, Py_ssize_t k) noexcept nogil:
    """Hazard a month on the way to a knot, never below zero."""
    cdef double before = hazards[t, k - 1] if k > 0 else 0.0
    return max(0.0, hazards[t, k] - before) / (months[t, k] - (months[t, k - 1] if k > 0 else 0.0))


cdef inline double hazard_to(const double[:, ::1] months, const double[:, ::1] hazards, Py_ssize_t t, double when,
                             Knot* knot) noexcept nogil:
    """Cumulative hazard to a month: linear between knots, the last slope carried on. Months come in ascending order."""
    while knot.k < months.shape[1] - 1 and when > months[t, knot.k]:
        knot.total += knot.slope * (months[t, knot.k] - knot.month)
        knot.month = months[t, knot.k]
        knot.k += 1
        knot.slope = slope_to(months, hazards, t, knot.k)
    return knot.total + knot.slope * (when - knot.month)


def cumulative_hazard(
    const double[::1] pd,                # IN cumulative default probabilities in [0, 1)
    double[::1] hazard,                  # OUT same length, -ln(1 - pd)
):
    """Cumulative hazard of cumulative default probabilities."""
    cdef Py_ssize_t k
    if hazard.shape[0] != pd.shape[0]:
        raise ValueError("hazard must be as long as pd")
    with nogil:
        for k in range(pd.shape[0]):
            hazard[k] = -log(1.0 - pd[k])


def survive(
    const double[:, ::1] months,         # IN [T, H] knots of the cumulative hazard, ascending; the last may repeat
    const double[:, ::1] hazards,        # IN [T, H] cumulative hazard at the knots
    const double[:, ::1] multipliers,    # IN [S, T] of the hazard; 0 where credit is off
    const long long[:, ::1] scripted,    # IN [S, T] month of a scripted default; -1: none
    double[:, :, ::1] survival,          # OUT [S, T, M] to the end of each month
):
    """Survival of each tenant to the end of each month: exp(-multiplier * hazard), 0 from a scripted default on."""
    cdef Py_ssize_t S = survival.shape[0], T = survival.shape[1], M = survival.shape[2], s, t, i
    cdef Knot knot
    if (months.shape[0] != T or hazards.shape[0] != T or months.shape[1] != hazards.shape[1]
            or multipliers.shape[0] != S or multipliers.shape[1] != T or scripted.shape[0] != S
            or scripted.shape[1] != T):
        raise ValueError("shapes disagree")
    with nogil:
        for s in range(S):
            for t in range(T):
                knot.k, knot.month, knot.total, knot.slope = 0, 0.0, 0.0, slope_to(months, hazards, t, 0)
                for i in range(M):
                    if scripted[s, t] >= 0 and i >= scripted[s, t]:
                        survival[s, t, i] = 0.0
                    elif multipliers[s, t] == 0.0:
                        survival[s, t, i] = 1.0
                    else:
                        survival[s, t, i] = exp(-multipliers[s, t] * hazard_to(months, hazards, t, i + 1.0, &knot))
