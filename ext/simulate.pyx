"""Simulation: seeded paths of tenants, lettings and power through the whole waterfall, a block of antithetic pairs at a time."""

from libc.math cimport NAN, isnan
from libc.stdlib cimport free, malloc

cimport lanes
from accounts cimport *
from draws cimport HALF, LANES
from journeys cimport *
from scalar cimport normal_quantile
from tallies cimport *
from waterfall cimport open_block, pay_period

cdef enum:                               # quantities of a path: equity, then the loss and the life of each class
    EQUITY_TOTAL, FIRST_LOSS

cdef extern from *:
    """
    #define RACKRATE_UNPAID 0.01         /* currency units below which nothing is missed */
    """
    const double UNPAID "RACKRATE_UNPAID"

cdef enum:
    MOST_PAIRS = 4096

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


def default_thresholds(
    const double[:, ::1] survival,       # IN [T, M]
    double[:, ::1] thresholds,           # OUT [T, M]
):
    """Phi^-1(1 - survival): a tenant defaults in the first month whose threshold its asset value does not exceed."""
    cdef Py_ssize_t t, i
    if survival.shape[0] != thresholds.shape[0] or survival.shape[1] != thresholds.shape[1]:
        raise ValueError("shapes disagree")
    with nogil:
        for t in range(survival.shape[0]):
            for i in range(survival.shape[1]):
                thresholds[t, i] = threshold(1.0 - survival[t, i])


cdef inline double threshold(double p) noexcept nogil:
    """Phi^-1(p), infinite at certainty."""
    if p <= 0.0:
        return -1e300
    return 1e300 if p >= 1.0 else normal_quantile(p)


cdef void watch(const Model* model, const Scratch* s, const double* worth_of, Py_ssize_t start, double* value) noexcept nogil:
    """Value at a month of each path: months discounted, then the next twelve capitalised, facility by facility."""
    cdef Py_ssize_t f, i, b, end = start + model.exits.watch_months
    cdef double factor, year[LANES]
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


cdef void pay_path(const Plan* plan, Block* block, const Model* model, Scratch* s, Period* period,
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


cdef void store(const Plan* plan, const Scratch* s, const Period* period, Py_ssize_t pairs, Py_ssize_t months,
                Py_ssize_t at, double[:, ::1] outcomes, double[:, ::1] flows) noexcept nogil:
    """Each path's quantities, and its net cash flow by month; paths of a pair are neighbours."""
    cdef Py_ssize_t b, half, q, i, n
    for b in range(pairs):
        for half in range(2):
            n = 2 * (at + b) + half
            for q in range(outcomes.shape[1]):
                outcomes[n, q] = period.quantity[q * LANES + half * HALF + b]
            for i in range(months):
                flows[n, i] = s.ncf[i * LANES + half * HALF + b]


cdef void note_breach(const Block* block, Py_ssize_t pairs, unsigned long long pair, long long[::1] breach) noexcept nogil:
    """Remember the first path whose books disagree."""
    cdef Py_ssize_t b, half
    for b in range(pairs):
        for half in range(2):
            if breach[0] < 0 and row(block, BREACH_PERIOD)[half * HALF + b] >= 0.0:
                breach[0] = 2 * (pair + b) + half
                breach[1] = <long long> row(block, BREACH_PERIOD)[half * HALF + b]
                breach[2] = <long long> row(block, BREACH_KIND)[half * HALF + b]


cdef Py_ssize_t scratch_size(const Model* model, Py_ssize_t classes, bint watching) noexcept nogil:
    """Doubles that a block of paths needs, leases apart."""
    cdef Py_ssize_t F = model.facility_count, M = model.months
    return LANES * (F * (COLUMNS + 12 + 2 + (M if watching else 0)) + model.tenant_count + 2 * M + 2 + SPARES
                    + 3 + 3 + 3 * classes + 1 + 2 * classes + row_count(classes)) + model.lease_count


cdef void lay_out(const Model* model, Scratch* s, Period* period, Block* block, Py_ssize_t K, bint watching,
                     double* room) noexcept nogil:
    """Share out the scratch memory."""
    cdef Py_ssize_t F = model.facility_count, M = model.months
    s.columns = room
    s.peaks = s.columns + F * COLUMNS * LANES
    s.takeout_year = s.peaks + F * 12 * LANES
    s.sale_year = s.takeout_year + F * LANES
    s.default = s.sale_year + F * LANES
    s.ncf = s.default + model.tenant_count * LANES
    s.available = s.ncf + M * LANES
    s.takeout = s.available + M * LANES
    s.sale = s.takeout + LANES
    s.spare = s.sale + LANES
    period.available = s.spare + SPARES * LANES
    period.ncf = period.available + LANES
    period.value = period.ncf + LANES
    period.ever = period.value + LANES
    period.missed = period.ever + 3 * LANES
    period.repaid = period.missed + K * LANES
    period.late = period.repaid + K * LANES
    period.quantity = period.late + K * LANES
    block.rows = period.quantity + (1 + 2 * K) * LANES
    s.flows = block.rows + row_count(K) * LANES if watching else NULL
    s.prices = block.rows + (row_count(K) + (F * M if watching else 0)) * LANES


def simulate(
    unsigned long long seed,
    unsigned long long first_pair,       # IN antithetic pairs [first_pair, first_pair + pairs) are run
    Py_ssize_t pairs,
    const FactorRow[::1] factor,         # IN [1]
    const LeaseRow[::1] leases,          # IN [L] facility by facility
    const MarketRow[::1] markets,        # IN [F]
    const ScenarioRow[::1] scenario,     # IN [1]
    const FacilityRow[::1] facilities,   # IN [F]
    const PowerRow[::1] contracts,       # IN [C]
    const CostRow[::1] costs,            # IN [Q] facility by facility
    const double[:, ::1] amounts,        # IN [Q, M]
    const double[:, ::1] rent,           # IN [L, M] of `contract`
    const double[:, ::1] kw,             # IN [L, M] of `contract`
    const long long[:, ::1] change,      # IN [L, M] next month in which a contract's terms change
    const double[:, ::1] market_rent,    # IN [F, M]
    const double[:, ::1] growth,         # IN [F, M]
    const double[:, ::1] pue,            # IN [F, M]
    const double[::1] index,             # IN [M] price per MWh
    const double[::1] hours,             # IN [M]
    const double[:, ::1] thresholds,     # IN [T, M] of `default_thresholds`
    const double[::1] chances,           # IN [F] Phi^-1 of the renewal probability
    const ExitRow[::1] exits,            # IN [1]
    const TakeoutRow[::1] takeouts,      # IN [tests]
    const double[:, ::1] takeout_worth,  # IN [tests, F] value at the ARD of 1 a year
    const double[::1] sale_worth,        # IN [F] value at legal final of 1 a year
    const double[::1] watched,           # IN [P] value that LTV triggers look at, NaN for the path's own; [0] without
    const double[:, ::1] watch_worth,    # IN [P, F] value of 1 a year where the path's own is looked at; [0, 0] without
    const WaterfallRow[::1] terms,       # IN [1]
    const NoteRow[::1] notes,            # IN [K]
    const double[:, ::1] coupon,         # IN [K, P]
    const double[:, ::1] accrual,        # IN [K, P]
    const double[:, ::1] schedule,       # IN [K, P]
    const FeeRow[::1] fees,
    const PaymentRow[::1] payments,
    const long long[::1] members,
    const double[::1] centres,           # IN [1 + 2 K] about which squares are taken
    const double[::1] scales,            # IN [1 + 2 K] in which they are taken
    int[:, ::1] cover_bins,              # ADDED TO [P, 4096]
    double[:, ::1] cover_reach,          # WIDENED [P, 2]
    long long[::1] known,                # ADDED TO [P] paths with a cover
    long long[:, :, ::1] flags,          # ADDED TO [P + 1, 3, 2] paths, and whole pairs, with a trigger on; last row ever
    long long[:, :, ::1] losses,         # ADDED TO [K, 2, 2] paths, and whole pairs, with interest missed, principal lost
    long long[:, ::1] sums,              # ADDED TO [1 + 2 K, 4]
    int[:, ::1] bins,                    # ADDED TO [1 + 2 K, 57344]
    double[:, ::1] reach,                # WIDENED [1 + 2 K, 2]
    long long[::1] breach,               # OUT [3] first path, period and kind in which the books disagree
    double[:, ::1] outcomes,             # OUT [2 pairs, 1 + 2 K] each path's quantities; [0, 0] to keep none
    double[:, ::1] flows,                # OUT [2 pairs, M] each path's net cash flow; [0, 0] to keep none
):
    """Run antithetic pairs of paths and add what came of them to the tallies."""
    cdef Py_ssize_t K = notes.shape[0], P = coupon.shape[1], M = index.shape[0], F = facilities.shape[0], n, count
    cdef Model model
    cdef Scratch s
    cdef Period period
    cdef Plan plan
    cdef Block block
    cdef Answer answer
    cdef double* room
    cdef bint watching = watch_worth.shape[0] > 0
    if not 0 <= pairs <= MOST_PAIRS:
        raise ValueError("a call runs at most 4,096 pairs: more could overflow its sums")
    if (factor.shape[0] != 1 or scenario.shape[0] != 1 or exits.shape[0] != 1 or terms.shape[0] != 1 or K == 0 or P == 0
            or F == 0 or leases.shape[0] == 0 or P * terms[0].period_months > M or members.shape[0] == 0
            or payments.shape[0] == 0 or thresholds.shape[0] == 0 or takeouts.shape[0] == 0
            or markets.shape[0] != F or chances.shape[0] != F or amounts.shape[0] != costs.shape[0]
            or (costs.shape[0] > 0 and amounts.shape[1] != M) or rent.shape[0] != leases.shape[0] or rent.shape[1] != M
            or kw.shape[0] != leases.shape[0] or kw.shape[1] != M or change.shape[0] != leases.shape[0]
            or change.shape[1] != M or market_rent.shape[0] != F or market_rent.shape[1] != M or growth.shape[0] != F
            or growth.shape[1] != M or pue.shape[0] != F or pue.shape[1] != M or hours.shape[0] != M
            or thresholds.shape[1] != M or takeout_worth.shape[0] != takeouts.shape[0] or takeout_worth.shape[1] != F
            or sale_worth.shape[0] != F or watched.shape[0] not in (0, P)
            or (watching and (watch_worth.shape[0] != P or watch_worth.shape[1] != F))
            or coupon.shape[0] != K or accrual.shape[0] != K or accrual.shape[1] != P or schedule.shape[0] != K
            or schedule.shape[1] != P or centres.shape[0] != 1 + 2 * K or scales.shape[0] != 1 + 2 * K
            or cover_bins.shape[0] != P or cover_bins.shape[1] != COVER_BINS or cover_reach.shape[0] != P
            or cover_reach.shape[1] != 2 or known.shape[0] != P or flags.shape[0] != P + 1 or flags.shape[1] != 3
            or flags.shape[2] != 2 or losses.shape[0] != K or losses.shape[1] != 2 or losses.shape[2] != 2
            or sums.shape[0] != 1 + 2 * K or sums.shape[1] != SUM_COLUMNS or bins.shape[0] != 1 + 2 * K
            or bins.shape[1] != AMOUNT_BINS or reach.shape[0] != 1 + 2 * K or reach.shape[1] != 2
            or breach.shape[0] != 3 or outcomes.shape[0] not in (0, 2 * pairs) or flows.shape[0] != outcomes.shape[0]
            or (outcomes.shape[0] > 0 and (outcomes.shape[1] != 1 + 2 * K or flows.shape[1] != M))):
        raise ValueError("shapes disagree")
    model.months, model.lease_count, model.facility_count, model.tenant_count = M, leases.shape[0], F, thresholds.shape[0]
    model.cost_count, model.takeout_count, model.seed = costs.shape[0], takeouts.shape[0], seed
    model.factor, model.leases, model.markets, model.scenario = &factor[0], &leases[0], &markets[0], &scenario[0]
    model.facilities, model.exits, model.takeouts = &facilities[0], &exits[0], &takeouts[0]
    model.contracts = &contracts[0] if contracts.shape[0] > 0 else NULL
    model.costs = &costs[0] if costs.shape[0] > 0 else NULL
    model.amounts = &amounts[0, 0] if costs.shape[0] > 0 else NULL
    model.rent, model.kw, model.change = &rent[0, 0], &kw[0, 0], &change[0, 0]
    model.market_rent, model.growth, model.pue = &market_rent[0, 0], &growth[0, 0], &pue[0, 0]
    model.index, model.hours, model.thresholds = &index[0], &hours[0], &thresholds[0, 0]
    model.takeout_worth, model.sale_worth = &takeout_worth[0, 0], &sale_worth[0]
    plan.classes, plan.periods, plan.fee_count, plan.payment_count = K, P, fees.shape[0], payments.shape[0]
    plan.terms, plan.notes, plan.payments, plan.members = &terms[0], &notes[0], &payments[0], &members[0]
    plan.fees = &fees[0] if fees.shape[0] > 0 else NULL
    plan.coupon, plan.accrual, plan.schedule = &coupon[0, 0], &accrual[0, 0], &schedule[0, 0]
    answer.cover_bins, answer.cover_reach, answer.known = &cover_bins[0, 0], &cover_reach[0, 0], &known[0]
    answer.flags, answer.losses, answer.sums = &flags[0, 0, 0], &losses[0, 0, 0], &sums[0, 0]
    answer.bins, answer.reach, answer.centres, answer.scales = &bins[0, 0], &reach[0, 0], &centres[0], &scales[0]
    block.lanes, block.classes = LANES, K
    room = <double*> malloc(scratch_size(&model, K, watching) * sizeof(double))
    s.lives = <Life*> malloc(leases.shape[0] * sizeof(Life))
    if room is NULL or s.lives is NULL:
        free(room)
        free(s.lives)
        raise MemoryError("no room for a block of paths")
    breach[0] = -1
    with nogil:
        lay_out(&model, &s, &period, &block, K, watching, room)
        month_steps(&model)
        n = 0
        while n < pairs:
            count = min(HALF, pairs - n)
            travel(&model, &s, first_pair + n, &chances[0])
            value_exits(&model, &s)
            pay_path(&plan, &block, &model, &s, &period, watch_worth, watched, count, &answer)
            note_breach(&block, count, first_pair + n, breach)
            if outcomes.shape[0] > 0:
                store(&plan, &s, &period, count, M, n, outcomes, flows)
            n += count
    free(room)
    free(s.lives)
