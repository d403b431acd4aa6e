# The waterfall: one period's cash through the priority of payments, a block of lanes at a time.
#
# The caller allocates the block's rows, calls `open_block`, then for each period points `available`, `ncf` and `value`
# at that period's figures and calls `pay_period`. What the period paid stands in the rows until the next call.
#
# Design: periods outside, then steps (data, the same for every lane), then classes, then lanes. What differs by lane
# (negative cash, a trigger, a refinancing) is a mask, never a branch; the loops across lanes are in lanes.pxd. A single
# deal copies every row of every period out, a simulation reduces them in cache: both run this code.
# Its twin in plain NumPy: service/rackrate/kernel/reference/waterfall.py.

from libc.math cimport NAN, isnan

cimport lanes
from accounts cimport *
from audit cimport audit
from priority cimport PAY_SCHEDULED_PRINCIPAL, follow, pay_class
from records cimport PaymentRow, WaterfallRow


cdef inline void open_block(const Plan* plan, Block* block) noexcept nogil:
    """Closing: nothing paid yet, every class at its principal, the reserve funded."""
    cdef Py_ssize_t n = block.lanes, k
    lanes.fill(n * row_count(plan.classes), 0.0, block.rows)
    lanes.fill(n, 1.0, row(block, ONE))
    lanes.fill(n, -1.0, row(block, BREACH_PERIOD))
    lanes.fill(n, NAN, row(block, TESTED))
    for k in range(plan.classes):
        lanes.fill(n, plan.notes[k].principal, class_row(block, BALANCE, k))
    set_target(plan, block, 0)
    lanes.copy(n, row(block, TARGET), row(block, RESERVE))
    if not isnan(plan.terms.reserve_initial):
        lanes.fill(n, plan.terms.reserve_initial, row(block, RESERVE))


cdef inline void set_target(const Plan* plan, Block* block, Py_ssize_t t) noexcept nogil:
    """The reserve's target: months of coupon on the balances."""
    cdef Py_ssize_t k
    cdef double* target = row(block, TARGET)
    lanes.fill(block.lanes, 0.0, target)
    for k in range(plan.classes):
        lanes.add_scaled(block.lanes, plan.coupon[k * plan.periods + t] / 12.0, class_row(block, BALANCE, k), target)
    lanes.scale(block.lanes, plan.terms.liquidity_months, target)


cdef inline void pay_period(const Plan* plan, Block* block, Py_ssize_t t) noexcept nogil:
    """One period: flags, cash, what falls due, the steps, then refinancing or sale where the period has one."""
    cdef Py_ssize_t i
    open_period(plan, block)
    collect(block)
    fall_due(plan, block, t)
    cover_service(plan, block, t)
    for i in range(plan.payment_count):
        follow(plan, block, t, &plan.payments[i])
    lanes.transfer(block.lanes, row(block, ONE), row(block, CASH), row(block, SHARE), row(block, EQUITY))
    if t == plan.terms.ard - 1 and t < plan.periods - 1:
        refinance(plan, block)
    if t == plan.periods - 1:
        liquidate(plan, block)
    audit(plan, block, t)


cdef inline void open_period(const Plan* plan, Block* block) noexcept nogil:
    """Opening balances, then the flags, on last period's data."""
    cdef Py_ssize_t n = block.lanes, k
    cdef double* debt = row(block, DEBT)
    lanes.fill(n, 0.0, debt)
    for k in range(plan.classes):
        lanes.copy(n, class_row(block, BALANCE, k), class_row(block, OPENING, k))
        lanes.add(n, class_row(block, BALANCE, k), debt)
        if not isnan(plan.notes[k].ltv_trigger):
            lanes.exceeds(n, debt, plan.notes[k].ltv_trigger, block.value, class_row(block, LTV_ON, k))
        lanes.fill(n, 0.0, class_row(block, INTEREST_PAID, k))
        lanes.fill(n, 0.0, class_row(block, PRINCIPAL_PAID, k))
        lanes.fill(n, 0.0, class_row(block, ADDITIONAL_PAID, k))
    lanes.exceeds(n, debt, 0.0, row(block, ZERO), row(block, OWING))
    test(plan, block, plan.terms.trap_below, TRAPPING, TRAP_CURES)
    test(plan, block, plan.terms.amortise_below, AMORTISE_ON, AMORTISE_CURES)
    test(plan, block, plan.terms.pik_below, PIK, PIK_CURES)


cdef inline void test(const Plan* plan, Block* block, double level, int flag, int cures) noexcept nogil:
    """A trigger on last period's coverage; none known leaves the flag as it is."""
    cdef Py_ssize_t n = block.lanes
    cdef double* below = row(block, TOTAL)
    cdef double* passed = row(block, SHARE)
    cdef double* cured = row(block, MISSING)
    lanes.compare(n, level, row(block, TESTED), below, passed)
    lanes.count_cures(n, plan.terms.cure_periods, below, passed, row(block, flag), row(block, cures), cured)
    lanes.trip(n, below, cured, row(block, OWING), row(block, flag))


cdef inline void collect(Block* block) noexcept nogil:
    """Cash at the top: negative cash is made good, then reserve and trap are released."""
    cdef Py_ssize_t n = block.lanes
    cdef double* cash = row(block, CASH)
    lanes.copy(n, row(block, RESERVE), row(block, OPENING_RESERVE))
    lanes.copy(n, row(block, TRAP), row(block, OPENING_TRAP))
    lanes.copy(n, row(block, CARRIED), row(block, OPENING_CARRIED))
    lanes.copy(n, row(block, SENIOR_FEES_OWED), row(block, OPENING_FEES))
    lanes.add(n, row(block, JUNIOR_FEES_OWED), row(block, OPENING_FEES))
    lanes.fill(n, 0.0, row(block, FEES))
    lanes.fill(n, 0.0, row(block, UNCAPPED_FEES))
    lanes.fill(n, 0.0, row(block, EQUITY))
    lanes.fill(n, 0.0, row(block, SOLD))
    lanes.fill(n * FLOWS, 0.0, row(block, FIRST_FLOW))
    lanes.opposite(n, row(block, REFINANCED), row(block, AVAILABLE))
    lanes.multiply(n, block.available, row(block, AVAILABLE))
    lanes.copy(n, row(block, AVAILABLE), cash)
    lanes.add(n, row(block, CARRIED), cash)
    lanes.make_good(n, cash, row(block, RESERVE), row(block, RESERVE_OUT))
    lanes.make_good(n, cash, row(block, TRAP), row(block, TRAP_OUT))
    lanes.carry(n, cash, row(block, CARRIED))
    lanes.release_excess(n, row(block, TARGET), row(block, RESERVE), row(block, RESERVE_OUT), cash)
    lanes.opposite(n, row(block, TRAPPING), row(block, ON))
    lanes.transfer(n, row(block, ON), row(block, TRAP), row(block, TRAP_OUT), cash)


cdef inline void fall_due(const Plan* plan, Block* block, Py_ssize_t t) noexcept nogil:
    """Fees, interest, deferral, additional interest after a failed ARD, and the reserve's target."""
    cdef Py_ssize_t n = block.lanes, k, i
    cdef double years, cap, rate, accrual
    cdef double* turbo = row(block, TURBO)
    for i in range(plan.fee_count):
        k = plan.fees[i].accrues_with
        years = plan.accrual[k * plan.periods + t] if k >= 0 else plan.terms.period_months / 12.0
        cap = plan.fees[i].cap_annual * years if plan.fees[i].senior else 0.0
        lanes.charge(n, plan.fees[i].annual, plan.fees[i].rate, years, cap, row(block, OWING), row(block, DEBT),
                     row(block, SENIOR_FEES_OWED), row(block, JUNIOR_FEES_OWED))
    set_target(plan, block, t)
    lanes.fill(n, 1.0 if t >= plan.terms.ard else 0.0, turbo)
    lanes.multiply(n, row(block, OWING), turbo)
    lanes.copy(n, turbo, row(block, AMORTISING))
    lanes.at_least(n, row(block, AMORTISE_ON), row(block, AMORTISING))
    lanes.fill(n, 0.0, row(block, SERVICE))
    for k in range(plan.classes):
        accrual = plan.accrual[k * plan.periods + t]
        rate = plan.coupon[k * plan.periods + t] * accrual
        lanes.accrue(n, rate, plan.notes[k].deferrable, row(block, PIK), class_row(block, OPENING, k),
                     class_row(block, INTEREST_UNPAID, k), class_row(block, INTEREST_DUE, k),
                     class_row(block, CAPITALISED, k), class_row(block, CAPITALISED_SO_FAR, k),
                     class_row(block, BALANCE, k), row(block, SERVICE))
        lanes.accrue_additional(n, plan.terms.additional_rate * accrual, turbo, class_row(block, OPENING, k),
                                class_row(block, ADDITIONAL_OWED, k))
        lanes.copy(n, class_row(block, ADDITIONAL_OWED, k), class_row(block, ADDITIONAL_DUE, k))


cdef inline void cover_service(const Plan* plan, Block* block, Py_ssize_t t) noexcept nogil:
    """Both coverage ratios of the period; the next period's triggers look at one of them."""
    cdef Py_ssize_t n = block.lanes, i
    cdef const WaterfallRow* terms = plan.terms
    cdef bint three_months = terms.period_months == 1
    cdef double known = 0.0 if three_months and t < 2 else 1.0
    cdef double* service = row(block, SERVICE)
    cdef double* assumed = row(block, ASSUMED)
    for i in range(plan.payment_count):
        if plan.payments[i].kind == PAY_SCHEDULED_PRINCIPAL and t < terms.term:
            plan_principal(plan, block, t, &plan.payments[i])
    lanes.fill(n, 0.0, assumed)
    lanes.add_scaled(n, terms.constant * (terms.period_months / 12.0), row(block, DEBT), assumed)
    lanes.cover(n, known, row(block, OWING), block.ncf, row(block, NCF_1), row(block, NCF_2), service,
                row(block, SERVICE_1), row(block, SERVICE_2), row(block, DSCR_ACTUAL))
    lanes.cover(n, known, row(block, OWING), block.ncf, row(block, NCF_1), row(block, NCF_2), assumed,
                row(block, ASSUMED_1), row(block, ASSUMED_2), row(block, DSCR_ASSUMED))
    lanes.copy(n, row(block, DSCR_ASSUMED if terms.service else DSCR_ACTUAL), row(block, TESTED))
    if three_months:
        lanes.copy(n, row(block, NCF_1), row(block, NCF_2))
        lanes.copy(n, block.ncf, row(block, NCF_1))
        lanes.copy(n, row(block, SERVICE_1), row(block, SERVICE_2))
        lanes.copy(n, service, row(block, SERVICE_1))
        lanes.copy(n, row(block, ASSUMED_1), row(block, ASSUMED_2))
        lanes.copy(n, assumed, row(block, ASSUMED_1))


cdef inline void plan_principal(const Plan* plan, Block* block, Py_ssize_t t, const PaymentRow* step) noexcept nogil:
    """Add the principal a set of classes is planned to repay in the period, at most what is outstanding, to service."""
    cdef Py_ssize_t i, k
    cdef double planned = 0.0, before
    cdef double* outstanding = row(block, TOTAL)
    lanes.fill(block.lanes, 0.0, outstanding)
    for i in range(step.first, step.last):
        k = plan.members[i]
        before = plan.schedule[k * plan.periods + t - 1] if t > 0 else 1.0
        planned += plan.notes[k].principal * (before - plan.schedule[k * plan.periods + t])
        lanes.add(block.lanes, class_row(block, OPENING, k), outstanding)
    lanes.add_at_most(block.lanes, planned if planned > 0.0 else 0.0, outstanding, row(block, SERVICE))


cdef inline void refinance(const Plan* plan, Block* block) noexcept nogil:
    """The ARD: all classes are repaid where the take-out supports what is outstanding, interest unpaid included."""
    cdef Py_ssize_t n = block.lanes, k
    cdef double* outstanding = row(block, ARD_BALANCE)
    cdef double* refinanced = row(block, REFINANCED)
    cdef double* noted = row(block, SHARE)
    add_claims(plan, block, outstanding)
    lanes.exceeds(n, outstanding, 1.0, block.takeout, row(block, TOTAL))
    lanes.opposite(n, row(block, TOTAL), refinanced)
    lanes.exceeds(n, outstanding, 0.0, row(block, ZERO), row(block, TOTAL))
    lanes.multiply(n, row(block, TOTAL), refinanced)
    for k in range(plan.classes):
        lanes.transfer(n, refinanced, class_row(block, INTEREST_UNPAID, k), noted, class_row(block, INTEREST_PAID, k))
        lanes.transfer(n, refinanced, class_row(block, BALANCE, k), noted, class_row(block, PRINCIPAL_PAID, k))
    lanes.copy(n, outstanding, row(block, SOLD))
    lanes.multiply(n, refinanced, row(block, SOLD))
    lanes.copy(n, row(block, SOLD), row(block, ARD_PROCEEDS))
    lanes.transfer(n, refinanced, row(block, RESERVE), row(block, RESERVE_OUT), row(block, EQUITY))
    lanes.transfer(n, refinanced, row(block, TRAP), row(block, TRAP_OUT), row(block, EQUITY))


cdef inline void add_claims(const Plan* plan, Block* block, double* total) noexcept nogil:
    """Interest unpaid and balance of every class."""
    cdef Py_ssize_t k
    lanes.fill(block.lanes, 0.0, total)
    for k in range(plan.classes):
        lanes.add(block.lanes, class_row(block, INTEREST_UNPAID, k), total)
        lanes.add(block.lanes, class_row(block, BALANCE, k), total)


cdef inline void liquidate(const Plan* plan, Block* block) noexcept nogil:
    """Legal final: sale, reserve and trap pay class by class, then additional interest, then equity."""
    cdef Py_ssize_t n = block.lanes, k
    cdef double* owed = row(block, TOTAL)
    cdef double* cash = row(block, CASH)
    add_claims(plan, block, owed)
    for k in range(plan.classes):
        lanes.add(n, class_row(block, ADDITIONAL_OWED, k), owed)
    lanes.exceeds(n, owed, 0.0, row(block, ZERO), row(block, SOLD))
    lanes.multiply(n, block.sale, row(block, SOLD))
    lanes.copy(n, row(block, SOLD), cash)
    lanes.transfer(n, row(block, ONE), row(block, RESERVE), row(block, RESERVE_OUT), cash)
    lanes.transfer(n, row(block, ONE), row(block, TRAP), row(block, TRAP_OUT), cash)
    lanes.copy(n, row(block, SHORT), row(block, SHORT_BEFORE))
    for k in range(plan.classes):
        pay_off(block, k, INTEREST_UNPAID, INTEREST_PAID)
        pay_off(block, k, BALANCE, PRINCIPAL_PAID)
    for k in range(plan.classes):
        pay_off(block, k, ADDITIONAL_OWED, ADDITIONAL_PAID)
    lanes.transfer(n, row(block, ONE), cash, row(block, SHARE), row(block, EQUITY))


cdef inline void pay_off(Block* block, Py_ssize_t k, int owed, int paid) noexcept nogil:
    lanes.copy(block.lanes, class_row(block, owed, k), class_row(block, DUE, k))
    pay_class(block, k, owed, paid)
