# The waterfall: one period's cash through the priority of payments, a block of lanes at a time.
#
# The caller lays out the block, calls `open_block`, then for each period points `available`, `ncf` and `value` at that
# period's figures and calls `pay_period`. What the period paid stands in the books until the next call.
#
# Design: periods outside, then steps (data, the same for every lane), then vectors, then classes. Within a step the cash
# of a vector stays in registers; between steps it lies in its book. What differs by lane (negative cash, a trigger, a
# refinancing) is a mask, never a branch; a branch is taken on a whole vector, and only past work that would change
# nothing in any of its lanes. A single deal copies every series out, a simulation reduces them in cache: both run this.
# Its twin in plain NumPy: service/rackrate/kernel/reference/waterfall.py.

from libc.math cimport NAN, isnan
from libc.string cimport memset

from payments.accounts cimport *
from payments.audit cimport audit
from payments.coverage cimport cover_service
from payments.priority cimport claimed, follow, pay
from records cimport PAY_ADDITIONAL_INTEREST, PAY_SCHEDULED_PRINCIPAL, PaymentRow
from numerics.simd cimport *


cdef inline void open_block(const Plan* plan, Block* block) noexcept nogil:
    """Closing: nothing paid yet, every class at its principal, the reserve funded."""
    cdef Py_ssize_t v, k, K = plan.classes
    cdef Book* book
    memset(block.books, 0, block.vectors * (sizeof(Book) + K * sizeof(Claim)))
    set_constants(plan, block)
    set_terms(plan, block, 0)
    for v in range(block.vectors):
        book = &block.books[v]
        book.breach_period, book.tested = spread(-1.0), spread(NAN)
        book.service_assumed, book.dscr_assumed = spread(NAN), spread(NAN)
        for k in range(K):
            block.claims[v * K + k].balance = spread(plan.notes[k].principal)
        book.target = target(plan, block, block.claims + v * K)
        book.reserve = book.target
        if not isnan(plan.terms.reserve_initial):
            book.reserve = spread(plan.terms.reserve_initial)


cdef inline void set_constants(const Plan* plan, Block* block) noexcept nogil:
    """What of each class's terms is the same in every period."""
    cdef Py_ssize_t k
    cdef Term* term
    for k in range(plan.classes):
        term = &block.terms[k]
        term.month = 0.0
        term.issued = plan.notes[k].principal
        term.deferrable = plan.notes[k].deferrable
        term.own_schedule = plan.notes[k].own_schedule != 0


cdef inline void set_terms(const Plan* plan, Block* block, Py_ssize_t t) noexcept nogil:
    """What each class's terms come to in a period."""
    cdef Py_ssize_t k, at
    cdef double before
    cdef Term* term
    for k in range(plan.classes):
        at, term = k * plan.periods + t, &block.terms[k]
        before = plan.schedule[at - 1] if t > 0 else 1.0
        if plan.terms.liquidity_months > 0.0:
            term.month = plan.coupon[at] / 12.0
        term.rate = plan.coupon[at] * plan.accrual[at]
        term.additional = plan.terms.additional_rate * plan.accrual[at]
        term.planned = term.issued * (before - plan.schedule[at])
        term.left = term.issued * plan.schedule[at]
    if t == 0 or t == plan.terms.ard or t == plan.terms.term:
        set_turns(plan, block, t)
    for k in range(block.scheduled_count):
        block.scheduled[k].planned = repaid(block, &block.scheduled[k])


cdef inline void set_turns(const Plan* plan, Block* block, Py_ssize_t t) noexcept nogil:
    """The steps that are taken from a period on: the schedule in the term, additional interest after the ARD."""
    cdef Py_ssize_t i, m
    cdef Turn* turn
    cdef const PaymentRow* step
    block.turn_count, block.scheduled_count = 0, 0
    for i in range(plan.payment_count):
        step, turn = &plan.payments[i], &block.turns[block.turn_count]
        if step.kind == PAY_ADDITIONAL_INTEREST and t < plan.terms.ard or (
                step.kind == PAY_SCHEDULED_PRINCIPAL and t >= plan.terms.term):
            continue
        turn.step, turn.members, turn.count = step, plan.members + step.first, step.last - step.first
        turn.issued = 0.0
        for m in range(turn.count):
            if not plan.notes[turn.members[m]].own_schedule:
                turn.issued += plan.notes[turn.members[m]].principal
        block.turn_count += 1
        if step.kind == PAY_SCHEDULED_PRINCIPAL:
            block.scheduled[block.scheduled_count] = turn[0]
            block.scheduled_count += 1


cdef inline double repaid(const Block* block, const Turn* turn) noexcept nogil:
    """The principal that the common schedule repays of a set of classes in the period."""
    cdef Py_ssize_t i
    cdef double amount = 0.0
    for i in range(turn.count):
        if not block.terms[turn.members[i]].own_schedule:
            amount += block.terms[turn.members[i]].planned
    return amount if amount > 0.0 else 0.0


cdef inline vec target(const Plan* plan, const Block* block, const Claim* claims) noexcept nogil:
    """The reserve's target: months of coupon on the balances."""
    cdef Py_ssize_t k
    cdef vec month = spread(0.0)
    for k in range(plan.classes):
        month = month + claims[k].balance * block.terms[k].month
    return month * plan.terms.liquidity_months


cdef inline void pay_period(const Plan* plan, Block* block, Py_ssize_t t) noexcept nogil:
    """One period of every vector."""
    cdef Py_ssize_t v
    set_terms(plan, block, t)
    for v in range(block.vectors):
        pay_vector(plan, block, v, t)


cdef inline void pay_vector(const Plan* plan, Block* block, Py_ssize_t v, Py_ssize_t t) noexcept nogil:
    """One period: flags, cash, what falls due, the steps, then refinancing or sale where the period has one."""
    cdef Funds funds
    cdef Book* book = &block.books[v]
    cdef Claim* claims = block.claims + v * plan.classes
    open_period(plan, block, v)
    funds.cash = collect(book, read(block.available + v * WIDTH))
    funds.short_by, funds.unjust = spread(0.0), spread(0.0)
    charge_fees(plan, book, t)
    cover_service(plan, block, v, t, accrue(plan, block, book, claims, t))
    follow(block, book, claims, &funds)
    book.equity = book.equity + funds.cash
    if t == plan.terms.ard - 1 and t < plan.periods - 1:
        refinance(plan, book, claims, read(block.takeout + v * WIDTH))
    if t == plan.periods - 1:
        liquidate(plan, book, claims, read(block.sale + v * WIDTH), &funds)
    audit(plan, book, claims, t, funds.unjust)


cdef inline void open_period(const Plan* plan, Block* block, Py_ssize_t v) noexcept nogil:
    """Opening balances, then the flags, on last period's data."""
    cdef Py_ssize_t k
    cdef Book* book = &block.books[v]
    cdef Claim* claim
    cdef vec debt = spread(0.0), owing, nothing = spread(0.0)
    for k in range(plan.classes):
        claim = &block.claims[v * plan.classes + k]
        claim.opening = claim.balance
        debt = debt + claim.balance
        if not isnan(plan.notes[k].ltv_trigger):
            claim.ltv_on = flag(below(read(block.value + v * WIDTH) * plan.notes[k].ltv_trigger, debt))
        claim.interest_paid, claim.principal_paid, claim.additional_paid = nothing, nothing, nothing
    owing = flag(below(nothing, debt))
    book.debt, book.owing = debt, owing
    test(plan.terms.trap_below, plan.terms.cure_periods, book, &book.trapping, &book.trap_cures)
    test(plan.terms.amortise_below, plan.terms.cure_periods, book, &book.sweeping, &book.amortise_cures)
    test(plan.terms.pik_below, plan.terms.cure_periods, book, &book.pik, &book.pik_cures)


cdef inline void test(double level, double cure_periods, const Book* book, vec* on, vec* cures) noexcept nogil:
    """A trigger on last period's coverage: on below its level, off once cured or where nothing is owed.

    Coverage that is not known leaves the flag as it is.
    """
    cdef vec fails, passes, count, kept
    if isnan(level):
        return
    fails = flag(below(book.tested, spread(level)))
    if not some(most(fails, on[0])):
        return
    passes = flag(at_most(spread(level), book.tested))
    count = (cures[0] + passes) * (on[0] * (1.0 - fails))
    kept = on[0] * (1.0 - flag(at_most(spread(cure_periods), count)))
    cures[0] = count
    on[0] = most(kept, fails) * book.owing


cdef inline vec collect(Book* book, vec available) noexcept nogil:
    """Cash at the top: negative cash is made good from reserve then trap, then both release what they need not hold."""
    cdef vec nothing = spread(0.0), cash, freed
    book.opening_reserve, book.opening_trap, book.opening_carried = book.reserve, book.trap, book.carried
    book.fees, book.uncapped_fees, book.equity, book.sold = nothing, nothing, nothing, nothing
    book.reserve_in, book.reserve_out, book.trap_in, book.trap_out = nothing, nothing, nothing, nothing
    book.available = available * (1.0 - book.refinanced)
    cash = book.available + book.carried
    book.carried = least(cash, nothing)
    if some(nothing - cash):
        make_good(&cash, &book.reserve, &book.reserve_out)
        make_good(&cash, &book.trap, &book.trap_out)
        book.carried = least(cash, nothing)
        cash = most(cash, nothing)
    freed = book.reserve - least(book.target, book.reserve)
    book.reserve = book.reserve - freed
    book.reserve_out = book.reserve_out + freed
    cash = cash + freed
    if some(book.trap):
        freed = (1.0 - book.trapping) * book.trap
        book.trap = book.trap - freed
        book.trap_out = book.trap_out + freed
        cash = cash + freed
    return cash


cdef inline void make_good(vec* cash, vec* account, vec* out) noexcept nogil:
    """Pay negative cash from an account."""
    cdef vec missing = most(spread(0.0) - cash[0], spread(0.0))
    cdef vec drawn = least(missing, account[0])
    cash[0] = cash[0] + drawn
    account[0] = account[0] - drawn
    out[0] = out[0] + drawn


cdef inline void charge_fees(const Plan* plan, Book* book, Py_ssize_t t) noexcept nogil:
    """Fees fall due: each up to its cap among the senior fees, the rest among the uncapped ones."""
    cdef Py_ssize_t i, k
    cdef double years, cap
    cdef vec due, capped
    for i in range(plan.fee_count):
        k = plan.fees[i].accrues_with
        years = plan.accrual[k * plan.periods + t] if k >= 0 else plan.terms.period_months / 12.0
        cap = plan.fees[i].cap_annual * years if plan.fees[i].senior else 0.0
        due = book.owing * ((book.debt * plan.fees[i].rate + plan.fees[i].annual) * years)
        capped = least(due, spread(cap))
        book.senior_fees_owed = book.senior_fees_owed + capped
        book.junior_fees_owed = book.junior_fees_owed + (due - capped)


cdef inline vec accrue(const Plan* plan, const Block* block, Book* book, Claim* claims, Py_ssize_t t) noexcept nogil:
    """The reserve's target; interest due, or capitalised while PIK is on; additional interest after a failed ARD.

    Returns the period's current interest, the first part of its service.
    """
    cdef Py_ssize_t k
    cdef const Term* term
    cdef Claim* claim
    cdef vec current, owed, deferred, service = spread(0.0)
    book.target = target(plan, block, claims)
    book.amortising = book.sweeping
    if t >= plan.terms.ard:
        book.amortising = most(book.owing, book.sweeping)
    for k in range(plan.classes):
        term, claim = &block.terms[k], &claims[k]
        current = claim.opening * term.rate
        owed = current + (claim.interest_unpaid + claim.interest_unpaid * term.rate)
        deferred = (book.pik * term.deferrable) * owed
        service = service + current
        claim.interest_due = owed
        claim.capitalised = deferred
        claim.interest_unpaid = owed - deferred
        claim.balance = claim.balance + deferred
        claim.capitalised_so_far = claim.capitalised_so_far + deferred
        if t >= plan.terms.ard:
            claim.additional_owed = claim.additional_owed + book.owing * (claim.opening * term.additional)
            claim.additional_due = claim.additional_owed
    return service


cdef inline void refinance(const Plan* plan, Book* book, Claim* claims, vec takeout) noexcept nogil:
    """The ARD: all classes are repaid where the take-out supports what is outstanding, interest unpaid included."""
    cdef Py_ssize_t k
    cdef vec outstanding = claimed(plan.classes, claims), moved
    cdef vec refinanced = flag(both(at_most(outstanding, takeout), below(spread(0.0), outstanding)))
    book.ard_balance, book.refinanced = outstanding, refinanced
    for k in range(plan.classes):
        moved = refinanced * claims[k].interest_unpaid
        claims[k].interest_unpaid = claims[k].interest_unpaid - moved
        claims[k].interest_paid = claims[k].interest_paid + moved
        moved = refinanced * claims[k].balance
        claims[k].balance = claims[k].balance - moved
        claims[k].principal_paid = claims[k].principal_paid + moved
    book.sold = refinanced * outstanding
    book.ard_proceeds = book.sold
    moved = refinanced * book.reserve
    book.reserve, book.reserve_out, book.equity = book.reserve - moved, book.reserve_out + moved, book.equity + moved
    moved = refinanced * book.trap
    book.trap, book.trap_out, book.equity = book.trap - moved, book.trap_out + moved, book.equity + moved


cdef inline void liquidate(const Plan* plan, Book* book, Claim* claims, vec sale, Funds* funds) noexcept nogil:
    """Legal final: sale, reserve and trap pay class by class, then additional interest, then equity."""
    cdef Py_ssize_t k
    cdef vec owed = claimed(plan.classes, claims), nothing = spread(0.0)
    for k in range(plan.classes):
        owed = owed + claims[k].additional_owed
    book.sold = flag(below(nothing, owed)) * sale
    funds.cash = (book.sold + book.reserve) + book.trap
    book.reserve_out, book.trap_out = book.reserve_out + book.reserve, book.trap_out + book.trap
    book.reserve, book.trap = nothing, nothing
    funds.before = funds.short_by
    for k in range(plan.classes):
        pay(claims[k].interest_unpaid, funds, &claims[k].interest_unpaid, &claims[k].interest_paid)
        pay(claims[k].balance, funds, &claims[k].balance, &claims[k].principal_paid)
    for k in range(plan.classes):
        pay(claims[k].additional_owed, funds, &claims[k].additional_owed, &claims[k].additional_paid)
    book.equity = book.equity + funds.cash
