# Defaults: from the month of the default to the sale of the property, per unit of mass, times the mass that defaults.
#
# Design: the defaults of a loan are a triangle, month of default by months since. Months of default are lanes, and months
# since are the outer loop: whatever the width of a vector, each month of the pool gets its sums in the same order.

from loans.contract cimport contract_end
from loans.lines cimport *
from numerics.rows cimport in_t, lanes_t
from numerics.simd cimport *
from records cimport NO_ADVANCES, PRINCIPAL_AND_INTEREST_ADVANCES, PoolLoanRow, PoolTermsRow

cdef struct Since:                       # what the step of all defaults of one age is told
    Py_ssize_t months                    # since default
    bint reduced                         # whether appraisals reduce advances
    bint open                            # whether the property is still unsold at the month's end
    bint by_default                      # whether what ends advances goes by the month of default


cdef inline void sale_rows(
    Py_ssize_t months, const PoolLoanRow* loan, const PoolTermsRow* terms, in_t sale_value, in_t principal, in_t balance,
    lanes_t backed, lanes_t proceeds, lanes_t enough, lanes_t due,
) noexcept nogil:
    """What a sale would bring at each boundary, what of it ends advances, what principal may be advanced."""
    cdef Py_ssize_t i, end = min(months, contract_end(loan)) if terms.advances == PRINCIPAL_AND_INTEREST_ADVANCES else 0
    cdef double kept = loan.share * (1.0 - terms.costs), share = terms.appraisal_share * loan.share
    for i in range(months):
        backed[i] = share * sale_value[i]
        proceeds[i] = kept * sale_value[i]
        enough[i] = terms.stop_share * ((1.0 - terms.severity) * balance[i] if terms.severity_stated else proceeds[i])
    proceeds[months] = kept * sale_value[months]
    for i in range(end):
        due[i] = principal[i]
    for i in range(end, months):
        due[i] = 0.0


cdef inline void add(double* sums, vec x) noexcept nogil:
    write(sums, read(sums) + x)


cdef inline double largest(vec x) noexcept nogil:
    """The largest lane."""
    cdef double lanes[MOST_LANES]
    cdef double found
    cdef Py_ssize_t n
    write(lanes, x)
    found = lanes[0]
    for n in range(1, WIDTH):
        found = max(found, lanes[n])
    return found


cdef inline void age(const Since* since, Rows* rows, Py_ssize_t first, Py_ssize_t end, double* lines, double* outcome
                     ) noexcept nogil:
    """A month of every default that began `since.months` before it, in months [first, end)."""
    cdef Py_ssize_t n, i, j, length = rows.length
    cdef vec beta, advanced, charged, unpaid, gone, interest, cut, paid, repaid, limit, so_far
    cdef vec nothing = spread(0.0), one = spread(1.0), latest = spread(-1.0), stops = spread(0.0)
    cdef mask going, makes
    for n in range(vectors_of(end - first)):
        i = first + n * WIDTH
        j = i + since.months
        gone, beta, advanced, unpaid = read(rows.gone + i), read(rows.beta + i), read(rows.advanced + i), read(rows.unpaid + i)
        interest = beta * read(rows.net + j)
        charged = read(rows.charged + i) + advanced * read(rows.charge + j)
        paid = interest
        if since.reduced:
            cut = least(most(beta + advanced + charged + unpaid - read(rows.backed + j), nothing), beta)
            add(lines + APPRAISAL_REDUCTION * length + j, gone * cut)
            going = below(nothing, beta)
            paid = keep(going, interest * (one - quotient(cut, pick(going, beta, one))))
        repaid = least(beta, read(rows.due + j))
        limit = read(rows.enough + (i if since.by_default else j))
        so_far = advanced + charged + paid + repaid
        going = below(nothing, read(rows.going + i))
        makes = both(going, at_most(so_far, limit))
        stops = most(stops, keep(both(both(going, below(limit, so_far)), below(nothing, gone)), one))
        paid, repaid = keep(makes, paid), keep(makes, repaid)
        latest = most(latest, pick(both(below(nothing, gone), below(nothing, size(paid + repaid))), read(rows.number + j), latest))
        advanced, beta, unpaid = advanced + paid + repaid, beta - repaid, unpaid + interest - paid
        add(lines + INTEREST_ADVANCED * length + j, gone * paid)
        add(lines + PRINCIPAL_ADVANCED * length + j, gone * repaid)
        if since.open:
            add(lines + ADVANCES_OUTSTANDING * length + j, gone * advanced)
            add(rows.bad + j + 1, gone * beta)
        write(rows.beta + i, beta)
        write(rows.advanced + i, advanced)
        write(rows.charged + i, charged)
        write(rows.unpaid + i, unpaid)
        write(rows.going + i, flag(makes))
    outcome[LAST_MONTH] = max(outcome[LAST_MONTH], largest(latest))
    outcome[STOPPED] = max(outcome[STOPPED], largest(stops))


cdef inline void sell(
    const PoolTermsRow* terms, Rows* rows, const double* balance, Py_ssize_t first, Py_ssize_t end, double* lines,
    double* outcome,
) noexcept nogil:
    """The sales that end the defaults of months [first, end)."""
    cdef Py_ssize_t i, month
    cdef double beta, advanced, charged, gone, loss, back, net, interest
    for i in range(first, end):
        month = i + terms.recovery_months - 1
        gone, beta, advanced, charged = rows.gone[i], rows.beta[i], rows.advanced[i], rows.charged[i]
        if terms.severity_stated:
            loss, interest = terms.severity * balance[i], 0.0
            back = beta - loss
        else:
            net = min(rows.proceeds[month + 1], beta + advanced + charged + rows.unpaid[i]) - advanced - charged
            back = min(beta, net)
            loss, interest = beta - back, max(0.0, net - beta)
        lines[REIMBURSED * rows.length + month] += gone * advanced
        lines[ADVANCE_INTEREST * rows.length + month] += gone * charged
        lines[PRINCIPAL_RECOVERED * rows.length + month] += gone * back
        lines[INTEREST_RECOVERED * rows.length + month] += gone * interest
        lines[REALISED_LOSS * rows.length + month] += gone * loss
        outcome[LOSS] += gone * loss
        if gone > 0.0:
            outcome[LAST_MONTH] = max(outcome[LAST_MONTH], <double> month)
            outcome[NEGATIVE] = max(outcome[NEGATIVE], <double> (back < 0.0))


cdef inline void run_defaults(
    const PoolLoanRow* loan, const PoolTermsRow* terms, Rows* rows, const double* balance, Py_ssize_t first,
    Py_ssize_t last, bint arrears, double* lines, double* outcome,
) noexcept nogil:
    """Run the defaults of months [first, last] until their sales."""
    cdef Py_ssize_t i, end = last + 1, sold = max(first, min(end, rows.months - terms.recovery_months + 1))
    cdef Since since
    since.by_default = terms.severity_stated
    for i in range(first, end + MOST_LANES):
        rows.beta[i] = balance[i] if i < end else 0.0
        rows.advanced[i] = loan.advances if arrears and i == 0 else 0.0
        rows.charged[i] = rows.unpaid[i] = 0.0
        rows.going[i] = <double> (terms.advances != NO_ADVANCES)
    for i in range(terms.recovery_months):
        if first + i >= rows.months:
            break
        since.months, since.reduced = i, i >= terms.reduction_months
        since.open = i < terms.recovery_months - 1
        age(&since, rows, first, min(end, rows.months - i), lines, outcome)
    sell(terms, rows, balance, first, sold, lines, outcome)
    for i in range(sold, end):
        outcome[UNRESOLVED] += rows.gone[i]
