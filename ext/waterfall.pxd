# The waterfall: one period's cash through the priority of payments, a block of lanes at a time.
#
# The caller allocates the block's rows, calls `open_block`, then for each period points `available`, `ncf` and `value` at
# that period's figures and calls `pay_period`. What the period paid stands in the rows until the next call.
#
# Design: periods outside, then steps (data, the same for every lane), then classes, then lanes. What differs by lane
# (negative cash, a trigger, a refinancing) is a mask, never a branch; the loops across lanes are in lanes.pxd. A single
# deal copies every row of every period out, a simulation reduces them in cache: both run this code.
# What it means, in plain NumPy: service/rackrate/kernel/reference/waterfall.py.

from libc.math cimport NAN, isnan

cimport lanes
from accounts cimport *
from audit cimport audit
from records cimport PaymentRow, WaterfallRow

cdef enum Kind:
    PAY_FEES, PAY_INTEREST, FILL_RESERVE, PAY_SCHEDULED_PRINCIPAL, PAY_PRINCIPAL, FILL_TRAP, PAY_UNCAPPED_FEES
    PAY_ADDITIONAL_INTEREST, PAY_EQUITY

cdef enum Order:
    SEQUENTIAL, PRO_RATA

cdef enum When:
    ALWAYS, WHEN_AMORTISING, WHEN_TRAPPING, WHEN_NOT_PIK

cdef extern from *:
    """
    #define RACKRATE_LAST_CENT 1e-12     /* of a class's principal: a remainder below it is paid with the rest */
    """
    const double LAST_CENT "RACKRATE_LAST_CENT"


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
    cdef double cures = plan.terms.cure_periods if plan.terms.cure_periods > 1 else 1
    cdef double* debt = row(block, DEBT)
    cdef double* owing = row(block, OWING)
    cdef double* tested = row(block, TESTED)
    lanes.fill(n, 0.0, debt)
    for k in range(plan.classes):
        lanes.copy(n, class_row(block, BALANCE, k), class_row(block, OPENING, k))
        lanes.add(n, class_row(block, BALANCE, k), debt)
        if not isnan(plan.notes[k].ltv_trigger):
            lanes.exceeds(n, debt, plan.notes[k].ltv_trigger, block.value, class_row(block, LTV_ON, k))
        lanes.fill(n, 0.0, class_row(block, INTEREST_PAID, k))
        lanes.fill(n, 0.0, class_row(block, PRINCIPAL_PAID, k))
        lanes.fill(n, 0.0, class_row(block, ADDITIONAL_PAID, k))
    lanes.exceeds(n, debt, 0.0, row(block, ZERO), owing)
    lanes.test(n, plan.terms.trap_below, cures, tested, owing, row(block, TRAPPING), row(block, TRAP_CURES))
    lanes.test(n, plan.terms.amortise_below, cures, tested, owing, row(block, AMORTISE_ON), row(block, AMORTISE_CURES))
    lanes.test(n, plan.terms.pik_below, cures, tested, owing, row(block, PIK), row(block, PIK_CURES))


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


cdef inline void follow(const Plan* plan, Block* block, Py_ssize_t t, const PaymentRow* step) noexcept nogil:
    """One step of the priority of payments."""
    cdef Py_ssize_t n = block.lanes
    cdef double* on = row(block, ON)
    cdef double* cash = row(block, CASH)
    set_condition(block, step.when, on)
    lanes.copy(n, row(block, SHORT), row(block, SHORT_BEFORE))
    lanes.copy(n, cash, row(block, START))
    if step.kind == FILL_TRAP:
        lanes.transfer(n, on, cash, row(block, TRAP_IN), row(block, TRAP))
    elif step.kind == PAY_EQUITY:
        lanes.transfer(n, on, cash, row(block, SHARE), row(block, EQUITY))
    elif step.kind == FILL_RESERVE:
        fill_reserve(block, on)
    elif step.kind == PAY_FEES or step.kind == PAY_UNCAPPED_FEES:
        pay_fees(block, on, step.kind == PAY_UNCAPPED_FEES)
    elif step.kind != PAY_SCHEDULED_PRINCIPAL or t < plan.terms.term:
        pay_classes(plan, block, t, step, on)
    lanes.check_seniors(n, row(block, SHORT_BEFORE), row(block, START), cash, row(block, UNJUST))


cdef inline void set_condition(Block* block, long long when, double* on) noexcept nogil:
    if when == WHEN_AMORTISING:
        lanes.copy(block.lanes, row(block, AMORTISING), on)
    elif when == WHEN_TRAPPING:
        lanes.copy(block.lanes, row(block, TRAPPING), on)
    elif when == WHEN_NOT_PIK:
        lanes.opposite(block.lanes, row(block, PIK), on)
    else:
        lanes.fill(block.lanes, 1.0, on)


cdef inline void fill_reserve(Block* block, double* on) noexcept nogil:
    cdef Py_ssize_t n = block.lanes
    cdef double* due = row(block, TOTAL)
    cdef double* deposit = row(block, MISSING)
    lanes.copy(n, row(block, RESERVE), due)
    lanes.lack(n, row(block, TARGET), due)
    lanes.multiply(n, on, due)
    lanes.fill(n, 0.0, deposit)
    lanes.pay(n, due, row(block, SHORT_BEFORE), row(block, CASH), row(block, SHORT), row(block, UNJUST),
              row(block, SHARE), deposit)
    lanes.add(n, deposit, row(block, RESERVE))
    lanes.add(n, deposit, row(block, RESERVE_IN))


cdef inline void pay_fees(Block* block, double* on, bint uncapped) noexcept nogil:
    cdef Py_ssize_t n = block.lanes
    cdef double* due = row(block, TOTAL)
    cdef double* owed = row(block, JUNIOR_FEES_OWED if uncapped else SENIOR_FEES_OWED)
    lanes.copy(n, owed, due)
    lanes.multiply(n, on, due)
    if not uncapped:
        draw(block, due)
    lanes.pay(n, due, row(block, SHORT_BEFORE), row(block, CASH), row(block, SHORT), row(block, UNJUST), owed,
              row(block, UNCAPPED_FEES if uncapped else FEES))


cdef inline void draw(Block* block, double* due) noexcept nogil:
    """What cash lacks of an amount due comes from reserve, then trap."""
    lanes.draw(block.lanes, due, row(block, CASH), row(block, RESERVE), row(block, RESERVE_OUT))
    lanes.draw(block.lanes, due, row(block, CASH), row(block, TRAP), row(block, TRAP_OUT))


cdef inline void pay_classes(const Plan* plan, Block* block, Py_ssize_t t, const PaymentRow* step, double* on
                             ) noexcept nogil:
    """A step of interest or principal: what each class is due, then cash to the classes in the step's order."""
    cdef Py_ssize_t n = block.lanes, i, k
    if step.kind == PAY_INTEREST or step.kind == PAY_ADDITIONAL_INTEREST:
        for i in range(step.first, step.last):
            k = plan.members[i]
            lanes.copy(n, class_row(block, owed_by(step.kind), k), class_row(block, DUE, k))
            lanes.multiply(n, on, class_row(block, DUE, k))
        settle(plan, block, step)
    elif step.kind == PAY_SCHEDULED_PRINCIPAL:
        ask_schedule(plan, block, t, step, on)
        settle(plan, block, step)
    else:
        sweep(plan, block, step, on)


cdef inline void sweep(const Plan* plan, Block* block, const PaymentRow* step, double* on) noexcept nogil:
    """Principal beyond the schedule: while amortising the trap joins, and LTV triggers add their own class."""
    cdef Py_ssize_t n = block.lanes, i, k
    cdef double* share = row(block, SHARE)
    cdef double* repaid = row(block, REPAID)
    lanes.copy(n, row(block, AMORTISING), share)
    lanes.multiply(n, on, share)
    lanes.transfer(n, share, row(block, TRAP), row(block, TRAP_OUT), row(block, CASH))
    for i in range(step.first, step.last):
        k = plan.members[i]
        lanes.copy(n, on, class_row(block, DUE, k))
        if step.when == WHEN_AMORTISING:
            lanes.at_least(n, class_row(block, LTV_ON, k), class_row(block, DUE, k))
        lanes.multiply(n, class_row(block, BALANCE, k), class_row(block, DUE, k))
    lanes.copy(n, row(block, CASH), repaid)
    settle(plan, block, step)
    lanes.subtract(n, row(block, CASH), repaid)
    # The trap can mend a shortfall of scheduled principal: what it repaid is no longer owed to a senior.
    lanes.lower(n, repaid, row(block, SHORT))
    lanes.lower(n, repaid, row(block, SHORT_BEFORE))


cdef inline void ask_schedule(const Plan* plan, Block* block, Py_ssize_t t, const PaymentRow* step, double* on
                              ) noexcept nogil:
    """What a set of classes is due by schedule: outstanding less its share of principal and what was capitalised."""
    cdef Py_ssize_t n = block.lanes, i, k
    cdef double* left = row(block, TOTAL)
    cdef double* goal = row(block, SHARE)
    cdef double* due
    lanes.fill(n, 0.0, left)
    lanes.fill(n, 0.0, goal)
    for i in range(step.first, step.last):
        k = plan.members[i]
        due = class_row(block, DUE, k)
        lanes.fill(n, plan.notes[k].principal * plan.schedule[k * plan.periods + t], due)
        lanes.add(n, class_row(block, CAPITALISED_SO_FAR, k), due)
        lanes.add(n, due, goal)
        lanes.add(n, class_row(block, BALANCE, k), left)
    lanes.lower(n, goal, left)
    if step.order == PRO_RATA:
        share_schedule(plan, block, step, left)
    for i in range(step.first, step.last):
        k = plan.members[i]
        due = class_row(block, DUE, k)
        if step.order != PRO_RATA:
            lanes.ask(n, LAST_CENT * plan.notes[k].principal, class_row(block, BALANCE, k), left, due)
        lanes.multiply(n, on, due)


cdef inline void share_schedule(const Plan* plan, Block* block, const PaymentRow* step, double* left) noexcept nogil:
    """A set's due in proportion to how far each class is above its own share."""
    cdef Py_ssize_t n = block.lanes, i, k
    cdef double* total = row(block, MISSING)
    cdef double* share = row(block, SHARE)
    lanes.fill(n, 0.0, total)
    for i in range(step.first, step.last):
        k = plan.members[i]
        lanes.lack(n, class_row(block, BALANCE, k), class_row(block, DUE, k))
        lanes.add(n, class_row(block, DUE, k), total)
    lanes.divide(n, left, total, share)
    for i in range(step.first, step.last):
        lanes.multiply(n, share, class_row(block, DUE, plan.members[i]))


cdef inline void settle(const Plan* plan, Block* block, const PaymentRow* step) noexcept nogil:
    """Cash to the classes of a step, in sequence or in proportion to what they are due."""
    cdef Py_ssize_t n = block.lanes, i, k
    cdef bint draws = step.kind == PAY_INTEREST, pro_rata = step.order == PRO_RATA
    cdef double* total = row(block, TOTAL)
    if pro_rata:
        lanes.fill(n, 0.0, total)
        for i in range(step.first, step.last):
            lanes.add(n, class_row(block, DUE, plan.members[i]), total)
        if draws:
            draw(block, total)
        lanes.fund(n, total, row(block, CASH), row(block, FUNDED), row(block, MISSING))
        lanes.divide(n, row(block, FUNDED), total, row(block, SHARE))
    for i in range(step.first, step.last):
        k = plan.members[i]
        if pro_rata:
            lanes.multiply(n, row(block, SHARE), class_row(block, DUE, k))
        elif draws:
            draw(block, class_row(block, DUE, k))
        pay_class(block, k, owed_by(step.kind), paid_by(step.kind))
    if pro_rata:
        lanes.add(n, row(block, MISSING), row(block, SHORT))


cdef inline int owed_by(long long kind) noexcept nogil:
    """The account a step of this kind pays down."""
    if kind == PAY_INTEREST:
        return INTEREST_UNPAID
    return ADDITIONAL_OWED if kind == PAY_ADDITIONAL_INTEREST else BALANCE


cdef inline int paid_by(long long kind) noexcept nogil:
    """The series a step of this kind is reported in."""
    if kind == PAY_INTEREST:
        return INTEREST_PAID
    return ADDITIONAL_PAID if kind == PAY_ADDITIONAL_INTEREST else PRINCIPAL_PAID


cdef inline void pay_class(Block* block, Py_ssize_t k, int owed, int paid) noexcept nogil:
    lanes.pay(block.lanes, class_row(block, DUE, k), row(block, SHORT_BEFORE), row(block, CASH), row(block, SHORT),
              row(block, UNJUST), class_row(block, owed, k), class_row(block, paid, k))


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
