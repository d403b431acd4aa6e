# One loan of a pool in a scenario, added to the lines of the pool; and the rows that all loans share.

from libc.string cimport memcpy, memset

from loans.lines cimport *
from loans.masses cimport Path, Table, collect, monthly, net_interest, prepay, run_masses
from loans.recovery cimport run_defaults, sale_rows
from numerics.rows cimport in_t, lanes_t
from numerics.simd cimport WIDTH
from records cimport PoolLoanRow, PoolTermsRow


cdef inline void add_stocks(
    Py_ssize_t months, in_t stated, in_t bad, in_t stated_after, in_t bad_after, in_t net, in_t gone, in_t owed, double special,
    lanes_t balance, lanes_t defaulted, lanes_t accrued, lanes_t squares, lanes_t serviced,
) noexcept nogil:
    """Stated balances of a loan, performing and defaulted, and what is accrued and charged on the defaulted."""
    cdef Py_ssize_t i
    for i in range(months):
        balance[i] = balance[i] + (stated_after[i] + bad_after[i])
        defaulted[i] = defaulted[i] + bad_after[i]
        accrued[i] = accrued[i] + bad[i] * net[i]
        squares[i] = squares[i] + (stated[i] + bad[i]) * (stated[i] + bad[i])
        serviced[i] = serviced[i] + (bad[i] + gone[i] * owed[i]) * special


cdef inline void run_loan(
    const PoolLoanRow* loan, const PoolTermsRow* terms, const Path* path, const double* cdr, const Table* table, Rows* of,
    double* lines, double* outcome,
) noexcept nogil:
    """One loan of `pool_collateral`."""
    cdef Py_ssize_t n = of.length, M = of.months, months, first = 0, last
    memset(outcome, 0, OUTCOMES * sizeof(double))
    memset(of.stated, 0, 2 * n * sizeof(double))
    months = run_masses(loan, terms, path, cdr, table, of, lines + BALLOON * n, outcome)
    net_interest(M, path.rate, path.accrual, loan.fee_rate, of.net)
    collect(months, of.mass, of.alive, path.balance, path.rate, path.accrual, path.principal, loan.fee_rate, of.net,
            lines + INTEREST * n, lines + STRIP * n, lines + SCHEDULED * n, lines + ACCRUED * n)
    of.stated[0] = path.balance[0]
    prepay(months, of.prepaid, path.balance + 1, path.premium, path.rate, of.mass + 1, lines + PREPAID * n,
           lines + PREMIUMS * n, lines + PREMIUM_RATE * n, of.stated + 1)
    last = months - 1
    while first < months and of.gone[first] == 0.0:
        first += 1
    while last > first and of.gone[last] == 0.0:
        last -= 1
    if first < months:
        first = first // WIDTH * WIDTH
        sale_rows(M, loan, terms, path.sale_value, path.principal, path.balance, of.backed, of.proceeds, of.enough, of.due)
        run_defaults(loan, terms, of, path.balance, first, last, loan.in_arrears and terms.arrears_default, lines, outcome)
        months = min(M, months + terms.recovery_months)
    add_stocks(months, of.stated, of.bad, of.stated + 1, of.bad + 1, of.net, of.gone, path.balance,
               terms.special_servicing / 12.0, lines + BALANCE * n, lines + DEFAULTED * n, lines + ACCRUED * n,
               lines + SQUARES * n, lines + SPECIAL_SERVICING * n)


cdef inline void set_rates(
    Rows* of, Py_ssize_t N, const double* days, const double* advance_rate, const double* cpr,
) noexcept nogil:
    """Rows that all loans share: interest on advances, and what prepays in a month."""
    cdef Py_ssize_t i, k
    cdef double yearly
    for i in range(of.months):
        of.charge[i] = advance_rate[i] * (days[i] / 360.0)
    for k in range(3):
        for i in range(of.months):
            yearly = cpr[k * N + i]
            of.prepaying[k * of.length + i] = (
                of.prepaying[k * of.length + i - 1] if i > 0 and yearly == cpr[k * N + i - 1] else monthly(yearly))


cdef inline void hand_over(const Rows* of, double* lines) noexcept nogil:
    """Write the lines of a scenario, [LINES, months]."""
    cdef Py_ssize_t k
    for k in range(LINES):
        memcpy(lines + k * of.months, of.lines + k * of.length, of.months * sizeof(double))
