# One block of paths from closing to the end of the model: chance, lettings, power, net cash flow. What the waterfall
# needs of it is left in rows of [LANES] by month.

cimport lanes
from bills cimport *
from draws cimport HALF, LANES, FACTOR_STREAM, OPTION_STREAM, RENEWAL_STREAM, TENANT_STREAM, draw_normals, draw_two_months, draw_uniforms, exponential
from lanes cimport in_t, lanes_t
from libc.math cimport isnan, sqrt
from lives cimport *
from records cimport (
    CostRow, ExitRow, FacilityRow, FactorRow, LeaseRow, MarketRow, PowerRow, ScenarioRow, TakeoutRow)

cdef struct Model:                       # what all paths share
    Py_ssize_t months, lease_count, facility_count, tenant_count, cost_count, takeout_count
    unsigned long long seed
    const FactorRow* factor
    const LeaseRow* leases
    const MarketRow* markets
    const ScenarioRow* scenario
    const FacilityRow* facilities
    const PowerRow* contracts
    const CostRow* costs
    const ExitRow* exits
    const TakeoutRow* takeouts
    const double* amounts                # [Q, M]
    const double* rent                   # [L, M]
    const double* kw                     # [L, M]
    const long long* change              # [L, M]
    const double* market_rent            # [F, M]
    const double* growth                 # [F, M]
    const double* pue                    # [F, M]
    const double* index                  # [M]
    const double* hours                  # [M]
    const double* thresholds             # [T, M]
    const double* takeout_worth          # [takeouts, F]
    const double* sale_worth             # [F]
    double power_decay, power_shock

cdef struct Scratch:                     # what one block of paths needs
    Life* lives                          # [L]
    double* prices                       # [L] of fixed-price power
    double* columns                      # [F, COLUMNS, LANES]
    double* peaks                        # [F, 12, LANES] a ring of the last twelve months
    double* default                      # [T, LANES]
    double* ncf                          # [M, LANES]
    double* available                    # [M, LANES]
    double* flows                        # [F, M, LANES], or NULL where no value is watched
    double* takeout_year                 # [F, LANES]
    double* sale_year                    # [F, LANES]
    double* takeout                      # [LANES]
    double* sale                         # [LANES]
    double* spare                        # [SPARES, LANES]

cdef enum:                               # rows of spare
    FACTOR, WIENER, OU, RENT_STEP, POWER_STEP, NEXT_RENT_STEP, NEXT_POWER_STEP, RENT_LEVEL, PRICE, OFFERED, LUCK, WAKES
    HIGHEST, NET, SPARES


cdef inline double* spare(const Scratch* s, int which) noexcept nogil:
    return s.spare + which * LANES


cdef inline void month_steps(Model* model) noexcept nogil:
    """The exact monthly step of the power price's Ornstein-Uhlenbeck process."""
    cdef double a = model.factor.power_speed / 6.0, volatility = model.factor.power_volatility
    model.power_decay = exponential(-model.factor.power_speed / 12.0)
    if a < 1e-4:                         # (1 - exp(-a)) / a by its series
        model.power_shock = volatility * sqrt((1.0 - a / 2.0 * (1.0 - a / 3.0)) / 12.0)
    else:
        model.power_shock = volatility * sqrt((1.0 - exponential(-a)) / a / 12.0)


cdef inline void mix(double own, double shared, in_t factor, lanes_t x) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(LANES):
        x[b] = shared * factor[b] + own * x[b]


cdef inline double default_month(double x, const double* thresholds, Py_ssize_t months) noexcept nogil:
    """The first month whose threshold a tenant's asset value does not exceed."""
    cdef Py_ssize_t low = 0, high = months, middle
    if x > thresholds[months - 1]:
        return NEVER
    while low < high:
        middle = (low + high) // 2
        if x <= thresholds[middle]:
            high = middle
        else:
            low = middle + 1
    return low


cdef inline void draw_path(const Model* model, Scratch* s, unsigned long long pair) noexcept nogil:
    """The cycle of each lane, and the month in which each of its tenants defaults."""
    cdef Py_ssize_t t, b
    cdef double rho = model.factor.asset_correlation
    cdef double* asset
    draw_normals(model.seed, FACTOR_STREAM, pair, 0, spare(s, FACTOR))
    for t in range(model.tenant_count):
        asset = s.default + t * LANES
        draw_normals(model.seed, TENANT_STREAM + t, pair, 0, asset)
        mix(sqrt(1.0 - rho), sqrt(rho), spare(s, FACTOR), asset)
        for b in range(LANES):
            asset[b] = default_month(asset[b], model.thresholds + t * model.months, model.months)


cdef inline void price_power(double index, double factor, double add, double loading, double half_variance, in_t cycle,
                             in_t ou, lanes_t price) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(LANES):
        price[b] = index * exponential((ou[b] + loading * cycle[b]) - half_variance) * factor + add


cdef inline void rate_rent(double cycle_loading, double own, double drift, in_t cycle, in_t wiener, lanes_t level
                           ) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(LANES):
        level[b] = exponential((cycle_loading * cycle[b] + own * wiener[b]) - drift)


cdef inline void step_on(double decay, double shock, in_t rent_step, in_t power_step, lanes_t wiener, lanes_t ou
                         ) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(LANES):
        wiener[b] = wiener[b] + rent_step[b]
        ou[b] = decay * ou[b] + shock * power_step[b]


cdef inline void offer(double rent, in_t level, lanes_t offered) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(LANES):
        offered[b] = rent * level[b]


cdef inline void wake(const Model* model, Scratch* s, Py_ssize_t l, Py_ssize_t i, unsigned long long pair, double chance
                      ) noexcept nogil:
    """What happens to one lease in a month in which something may."""
    cdef const LeaseRow* lease = &model.leases[l]
    cdef const MarketRow* market = &model.markets[lease.facility]
    cdef Life* life = &s.lives[l]
    cdef double* column = s.columns + lease.facility * COLUMNS * LANES
    cdef double* costs = column + LEASING_COSTS * LANES
    cdef double* receipts = column + RECEIPTS * LANES
    cdef double* default = s.default + lease.tenant * LANES
    cdef double downtime = market.downtime + model.scenario.downtime_add
    cdef double loading = model.factor.renewal_loading
    cdef Month now
    now.month, now.growth = i, model.growth[lease.facility * model.months + i]
    now.rent = model.rent[l * model.months + i] * (1.0 - model.scenario.rent_haircut)
    now.kw = model.kw[l * model.months + i]
    now.pays = 1.0 if i - lease.commencement >= lease.free_rent else 0.0
    now.change = model.change[l * model.months + i]
    if life.stage[0] == WAITING:
        commence(lease, life)
    if any_expires(i, life.stage, life.until):
        draw_normals(model.seed, RENEWAL_STREAM + l, pair, i, spare(s, LUCK))
        expire(lease, market, downtime, &now, chance, sqrt(1.0 - loading * loading), loading, spare(s, FACTOR),
               spare(s, LUCK), spare(s, OFFERED), life.stage, life.until, life.anniversary, life.now, life.kept, costs)
    escalate(market, &now, life.stage, life.anniversary, life.now)
    default_on(lease, market.default_downtime + model.scenario.downtime_add, 1.0 - market.default_rent_discount, &now,
               default, life.now, life.stage, life.until, life.kept, receipts)
    if i == lease.termination:
        draw_uniforms(model.seed, OPTION_STREAM + l, pair, i, spare(s, LUCK))
        terminate(lease, downtime, &now, spare(s, LUCK), life.now, life.stage, life.until, receipts)
    relet(lease, market, &now, spare(s, OFFERED), life.kept, life.stage, life.until, life.anniversary, life.free_until,
          life.now, costs)
    settle_down(lease, &now, default, life.stage, life.until, life.free_until, life.now, life.anniversary,
                life.occupied, life.paying, life.rent, life.wakes)
    lanes.copy(LANES, life.wakes, spare(s, WAKES))
    life.wake = first_of(spare(s, WAKES))
    lanes.copy(LANES, life.anniversary, spare(s, WAKES))
    life.rise = first_of(spare(s, WAKES))


cdef inline double escalator_at(const PowerRow* contract, long long i) noexcept nogil:
    """(1 + escalation) to the whole years since the contract's start."""
    cdef double level = 1.0
    cdef long long y
    for y in range((i - contract.start) // 12):
        level = level * (1.0 + contract.escalation)
    return level


cdef inline void supply_month(const Model* model, Scratch* s, Py_ssize_t f, Py_ssize_t i) noexcept nogil:
    """The facility's load met contract by contract, and what its tenants pay back."""
    cdef const FacilityRow* facility = &model.facilities[f]
    cdef const PowerRow* contract
    cdef double* column = s.columns + f * COLUMNS * LANES
    cdef double* peak = s.peaks + (f * 12 + i % 12) * LANES
    cdef double* highest = spare(s, HIGHEST)
    cdef double* price = spare(s, PRICE)
    cdef double* unserved = column + UNSERVED * LANES
    cdef double* recoverable = column + RECOVERABLE * LANES
    cdef double* shortfall = column + SHORTFALL * LANES
    cdef double keep = 1.0 - facility.curtailment_share, escalator
    cdef Py_ssize_t c, k
    lanes.fill(3 * LANES, 0.0, recoverable)
    open_supply(model.pue[f * model.months + i] + model.scenario.pue_add, model.hours[i], keep, column + LOAD_KW * LANES,
                column + PEAK_KW * LANES, column + LOAD * LANES, unserved, peak)
    for c in range(facility.power_start, facility.power_end):
        contract = &model.contracts[c]
        if not contract.start <= i < contract.end:
            continue
        escalator = escalator_at(contract, i)
        if contract.kind == FIXED_BLOCK:
            take_block(contract.mw * model.hours[i], contract.price * escalator, contract.resale_share, price, unserved,
                       recoverable, shortfall)
        elif contract.kind == FULL_REQUIREMENTS:
            take_rest(contract.price * escalator, unserved, recoverable)
        elif contract.kind == INDEXED:
            take_indexed(contract.mw * model.hours[i], contract.price * escalator, price, unserved, recoverable)
        elif contract.kind == TARIFF:
            lanes.fill(LANES, 0.0, highest)
            if contract.ratchet_share > 0.0:
                for k in range(1, 12):
                    lanes.at_least(LANES, s.peaks + (f * 12 + (i + k) % 12) * LANES, highest)
            take_tariff(contract.price * escalator, escalator, contract.demand_rate, contract.fixed_monthly,
                        contract.ratchet_share, contract.minimum_demand_share * contract.contracted_demand_kw, peak,
                        highest, unserved, recoverable, shortfall)
        else:
            settle_difference(contract.mw * model.hours[i], contract.price * escalator, price,
                              column + SETTLEMENT * LANES)
    recover(model.hours[i] * keep / 1000.0, price, column + LOAD * LANES, unserved, column + METERED_KW * LANES,
            column + FIXED_PRICE_REVENUE * LANES, recoverable, column + RECOVERY * LANES)


cdef inline void let_month(const Model* model, Scratch* s, Py_ssize_t f, Py_ssize_t i, Py_ssize_t first, Py_ssize_t last,
                           unsigned long long pair, double chance) noexcept nogil:
    """A facility's lettings in a month: who wakes, then, if anything changed, its columns anew."""
    cdef double* column = s.columns + f * COLUMNS * LANES
    cdef const LeaseRow* lease
    cdef Py_ssize_t l
    cdef double ratio = model.pue[f * model.months + i] + model.scenario.pue_add
    cdef bint changed = i == 0 or model.pue[f * model.months + i] != model.pue[f * model.months + i - 1]
    lanes.fill(2 * LANES, 0.0, column + LEASING_COSTS * LANES)
    for l in range(first, last):
        lease = &model.leases[l]
        if lease.power == 1 and i > max(lease.commencement, 0) and (i - lease.commencement) % 12 == 0:
            s.prices[l] = s.prices[l] * (1.0 + lease.power_escalation)
            changed = True
        if i >= s.lives[l].wake:
            wake(model, s, l, i, pair, chance)
            changed = True
        elif i >= s.lives[l].rise:
            rise(i, model.markets[f].escalation, s.lives[l].paying, s.lives[l].anniversary, s.lives[l].now,
                 s.lives[l].rent)
            lanes.copy(LANES, s.lives[l].anniversary, spare(s, WAKES))
            s.lives[l].rise = first_of(spare(s, WAKES))
            changed = True
    if changed:
        lanes.fill(LEASING_COSTS * LANES, 0.0, column)
        for l in range(first, last):
            lease = &model.leases[l]
            use(lease, model.scenario.utilisation_factor, min(ratio, lease.pue_cap), s.prices[l], s.lives[l].occupied,
                s.lives[l].paying, s.lives[l].rent, column)


cdef inline void earn_month(const Model* model, Scratch* s, Py_ssize_t f, Py_ssize_t i, Py_ssize_t first_cost,
                            Py_ssize_t last_cost, double ground) noexcept nogil:
    """A facility's net cash flow in a month, added to the deal's."""
    cdef const FacilityRow* facility = &model.facilities[f]
    cdef const ScenarioRow* scenario = model.scenario
    cdef double* column = s.columns + f * COLUMNS * LANES
    cdef double* operating = column + OPERATING * LANES
    cdef double amount
    cdef Py_ssize_t q
    lanes.fill(LANES, 0.0, operating)
    for q in range(first_cost, last_cost):
        amount = model.amounts[q * model.months + i] * scenario.opex_factor
        if model.costs[q].per_kw:
            lanes.add_scaled(LANES, amount, column + OCCUPIED_KW * LANES, operating)
        else:
            lanes.fill(LANES, amount, spare(s, HIGHEST))
            lanes.add(LANES, spare(s, HIGHEST), operating)
    earn(facility, max(facility.vacancy_floor, scenario.vacancy_floor),
         max(facility.management_fee, scenario.management_fee_floor),
         facility.capacity_kw * max(facility.capex_reserve, scenario.capex_reserve_floor) / 12.0, scenario.ncf_haircut,
         ground, column, column + PAYING_KW * LANES, column + RECOVERY * LANES, column + RECOVERABLE * LANES,
         column + SHORTFALL * LANES, column + SETTLEMENT * LANES, operating, column + LEASING_COSTS * LANES,
         column + RECEIPTS * LANES, column + NCF * LANES, s.ncf + i * LANES, s.available + i * LANES)
    if s.flows is not NULL:
        lanes.copy(LANES, column + NCF * LANES, s.flows + (f * model.months + i) * LANES)
    if model.exits.ard <= i < model.exits.ard + 12:
        lanes.add(LANES, column + NCF * LANES, s.takeout_year + f * LANES)
    if model.exits.final - 12 <= i < model.exits.final:
        lanes.add(LANES, column + NCF * LANES, s.sale_year + f * LANES)


cdef inline void run_facility(const Model* model, Scratch* s, Py_ssize_t f, Py_ssize_t i, Py_ssize_t* lease, Py_ssize_t* cost,
                              unsigned long long pair, double chance) noexcept nogil:
    """One facility in one month. `lease` and `cost` move on to the next facility's."""
    cdef const FacilityRow* facility = &model.facilities[f]
    cdef Py_ssize_t first = lease[0], first_cost = cost[0]
    while lease[0] < model.lease_count and model.leases[lease[0]].facility == f:
        lease[0] += 1
    while cost[0] < model.cost_count and model.costs[cost[0]].facility == f:
        cost[0] += 1
    if i >= facility.expiry:
        return
    offer(model.market_rent[f * model.months + i] * (1.0 - model.scenario.market_rent_haircut), spare(s, RENT_LEVEL),
          spare(s, OFFERED))
    let_month(model, s, f, i, first, lease[0], pair, chance)
    supply_month(model, s, f, i)
    earn_month(model, s, f, i, first_cost, cost[0], ground_rent(facility, i))


cdef inline double ground_rent(const FacilityRow* facility, Py_ssize_t i) noexcept nogil:
    """A month's ground rent."""
    cdef double level = 1.0
    cdef Py_ssize_t y
    if facility.ground_rent == 0.0:
        return 0.0
    for y in range(i // 12):
        level = level * (1.0 + facility.ground_rent_growth)
    return facility.ground_rent * level / 12.0


cdef inline void clear(const Model* model, Scratch* s) noexcept nogil:
    """Closing: every lease asleep, nothing earned."""
    cdef Py_ssize_t l, F = model.facility_count
    for l in range(model.lease_count):
        begin(&model.leases[l], max(model.leases[l].commencement, 0), &s.lives[l])
        s.prices[l] = model.leases[l].power_price
    lanes.fill(F * COLUMNS * LANES, 0.0, s.columns)
    lanes.fill(F * 12 * LANES, 0.0, s.peaks)
    lanes.fill(F * LANES, 0.0, s.takeout_year)
    lanes.fill(F * LANES, 0.0, s.sale_year)
    lanes.fill(model.months * LANES, 0.0, s.ncf)
    lanes.fill(model.months * LANES, 0.0, s.available)
    lanes.fill(SPARES * LANES, 0.0, s.spare)
    if s.flows is not NULL:
        lanes.fill(F * model.months * LANES, 0.0, s.flows)


cdef inline void travel(const Model* model, Scratch* s, unsigned long long pair, const double* chances) noexcept nogil:
    """A block of paths through all months."""
    cdef const FactorRow* terms = model.factor
    cdef bint moves = terms.rent_volatility > 0.0 or terms.power_volatility > 0.0
    cdef double variance = 0.0, loading = terms.power_loading, volatility = terms.rent_volatility
    cdef double own = volatility * sqrt(1.0 - terms.rent_loading * terms.rent_loading) * sqrt(1.0 / 12.0)
    cdef Py_ssize_t i, f, lease, cost
    clear(model, s)
    draw_path(model, s, pair)
    for i in range(model.months):
        price_power(model.index[i], model.scenario.power_price_factor, model.scenario.power_price_add, loading,
                    variance / 2.0 + loading * loading / 2.0, spare(s, FACTOR), spare(s, OU), spare(s, PRICE))
        rate_rent(volatility * terms.rent_loading * sqrt(i / 12.0), own, volatility * volatility * i / 24.0,
                  spare(s, FACTOR), spare(s, WIENER), spare(s, RENT_LEVEL))
        lease = cost = 0
        for f in range(model.facility_count):
            run_facility(model, s, f, i, &lease, &cost, pair, chances[f])
        if moves:
            if i % 2 == 0:
                draw_two_months(model.seed, pair, i // 2, spare(s, RENT_STEP), spare(s, POWER_STEP),
                                spare(s, NEXT_RENT_STEP), spare(s, NEXT_POWER_STEP))
            step_on(model.power_decay, model.power_shock, spare(s, RENT_STEP + 2 * (i % 2)),
                    spare(s, POWER_STEP + 2 * (i % 2)), spare(s, WIENER), spare(s, OU))
            variance = model.power_decay * model.power_decay * variance + model.power_shock * model.power_shock


cdef inline void value_exits(const Model* model, Scratch* s) noexcept nogil:
    """What a take-out loan repays at the ARD, and what a sale at legal final brings, on each path."""
    cdef Py_ssize_t f, i, q, b
    cdef double* net = spare(s, NET)
    cdef double* worth = spare(s, HIGHEST)
    lanes.fill(LANES, 1e300, s.takeout)
    lanes.fill(LANES, 0.0, net)
    for i in range(model.exits.ard, min(model.exits.ard + 12, model.months)):
        lanes.add(LANES, s.ncf + i * LANES, net)
    for q in range(model.takeout_count):
        if not isnan(model.takeouts[q].service):
            for b in range(LANES):
                s.takeout[b] = min(s.takeout[b], net[b] / model.takeouts[q].service)
        if not isnan(model.takeouts[q].ltv):
            capitalise_year(model, model.takeout_worth + q * model.facility_count, s.takeout_year, worth)
            for b in range(LANES):
                s.takeout[b] = min(s.takeout[b], model.takeouts[q].ltv * worth[b])
    capitalise_year(model, model.sale_worth, s.sale_year, worth)
    for b in range(LANES):
        s.sale[b] = max(0.0, min(model.exits.closing_value, worth[b]) * model.exits.kept)


cdef inline void capitalise_year(const Model* model, const double* worth_of, double* year, double* worth) noexcept nogil:
    """A year's net cash flow of each facility, capitalised and added up; not below zero."""
    cdef Py_ssize_t f, b
    lanes.fill(LANES, 0.0, worth)
    for f in range(model.facility_count):
        lanes.add_scaled(LANES, worth_of[f], year + f * LANES, worth)
    for b in range(LANES):
        worth[b] = worth[b] if worth[b] > 0.0 else 0.0
