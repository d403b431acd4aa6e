# A block of paths through the waterfall, and what came of it. The waterfall is the one of payments/period.pxd, that every deal
# is paid through.

from libc.math cimport NAN, isnan
from libc.string cimport memset

from numerics cimport rows
from payments.accounts cimport *
from numerics.threefry cimport HALF, LANES, VECTORS
from paths.model cimport *
from paths.tallies cimport *
from numerics.simd cimport *
from payments.priority cimport above_zero
from payments.period cimport open_block, pay_period

cdef enum:                               # quantities of a path: equity, then the loss and the life of each class
    EQUITY_TOTAL, FIRST_LOSS

cdef extern from *:
    """
    #define RACKRATE_UNPAID 1e-10        /* of all that was issued: up to it nothing is missed */
    """
    const double UNPAID "RACKRATE_UNPAID"

cdef struct PathTotals:                        # what has become of a vector of paths so far
    vec counted                          # 1 in the lanes that are asked for
    vec on[FLAGS]                        # flags ever on; amortising, from the ARD on
    vec equity

cdef struct ClassTotals:                       # and of one class
    vec missed                           # interest ever missed
    vec repaid                           # principal paid
    vec late                             # principal paid times its period

cdef struct Outcome:                     # of a block of paths
    PathTotals* totals                          # [vectors]
    ClassTotals* class_totals                        # [vectors, K]
    double* available                    # [LANES] of a period
    double* ncf                          # [LANES] of a period
    double* value                        # [LANES] of a period
    double* quantity                     # [1 + 2 K, LANES]
    double unpaid                        # currency units up to which nothing is missed

cdef struct Watch:                       # values that LTV triggers look at
    const double* value                  # [P] NaN for the path's own; NULL without triggers
    const double* factors                # [P, F] of 1 a year where the path's own is looked at, or NULL

cdef struct Answer:
    int* cover_bins                      # [P, COVER_BINS]
    double* cover_reach                  # [P, 2]
    long long* known                     # [P]
    long long* flags                     # [P + 1, FLAGS, 2]
    long long* losses                    # [K, 2, 2] missed interest, principal loss
    long long* sums                      # [1 + 2 K, SUM_COLUMNS]
    int* bins                            # [1 + 2 K, AMOUNT_BINS]
    double* reach                        # [1 + 2 K, 2]
    const double* centres                # [1 + 2 K]
    const double* scales


cdef inline void watch(const Model* model, const Scratch* s, const double* factors, Py_ssize_t start, double* value
                       ) noexcept nogil:
    """Value at a month of each path: months discounted, then the next twelve capitalised, facility by facility.

    Neither the value nor its terminal part is below zero.
    """
    cdef Py_ssize_t f, i, b, end = start + model.exits.watch_months
    cdef double factor
    cdef double year[LANES]
    cdef double terminal[LANES]
    cdef const double* flow
    rows.fill(LANES, 0.0, value)
    rows.fill(LANES, 0.0, terminal)
    for f in range(model.facility_count):
        flow = s.flows + f * model.months * LANES
        factor = 1.0
        for i in range(start, min(end, model.months)):
            factor = factor * model.exits.watch_discount
            rows.add_scaled(LANES, factor, flow + i * LANES, value)
        rows.fill(LANES, 0.0, year)
        for i in range(end, min(end + 12, model.months)):
            rows.add(LANES, flow + i * LANES, year)
        rows.scale(LANES, factor, year)
        rows.add_scaled(LANES, factors[f], year, terminal)
    for b in range(LANES):
        value[b] = max(0.0, value[b] + max(0.0, terminal[b]))


cdef inline void add_period(Py_ssize_t step, Py_ssize_t t, const double* months, double* period) noexcept nogil:
    """A period's sum of months."""
    cdef Py_ssize_t m
    rows.copy(LANES, months + t * step * LANES, period)
    for m in range(t * step + 1, (t + 1) * step):
        rows.add(LANES, months + m * LANES, period)


cdef inline void pay_path(const Plan* plan, Block* block, const Model* model, Scratch* s, Outcome* outcome,
                          const Watch* watched, Py_ssize_t pairs, Answer* answer) noexcept nogil:
    """A block of paths through the waterfall, tallied period by period."""
    cdef Py_ssize_t t, step = plan.terms.period_months
    block.takeout, block.sale, block.value = s.takeout, s.sale, outcome.value
    open_block(plan, block)
    begin_totals(plan, block, outcome, pairs)
    for t in range(plan.periods):
        block.available, block.ncf = s.available + t * LANES, s.ncf + t * LANES
        if step > 1:
            add_period(step, t, s.available, outcome.available)
            add_period(step, t, s.ncf, outcome.ncf)
            block.available, block.ncf = outcome.available, outcome.ncf
        if watched.value is not NULL:
            if isnan(watched.value[t]):
                watch(model, s, watched.factors + t * model.facility_count, (t - 1) * step, outcome.value)
            else:
                rows.fill(LANES, watched.value[t], outcome.value)
        pay_period(plan, block, t)
        note_period(plan, block, outcome, t)
        tally_period(plan, block, outcome, t, answer)
    close_path(plan, block, outcome, pairs, answer)


cdef inline void begin_totals(const Plan* plan, const Block* block, Outcome* outcome, Py_ssize_t pairs) noexcept nogil:
    """Nothing has happened yet; lanes past the pairs asked for are run and not counted."""
    cdef Py_ssize_t b, k
    cdef double counted[LANES]
    outcome.unpaid = 0.0
    for k in range(plan.classes):
        outcome.unpaid += UNPAID * plan.notes[k].principal
    memset(outcome.totals, 0, block.vectors * (sizeof(PathTotals) + plan.classes * sizeof(ClassTotals)))
    for b in range(LANES):
        counted[b] = 1.0 if b % HALF < pairs else 0.0
    for b in range(block.vectors):
        outcome.totals[b].counted = read(counted + b * WIDTH)


cdef inline void note_period(const Plan* plan, const Block* block, Outcome* outcome, Py_ssize_t t) noexcept nogil:
    """Add a period to what has become of each path."""
    cdef Py_ssize_t v, k
    cdef PathTotals* path
    cdef ClassTotals* note
    cdef const Book* book
    cdef const Claim* claim
    for v in range(block.vectors):
        path, book = &outcome.totals[v], &block.books[v]
        path.on[TRAPPING] = most(path.on[TRAPPING], book.trapping)
        path.on[SWEEPING] = most(path.on[SWEEPING], book.sweeping)
        path.on[DEFERRING] = most(path.on[DEFERRING], book.pik)
        if t >= plan.terms.ard:
            path.on[AMORTISING] = most(path.on[AMORTISING], book.amortising)
        path.equity = path.equity + book.equity
        for k in range(plan.classes):
            note, claim = &outcome.class_totals[v * plan.classes + k], &block.claims[v * plan.classes + k]
            if some(claim.interest_unpaid):
                note.missed = most(note.missed, flag(below(spread(outcome.unpaid), claim.interest_unpaid)))
            if some(claim.principal_paid):
                note.repaid = note.repaid + claim.principal_paid
                note.late = note.late + claim.principal_paid * (t + 1.0)


cdef inline void tally_period(const Plan* plan, const Block* block, const Outcome* outcome, Py_ssize_t t, Answer* answer
                              ) noexcept nogil:
    """Count a period's covers and flags; paths of a pair are half the vectors apart.

    Until the ARD classes amortise where they are swept: the same count.
    """
    cdef Py_ssize_t v, n, half = block.vectors // 2
    cdef vec known
    cdef Count on
    cdef const Book* book = block.books
    cdef double cover[LANES]
    for v in range(block.vectors):
        known = pick(below(spread(0.0), outcome.totals[v].counted), block.books[v].dscr_actual, spread(NAN))
        write(cover + v * WIDTH, known)
    tally_cover(cover, answer.cover_bins + t * COVER_BINS, answer.cover_reach + 2 * t, answer.known + t)
    for n in range(FLAGS):
        if n == AMORTISING and t < plan.terms.ard:
            continue
        on.on, on.both = spread(0.0), spread(0.0)
        for v in range(half):
            count(outcome.totals[v].counted, (&book[v].trapping)[n], (&book[half + v].trapping)[n], &on)
        tally_count(&on, answer.flags + (t * FLAGS + n) * 2)
        if n == SWEEPING and t < plan.terms.ard:
            tally_count(&on, answer.flags + (t * FLAGS + AMORTISING) * 2)


cdef inline void close_path(const Plan* plan, const Block* block, Outcome* outcome, Py_ssize_t pairs, Answer* answer
                            ) noexcept nogil:
    """What a path came to: flags ever on, each class's interest missed, loss and life, and equity."""
    cdef Py_ssize_t q, v, k, n, K = plan.classes, half = block.vectors // 2
    cdef Count on
    cdef const PathTotals* path = outcome.totals
    for v in range(block.vectors):
        outcome.totals[v].on[AMORTISING] = most(outcome.totals[v].on[AMORTISING], outcome.totals[v].on[SWEEPING])
    for n in range(FLAGS):
        on.on, on.both = spread(0.0), spread(0.0)
        for v in range(half):
            count(path[v].counted, path[v].on[n], path[half + v].on[n], &on)
        tally_count(&on, answer.flags + (plan.periods * FLAGS + n) * 2)
    for v in range(block.vectors):
        write(outcome.quantity + v * WIDTH, outcome.totals[v].equity)
    for k in range(K):
        close_class(plan, block, outcome, k, answer)
    for q in range(1 + 2 * K):
        tally_amount(pairs, outcome.quantity + q * LANES, answer.centres[q], answer.scales[q],
                     answer.sums + q * SUM_COLUMNS, answer.bins + q * AMOUNT_BINS, answer.reach + 2 * q)


cdef inline void close_class(const Plan* plan, const Block* block, Outcome* outcome, Py_ssize_t k, Answer* answer
                             ) noexcept nogil:
    """A class's loss and weighted average life; what is lost counts as outstanding to legal final."""
    cdef Py_ssize_t v, K = plan.classes, half = block.vectors // 2
    cdef double years = plan.terms.period_months / 12.0
    cdef Count missed, lost
    cdef ClassTotals* note
    cdef vec loss, whole, unpaid = spread(outcome.unpaid)
    missed.on, missed.both, lost.on, lost.both = spread(0.0), spread(0.0), spread(0.0), spread(0.0)
    for v in range(block.vectors):
        note, loss = &outcome.class_totals[v * K + k], block.claims[v * K + k].balance
        whole = note.repaid + loss
        write(outcome.quantity + (FIRST_LOSS + k) * LANES + v * WIDTH, loss)
        write(outcome.quantity + (FIRST_LOSS + K + k) * LANES + v * WIDTH, quotient(
            (note.late + loss * <double> plan.periods) * years, above_zero(whole)))
    for v in range(half):
        note = &outcome.class_totals[v * K + k]
        count(outcome.totals[v].counted, note.missed, outcome.class_totals[(half + v) * K + k].missed, &missed)
        count(outcome.totals[v].counted, flag(below(unpaid, block.claims[v * K + k].balance)),
              flag(below(unpaid, block.claims[(half + v) * K + k].balance)), &lost)
    tally_count(&missed, answer.losses + k * 4)
    tally_count(&lost, answer.losses + k * 4 + 2)
