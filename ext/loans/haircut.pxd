# A loan whose property is cut by a uniform haircut: what its path and its defaults read of it, worked out loan by loan.

from libc.math cimport INFINITY
from libc.stdlib cimport calloc

from loans.contract cimport contract_end, run_path, run_premiums
from loans.lines cimport MOST_LANES
from loans.masses cimport Path
from numerics.rows cimport in_t, lanes_t
from records cimport PoolLoanRow, PoolTermsRow

cdef struct Limits:                      # of the scenario; 0: no such leg
    double dscr_constant                 # of the refinance test: yearly cash flow asked for on 1
    double ltv
    double refinance_cap
    double recovery_cap
    double decline                       # of the value in a sale

cdef struct Property:                    # figures, and what a haircut is taken of
    const double* ncf                    # [N]
    const double* positive
    const double* year                   # [N + 1] of the twelve months from each boundary
    const double* year_of_positive
    const double* value                  # [N + 1]
    const double* at_refinance           # [3, N + 1] capitalised, its positive part, kept beside; NULL: the year over the cap
    const double* at_recovery
    double closing
    double closing_positive

cdef struct Cut:                         # rows of one loan
    double* memory
    double* ncf
    double* year
    double* capital
    double* supported
    double* value
    double* sale_value
    double* balance
    double* principal
    double* cover
    double* premium

cdef enum:
    CUT_ROWS = 10


cdef inline bint lay_out_cut(Py_ssize_t months, Cut* rows) noexcept nogil:
    """Rows of so many months and a boundary more; whether there was memory. Freed by free(rows.memory)."""
    cdef Py_ssize_t n, length = months + MOST_LANES
    cdef double** row = &rows.ncf
    rows.memory = <double*> calloc(CUT_ROWS * length, sizeof(double))
    for n in range(CUT_ROWS if rows.memory != NULL else 0):
        row[n] = rows.memory + n * length
    return rows.memory != NULL


cdef inline void cut(Py_ssize_t n, double haircut, in_t whole, in_t positive, lanes_t left) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        left[i] = whole[i] - haircut * positive[i]


cdef inline void capitalise(
    Py_ssize_t n, double haircut, double cap, const double* own, in_t year, lanes_t capital,
) noexcept nogil:
    """The year from each boundary over a rate, or what is held for less than ever; never below zero."""
    cdef Py_ssize_t i
    if own == NULL:
        for i in range(n):
            capital[i] = max(0.0, year[i]) / cap
    else:
        for i in range(n):
            capital[i] = max(0.0, own[i] - haircut * own[n + i]) + (1.0 - haircut) * own[2 * n + i]


cdef inline void support(Py_ssize_t n, const Limits* limits, in_t year, in_t capital, lanes_t supported) noexcept nogil:
    """Whole loan that could be refinanced at each boundary."""
    cdef Py_ssize_t i
    cdef double constant = limits.dscr_constant, ltv = limits.ltv
    if constant > 0.0:
        for i in range(n):
            supported[i] = max(0.0, year[i]) / constant
    else:
        for i in range(n):
            supported[i] = INFINITY
    if limits.refinance_cap > 0.0:
        for i in range(n):
            supported[i] = min(supported[i], ltv * capital[i])


cdef inline void worth(
    Py_ssize_t n, double haircut, const Limits* limits, in_t whole, in_t capital, lanes_t value, lanes_t sale_value,
) noexcept nogil:
    """The less of value and capitalised cash flow at each boundary, and what of it a sale brings."""
    cdef Py_ssize_t i
    cdef double left = 1.0 - haircut, sold = 1.0 - limits.decline
    if limits.recovery_cap > 0.0:
        for i in range(n):
            value[i] = min(left * whole[i], capital[i])
    else:
        for i in range(n):
            value[i] = left * whole[i]
    for i in range(n):
        sale_value[i] = sold * value[i]


cdef inline void cut_property(
    Py_ssize_t months, double haircut, const Limits* limits, const Property* held, Cut* rows,
) noexcept nogil:
    """Cash flow, refinancing and value of a property under a haircut."""
    cdef Py_ssize_t n = months + 1
    cut(months, haircut, held.ncf, held.positive, rows.ncf)
    cut(n, haircut, held.year, held.year_of_positive, rows.year)
    if limits.refinance_cap > 0.0:
        capitalise(n, haircut, limits.refinance_cap, held.at_refinance, rows.year, rows.capital)
    support(n, limits, rows.year, rows.capital, rows.supported)
    if limits.recovery_cap > 0.0:
        capitalise(n, haircut, limits.recovery_cap, held.at_recovery, rows.year, rows.capital)
    worth(n, haircut, limits, held.value, rows.capital, rows.value, rows.sale_value)


cdef inline double first_cover(
    const PoolLoanRow* loan, Py_ssize_t months, double closing, const double* rate, const double* accrual, const double* balance,
    const double* principal,
) noexcept nogil:
    """Cover at closing by the yearly service of the first contract year; infinite where none is due."""
    cdef Py_ssize_t i, end = min(12, contract_end(loan))
    cdef double service = 0.0
    for i in range(min(end, months)):
        service += balance[i] * rate[i] * accrual[i] + principal[i]
    service = service * 12.0 / end
    return closing * loan.share / service if service > 0.0 else INFINITY


cdef inline void run_cut(
    const PoolLoanRow* loan, const PoolTermsRow* terms, Py_ssize_t months, double haircut, const Limits* limits,
    const Property* held, const double* target, const double* treasury, const double* charges, Cut* cut, Path* path,
) noexcept nogil:
    """The path of one loan of `pool_under_haircuts`."""
    cdef long long ends[2]
    cut_property(months, haircut, limits, held, cut)
    run_path(loan, terms, months, path.rate, path.accrual, cut.ncf, cut.supported, target, cut.balance, cut.principal, cut.cover,
             ends)
    run_premiums(loan, months, path.rate, path.accrual, treasury, path.protection, charges, charges + months, cut.balance,
                 cut.principal, cut.premium)
    path.value, path.sale_value, path.balance, path.principal = cut.value, cut.sale_value, cut.balance, cut.principal
    path.cover, path.premium, path.repaid, path.matured = cut.cover, cut.premium, ends[0], ends[1]
    path.closing_cover = first_cover(loan, months, held.closing - haircut * held.closing_positive, path.rate, path.accrual,
                                     cut.balance, cut.principal)
