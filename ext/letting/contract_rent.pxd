# Contract rent and billed kW by month: both stand still but for anniversaries and steps.

from numerics.rows cimport fill
from records cimport FIXED_ESCALATION, STEPPED_RENT, LeaseRow, StepRow


cdef inline double clip(double x, double low, double high) noexcept nogil:
    return low if x < low else (high if x > high else x)


cdef inline double last_step(const StepRow* steps, long long start, long long end, long long month,
                             double otherwise) noexcept nogil:
    """The value of the last step on or before a month since commencement."""
    cdef double value = otherwise
    cdef long long k
    for k in range(start, end):
        if steps[k].from_month > month:
            break
        value = steps[k].value
    return value


cdef inline long long next_step(const StepRow* steps, long long start, long long end, long long month,
                                long long stop) noexcept nogil:
    """The first month since commencement after one in which a step begins, if it lies before a stop; else the stop."""
    cdef long long k
    for k in range(start, end):
        if steps[k].from_month > month:
            return min(steps[k].from_month, stop)
    return stop


cdef inline void contract_rent(const LeaseRow* lease, const StepRow* steps, const double* cpi, long long first,
                               long long end, double* rent) noexcept nogil:
    """Rent from month `first` to `end`, which changes on anniversaries or by steps."""
    cdef long long i = first, since, stop
    cdef double now = lease.rent
    while i < end:
        since = i - lease.commencement
        if lease.escalation == STEPPED_RENT:
            now = last_step(steps, lease.step_start, lease.step_end, since, lease.rent)
            stop = lease.commencement + next_step(steps, lease.step_start, lease.step_end, since, end - lease.commencement)
        else:
            if i > first:
                now = now * (1.0 + (lease.escalation_rate if lease.escalation == FIXED_ESCALATION else clip(
                    cpi[i], lease.escalation_floor, lease.escalation_cap)))
            stop = min(i + 12 - since % 12, end)
        fill(stop - i, now, rent + i)
        i = stop


cdef inline void contract_kw(const LeaseRow* lease, const StepRow* ramps, long long first, long long end, double* kw
                             ) noexcept nogil:
    """Billed kW from month `first` to `end`."""
    cdef long long i = first, since, stop
    while i < end:
        since = i - lease.commencement
        stop = lease.commencement + next_step(ramps, lease.ramp_start, lease.ramp_end, since, end - lease.commencement)
        fill(stop - i, last_step(ramps, lease.ramp_start, lease.ramp_end, since, lease.contracted_kw), kw + i)
        i = stop


cdef inline void clear_outside(Py_ssize_t first, Py_ssize_t end, Py_ssize_t months, double* x) noexcept nogil:
    fill(first, 0.0, x)
    fill(months - end, 0.0, x + end)
