"""Simulation: seeded paths of tenants, lettings and power through the waterfall, a block of pairs at a time."""

from libc.math cimport isnan
from libc.stdlib cimport free

from numerics.buffers cimport ANY, Array, Reals, counts, integers, need, out, reals, rows, totals
from payments.accounts cimport *
from payments.indices cimport check_indices
from paths.risk_factors cimport month_steps, threshold
from numerics.threefry cimport HALF, LANES, VECTORS
from paths.path cimport run_block, value_exits
from paths.facility cimport tabulate
from paths.model cimport *
from paths.waterfall cimport Answer, PathTotals, Outcome, ClassTotals, Watch, pay_path
from records cimport (
    CostRow, ExitRow, FacilityRow, FactorRow, FeeRow, LeaseRow, MarketRow, NoteRow, PaymentRow, PowerRow, ScenarioRow,
    TakeoutRow, WaterfallRow)
from paths.tallies cimport AMOUNT_BINS, COVER_BINS, SUM_COLUMNS
from numerics.simd cimport *

from rackrate.kernel.records import (
    COST, EXIT, FACILITY, FACTOR_TERMS, FEE, LEASE, MARKET, NOTE, PAYMENT, POWER, SCENARIO, TAKEOUT, WATERFALL)

cdef enum:
    MOST_PAIRS = 4096                    # of a call: more could overflow its sums


def default_thresholds(
    survival,                            # IN [T, M]
    thresholds,                          # OUT [T, M]
):
    """Phi^-1(1 - survival): a tenant defaults in the first month whose threshold its asset value does not exceed."""
    cdef Reals alive = reals(survival, "survival [tenants, months]", ANY, ANY)
    cdef Reals found = out(thresholds, "thresholds [tenants, months]", alive.shape[0], alive.shape[1])
    cdef Py_ssize_t n
    with nogil:
        for n in range(alive.shape[0] * alive.shape[1]):
            found.at[n] = threshold(1.0 - alive.at[n])


cdef void store(const double* of, Py_ssize_t quantities, Py_ssize_t pairs, Py_ssize_t at, double* kept) noexcept nogil:
    """Each path's quantities, of [quantities, LANES]; paths of a pair are neighbours."""
    cdef Py_ssize_t b, half, q
    for b in range(pairs):
        for half in range(2):
            for q in range(quantities):
                kept[(2 * (at + b) + half) * quantities + q] = of[q * LANES + half * HALF + b]


cdef void store_months(const double* of, Py_ssize_t tenants, Py_ssize_t pairs, Py_ssize_t at, int* kept) noexcept nogil:
    """The month in which each tenant defaults on each path, -1 for none."""
    cdef Py_ssize_t b, half, t
    cdef double month
    for b in range(pairs):
        for half in range(2):
            for t in range(tenants):
                month = of[t * LANES + half * HALF + b]
                kept[(2 * (at + b) + half) * tenants + t] = <int> month if month < NEVER else -1


cdef void note_breach(const Block* block, Py_ssize_t pairs, unsigned long long pair, long long* breach) noexcept nogil:
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
    rows += 6 * model.group_count
    cdef size_t vectors = VECTORS * (sizeof(PathTotals) + classes * sizeof(ClassTotals) + model.lease_count * sizeof(Life)
                                     + F * sizeof(Roll))
    return block_size(VECTORS, classes, steps) + vectors + sizeof(double) * (
        rows * LANES + model.lease_count + (F + contracts) * M + 2 * (F + 1) + model.group_count)


cdef void lay_out(Model* model, Scratch* s, Outcome* outcome, Block* block, Py_ssize_t K, Py_ssize_t steps,
                  Py_ssize_t contracts, bint watching, void* memory) noexcept nogil:
    """Share out the scratch memory, vectors first: they must lie at multiples of their size."""
    cdef Py_ssize_t F = model.facility_count, M = model.months
    lay_out_block(VECTORS, K, steps, memory, block)
    outcome.totals = <PathTotals*> (<char*> memory + block_size(VECTORS, K, steps))
    outcome.class_totals = <ClassTotals*> (outcome.totals + VECTORS)
    s.lives = <Life*> (outcome.class_totals + VECTORS * K)
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
    s.wiener = s.spare + SPARES * LANES
    s.rent_steps = s.wiener + model.group_count * LANES
    s.levels = s.rent_steps + 4 * model.group_count * LANES
    outcome.available = s.levels + model.group_count * LANES
    outcome.ncf = outcome.available + LANES
    outcome.value = outcome.ncf + LANES
    outcome.quantity = outcome.value + LANES
    s.flows = outcome.quantity + (1 + 2 * K) * LANES if watching else NULL
    s.prices = outcome.quantity + (1 + 2 * K + (F * M if watching else 0)) * LANES
    model.ground_rents = s.prices + model.lease_count
    model.escalators = model.ground_rents + F * M
    model.first_lease = <Py_ssize_t*> (model.escalators + contracts * M)
    model.first_cost = model.first_lease + F + 1
    s.rated = <double*> (model.first_cost + F + 1)


cdef int read_facilities(object of, Model* model) except -1:
    """Point a model at facilities and what they have, if all of it fits; arguments.FacilityInputs."""
    cdef Array leases = rows(of.leases, LEASE, "leases [leases]"), costs = rows(of.costs, COST, "costs [costs]")
    cdef Array estate = rows(of.facilities, FACILITY, "facilities [facilities]")
    cdef Reals index = reals(of.power_index, "power_index [months]", ANY)
    cdef Py_ssize_t L = leases.shape[0], F = estate.shape[0], Q = costs.shape[0], M = index.shape[0]
    need(L > 0, of.leases, "leases [leases > 0]")
    need(F > 0, of.facilities, "facilities [facilities > 0]")
    model.lease_count, model.facility_count, model.cost_count, model.months = L, F, Q, M
    model.leases, model.facilities = <const LeaseRow*> leases.at, <const FacilityRow*> estate.at
    model.costs = <const CostRow*> costs.at
    model.markets = <const MarketRow*> rows(of.markets, MARKET, "markets [facilities]", F).at
    model.scenario = <const ScenarioRow*> rows(of.scenario, SCENARIO, "scenario [1]", 1).at
    model.contracts = <const PowerRow*> rows(of.contracts, POWER, "contracts [contracts]").at
    model.amounts = reals(of.amounts, "amounts [costs, months]", Q, M if Q else ANY).at
    model.rent, model.kw = reals(of.rent, "rent [leases, months]", L, M).at, reals(of.kw, "kw [leases, months]", L, M).at
    model.change = <const long long*> integers(of.change, "change [leases, months]", L, M).at
    model.market_rent = reals(of.market_rent, "market_rent [facilities, months]", F, M).at
    model.growth = reals(of.growth, "growth [facilities, months]", F, M).at
    model.pue = reals(of.pue, "pue [facilities, months]", F, M).at
    model.index, model.hours = index.at, reals(of.hours, "hours [months]", M).at
    return 0


cdef int read_risk(object of, Model* model) except -1:
    """Point a model at what chance is drawn from; arguments.RiskFactors."""
    cdef Reals limits = reals(of.thresholds, "thresholds [tenants, months]", ANY, model.months)
    cdef Array steps
    cdef Py_ssize_t f
    need(limits.shape[0] > 0, of.thresholds, "thresholds [tenants > 0, months]")
    model.tenant_count, model.thresholds = limits.shape[0], limits.at
    model.factor = <const FactorRow*> rows(of.factor, FACTOR_TERMS, "factor [1]", 1).at
    model.chances = reals(of.chances, "chances [facilities]", model.facility_count).at
    model.offset, model.power_stream = of.offset, of.power_stream
    model.tenant_streams = <const long long*> integers(of.tenant_streams, "tenant_streams [tenants]", limits.shape[0]).at
    model.lease_streams = <const long long*> integers(of.lease_streams, "lease_streams [leases]", model.lease_count).at
    model.rent_groups = <const long long*> integers(of.rent_groups, "rent_groups [facilities]", model.facility_count).at
    steps = integers(of.rent_streams, "rent_streams [groups]", ANY)
    model.group_count, model.rent_streams = steps.shape[0], <const long long*> steps.at
    for f in range(model.facility_count):
        need(0 <= model.rent_groups[f] < model.group_count, of.rent_groups, "rent_groups [facilities], places of rent_streams")
    return 0


cdef int read_exits(object of, Py_ssize_t P, Model* model, Watch* watch) except -1:
    """Point a model at the values of its paths at their exits, and where triggers look at them; arguments.ExitInputs."""
    cdef Py_ssize_t F = model.facility_count, t
    cdef Array tests = rows(of.takeouts, TAKEOUT, "takeouts [tests]")
    cdef Reals known = reals(of.watched, "watched [periods]", ANY)
    cdef Reals each = reals(of.watch_factors, "watch_factors [periods, facilities]", ANY, ANY)
    need(tests.shape[0] > 0, of.takeouts, "takeouts [tests > 0]")
    need(known.shape[0] in (0, P), of.watched, "watched [periods], or [0] without LTV triggers")
    need(each.shape[0] == 0 or (each.shape[0] == P and each.shape[1] == F), of.watch_factors,
         "watch_factors [periods, facilities], or [0, 0] where no path's own value is watched")
    for t in range(known.shape[0]):
        need(each.shape[0] > 0 or not isnan(known.at[t]), of.watched, "watched [periods], known where watch_factors is empty")
    model.takeout_count, model.takeouts = tests.shape[0], <const TakeoutRow*> tests.at
    model.exits = <const ExitRow*> rows(of.exits, EXIT, "exits [1]", 1).at
    model.takeout_factors = reals(of.takeout_factors, "takeout_factors [tests, facilities]", tests.shape[0], F).at
    model.sale_factors = reals(of.sale_factors, "sale_factors [facilities]", F).at
    watch.value = known.at if known.shape[0] > 0 else NULL
    watch.factors = each.at if each.shape[0] > 0 else NULL
    return 0


cdef int read_structure(object of, Py_ssize_t months, Plan* plan) except -1:
    """Point a plan at its rows and rates, if all of them fit, and count its members; arguments.WaterfallInputs."""
    cdef Array terms = rows(of.terms, WATERFALL, "terms [1]", 1), notes = rows(of.notes, NOTE, "notes [classes]")
    cdef Array charges = rows(of.fees, FEE, "fees [fees]"), steps = rows(of.payments, PAYMENT, "payments [steps]")
    cdef Array members = integers(of.members, "members [members]", ANY)
    cdef Reals rates = reals(of.coupon, "coupon [classes, periods]", notes.shape[0], ANY)
    cdef Py_ssize_t K = rates.shape[0], P = rates.shape[1]
    plan.terms, plan.notes = <const WaterfallRow*> terms.at, <const NoteRow*> notes.at
    need(K > 0 and P > 0 and P * plan.terms.period_months <= months, of.coupon,
         "coupon [classes > 0, periods > 0], the periods within the months of power_index")
    need(steps.shape[0] > 0, of.payments, "payments [steps > 0]")
    plan.classes, plan.periods, plan.fee_count, plan.payment_count = K, P, charges.shape[0], steps.shape[0]
    plan.fees, plan.payments = <const FeeRow*> charges.at, <const PaymentRow*> steps.at
    plan.members, plan.coupon = <const long long*> members.at, rates.at
    plan.accrual = reals(of.accrual, "accrual [classes, periods]", K, P).at
    plan.schedule = reals(of.schedule, "schedule [classes, periods]", K, P).at
    return members.shape[0]


cdef int read_tallies(object of, Py_ssize_t K, Py_ssize_t P, Answer* answer) except -1:
    """Point an answer at what paths are added to; arguments.Tallies."""
    cdef Py_ssize_t quantities = 1 + 2 * K
    answer.cover_bins = <int*> counts(of.cover_bins, "cover_bins [periods, 4096]", P, COVER_BINS).at
    answer.cover_reach = out(of.cover_reach, "cover_reach [periods, 2]", P, 2).at
    answer.known = <long long*> totals(of.known, "known [periods]", P).at
    answer.flags = <long long*> totals(of.flags, "flags [periods + 1, 4, 2]", P + 1, FLAGS, 2).at
    answer.losses = <long long*> totals(of.losses, "losses [classes, 2, 2]", K, 2, 2).at
    answer.sums = <long long*> totals(of.sums, "sums [quantities, 4]", quantities, SUM_COLUMNS).at
    answer.bins = <int*> counts(of.bins, "bins [quantities, 57344]", quantities, AMOUNT_BINS).at
    answer.reach = out(of.reach, "reach [quantities, 2]", quantities, 2).at
    return 0


def simulate(
    unsigned long long seed,
    unsigned long long first_pair,       # IN antithetic pairs [first_pair, first_pair + pairs) are run
    Py_ssize_t pairs,
    risk,                                # IN arguments.RiskFactors
    facilities,                          # IN arguments.FacilityInputs
    exits,                               # IN arguments.ExitInputs
    structure,                           # IN arguments.WaterfallInputs
    centres,                             # IN [1 + 2 K] about which squares are taken
    scales,                              # IN [1 + 2 K] in which they are taken
    tallies,                             # ADDED TO arguments.Tallies
    outcomes,                            # OUT [2 pairs, 1 + 2 K] each path's quantities; [0, 0] to keep none
    defaults,                            # OUT int32 [2 pairs, T] month in which each tenant defaults, -1 none; [0, 0]
    flows,                               # OUT [2 pairs, M] each path's net cash flow; [0, 0] to keep none
):
    """Run antithetic pairs of paths and add what came of them to the tallies."""
    cdef Model model
    cdef Scratch s
    cdef Outcome outcome
    cdef Plan plan
    cdef Block block
    cdef Answer answer
    cdef Watch watch
    cdef void* memory
    cdef Array broken = totals(tallies.breach, "breach [3]", 3)
    cdef long long* breach = <long long*> broken.at
    cdef Reals kept, cash
    cdef Array gone
    cdef Py_ssize_t members, contracts = len(facilities.contracts), K, n = 0, count
    if not 0 <= pairs <= MOST_PAIRS:
        raise ValueError("pairs: expected at most 4,096 pairs in a call: more could overflow its sums")
    read_facilities(facilities, &model)
    read_risk(risk, &model)
    members = read_structure(structure, model.months, &plan)
    read_exits(exits, plan.periods, &model, &watch)
    check_indices(&plan, structure.payments, structure.members, structure.fees, structure.notes, members,
                  watch.value is not NULL)
    K = plan.classes
    read_tallies(tallies, K, plan.periods, &answer)
    answer.centres = reals(centres, "centres [quantities]", 1 + 2 * K).at
    answer.scales = reals(scales, "scales [quantities]", 1 + 2 * K).at
    kept, cash = out(outcomes, "outcomes [paths, quantities]", ANY, ANY), out(flows, "flows [paths, months]", ANY, ANY)
    gone = counts(defaults, "defaults [paths, tenants]", ANY, ANY)
    if kept.shape[0] > 0:
        kept = out(outcomes, "outcomes [paths, quantities]", 2 * pairs, 1 + 2 * K)
    if gone.shape[0] > 0:
        gone = counts(defaults, "defaults [paths, tenants]", 2 * pairs, model.tenant_count)
    if cash.shape[0] > 0:
        cash = out(flows, "flows [paths, months]", 2 * pairs, model.months)
    model.seed = seed
    memory = room(scratch_size(&model, K, plan.payment_count, contracts, watch.factors is not NULL))
    if memory is NULL:
        raise MemoryError("no room for a block of paths")
    breach[0] = -1
    with nogil:
        lay_out(&model, &s, &outcome, &block, K, plan.payment_count, contracts, watch.factors is not NULL, memory)
        tabulate(&model)
        month_steps(&model)
        while n < pairs:
            count = min(HALF, pairs - n)
            run_block(&model, &s, first_pair + n)
            value_exits(&model, &s)
            pay_path(&plan, &block, &model, &s, &outcome, &watch, count, &answer)
            note_breach(&block, count, first_pair + n, breach)
            if kept.shape[0] > 0:
                store(outcome.quantity, 1 + 2 * K, count, n, kept.at)
            if gone.shape[0] > 0:
                store_months(s.default, model.tenant_count, count, n, <int*> gone.at)
            if cash.shape[0] > 0:
                store(s.ncf, model.months, count, n, cash.at)
            n += count
    free(memory)
