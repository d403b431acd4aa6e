# Coverage of a period: net cash flow over debt service, actual and assumed, of three months where periods are months.
# Its twin in plain NumPy: `cover` of service/rackrate/kernel/reference/waterfall.py.

from libc.math cimport NAN, isnan

from payments.accounts cimport *
from records cimport ASSUMED_SERVICE, WaterfallRow
from numerics.simd cimport *


cdef inline void cover_service(const Plan* plan, const Block* block, Py_ssize_t v, Py_ssize_t t, vec service
                               ) noexcept nogil:
    """Both coverage ratios of the period; the next period's triggers look at one of them."""
    cdef Py_ssize_t i, now = t % 2
    cdef const WaterfallRow* terms = plan.terms
    cdef Book* book = &block.books[v]
    cdef bint three_months = terms.period_months == 1
    cdef double known = 0.0 if three_months and t < 2 else 1.0
    cdef vec ncf = read(block.ncf + v * WIDTH), income, assumed, counts = book.owing * known
    for i in range(block.scheduled_count):
        service = service + planned(block, &block.scheduled[i], block.claims + v * plan.classes)
    income = (book.ncf[now] + book.ncf[1 - now]) + ncf
    book.service_actual = counts * ((book.service[now] + book.service[1 - now]) + service)
    book.dscr_actual = cover(income, book.service_actual)
    if not isnan(terms.constant):
        assumed = book.debt * (terms.constant * (terms.period_months / 12.0))
        book.service_assumed = counts * ((book.assumed[now] + book.assumed[1 - now]) + assumed)
        book.dscr_assumed = cover(income, book.service_assumed)
        if three_months:
            book.assumed[now] = assumed
    book.tested = book.dscr_assumed if terms.service == ASSUMED_SERVICE else book.dscr_actual
    if three_months:
        book.ncf[now], book.service[now] = ncf, service


cdef inline vec cover(vec income, vec due) noexcept nogil:
    """Income over service; NaN where no service is known."""
    return quotient(income, pick(below(spread(0.0), due), due, spread(NAN)))


cdef inline vec planned(const Block* block, const Turn* turn, const Claim* claims) noexcept nogil:
    """The principal planned to be repaid, at most what is outstanding: of the set together, of each class alone."""
    cdef Py_ssize_t i, k
    cdef vec outstanding = spread(0.0), alone = spread(0.0)
    for i in range(turn.count):
        k = turn.members[i]
        if block.terms[k].own_schedule:
            alone = alone + least(spread(max(0.0, block.terms[k].planned)), claims[k].opening)
        else:
            outstanding = outstanding + claims[k].opening
    return least(spread(turn.planned), outstanding) + alone
