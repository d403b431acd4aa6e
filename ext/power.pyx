"""Power: each facility's load met contract by contract, what it costs, what tenants pay back, what is paid for unused."""

from libc.stdlib cimport free, malloc

from numerics.buffers cimport ANY, Array, Reals, out, reals, rows
from numerics.rows cimport fill
from supply.escalation cimport escalate
from records cimport FacilityRow, PowerRow, ScenarioRow
from supply.months cimport YEAR, Months, bill, demand, reprice, settle

from rackrate.kernel.records import FACILITY, POWER, SCENARIO


cdef enum:                               # columns of a letting that power reads
    LOAD_KW = 3
    PEAK_KW = 4
    METERED_KW = 5
    FIXED_PRICE_REVENUE = 6
    LETTING = 9

cdef enum:                               # columns of power, named for Python in kernel/records.py
    LOAD, UNHEDGED, HEDGED, COST, RECOVERY, SHORTFALL, COLUMNS

cdef enum:
    ROWS = 7                             # of months, in scratch


cdef void lay_out(double* memory, Py_ssize_t M, Months* m) noexcept nogil:
    """Share out the scratch memory; rows of peaks are zero in front."""
    m.kept, m.price, m.settlement, m.short = memory, memory + M, memory + 2 * M, memory + 3 * M
    m.peaks = memory + 4 * M + YEAR
    m.higher, m.highest = m.peaks + M + YEAR, m.peaks + 2 * (M + YEAR)
    fill(YEAR, 0.0, m.peaks - YEAR)
    fill(YEAR, 0.0, m.higher - YEAR)
    fill(YEAR, 0.0, m.highest - YEAR)


cdef inline void begin(Py_ssize_t n, Py_ssize_t M, Months* m, double* recovery) noexcept nogil:
    """Zeros in rows that are added to, and in the others after a facility's last month."""
    fill(M, 0.0, m.hedged)
    fill(M, 0.0, m.recoverable)
    fill(M, 0.0, m.shortfall)
    fill(n, 0.0, m.settlement)
    fill(M - n, 0.0, m.load + n)
    fill(M - n, 0.0, m.unserved + n)
    fill(M - n, 0.0, recovery + n)


def supply(
    facilities,                          # IN FACILITY [F]
    contracts,                           # IN POWER [C] in the order they apply, facility by facility
    scenarios,                           # IN SCENARIO [S]
    index,                               # IN [M] price per MWh
    hours,                               # IN [M]
    pue,                                 # IN [F, M]
    letting,                             # IN [S, F, 9, M] of `let`
    power,                               # OUT [S, F, 6, M]
    unused,                              # OUT [S, C] shortfall of each contract, summed over [0, within)
    long long within,                    # IN months
):
    """Load (MWh), unhedged and hedged energy, cost, recovery and shortfall of every facility, month by month.

    Contracts apply in their order to what is still unserved; the rest is bought at the index and is unhedged.
    """
    cdef Array estate = rows(facilities, FACILITY, "facilities [facilities]")
    cdef Array cases = rows(scenarios, SCENARIO, "scenarios [scenarios]")
    cdef Array of = rows(contracts, POWER, "contracts [contracts]")
    cdef Reals prices = reals(index, "index [months]", ANY)
    cdef Py_ssize_t S = cases.shape[0], F = estate.shape[0], C = of.shape[0], M = prices.shape[0], s, f, c, n
    cdef Reals time = reals(hours, "hours [months]", M), pues = reals(pue, "pue [facilities, months]", F, M)
    cdef Reals space = reals(letting, "letting [scenarios, facilities, 9, months]", S, F, LETTING, M)
    cdef Reals found = out(power, "power [scenarios, facilities, 6, months]", S, F, COLUMNS, M)
    cdef Reals short = out(unused, "unused [scenarios, contracts]", S, C)
    cdef const PowerRow* contract = <const PowerRow*> of.at
    cdef const FacilityRow* facility
    cdef const ScenarioRow* scenario
    cdef const double* let
    cdef double* column
    cdef double* memory
    cdef double* levels                  # [C, M] of prices
    cdef Months m
    memory = <double*> malloc(((ROWS + C) * M + 3 * YEAR) * sizeof(double))
    if memory is NULL:
        raise MemoryError("no room for the months of a contract")
    levels, m.hours = memory + ROWS * M + 3 * YEAR, time.at
    with nogil:
        fill(S * C, 0.0, short.at)
        lay_out(memory, M, &m)
        for c in range(C):
            escalate(&contract[c], M, levels + c * M)
        for s in range(S):
            scenario = <const ScenarioRow*> cases.at + s
            reprice(M, scenario.power_price_factor, scenario.power_price_add, prices.at, m.price)
            for f in range(F):
                facility = <const FacilityRow*> estate.at + f
                n = max(0, min(M, facility.expiry))
                let, column = space.at + (s * F + f) * LETTING * M, found.at + (s * F + f) * COLUMNS * M
                m.load, m.unserved, m.hedged = column + LOAD * M, column + UNHEDGED * M, column + HEDGED * M
                m.recoverable, m.shortfall = column + COST * M, column + SHORTFALL * M
                begin(n, M, &m, column + RECOVERY * M)
                demand(n, scenario.pue_add, 1.0 - facility.curtailment_share, pues.at + f * M, m.hours, let + LOAD_KW * M,
                       let + PEAK_KW * M, m.kept, m.load, m.unserved, m.peaks)
                for c in range(facility.power_start, facility.power_end):
                    short.at[s * C + c] += settle(&contract[c], levels + c * M, n, within, &m)
                bill(n, m.price, m.kept, m.load, m.unserved, m.shortfall, m.settlement, let + METERED_KW * M,
                     let + FIXED_PRICE_REVENUE * M, m.recoverable, column + RECOVERY * M)
    free(memory)
