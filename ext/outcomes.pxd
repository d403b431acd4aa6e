# A block of paths through the waterfall, and what came of it. The waterfall is the one of waterfall.pxd, that every deal
# is paid through.

cimport lanes
from accounts cimport *
from draws cimport HALF, LANES
from lanes cimport in_t, lanes_t
from libc.math cimport isnan
from models cimport *
from tallies cimport *
from waterfall cimport open_block, pay_period

cdef enum:                               # quantities of a path: equity, then the loss and the life of each class
    EQUITY_TOTAL, FIRST_LOSS

cdef extern from *:
    """
    #define RACKRATE_UNPAID 0.01         /* currency units below which nothing is missed */
    """
    const double UNPAID "RACKRATE_UNPAID"

cdef struct Period:                      # a period's figures for the waterfall, and what paths accumulate
    double* available                    # [LANES]
    double* ncf                          # [LANES]
    double* value                        # [LANES]
    double* ever                         # [3, LANES] triggers ever on
    double* missed                       # [K, LANES] interest ever missed
    double* repaid                       # [K, LANES] principal paid
    double* late                         # [K, LANES] principal paid times its period
    double* quantity                     # [1 + 2 K, LANES]

cdef struct Answer:
    int* cover_bins                      # [P, COVER_BINS]
    double* cover_reach                  # [P, 2]
    long long* known                     # [P]
    long long* flags                     # [P + 1, 3, 2]
    long long* losses                    # [K, 2, 2] missed interest, principal loss
    long long* sums                      # [1 + 2 K, SUM_COLUMNS]
    int* bins                            # [1 + 2 K, AMOUNT_BINS]
    double* reach                        # [1 + 2 K, 2]
    const double* centres                # [1 + 2 K]
    const double* scales


cdef inline void watch(const Model* model, const Scratch* s, const double* worth_of, Py_ssize_t start, double* value) noexcept nogil:
    """Value at a month of each path: months discounted, then the next twelve capitalised, facility by facility."""
    cdef Py_ssize_t f, i, b, end = start + model.exits.watch_months
    cdef double factor
    cdef double year[LANES]
    cdef const double* flow
    lanes.fill(LANES, 0.0, value)
    for f in range(model.facility_count):
        flow = s.flows + f * model.months * LANES
        factor = 1.0
        for i in range(start, min(end, model.months)):
            factor = factor * model.exits.watch_discount
            lanes.add_scaled(LANES, factor, flow + i * LANES, value)
        lanes.fill(LANES, 0.0, year)
        for i in range(end, min(end + 12, model.months)):
            lanes.add(LANES, flow + i * LANES, year)
        lanes.scale(LANES, factor, year)
        lanes.add_scaled(LANES, worth_of[f], year, value)
    for b in range(LANES):
        value[b] = value[b] if value[b] > 0.0 else 0.0


cdef inline void add_period(Py_ssize_t step, Py_ssize_t t, const double* months, double* period) noexcept nogil:
    """A period's sum of months."""
    cdef Py_ssize_t m
    lanes.copy(LANES, months + t * step * LANES, period)
    for m in range(t * step + 1, (t + 1) * step):
        lanes.add(LANES, months + m * LANES, period)


cdef inline void keep_worst(in_t x, double above, lanes_t worst) noexcept nogil:
    """1 from the first time an amount exceeds a level."""
    cdef Py_ssize_t b
    cdef double over
    for b in range(LANES):
        over = 1.0 if x[b] > above else 0.0
        worst[b] = worst[b] if worst[b] > over else over


cdef inline void pay_path(const Plan* plan, Block* block, const Model* model, Scratch* s, Period* period,
                   const double[:, ::1] watch_worth, const double[::1] watched, Py_ssize_t pairs, Answer* answer
                   ) noexcept nogil:
    """A block of paths through the waterfall, tallied period by period."""
    cdef Py_ssize_t t, k, K = plan.classes
    cdef const double* cover
    block.available, block.ncf, block.value = period.available, period.ncf, period.value
    block.takeout, block.sale = s.takeout, s.sale
    open_block(plan, block)
    lanes.fill((3 + 3 * K + 1 + 2 * K) * LANES, 0.0, period.ever)
    for t in range(plan.periods):
        add_period(plan.terms.period_months, t, s.available, period.available)
        add_period(plan.terms.period_months, t, s.ncf, period.ncf)
        if watched.shape[0] > 0:
            if isnan(watched[t]):
                watch(model, s, &watch_worth[t, 0], (t - 1) * plan.terms.period_months, period.value)
            else:
                lanes.fill(LANES, watched[t], period.value)
        pay_period(plan, block, t)
        tally_cover(pairs, row(block, DSCR_ACTUAL), answer.cover_bins + t * COVER_BINS, answer.cover_reach + 2 * t,
                    answer.known + t)
        tally_trigger(plan, row(block, TRAPPING), t, 0, pairs, period, answer)
        tally_trigger(plan, row(block, AMORTISING), t, 1, pairs, period, answer)
        tally_trigger(plan, row(block, PIK), t, 2, pairs, period, answer)
        lanes.add(LANES, row(block, EQUITY), period.quantity)
        for k in range(K):
            keep_worst(class_row(block, INTEREST_UNPAID, k), UNPAID, period.missed + k * LANES)
            lanes.add(LANES, class_row(block, PRINCIPAL_PAID, k), period.repaid + k * LANES)
            lanes.add_scaled(LANES, t + 1.0, class_row(block, PRINCIPAL_PAID, k), period.late + k * LANES)
    close_path(plan, block, period, pairs, answer)


cdef inline void tally_trigger(const Plan* plan, const double* flag, Py_ssize_t t, int which, Py_ssize_t pairs,
                               Period* period, Answer* answer) noexcept nogil:
    tally_flag(pairs, flag, answer.flags + (t * 3 + which) * 2)
    lanes.at_least(LANES, flag, period.ever + which * LANES)


cdef inline void live(double years, double periods, in_t repaid, in_t late, in_t lost, lanes_t life) noexcept nogil:
    """Weighted average life; what is lost counts as outstanding to legal final."""
    cdef Py_ssize_t b
    cdef double whole
    for b in range(LANES):
        whole = repaid[b] + lost[b]
        life[b] = years * (late[b] + periods * lost[b]) / (whole if whole > 0.0 else 1.0)


cdef inline void close_path(const Plan* plan, Block* block, Period* period, Py_ssize_t pairs, Answer* answer) noexcept nogil:
    """What a path came to: triggers ever on, each class's interest missed, loss and life, and equity."""
    cdef Py_ssize_t k, q, K = plan.classes
    cdef double* lost = period.available
    for q in range(3):
        tally_flag(pairs, period.ever + q * LANES, answer.flags + (plan.periods * 3 + q) * 2)
    for k in range(K):
        lanes.copy(LANES, class_row(block, BALANCE, k), period.quantity + (FIRST_LOSS + k) * LANES)
        live(plan.terms.period_months / 12.0, plan.periods, period.repaid + k * LANES, period.late + k * LANES,
             class_row(block, BALANCE, k), period.quantity + (FIRST_LOSS + K + k) * LANES)
        lanes.fill(LANES, 0.0, lost)
        keep_worst(class_row(block, BALANCE, k), UNPAID, lost)
        tally_flag(pairs, period.missed + k * LANES, answer.losses + k * 4)
        tally_flag(pairs, lost, answer.losses + k * 4 + 2)
    for q in range(1 + 2 * K):
        tally_amount(pairs, period.quantity + q * LANES, answer.centres[q], answer.scales[q],
                     answer.sums + q * SUM_COLUMNS, answer.bins + q * AMOUNT_BINS, answer.reach + 2 * q)
