# A block of paths from closing to the end of the model. What the waterfall needs of it is left in rows of [LANES] by
# month: net cash flow, what is available, what a take-out loan repays and what a sale brings.

from numerics cimport rows
from paths.risk_factors cimport draw_path, move_on, price_power
from numerics.threefry cimport HALF, LANES, VECTORS
from libc.math cimport isnan
from libc.string cimport memset
from paths.lease cimport begin
from paths.model cimport *
from paths.facility cimport run_facility
from records cimport FactorRow, LeaseRow
from numerics.simd cimport WIDTH, read

cdef inline void clear(const Model* model, Scratch* s) noexcept nogil:
    """Set the state at closing: no lease has begun, nothing is earned."""
    cdef Py_ssize_t l, v, F = model.facility_count
    for l in range(model.lease_count):
        for v in range(VECTORS):
            begin(max(model.leases[l].commencement, 0), &s.lives[l * VECTORS + v])
        s.prices[l] = model.leases[l].power_price
    memset(s.rolls, 0, F * VECTORS * sizeof(s.rolls[0]))
    rows.fill(F * 12 * LANES, 0.0, s.peaks)
    rows.fill(F * LANES, 0.0, s.takeout_year)
    rows.fill(F * LANES, 0.0, s.sale_year)
    rows.fill(model.months * LANES, 0.0, s.ncf)
    rows.fill(model.months * LANES, 0.0, s.available)
    rows.fill(SPARES * LANES, 0.0, s.spare)
    rows.fill(model.group_count * LANES, 0.0, s.wiener)
    rows.fill(model.group_count, -1.0, s.rated)
    s.moved, s.variance = 0, 0.0
    if s.flows is not NULL:
        rows.fill(F * model.months * LANES, 0.0, s.flows)


cdef inline void set_draws(const Scratch* s, unsigned long long pair, Draws* draws) noexcept nogil:
    """Set the draws of each vector; the second half of them mirrors the first (antithetic paths)."""
    cdef Py_ssize_t v
    for v in range(VECTORS):
        draws[v].v, draws[v].pair = v, pair + v * WIDTH % HALF
        draws[v].sign = 1.0 if v * WIDTH < HALF else -1.0
        draws[v].factor = read(spare(s, FACTOR) + v * WIDTH)
        draws[v].default = s.default + v * WIDTH


cdef inline void run_block(const Model* model, Scratch* s, unsigned long long pair) noexcept nogil:
    """Run a block of paths through all months."""
    cdef const FactorRow* terms = model.factor
    cdef bint moves = terms.rent_volatility > 0.0 or terms.power_volatility > 0.0
    cdef double loading = terms.power_loading
    cdef Py_ssize_t i, f
    cdef Draws draws[VECTORS]
    clear(model, s)
    draw_path(model, s, pair)
    set_draws(s, pair, draws)
    for i in range(model.months):
        while moves and s.moved < i - model.offset:
            move_on(model, s, pair)
        price_power(model.index[i], model.scenario.power_price_factor, model.scenario.power_price_add, loading,
                    s.variance / 2.0 + loading * loading / 2.0, spare(s, FACTOR), spare(s, OU), spare(s, PRICE))
        for f in range(model.facility_count):
            run_facility(model, s, draws, f, i)


cdef inline void value_exits(const Model* model, Scratch* s) noexcept nogil:
    """What a take-out loan repays at the ARD, and what a sale at legal final brings, on each path."""
    cdef Py_ssize_t f, i, q, b
    cdef double* net = spare(s, NET)
    cdef double* capitalised = spare(s, CAPITALISED)
    rows.fill(LANES, 1e300, s.takeout)
    rows.fill(LANES, 0.0, net)
    for i in range(model.exits.ard, min(model.exits.ard + 12, model.months)):
        rows.add(LANES, s.ncf + i * LANES, net)
    for q in range(model.takeout_count):
        if not isnan(model.takeouts[q].service):
            for b in range(LANES):
                s.takeout[b] = min(s.takeout[b], net[b] / model.takeouts[q].service)
        if not isnan(model.takeouts[q].ltv):
            capitalise_year(model, model.takeout_factors + q * model.facility_count, s.takeout_year, capitalised)
            for b in range(LANES):
                s.takeout[b] = min(s.takeout[b], model.takeouts[q].ltv * capitalised[b])
    capitalise_year(model, model.sale_factors, s.sale_year, capitalised)
    for b in range(LANES):
        s.sale[b] = max(0.0, min(model.exits.closing_value, capitalised[b]) * model.exits.kept)


cdef inline void capitalise_year(const Model* model, const double* factors, double* year, double* capitalised) noexcept nogil:
    """A year's net cash flow of each facility, capitalised and added up; not below zero."""
    cdef Py_ssize_t f, b
    rows.fill(LANES, 0.0, capitalised)
    for f in range(model.facility_count):
        rows.add_scaled(LANES, factors[f], year + f * LANES, capitalised)
    for b in range(LANES):
        capitalised[b] = capitalised[b] if capitalised[b] > 0.0 else 0.0
