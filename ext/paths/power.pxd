# A facility's load met contract by contract, and what that costs, in one month of a path, in every lane of a vector. The
# operations and their order are those of letting/space.pxd, supply/contracts.pxd and cashflow.pyx: a path without chance gives the bits
# of the deterministic run.

from paths.model cimport *
from supply.escalation cimport NO_LOAD
from records cimport FIXED_BLOCK, FULL_REQUIREMENTS, INDEXED, TARIFF, FacilityRow, LeaseRow, PowerRow, ScenarioRow
from numerics.simd cimport *

cdef struct Supply:                      # a facility's power in a month
    vec load, peak, unserved             # MWh, kW, MWh
    vec recoverable, shortfall, settlement, recovery


cdef inline void take_block(double volume, double price, double resale, vec index, Supply* supply) noexcept nogil:
    """A fixed block is taken whole: what is not used is resold, at the landlord's loss or gain."""
    cdef vec used = least(supply.unserved, spread(volume)), nothing = spread(0.0)
    cdef vec net = (volume - used) * (price - index * resale)
    supply.unserved = supply.unserved - used
    supply.recoverable = supply.recoverable + used * price
    supply.settlement = supply.settlement - least(net, nothing)
    supply.shortfall = supply.shortfall + most(net, nothing)


cdef inline void take_rest(double price, Supply* supply) noexcept nogil:
    supply.recoverable = supply.recoverable + supply.unserved * price
    supply.unserved = spread(0.0)


cdef inline void take_indexed(double volume, double adder, vec index, Supply* supply) noexcept nogil:
    cdef vec taken = least(supply.unserved, spread(volume))
    supply.recoverable = supply.recoverable + taken * (index + adder)
    supply.unserved = supply.unserved - taken


cdef inline void take_tariff(const PowerRow* contract, double escalator, vec highest, Supply* supply) noexcept nogil:
    """Energy, demand and fixed charges; demand billed above the month's peak is shortfall."""
    cdef vec peak = supply.peak, demand = highest * contract.ratchet_share
    demand = most(demand, spread(contract.minimum_demand_share * contract.contracted_demand_kw))
    demand = most(peak, demand)
    supply.recoverable = supply.recoverable + (supply.unserved * (contract.price * escalator) + (
        peak * contract.demand_rate + contract.fixed_monthly) * escalator)
    supply.shortfall = supply.shortfall + (demand - peak) * (escalator * contract.demand_rate)
    supply.unserved = spread(0.0)


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
    cdef vec nothing = spread(0.0), unit
    cdef mask loaded
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
            take_block(contract.mw * hours, contract.price * escalator, contract.resale_share, index, supply)
        elif contract.kind == FULL_REQUIREMENTS:
            take_rest(contract.price * escalator, supply)
        elif contract.kind == INDEXED:
            take_indexed(contract.mw * hours, contract.price * escalator, index, supply)
        elif contract.kind == TARIFF:
            take_tariff(contract, escalator, highest_peak(peaks, i) if contract.ratchet_share > 0.0 else nothing, supply)
        else:
            supply.settlement = supply.settlement + (index - contract.price * escalator) * (contract.mw * hours)
    supply.recoverable = supply.recoverable + supply.unserved * index
    loaded = below(spread(NO_LOAD), supply.load)
    unit = keep(loaded, quotient(supply.recoverable, pick(loaded, supply.load, spread(1.0))))
    supply.recovery = (unit * roll.metered + roll.fixed) * (hours * keep_on / 1000.0)
