# What the leases of a facility pay, occupy and draw, and its net cash flow, in one month of a path, in every lane of a
# vector. The operations and their order are those of letting/space.pxd and cashflow.pyx.

from paths.model cimport *
from records cimport DIRECT, FIXED_PRICE, METERED, FacilityRow, LeaseRow, ScenarioRow
from numerics.simd cimport *
from paths.power cimport Supply


cdef inline void add_rents(Py_ssize_t first, Py_ssize_t last, const Life* lives, Roll* roll) noexcept nogil:
    """What the leases of a facility pay; `lives` is one vector's of the first lease, a row of VECTORS a lease."""
    cdef Py_ssize_t l
    cdef vec rent = spread(0.0)
    for l in range(first, last):
        rent = rent + lives[l * VECTORS].rent
    roll.rent = rent


cdef inline void add_loads(const Model* model, const FacilityRow* facility, Py_ssize_t first, Py_ssize_t last, double ratio,
                           const double* prices, const Life* lives, Roll* roll) noexcept nogil:
    """What the leases of a facility occupy and draw."""
    cdef Py_ssize_t l
    cdef const LeaseRow* lease
    cdef const Life* life
    cdef double own
    cdef vec nothing = spread(0.0), drawn
    cdef vec paying = nothing, occupied = nothing, load = nothing, peak = nothing
    cdef vec metered = nothing, fixed = nothing
    for l in range(first, last):
        lease, life = &model.leases[l], &lives[l * VECTORS]
        paying, occupied = paying + life.paying, occupied + life.occupied
        if lease.power == DIRECT:
            continue
        drawn = life.occupied * lease.utilisation * model.scenario.utilisation_factor
        load = load + drawn
        peak = peak + life.occupied * lease.peak_utilisation * model.scenario.utilisation_factor
        own = ratio if ratio < lease.pue_cap else lease.pue_cap
        if lease.power == METERED:
            metered = metered + drawn * own * (1.0 + lease.markup)
        elif lease.power == FIXED_PRICE:
            fixed = fixed + drawn * own * prices[l]
    roll.vacant = 1.0 - quotient(paying, spread(facility.capacity_kw))
    roll.occupied, roll.load, roll.peak, roll.metered, roll.fixed = occupied, load, peak, metered, fixed


cdef inline vec earn(const Model* model, Py_ssize_t f, Py_ssize_t i, const Roll* roll, const Supply* supply, vec operating,
                     vec leasing) noexcept nogil:
    """Every line from base rent to the facility's net cash flow."""
    cdef const FacilityRow* facility = &model.facilities[f]
    cdef const ScenarioRow* scenario = model.scenario
    cdef double floor = max(facility.vacancy_floor, scenario.vacancy_floor)
    cdef double fee = max(facility.management_fee, scenario.management_fee_floor)
    cdef double reserve = facility.capacity_kw * max(facility.capex_reserve, scenario.capex_reserve_floor) / 12.0
    cdef double ground = model.ground_rents[f * model.months + i]
    cdef vec nothing = spread(0.0), vacancy, egi, noi, before
    vacancy = roll.rent * (most(floor - roll.vacant, nothing) + facility.sla_credit_share * facility.curtailment_share)
    egi = roll.rent + supply.recovery + facility.other_income / 12.0 - vacancy
    noi = egi - ((supply.recoverable + supply.shortfall) - supply.settlement) - operating - ground - (
        egi - supply.recovery) * fee
    before = noi - reserve - leasing
    return before - most(before, nothing) * scenario.ncf_haircut
