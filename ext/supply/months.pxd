# A facility's load met contract by contract, month by month, for letting by mass.
#
# Design: a contract is applied to all months of a facility before the next one is: passes over rows of months, which the
# compiler turns into vectors, so that a vector of contracts.pxd has one lane here. A month's figures are those of going
# through it contract by contract.

from numerics.rows cimport add, fill, in_t, lanes_t
from records cimport FIXED_BLOCK, FULL_REQUIREMENTS, INDEXED, TARIFF, PowerRow
from supply.contracts cimport recover, settle_difference, take_block, take_indexed, take_rest, take_tariff


cdef enum:
    YEAR = 12                            # zeros in front of the rows of peaks


cdef struct Months:                      # one facility, by month; energy in MWh
    const double* hours
    double* kept                         # thousands of hours that are not curtailed
    double* price                        # of what no contract serves
    double* load
    double* unserved
    double* hedged
    double* recoverable                  # cost that metered tenants pay back: energy used, demand and fixed charges
    double* shortfall                    # paid for and not used
    double* settlement                   # received: contracts for difference, and what is resold at a gain
    double* short                        # of one contract: paid for and not used
    double* peaks                        # kW; as many zeros in front as a year has months, and of the next two
    double* highest                      # peak of the months before
    double* higher


cdef inline void demand(Py_ssize_t n, double pue_add, double keep, in_t pue, in_t hours, in_t load_kw, in_t peak_kw,
                        lanes_t kept, lanes_t load, lanes_t unserved, lanes_t peaks) noexcept nogil:
    """What a facility draws, and that none of it is served yet."""
    cdef Py_ssize_t i
    for i in range(n):
        kept[i] = hours[i] * keep / 1000.0
        peaks[i] = (pue[i] + pue_add) * peak_kw[i]
        load[i] = (pue[i] + pue_add) * load_kw[i] * kept[i]
        unserved[i] = load[i]


cdef inline void reprice(Py_ssize_t n, double factor, double more, in_t index, lanes_t price) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        price[i] = index[i] * factor + more


cdef inline void take_blocks(Py_ssize_t n, double mw, double price, double resale_share, in_t level, in_t hours, in_t index,
                             lanes_t unserved, lanes_t hedged, lanes_t recoverable, lanes_t short, lanes_t settlement
                             ) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        hedged[i] += take_block(mw * hours[i], price * level[i], resale_share, index[i], &unserved[i], &recoverable[i],
                                &settlement[i], &short[i])


cdef inline void take_rests(Py_ssize_t n, double price, in_t level, lanes_t unserved, lanes_t hedged, lanes_t recoverable
                            ) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        hedged[i] += take_rest(price * level[i], &unserved[i], &recoverable[i])


cdef inline void take_at_index(Py_ssize_t n, double mw, double adder, in_t level, in_t hours, in_t index, lanes_t unserved,
                               lanes_t recoverable) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        take_indexed(mw * hours[i], adder * level[i], index[i], &unserved[i], &recoverable[i])


cdef inline void widen(Py_ssize_t n, in_t one, in_t other, lanes_t highest) noexcept nogil:
    """The higher of two rows."""
    cdef Py_ssize_t i
    for i in range(n):
        highest[i] = one[i] if one[i] > other[i] else other[i]


cdef inline void look_back(Py_ssize_t n, Months* m) noexcept nogil:
    """The highest peak of the eleven months before each: of two, of four, of eight, and of two times eight that overlap."""
    widen(n, m.peaks, m.peaks - 1, m.higher)
    widen(n, m.higher, m.higher - 2, m.highest)
    widen(n, m.highest, m.highest - 4, m.higher)
    widen(n, m.higher - 1, m.higher - 4, m.highest)


cdef inline void take_at_tariff(Py_ssize_t n, const PowerRow* contract, double minimum, in_t level, in_t peaks, in_t highest,
                                lanes_t unserved, lanes_t hedged, lanes_t recoverable, lanes_t short) noexcept nogil:
    cdef Py_ssize_t i
    cdef PowerRow terms = contract[0]    # which no store into a row can change
    for i in range(n):
        hedged[i] += take_tariff(&terms, level[i], minimum, peaks[i], highest[i], &unserved[i], &recoverable[i], &short[i])


cdef inline void settle_differences(Py_ssize_t n, double mw, double strike, in_t level, in_t hours, in_t index,
                                    lanes_t hedged, lanes_t settlement) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        settle_difference(mw * hours[i], strike * level[i], index[i], &settlement[i])
        hedged[i] += mw * hours[i]


cdef inline void bill(Py_ssize_t n, in_t price, in_t kept, in_t load, in_t unserved, in_t shortfall, in_t settlement,
                      in_t metered, in_t fixed_price, lanes_t cost, lanes_t recovery) noexcept nogil:
    """What nothing serves is bought at the index; `cost` is at first what metered tenants pay back."""
    cdef Py_ssize_t i
    cdef double energy
    for i in range(n):
        energy = cost[i] + unserved[i] * price[i]
        cost[i] = energy + shortfall[i] - settlement[i]
        recovery[i] = recover(energy, load[i], metered[i], fixed_price[i], kept[i])


cdef inline double paid_for_nothing(const double* short, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    cdef double total = 0.0
    for i in range(n):
        total += short[i]
    return total


cdef inline double settle(const PowerRow* contract, const double* levels, Py_ssize_t n, Py_ssize_t within, Months* m
                          ) noexcept nogil:
    """Apply one contract, while it is in force, to what is still unserved; its shortfall within so many months."""
    cdef Py_ssize_t at = max(contract.start, 0), k = min(<long long> n, contract.end) - at
    cdef const double* level = levels + at
    if k <= 0:
        return 0.0
    if contract.kind == FIXED_BLOCK:
        take_blocks(k, contract.mw, contract.price, contract.resale_share, level, m.hours + at, m.price + at, m.unserved + at,
                   m.hedged + at, m.recoverable + at, m.short + at, m.settlement + at)
    elif contract.kind == FULL_REQUIREMENTS:
        take_rests(k, contract.price, level, m.unserved + at, m.hedged + at, m.recoverable + at)
    elif contract.kind == INDEXED:
        take_at_index(k, contract.mw, contract.price, level, m.hours + at, m.price + at, m.unserved + at, m.recoverable + at)
    elif contract.kind == TARIFF:
        if contract.ratchet_share > 0.0:
            look_back(n, m)
        else:
            fill(n, 0.0, m.highest)
        take_at_tariff(k, contract, contract.minimum_demand_share * contract.contracted_demand_kw, level, m.peaks + at,
                     m.highest + at, m.unserved + at, m.hedged + at, m.recoverable + at, m.short + at)
    else:
        settle_differences(k, contract.mw, contract.price, level, m.hours + at, m.price + at, m.hedged + at,
                          m.settlement + at)
    if contract.kind != FIXED_BLOCK and contract.kind != TARIFF:
        return 0.0
    add(k, m.short + at, m.shortfall + at)
    return paid_for_nothing(m.short + at, min(k, within - at))
