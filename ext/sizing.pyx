"""Debt by induction and recursion: level and sculpted balances, present values, rolling cover.

Design: a level or target schedule runs forwards from one unit of principal; a sculpted one runs backwards, because
what a period can carry depends on what every later period can. Only + - * / and comparisons: no libm, so the same
bits on every processor. Axes: S scenario, N period, T period of the term (T <= N); last axis contiguous.
"""

from libc.math cimport INFINITY, NAN


cdef inline double annuity_payment(double rate, Py_ssize_t count) noexcept nogil:
    """Payment per period that repays one unit in `count` periods at `rate` a period."""
    # The annuity is added up in blocks of doubling length, so that no rate, however small, cancels.
    cdef double discount = 1.0 / (1.0 + rate), worth = 0.0, factor = 1.0, block = 1.0 / (1.0 + rate)
    while count > 0:
        if count & 1:
            worth += factor * block
            factor *= discount
        block *= 1.0 + discount
        discount *= discount
        count >>= 1
    return 1.0 / worth


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
    const double[:, ::1] rate,       # IN  [S, N] annual rate in each period
    const double[::1] accrual,       # IN  [N] year fraction of each period
    double years,                    # IN  length of a period in years, as the level payment counts it
    Py_ssize_t interest_only,        # IN  periods before the first level payment
    Py_ssize_t count,                # IN  periods in which level payments would repay the whole
    double[:, ::1] balance,          # OUT [S, T + 1] share of principal left after each payment
):
    """Run a level-payment loan forwards; rackrate.kernel.reference.sizing says it in full."""
    cdef Py_ssize_t s, term = balance.shape[1] - 1
    if balance.shape[0] != rate.shape[0] or rate.shape[1] < term or accrual.shape[0] < term or term < 0:
        raise ValueError("balance: shape must be [S, T + 1] with T no longer than rate and accrual")
    if count < 1:
        raise ValueError("count: a level payment needs at least one period")
    if term == 0 or rate.shape[0] == 0:
        balance[:, :] = 1.0
        return
    with nogil:
        for s in range(rate.shape[0]):
            run_level(&rate[s, 0], &accrual[0], years, interest_only, count, term, &balance[s, 0])


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
    # uses up at least one piece: at most one step a period, and the last one is exact.
    cdef Py_ssize_t step
    cdef double end = 0.0, nearer, slope
    if balloon > 0.0:
        induce(ncf, rate, ceiling, dscr, interest_only, term, INFINITY, capacity)
        end = balloon * capacity[0]
        if end == INFINITY:  # no interest and no ceiling: one piece, solved from its start
            slope = induce(ncf, rate, ceiling, dscr, interest_only, term, 0.0, capacity)
            if capacity[0] <= 0.0:
                end = 0.0
            elif balloon * slope < 1.0:
                end = balloon * capacity[0] / (1.0 - balloon * slope)
        for step in range(2 * term + 2):
            slope = induce(ncf, rate, ceiling, dscr, interest_only, term, end, capacity)
            if balloon * slope >= 1.0:  # no line that steep meets its end: end is the root, or there is none
                break
            nearer = end - (end - balloon * capacity[0]) / (1.0 - balloon * slope)
            if not nearer < end:
                break
            end = max(0.0, nearer)
    induce(ncf, rate, ceiling, dscr, interest_only, term, end, capacity)


def sculpt(
    const double[:, ::1] ncf,        # IN  [S, T] net cash flow of each period
    const double[:, ::1] rate,       # IN  [S, T] rate per period: annual rate times accrual
    const double[:, ::1] ceiling,    # IN  [S, T] most that may be outstanding in each period; inf where nothing limits it
    const double[::1] dscr,          # IN  [S] cover to be kept
    const double[::1] balloon,       # IN  [S] share of principal left at maturity
    Py_ssize_t interest_only,        # IN  periods in which nothing is repaid
    double[:, ::1] capacity,         # OUT [S, T + 1] debt that each boundary can carry
):
    """Find debt capacity by backward induction; rackrate.kernel.reference.sizing says it in full."""
    cdef Py_ssize_t s, count = ncf.shape[0], term = ncf.shape[1]
    if (rate.shape[0] != count or ceiling.shape[0] != count or dscr.shape[0] != count
            or balloon.shape[0] != count or capacity.shape[0] != count):
        raise ValueError("ncf: every argument needs the same scenarios")
    if rate.shape[1] != term or ceiling.shape[1] != term or capacity.shape[1] != term + 1 or term < 1:
        raise ValueError("capacity: shape must be [S, T + 1] over ncf, rate and ceiling of [S, T]")
    with nogil:
        for s in range(count):
            run_sculpt(&ncf[s, 0], &rate[s, 0], &ceiling[s, 0], dscr[s], balloon[s], interest_only, term,
                       &capacity[s, 0])


def discount_factors(
    const double[:, ::1] rate,       # IN  [S, N] rate per period
    double[:, ::1] factor,           # OUT [S, N + 1] worth at closing of one unit at each boundary
):
    """Compound the periods' own rates; rackrate.kernel.reference.sizing says it in full."""
    cdef Py_ssize_t s, k, count = rate.shape[1]
    if factor.shape[0] != rate.shape[0] or factor.shape[1] != count + 1:
        raise ValueError("factor: shape must be [S, N + 1] over rate of [S, N]")
    with nogil:
        for s in range(rate.shape[0]):
            factor[s, 0] = 1.0
            for k in range(count):
                factor[s, k + 1] = factor[s, k] / (1.0 + rate[s, k])


def present_values(
    const double[:, ::1] flow,       # IN  [S, N] paid at the end of each period
    const double[:, ::1] rate,       # IN  [S, N] rate per period
    double[:, ::1] value,            # OUT [S, N + 1] worth at each boundary of what is paid after it
):
    """Discount flows at the periods' own rates; rackrate.kernel.reference.sizing says it in full."""
    cdef Py_ssize_t s, k, count = flow.shape[1]
    if rate.shape[0] != flow.shape[0] or rate.shape[1] != count:
        raise ValueError("rate: shape must be that of flow")
    if value.shape[0] != flow.shape[0] or value.shape[1] != count + 1:
        raise ValueError("value: shape must be [S, N + 1] over flow of [S, N]")
    with nogil:
        for s in range(flow.shape[0]):
            value[s, count] = 0.0
            for k in range(count - 1, -1, -1):
                value[s, k] = (value[s, k + 1] + flow[s, k]) / (1.0 + rate[s, k])


def rolling_ratios(
    const double[:, ::1] numerator,  # IN  [S, N]
    const double[:, ::1] service,    # IN  [S, T] service of each period, balloon excluded
    const double[:, ::1] balance,    # IN  [S, T + 1] left after each payment, before the balloon
    Py_ssize_t width,                # IN  periods in a window
    double dust,                     # IN  a balance or a service at or below it is nothing
    double[:, ::1] ratio,            # OUT [S, T - width + 1] cover of each window; NaN where it does not count
):
    """Compare sums over rolling windows; rackrate.kernel.reference.sizing says it in full."""
    cdef Py_ssize_t s, i, k, count = numerator.shape[0], term = service.shape[1]
    cdef double earned, due
    if service.shape[0] != count or balance.shape[0] != count or ratio.shape[0] != count:
        raise ValueError("numerator: every argument needs the same scenarios")
    if numerator.shape[1] < term or balance.shape[1] != term + 1 or width < 1:
        raise ValueError("balance: shape must be [S, T + 1] over service of [S, T], width at least one")
    if ratio.shape[1] != max(0, term - width + 1):
        raise ValueError("ratio: shape must be [S, T - width + 1]")
    with nogil:
        for s in range(count):
            for i in range(ratio.shape[1]):
                earned = due = 0.0
                for k in range(i, i + width):
                    earned += numerator[s, k]
                    due += service[s, k]
                ratio[s, i] = earned / due if balance[s, i + width] > dust and due > dust else NAN
