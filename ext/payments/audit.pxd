# The audit: each period's books held against each other, to 1e-6 of a currency unit, or to what a double can tell apart
# at the size of the deal. A breach is a fault of the program, never of a deal: the engine raises it with its period.
#
# Design: a millionth is asked first, of all accounts together. Only where a lane misses it is the money in play added
# up, to say what a double can tell apart there, and which account it is.

from payments.accounts cimport *
from numerics.simd cimport *

cdef enum:                               # records.BREACHES
    CASH_BREACH = 1, INTEREST_BREACH, PRINCIPAL_BREACH, RESERVE_BREACH, TRAP_BREACH, NEGATIVE_BREACH, PRIORITY_BREACH
    BREACHES

cdef extern from *:
    """
    #define RACKRATE_MILLIONTH 1e-6      /* of a currency unit */
    #define RACKRATE_RESOLUTION 1e-14    /* of the money in play */
    """
    const double MILLIONTH "RACKRATE_MILLIONTH"
    const double RESOLUTION "RACKRATE_RESOLUTION"


cdef inline void audit(const Plan* plan, Book* book, const Claim* claims, Py_ssize_t t, vec unjust) noexcept nogil:
    """Cash, interest, principal, reserve and trap; no account negative; no junior paid before a senior."""
    cdef vec worst[BREACHES]
    cdef vec most_of_all
    cdef int kind
    worst[PRIORITY_BREACH] = unjust
    look_at_book(book, look_at_claims(plan, book, claims, t >= plan.terms.ard, worst), worst)
    most_of_all = worst[INTEREST_BREACH]
    for kind in range(PRINCIPAL_BREACH, BREACHES):
        most_of_all = most(most_of_all, worst[kind])
    most_of_all = most(most_of_all, worst[CASH_BREACH])           # last: it has every account in it, and keeps NaN
    if lanes_of(at_most(most_of_all, spread(MILLIONTH))) != (1 << WIDTH) - 1:
        judge(plan, book, claims, worst, t)


cdef inline vec miss(vec opening, vec into, vec out, vec also_out, vec closing) noexcept nogil:
    """By how much an account's movements miss its closing balance."""
    return size((((opening + into) - out) - also_out) - closing)


cdef inline void look_at_book(const Book* book, vec paid, vec* worst) noexcept nogil:
    """Cash in, draws and sales against everything paid and set aside; reserve and trap."""
    cdef vec taken, nothing = spread(0.0)
    taken = ((book.available + book.opening_carried) - book.carried) + book.sold
    taken = (taken + book.reserve_out) + book.trap_out
    worst[CASH_BREACH] = miss(taken, nothing, paid + book.equity, book.reserve_in, book.trap_in)
    worst[RESERVE_BREACH] = most(
        miss(book.opening_reserve, book.reserve_in, book.reserve_out, nothing, book.reserve), nothing - book.reserve)
    worst[TRAP_BREACH] = most(miss(book.opening_trap, book.trap_in, book.trap_out, nothing, book.trap), nothing - book.trap)


cdef inline vec look_at_claims(const Plan* plan, const Book* book, const Claim* claims, bint additional, vec* worst
                               ) noexcept nogil:
    """Interest, principal, and no account negative, class by class; what was paid to fees and classes."""
    cdef Py_ssize_t k
    cdef const Claim* claim
    cdef vec paid = book.fees + book.uncapped_fees, nothing = spread(0.0), interest = nothing, principal = nothing
    cdef vec lowest = least(book.senior_fees_owed, book.junior_fees_owed)
    for k in range(plan.classes):
        claim = &claims[k]
        paid = ((paid + claim.interest_paid) + claim.principal_paid) + claim.additional_paid
        interest = most(interest, miss(claim.interest_due, nothing, claim.interest_paid, claim.capitalised,
                                       claim.interest_unpaid))
        if additional:
            interest = most(interest, miss(claim.additional_due, nothing, claim.additional_paid, nothing,
                                           claim.additional_owed))
            lowest = least(claim.additional_owed, lowest)
        principal = most(principal, miss(claim.opening, claim.capitalised, claim.principal_paid, nothing, claim.balance))
        lowest = least(least(claim.balance, claim.interest_unpaid), lowest)
    worst[INTEREST_BREACH], worst[PRINCIPAL_BREACH], worst[NEGATIVE_BREACH] = interest, principal, nothing - lowest
    return paid


cdef inline void judge(const Plan* plan, Book* book, const Claim* claims, const vec* worst, Py_ssize_t t) noexcept nogil:
    """Remember the first period, and the kind, in which the books disagree by more than a double can tell apart."""
    cdef int kind
    cdef vec fresh, tolerance = resolution(plan, book, claims)
    for kind in range(CASH_BREACH, BREACHES):
        fresh = (1.0 - flag(at_most(worst[kind], tolerance))) * flag(below(book.breach_period, spread(0.0)))
        book.breach_kind = book.breach_kind + fresh * <double> kind
        book.breach_period = book.breach_period + fresh * (t + 1.0)


cdef inline vec resolution(const Plan* plan, const Book* book, const Claim* claims) noexcept nogil:
    """A millionth, and what a double can tell apart of the money in play: all that is due, held, paid in or carried."""
    cdef Py_ssize_t k
    cdef vec money = book.debt + size(book.available)
    for k in range(plan.classes):
        money = (money + claims[k].interest_due) + claims[k].additional_due
    money = (((money + book.opening_reserve) + book.opening_trap) - book.opening_carried) + book.target
    money = (((money + book.senior_fees_owed) + book.junior_fees_owed) + book.fees) + book.uncapped_fees
    return (money + book.sold) * RESOLUTION + MILLIONTH
