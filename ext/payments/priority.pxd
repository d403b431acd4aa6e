# One step of the priority of payments, in every lane of a block. Steps are data: a new structure is a new list.
# Its twin in plain NumPy: service/rackrate/kernel/reference/payments/priority.py.

from payments.accounts cimport *
from records cimport *
from numerics.simd cimport *

cdef extern from *:
    """
    #define RACKRATE_LAST_CENT 1e-12     /* of a set's principal: a remainder below it is paid with the rest */
    """
    const double LAST_CENT "RACKRATE_LAST_CENT"


cdef inline void follow(const Block* block, Book* book, Claim* claims, Funds* funds) noexcept nogil:
    """The priority of payments, step by step, in one vector."""
    cdef Py_ssize_t i
    cdef vec start
    for i in range(block.turn_count):
        start, funds.before = funds.cash, funds.short_by
        take(block, &block.turns[i], book, claims, condition(block.turns[i].step.when, book), funds)
        funds.unjust = most(funds.unjust, least(start - funds.cash, funds.before))


cdef inline vec condition(long long when, const Book* book) noexcept nogil:
    """1 in the lanes in which a step is taken."""
    if when == ALWAYS:
        return spread(1.0)
    if when == WHEN_AMORTISING:
        return book.amortising
    return book.trapping if when == WHEN_TRAPPING else 1.0 - book.pik


cdef inline void take(const Block* block, const Turn* turn, Book* book, Claim* claims, vec on, Funds* funds
                      ) noexcept nogil:
    """One step in one vector."""
    cdef long long kind = turn.step.kind
    cdef vec moved
    if kind == FILL_TRAP:
        if some(on):
            moved = on * flag(below(spread(0.0), claimed(block.classes, claims))) * funds.cash
            funds.cash, book.trap_in, book.trap = funds.cash - moved, book.trap_in + moved, book.trap + moved
    elif kind == PAY_EQUITY:
        moved = on * funds.cash
        funds.cash, book.equity = funds.cash - moved, book.equity + moved
    elif kind == FILL_RESERVE:
        fill_reserve(book, on, funds)
    elif kind == PAY_FEES:
        moved = on * book.senior_fees_owed
        draw(moved, book, funds)
        pay(moved, funds, &book.senior_fees_owed, &book.fees)
    elif kind == PAY_UNCAPPED_FEES:
        if some(book.junior_fees_owed):
            pay(on * book.junior_fees_owed, funds, &book.junior_fees_owed, &book.uncapped_fees)
    elif kind == PAY_PRINCIPAL:
        sweep(turn, book, claims, on, funds)
    elif kind == PAY_SCHEDULED_PRINCIPAL:
        follow_schedule(block, turn, book, claims, on, funds)
    else:
        pay_interest(turn, book, claims, on, funds)


cdef inline vec claimed(Py_ssize_t classes, const Claim* claims) noexcept nogil:
    """Interest unpaid and balance of every class: nothing once all are repaid, and nothing is then trapped."""
    cdef Py_ssize_t k
    cdef vec total = spread(0.0)
    for k in range(classes):
        total = (total + claims[k].interest_unpaid) + claims[k].balance
    return total


cdef inline void pay(vec due, Funds* funds, vec* owed, vec* paid) noexcept nogil:
    """Pay what is due from cash; `unjust` keeps the most that was paid after a senior of the step was left short."""
    cdef vec amount = least(due, funds.cash)
    funds.unjust = most(funds.unjust, least(funds.short_by - funds.before, amount))
    funds.short_by = funds.short_by + (due - amount)
    funds.cash = funds.cash - amount
    owed[0] = owed[0] - amount
    paid[0] = paid[0] + amount


cdef inline void draw(vec due, Book* book, Funds* funds) noexcept nogil:
    """What cash lacks of an amount due comes from reserve, then trap."""
    if lanes_of(below(funds.cash, due)):
        draw_on(due, &funds.cash, &book.reserve, &book.reserve_out)
        draw_on(due, &funds.cash, &book.trap, &book.trap_out)


cdef inline void draw_on(vec due, vec* cash, vec* account, vec* out) noexcept nogil:
    """Draw on an account for what cash does not cover of an amount due."""
    cdef vec missing = due - least(due, cash[0])
    cdef vec drawn = least(missing, account[0])
    # what is due, not a last bit short; and where the account is too small not what is due less the rest of it, which
    # would be cash to the last bit of a due of any size
    cash[0] = pick(at_most(missing, account[0]), most(due, cash[0]), cash[0] + drawn)
    account[0] = account[0] - drawn
    out[0] = out[0] + drawn


cdef inline void fill_reserve(Book* book, vec on, Funds* funds) noexcept nogil:
    cdef vec nothing = spread(0.0), due = on * most(book.target - book.reserve, nothing), deposit = nothing, noted = nothing
    if some(due):
        pay(due, funds, &noted, &deposit)
        book.reserve = book.reserve + deposit
        book.reserve_in = book.reserve_in + deposit


cdef inline void pay_interest(const Turn* turn, Book* book, Claim* claims, vec on, Funds* funds) noexcept nogil:
    """Interest, or additional interest; what cash lacks of interest is drawn."""
    cdef Py_ssize_t i
    cdef long long kind = turn.step.kind
    cdef Claim* claim
    cdef vec due
    if turn.step.order == PRO_RATA:
        for i in range(turn.count):
            claim = &claims[turn.members[i]]
            claim.due = on * owed_by(kind, claim)[0]
        settle_pro_rata(turn, book, claims, funds)
        return
    for i in range(turn.count):
        claim = &claims[turn.members[i]]
        due = on * owed_by(kind, claim)[0]
        if kind == PAY_INTEREST:
            draw(due, book, funds)
        pay(due, funds, owed_by(kind, claim), paid_by(kind, claim))


cdef inline void sweep(const Turn* turn, Book* book, Claim* claims, vec on, Funds* funds) noexcept nogil:
    """Principal beyond the schedule: while amortising the trap joins, and LTV triggers add their own class.

    Cash that joins from the trap is the sweep's alone: earlier steps that were left short have no claim on it.
    """
    cdef Py_ssize_t i
    cdef Claim* claim
    cdef bint watched = turn.step.when == WHEN_AMORTISING
    cdef vec joins, wanted = on
    if watched:
        for i in range(turn.count):
            wanted = most(wanted, claims[turn.members[i]].ltv_on)
    if not some(wanted):
        return
    joins = (on * book.amortising) * book.trap
    funds.short_by = pick(at_most(joins, spread(0.0)), funds.short_by, spread(0.0))
    funds.before = funds.short_by
    funds.cash = funds.cash + joins
    book.trap = book.trap - joins
    book.trap_out = book.trap_out + joins
    for i in range(turn.count):
        claim = &claims[turn.members[i]]
        claim.due = (most(on, claim.ltv_on) if watched else on) * claim.balance
        if turn.step.order == SEQUENTIAL:
            pay(claim.due, funds, &claim.balance, &claim.principal_paid)
    if turn.step.order == PRO_RATA:
        settle_pro_rata(turn, book, claims, funds)


cdef inline void follow_schedule(const Block* block, const Turn* turn, Book* book, Claim* claims, vec on, Funds* funds
                                 ) noexcept nogil:
    """What is due by schedule: of a class with a schedule of its own on that alone, of the set's others together."""
    cdef vec left = due_together(block, turn, claims)
    if turn.step.order == PRO_RATA:
        share_schedule(block, turn, claims, left, on)
        settle_pro_rata(turn, book, claims, funds)
    else:
        line_up_schedule(block, turn, claims, left, on, funds)


cdef inline vec due_together(const Block* block, const Turn* turn, const Claim* claims) noexcept nogil:
    """What the classes on the common schedule are due: outstanding less their share of principal and what was capitalised."""
    cdef Py_ssize_t i, k
    cdef vec outstanding = spread(0.0), goal = spread(0.0)
    for i in range(turn.count):
        k = turn.members[i]
        if not block.terms[k].own_schedule:
            goal = goal + (claims[k].capitalised_so_far + block.terms[k].left)
            outstanding = outstanding + claims[k].balance
    return most(outstanding - goal, spread(0.0))


cdef inline vec due_alone(const Term* term, const Claim* claim) noexcept nogil:
    """The same of one class."""
    return most(claim.balance - (claim.capitalised_so_far + term.left), spread(0.0))


cdef inline void line_up_schedule(const Block* block, const Turn* turn, Claim* claims, vec left, vec on, Funds* funds
                                  ) noexcept nogil:
    """Each class in turn is asked for what it is due alone, or for what is left of the set's due."""
    cdef Py_ssize_t i
    cdef Claim* claim
    cdef const Term* term
    cdef vec asked
    for i in range(turn.count):
        claim, term = &claims[turn.members[i]], &block.terms[turn.members[i]]
        if term.own_schedule:
            asked = to_the_last_cent(claim.balance, due_alone(term, claim), term.issued)
        else:
            asked = to_the_last_cent(claim.balance, left, turn.issued)
            left = most(left - asked, spread(0.0))
        pay(on * asked, funds, &claim.balance, &claim.principal_paid)


cdef inline vec to_the_last_cent(vec balance, vec due, double issued) noexcept nogil:
    """The balance, where what is due leaves no more of it than rounding; else what is due."""
    return pick(at_most(balance - due, spread(LAST_CENT * issued)), balance, due)


cdef inline void share_schedule(const Block* block, const Turn* turn, Claim* claims, vec left, vec on) noexcept nogil:
    """A set's due in proportion to how far each class is above its own share; a class alone is due that."""
    cdef Py_ssize_t i, k
    cdef vec total = spread(0.0), share
    for i in range(turn.count):
        k = turn.members[i]
        claims[k].due = due_alone(&block.terms[k], &claims[k])
        if not block.terms[k].own_schedule:
            total = total + claims[k].due
    share = quotient(left, above_zero(total))
    for i in range(turn.count):
        k = turn.members[i]
        if block.terms[k].own_schedule:
            claims[k].due = on * claims[k].due
        else:
            claims[k].due = on * (share * claims[k].due)


cdef inline vec above_zero(vec x) noexcept nogil:
    """A divisor: x, or 1 where it is zero and so is what it divides."""
    return pick(below(spread(0.0), x), x, spread(1.0))


cdef inline void settle_pro_rata(const Turn* turn, Book* book, Claim* claims, Funds* funds) noexcept nogil:
    """Cash to the classes of a step in proportion to what each is due."""
    cdef Py_ssize_t i
    cdef Claim* claim
    cdef vec total = spread(0.0), funded, share, missing
    for i in range(turn.count):
        total = total + claims[turn.members[i]].due
    if turn.step.kind == PAY_INTEREST:
        draw(total, book, funds)
    funded = least(total, funds.cash)
    missing = total - funded
    share = quotient(funded, above_zero(total))
    for i in range(turn.count):
        claim = &claims[turn.members[i]]
        pay(share * claim.due, funds, owed_by(turn.step.kind, claim), paid_by(turn.step.kind, claim))
    funds.short_by = funds.short_by + missing


cdef inline vec* owed_by(long long kind, Claim* claim) noexcept nogil:
    """The account a step of this kind pays down."""
    if kind == PAY_INTEREST:
        return &claim.interest_unpaid
    return &claim.additional_owed if kind == PAY_ADDITIONAL_INTEREST else &claim.balance


cdef inline vec* paid_by(long long kind, Claim* claim) noexcept nogil:
    """The series a step of this kind is reported in."""
    if kind == PAY_INTEREST:
        return &claim.interest_paid
    return &claim.additional_paid if kind == PAY_ADDITIONAL_INTEREST else &claim.principal_paid
