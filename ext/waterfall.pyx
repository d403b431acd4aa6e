"""The waterfall: every period's cash through the priority of payments, a block of scenarios at a time."""

from libc.math cimport INFINITY
from libc.stdlib cimport free

from payments.accounts cimport *
from payments.indices cimport check_indices
from numerics.buffers cimport ANY, Array, Reals, integers, need, out, reals, rows
from records cimport FeeRow, NoteRow, PaymentRow, WaterfallRow
from numerics.simd cimport *
from payments.period cimport open_block, pay_period, pay_vector, set_terms

from rackrate.kernel.records import FEE, NOTE, PAYMENT, WATERFALL

cdef enum:
    BLOCK = 32                           # lanes run together: the books of a block stay in cache
    FEW = 8                              # where every period is kept: a line of memory for every lane and row
    INPUTS = 5                           # rows of available, ncf and value in a period, of take-out and of sale
    COVERS = 2                           # the least cover so far, actual and assumed
    UNPAID = 2                           # interest and principal


cdef struct Scenarios:                   # what comes in, a row a scenario
    const long long* rate_set
    const double* available
    const double* ncf
    const double* takeout
    const double* sale
    const double* value                  # NULL without LTV triggers


cdef struct Lines:                       # what comes in whole, and what a haircut is taken of
    const double* cash                   # [3, P] available, net cash flow, what a haircut is taken of
    const double* takeout                # [3, legs] supported, positive part, the least
    const double* sale                   # [4, 2] two values: months, positive part, terminal, positive part
    const double* value                  # [4, P] one value a period; NULL without LTV triggers
    const double* haircuts
    Py_ssize_t legs


width = WIDTH                            # lanes of a vector of this build


def pay(
    terms,                               # IN [1] WATERFALL
    notes,                               # IN [K] NOTE, most senior first
    coupon,                              # IN [R, K, P] a year, set at the period's start, of each rate set
    accrual,                             # IN [R, K, P] year fractions
    schedule,                            # IN [K, P] share of principal left after the period's scheduled payment
    fees,                                # IN [fees] FEE
    payments,                            # IN [steps] PAYMENT, in order of priority
    members,                             # IN integers, classes of the steps
    rate_set,                            # IN [S] integers
    available,                           # IN [S, P] cash of the period
    ncf,                                 # IN [S, P] net cash flow, for coverage
    takeout,                             # IN [S] the largest outstanding that can be refinanced at the ARD
    sale,                                # IN [S] net proceeds at legal final if anything is owed
    value,                               # IN [S, P] what the period's LTV test looks at; [S, 0] without LTV triggers
    series,                              # OUT [S, 14, P] records.SERIES
    by_class,                            # OUT [S, 7, K, P] records.CLASS_SERIES
    events,                              # OUT [S, 5] records.EVENTS
):
    """Run every scenario through the waterfall. Flags are 0 or 1; coverage without service is NaN."""
    cdef Plan plan
    cdef Block block
    cdef Scenarios given
    cdef double* scratch
    cdef Array sets = integers(rate_set, "rate_set [scenarios]", ANY)
    cdef Py_ssize_t S = sets.shape[0], P, K, s, end
    cdef Reals values = reals(value, "value [scenarios, periods]", S, ANY)
    cdef Reals cash, income, takeouts, sales, deal, classes, happened
    cdef const double* coupons
    cdef const double* accruals
    set_plan(&plan, terms, notes, coupon, accrual, schedule, fees, payments, members, values.shape[1] > 0)
    K, P, coupons, accruals = plan.classes, plan.periods, plan.coupon, plan.accrual
    need(values.shape[1] in (0, P), value, "value [scenarios, periods], or [scenarios, 0] without LTV triggers")
    cash, income = reals(available, "available [scenarios, periods]", S, P), reals(ncf, "ncf [scenarios, periods]", S, P)
    takeouts, sales = reals(takeout, "takeout [scenarios]", S), reals(sale, "sale [scenarios]", S)
    deal = out(series, "series [scenarios, 14, periods]", S, REPORTED, P)
    classes = out(by_class, "by_class [scenarios, 7, classes, periods]", S, CLASS_REPORTED, K, P)
    happened = out(events, "events [scenarios, 5]", S, EVENTS)
    given.rate_set, given.available, given.ncf = <const long long*> sets.at, cash.at, income.at
    given.takeout, given.sale, given.value = takeouts.at, sales.at, values.at if values.shape[1] > 0 else NULL
    for s in range(S):
        need(0 <= given.rate_set[s] < plan.rate_sets, rate_set, "rate_set [scenarios], each pointing at a rate set")
    scratch = <double*> room(block_size(vectors_of(FEW), K, plan.payment_count) + (INPUTS + 1) * FEW * sizeof(double))
    if scratch is NULL:
        raise MemoryError("no room for a block of the waterfall")
    with nogil:
        s = 0
        while s < S:
            end = s + 1
            while end < S and end - s < FEW and given.rate_set[end] == given.rate_set[s]:
                end += 1
            plan.coupon = coupons + given.rate_set[s] * K * P
            plan.accrual = accruals + given.rate_set[s] * K * P
            lay_out(&plan, &block, scratch, FEW, vectors_of(end - s))
            run(&plan, &block, scratch, s, end - s, &given, deal.at, classes.at)
            note_events(&block, s, end - s, happened.at)
            s = end
    free(scratch)


cdef void run(const Plan* plan, Block* block, double* inputs, Py_ssize_t s, Py_ssize_t n, const Scenarios* given,
              double* series, double* by_class) noexcept nogil:
    """One block from closing to legal final; its lanes are scenarios s, s + 1, ..., the last repeated to fill a vector."""
    cdef Py_ssize_t t, b, of, P = plan.periods
    for b in range(block.vectors * WIDTH):
        of = s + min(b, n - 1)
        inputs[3 * FEW + b], inputs[4 * FEW + b] = given.takeout[of], given.sale[of]
    open_block(plan, block)
    for t in range(P):
        for b in range(block.vectors * WIDTH):
            of = (s + min(b, n - 1)) * P + t
            inputs[b], inputs[FEW + b] = given.available[of], given.ncf[of]
            if given.value is not NULL:
                inputs[2 * FEW + b] = given.value[of]
        pay_period(plan, block, t)
        for b in range(n):
            copy_out(plan, block, b, series + (s + b) * REPORTED * P + t,
                     by_class + (s + b) * CLASS_REPORTED * plan.classes * P + t)


cdef inline void copy_out(const Plan* plan, const Block* block, Py_ssize_t lane, double* series, double* by_class
                          ) noexcept nogil:
    """What one lane reports of a period."""
    cdef Py_ssize_t k, K = plan.classes, P = plan.periods
    cdef const Claim* claims = block.claims + lane // WIDTH * K
    copy_rows(<const double*> &block.books[lane // WIDTH] + lane % WIDTH, REPORTED, series, P)
    for k in range(K):
        copy_rows(<const double*> &claims[k] + lane % WIDTH, CLASS_REPORTED, by_class + k * P, K * P)


cdef inline void copy_rows(const double* lane, Py_ssize_t rows, double* out, Py_ssize_t apart) noexcept nogil:
    """One lane of the first vectors of a book or a claim, each to a row of its own."""
    cdef Py_ssize_t r
    for r in range(rows):
        out[r * apart] = lane[r * WIDTH]


def stress(
    terms,                               # IN [1] WATERFALL
    notes,                               # IN [K] NOTE, most senior first
    coupon,                              # IN [1, K, P] a year, set at the period's start
    accrual,                             # IN [1, K, P] year fractions
    schedule,                            # IN [K, P] share of principal left after the period's scheduled payment
    fees,                                # IN [fees] FEE
    payments,                            # IN [steps] PAYMENT, in order of priority
    members,                             # IN integers, classes of the steps
    cash,                                # IN [3, P] available, net cash flow, and what a haircut is taken of
    takeout,                             # IN [3, legs] supported at the ARD, what a haircut is taken of, the least
    sale,                                # IN [4, 2] two values, of which a sale brings the lesser: the value of their months,
                                         # its positive part, the terminal value, its positive part; neither below zero
    value,                               # IN [4, P] what the period's LTV test looks at; [4, 0] without LTV triggers
    haircuts,                            # IN [S]
    least_cover,                         # OUT [S, 2] least actual and assumed cover of the periods that a later one tests
    unpaid,                              # OUT [S, 2, K] interest and principal after legal final
    events,                              # OUT [S, 5] records.EVENTS
):
    """Run one scenario under many haircuts, and keep how each ends."""
    cdef Plan plan
    cdef Block block
    cdef Lines given
    cdef double* scratch
    cdef Reals legs = reals(takeout, "takeout [3, legs]", 3, ANY), sales = reals(sale, "sale [4, 2]", 4, 2)
    cdef Reals values = reals(value, "value [4, periods]", 4, ANY), cuts = reals(haircuts, "haircuts [scenarios]", ANY)
    cdef Reals flows, covers, left, happened
    cdef Py_ssize_t S = cuts.shape[0], P, K, s = 0, n
    set_plan(&plan, terms, notes, coupon, accrual, schedule, fees, payments, members, values.shape[1] > 0)
    K, P = plan.classes, plan.periods
    need(values.shape[1] in (0, P), value, "value [4, periods], or [4, 0] without LTV triggers")
    flows, covers = reals(cash, "cash [3, periods]", 3, P), out(least_cover, "least_cover [scenarios, 2]", S, COVERS)
    left = out(unpaid, "unpaid [scenarios, 2, classes]", S, UNPAID, K)
    happened = out(events, "events [scenarios, 5]", S, EVENTS)
    given.cash, given.takeout, given.sale, given.haircuts = flows.at, legs.at, sales.at, cuts.at
    given.value, given.legs = values.at if values.shape[1] > 0 else NULL, legs.shape[1]
    scratch = <double*> room(block_size(vectors_of(BLOCK), K, plan.payment_count)
                             + (INPUTS + 1) * BLOCK * sizeof(double))
    if scratch is NULL:
        raise MemoryError("no room for a block of the waterfall")
    with nogil:
        while s < S:
            n = min(BLOCK, S - s)
            lay_out(&plan, &block, scratch, BLOCK, vectors_of(n))
            endure(&plan, &block, scratch, s, n, &given, covers.at, left.at)
            note_events(&block, s, n, happened.at)
            s += n
    free(scratch)


cdef void endure(const Plan* plan, Block* block, double* inputs, Py_ssize_t s, Py_ssize_t n, const Lines* given,
                 double* least_cover, double* unpaid) noexcept nogil:
    """One block of haircuts; a vector all of whose lanes are refinanced rests until legal final: nothing is left to pay."""
    cdef Py_ssize_t t, v, b, k, K = plan.classes, P = plan.periods
    cdef vec taken, actual, assumed
    cdef mask tested
    cdef vec covers[BLOCK][COVERS]
    cdef double* haircut = inputs + INPUTS * BLOCK
    cdef const double* row
    for b in range(block.vectors * WIDTH):
        haircut[b] = given.haircuts[s + min(b, n - 1)]
    for v in range(block.vectors):
        covers[v][0], covers[v][1] = spread(INFINITY), spread(INFINITY)
        write(inputs + 3 * BLOCK + v * WIDTH, supported(given, read(haircut + v * WIDTH)))
        write(inputs + 4 * BLOCK + v * WIDTH, sold(given, read(haircut + v * WIDTH)))
    open_block(plan, block)
    for t in range(P):
        set_terms(plan, block, t)
        for v in range(block.vectors):
            if t < P - 1 and every(block.books[v].refinanced):
                continue
            taken = read(haircut + v * WIDTH) * given.cash[2 * P + t]
            write(inputs + v * WIDTH, given.cash[t] - taken)
            write(inputs + BLOCK + v * WIDTH, given.cash[P + t] - taken)
            if given.value is not NULL:
                write(inputs + 2 * BLOCK + v * WIDTH,
                      value_under(given.value + t, P, read(haircut + v * WIDTH)))
            actual, assumed = block.books[v].dscr_actual, block.books[v].dscr_assumed
            pay_vector(plan, block, v, t)
            if t > 0:
                tested = below(spread(0.0), block.books[v].owing)   # the period before, where something is still owed
                covers[v][0] = pick(tested, least(actual, covers[v][0]), covers[v][0])
                covers[v][1] = pick(tested, least(assumed, covers[v][1]), covers[v][1])
    for b in range(n):
        row = <const double*> covers[b // WIDTH] + b % WIDTH
        for k in range(COVERS):
            least_cover[(s + b) * COVERS + k] = row[k * WIDTH]
        for k in range(K):
            row = <const double*> &block.claims[b // WIDTH * K + k].interest_unpaid + b % WIDTH
            unpaid[(s + b) * UNPAID * K + k] = row[0]
            row = <const double*> &block.claims[b // WIDTH * K + k].balance + b % WIDTH
            unpaid[((s + b) * UNPAID + 1) * K + k] = row[0]


cdef inline vec under(double whole, double positive, double floor, vec haircut) noexcept nogil:
    """A figure under each haircut of its positive part, never below a floor."""
    return most(whole - haircut * positive, spread(floor))


cdef inline vec supported(const Lines* given, vec haircut) noexcept nogil:
    """What the least of the legs supports at the ARD; without legs, anything."""
    cdef Py_ssize_t leg, legs = given.legs
    cdef vec support = spread(INFINITY)
    for leg in range(legs):
        support = least(support, under(given.takeout[leg], given.takeout[legs + leg], given.takeout[2 * legs + leg], haircut))
    return support


cdef inline vec sold(const Lines* given, vec haircut) noexcept nogil:
    """What a sale brings: the lesser of two values."""
    return least(value_under(given.sale, 2, haircut), value_under(given.sale + 1, 2, haircut))


cdef inline vec value_under(const double* rows, Py_ssize_t apart, vec haircut) noexcept nogil:
    """A value under each haircut: its months and its terminal value, neither of which makes it less than nothing."""
    cdef vec terminal = under(rows[2 * apart], rows[3 * apart], 0.0, haircut)
    return most((rows[0] - haircut * rows[apart]) + terminal, spread(0.0))


cdef void lay_out(const Plan* plan, Block* block, double* memory, Py_ssize_t lanes, Py_ssize_t vectors) noexcept nogil:
    """A block whose inputs are rows of so many lanes at the head of its memory, and one more for what else there is."""
    lay_out_block(vectors, plan.classes, plan.payment_count, memory + (INPUTS + 1) * lanes, block)
    block.available, block.ncf, block.value = memory, memory + lanes, memory + 2 * lanes
    block.takeout, block.sale = memory + 3 * lanes, memory + 4 * lanes


cdef void note_events(const Block* block, Py_ssize_t s, Py_ssize_t n, double* events) noexcept nogil:
    """What happened once in each lane."""
    cdef Py_ssize_t b, r
    cdef const double* book
    for b in range(n):
        book = <const double*> &block.books[b // WIDTH] + b % WIDTH
        for r in range(EVENTS):
            events[(s + b) * EVENTS + r] = book[(REPORTED + r) * WIDTH]


cdef int set_plan(
    Plan* plan, object terms, object notes, object coupon, object accrual, object schedule, object fees, object payments,
    object members, bint has_value,
) except -1:
    """Point a plan at its rows and at the first rate set, if all of them fit."""
    cdef Array whole = rows(terms, WATERFALL, "terms [1]", 1), classes = rows(notes, NOTE, "notes [classes]")
    cdef Array charges = rows(fees, FEE, "fees [fees]"), steps = rows(payments, PAYMENT, "payments [steps]")
    cdef Array of = integers(members, "members [members]", ANY)
    cdef Reals rates = reals(coupon, "coupon [rate sets, classes, periods]", ANY, classes.shape[0], ANY)
    cdef Py_ssize_t R = rates.shape[0], K = rates.shape[1], P = rates.shape[2]
    cdef Reals fractions = reals(accrual, "accrual [rate sets, classes, periods]", R, K, P)
    cdef Reals shares = reals(schedule, "schedule [classes, periods]", K, P)
    need(R > 0 and K > 0 and P > 0, coupon, "coupon [rate sets, classes, periods], none of them zero")
    plan.classes, plan.periods, plan.rate_sets = K, P, R
    plan.fee_count, plan.payment_count = charges.shape[0], steps.shape[0]
    plan.terms, plan.notes, plan.schedule = <const WaterfallRow*> whole.at, <const NoteRow*> classes.at, shares.at
    plan.coupon, plan.accrual = rates.at, fractions.at
    plan.fees, plan.payments = <const FeeRow*> charges.at, <const PaymentRow*> steps.at
    plan.members = <const long long*> of.at
    check_indices(plan, payments, members, fees, notes, of.shape[0], has_value)
    return 0

