# The life of a lease on a path: whole, never a share of it. Contract, renewals, default, termination, vacancy, new
# lettings, in every lane of a vector at once. The order of a month is that of the expected letting in letting/tenant.pxd:
# expiry, rent, termination, default, new letting.
#
# Design: a lease is left alone until the first month in which something can happen to it in any lane of its vector;
# between, what it pays stands still. What happens is a line of selects, whoever it happens to.

from libc.math cimport sqrt

from numerics.threefry cimport OPTIONS, draw_normal, draw_uniform
from paths.model cimport *
from records cimport AT_MARKET, LOWER_OF, LeaseRow, MarketRow
from numerics.simd cimport *

cdef enum:                               # stages of a lease
    WAITING, IN_CONTRACT, RENEWED, IN_MARKET, VACANT

cdef struct Now:                         # terms of a lease in a month
    double month
    double market                        # rent per kW-month
    double rent                          # contract rent per kW-month, haircut taken
    double kw                            # contract kW
    double pays                          # 1 where the contract is out of free rent
    double change                        # next month in which contract rent, kW or free rent changes
    double growth                        # of letting costs since closing
    double downtime                      # of space that is not renewed
    double empty                         # months of downtime after a default
    Py_ssize_t group                     # of facilities whose market rent moves alike
    bint rated                           # whether the level of its rent is known
    vec offered                          # market rent per kW-month
    vec costs                            # of letting, added to
    vec receipts                         # of termination, added to


cdef inline void begin(double first, Life* life) noexcept nogil:
    """Start a lease: its first event is its commencement, or closing if it has commenced."""
    cdef vec never = spread(NEVER), nothing = spread(0.0)
    life.stage, life.until, life.anniversary, life.free_until = spread(WAITING), never, never, never
    life.now, life.kept = nothing, spread(1.0)
    life.occupied, life.paying, life.rent = nothing, nothing, nothing
    life.next = spread(first)


cdef inline void advance(const Model* model, const Draws* drawn, Py_ssize_t l, Now* now, Life* life) noexcept nogil:
    """Apply the events of a month to a lease: expiry, rent step, termination, default, new letting."""
    cdef const LeaseRow* lease = &model.leases[l]
    cdef const MarketRow* market = &model.markets[lease.facility]
    cdef vec defaults = read(drawn.default + lease.tenant * LANES), month = spread(now.month)
    cdef mask ends
    if now.month == max(lease.commencement, 0):
        life.stage, life.until = spread(IN_CONTRACT), spread(lease.commencement + lease.term)
    ends = both(same(life.until, month), below(life.stage, spread(VACANT)))
    if lanes_of(ends):
        expire(model, drawn, l, ends, now, life)
    escalate(1.0 + market.escalation, now, life)
    if now.month == lease.termination:
        terminate(model, drawn, l, defaults, now, life)
    default_on(lease, 1.0 - market.default_rent_discount, defaults, now, life)
    relet(lease, market, now, life)
    settle_down(lease, defaults, now, life)


cdef inline void expire(const Model* model, const Draws* drawn, Py_ssize_t l, mask ends, Now* now, Life* life) noexcept nogil:
    """Renew a letting that ends where the tenant's draw, less the factor's share, is below its threshold; else vacate."""
    cdef const LeaseRow* lease = &model.leases[l]
    cdef const MarketRow* market = &model.markets[lease.facility]
    cdef double loading = model.factor.renewal_loading, kw = lease.contracted_kw
    cdef unsigned long long stream = <unsigned long long> model.lease_streams[l]
    cdef vec draw = draw_normal(model.seed, stream, drawn.pair, <unsigned long long> now.month, drawn.sign)
    cdef vec alone = draw * sqrt(1.0 - loading * loading) - drawn.factor * loading
    cdef mask renews = both(ends, at_most(alone, spread(model.chances[lease.facility])))
    cdef mask tenant = below(life.stage, spread(IN_MARKET))
    cdef vec tenant_cost = spread(market.renewal_cost * kw * now.growth)
    cdef vec market_cost = spread(kw * now.growth * market.renewal_cost)
    cdef vec agreed = now.offered if market.renew_at == AT_MARKET else life.now
    if market.renew_at == LOWER_OF:
        agreed = least(now.offered, life.now)
    now.costs = now.costs + keep(renews, pick(tenant, tenant_cost, market_cost))
    life.now = pick(renews, agreed, life.now)
    life.anniversary = pick(renews, spread(now.month + 12.0), life.anniversary)
    life.until = pick(ends, pick(renews, spread(now.month + market.term), spread(now.month + now.downtime)), life.until)
    life.kept = pick(ends, spread(1.0), life.kept)
    # a contract becomes a renewal; a renewal, or a letting in the market, stays what it is
    life.stage = pick(ends, pick(renews, most(life.stage, spread(RENEWED)), spread(VACANT)), life.stage)


cdef inline void escalate(double growth, const Now* now, Life* life) noexcept nogil:
    """Contract rent as agreed; a letting's rises on its anniversary."""
    cdef mask rises = both(same(life.anniversary, spread(now.month)), below(life.stage, spread(VACANT)))
    life.now = pick(rises, life.now * growth, life.now)
    life.now = pick(same(life.stage, spread(IN_CONTRACT)), spread(now.rent), life.now)
    life.anniversary = life.anniversary + keep(rises, spread(12.0))


cdef inline void default_on(const LeaseRow* lease, double kept_after, vec defaults, Now* now, Life* life) noexcept nogil:
    """The tenant's default: security is drawn, the space stands empty, and is re-let at a discount."""
    cdef mask fails = both(at_most(defaults, spread(now.month)), below(life.stage, spread(IN_MARKET)))
    cdef vec kw = pick(same(life.stage, spread(IN_CONTRACT)), spread(now.kw), spread(lease.contracted_kw))
    now.receipts = now.receipts + keep(fails, life.now * lease.security_months * kw)
    life.stage = pick(fails, spread(VACANT), life.stage)
    life.until = pick(fails, spread(now.month + now.empty), life.until)
    life.kept = pick(fails, spread(kept_after), life.kept)


cdef inline void terminate(const Model* model, const Draws* drawn, Py_ssize_t l, vec defaults, Now* now, Life* life
                           ) noexcept nogil:
    """The option to leave: exercised with its probability, against its fee, by who has survived to the month."""
    cdef const LeaseRow* lease = &model.leases[l]
    cdef unsigned long long stream = <unsigned long long> model.lease_streams[l], month = <unsigned long long> now.month
    cdef vec draw = draw_uniform(model.seed, stream, drawn.pair, OPTIONS + month, drawn.sign)
    cdef mask leaves = both(at_most(draw, spread(lease.termination_probability)), same(life.stage, spread(IN_CONTRACT)))
    leaves = both(leaves, at_most(spread(now.month), defaults))
    now.receipts = now.receipts + keep(leaves, life.now * lease.fee_months * now.kw)
    life.stage = pick(leaves, spread(VACANT), life.stage)
    life.until = pick(leaves, spread(now.month + now.downtime), life.until)


cdef inline void relet(const LeaseRow* lease, const MarketRow* market, Now* now, Life* life) noexcept nogil:
    """Vacant space whose time has come is let anew."""
    cdef mask starts = both(same(life.until, spread(now.month)), same(life.stage, spread(VACANT)))
    life.now = pick(starts, now.offered * life.kept, life.now)
    life.stage = pick(starts, spread(IN_MARKET), life.stage)
    life.until = pick(starts, spread(now.month + market.term), life.until)
    life.anniversary = pick(starts, spread(now.month + 12.0), life.anniversary)
    life.free_until = pick(starts, spread(now.month + market.free_rent), life.free_until)
    now.costs = now.costs + keep(starts, spread(lease.contracted_kw * now.growth * market.reletting_cost))


cdef inline void settle_down(const LeaseRow* lease, vec defaults, const Now* now, Life* life) noexcept nogil:
    """What the lease occupies and pays from now on, and when something can happen next."""
    cdef vec month = spread(now.month), next = life.until, kw, pays
    cdef mask contract = same(life.stage, spread(IN_CONTRACT)), vacant = same(life.stage, spread(VACANT))
    cdef mask free = below(month, life.free_until)
    kw = pick(vacant, spread(0.0), pick(contract, spread(now.kw), spread(lease.contracted_kw)))
    pays = pick(both(free, same(life.stage, spread(IN_MARKET))), spread(0.0), spread(1.0))
    pays = pick(contract, spread(now.pays), pays)
    life.occupied = kw
    life.paying = pays * kw
    life.rent = (pays * kw) * life.now
    life.anniversary = pick(vacant, spread(NEVER), life.anniversary)
    next = least(pick(contract, spread(now.change), next), next)
    next = least(pick(below(life.stage, spread(IN_MARKET)), defaults, next), next)
    life.next = least(pick(free, life.free_until, next), next)


cdef inline void rise(double month, double growth, Life* life) noexcept nogil:
    """A month in which nothing happens to a lease but that rents rise."""
    cdef mask rises = same(life.anniversary, spread(month))
    life.now = pick(rises, life.now * growth, life.now)
    life.rent = life.paying * life.now
    life.anniversary = life.anniversary + keep(rises, spread(12.0))
