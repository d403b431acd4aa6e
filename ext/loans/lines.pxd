# What a pool is added up in: lines by month, outcomes by loan, and the rows that one loan is worked out in.

from libc.string cimport memset

from numerics.simd cimport room

cdef enum:                               # rows of records.POOL_LINES
    INTEREST
    STRIP
    SCHEDULED
    PREPAID
    BALLOON
    PREMIUMS
    INTEREST_ADVANCED
    PRINCIPAL_ADVANCED
    REIMBURSED
    ADVANCE_INTEREST
    INTEREST_RECOVERED
    PRINCIPAL_RECOVERED
    SPECIAL_SERVICING
    REALISED_LOSS
    APPRAISAL_REDUCTION
    ADVANCES_OUTSTANDING
    BALANCE
    DEFAULTED
    ACCRUED
    PREMIUM_RATE
    SQUARES
    LINES

cdef enum:                               # columns of records.POOL_OUTCOME
    DEFAULTED_MASS
    PREPAID_MASS
    REPAID_MASS
    LOSS
    LAST_MONTH
    EXTENDED
    LEFT
    STOPPED
    NEGATIVE
    UNRESOLVED
    OUTCOMES

cdef extern from *:
    """
    #define RACKRATE_DUST 1e-6           /* of a currency unit: nothing is owed */
    """
    const double DUST "RACKRATE_DUST"

cdef enum:
    MOST_LANES = 8                       # of any build: what a vector may read past a row's end

cdef struct Rows:                        # of one loan, `length` values each, zero past the months of the run
    Py_ssize_t months
    Py_ssize_t length
    double* memory
    # by month of default
    double* mass                         # alive at the month's start
    double* gone                         # of it, defaulted
    double* alive                        # the rest, which pays
    double* prepaid                      # of that, prepaid
    double* beta                         # stated balance of a default, per unit of mass
    double* advanced
    double* charged                      # interest on advances
    double* unpaid                       # interest not advanced
    double* going                        # 1 while advances are made
    # by month
    double* net                          # interest of a month on 1, less fees
    double* due                          # principal that may be advanced
    double* charge                       # interest of a month on 1 advanced
    double* backed                       # what the appraisal leaves unreduced
    double* proceeds                     # of a sale at each boundary
    double* enough                       # advances and interest on them at which they stop
    double* stated                       # by boundary: performing, then all
    double* bad                          # by boundary: defaulted
    double* number                       # 0, 1, 2, ...
    double* prepaying                    # [3] share of a month that prepays, by protection
    double* lines                        # [LINES] of the pool

cdef enum:
    SINGLE = 18                          # rows of a loan before `prepaying`


cdef inline bint lay_out(Py_ssize_t months, Rows* rows) noexcept nogil:
    """Rows for a run of so many months, all zero; whether there was memory. Freed by free(rows.memory)."""
    # Design: rows begin where a vector does, so that vectors of them lie in one line of the processor's cache.
    cdef Py_ssize_t n, bytes
    rows.months, rows.length = months, (months // MOST_LANES + 3) * MOST_LANES
    bytes = (SINGLE + 3 + LINES) * rows.length * sizeof(double)
    rows.memory = <double*> room(bytes)
    if rows.memory == NULL:
        return False
    memset(rows.memory, 0, bytes)
    rows.prepaying = rows.memory + SINGLE * rows.length
    rows.lines = rows.prepaying + 3 * rows.length
    cdef double** row = &rows.mass
    for n in range(SINGLE):
        row[n] = rows.memory + n * rows.length
    for n in range(rows.length):
        rows.number[n] = <double> n
    return True
