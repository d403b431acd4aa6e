# The accounts of a waterfall: a plan that all lanes of a block share, and a block of books, one vector of lanes each.
# A lane is a scenario or a path. The lanes of a block share the structure and its rates; they differ in cash, take-out,
# sale and value.

from records cimport FeeRow, NoteRow, PaymentRow, WaterfallRow
from numerics.simd cimport vec

cdef struct Plan:
    Py_ssize_t classes, periods, rate_sets, fee_count, payment_count
    const WaterfallRow* terms
    const NoteRow* notes                 # [K]
    const FeeRow* fees
    const PaymentRow* payments
    const long long* members             # classes of the steps
    const double* coupon                 # [K, P] a year, set at the period's start
    const double* accrual                # [K, P] year fractions
    const double* schedule               # [K, P] share of principal left after the period's scheduled payment

cdef struct Book:                        # the accounts of one vector of lanes
    # reported each period, in the order of records.SERIES
    vec available, fees, uncapped_fees, reserve, trap, equity
    vec dscr_actual, dscr_assumed, service_actual, service_assumed
    vec trapping, amortising, sweeping, pik   # amortising: sweeping by the trigger, or after a failed ARD
    # reported once, in the order of records.EVENTS
    vec ard_balance, ard_proceeds, sold, breach_period, breach_kind
    # carried from period to period
    vec senior_fees_owed, junior_fees_owed, carried, target, tested, refinanced
    vec trap_cures, amortise_cures, pik_cures
    vec ncf[2]                           # of the two months before, by month modulo 2
    vec service[2]
    vec assumed[2]
    # within a period
    vec reserve_in, reserve_out, trap_in, trap_out, opening_reserve, opening_trap, opening_carried
    vec debt, owing

cdef struct Claim:                       # the accounts of one class, for one vector of lanes
    # reported each period, in the order of records.CLASS_SERIES
    vec interest_due, interest_paid, capitalised, principal_paid, additional_paid, balance, interest_unpaid
    # carried from period to period
    vec capitalised_so_far, additional_owed
    # within a period
    vec opening, additional_due, ltv_on
    vec due                              # of a step that pays pro rata, or sweeps

cdef struct Funds:                       # cash on its way through a vector's steps
    vec cash
    vec short_by                         # what was due so far and not paid
    vec before                           # the same when the step began
    vec unjust                           # the most that was paid after a senior was left short

cdef struct Term:                        # what a class's terms come to in a period
    double month                         # coupon of a month
    double rate                          # coupon of the period
    double additional                    # additional rate of the period
    double planned                       # principal that the schedule repays
    double left                          # principal that the schedule leaves
    double issued
    double deferrable                    # 1 where interest may be capitalised
    bint own_schedule                    # due on its schedule alone

cdef struct Turn:                        # a step that is taken in a period
    const PaymentRow* step
    const long long* members             # its classes
    Py_ssize_t count
    double issued                        # principal of those that share the common schedule
    double planned                       # principal that it repays of them in the period; of `scheduled` only

cdef struct Block:
    Py_ssize_t vectors, classes
    Book* books                          # [vectors]
    Claim* claims                        # [vectors, K]
    Term* terms                          # [K] of the period
    Py_ssize_t turn_count, scheduled_count
    Turn* turns                          # [steps] in order of priority
    Turn* scheduled                      # [steps] those of them that follow the schedule
    const double* available              # [lanes] of this period
    const double* ncf                    # [lanes] of this period
    const double* value                  # [lanes] what this period's LTV test looks at; NULL without LTV triggers
    const double* takeout                # [lanes] the largest outstanding that can be refinanced at the ARD
    const double* sale                   # [lanes] net proceeds at legal final if anything is owed

cdef enum:                               # places among records.FLAGS, vectors from Book.trapping on
    TRAPPING, AMORTISING, SWEEPING, DEFERRING
    FLAGS

cdef enum:
    REPORTED = 14                        # vectors of records.SERIES, the first of a book
    EVENTS = 5                           # vectors of records.EVENTS, the next
    CLASS_REPORTED = 7                   # vectors of records.CLASS_SERIES, the first of a claim


cdef inline size_t block_size(Py_ssize_t vectors, Py_ssize_t classes, Py_ssize_t steps) noexcept nogil:
    """Bytes that the books of a block need, in whole cache lines."""
    return (vectors * (sizeof(Book) + classes * sizeof(Claim))
            + (classes * sizeof(Term) + 2 * steps * sizeof(Turn) + 63) // 64 * 64)


cdef inline void lay_out_block(Py_ssize_t vectors, Py_ssize_t classes, Py_ssize_t steps, void* memory, Block* block
                               ) noexcept nogil:
    """A block in memory of `block_size`."""
    block.vectors, block.classes = vectors, classes
    block.books = <Book*> memory
    block.claims = <Claim*> (block.books + vectors)
    block.terms = <Term*> (block.claims + vectors * classes)
    block.turns = <Turn*> (block.terms + classes)
    block.scheduled = block.turns + steps
