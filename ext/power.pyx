"""Power: each facility's load met contract by contract, what it costs, what tenants pay back, what is paid for unused."""

from libc.stdlib cimport free, malloc

from power cimport escalate
from records cimport FacilityRow, PowerRow, ScenarioRow


cdef enum:                               # columns of a letting that power reads
    LOAD_KW = 3
    PEAK_KW = 4
    METERED_KW = 5
    FIXED_PRICE_REVENUE = 6

cdef enum:                               # columns of power, named for Python in kernel/records.py
    LOAD, UNHEDGED, HEDGED, COST, RECOVERY, SHORTFALL, COLUMNS

cdef enum:
    FIXED_BLOCK, FULL_REQUIREMENTS, INDEXED, TARIFF, CFD


cdef struct Month:                       # one facility, one month; energy in MWh
    double load
    double unserved
    double hedged
    double recoverable                   # cost that metered tenants pay back: energy, demand and fixed charges
    double shortfall                     # paid for and not used
    double settlement                    # received under contracts for difference


cdef inline double demand_kw(const PowerRow* contract, const double* peaks, long long i) noexcept nogil:
    """Billed demand: this month's peak, a share of the highest of the eleven before, or the contracted minimum."""
    cdef double before = 0.0
    cdef long long k
    for k in range(max(i - 11, 0), i):
        before = max(before, peaks[k])
    return max(peaks[i], max(contract.ratchet_share * before,
                             contract.minimum_demand_share * contract.contracted_demand_kw))


cdef inline void take_block(const PowerRow* contract, double volume, double price, double index, Month* month) noexcept nogil:
    """A fixed block is taken whole: what is not used is resold, at a loss (shortfall) or a gain (lower cost)."""
    cdef double used = min(month.unserved, volume)
    cdef double net = (volume - used) * (price - contract.resale_share * index)
    month.unserved -= used
    month.hedged += used
    month.recoverable += used * price + min(net, 0.0)
    month.shortfall += max(net, 0.0)


cdef inline void settle(const PowerRow* contract, const double* peaks, long long i, double hours, double index,
                        double escalator, Month* month) noexcept nogil:
    """Apply one contract in force to what is still unserved."""
    cdef double price = contract.price * escalator, volume, demand
    if contract.kind == FIXED_BLOCK:
        take_block(contract, contract.mw * hours, price, index, month)
    elif contract.kind == FULL_REQUIREMENTS:
        month.recoverable += month.unserved * price
        month.hedged += month.unserved
        month.unserved = 0.0
    elif contract.kind == INDEXED:
        volume = min(month.unserved, contract.mw * hours)
        month.recoverable += volume * (index + price)
        month.unserved -= volume
    elif contract.kind == TARIFF:
        demand = demand_kw(contract, peaks, i)
        month.recoverable += month.unserved * price + escalator * (
            contract.demand_rate * peaks[i] + contract.fixed_monthly)
        month.shortfall += escalator * contract.demand_rate * (demand - peaks[i])
        month.hedged += month.unserved
        month.unserved = 0.0
    else:
        month.settlement += contract.mw * hours * (index - price)
        month.hedged += contract.mw * hours


def supply(
    const FacilityRow[::1] facilities,   # IN [F]
    const PowerRow[::1] contracts,       # IN [C] in the order they apply, facility by facility
    const ScenarioRow[::1] scenarios,    # IN [S]
    const double[::1] index,             # IN [M] price per MWh
    const double[::1] hours,             # IN [M]
    const double[:, ::1] pue,            # IN [F, M]
    const double[:, :, :, ::1] letting,  # IN [S, F, 9, M] of `let`
    double[:, :, :, ::1] power,          # OUT [S, F, 6, M]
    double[:, ::1] unused,               # OUT [S, C] shortfall of each contract, summed over [0, within)
    long long within,                    # IN months
):
    """Load (MWh), unhedged and hedged energy, cost, recovery and shortfall of every facility, month by month.

    Contracts apply in their order to what is still unserved; the rest is bought at the index and is unhedged.
    """
    cdef Py_ssize_t S = scenarios.shape[0], F = facilities.shape[0], M = index.shape[0], s, f, i, c
    cdef double price, keep, ratio, before, unit
    cdef Month month
    cdef double* peaks                   # [M]
    cdef double* levels                  # [C, M] of prices
    if (hours.shape[0] != M or pue.shape[0] != F or pue.shape[1] != M or letting.shape[0] != S
            or letting.shape[1] != F or letting.shape[3] != M or power.shape[0] != S or power.shape[1] != F
            or power.shape[2] != COLUMNS or power.shape[3] != M or unused.shape[0] != S
            or unused.shape[1] != contracts.shape[0]):
        raise ValueError("shapes disagree")
    power[:, :, :, :] = 0.0
    unused[:, :] = 0.0
    peaks = <double*> malloc((1 + contracts.shape[0]) * M * sizeof(double))
    if peaks is NULL:
        raise MemoryError("no room for the months of a contract")
    levels = peaks + M
    with nogil:
        for c in range(contracts.shape[0]):
            escalate(&contracts[c], M, levels + c * M)
        for s in range(S):
            for f in range(F):
                keep = 1.0 - facilities[f].curtailment_share
                for i in range(min(M, facilities[f].expiry)):
                    ratio = pue[f, i] + scenarios[s].pue_add
                    price = index[i] * scenarios[s].power_price_factor + scenarios[s].power_price_add
                    peaks[i] = ratio * letting[s, f, PEAK_KW, i]
                    month.load = ratio * letting[s, f, LOAD_KW, i] * (hours[i] * keep / 1000.0)
                    month.unserved = month.load
                    month.hedged = month.recoverable = month.shortfall = month.settlement = 0.0
                    for c in range(facilities[f].power_start, facilities[f].power_end):
                        if contracts[c].start <= i < contracts[c].end:
                            before = month.shortfall
                            settle(&contracts[c], peaks, i, hours[i], price, levels[c * M + i], &month)
                            if i < within:
                                unused[s, c] += month.shortfall - before
                    month.recoverable += month.unserved * price
                    unit = month.recoverable / month.load if month.load > 0.0 else 0.0
                    power[s, f, LOAD, i] = month.load
                    power[s, f, UNHEDGED, i] = month.unserved
                    power[s, f, HEDGED, i] = month.hedged
                    power[s, f, COST, i] = month.recoverable + month.shortfall - month.settlement
                    power[s, f, RECOVERY, i] = hours[i] * keep / 1000.0 * (
                        unit * letting[s, f, METERED_KW, i] + letting[s, f, FIXED_PRICE_REVENUE, i])
                    power[s, f, SHORTFALL, i] = month.shortfall
    free(peaks)
