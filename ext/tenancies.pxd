# A tenant of one lease in one scenario, by mass: the lease, then its renewals, and what it gives to the market.
#
# Design: tenant mass is a share times survival, and the share changes only where the lease expires or ends by its option.
# The months between are a pass over rows, which the compiler turns into vectors. A row that is read so many months back has
# zeros in front.

from lanes cimport copy, fill, in_t, lanes_t
from records cimport LeaseRow, MarketRow, ScenarioRow
from scalar cimport power
from years cimport climb

cdef struct Terms:                       # how a market lets, in a scenario
    double renews                        # share of what expires that renews
    double leaves                        # share that is let anew
    double haircut                       # market rent is paid at
    double rises                         # rent a year
    double kept                          # share of market rent paid after a default
    double discount                      # the rest of it
    double ratio                         # of a renewal in place to market rent, per unit of the ratio that expires
    double at_market                     # a renewal's ratio to market rent: so much for each renewed,
    double at_old                        # and so much for each unit that expires
    double renewal_cost
    double reletting_cost
    long long term                       # no lag is longer than the horizon: beyond it nothing is seen
    long long turnover                   # a term and the downtime after it
    long long downtime
    long long default_downtime
    long long free                       # months without rent
    bint relets                          # 0: what leaves is gone
    bint lacks                           # the lower rent is the market's, but for the generations after a default

cdef struct Market:                      # what a lease meets month by month
    const double* rent                   # of the market, per kW-month
    const double* growth
    const double* pue
    const double* survival               # of the tenant, to the end of the month

cdef struct Tenancy:                     # one lease, by month; a row that is added to is cleared by who reads it
    double* level                        # rent the tenant pays per kW
    double* space                        # kW it has
    double* mass                         # the tenant's
    double* occupied                     # kW occupied, the tenant's first, then all
    double* gone                         # mass that expires or ends by the option, added to
    double* coming                       # mass let anew after those, added to
    double* market                       # the market's mass: its changes at first
    double* vacant                       # likewise
    double* lack                         # what renewals after a default lack to market rent
    double* paid                         # market rent per kW
    double* unpaid                       # of it, by lettings in their free months
    double* idle                         # the mass of those
    double* nothing                      # zeros
    double* price                        # of fixed-price power
    double* died                         # mass in default; from here on with zeros in front
    double* let                          # market lettings by month of start: let anew
    double* started                      # renewals too
    double* weighed                      # of those, times the ratio to market rent
    double* let_rent                     # rent of lettings let anew, at their start
    double* rent                         # of all
    double* full                         # sums of whole years
    double* last                         # sums of the last

cdef struct Columns:                     # of a facility's letting, each M months
    double* base_rent
    double* paying
    double* occupied
    double* load
    double* peak
    double* metered
    double* fixed_price
    double* costs
    double* receipts


cdef inline void read_terms(const MarketRow* market, const ScenarioRow* scenario, const double* growth, long long months,
                            Terms* terms) noexcept nogil:
    terms.relets = not scenario.contracted_only
    terms.renews = min(1.0, market.renewal_probability * scenario.renewal_factor) if terms.relets else 0.0
    terms.leaves = 1.0 - terms.renews
    terms.haircut = 1.0 - scenario.market_rent_haircut
    terms.rises = 1.0 + market.escalation
    terms.discount = market.default_rent_discount
    terms.kept = 1.0 - market.default_rent_discount
    terms.ratio = power(terms.rises, (market.term - 1) // 12) / growth[market.term] if market.term < months else 1.0
    terms.lacks = market.renew_at == 2 and terms.ratio > 1.0
    terms.at_market = 1.0 if market.renew_at == 0 or terms.lacks else 0.0
    terms.at_old = 0.0 if market.renew_at == 0 or terms.lacks else terms.renews * terms.ratio
    terms.renewal_cost, terms.reletting_cost = market.renewal_cost, market.reletting_cost
    terms.downtime = min(market.downtime + scenario.downtime_add, months)
    terms.default_downtime = min(market.default_downtime + scenario.downtime_add, months)
    terms.term = min(market.term, months)
    terms.turnover = min(terms.term + terms.downtime, months)
    terms.free = min(market.free_rent, terms.term)


cdef inline void dwell(
    Py_ssize_t n, double share, double security, double pays, in_t before, in_t alive, in_t space, in_t level,
    lanes_t mass, lanes_t occupied, lanes_t died, lanes_t rent, lanes_t paying, lanes_t receipts,
) noexcept nogil:
    """Months in which the tenant holds a share: what defaults, what stays, what that pays."""
    cdef Py_ssize_t i
    for i in range(n):
        died[i] = share * (before[i] - alive[i])
        mass[i] = share * alive[i]
        occupied[i] = mass[i] * space[i]
        rent[i] += pays * occupied[i] * level[i]
        paying[i] += pays * occupied[i]
        receipts[i] += security * level[i] * space[i] * died[i]


cdef inline void scaled(Py_ssize_t n, double factor, in_t source, lanes_t x) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        x[i] = source[i] * factor


cdef inline void leave(Tenancy* tenancy, const Terms* terms, long long month, long long months, double mass) noexcept nogil:
    """Mass leaves in a month and, if it re-lets, starts again after the downtime."""
    tenancy.gone[month] += mass
    if terms.relets and month + terms.downtime < months:
        tenancy.coming[month + terms.downtime] += mass


cdef inline long long sooner(long long change, long long stop, long long i) noexcept nogil:
    """The month of a change, if it lies between a month and its next stop; else the stop."""
    return change if i < change < stop else stop


cdef inline void let_tenant(
    const LeaseRow* lease, const MarketRow* market, const ScenarioRow* scenario, const Terms* terms, const Market* meets,
    const double* rent, const double* kw, long long months, Tenancy* t, Columns* columns,
) noexcept nogil:
    """The tenant's own chain: what it occupies and pays, and the mass it gives back to the market."""
    cdef long long first = max(lease.commencement, 0), i = first, end = max(lease.commencement + lease.term, first), stop
    cdef long long option = lease.termination, free_until = lease.commencement + lease.free_rent
    cdef double share = 1.0, mass, now, offered, pays, one = 1.0, barred
    cdef const double* before             # survival to the month's start; whoever defaults early does so in the first
    cdef bint renewed = False
    stop = min(end, months)
    scaled(stop - first, 1.0 - scenario.rent_haircut, rent + first, t.level + first)
    copy(stop - first, kw + first, t.space + first)
    while i < months:
        before = meets.survival + i - 1 if i > first else &one
        if i == end:                     # expiry: a share renews now, the rest re-lets after the downtime
            mass = share * before[0]
            leave(t, terms, i, months, terms.leaves * mass)
            share = terms.renews * share
            columns.costs[i] += market.renewal_cost * lease.contracted_kw * meets.growth[i] * (terms.renews * mass)
            now, offered = t.level[i - 1] if i > first else 0.0, meets.rent[i] * terms.haircut
            if market.renew_at == 0 or (market.renew_at == 2 and offered < now):
                now = offered
            renewed, end = True, i + market.term
            climb(now, terms.rises, i, min(end, months), t.level)
            fill(min(end, months) - i, lease.contracted_kw, t.space + i)
        if share == 0.0:
            break
        stop, pays, barred = sooner(first + 1, min(end, months), i), 1.0, 0.0
        if not renewed:
            stop = sooner(option, sooner(free_until, stop, i), i)
            pays = 1.0 if i >= free_until else 0.0
            if i == option:              # a share of what has survived ends by the option, before this month's defaults
                mass = share * lease.termination_probability * (meets.survival[i - 1] if i > 0 else 1.0)
                barred = share * lease.termination_probability * before[0] - mass  # defaulted before commencement
                share = share * (1.0 - lease.termination_probability)
                columns.receipts[i] += lease.fee_months * t.level[i] * t.space[i] * mass
                leave(t, terms, i, months, mass)
        dwell(stop - i, share, lease.security_months, pays, before, meets.survival + i, t.space + i, t.level + i,
              t.mass + i, t.occupied + i, t.died + i, columns.base_rent + i, columns.paying + i, columns.receipts + i)
        t.died[i] += barred
        columns.receipts[i] += lease.security_months * t.level[i] * t.space[i] * barred
        i = stop
    fill(months - i, 0.0, t.mass + i)
    fill(months - i, 0.0, t.occupied + i)
    fill(months - i, 0.0, t.died + i)
