# Chance on a block of paths: the cycle, defaults, market rent and the power price.

from libc.math cimport sqrt

from numerics.threefry cimport FACTOR_STREAM, LANES, draw_four_months, draw_normals
from numerics.rows cimport in_t, lanes_t
from paths.model cimport *
from numerics.elementary cimport exp, normal_quantile

cdef inline void month_steps(Model* model) noexcept nogil:
    """The exact monthly step of the power price's Ornstein-Uhlenbeck process."""
    cdef double a = model.factor.power_speed / 6.0, volatility = model.factor.power_volatility
    model.power_decay = exp(-model.factor.power_speed / 12.0)
    if a < 1e-4:                         # (1 - exp(-a)) / a by its series
        model.power_shock = volatility * sqrt((1.0 - a / 2.0 * (1.0 - a / 3.0)) / 12.0)
    else:
        model.power_shock = volatility * sqrt((1.0 - exp(-a)) / a / 12.0)


cdef inline void mix(double own, double shared, in_t factor, lanes_t x) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(LANES):
        x[b] = shared * factor[b] + own * x[b]


cdef inline double threshold(double p) noexcept nogil:
    """Phi^-1(p), infinite at certainty."""
    if p <= 0.0:
        return -1e300
    return 1e300 if p >= 1.0 else normal_quantile(p)


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
        draw_normals(model.seed, <unsigned long long> model.tenant_streams[t], pair, 0, asset)
        mix(sqrt(1.0 - rho), sqrt(rho), spare(s, FACTOR), asset)
        for b in range(LANES):
            asset[b] = default_month(asset[b], model.thresholds + t * model.months, model.months)


cdef inline void price_power(double index, double factor, double add, double loading, double half_variance, in_t cycle,
                             in_t ou, lanes_t price) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(LANES):
        price[b] = index * exp((ou[b] + loading * cycle[b]) - half_variance) * factor + add


cdef inline void rate_rent(const Model* model, Scratch* s, Py_ssize_t g, Py_ssize_t i) noexcept nogil:
    """Market rent of a group of facilities in a month, in parts of what it is without chance."""
    cdef double volatility = model.factor.rent_volatility, shared = model.factor.rent_loading
    cdef Py_ssize_t moved = max(0, i - model.offset)
    mix_rent(volatility * shared * sqrt(moved / 12.0), volatility * sqrt(1.0 - shared * shared) * sqrt(1.0 / 12.0),
             volatility * volatility * moved / 24.0, spare(s, FACTOR), s.wiener + g * LANES, s.levels + g * LANES)
    s.rated[g] = i


cdef inline void mix_rent(double cycle_loading, double own, double drift, in_t cycle, in_t wiener, lanes_t level
                          ) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(LANES):
        level[b] = exp((cycle_loading * cycle[b] + own * wiener[b]) - drift)


cdef inline void add_step(in_t step, lanes_t wiener) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(LANES):
        wiener[b] = wiener[b] + step[b]


cdef inline void revert(double decay, double shock, in_t step, lanes_t ou) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(LANES):
        ou[b] = decay * ou[b] + shock * step[b]


cdef inline void move_on(const Model* model, Scratch* s, unsigned long long pair) noexcept nogil:
    """Advance market rents and the power price by a month."""
    cdef Py_ssize_t g, k = s.moved % 4
    cdef double* steps
    for g in range(model.group_count):
        steps = s.rent_steps + 4 * g * LANES
        if k == 0:
            draw_four_months(model.seed, <unsigned long long> model.rent_streams[g], pair, s.moved // 4, steps,
                             steps + LANES, steps + 2 * LANES, steps + 3 * LANES)
        add_step(steps + k * LANES, s.wiener + g * LANES)
    steps = spare(s, POWER_STEPS)
    if k == 0:
        draw_four_months(model.seed, model.power_stream, pair, s.moved // 4, steps, steps + LANES, steps + 2 * LANES,
                         steps + 3 * LANES)
    revert(model.power_decay, model.power_shock, steps + k * LANES, spare(s, OU))
    s.variance = model.power_decay * model.power_decay * s.variance + model.power_shock * model.power_shock
    s.moved += 1
