# One facility in one month, in every lane of a block: who moves, what power costs, what is earned.

from paths.cashflow cimport add_loads, add_rents, earn
from paths.power cimport Supply, serve
from paths.risk_factors cimport rate_rent
from paths.lease cimport *
from paths.model cimport *
from supply.escalation cimport escalate
from records cimport FIXED_PRICE, FacilityRow, LeaseRow
from numerics.simd cimport *


cdef inline bint price_changes(const LeaseRow* lease, Py_ssize_t i) noexcept nogil:
    """Whether a fixed price for power rises in a month: on the anniversaries of its lease."""
    return lease.power == FIXED_PRICE and i > max(lease.commencement, 0) and (i - lease.commencement) % 12 == 0


cdef inline int let_month(const Model* model, Scratch* s, const Draws* drawn, Py_ssize_t i, Py_ssize_t first, Py_ssize_t last,
                          double growth, Now* now) noexcept nogil:
    """Advance a facility's leases by a month: events and rent steps. Returns 1 if rents changed, 2 if space did too."""
    cdef Py_ssize_t l
    cdef int changed = 0
    cdef Life* life
    cdef vec month = spread(i), occupied, paying
    for l in range(first, last):
        life = &s.lives[l * VECTORS + drawn.v]
        if lanes_of(at_most(life.next, month)):
            occupied, paying = life.occupied, life.paying
            read_terms(model, s, drawn, l, i, now)
            advance(model, drawn, l, now, life)
            changed |= 1 if alike(occupied, life.occupied) and alike(paying, life.paying) else 2
        elif lanes_of(same(life.anniversary, month)):
            rise(i, growth, life)
            changed |= 1
    return changed


cdef inline void read_terms(const Model* model, Scratch* s, const Draws* drawn, Py_ssize_t l, Py_ssize_t i, Now* now) noexcept nogil:
    """Contract and market terms of a lease in a month."""
    cdef Py_ssize_t at = l * model.months + i
    now.rent = model.rent[at] * (1.0 - model.scenario.rent_haircut)
    now.kw, now.change = model.kw[at], model.change[at]
    now.pays = 1.0 if i - model.leases[l].commencement >= model.leases[l].free_rent else 0.0
    if not now.rated:
        rate_rent(model, s, now.group, i)
        now.rated = True
    now.offered = read(s.levels + now.group * LANES + drawn.v * WIDTH) * now.market


cdef inline bint alike(vec one, vec other) noexcept nogil:
    return lanes_of(same(one, other)) == (1 << WIDTH) - 1


cdef inline vec operate(const Model* model, Py_ssize_t i, Py_ssize_t first, Py_ssize_t last, vec occupied) noexcept nogil:
    """Operating costs of a month."""
    cdef Py_ssize_t q
    cdef double amount
    cdef vec operating = spread(0.0)
    for q in range(first, last):
        amount = model.amounts[q * model.months + i] * model.scenario.opex_factor
        operating = operating + (occupied * amount if model.costs[q].per_kw else spread(amount))
    return operating


cdef inline void book(const Model* model, Scratch* s, Py_ssize_t f, Py_ssize_t i, Py_ssize_t at, vec ncf, vec receipts
                      ) noexcept nogil:
    """Add a facility's month to what the deal, a take-out, a sale and a value look at; `at` is the vector's first lane."""
    cdef double* deal = s.ncf + i * LANES + at
    cdef double* available = s.available + i * LANES + at
    cdef double* takeout = s.takeout_year + f * LANES + at
    cdef double* sale = s.sale_year + f * LANES + at
    write(deal, read(deal) + ncf)
    write(available, read(available) + (ncf + receipts))
    if s.flows is not NULL:
        write(s.flows + (f * model.months + i) * LANES + at, ncf)
    if model.exits.ard <= i < model.exits.ard + 12:
        write(takeout, read(takeout) + ncf)
    if model.exits.final - 12 <= i < model.exits.final:
        write(sale, read(sale) + ncf)


cdef inline void run_facility(const Model* model, Scratch* s, const Draws* draws, Py_ssize_t f, Py_ssize_t i) noexcept nogil:
    """One facility in one month, vector by vector."""
    cdef const FacilityRow* facility = &model.facilities[f]
    cdef Py_ssize_t first = model.first_lease[f], last = model.first_lease[f + 1], v, l
    cdef double ratio = model.pue[f * model.months + i] + model.scenario.pue_add
    cdef double growth = 1.0 + model.markets[f].escalation
    cdef int changed
    cdef bint anew = i == 0 or model.pue[f * model.months + i] != model.pue[f * model.months + i - 1]
    cdef Roll* roll
    cdef Now now
    cdef Supply supply
    if i >= facility.expiry:
        return
    now.month, now.growth = i, model.growth[f * model.months + i]
    now.group, now.rated = model.rent_groups[f], s.rated[model.rent_groups[f]] == i
    now.market = model.market_rent[f * model.months + i] * (1.0 - model.scenario.market_rent_haircut)
    now.downtime = model.markets[f].downtime + model.scenario.downtime_add
    now.empty = model.markets[f].default_downtime + model.scenario.downtime_add
    for l in range(first, last):
        if price_changes(&model.leases[l], i):
            s.prices[l] = s.prices[l] * (1.0 + model.leases[l].power_escalation)
            anew = True
    for v in range(VECTORS):
        roll = &s.rolls[f * VECTORS + v]
        now.costs, now.receipts = spread(0.0), spread(0.0)
        changed = let_month(model, s, &draws[v], i, first, last, growth, &now)
        if changed or i == 0:
            add_rents(first, last, s.lives + v, roll)
        if changed > 1 or anew:
            add_loads(model, facility, first, last, ratio, s.prices, s.lives + v, roll)
        serve(model, f, i, roll, s.peaks + f * 12 * LANES + v * WIDTH, read(spare(s, PRICE) + v * WIDTH), &supply)
        book(model, s, f, i, v * WIDTH, earn(
            model, f, i, roll, &supply, operate(model, i, model.first_cost[f], model.first_cost[f + 1], roll.occupied),
            now.costs), now.receipts)


cdef inline void tabulate(Model* model) noexcept nogil:
    """What is the same on every path: escalators of power contracts, ground rent, and whose leases and costs are whose."""
    cdef Py_ssize_t f, c, i, at
    cdef double level
    cdef const FacilityRow* facility
    model.first_lease[0] = model.first_cost[0] = 0
    for f in range(model.facility_count):
        facility = &model.facilities[f]
        at = model.first_lease[f]
        while at < model.lease_count and model.leases[at].facility == f:
            at += 1
        model.first_lease[f + 1] = at
        at = model.first_cost[f]
        while at < model.cost_count and model.costs[at].facility == f:
            at += 1
        model.first_cost[f + 1] = at
        level = 1.0
        for i in range(model.months):
            if i > 0 and i % 12 == 0:
                level = level * (1.0 + facility.ground_rent_growth)
            model.ground_rents[f * model.months + i] = facility.ground_rent * level / 12.0
        for c in range(facility.power_start, facility.power_end):
            escalate(&model.contracts[c], model.months, model.escalators + c * model.months)
