"""The waterfall: every period's cash through the priority of payments, a block of scenarios at a time."""

from libc.math cimport INFINITY, isnan
from libc.stdlib cimport free

from accounts cimport *
from records cimport FeeRow, NoteRow, PaymentRow, WaterfallRow
from vectors cimport *
from waterfall cimport open_block, pay_period

cdef enum:
    BLOCK = 32                           # lanes run together: the books of a block stay in cache
    FEW = 8                              # where every period is kept: a line of memory for every lane and row
    INPUTS = 5                           # rows of available, ncf and value in a period, of take-out and of sale
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
    double[:, :, ::1] series,            # OUT [S, 11, Q] records.SERIES of the last Q periods
    double[:, :, :, ::1] by_class,       # OUT [S, 7, K, Q] records.CLASS_SERIES of the last Q periods
    double[:, ::1] least_cover,          # OUT [S, 2] least actual and assumed cover of the periods before the last
    double[:, ::1] events,               # OUT [S, 5] records.EVENTS
):
    """Run every scenario through the waterfall. Flags are 0 or 1; coverage without service is NaN.

    Who wants only the end asks for few periods: series and by_class hold the last Q, from none to all of them.
    """
    cdef Py_ssize_t S = available.shape[0], P = available.shape[1], K = notes.shape[0], s, end
    cdef Py_ssize_t together = FEW if max(series.shape[2], by_class.shape[3]) > 1 else BLOCK
    cdef Plan plan
    cdef Block block
    cdef double* scratch
    if (terms.shape[0] != 1 or K == 0 or P == 0
            or coupon.shape[1] != K or coupon.shape[2] != P or accrual.shape[0] != coupon.shape[0]
            or accrual.shape[1] != K or accrual.shape[2] != P or schedule.shape[0] != K or schedule.shape[1] != P
            or rate_set.shape[0] != S or ncf.shape[0] != S or ncf.shape[1] != P or takeout.shape[0] != S
            or sale.shape[0] != S or value.shape[0] != S or value.shape[1] not in (0, P)
            or series.shape[0] != S or series.shape[1] != REPORTED or series.shape[2] > P
            or by_class.shape[0] != S or by_class.shape[1] != CLASS_REPORTED or by_class.shape[2] != K
            or by_class.shape[3] > P or events.shape[0] != S or events.shape[1] != EVENTS
            or least_cover.shape[0] != S or least_cover.shape[1] != COVERS):
        raise ValueError("shapes disagree")
    plan.classes, plan.periods = K, P
    plan.fee_count, plan.payment_count = fees.shape[0], payments.shape[0]
    plan.terms, plan.notes, plan.schedule = &terms[0], &notes[0], &schedule[0, 0]
    plan.fees = &fees[0] if fees.shape[0] > 0 else NULL
    plan.payments = &payments[0] if payments.shape[0] > 0 else NULL
    plan.members = &members[0] if members.shape[0] > 0 else NULL
    if not indices_hold(&plan, members.shape[0], rate_set, coupon.shape[0], value.shape[1] > 0):
        raise ValueError("an index points at no class, step or rate set, or an LTV trigger has no value to look at")
    scratch = <double*> room(block_size(vectors_of(BLOCK), K) + INPUTS * BLOCK * sizeof(double))
    if scratch is NULL:
        raise MemoryError("no room for a block of the waterfall")
    with nogil:
        s = 0
        while s < S:
            end = s + 1
            while end < S and end - s < together and rate_set[end] == rate_set[s]:
                end += 1
            plan.coupon, plan.accrual = &coupon[rate_set[s], 0, 0], &accrual[rate_set[s], 0, 0]
            lay_out_block(vectors_of(end - s), K, scratch + INPUTS * BLOCK, &block)
            run(&plan, &block, scratch, s, end - s, available, ncf, takeout, sale, value, series, by_class,
                least_cover, events)
            s = end
    free(scratch)


cdef void run(const Plan* plan, Block* block, double* inputs, Py_ssize_t s, Py_ssize_t n,
              const double[:, ::1] available, const double[:, ::1] ncf, const double[::1] takeout,
              const double[::1] sale, const double[:, ::1] value, double[:, :, ::1] series,
              double[:, :, :, ::1] by_class, double[:, ::1] least_cover, double[:, ::1] events) noexcept nogil:
    """One block from closing to legal final; its lanes are scenarios s, s + 1, ..., the last repeated to fill a vector."""
    cdef Py_ssize_t t, b, v, r, k, at, of, K = plan.classes
    cdef vec covers[BLOCK][COVERS]
    cdef const double* book
    block.available, block.ncf, block.value = inputs, inputs + BLOCK, inputs + 2 * BLOCK
    block.takeout, block.sale = inputs + 3 * BLOCK, inputs + 4 * BLOCK
    for b in range(block.vectors * WIDTH):
        of = s + min(b, n - 1)
        inputs[3 * BLOCK + b], inputs[4 * BLOCK + b] = takeout[of], sale[of]
    for v in range(block.vectors):
        covers[v][0], covers[v][1] = spread(INFINITY), spread(INFINITY)
    open_block(plan, block)
    for t in range(plan.periods):
        for b in range(block.vectors * WIDTH):
            of = s + min(b, n - 1)
            inputs[b], inputs[BLOCK + b] = available[of, t], ncf[of, t]
            if value.shape[1] > 0:
                inputs[2 * BLOCK + b] = value[of, t]
        pay_period(plan, block, t)
        if t < plan.periods - 1:
            for v in range(block.vectors):
                covers[v][0] = least(block.books[v].dscr_actual, covers[v][0])
                covers[v][1] = least(block.books[v].dscr_assumed, covers[v][1])
        at = t - (plan.periods - series.shape[2])
        if at >= 0:
            for b in range(n):
                book = <const double*> &block.books[b // WIDTH] + b % WIDTH
                for r in range(REPORTED):
                    series[s + b, r, at] = book[r * WIDTH]
        at = t - (plan.periods - by_class.shape[3])
        if at >= 0:
            for b in range(n):
                for k in range(K):
                    book = <const double*> &block.claims[b // WIDTH * K + k] + b % WIDTH
                    for r in range(CLASS_REPORTED):
                        by_class[s + b, r, k, at] = book[r * WIDTH]
    for b in range(n):
        book = <const double*> covers[b // WIDTH] + b % WIDTH
        for r in range(COVERS):
            least_cover[s + b, r] = book[r * WIDTH]
        book = <const double*> &block.books[b // WIDTH] + b % WIDTH
        for r in range(EVENTS):
            events[s + b, r] = book[(REPORTED + r) * WIDTH]


cdef bint indices_hold(const Plan* plan, Py_ssize_t member_count, const long long[::1] rate_set, Py_ssize_t rate_sets,
                       bint has_value) noexcept nogil:
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
    for i in range(rate_set.shape[0]):
        if not 0 <= rate_set[i] < rate_sets:
            return False
    for i in range(plan.classes):
        if not has_value and not isnan(plan.notes[i].ltv_trigger):
            return False
    return True
