# The market lettings of one lease in one scenario: let anew, renewed and let again; what they pay and cost. Their mass is
# audited every month.
#
# Design: market mass is kept by the month its letting started. A letting that started in month j pays ratio * market_j, and
# every renewal rule maps that ratio to the next without looking at j: one weighted mass per month of start carries any
# number of generations. What is paid in a month is what started in the twelve months before, and a rise times what started
# in the twelve before those, and so on: nothing is taken off again, and no remainder is left.

from libc.math cimport fabs

from numerics.rows cimport add_scaled, fill, in_t, lanes_t
from records cimport LeaseRow
from letting.tenant cimport Columns, Market, Tenancy, Terms
from numerics.simd cimport WIDTH, most, read, size, spread, vec, write

cdef enum:
    YEAR = 12


cdef inline void start(
    Py_ssize_t n, const Terms* terms, double kw, in_t died, in_t late, in_t ended, in_t vacated, in_t weighed_ended,
    in_t lack, in_t market, in_t growth, lanes_t coming, lanes_t gone, lanes_t let, lanes_t started, lanes_t weighed,
    lanes_t grown, lanes_t freed, lanes_t let_rent, lanes_t rent, lanes_t costs,
) noexcept nogil:
    """Lettings that start in months of which none looks back at another."""
    cdef Py_ssize_t i
    cdef double renews = terms.renews, leaves = terms.leaves, at_market = terms.at_market, at_old = terms.at_old
    cdef double discount = terms.discount, haircut = terms.haircut
    cdef double to_renew = terms.renewal_cost, to_let = terms.reletting_cost
    cdef double renewed, weight, kept
    for i in range(n):
        let[i] = coming[i] + late[i] + leaves * vacated[i]
        renewed = renews * ended[i]
        started[i] = let[i] + renewed
        grown[i] = started[i] - ended[i]
        freed[i] = died[i] + gone[i] + leaves * ended[i] - let[i]
        weight = let[i] - late[i] * discount
        kept = at_market * renewed + at_old * weighed_ended[i] - lack[i]
        weighed[i] = weight + kept
        let_rent[i] = market[i] * haircut * weight
        rent[i] = let_rent[i] + market[i] * haircut * kept
        costs[i] += kw * growth[i] * (to_renew * renewed + to_let * let[i])
        coming[i] = 0.0
        gone[i] = 0.0


cdef inline void lapse(Py_ssize_t n, in_t died, lanes_t gone, lanes_t grown, lanes_t freed) noexcept nogil:
    """Where nothing re-lets, what leaves is vacant for good."""
    cdef Py_ssize_t i
    for i in range(n):
        grown[i] = 0.0
        freed[i] = died[i] + gone[i]
        gone[i] = 0.0


cdef inline void accumulate(Py_ssize_t n, double* x) noexcept nogil:
    """Changes become running totals, four at a time: what one waits for is then every fourth addition."""
    cdef Py_ssize_t i
    cdef double held = 0.0, one, two, three, four
    for i in range(0, n - 3, 4):
        one = x[i]
        two = one + x[i + 1]
        three = two + x[i + 2]
        four = three + x[i + 3]
        x[i], x[i + 1], x[i + 2], x[i + 3] = held + one, held + two, held + three, held + four
        held = held + four
    for i in range(n - n % 4, n):
        held = held + x[i]
        x[i] = held


cdef inline double imbalance(Py_ssize_t n, const double* mass, const double* market, const double* vacant) noexcept nogil:
    """The largest departure from one of tenant mass, market mass and vacancy together."""
    cdef Py_ssize_t i = 0, k
    cdef vec one = spread(1.0), worst = spread(0.0)
    cdef double found = 0.0
    while i + WIDTH <= n:
        worst = most(size(read(mass + i) + read(market + i) + read(vacant + i) - one), worst)
        i += WIDTH
    for k in range(WIDTH):
        found = max(found, (<double*> &worst)[k])
    while i < n:
        found = max(found, fabs(mass[i] + market[i] + vacant[i] - 1.0))
        i += 1
    return found


cdef inline void miss(const Terms* terms, Py_ssize_t months, const double* died, double* lack) noexcept nogil:
    """What renewals after a default still lack to market rent, generation by generation, where the lower of both is paid."""
    cdef Py_ssize_t lag = terms.term + terms.default_downtime
    cdef double share = terms.renews, level = terms.kept * terms.ratio
    fill(months, 0.0, lack)
    while lag < months and level < 1.0:
        add_scaled(months - lag, share * (1.0 - level), died, lack + lag)
        share, level, lag = share * terms.renews, level * terms.ratio, lag + terms.term


cdef inline void clear_before(Py_ssize_t first, Tenancy* t) noexcept nogil:
    """No letting starts before the lease does."""
    fill(first, 0.0, t.died)
    fill(first, 0.0, t.let)
    fill(first, 0.0, t.started)
    fill(first, 0.0, t.weighed)
    fill(first, 0.0, t.let_rent)
    fill(first, 0.0, t.rent)


cdef inline double let_market(const LeaseRow* lease, const Terms* terms, const Market* meets, Py_ssize_t months, Tenancy* t,
                              Columns* columns) noexcept nogil:
    """What the lease gives to the market, let and let again, by month. The largest departure of all mass from one."""
    cdef Py_ssize_t first = max(lease.commencement, 0), i = first, n
    cdef const double* lack = t.lack if terms.lacks else t.nothing
    clear_before(first, t)
    if terms.lacks:
        miss(terms, months, t.died, t.lack)
    while i < months and terms.relets:
        n = min(<Py_ssize_t> terms.term, months - i)
        start(n, terms, lease.contracted_kw, t.died + i, t.died + i - terms.default_downtime, t.started + i - terms.term,
              t.started + i - terms.turnover, t.weighed + i - terms.term, lack + i, meets.rent + i, meets.growth + i,
              t.coming + i, t.gone + i, t.let + i, t.started + i, t.weighed + i, t.market + i, t.vacant + i, t.let_rent + i,
              t.rent + i, columns.costs + i)
        i += n
    n = months - first
    if not terms.relets:
        lapse(n, t.died + first, t.gone + first, t.market + first, t.vacant + first)
    accumulate(n, t.market + first)
    accumulate(n, t.vacant + first)
    return imbalance(n, t.mass + first, t.market + first, t.vacant + first)


cdef inline void sum_months(Py_ssize_t n, Py_ssize_t width, const double* x, double* total) noexcept nogil:
    """Each month with those before it, so many; rows have room for a vector after the last month."""
    cdef Py_ssize_t i = 0, k
    cdef vec found
    while i < n:
        found = read(x + i)
        for k in range(1, width):
            found = found + read(x + i - k)
        write(total + i, found)
        i += WIDTH


cdef inline void sum_year(Py_ssize_t n, const double* x, double* total) noexcept nogil:
    """Each month with the eleven before it."""
    cdef Py_ssize_t i = 0
    cdef vec one, two, three
    while i < n:
        one = read(x + i) + read(x + i - 1) + read(x + i - 2) + read(x + i - 3)
        two = read(x + i - 4) + read(x + i - 5) + read(x + i - 6) + read(x + i - 7)
        three = read(x + i - 8) + read(x + i - 9) + read(x + i - 10) + read(x + i - 11)
        write(total + i, one + two + three)
        i += WIDTH


cdef inline void sum_years(Py_ssize_t n, Py_ssize_t years, double growth, const double* full, const double* last,
                           double* total) noexcept nogil:
    """A year's sums, and the growth times those of the year before, and so on to the last, which may be a part of one."""
    cdef Py_ssize_t i = 0, y
    cdef vec found, times = spread(growth)
    while i < n:
        found = read(last + i - YEAR * (years - 1))
        for y in range(years - 2, -1, -1):
            found = found * times + read(full + i - YEAR * y)
        write(total + i, found)
        i += WIDTH


cdef inline void sum_span(Py_ssize_t n, Py_ssize_t span, double growth, const double* x, Tenancy* t, double* total
                          ) noexcept nogil:
    """What started in a span of months up to each, times the growth for every whole year since."""
    cdef Py_ssize_t years = (span + YEAR - 1) // YEAR, rest = span - YEAR * (years - 1)
    if years == 1:
        sum_months(n, span, x, total)
        return
    sum_year(n, x, t.full)
    if rest < YEAR:
        sum_months(n, rest, x, t.last)
    sum_years(n, years, growth, t.full, t.last if rest < YEAR else t.full, total)


cdef inline void pay_market(const Terms* terms, Py_ssize_t first, Py_ssize_t months, Tenancy* t) noexcept nogil:
    """What market lettings pay per kW, and what those in their free months take from it: rent and mass."""
    cdef Py_ssize_t begun = first, n
    while begun < months and t.let[begun] == 0.0:
        begun += 1
    n = months - begun
    fill(begun - first, 0.0, t.paid + first)
    sum_span(n, terms.term, terms.rises, t.rent + begun, t, t.paid + begun)
    if terms.free > 0:
        fill(begun - first, 0.0, t.unpaid + first)
        fill(begun - first, 0.0, t.idle + first)
        sum_span(n, terms.free, terms.rises, t.let_rent + begun, t, t.unpaid + begun)
        sum_span(n, terms.free, 1.0, t.let + begun, t, t.idle + begun)
