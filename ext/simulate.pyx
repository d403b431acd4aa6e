"""Simulation: seeded paths of tenants, lettings and power through the waterfall, a block of pairs at a time."""

from libc.stdlib cimport free

from payments.accounts cimport *
from paths.risk_factors cimport month_steps
from numerics.threefry cimport HALF, LANES, VECTORS
from paths.path cimport travel, value_exits
from paths.facility cimport tabulate
from paths.model cimport *
from paths.waterfall cimport Answer, Fate, Outcome, Stake, pay_path
from records cimport (
    CostRow, ExitRow, FacilityRow, FactorRow, FeeRow, LeaseRow, MarketRow, NoteRow, PaymentRow, PowerRow, ScenarioRow,
    TakeoutRow, WaterfallRow)
from numerics.elementary cimport normal_quantile
from paths.tallies cimport AMOUNT_BINS, COVER_BINS, SUM_COLUMNS
from numerics.simd cimport *

cdef enum:
    MOST_PAIRS = 4096                    # of a call: more could overflow its sums


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


cdef void store(const Plan* plan, const Scratch* s, const Outcome* outcome, Py_ssize_t pairs, Py_ssize_t months,
                Py_ssize_t at, double[:, ::1] outcomes, double[:, ::1] flows) noexcept nogil:
    """Each path's quantities, and its net cash flow by month; paths of a pair are neighbours."""
    cdef Py_ssize_t b, half, q, i, n
    for b in range(pairs):
        for half in range(2):
            n = 2 * (at + b) + half
            for q in range(outcomes.shape[1]):
                outcomes[n, q] = outcome.quantity[q * LANES + half * HALF + b]
            for i in range(months):
                flows[n, i] = s.ncf[i * LANES + half * HALF + b]


cdef void note_breach(const Block* block, Py_ssize_t pairs, unsigned long long pair, long long[::1] breach) noexcept nogil:
    """Remember the first path whose books disagree."""
    cdef Py_ssize_t b, half, lane
    cdef const Book* book
    for b in range(pairs):
        for half in range(2):
            lane = half * HALF + b
            book = &block.books[lane // WIDTH]
            if breach[0] < 0 and (<const double*> &book.breach_period)[lane % WIDTH] >= 0.0:
                breach[0] = 2 * (pair + b) + half
                breach[1] = <long long> (<const double*> &book.breach_period)[lane % WIDTH]
                breach[2] = <long long> (<const double*> &book.breach_kind)[lane % WIDTH]


cdef size_t scratch_size(const Model* model, Py_ssize_t classes, Py_ssize_t steps, Py_ssize_t contracts, bint watching
                         ) noexcept nogil:
    """Bytes that a block of paths needs, and the tables of all."""
    cdef Py_ssize_t F = model.facility_count, M = model.months
    cdef size_t rows = F * (12 + 2 + (M if watching else 0)) + model.tenant_count + 2 * M + 2 + SPARES + 3 + 1 + 2 * classes
    cdef size_t vectors = VECTORS * (sizeof(Fate) + classes * sizeof(Stake) + model.lease_count * sizeof(Life)
                                     + F * sizeof(Roll))
    return block_size(VECTORS, classes, steps) + vectors + sizeof(double) * (
        rows * LANES + model.lease_count + (F + contracts) * M + 2 * (F + 1))


cdef void lay_out(Model* model, Scratch* s, Outcome* outcome, Block* block, Py_ssize_t K, Py_ssize_t steps,
                  Py_ssize_t contracts, bint watching, void* memory) noexcept nogil:
    """Share out the scratch memory, vectors first: they must lie at multiples of their size."""
    cdef Py_ssize_t F = model.facility_count, M = model.months
    lay_out_block(VECTORS, K, steps, memory, block)
    outcome.fates = <Fate*> (<char*> memory + block_size(VECTORS, K, steps))
    outcome.stakes = <Stake*> (outcome.fates + VECTORS)
    s.lives = <Life*> (outcome.stakes + VECTORS * K)
    s.rolls = <Roll*> (s.lives + VECTORS * model.lease_count)
    s.peaks = <double*> (s.rolls + VECTORS * F)
    s.takeout_year = s.peaks + F * 12 * LANES
    s.sale_year = s.takeout_year + F * LANES
    s.default = s.sale_year + F * LANES
    s.ncf = s.default + model.tenant_count * LANES
    s.available = s.ncf + M * LANES
    s.takeout = s.available + M * LANES
    s.sale = s.takeout + LANES
    s.spare = s.sale + LANES
    outcome.available = s.spare + SPARES * LANES
    outcome.ncf = outcome.available + LANES
    outcome.value = outcome.ncf + LANES
    outcome.quantity = outcome.value + LANES
    s.flows = outcome.quantity + (1 + 2 * K) * LANES if watching else NULL
    s.prices = outcome.quantity + (1 + 2 * K + (F * M if watching else 0)) * LANES
    model.ground_rents = s.prices + model.lease_count
    model.escalators = model.ground_rents + F * M
    model.first_lease = <Py_ssize_t*> (model.escalators + contracts * M)
    model.first_cost = model.first_lease + F + 1


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
    cdef Outcome outcome
    cdef Plan plan
    cdef Block block
    cdef Answer answer
    cdef void* memory
    cdef bint watching = watch_worth.shape[0] > 0
    if not 0 <= pairs <= MOST_PAIRS:
        raise ValueError("a call runs at most 4,096 pairs: more could overflow its sums")
    if (factor.shape[0] != 1 or scenario.shape[0] != 1 or exits.shape[0] != 1 or terms.shape[0] != 1 or K == 0 or P == 0
            or F == 0 or leases.shape[0] == 0 or P * terms[0].period_months > M
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
    model.takeout_worth, model.sale_worth, model.chances = &takeout_worth[0, 0], &sale_worth[0], &chances[0]
    plan.classes, plan.periods, plan.fee_count, plan.payment_count = K, P, fees.shape[0], payments.shape[0]
    plan.terms, plan.notes, plan.payments = &terms[0], &notes[0], &payments[0]
    plan.members = &members[0] if members.shape[0] > 0 else NULL
    plan.fees = &fees[0] if fees.shape[0] > 0 else NULL
    plan.coupon, plan.accrual, plan.schedule = &coupon[0, 0], &accrual[0, 0], &schedule[0, 0]
    answer.cover_bins, answer.cover_reach, answer.known = &cover_bins[0, 0], &cover_reach[0, 0], &known[0]
    answer.flags, answer.losses, answer.sums = &flags[0, 0, 0], &losses[0, 0, 0], &sums[0, 0]
    answer.bins, answer.reach, answer.centres, answer.scales = &bins[0, 0], &reach[0, 0], &centres[0], &scales[0]
    memory = room(scratch_size(&model, K, payments.shape[0], contracts.shape[0], watching))
    if memory is NULL:
        raise MemoryError("no room for a block of paths")
    breach[0] = -1
    with nogil:
        lay_out(&model, &s, &outcome, &block, K, payments.shape[0], contracts.shape[0], watching, memory)
        tabulate(&model)
        month_steps(&model)
        n = 0
        while n < pairs:
            count = min(HALF, pairs - n)
            travel(&model, &s, first_pair + n)
            value_exits(&model, &s)
            pay_path(&plan, &block, &model, &s, &outcome, watch_worth, watched, count, &answer)
            note_breach(&block, count, first_pair + n, breach)
            if outcomes.shape[0] > 0:
                store(&plan, &s, &outcome, count, M, n, outcomes, flows)
            n += count
    free(memory)
