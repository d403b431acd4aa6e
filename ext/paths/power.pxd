# A facility's load met contract by contract, and what that costs, in one month of a path, in every lane of a vector. The
# contracts are those of the expected run, and the order of operations too: a path without chance gives its bits.

from paths.model cimport *
from records cimport FIXED_BLOCK, FULL_REQUIREMENTS, INDEXED, TARIFF, FacilityRow, PowerRow
from numerics.simd cimport *
from supply.contracts cimport recover, settle_difference, take_block, take_indexed, take_rest, take_tariff

cdef struct Supply:                      # a facility's power in a month
    vec load, peak, unserved             # MWh, kW, MWh
    vec recoverable, shortfall, settlement, recovery


cdef inline vec highest_peak(const double* peaks, Py_ssize_t i) noexcept nogil:
    """The highest peak of the eleven months before; `peaks` is a ring of twelve rows."""
    cdef Py_ssize_t k
    cdef vec highest = spread(0.0)
    for k in range(1, 12):
        highest = most(highest, read(peaks + (i + k) % 12 * LANES))
    return highest


cdef inline void serve(const Model* model, Py_ssize_t f, Py_ssize_t i, const Roll* roll, double* peaks, vec index,
                       Supply* supply) noexcept nogil:
    """The facility's load met contract by contract; what nothing serves is bought at the index."""
    cdef const FacilityRow* facility = &model.facilities[f]
    cdef const PowerRow* contract
    cdef double ratio = model.pue[f * model.months + i] + model.scenario.pue_add, hours = model.hours[i]
    cdef double escalator, keep_on = 1.0 - facility.curtailment_share
    cdef Py_ssize_t c
    cdef vec nothing = spread(0.0), short
    supply.recoverable, supply.shortfall, supply.settlement = nothing, nothing, nothing
    supply.peak = roll.peak * ratio
    supply.load = roll.load * ratio * (hours * keep_on / 1000.0)
    supply.unserved = supply.load
    write(peaks + i % 12 * LANES, supply.peak)
    for c in range(facility.power_start, facility.power_end):
        contract, escalator = &model.contracts[c], model.escalators[c * model.months + i]
        if not contract.start <= i < contract.end:
            continue
        if contract.kind == FIXED_BLOCK:
            take_block(contract.mw * hours, contract.price * escalator, contract.resale_share, index, &supply.unserved,
                       &supply.recoverable, &supply.settlement, &short)
            supply.shortfall = supply.shortfall + short
        elif contract.kind == FULL_REQUIREMENTS:
            take_rest(contract.price * escalator, &supply.unserved, &supply.recoverable)
        elif contract.kind == INDEXED:
            take_indexed(contract.mw * hours, contract.price * escalator, index, &supply.unserved, &supply.recoverable)
        elif contract.kind == TARIFF:
            take_tariff(contract, escalator, contract.minimum_demand_share * contract.contracted_demand_kw, supply.peak,
                        highest_peak(peaks, i) if contract.ratchet_share > 0.0 else nothing, &supply.unserved,
                        &supply.recoverable, &short)
            supply.shortfall = supply.shortfall + short
        else:
            settle_difference(contract.mw * hours, contract.price * escalator, index, &supply.settlement)
    supply.recoverable = supply.recoverable + supply.unserved * index
    supply.recovery = recover(supply.recoverable, supply.load, roll.metered, roll.fixed, hours * keep_on / 1000.0)
