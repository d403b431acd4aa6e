# The five kinds of power contract, and what tenants pay back: one month's step, on a vector. Lanes are paths in
# paths/power.pxd; in supply/months.pxd a vector has one lane, and the months are a loop. Each applies to what is still
# unserved, and returns what it serves at a price known beforehand.

from numerics.simd cimport *
from records cimport PowerRow

cdef extern from *:
    """
    #define RACKRATE_NO_LOAD 1e-9        /* MWh up to which nothing is drawn, and no tenant pays anything back */
    """
    const double NO_LOAD "RACKRATE_NO_LOAD"


cdef inline vec take_block(double volume, double price, double resale_share, vec index, vec* unserved, vec* recoverable,
                           vec* settlement, vec* short) noexcept nogil:
    """A fixed block is taken whole: what is not used is resold, at a loss (short) or a gain, the landlord's both."""
    cdef vec used = least(unserved[0], spread(volume)), nothing = spread(0.0)
    cdef vec net = (volume - used) * (price - index * resale_share)
    unserved[0] = unserved[0] - used
    recoverable[0] = recoverable[0] + used * price
    settlement[0] = settlement[0] - least(net, nothing)
    short[0] = most(net, nothing)
    return used


cdef inline vec take_rest(double price, vec* unserved, vec* recoverable) noexcept nogil:
    """Full requirements: the rest, at a price."""
    cdef vec used = unserved[0]
    recoverable[0] = recoverable[0] + used * price
    unserved[0] = spread(0.0)
    return used


cdef inline void take_indexed(double volume, double adder, vec index, vec* unserved, vec* recoverable) noexcept nogil:
    """The rest, or up to a volume, at the index and an adder: at no price known beforehand."""
    cdef vec used = least(unserved[0], spread(volume))
    recoverable[0] = recoverable[0] + used * (index + adder)
    unserved[0] = unserved[0] - used


cdef inline vec take_tariff(const PowerRow* contract, double level, double minimum, vec peak, vec highest, vec* unserved,
                            vec* recoverable, vec* short) noexcept nogil:
    """The rest, and demand: a month's peak, a share of the highest of the eleven before, or the contracted minimum."""
    cdef vec used = unserved[0], billed = most(highest * contract.ratchet_share, spread(minimum))
    billed = most(peak, billed)
    recoverable[0] = recoverable[0] + (used * (contract.price * level) + (
        peak * contract.demand_rate + contract.fixed_monthly) * level)
    short[0] = (billed - peak) * (level * contract.demand_rate)
    unserved[0] = spread(0.0)
    return used


cdef inline void settle_difference(double volume, double strike, vec index, vec* settlement) noexcept nogil:
    """A contract for difference: the index less its strike, served or not."""
    settlement[0] = settlement[0] + (index - strike) * volume


cdef inline vec recover(vec cost, vec load, vec metered, vec fixed, double kept) noexcept nogil:
    """What tenants pay back: what a unit costs, or their own price; `kept` is in thousands of hours."""
    cdef mask loaded = below(spread(NO_LOAD), load)
    cdef vec unit = quotient(keep(loaded, cost), pick(loaded, load, spread(1.0)))
    return (unit * metered + fixed) * kept
