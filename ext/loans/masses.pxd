# What is left of a loan: the share that performs, defaults and prepays in each month, and what that brings.

from libc.math cimport INFINITY
from libc.string cimport memset

from loans.lines cimport *
from numerics.elementary cimport twelfth_root
from numerics.rows cimport in_t, lanes_t
from records cimport CLOSED, PoolLoanRow, PoolTermsRow

cdef struct Table:                       # one-year default probabilities
    Py_ssize_t rows
    Py_ssize_t columns
    const double* dscr_below
    const double* ltv_up_to
    const double* pd

cdef struct Path:                        # of one loan
    const double* rate
    const double* accrual
    const double* value
    const double* sale_value
    const double* balance
    const double* principal
    const double* cover
    const double* premium
    const long long* protection
    long long repaid
    long long matured
    long long scripted
    double closing_cover

cdef struct Monthly:                     # the last yearly rate asked for, and its month's: rates repeat
    double yearly
    double share


cdef inline double monthly(double yearly) noexcept nogil:
    """Share of a month of a yearly probability."""
    return 1.0 - twelfth_root(1.0 - yearly) if 0.0 < yearly < 1.0 else yearly


cdef inline double remembered(double yearly, Monthly* known) noexcept nogil:
    """The same, worked out where the rate is another than before."""
    if yearly != known.yearly:
        known.yearly, known.share = yearly, monthly(yearly)
    return known.share


cdef inline double probability(const Table* table, double dscr, double ltv) noexcept nogil:
    cdef Py_ssize_t r = 0, c = 0
    while r < table.rows and not dscr < table.dscr_below[r]:
        r += 1
    while c < table.columns and not ltv <= table.ltv_up_to[c]:
        c += 1
    return table.pd[r * (table.columns + 1) + c]


cdef inline double default_rate(
    const PoolLoanRow* loan, const PoolTermsRow* terms, const Path* path, const Table* table, double cdr, Py_ssize_t i,
) noexcept nogil:
    """Yearly rate at which a performing loan defaults in month `i`."""
    cdef double yearly = cdr, ltv = INFINITY
    if terms.hazard > 0.0:
        if path.value[i] > 0.0:
            ltv = path.balance[i] / loan.share / path.value[i]
        yearly += terms.hazard * probability(table, path.cover[i - 1] if i > 0 else path.closing_cover, ltv)
    return min(1.0, terms.cdr_multiple * yearly)


cdef inline Py_ssize_t run_masses(
    const PoolLoanRow* loan, const PoolTermsRow* terms, const Path* path, const double* cdr, const Table* table,
    Rows* rows, double* balloon, double* outcome,
) noexcept nogil:
    """Masses of each month; in how many the loan performs at the start."""
    cdef Py_ssize_t i, months = 0
    cdef long long below = 0
    cdef double mass = 1.0, gone
    cdef bint whole, arrears = loan.in_arrears and terms.arrears_default
    cdef Monthly known
    known.yearly = known.share = 0.0
    memset(rows.mass, 0, 4 * rows.length * sizeof(double))
    outcome[LAST_MONTH] = -1.0
    while months < rows.months and mass > 0.0:
        i, months = months, months + 1
        rows.mass[i] = mass
        whole = i == path.scripted or i == path.matured or (arrears and i == 0)
        if terms.below_months > 0:
            whole = whole or below >= terms.below_months
            below = below + 1 if path.cover[i] < terms.below_dscr else 0
        gone = mass if whole else mass * remembered(default_rate(loan, terms, path, table, cdr[i], i), &known)
        rows.gone[i] = gone
        outcome[DEFAULTED_MASS] += gone
        mass -= gone
        if mass <= 0.0:
            mass = 0.0
            break
        rows.alive[i] = mass
        outcome[LAST_MONTH] = <double> i
        if i >= loan.term:
            outcome[EXTENDED] = 1.0
        if i == path.repaid or path.balance[months] <= DUST:
            balloon[i] += mass * path.balance[months]
            outcome[REPAID_MASS] += mass
            mass = 0.0
        elif path.protection[i] != CLOSED:
            gone = mass * rows.prepaying[path.protection[i] * rows.length + i]
            rows.prepaid[i] = gone
            outcome[PREPAID_MASS] += gone
            mass -= gone
    outcome[LEFT] = mass
    rows.mass[months] = mass
    return months


cdef inline void collect(
    Py_ssize_t months, in_t mass, in_t alive, in_t balance, in_t rate, in_t accrual, in_t principal, double fee_rate,
    in_t net, lanes_t interest, lanes_t strip, lanes_t scheduled, lanes_t accrued,
) noexcept nogil:
    """What the performing part pays and accrues."""
    cdef Py_ssize_t i
    for i in range(months):
        interest[i] = interest[i] + alive[i] * balance[i] * (rate[i] * accrual[i])
        strip[i] = strip[i] + alive[i] * balance[i] * fee_rate * accrual[i]
        scheduled[i] = scheduled[i] + alive[i] * principal[i]
        accrued[i] = accrued[i] + mass[i] * balance[i] * net[i]


cdef inline void prepay(
    Py_ssize_t months, in_t gone, in_t left, in_t premium, in_t rate, in_t mass, lanes_t prepaid, lanes_t premiums,
    lanes_t premium_rate, lanes_t stated,
) noexcept nogil:
    """Principal prepaid and its premiums; `left` and `mass` are those of the next boundary, `stated` too."""
    cdef Py_ssize_t i
    for i in range(months):
        prepaid[i] = prepaid[i] + gone[i] * left[i]
        premiums[i] = premiums[i] + gone[i] * left[i] * premium[i]
        premium_rate[i] = premium_rate[i] + gone[i] * left[i] * premium[i] * rate[i]
        stated[i] = mass[i] * left[i]


cdef inline void net_interest(Py_ssize_t months, in_t rate, in_t accrual, double fee_rate, lanes_t net) noexcept nogil:
    """Interest of a month on 1, less fees."""
    cdef Py_ssize_t i
    for i in range(months):
        net[i] = (rate[i] - fee_rate) * accrual[i]
