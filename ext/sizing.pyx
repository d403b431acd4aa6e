"""Debt by induction and recursion: level and sculpted balances, present values, rolling cover.

Design: a level or target schedule runs forwards from one unit of principal; a sculpted one runs backwards, because
what a period can carry depends on what every later period can. Only + - * / and comparisons: no libm, so the same
bits on every processor. Axes: S scenario, N period, T period of the term (T <= N); last axis contiguous.
"""

from libc.math cimport INFINITY, NAN

from numerics.annuity cimport annuity_payment
from numerics.buffers cimport ANY, Reals, need, out, reals


def level_payment(double rate, Py_ssize_t count):
    """Return the level payment per period on one unit; rackrate.kernel.reference.sizing says it in full."""
    if count < 1:
        raise ValueError("count: a level payment needs at least one period")
    return annuity_payment(rate, count)


cdef void run_level(
    const double* rate, const double* accrual, double years, Py_ssize_t interest_only, Py_ssize_t count,
    Py_ssize_t term, double* balance,
) noexcept nogil:
    """One scenario of `level_balances`; `years` is the length of a period."""
    cdef Py_ssize_t k, paid
    cdef double payment = 0.0, repaid
    balance[0] = 1.0
    for k in range(term):
        paid = k - interest_only
        repaid = 0.0
        if 0 <= paid < count:
            if paid == 0 or rate[k] != rate[k - 1]:
                payment = balance[k] * annuity_payment(rate[k] * years, count - paid)
            repaid = min(balance[k], max(0.0, payment - balance[k] * (rate[k] * accrual[k])))
        balance[k + 1] = balance[k] - repaid


def level_balances(
    rate,                        # IN  [S, N] annual rate in each period
    accrual,                     # IN  [N] year fraction of each period
    double years,                    # IN  length of a period in years, as the level payment counts it
    Py_ssize_t interest_only,        # IN  periods before the first level payment
    Py_ssize_t count,                # IN  periods in which level payments would repay the whole
    balance,                     # OUT [S, T + 1] share of principal left after each payment
):
    """Run a level-payment loan forwards; rackrate.kernel.reference.sizing says it in full."""
    cdef Reals rates = reals(rate, "rate [scenarios, periods]", ANY, ANY)
    cdef Py_ssize_t s, scenarios = rates.shape[0], N = rates.shape[1], term
    cdef Reals fractions = reals(accrual, "accrual [periods]", ANY)
    cdef Reals left = out(balance, "balance [scenarios, term + 1]", scenarios, ANY)
    term = left.shape[1] - 1
    need(0 <= term <= N, balance, "balance [scenarios, term + 1], the term no longer than rate")
    need(term <= fractions.shape[0], accrual, "accrual [periods], no fewer than the term of balance")
    if count < 1:
        raise ValueError("count: a level payment needs at least one period")
    with nogil:
        for s in range(scenarios):
            run_level(rates.at + s * N, fractions.at, years, interest_only, count, term, left.at + s * (term + 1))


cdef double induce(
    const double* ncf, const double* rate, const double* ceiling, double dscr, Py_ssize_t interest_only,
    Py_ssize_t term, double end, double* capacity,
) noexcept nogil:
    """Fill `capacity` backwards from `end`; return d(capacity at closing)/d(end)."""
    cdef Py_ssize_t k
    cdef double cap, room, carried, slope = 1.0
    capacity[term] = end
    for k in range(term - 1, -1, -1):
        cap = max(0.0, ncf[k]) / dscr
        if k < interest_only:
            carried = capacity[k + 1]
        else:
            carried = (capacity[k + 1] + cap) / (1.0 + rate[k])
            slope /= 1.0 + rate[k]
        room = min(ceiling[k], cap / rate[k] if rate[k] > 0.0 else INFINITY)
        if room < carried:
            slope = 0.0
            carried = room
        capacity[k] = carried
    return slope


cdef void run_sculpt(
    const double* ncf, const double* rate, const double* ceiling, double dscr, double balloon,
    Py_ssize_t interest_only, Py_ssize_t term, double* capacity,
) noexcept nogil:
    """One scenario of `sculpt`: Newton's steps from the right on end = balloon * capacity(end)."""
    # Capacity is concave and piecewise linear in its end value, so every step lands at or right of the root and
    # uses up at least one piece: at most one step a period, and the last one is exact. Left of the root the line
    # is above its end: where the ceiling is, it is the end.
    cdef Py_ssize_t step
    cdef double end = 0.0, nearer, slope
    if balloon > 0.0:
        induce(ncf, rate, ceiling, dscr, interest_only, term, INFINITY, capacity)
        end = balloon * capacity[0]
        if end == INFINITY:  # no interest and no ceiling: one piece, solved from its start
            slope = induce(ncf, rate, ceiling, dscr, interest_only, term, 0.0, capacity)
            if balloon * slope < 1.0:
                end = balloon * capacity[0] / (1.0 - balloon * slope)
        for step in range(2 * term + 2):
            slope = induce(ncf, rate, ceiling, dscr, interest_only, term, end, capacity)
            if balloon * slope >= 1.0:  # no line that steep meets its end: end is the root, or there is none
                break
            nearer = end - (end - balloon * capacity[0]) / (1.0 - balloon * slope)
            if not nearer < end:
                break
            end = max(0.0, nearer)
    induce(ncf, rate, ceiling, dscr, interest_only, term, min(end, ceiling[term]), capacity)


def sculpt(
    ncf,                         # IN  [S, T] net cash flow of each period
    rate,                        # IN  [S, T] rate per period: annual rate times accrual
    ceiling,                     # IN  [S, T + 1] most that may be outstanding at each boundary; inf for no limit
    dscr,                        # IN  [S] cover to be kept
    balloon,                     # IN  [S] share of principal left at maturity
    Py_ssize_t interest_only,        # IN  periods in which nothing is repaid
    capacity,                    # OUT [S, T + 1] debt that each boundary can carry
):
    """Find debt capacity by backward induction; rackrate.kernel.reference.sizing says it in full."""
    cdef Reals flows = reals(ncf, "ncf [scenarios, term]", ANY, ANY)
    cdef Py_ssize_t s, count = flows.shape[0], term = flows.shape[1]
    cdef Reals rates = reals(rate, "rate [scenarios, term]", count, term)
    cdef Reals ceilings = reals(ceiling, "ceiling [scenarios, term + 1]", count, term + 1)
    cdef Reals covers = reals(dscr, "dscr [scenarios]", count), ends = reals(balloon, "balloon [scenarios]", count)
    cdef Reals found = out(capacity, "capacity [scenarios, term + 1]", count, term + 1)
    need(term > 0, ncf, "ncf [scenarios, term > 0]")
    with nogil:
        for s in range(count):
            run_sculpt(flows.at + s * term, rates.at + s * term, ceilings.at + s * (term + 1), covers.at[s],
                       ends.at[s], interest_only, term, found.at + s * (term + 1))


def discount_factors(
    rate,                        # IN  [S, N] rate per period
    factor,                      # OUT [S, N + 1] present value at closing of one unit at each boundary
):
    """Compound the periods' own rates; rackrate.kernel.reference.sizing says it in full."""
    cdef Reals rates = reals(rate, "rate [scenarios, periods]", ANY, ANY)
    cdef Py_ssize_t s, k, count = rates.shape[1]
    cdef Reals found = out(factor, "factor [scenarios, periods + 1]", rates.shape[0], count + 1)
    cdef double present_value
    with nogil:
        for s in range(rates.shape[0]):
            present_value = 1.0
            found.at[s * (count + 1)] = present_value
            for k in range(count):
                present_value /= 1.0 + rates.at[s * count + k]
                found.at[s * (count + 1) + k + 1] = present_value


def present_values(
    flow,                        # IN  [S, N] paid at the end of each period
    rate,                        # IN  [S, N] rate per period
    value,                       # OUT [S, N + 1] present value at each boundary of what is paid after it
):
    """Discount flows at the periods' own rates; rackrate.kernel.reference.sizing says it in full."""
    cdef Reals flows = reals(flow, "flow [scenarios, periods]", ANY, ANY)
    cdef Py_ssize_t s, k, count = flows.shape[1]
    cdef Reals rates = reals(rate, "rate [scenarios, periods]", flows.shape[0], count)
    cdef Reals found = out(value, "value [scenarios, periods + 1]", flows.shape[0], count + 1)
    cdef double present_value
    with nogil:
        for s in range(flows.shape[0]):
            present_value = 0.0
            found.at[s * (count + 1) + count] = present_value
            for k in range(count - 1, -1, -1):
                present_value = (present_value + flows.at[s * count + k]) / (1.0 + rates.at[s * count + k])
                found.at[s * (count + 1) + k] = present_value


def rolling_ratios(
    numerator,                   # IN  [S, N]
    service,                     # IN  [S, T] service of each period, balloon excluded
    balance,                     # IN  [S, T + 1] left after each payment, before the balloon
    Py_ssize_t width,                # IN  periods in a window
    double dust,                     # IN  a balance or a service at or below it is nothing
    ratio,                       # OUT [S, T - width + 1] cover of each window; NaN where it does not count
):
    """Compare sums over rolling windows; rackrate.kernel.reference.sizing says it in full."""
    cdef Reals paid = reals(service, "service [scenarios, term]", ANY, ANY)
    cdef Py_ssize_t s, i, k, count = paid.shape[0], term = paid.shape[1], windows = max(0, term - width + 1), N
    cdef Reals income = reals(numerator, "numerator [scenarios, periods]", count, ANY)
    cdef Reals left = reals(balance, "balance [scenarios, term + 1]", count, term + 1)
    cdef Reals found = out(ratio, "ratio [scenarios, term - width + 1]", count, windows)
    cdef const double* earning
    cdef const double* paying
    cdef double earned, due
    N = income.shape[1]
    need(N >= term, numerator, "numerator [scenarios, periods], no fewer than the term of service")
    if width < 1:
        raise ValueError(f"width: expected at least one period, got {width}")
    with nogil:
        for s in range(count):
            for i in range(windows):
                earned = due = 0.0
                earning, paying = income.at + s * N + i, paid.at + s * term + i
                for k in range(width):
                    earned += earning[k]
                    due += paying[k]
                found.at[s * windows + i] = (
                    earned / due if left.at[s * (term + 1) + i + width - 1] > dust and due > dust else NAN)
