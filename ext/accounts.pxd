# The accounts of a waterfall: a plan that all lanes of a block share, and a block of rows, one value a lane.
# A lane is a scenario or a path. The lanes of a block share the structure and its rates; they differ in cash, take-out,
# sale and value.

from records cimport FeeRow, NoteRow, PaymentRow, WaterfallRow

cdef struct Plan:
    Py_ssize_t classes, periods, fee_count, payment_count
    const WaterfallRow* terms
    const NoteRow* notes                 # [K]
    const FeeRow* fees
    const PaymentRow* payments
    const long long* members             # classes of the steps
    const double* coupon                 # [K, P] a year, set at the period's start
    const double* accrual                # [K, P] year fractions
    const double* schedule               # [K, P] share of principal left after the period's scheduled payment

cdef struct Block:
    Py_ssize_t lanes, classes
    double* rows                         # [row_count(classes), lanes]
    const double* available              # [lanes] of this period
    const double* ncf                    # [lanes] of this period
    const double* value                  # [lanes] what this period's LTV test looks at; NULL without LTV triggers
    const double* takeout                # [lanes] the largest outstanding that can be refinanced at the ARD
    const double* sale                   # [lanes] net proceeds at legal final if anything is owed

cdef enum LaneRow:
    # reported each period, in the order of records.SERIES
    AVAILABLE, FEES, UNCAPPED_FEES, RESERVE, TRAP, EQUITY, DSCR_ACTUAL, DSCR_ASSUMED, TRAPPING, AMORTISING, PIK
    # reported once, in the order of records.EVENTS
    ARD_BALANCE, ARD_PROCEEDS, SOLD, BREACH_PERIOD, BREACH_KIND
    # carried from period to period
    SENIOR_FEES_OWED, JUNIOR_FEES_OWED, CARRIED, TARGET, TESTED, REFINANCED, AMORTISE_ON
    TRAP_CURES, AMORTISE_CURES, PIK_CURES, NCF_1, NCF_2, SERVICE_1, SERVICE_2, ASSUMED_1, ASSUMED_2
    ONE, ZERO
    # within a period; FLOWS rows from FIRST_FLOW start it at nothing
    RESERVE_IN, RESERVE_OUT, TRAP_IN, TRAP_OUT, SHORT, UNJUST
    OPENING_RESERVE, OPENING_TRAP, OPENING_CARRIED, OPENING_FEES, DEBT, OWING, TURBO, SERVICE, ASSUMED
    CASH, START, SHORT_BEFORE, ON
    # scratch
    TOTAL, SHARE, FUNDED, MISSING
    LANE_ROWS

cdef enum ClassRow:                      # for each class
    # reported each period, in the order of records.CLASS_SERIES
    INTEREST_DUE, INTEREST_PAID, CAPITALISED, PRINCIPAL_PAID, ADDITIONAL_PAID, BALANCE, INTEREST_UNPAID
    # carried from period to period
    CAPITALISED_SO_FAR, ADDITIONAL_OWED
    # within a period
    OPENING, ADDITIONAL_DUE, LTV_ON, DUE
    CLASS_ROWS

cdef enum:
    REPORTED = 11                        # rows of records.SERIES
    EVENTS = 5                           # rows of records.EVENTS
    FIRST_FLOW = RESERVE_IN
    FLOWS = 6
    CLASS_REPORTED = 7                   # rows of records.CLASS_SERIES


cdef inline double* row(const Block* block, Py_ssize_t which) noexcept nogil:
    return block.rows + which * block.lanes


cdef inline double* class_row(const Block* block, Py_ssize_t which, Py_ssize_t k) noexcept nogil:
    return block.rows + (LANE_ROWS + which * block.classes + k) * block.lanes


cdef inline Py_ssize_t row_count(Py_ssize_t classes) noexcept nogil:
    return LANE_ROWS + CLASS_ROWS * classes
