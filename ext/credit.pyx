"""Tenant credit: survival from cumulative default tables."""

from numerics.buffers cimport ANY, Array, Reals, integers, need, out, reals
from numerics.rows cimport copy, fill, in_t, lanes_t
from numerics.elementary cimport exp, log

cdef enum:
    MOST = 12                            # months from one exponential to the next


def cumulative_hazard(
    pd,                                  # IN cumulative default probabilities in [0, 1)
    hazard,                              # OUT same length, -ln(1 - pd)
):
    """Cumulative hazard of cumulative default probabilities."""
    cdef Reals defaulted = reals(pd, "pd [years]", ANY), total = out(hazard, "hazard [years]", defaulted.shape[0])
    cdef Py_ssize_t k
    with nogil:
        for k in range(defaulted.shape[0]):
            total.at[k] = -log(1.0 - defaulted.at[k])


cdef inline void decline(Py_ssize_t n, double level, in_t factor, lanes_t survival) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        survival[i] = level * factor[i]


cdef inline void survive_to(Py_ssize_t n, double hazard, double slope, in_t step, lanes_t survival) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        survival[i] = exp(-(hazard + slope * step[i]))


cdef inline void decline_evenly(Py_ssize_t first, Py_ssize_t end, double hazard, double slope, const double* steps,
                                double* survival) noexcept nogil:
    """Survival where hazard rises evenly: an exponential every few months, and the same factors from each."""
    cdef Py_ssize_t i = first, k, n, apart = 4 if end - first <= 24 else MOST   # about as many factors as stretches
    cdef double[MOST] factor, level
    survive_to(apart, 0.0, slope, steps, factor)
    while i < end:
        n = 0
        while n < MOST and i + n * apart < end:
            n += 1
        survive_to(n, hazard + slope * (i - first), slope * apart, steps, level)
        for k in range(n):
            decline(min(apart, end - i), level[k], factor, survival + i)
            i += apart


cdef void survive_tenant(Py_ssize_t knots, const double* months, const double* hazards, double multiplier, Py_ssize_t M,
                         const double* steps, double* survival) noexcept nogil:
    """One tenant in one scenario: cumulative hazard is linear between knots, and the last slope is carried on."""
    cdef Py_ssize_t k, first = 0, end
    cdef double before = 0.0, month = 0.0, total = 0.0, slope
    for k in range(knots):
        slope = max(0.0, hazards[k] - before) / (months[k] - month)
        end = M if k == knots - 1 else max(first, min(M, <Py_ssize_t> months[k]))
        decline_evenly(first, end, multiplier * (total + slope * (first + 1.0 - month)), multiplier * slope, steps,
                       survival)
        total += slope * (months[k] - month)
        before, month, first = hazards[k], months[k], end
        if first == M:
            break


def survive(
    months,                              # IN [T, H] knots of the cumulative hazard, ascending; the last may repeat
    hazards,                             # IN [T, H] cumulative hazard at the knots
    multipliers,                         # IN [S, T] of the hazard; 0 where credit is off
    scripted,                            # IN [S, T] month of a scripted default; -1: none
    survival,                            # OUT [S, T, M] to the end of each month
):
    """Survival of each tenant to the end of each month: exp(-multiplier * hazard), 0 from a scripted default on."""
    cdef Reals knots = reals(months, "months [tenants, knots]", ANY, ANY)
    cdef Py_ssize_t T = knots.shape[0], H = knots.shape[1], S, M, s, t, at, until
    cdef Reals levels = reals(hazards, "hazards [tenants, knots]", T, H)
    cdef Reals factors = reals(multipliers, "multipliers [scenarios, tenants]", ANY, T)
    cdef Array script = integers(scripted, "scripted [scenarios, tenants]", factors.shape[0], T)
    cdef Reals alive = out(survival, "survival [scenarios, tenants, months]", factors.shape[0], T, ANY)
    cdef const long long* ends = <const long long*> script.at
    cdef double[MOST] steps
    S, M = alive.shape[0], alive.shape[2]
    need(H > 0, months, "months [tenants, knots > 0]")
    with nogil:
        for s in range(MOST):
            steps[s] = s
        for s in range(S):
            for t in range(T):
                at = s * T + t
                until = M if ends[at] < 0 else min(<Py_ssize_t> ends[at], M)
                if s > 0 and factors.at[at] == factors.at[at - T] and ends[at] == ends[at - T]:
                    copy(M, alive.at + (at - T) * M, alive.at + at * M)
                elif factors.at[at] == 0.0:
                    fill(until, 1.0, alive.at + at * M)
                    fill(M - until, 0.0, alive.at + at * M + until)
                else:
                    survive_tenant(H, knots.at + t * H, levels.at + t * H, factors.at[at], M, steps, alive.at + at * M)
                    fill(M - until, 0.0, alive.at + at * M + until)
