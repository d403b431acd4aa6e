# A loan without default: scheduled principal, refinancing, extension, and the premium on what is prepaid.

from libc.math cimport INFINITY

from loans.lines cimport DUST
from numerics.annuity cimport annuity_payment
from records cimport INTEREST_ONLY, LEVEL, PENALTY, WRITTEN_BALANCE, YIELD_MAINTENANCE, PoolLoanRow, PoolTermsRow


cdef inline long long contract_end(const PoolLoanRow* loan) noexcept nogil:
    return loan.ard if loan.ard > 0 else loan.term


cdef inline double asked_of(
    const PoolLoanRow* loan, Py_ssize_t i, double owed, double interest, double target, const double* rate, double* payment,
) noexcept nogil:
    """Principal the contract asks for in month `i`; `payment` is the level payment in force."""
    cdef long long paid = i - loan.interest_only, left = loan.amortisation_months - paid
    if loan.amortisation == LEVEL:
        if left < 1:
            payment[0] = 0.0
        elif paid >= 0 and (paid == 0 or rate[i] != rate[i - 1]):
            payment[0] = owed * annuity_payment(rate[i] / 12.0, left)
    if paid < 0 or loan.amortisation == INTEREST_ONLY or i >= loan.term:
        return 0.0
    if loan.amortisation == WRITTEN_BALANCE:
        return max(0.0, owed - target)
    return min(owed, max(0.0, payment[0] - interest))


cdef inline void run_path(
    const PoolLoanRow* loan, const PoolTermsRow* terms, Py_ssize_t months, const double* rate, const double* accrual,
    const double* ncf, const double* supported, const double* target, double* balance, double* principal, double* cover,
    long long* ends,
) noexcept nogil:
    """One loan of `pool_paths`."""
    cdef Py_ssize_t i = 0, at, k
    cdef long long final = loan.term + terms.extension_months
    cdef double owed = loan.balance, payment = loan.payment, interest, asked, spare, due
    cdef double income, income_1 = 0.0, income_2 = 0.0, service, service_1 = 0.0, service_2 = 0.0
    cdef bint hyper = False, tested
    ends[0] = ends[1] = -1
    balance[0] = owed
    for i in range(months):
        at = i + 1
        interest = owed * rate[i] * accrual[i]
        asked = asked_of(loan, i, owed, interest, target[i], rate, &payment)
        income, service = loan.share * ncf[i], interest + asked
        due = service_2 + service_1 + service
        cover[i] = (income_2 + income_1 + income) / due if due > 0.0 else INFINITY
        income_2, income_1, service_2, service_1 = income_1, income, service_1, service
        spare = max(0.0, income - interest)
        if i >= loan.term:
            asked = min(owed, terms.extension_sweep * spare)
        elif hyper:
            asked = min(owed, max(asked, spare))
        principal[i] = asked
        owed -= asked
        balance[at] = owed
        tested = at == loan.ard or (at >= loan.term and ((at - loan.term) % terms.retest_months == 0 or at == final))
        if owed <= DUST or (tested and (not terms.test_maturity or owed / loan.share <= supported[at])):
            ends[0] = i
            break
        hyper = hyper or at == loan.ard
        if at == final:
            if at < months:
                ends[1] = at
            break
    for k in range(i + 1, months):
        principal[k], cover[k], balance[k + 1] = 0.0, INFINITY, 0.0


cdef inline void run_premiums(
    const PoolLoanRow* loan, Py_ssize_t months, const double* rate, const double* accrual, const double* treasury,
    const long long* protection, const double* least, const double* spread, const double* balance,
    const double* principal, double* premium,
) noexcept nogil:
    """Premium on 1 of principal prepaid; the present value is rolled back once for each spread."""
    cdef Py_ssize_t i, end = min(months, contract_end(loan)), t = end
    cdef double present_value = 0.0, flow, over, at_spread = 0.0
    for i in range(months - 1, -1, -1):
        premium[i] = least[i] if protection[i] == PENALTY else 0.0
        if protection[i] != YIELD_MAINTENANCE:
            continue
        if spread[i] != at_spread:
            present_value, t, at_spread = 0.0, end, spread[i]
        while t > i + 1:
            t -= 1
            flow = balance[t] * rate[t] * accrual[t] + principal[t]
            if t == end - 1:
                flow += balance[end]
            present_value = (flow + present_value) / (1.0 + (treasury[t] + at_spread) / 12.0)
        over = present_value / balance[i + 1] - 1.0 if i + 1 < end and balance[i + 1] > DUST else -1.0
        premium[i] = max(least[i], over)
