# One facility in one month, in every lane of a block: who moves, what power costs, what is earned.

cimport lanes
from bills cimport *
from chance cimport offer
from draws cimport LANES, OPTION_STREAM, RENEWAL_STREAM, draw_normals, draw_uniforms
from libc.math cimport sqrt
from lives cimport *
from models cimport *
from records cimport FacilityRow, LeaseRow, MarketRow, PowerRow, ScenarioRow

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
