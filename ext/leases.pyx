"""Leases: contract rent and kW by month, then expected letting by mass through renewal, default and re-letting."""

# Design: cash flow is expected by mass, exactly, not by branching. Tenant mass is one chain (the lease, then its
# renewals), because all of it expires together. Market mass is kept by the month its letting started. A letting that
# started in month j pays ratio * market_j, and every renewal rule maps that ratio to the next without looking at j, so
# one weighted mass per start month carries any number of generations, and cost stays linear in months.

from libc.stdlib cimport free, malloc
from libc.string cimport memset

from records cimport LeaseRow, MarketRow, ScenarioRow, StepRow
from scalar cimport power, twelfth_root


cdef enum:                               # columns of a letting, named for Python in kernel/records.py
    BASE_RENT, PAYING_KW, OCCUPIED_KW, LOAD_KW, PEAK_KW, METERED_KW, FIXED_PRICE_REVENUE, LEASING_COSTS
    TERMINATION_RECEIPTS, COLUMNS


cdef enum:
    CLEARED = 7                          # fields of Scratch that every lease starts at nothing


cdef struct Scratch:                     # one lease in one scenario, each field M months
    double* tenant_mass
    double* tenant_kw                    # occupied by the tenant's mass
    double* tenant_paying                # kW of it that pays
    double* tenant_rent                  # rent it pays
    double* left                         # mass that goes to the market's vacancy
    double* relet                        # new lettings starting, after expiry or termination
    double* defaulted                    # new lettings starting, after a default
    double* renewed                      # market mass that renews
    double* renewed_weight               # times its ratio to market rent
    double* let                          # market mass that is let anew
    double* let_weight                   # times its ratio to market rent
    double* market_mass
    double* market_paying
    double* market_rent                  # per kW


cdef inline double clip(double x, double low, double high) noexcept nogil:
    return low if x < low else (high if x > high else x)


cdef inline double last_step(const StepRow[::1] steps, long long start, long long end, long long month,
                             double otherwise) noexcept nogil:
    """The value of the last step on or before a month since commencement."""
    cdef double value = otherwise
    cdef long long k
    for k in range(start, end):
        if steps[k].from_month > month:
            break
        value = steps[k].value
    return value


def compound_index(
    const double[::1] rates,             # IN [F] a year
    double[:, ::1] index,                # OUT [F, M]
):
    """index[f, i] = (1 + rates[f]) ** (i / 12)."""
    cdef Py_ssize_t f, i
    cdef double root
    cdef double within[12]
    if index.shape[0] != rates.shape[0]:
        raise ValueError("index must have a row for each rate")
    with nogil:
        for f in range(rates.shape[0]):
            root = twelfth_root(1.0 + rates[f])
            for i in range(12):
                within[i] = power(root, i)
            for i in range(index.shape[1]):
                index[f, i] = power(1.0 + rates[f], i // 12) * within[i % 12]


def contract(
    const LeaseRow[::1] leases,          # IN [L]
    const StepRow[::1] ramps,            # IN steps of kW
    const StepRow[::1] steps,            # IN steps of rent
    const double[::1] cpi,               # IN [M] yearly rate by month
    double[:, ::1] rent,                 # OUT [L, M] per kW-month while the contract runs, else 0
    double[:, ::1] kw,                   # OUT [L, M] billed while the contract runs, else 0
):
    """Contract rent and billed kW by month, free rent ignored."""
    cdef Py_ssize_t count = leases.shape[0], months = cpi.shape[0], l, i
    cdef long long since, first
    cdef double now
    if rent.shape[0] != count or kw.shape[0] != count or rent.shape[1] != months or kw.shape[1] != months:
        raise ValueError("rent and kW must be [leases, months]")
    rent[:, :] = 0.0
    kw[:, :] = 0.0
    with nogil:
        for l in range(count):
            first = max(leases[l].commencement, 0)
            now = leases[l].rent
            for i in range(first, min(months, leases[l].commencement + leases[l].term)):
                since = i - leases[l].commencement
                if leases[l].escalation == 2:
                    now = last_step(steps, leases[l].step_start, leases[l].step_end, since, leases[l].rent)
                elif i > first and since % 12 == 0:
                    now = now * (1.0 + (leases[l].escalation_rate if leases[l].escalation == 0 else clip(
                        cpi[i], leases[l].escalation_floor, leases[l].escalation_cap)))
                rent[l, i] = now
                kw[l, i] = last_step(ramps, leases[l].ramp_start, leases[l].ramp_end, since, leases[l].contracted_kw)


cdef inline void leave(double* left, double* restarts, long long month, long long after, Py_ssize_t months, double mass,
                       bint relets) noexcept nogil:
    """Mass leaves in a month and, if it re-lets, starts again that many months later."""
    left[month] += mass
    if relets and month + after < months:
        restarts[month + after] += mass


cdef void let_tenant(
    const LeaseRow* lease, const MarketRow* market, const ScenarioRow* scenario, const double* rent, const double* kw,
    const double* market_rent, const double* growth, const double* survival, Py_ssize_t months, Scratch* s,
    double* costs, double* receipts,
) noexcept nogil:
    """The tenant's own chain: what it occupies and pays, and the mass it gives back to the market."""
    cdef long long start = lease.commencement, end = start + lease.term, i
    cdef long long downtime = market.downtime + scenario.downtime_add
    cdef long long default_downtime = market.default_downtime + scenario.downtime_add
    cdef bint relets = not scenario.contracted_only, renewed = False
    cdef double p = min(1.0, market.renewal_probability * scenario.renewal_factor) if relets else 0.0
    cdef double mass = 1.0, alive = 1.0, now = 0.0, now_kw = lease.contracted_kw, part, offered
    for i in range(max(start, 0), months):
        if i == end:                     # expiry: a share renews now, the rest re-lets after the downtime
            leave(s.left, s.relet, i, downtime, months, (1.0 - p) * mass, relets)
            mass = p * mass
            offered = market_rent[i] * (1.0 - scenario.market_rent_haircut)
            if market.renew_at == 0 or (market.renew_at == 2 and offered < now):
                now = offered
            renewed, start, end = True, i, i + market.term
            costs[i] += market.renewal_cost * lease.contracted_kw * growth[i] * mass
        if mass == 0.0:
            break
        if not renewed:
            now = rent[i] * (1.0 - scenario.rent_haircut)
            now_kw = kw[i]
        elif i > start and (i - start) % 12 == 0:
            now = now * (1.0 + market.escalation)
        if renewed:
            now_kw = lease.contracted_kw
        part = mass - mass * (survival[i] / alive)       # default; before commencement it acts at commencement
        alive = survival[i]
        receipts[i] += lease.security_months * now * now_kw * part
        leave(s.left, s.defaulted, i, default_downtime, months, part, relets)
        mass = mass - part
        if i == lease.termination and not renewed:
            part = lease.termination_probability * mass
            receipts[i] += lease.fee_months * now * now_kw * part
            leave(s.left, s.relet, i, downtime, months, part, relets)
            mass = mass - part
        s.tenant_mass[i] = mass
        s.tenant_kw[i] = mass * now_kw
        if renewed or i - start >= lease.free_rent:
            s.tenant_paying[i] = mass * now_kw
            s.tenant_rent[i] = mass * now_kw * now


cdef inline double discount_left(const double* defaulted, long long start, long long term, double p, double kept,
                                 double ratio) noexcept nogil:
    """What renewals of lettings after a default still lack to market rent where the lower of the two is paid."""
    cdef double lack = 0.0, share = p, level = kept * ratio
    while start >= 0 and level < 1.0:
        lack += share * defaulted[start] * (1.0 - level)
        share = share * p
        level = level * ratio
        start -= term
    return lack


cdef inline double raised(double rent, double growth, long long years) noexcept nogil:
    """A rent after so many anniversaries."""
    cdef long long y
    for y in range(years):
        rent = rent * growth
    return rent


cdef void let_market(
    const LeaseRow* lease, const MarketRow* market, const ScenarioRow* scenario, const double* market_rent,
    const double* growth, Py_ssize_t months, Scratch* s, double* costs,
) noexcept nogil:
    """Market lettings, their renewals and re-lettings: mass and rent by month."""
    cdef long long downtime = market.downtime + scenario.downtime_add, term = market.term, free = market.free_rent, i, j
    cdef long long first = max(lease.commencement, 0)
    cdef double p = min(1.0, market.renewal_probability * scenario.renewal_factor), rises = 1.0 + market.escalation
    cdef double kept = 1.0 - market.default_rent_discount, haircut = 1.0 - scenario.market_rent_haircut, ratio = 1.0
    cdef double renewed, letting, now, mass = 0.0, paying = 0.0, total
    cdef double rents[12]                # paid per kW, by the month of the year that lettings began in
    memset(rents, 0, sizeof(rents))
    if term < months:                    # a renewal's ratio to market rent per unit of the ratio that expires
        ratio = power(rises, (term - 1) // 12) / growth[term]
    for i in range(first, months):
        j, renewed, s.renewed_weight[i] = i - term, 0.0, 0.0
        if j >= first and s.renewed[j] + s.let[j] != 0.0:
            renewed = p * (s.renewed[j] + s.let[j])
            leave(s.left, s.relet, i, downtime, months, (1.0 - p) * (s.renewed[j] + s.let[j]), True)
            if market.renew_at == 0:
                s.renewed_weight[i] = renewed
            elif market.renew_at == 1 or ratio <= 1.0:
                s.renewed_weight[i] = p * ratio * (s.renewed_weight[j] + s.let_weight[j])
            else:
                s.renewed_weight[i] = renewed - discount_left(s.defaulted, j, term, p, kept, ratio)
            now = raised(market_rent[j] * haircut, rises, (term - 1) // 12)
            mass -= s.renewed[j] + s.let[j]
            paying -= s.renewed[j]
            rents[j % 12] -= now * s.renewed_weight[j]
            if free < term:
                paying -= s.let[j]
                rents[j % 12] -= now * s.let_weight[j]
        rents[i % 12] *= rises
        letting = s.relet[i] + s.defaulted[i]
        s.renewed[i], s.let[i], s.let_weight[i] = renewed, letting, s.relet[i] + s.defaulted[i] * kept
        costs[i] += lease.contracted_kw * growth[i] * (market.renewal_cost * renewed + market.reletting_cost * letting)
        mass += renewed + letting
        paying += renewed
        rents[i % 12] += market_rent[i] * haircut * s.renewed_weight[i]
        j = i - free
        if j >= first and free < term and s.let[j] != 0.0:
            paying += s.let[j]
            rents[j % 12] += raised(market_rent[j] * haircut, rises, free // 12) * s.let_weight[j]
        total = 0.0
        for j in range(12):
            total += rents[j]
        s.market_mass[i], s.market_paying[i], s.market_rent[i] = mass, paying, total


cdef void collect(
    const LeaseRow* lease, const ScenarioRow* scenario, const double* pue, Py_ssize_t months, Scratch* s,
    double[:, ::1] out,
) noexcept nogil:
    """Add one lease's letting to its facility's columns."""
    cdef double kw = lease.contracted_kw, price = lease.power_price, it_kw, ratio, occupied
    cdef long long i, first = max(lease.commencement, 0)
    for i in range(first, months):
        occupied = s.tenant_kw[i] + s.market_mass[i] * kw
        out[BASE_RENT, i] += s.tenant_rent[i] + s.market_rent[i] * kw
        out[PAYING_KW, i] += s.tenant_paying[i] + s.market_paying[i] * kw
        out[OCCUPIED_KW, i] += occupied
        if i > first and (i - lease.commencement) % 12 == 0:
            price = price * (1.0 + lease.power_escalation)
        if lease.power == 3:
            continue
        it_kw = occupied * lease.utilisation * scenario.utilisation_factor
        ratio = min(pue[i] + scenario.pue_add, lease.pue_cap)
        out[LOAD_KW, i] += it_kw
        out[PEAK_KW, i] += occupied * lease.peak_utilisation
        if lease.power == 0:
            out[METERED_KW, i] += it_kw * ratio * (1.0 + lease.markup)
        elif lease.power == 1:
            out[FIXED_PRICE_REVENUE, i] += it_kw * ratio * price


cdef double imbalance(const LeaseRow* lease, Py_ssize_t months, Scratch* s) noexcept nogil:
    """The largest departure from one of tenant mass, market mass and vacancy together, over the months of the lease."""
    cdef double vacant = 0.0, off, worst = 0.0
    cdef long long i
    for i in range(max(lease.commencement, 0), months):
        vacant += s.left[i] - s.relet[i] - s.defaulted[i]
        off = s.tenant_mass[i] + s.market_mass[i] + vacant - 1.0
        worst = max(worst, off if off > 0.0 else -off)
    return worst


def let(
    const LeaseRow[::1] leases,          # IN [L]
    const MarketRow[::1] markets,        # IN [F]
    const ScenarioRow[::1] scenarios,    # IN [S]
    const double[:, ::1] rent,           # IN [L, M] of `contract`
    const double[:, ::1] kw,             # IN [L, M] of `contract`
    const double[:, ::1] market_rent,    # IN [F, M] per kW-month
    const double[:, ::1] growth,         # IN [F, M] of `compound_index`
    const double[:, ::1] pue,            # IN [F, M]
    const double[:, :, ::1] survival,    # IN [S, T, M] to the end of the month
    double[:, :, :, ::1] letting,        # OUT [S, F, 9, M]
    double[:, ::1] off,                  # OUT [S, L] largest departure of a lease's total mass from one
):
    """Expected letting of every facility in every scenario: rent, kW, power quantities, leasing costs, receipts.

    Columns: base rent; paying, occupied, load and peak kW; metered kW (PUE and markup in); fixed-price revenue per
    1,000 hours; leasing costs; termination receipts. Money per month, kW before the facility's PUE.
    """
    cdef Py_ssize_t S = scenarios.shape[0], L = leases.shape[0], M = rent.shape[1], s, l, f
    cdef Scratch scratch
    cdef double* block
    if (letting.shape[0] != S or letting.shape[1] != markets.shape[0] or letting.shape[2] != COLUMNS
            or letting.shape[3] != M or survival.shape[0] != S or survival.shape[2] != M or kw.shape[1] != M
            or market_rent.shape[1] != M or growth.shape[1] != M or pue.shape[1] != M or off.shape[0] != S
            or off.shape[1] != L or rent.shape[0] != L or kw.shape[0] != L):
        raise ValueError("shapes disagree")
    letting[:, :, :, :] = 0.0
    off[:, :] = 0.0
    block = <double*> malloc(14 * M * sizeof(double))
    if block == NULL:
        raise MemoryError
    with nogil:
        (scratch.tenant_mass, scratch.tenant_kw, scratch.tenant_paying, scratch.tenant_rent, scratch.left,
         scratch.relet, scratch.defaulted, scratch.renewed, scratch.renewed_weight, scratch.let, scratch.let_weight,
         scratch.market_mass, scratch.market_paying, scratch.market_rent) = (
            block, block + M, block + 2 * M, block + 3 * M, block + 4 * M, block + 5 * M, block + 6 * M,
            block + 7 * M, block + 8 * M, block + 9 * M, block + 10 * M, block + 11 * M, block + 12 * M, block + 13 * M)
        for s in range(S):
            for l in range(L):
                if scenarios[s].closing and leases[l].booked_not_billed:
                    continue
                f = leases[l].facility
                memset(block, 0, CLEARED * M * sizeof(double))    # what is added to; the rest is written first
                let_tenant(&leases[l], &markets[f], &scenarios[s], &rent[l, 0], &kw[l, 0], &market_rent[f, 0],
                           &growth[f, 0], &survival[s, leases[l].tenant, 0], M, &scratch,
                           &letting[s, f, LEASING_COSTS, 0], &letting[s, f, TERMINATION_RECEIPTS, 0])
                let_market(&leases[l], &markets[f], &scenarios[s], &market_rent[f, 0], &growth[f, 0], M, &scratch,
                           &letting[s, f, LEASING_COSTS, 0])
                collect(&leases[l], &scenarios[s], &pue[f, 0], M, &scratch, letting[s, f])
                off[s, l] = imbalance(&leases[l], M, &scratch)
    free(block)
