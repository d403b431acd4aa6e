"""Leases: contract rent and kW by month, then expected letting by mass through renewal, default and re-letting."""

# Design: cash flow is expected by mass, exactly, not by branching. Tenant mass is one chain (the lease, then its
# renewals), because all of it expires together: letting/tenant.pxd. Market mass is kept by the month its letting started:
# letting/market.pxd. Cost is linear in months. The order of a sum is that of the simulation, whose paths without chance have
# the same bits.

from libc.stdlib cimport free, malloc

from numerics.buffers cimport ANY, Array, Reals, out, reals, rows
from numerics.rows cimport fill
from letting.market cimport let_market, pay_market
from records cimport LeaseRow, MarketRow, ScenarioRow, StepRow
from letting.contract_rent cimport clear_outside, contract_kw, contract_rent
from numerics.elementary cimport power, twelfth_root
from letting.space cimport collect
from letting.tenant cimport Columns, Market, Tenancy, Terms, let_tenant, read_terms

from rackrate.kernel.records import LEASE, MARKET, SCENARIO, STEP


cdef enum:
    COLUMNS = 9                          # of a letting, named for Python in kernel/records.py
    YEAR = 12
    ROOM = 8                             # for a vector after the last month of a row
    ROWS = 28                            # of months, in scratch: twelve, and eight with a longer one in front


def compound_index(
    rates,                               # IN [F] a year
    index,                               # OUT [F, M]
):
    """index[f, i] = (1 + rates[f]) ** (i / 12)."""
    cdef Reals rate = reals(rates, "rates [facilities]", ANY)
    cdef Reals level = out(index, "index [facilities, months]", rate.shape[0], ANY)
    cdef Py_ssize_t f, i, months = level.shape[1]
    cdef double root, year
    cdef double[12] within
    with nogil:
        for f in range(rate.shape[0]):
            root, year = twelfth_root(1.0 + rate.at[f]), 1.0
            for i in range(12):
                within[i] = power(root, i)
            for i in range(months):
                if i % 12 == 0:
                    year = power(1.0 + rate.at[f], i // 12)
                level.at[f * months + i] = year * within[i % 12]


def contract(
    leases,                              # IN LEASE [L]
    ramps,                               # IN STEP of kW
    steps,                               # IN STEP of rent
    cpi,                                 # IN [M] yearly rate by month
    rent,                                # OUT [L, M] per kW-month while the contract runs, else 0
    kw,                                  # OUT [L, M] billed while the contract runs, else 0
):
    """Contract rent and billed kW by month, free rent ignored."""
    cdef Array of = rows(leases, LEASE, "leases [leases]"), ramp = rows(ramps, STEP, "ramps [steps]")
    cdef Array step = rows(steps, STEP, "steps [steps]")
    cdef Reals inflation = reals(cpi, "cpi [months]", ANY)
    cdef Py_ssize_t count = of.shape[0], months = inflation.shape[0], l
    cdef Reals rents = out(rent, "rent [leases, months]", count, months), kws = out(kw, "kw [leases, months]", count, months)
    cdef long long first, end
    cdef const LeaseRow* lease
    with nogil:
        for l in range(count):
            lease = <const LeaseRow*> of.at + l
            first = min(max(lease.commencement, 0), months)
            end = max(min(lease.commencement + lease.term, months), first)
            contract_rent(lease, <const StepRow*> step.at, inflation.at, first, end, rents.at + l * months)
            contract_kw(lease, <const StepRow*> ramp.at, first, end, kws.at + l * months)
            clear_outside(first, end, months, rents.at + l * months)
            clear_outside(first, end, months, kws.at + l * months)


cdef struct Roll:                        # the rent roll, what it meets, and scratch
    const LeaseRow* leases
    const MarketRow* markets
    Py_ssize_t months
    const double* rent
    const double* kw
    const double* market_rent
    const double* growth
    const double* pue
    Tenancy tenancy


cdef inline double* row(double** memory, Py_ssize_t months) noexcept nogil:
    """The next row of the scratch memory, with room for a vector after it."""
    cdef double* found = memory[0]
    memory[0] += months + ROOM
    return found


cdef inline double* row_after_zeros(double** memory, Py_ssize_t months) noexcept nogil:
    """The next row, with zeros in front: a horizon of them, and a year."""
    fill(months + YEAR + ROOM, 0.0, row(memory, months + YEAR))
    return row(memory, months)


cdef void lay_out(double* memory, Py_ssize_t months, Tenancy* t) noexcept nogil:
    """Share out the scratch memory."""
    t.level, t.space, t.mass = row(&memory, months), row(&memory, months), row(&memory, months)
    t.occupied, t.gone, t.coming = row(&memory, months), row(&memory, months), row(&memory, months)
    t.market, t.vacant, t.lack = row(&memory, months), row(&memory, months), row(&memory, months)
    t.idle, t.nothing, t.price = row(&memory, months), row(&memory, months), row(&memory, months)
    t.paid, t.unpaid = t.level, t.space  # the tenant's chain is done with them by then
    t.died, t.let = row_after_zeros(&memory, months), row_after_zeros(&memory, months)
    t.started, t.weighed = row_after_zeros(&memory, months), row_after_zeros(&memory, months)
    t.let_rent, t.rent = row_after_zeros(&memory, months), row_after_zeros(&memory, months)
    t.full, t.last = row_after_zeros(&memory, months), row_after_zeros(&memory, months)
    fill(months, 0.0, t.gone)
    fill(months, 0.0, t.coming)
    fill(months, 0.0, t.nothing)


cdef void open_columns(double* letting, Py_ssize_t months, Columns* columns) noexcept nogil:
    columns.base_rent, columns.paying, columns.occupied = letting, letting + months, letting + 2 * months
    columns.load, columns.peak, columns.metered = letting + 3 * months, letting + 4 * months, letting + 5 * months
    columns.fixed_price, columns.costs, columns.receipts = letting + 6 * months, letting + 7 * months, letting + 8 * months


cdef inline double let_lease(Roll* roll, const ScenarioRow* scenario, Py_ssize_t l, const double* survival,
                             double* letting) noexcept nogil:
    """One lease in one scenario, added to its facility's columns; the largest departure of its mass from one."""
    cdef Py_ssize_t M = roll.months, f = roll.leases[l].facility
    cdef const LeaseRow* lease = &roll.leases[l]
    cdef double off
    cdef Terms terms
    cdef Market meets
    cdef Columns columns
    read_terms(&roll.markets[f], scenario, roll.growth + f * M, M, &terms)
    open_columns(letting + f * COLUMNS * M, M, &columns)
    meets.rent, meets.growth, meets.pue = roll.market_rent + f * M, roll.growth + f * M, roll.pue + f * M
    meets.survival = survival + lease.tenant * M
    let_tenant(lease, &roll.markets[f], scenario, &terms, &meets, roll.rent + l * M, roll.kw + l * M, M, &roll.tenancy,
               &columns)
    off = let_market(lease, &terms, &meets, M, &roll.tenancy, &columns)
    if terms.relets:
        pay_market(&terms, max(lease.commencement, 0), M, &roll.tenancy)
    collect(lease, scenario, &terms, meets.pue, M, &roll.tenancy, &columns)
    return off


def let(
    leases,                              # IN LEASE [L]
    markets,                             # IN MARKET [F]
    scenarios,                           # IN SCENARIO [S]
    rent,                                # IN [L, M] of `contract`
    kw,                                  # IN [L, M] of `contract`
    market_rent,                         # IN [F, M] per kW-month
    growth,                              # IN [F, M] of `compound_index`
    pue,                                 # IN [F, M]
    survival,                            # IN [S, T, M] to the end of the month
    letting,                             # OUT [S, F, 9, M]
    off,                                 # OUT [S, L] largest departure of a lease's total mass from one
):
    """Expected letting of every facility in every scenario: rent, kW, power quantities, leasing costs, receipts.

    Columns: base rent; paying, occupied, load and peak kW; metered kW (PUE and markup in); fixed-price revenue per
    1,000 hours; leasing costs; termination receipts. Money per month, kW before the facility's PUE.
    """
    cdef Array of = rows(leases, LEASE, "leases [leases]"), in_markets = rows(markets, MARKET, "markets [facilities]")
    cdef Array cases = rows(scenarios, SCENARIO, "scenarios [scenarios]")
    cdef Py_ssize_t S = cases.shape[0], L = of.shape[0], F = in_markets.shape[0], T, s, l
    cdef Reals rents = reals(rent, "rent [leases, months]", L, ANY)
    cdef Py_ssize_t M = rents.shape[1]
    cdef Reals kws = reals(kw, "kw [leases, months]", L, M)
    cdef Reals market_rents = reals(market_rent, "market_rent [facilities, months]", F, M)
    cdef Reals levels = reals(growth, "growth [facilities, months]", F, M), pues = reals(pue, "pue [facilities, months]", F, M)
    cdef Reals alive = reals(survival, "survival [scenarios, tenants, months]", S, ANY, M)
    cdef Reals found = out(letting, "letting [scenarios, facilities, 9, months]", S, F, COLUMNS, M)
    cdef Reals departure = out(off, "off [scenarios, leases]", S, L)
    cdef const LeaseRow* lease
    cdef const ScenarioRow* scenario
    cdef double* memory
    cdef Roll roll
    T = alive.shape[1]
    roll.leases, roll.markets, roll.months = <const LeaseRow*> of.at, <const MarketRow*> in_markets.at, M
    roll.rent, roll.kw, roll.market_rent = rents.at, kws.at, market_rents.at
    roll.growth, roll.pue = levels.at, pues.at
    memory = <double*> malloc(ROWS * (M + YEAR + ROOM) * sizeof(double))
    if memory == NULL:
        raise MemoryError("no room for the months of a lease")
    with nogil:
        lay_out(memory, M, &roll.tenancy)
        for s in range(S):
            scenario = <const ScenarioRow*> cases.at + s
            fill(F * COLUMNS * M, 0.0, found.at + s * F * COLUMNS * M)
            for l in range(L):
                lease = &roll.leases[l]
                departure.at[s * L + l] = 0.0
                if lease.commencement >= M or (scenario.closing and lease.booked_not_billed):
                    continue
                departure.at[s * L + l] = let_lease(
                    &roll, scenario, l, alive.at + s * T * M, found.at + s * F * COLUMNS * M)
    free(memory)
