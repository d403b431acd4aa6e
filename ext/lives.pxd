# The life of a lease on a path: whole, never a share of it. Contract, renewals, default, termination, vacancy, new
# lettings, in every lane of a block at once. The order of a month is that of the expected letting in leases.pyx:
# expiry, rent, default, termination, new letting.
#
# Design: a lease sleeps until the first month in which something can happen to it in any lane; between, what it pays
# stands still. What happens is one loop of selects across lanes, whoever it happens to.

from draws cimport HALF, LANES
from lanes cimport in_t, lanes_t
from records cimport LeaseRow, MarketRow, ScenarioRow

cdef enum:                               # stages of a lease
    WAITING, IN_CONTRACT, RENEWED, IN_MARKET, VACANT

cdef extern from *:
    """
    #define RACKRATE_NEVER 1e18
    """
    const double NEVER "RACKRATE_NEVER"

cdef struct Life:                        # one lease, a value a lane
    double stage[LANES]
    double until[LANES]                  # month in which the stage ends
    double anniversary[LANES]            # next month in which the rent of a letting rises
    double free_until[LANES]             # first month a new letting pays
    double now[LANES]                    # rent per kW-month
    double kept[LANES]                   # share of market rent that the next letting starts at
    double occupied[LANES]               # kW
    double paying[LANES]                 # kW
    double rent[LANES]                   # paid in the month
    double wakes[LANES]                  # next month in which something can happen, rises of rent apart
    double wake                          # the first of them
    double rise                          # the first of the anniversaries

cdef struct Month:                       # what a lease meets in a month
    double month
    double rent                          # contract rent per kW-month, haircut taken
    double kw                            # contract kW
    double pays                          # 1 where the contract is out of free rent
    double change                        # next month in which contract rent, kW or free rent changes
    double growth                        # of letting costs since closing


cdef inline void begin(const LeaseRow* lease, double first, Life* life) noexcept nogil:
    """A lease sleeps until it commences, or until closing if it has."""
    cdef Py_ssize_t b
    for b in range(LANES):
        life.stage[b], life.until[b], life.anniversary[b], life.free_until[b] = WAITING, NEVER, NEVER, NEVER
        life.now[b], life.kept[b] = 0.0, 1.0
        life.occupied[b], life.paying[b], life.rent[b] = 0.0, 0.0, 0.0
    life.wake, life.rise = first, NEVER


cdef inline void commence(const LeaseRow* lease, Life* life) noexcept nogil:
    cdef Py_ssize_t b
    cdef double end = lease.commencement + lease.term
    for b in range(LANES):
        life.stage[b], life.until[b] = IN_CONTRACT, end


cdef inline bint any_expires(double month, in_t stage, in_t until) noexcept nogil:
    """Whether a letting ends in some lane."""
    cdef Py_ssize_t b
    cdef double count = 0.0
    for b in range(LANES):
        if until[b] == month and stage[b] < VACANT:
            return True
    return False


cdef inline void expire(const LeaseRow* lease, const MarketRow* market, double downtime, const Month* now, double chance,
                        double alone, double loading, in_t factor, in_t luck, in_t offered, lanes_t stage, lanes_t until,
                        lanes_t anniversary, lanes_t rent, lanes_t kept, lanes_t costs) noexcept nogil:
    """A letting that ends renews where alone * luck - loading * factor <= chance, or leaves the space vacant."""
    cdef Py_ssize_t b
    cdef double ends, renews, tenant, level
    cdef double tenant_cost = market.renewal_cost * lease.contracted_kw * now.growth
    cdef double market_cost = lease.contracted_kw * now.growth * market.renewal_cost
    cdef double at_market = 1.0 if market.renew_at == 0 else 0.0, lower = 1.0 if market.renew_at == 2 else 0.0
    cdef double month = now.month, renewed_until = month + market.term, let_again = month + downtime
    for b in range(LANES):
        ends = (1.0 if until[b] == month else 0.0) * (1.0 if stage[b] < VACANT else 0.0)
        renews = ends * (1.0 if alone * luck[b] - loading * factor[b] <= chance else 0.0)
        tenant = 1.0 if stage[b] < IN_MARKET else 0.0
        level = at_market + lower * (1.0 if offered[b] < rent[b] else 0.0)
        costs[b] = costs[b] + renews * (tenant_cost if tenant > 0.0 else market_cost)
        rent[b] = offered[b] if renews * level > 0.0 else rent[b]
        stage[b] = (stage[b] + (1.0 if stage[b] == IN_CONTRACT else 0.0)) if renews > 0.0 else (
            VACANT if ends > 0.0 else stage[b])
        anniversary[b] = month + 12.0 if renews > 0.0 else anniversary[b]
        until[b] = renewed_until if renews > 0.0 else (let_again if ends > 0.0 else until[b])
        kept[b] = 1.0 if ends > 0.0 else kept[b]


cdef inline void escalate(const MarketRow* market, const Month* now, lanes_t stage, lanes_t anniversary, lanes_t rent
                          ) noexcept nogil:
    """Contract rent as agreed; a letting's rises on its anniversary."""
    cdef Py_ssize_t b
    cdef double rises, raised, month = now.month, agreed = now.rent, growth = 1.0 + market.escalation
    for b in range(LANES):
        rises = (1.0 if anniversary[b] == month else 0.0) * (1.0 if stage[b] < VACANT else 0.0)
        raised = rent[b] * growth
        rent[b] = raised if rises > 0.0 else rent[b]
        rent[b] = agreed if stage[b] == IN_CONTRACT else rent[b]
        anniversary[b] = anniversary[b] + 12.0 * rises


cdef inline void default_on(const LeaseRow* lease, double months_empty, double kept_after, const Month* now, in_t default,
                            in_t rent, lanes_t stage, lanes_t until, lanes_t kept, lanes_t receipts) noexcept nogil:
    """The tenant's default: security is drawn, the space stands empty, and is re-let at a discount."""
    cdef Py_ssize_t b
    cdef double fails, kw, month = now.month, contract_kw = now.kw, own_kw = lease.contracted_kw
    cdef double security = lease.security_months, let_again = month + months_empty
    for b in range(LANES):
        fails = (1.0 if default[b] <= month else 0.0) * (1.0 if stage[b] < IN_MARKET else 0.0)
        kw = contract_kw if stage[b] == IN_CONTRACT else own_kw
        receipts[b] = receipts[b] + fails * (security * rent[b] * kw)
        stage[b] = VACANT if fails > 0.0 else stage[b]
        until[b] = let_again if fails > 0.0 else until[b]
        kept[b] = kept_after if fails > 0.0 else kept[b]


cdef inline void terminate(const LeaseRow* lease, double downtime, const Month* now, in_t luck, in_t rent, lanes_t stage,
                           lanes_t until, lanes_t receipts) noexcept nogil:
    """The option to leave: exercised with its probability, against its fee."""
    cdef Py_ssize_t b
    cdef double leaves
    for b in range(LANES):
        leaves = (1.0 if luck[b] <= lease.termination_probability else 0.0) * (
            1.0 if stage[b] == IN_CONTRACT else 0.0)
        receipts[b] = receipts[b] + leaves * (lease.fee_months * rent[b] * now.kw)
        stage[b] = VACANT if leaves > 0.0 else stage[b]
        until[b] = now.month + downtime if leaves > 0.0 else until[b]


cdef inline void relet(const LeaseRow* lease, const MarketRow* market, const Month* now, in_t offered, in_t kept,
                       lanes_t stage, lanes_t until, lanes_t anniversary, lanes_t free_until, lanes_t rent, lanes_t costs
                       ) noexcept nogil:
    """Vacant space whose time has come is let anew."""
    cdef Py_ssize_t b
    cdef double month = now.month, let_until = month + market.term, free = month + market.free_rent
    cdef double starts, cost = lease.contracted_kw * now.growth * market.reletting_cost
    for b in range(LANES):
        starts = (1.0 if until[b] == month else 0.0) * (1.0 if stage[b] == VACANT else 0.0)
        rent[b] = offered[b] * kept[b] if starts > 0.0 else rent[b]
        stage[b] = IN_MARKET if starts > 0.0 else stage[b]
        until[b] = let_until if starts > 0.0 else until[b]
        anniversary[b] = month + 12.0 if starts > 0.0 else anniversary[b]
        free_until[b] = free if starts > 0.0 else free_until[b]
        costs[b] = costs[b] + starts * cost


cdef inline void settle_down(const LeaseRow* lease, const Month* now, in_t default, in_t stage, in_t until,
                             in_t free_until, in_t now_rent, lanes_t anniversary, lanes_t occupied, lanes_t paying,
                             lanes_t rent, lanes_t wakes) noexcept nogil:
    """What the lease occupies and pays from now on, and when something can happen next."""
    cdef Py_ssize_t b
    cdef double kw, pays, next, soon, month = now.month, contract_kw = now.kw, own_kw = lease.contracted_kw
    cdef double contract_pays = now.pays, change = now.change
    for b in range(LANES):
        kw = contract_kw if stage[b] == IN_CONTRACT else own_kw
        kw = 0.0 if stage[b] == VACANT else kw
        pays = contract_pays if stage[b] == IN_CONTRACT else 1.0
        pays = (0.0 if free_until[b] > month else 1.0) if stage[b] == IN_MARKET else pays
        occupied[b] = kw
        paying[b] = pays * kw
        rent[b] = (pays * kw) * now_rent[b]
        anniversary[b] = NEVER if stage[b] == VACANT else anniversary[b]
        next = until[b]
        soon = change if stage[b] == IN_CONTRACT else next
        next = soon if soon < next else next
        soon = default[b] if stage[b] < IN_MARKET else next
        next = soon if soon < next else next
        soon = free_until[b] if free_until[b] > month else next
        wakes[b] = soon if soon < next else next


cdef inline void rise(double month, double escalation, in_t paying, lanes_t anniversary, lanes_t now_rent, lanes_t rent
                      ) noexcept nogil:
    """A month in which nothing happens to a lease but that rents rise."""
    cdef Py_ssize_t b
    cdef double rises, raised
    for b in range(LANES):
        rises = 1.0 if anniversary[b] == month else 0.0
        raised = now_rent[b] * (1.0 + escalation)
        now_rent[b] = raised if rises > 0.0 else now_rent[b]
        rent[b] = paying[b] * now_rent[b]
        anniversary[b] = anniversary[b] + 12.0 * rises


cdef inline double first_of(lanes_t x) noexcept nogil:
    """The least of the lanes; they are folded."""
    cdef Py_ssize_t b, half = LANES // 2
    while half > 0:
        for b in range(half):
            x[b] = x[b] if x[b] < x[half + b] else x[half + b]
        half = half // 2
    return x[0]
