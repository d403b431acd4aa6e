"""The waterfall: every period's cash through the priority of payments, a block of scenarios at a time."""

from libc.math cimport INFINITY, isnan
from libc.stdlib cimport free

from accounts cimport *
from records cimport FeeRow, NoteRow, PaymentRow, WaterfallRow
from vectors cimport *
from waterfall cimport open_block, pay_period, pay_vector, set_terms

cdef enum:
    BLOCK = 32                           # lanes run together: the books of a block stay in cache
    FEW = 8                              # where every period is kept: a line of memory for every lane and row
    INPUTS = 5                           # rows of available, ncf and value in a period, of take-out and of sale
    AVAILABLE = 0, NCF, TAKEN            # rows of cash under haircuts
    WHOLE = 0, POSITIVE, FLOOR           # rows of what else a haircut is taken of
    COVERS = 2                           # the least cover so far, actual and assumed


width = WIDTH                            # lanes of a vector of this build


def pay(
    const WaterfallRow[::1] terms,       # IN [1]
    const NoteRow[::1] notes,            # IN [K] most senior first
    const double[:, :, ::1] coupon,      # IN [R, K, P] a year, set at the period's start, of each rate set
    const double[:, :, ::1] accrual,     # IN [R, K, P] year fractions
    const double[:, ::1] schedule,       # IN [K, P] share of principal left after the period's scheduled payment
    const FeeRow[::1] fees,              # IN [fees]
    const PaymentRow[::1] payments,      # IN [steps] in order of priority
    const long long[::1] members,        # IN classes of the steps
    const long long[::1] rate_set,       # IN [S]
    const double[:, ::1] available,      # IN [S, P] cash of the period
    const double[:, ::1] ncf,            # IN [S, P] net cash flow, for coverage
    const double[::1] takeout,           # IN [S] the largest outstanding that can be refinanced at the ARD
    const double[::1] sale,              # IN [S] net proceeds at legal final if anything is owed
    const double[:, ::1] value,          # IN [S, P] what the period's LTV test looks at; [S, 0] without LTV triggers
    double[:, :, ::1] series,            # OUT [S, 11, P] records.SERIES
    double[:, :, :, ::1] by_class,       # OUT [S, 7, K, P] records.CLASS_SERIES
    double[:, ::1] events,               # OUT [S, 5] records.EVENTS
):
    """Run every scenario through the waterfall. Flags are 0 or 1; coverage without service is NaN."""
    cdef Py_ssize_t S = available.shape[0], P = available.shape[1], K = notes.shape[0], s, end
    cdef Plan plan
    cdef Block block
    cdef double* scratch
    set_plan(&plan, terms, notes, coupon, accrual, schedule, fees, payments, members, value.shape[1] > 0)
    if (plan.periods != P or rate_set.shape[0] != S or ncf.shape[0] != S or ncf.shape[1] != P
            or takeout.shape[0] != S or sale.shape[0] != S or value.shape[0] != S or value.shape[1] not in (0, P)
            or series.shape[0] != S or series.shape[1] != REPORTED or series.shape[2] != P
            or by_class.shape[0] != S or by_class.shape[1] != CLASS_REPORTED or by_class.shape[2] != K
            or by_class.shape[3] != P or events.shape[0] != S or events.shape[1] != EVENTS):
        raise ValueError("shapes disagree")
    for s in range(S):
        if not 0 <= rate_set[s] < coupon.shape[0]:
            raise ValueError("a scenario points at no rate set")
    scratch = <double*> room(block_size(vectors_of(FEW), K, payments.shape[0]) + (INPUTS + 1) * FEW * sizeof(double))
    if scratch is NULL:
        raise MemoryError("no room for a block of the waterfall")
    with nogil:
        s = 0
        while s < S:
            end = s + 1
            while end < S and end - s < FEW and rate_set[end] == rate_set[s]:
                end += 1
            plan.coupon, plan.accrual = &coupon[rate_set[s], 0, 0], &accrual[rate_set[s], 0, 0]
            lay_out(&block, scratch, FEW, vectors_of(end - s), K, payments.shape[0])
            run(&plan, &block, scratch, s, end - s, available, ncf, takeout, sale, value, series, by_class, events)
            s = end
    free(scratch)


cdef void run(const Plan* plan, Block* block, double* inputs, Py_ssize_t s, Py_ssize_t n,
              const double[:, ::1] available, const double[:, ::1] ncf, const double[::1] takeout,
              const double[::1] sale, const double[:, ::1] value, double[:, :, ::1] series,
              double[:, :, :, ::1] by_class, double[:, ::1] events) noexcept nogil:
    """One block from closing to legal final; its lanes are scenarios s, s + 1, ..., the last repeated to fill a vector."""
    cdef Py_ssize_t t, b, k, of, K = plan.classes, P = plan.periods
    for b in range(block.vectors * WIDTH):
        of = s + min(b, n - 1)
        inputs[3 * FEW + b], inputs[4 * FEW + b] = takeout[of], sale[of]
    open_block(plan, block)
    for t in range(plan.periods):
        for b in range(block.vectors * WIDTH):
            of = s + min(b, n - 1)
            inputs[b], inputs[FEW + b] = available[of, t], ncf[of, t]
            if value.shape[1] > 0:
                inputs[2 * FEW + b] = value[of, t]
        pay_period(plan, block, t)
        for b in range(n):
            copy_rows(<const double*> &block.books[b // WIDTH] + b % WIDTH, REPORTED, &series[s + b, 0, t], P)
            for k in range(K):
                copy_rows(<const double*> &block.claims[b // WIDTH * K + k] + b % WIDTH, CLASS_REPORTED,
                          &by_class[s + b, 0, k, t], K * P)
    note_events(block, s, n, events)


cdef inline void copy_rows(const double* lane, Py_ssize_t rows, double* out, Py_ssize_t apart) noexcept nogil:
    """One lane of the first vectors of a book or a claim, each to a row of its own."""
    cdef Py_ssize_t r
    for r in range(rows):
        out[r * apart] = lane[r * WIDTH]


def stress(
    const WaterfallRow[::1] terms,       # IN [1]
    const NoteRow[::1] notes,            # IN [K] most senior first
    const double[:, :, ::1] coupon,      # IN [1, K, P] a year, set at the period's start
    const double[:, :, ::1] accrual,     # IN [1, K, P] year fractions
    const double[:, ::1] schedule,       # IN [K, P] share of principal left after the period's scheduled payment
    const FeeRow[::1] fees,              # IN [fees]
    const PaymentRow[::1] payments,      # IN [steps] in order of priority
    const long long[::1] members,        # IN classes of the steps
    const double[:, ::1] cash,           # IN [3, P] available, net cash flow, and what a haircut is taken of
    const double[:, ::1] takeout,        # IN [3, legs] supported at the ARD, what a haircut is taken of, the least
    const double[:, ::1] sale,           # IN [2, 2] two values, of which a sale brings the lesser, and the same
    const double[:, ::1] value,          # IN [2, P] what the period's LTV test looks at; [2, 0] without LTV triggers
    const double[::1] haircuts,          # IN [S]
    double[:, ::1] least_cover,          # OUT [S, 2] least actual and assumed cover of the periods before the last
    double[:, :, ::1] unpaid,            # OUT [S, 2, K] interest and principal after legal final
    double[:, ::1] events,               # OUT [S, 5] records.EVENTS
):
    """Run one scenario under many haircuts, and keep how each ends."""
    cdef Py_ssize_t S = haircuts.shape[0], P = cash.shape[1], K = notes.shape[0], s, n
    cdef Plan plan
    cdef Block block
    cdef double* scratch
    set_plan(&plan, terms, notes, coupon, accrual, schedule, fees, payments, members, value.shape[1] > 0)
    if (plan.periods != P or cash.shape[0] != 3 or takeout.shape[0] != 3 or sale.shape[0] != 2 or sale.shape[1] != 2
            or value.shape[0] != 2 or value.shape[1] not in (0, P)
            or least_cover.shape[0] != S or least_cover.shape[1] != COVERS
            or unpaid.shape[0] != S or unpaid.shape[1] != 2 or unpaid.shape[2] != K
            or events.shape[0] != S or events.shape[1] != EVENTS):
        raise ValueError("shapes disagree")
    scratch = <double*> room(block_size(vectors_of(BLOCK), K, payments.shape[0]) + (INPUTS + 1) * BLOCK * sizeof(double))
    if scratch is NULL:
        raise MemoryError("no room for a block of the waterfall")
    with nogil:
        s = 0
        while s < S:
            n = min(BLOCK, S - s)
            lay_out(&block, scratch, BLOCK, vectors_of(n), K, payments.shape[0])
            endure(&plan, &block, scratch, s, n, cash, takeout, sale, value, haircuts, least_cover, unpaid)
            note_events(&block, s, n, events)
            s += n
    free(scratch)


cdef void endure(const Plan* plan, Block* block, double* inputs, Py_ssize_t s, Py_ssize_t n,
                 const double[:, ::1] cash, const double[:, ::1] takeout, const double[:, ::1] sale,
                 const double[:, ::1] value, const double[::1] haircuts, double[:, ::1] least_cover,
                 double[:, :, ::1] unpaid) noexcept nogil:
    """One block of haircuts; a vector all of whose lanes are refinanced rests until legal final: nothing is left to pay."""
    cdef Py_ssize_t t, v, b, k, leg, K = plan.classes
    cdef vec support, taken
    cdef vec covers[BLOCK][COVERS]
    cdef double* haircut = inputs + INPUTS * BLOCK
    cdef const double* row
    for b in range(block.vectors * WIDTH):
        haircut[b] = haircuts[s + min(b, n - 1)]
    for v in range(block.vectors):
        covers[v][0], covers[v][1] = spread(INFINITY), spread(INFINITY)
        support = spread(INFINITY)
        for leg in range(takeout.shape[1]):
            support = least(support, under(takeout[WHOLE, leg], takeout[POSITIVE, leg], takeout[FLOOR, leg],
                                           haircut + v * WIDTH))
        write(inputs + 3 * BLOCK + v * WIDTH, support)
        write(inputs + 4 * BLOCK + v * WIDTH, least(
            under(sale[WHOLE, 0], sale[POSITIVE, 0], 0.0, haircut + v * WIDTH),
            under(sale[WHOLE, 1], sale[POSITIVE, 1], 0.0, haircut + v * WIDTH)))
    open_block(plan, block)
    for t in range(plan.periods):
        set_terms(plan, block, t)
        for v in range(block.vectors):
            if t < plan.periods - 1 and every(block.books[v].refinanced):
                continue
            taken = read(haircut + v * WIDTH) * cash[TAKEN, t]
            write(inputs + v * WIDTH, cash[AVAILABLE, t] - taken)
            write(inputs + BLOCK + v * WIDTH, cash[NCF, t] - taken)
            if value.shape[1] > 0:
                write(inputs + 2 * BLOCK + v * WIDTH,
                      under(value[WHOLE, t], value[POSITIVE, t], 0.0, haircut + v * WIDTH))
            pay_vector(plan, block, v, t)
            if t < plan.periods - 1:
                covers[v][0] = least(block.books[v].dscr_actual, covers[v][0])
                covers[v][1] = least(block.books[v].dscr_assumed, covers[v][1])
    for b in range(n):
        row = <const double*> covers[b // WIDTH] + b % WIDTH
        for k in range(COVERS):
            least_cover[s + b, k] = row[k * WIDTH]
        for k in range(K):
            unpaid[s + b, 0, k] = (<const double*> &block.claims[b // WIDTH * K + k].interest_unpaid)[b % WIDTH]
            unpaid[s + b, 1, k] = (<const double*> &block.claims[b // WIDTH * K + k].balance)[b % WIDTH]


cdef inline vec under(double whole, double positive, double floor, const double* haircut) noexcept nogil:
    """A figure under each haircut of its positive part, never below a floor."""
    return most(whole - read(haircut) * positive, spread(floor))


cdef void lay_out(Block* block, double* memory, Py_ssize_t lanes, Py_ssize_t vectors, Py_ssize_t K, Py_ssize_t steps
                  ) noexcept nogil:
    """A block whose inputs are rows of so many lanes at the head of its memory, what else the caller needs next."""
    lay_out_block(vectors, K, steps, memory + (INPUTS + 1) * lanes, block)
    block.available, block.ncf, block.value = memory, memory + lanes, memory + 2 * lanes
    block.takeout, block.sale = memory + 3 * lanes, memory + 4 * lanes


cdef void note_events(const Block* block, Py_ssize_t s, Py_ssize_t n, double[:, ::1] events) noexcept nogil:
    """What happened once in each lane."""
    cdef Py_ssize_t b, r
    cdef const double* book
    for b in range(n):
        book = <const double*> &block.books[b // WIDTH] + b % WIDTH
        for r in range(EVENTS):
            events[s + b, r] = book[(REPORTED + r) * WIDTH]


cdef int set_plan(
    Plan* plan, const WaterfallRow[::1] terms, const NoteRow[::1] notes, const double[:, :, ::1] coupon,
    const double[:, :, ::1] accrual, const double[:, ::1] schedule, const FeeRow[::1] fees,
    const PaymentRow[::1] payments, const long long[::1] members, bint has_value,
) except -1:
    """Point a plan at its rows and at the first rate set, if all of them fit."""
    cdef Py_ssize_t K = notes.shape[0], P = schedule.shape[1]
    if (terms.shape[0] != 1 or K == 0 or P == 0 or coupon.shape[0] == 0 or coupon.shape[1] != K
            or coupon.shape[2] != P or accrual.shape[0] != coupon.shape[0] or accrual.shape[1] != K
            or accrual.shape[2] != P or schedule.shape[0] != K):
        raise ValueError("shapes disagree")
    plan.classes, plan.periods = K, P
    plan.fee_count, plan.payment_count = fees.shape[0], payments.shape[0]
    plan.terms, plan.notes, plan.schedule = &terms[0], &notes[0], &schedule[0, 0]
    plan.coupon, plan.accrual = &coupon[0, 0, 0], &accrual[0, 0, 0]
    plan.fees = &fees[0] if fees.shape[0] > 0 else NULL
    plan.payments = &payments[0] if payments.shape[0] > 0 else NULL
    plan.members = &members[0] if members.shape[0] > 0 else NULL
    if not indices_hold(plan, members.shape[0], has_value):
        raise ValueError("an index points at no class or step, or an LTV trigger has no value to look at")
    return 0


cdef bint indices_hold(const Plan* plan, Py_ssize_t member_count, bint has_value) noexcept nogil:
    """Whether every index in the rows points at something."""
    cdef Py_ssize_t i
    for i in range(plan.payment_count):
        if not 0 <= plan.payments[i].first <= plan.payments[i].last <= member_count:
            return False
    for i in range(member_count):
        if not 0 <= plan.members[i] < plan.classes:
            return False
    for i in range(plan.fee_count):
        if not -1 <= plan.fees[i].accrues_with < plan.classes:
            return False
    for i in range(plan.classes):
        if not has_value and not isnan(plan.notes[i].ltv_trigger):
            return False
    return True
