"""Loans of a pool: paths without default, then defaults, recoveries, advances and prepayments by mass.

Design: a default of one month is run once per unit until its sale, and its mass is a factor. Axes: L loan, M month;
last axis contiguous. Only + - * / and the functions of scalar.pxd: the same bits on every machine.
"""

from libc.math cimport INFINITY
from libc.string cimport memset

from numerics.annuity cimport annuity_payment
from numerics.buffers cimport ANY, Array, Reals, integers, need, out, reals, rows, totals
from records cimport PoolLoanRow, PoolTermsRow
from numerics.elementary cimport twelfth_root

import numpy as np

from rackrate.kernel import records

cdef enum:
    LEVEL = 1
    PAYMENT = 2
    TARGET = 3
    PENALTY = 1
    YIELD_MAINTENANCE = 2
    CLOSED = 3
    PRINCIPAL_AND_INTEREST = 2

cdef enum:                               # rows of records.POOL_LINES
    INTEREST
    STRIP
    SCHEDULED
    PREPAID
    BALLOON
    PREMIUMS
    INTEREST_ADVANCED
    PRINCIPAL_ADVANCED
    REIMBURSED
    ADVANCE_INTEREST
    INTEREST_RECOVERED
    PRINCIPAL_RECOVERED
    SPECIAL_SERVICING
    REALISED_LOSS
    APPRAISAL_REDUCTION
    ADVANCES_OUTSTANDING
    BALANCE
    DEFAULTED
    ACCRUED
    PREMIUM_RATE
    SQUARES
    LINES

cdef enum:                               # columns of records.POOL_OUTCOME
    DEFAULTED_MASS
    PREPAID_MASS
    REPAID_MASS
    LOSS
    LAST_MONTH
    EXTENDED
    LEFT
    STOPPED
    NEGATIVE
    UNRESOLVED
    OUTCOMES

cdef double DUST = 1e-6


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
    if paid < 0 or loan.amortisation == 0 or i >= loan.term:
        return 0.0
    if loan.amortisation == TARGET:
        return max(0.0, owed - target)
    return min(owed, max(0.0, payment[0] - interest))


cdef void run_path(
    const PoolLoanRow* loan, const PoolTermsRow* terms, Py_ssize_t months, const double* rate, const double* accrual,
    const double* ncf, const double* supported, const double* target, double* balance, double* principal, double* cover,
    long long* ends,
) noexcept nogil:
    """One loan of `pool_paths`."""
    cdef Py_ssize_t i, at, k
    cdef long long final = loan.term + terms.extension_months
    cdef double owed = loan.balance, payment = loan.payment, interest, asked, spare, due
    cdef double income, income_1 = 0.0, income_2 = 0.0, service, service_1 = 0.0, service_2 = 0.0
    cdef bint hyper = False, holds, tested
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
        holds = not terms.test_maturity or owed / loan.share <= supported[at]
        if owed <= DUST or (tested and holds):
            ends[0] = i
            break
        hyper = hyper or at == loan.ard
        if at == final:
            if at < months:
                ends[1] = at
            break
    for k in range(i + 1, months):
        principal[k], cover[k], balance[k + 1] = 0.0, INFINITY, 0.0


cdef void run_premiums(
    const PoolLoanRow* loan, Py_ssize_t months, const double* rate, const double* accrual, const double* treasury,
    const long long* protection, const double* least, const double* spread, const double* balance,
    const double* principal, double* premium,
) noexcept nogil:
    """Premium on 1 of principal prepaid; the present value is rolled back once for each spread."""
    cdef Py_ssize_t i, end = min(months, contract_end(loan)), t = end
    cdef double worth = 0.0, flow, over, at_spread = 0.0
    for i in range(months - 1, -1, -1):
        premium[i] = least[i] if protection[i] == PENALTY else 0.0
        if protection[i] != YIELD_MAINTENANCE:
            continue
        if spread[i] != at_spread:
            worth, t, at_spread = 0.0, end, spread[i]
        while t > i + 1:
            t -= 1
            flow = balance[t] * rate[t] * accrual[t] + principal[t]
            if t == end - 1:
                flow += balance[end]
            worth = (flow + worth) / (1.0 + (treasury[t] + at_spread) / 12.0)
        over = worth / balance[i + 1] - 1.0 if i + 1 < end and balance[i + 1] > DUST else -1.0
        premium[i] = max(least[i], over)


def pool_paths(
    loans,                       # IN  [L] rows of POOL_LOAN
    terms,                       # IN  [1] row of POOL_TERMS
    rate,                        # IN  [L, M] per year
    accrual,                     # IN  [L, M]
    ncf,                         # IN  [L, M] of the whole property
    supported,                   # IN  [L, M + 1] whole loan that could be refinanced
    target,                      # IN  [L, M] written balance
    treasury,                    # IN  [M]
    protection,                  # IN  [L, M] 0 open, 1 penalty, 2 yield maintenance, 3 closed
    premium_terms,               # IN  [L, 2, M] penalty or floor, spread
    balance,                     # OUT [L, M + 1]
    principal,                   # OUT [L, M]
    cover,                       # OUT [L, M]
    premium,                     # OUT [L, M]
    ends,                        # OUT [L, 2] month that repays, month of maturity default; -1: none
):
    """Run every loan without default; rackrate.kernel.reference.pool says it in full."""
    cdef Array table = rows(loans, records.POOL_LOAN, "loans [loans]"), row = rows(terms, records.POOL_TERMS, "terms [1]", 1)
    cdef Reals rates = reals(rate, "rate [loans, months]", table.shape[0], ANY)
    cdef Py_ssize_t x, count = table.shape[0], M = rates.shape[1]
    cdef Reals fractions = reals(accrual, "accrual [loans, months]", count, M)
    cdef Reals income = reals(ncf, "ncf [loans, months]", count, M)
    cdef Reals most = reals(supported, "supported [loans, months + 1]", count, M + 1)
    cdef Reals written = reals(target, "target [loans, months]", count, M), bond = reals(treasury, "treasury [months]", M)
    cdef Array kinds = integers(protection, "protection [loans, months]", count, M)
    cdef Reals charges = reals(premium_terms, "premium_terms [loans, 2, months]", count, 2, M)
    cdef Reals left = out(balance, "balance [loans, months + 1]", count, M + 1)
    cdef Reals paid = out(principal, "principal [loans, months]", count, M)
    cdef Reals covers = out(cover, "cover [loans, months]", count, M)
    cdef Reals premiums = out(premium, "premium [loans, months]", count, M)
    cdef Array finals = totals(ends, "ends [loans, 2]", count, 2)
    cdef const PoolLoanRow* loan = <const PoolLoanRow*> table.at
    cdef const PoolTermsRow* how = <const PoolTermsRow*> row.at
    cdef const long long* kind = <const long long*> kinds.at
    cdef long long* end = <long long*> finals.at
    need(M > 0, rate, "rate [loans, months > 0]")
    with nogil:
        for x in range(count):
            run_path(&loan[x], how, M, rates.at + x * M, fractions.at + x * M, income.at + x * M,
                     most.at + x * (M + 1), written.at + x * M, left.at + x * (M + 1), paid.at + x * M,
                     covers.at + x * M, end + 2 * x)
            run_premiums(&loan[x], M, rates.at + x * M, fractions.at + x * M, bond.at, kind + x * M,
                         charges.at + 2 * x * M, charges.at + (2 * x + 1) * M, left.at + x * (M + 1), paid.at + x * M,
                         premiums.at + x * M)


cdef struct Table:                       # one-year default probabilities
    Py_ssize_t rows
    Py_ssize_t columns
    const double* dscr_below
    const double* ltv_up_to
    const double* pd


cdef struct Curves:                      # by month, for all loans
    const double* days
    const double* advance_rate
    const double* cdr
    const double* cpr


cdef struct Path:                        # of one loan
    const double* rate
    const double* accrual
    const double* value
    const double* worth
    const double* balance
    const double* principal
    const double* cover
    const double* premium
    const long long* protection
    long long repaid
    long long matured
    long long scripted
    double closing_cover


cdef inline double monthly(double yearly) noexcept nogil:
    """Share of a month of a yearly probability."""
    return 1.0 - twelfth_root(1.0 - yearly) if 0.0 < yearly < 1.0 else yearly


cdef inline double probability(const Table* table, double dscr, double ltv) noexcept nogil:
    cdef Py_ssize_t r = 0, c = 0
    while r < table.rows and not dscr < table.dscr_below[r]:
        r += 1
    while c < table.columns and not ltv <= table.ltv_up_to[c]:
        c += 1
    return table.pd[r * (table.columns + 1) + c]


cdef void run_default(
    const PoolLoanRow* loan, const PoolTermsRow* terms, const Path* path, const Curves* curves, Py_ssize_t months,
    Py_ssize_t i, double mass, bint arrears, double* lines, double* stated, double* bad, double* outcome,
) noexcept nogil:
    """What a default of month `i` brings until the property is sold, times the mass that defaults."""
    cdef Py_ssize_t j, last = i + terms.recovery_months - 1, M = months
    cdef long long end = contract_end(loan)
    cdef double owed = path.balance[i], beta = owed, unpaid = 0.0, charged = 0.0, interest, repaid, paid, cut, expected
    cdef double advanced = loan.advances if arrears else 0.0, net, back, loss, interest_back = 0.0
    cdef double kept = loan.share * (1.0 - terms.costs), backed = terms.appraisal_share * loan.share
    cdef bint stopped = terms.advances == 0
    for j in range(i, min(last + 1, M)):
        interest = beta * (path.rate[j] - loan.fee_rate) * path.accrual[j]
        if j > i:
            lines[ACCRUED * M + j] += mass * interest
        charged += advanced * curves.advance_rate[j] * (curves.days[j] / 360.0)
        cut = paid = repaid = 0.0
        if j - i >= terms.reduction_months:
            cut = min(max(beta + advanced + charged + unpaid - backed * path.worth[j], 0.0), beta)
            lines[APPRAISAL_REDUCTION * M + j] += mass * cut
        lines[SPECIAL_SERVICING * M + j] += mass * beta * terms.special_servicing / 12.0
        if not stopped:
            paid = interest * (1.0 - cut / beta) if beta > 0.0 else 0.0
            repaid = min(beta, path.principal[j]) if terms.advances == PRINCIPAL_AND_INTEREST and j < end else 0.0
            expected = (1.0 - terms.severity) * owed if terms.severity_stated else kept * path.worth[j]
            if advanced + charged + paid + repaid > terms.stop_share * expected:
                stopped, paid, repaid = True, 0.0, 0.0
                outcome[STOPPED] = 1.0
        advanced += paid + repaid
        beta -= repaid
        unpaid += interest - paid
        lines[INTEREST_ADVANCED * M + j] += mass * paid
        lines[PRINCIPAL_ADVANCED * M + j] += mass * repaid
        if paid + repaid != 0.0:
            outcome[LAST_MONTH] = max(outcome[LAST_MONTH], <double> j)
        if j < last:
            lines[ADVANCES_OUTSTANDING * M + j] += mass * advanced
            stated[j + 1] += mass * beta
            bad[j + 1] += mass * beta
    if last >= M:
        outcome[UNRESOLVED] += mass
        return
    if terms.severity_stated:
        loss = terms.severity * owed
        back = beta - loss
    else:
        net = min(kept * path.worth[last + 1], beta + advanced + charged + unpaid) - advanced - charged
        back = min(beta, net)
        loss, interest_back = beta - back, max(0.0, net - beta)
    lines[REIMBURSED * M + last] += mass * advanced
    lines[ADVANCE_INTEREST * M + last] += mass * charged
    lines[PRINCIPAL_RECOVERED * M + last] += mass * back
    lines[INTEREST_RECOVERED * M + last] += mass * interest_back
    lines[REALISED_LOSS * M + last] += mass * loss
    outcome[LOSS] += mass * loss
    outcome[LAST_MONTH] = max(outcome[LAST_MONTH], <double> last)
    if back < 0.0:
        outcome[NEGATIVE] = 1.0


cdef inline double defaults_in(
    const PoolLoanRow* loan, const PoolTermsRow* terms, const Path* path, const Curves* curves, const Table* table,
    Py_ssize_t i,
) noexcept nogil:
    """Share of a performing loan that defaults by rates in month `i`."""
    cdef double yearly = curves.cdr[i], ltv = INFINITY
    if terms.hazard > 0.0:
        if path.value[i] > 0.0:
            ltv = path.balance[i] / loan.share / path.value[i]
        yearly += terms.hazard * probability(table, path.cover[i - 1] if i > 0 else path.closing_cover, ltv)
    return monthly(min(1.0, terms.cdr_multiple * yearly))


cdef void run_loan(
    const PoolLoanRow* loan, const PoolTermsRow* terms, const Path* path, const Curves* curves, const Table* table,
    Py_ssize_t M, double* lines, double* stated, double* bad, double* outcome,
) noexcept nogil:
    """One loan of `pool_collateral`."""
    cdef Py_ssize_t i
    cdef long long below = 0
    cdef double mass = 1.0, gone, owed, left, rate
    cdef bint whole, arrears = loan.in_arrears and terms.arrears_default
    memset(outcome, 0, OUTCOMES * sizeof(double))
    memset(stated, 0, (M + 1) * sizeof(double))
    memset(bad, 0, (M + 1) * sizeof(double))
    outcome[LAST_MONTH] = -1.0
    stated[0] = path.balance[0]
    for i in range(M):
        owed, rate = path.balance[i], path.rate[i] * path.accrual[i]
        lines[ACCRUED * M + i] += mass * owed * (path.rate[i] - loan.fee_rate) * path.accrual[i]
        whole = i == path.scripted or i == path.matured or (arrears and i == 0)
        if terms.below_months > 0:
            whole = whole or below >= terms.below_months
            below = below + 1 if path.cover[i] < terms.below_dscr else 0
        gone = mass if whole else mass * defaults_in(loan, terms, path, curves, table, i)
        if gone > 0.0:
            outcome[DEFAULTED_MASS] += gone
            run_default(loan, terms, path, curves, M, i, gone, arrears and i == 0, lines, stated, bad, outcome)
        mass -= gone
        if mass <= 0.0:
            mass = 0.0
            break
        lines[INTEREST * M + i] += mass * owed * rate
        lines[STRIP * M + i] += mass * owed * loan.fee_rate * path.accrual[i]
        lines[SCHEDULED * M + i] += mass * path.principal[i]
        outcome[LAST_MONTH] = max(outcome[LAST_MONTH], <double> i)
        if i >= loan.term:
            outcome[EXTENDED] = 1.0
        left = path.balance[i + 1]
        if i == path.repaid or left <= DUST:
            lines[BALLOON * M + i] += mass * left
            outcome[REPAID_MASS] += mass
            mass = 0.0
            break
        if path.protection[i] != CLOSED:
            gone = mass * monthly(curves.cpr[path.protection[i] * M + i])
            lines[PREPAID * M + i] += gone * left
            lines[PREMIUMS * M + i] += gone * left * path.premium[i]
            lines[PREMIUM_RATE * M + i] += gone * left * path.premium[i] * path.rate[i]
            outcome[PREPAID_MASS] += gone
            mass -= gone
        stated[i + 1] += mass * left
    outcome[LEFT] = mass
    for i in range(M):
        lines[BALANCE * M + i] += stated[i + 1]
        lines[DEFAULTED * M + i] += bad[i + 1]
        lines[SQUARES * M + i] += stated[i] * stated[i]


def pool_collateral(
    loans,                       # IN  [L] rows of POOL_LOAN
    terms,                       # IN  [1] row of POOL_TERMS
    rate,                        # IN  [L, N] with N at least M
    accrual,                     # IN  [L, N]
    value,                       # IN  [L, N + 1] of the whole property
    worth,                       # IN  [L, N + 1] in a sale
    days,                        # IN  [N]
    advance_rate,                # IN  [N]
    cdr,                         # IN  [N]
    cpr,                         # IN  [3, N]
    scripted,                    # IN  [L] month of a scripted default; -1: none
    closing_cover,               # IN  [L]
    dscr_below,                  # IN  [R]
    ltv_up_to,                   # IN  [C]
    hazard,                      # IN  [R + 1, C + 1]
    protection,                  # IN  [L, N]
    balance,                     # IN  [L, N + 1] as pool_paths left them, and so on
    principal,
    cover,
    premium,
    ends,
    lines,                       # OUT [POOL_LINES, M]
    outcome,                     # OUT [L, POOL_OUTCOME]
):
    """Run defaults and prepayments of every loan; rackrate.kernel.reference.pool says it in full."""
    cdef Array table_of = rows(loans, records.POOL_LOAN, "loans [loans]"), row = rows(terms, records.POOL_TERMS, "terms [1]", 1)
    cdef Reals rates = reals(rate, "rate [loans, months]", table_of.shape[0], ANY)
    cdef Reals sums = out(lines, "lines [POOL_LINES, months run]", LINES, ANY)
    cdef Py_ssize_t x, count = table_of.shape[0], N = rates.shape[1], M = sums.shape[1]
    cdef Reals fractions = reals(accrual, "accrual [loans, months]", count, N)
    cdef Reals values = reals(value, "value [loans, months + 1]", count, N + 1)
    cdef Reals sales = reals(worth, "worth [loans, months + 1]", count, N + 1)
    cdef Reals lengths = reals(days, "days [months]", N), charges = reals(advance_rate, "advance_rate [months]", N)
    cdef Reals ruin = reals(cdr, "cdr [months]", N), calls = reals(cpr, "cpr [3, months]", 3, N)
    cdef Array script = integers(scripted, "scripted [loans]", count)
    cdef Reals firsts = reals(closing_cover, "closing_cover [loans]", count)
    cdef Reals lows = reals(dscr_below, "dscr_below [rows]", ANY), highs = reals(ltv_up_to, "ltv_up_to [columns]", ANY)
    cdef Reals chances = reals(hazard, "hazard [rows + 1, columns + 1]", lows.shape[0] + 1, highs.shape[0] + 1)
    cdef Array kinds = integers(protection, "protection [loans, months]", count, N)
    cdef Reals left = reals(balance, "balance [loans, months + 1]", count, N + 1)
    cdef Reals paid = reals(principal, "principal [loans, months]", count, N)
    cdef Reals covers = reals(cover, "cover [loans, months]", count, N)
    cdef Reals premiums = reals(premium, "premium [loans, months]", count, N)
    cdef Array finals = integers(ends, "ends [loans, 2]", count, 2)
    cdef Reals ended = out(outcome, "outcome [loans, POOL_OUTCOME]", count, OUTCOMES)
    cdef const PoolLoanRow* loan = <const PoolLoanRow*> table_of.at
    cdef const long long* end = <const long long*> finals.at
    cdef Path path
    cdef Curves curves
    cdef Table table
    need(0 < M <= N, lines, "lines [POOL_LINES, months run], no more than the months of rate")
    # The curves of prepayment are read by the month of a short run: cut them to it.
    kept = np.ascontiguousarray(cpr[:, :M])
    cdef Reals short_calls = reals(kept, "cpr [3, months run]", 3, M)
    room = np.empty((2, M + 1))
    cdef Reals stocks = out(room, "room [2, months run + 1]", 2, M + 1)
    curves.days, curves.advance_rate, curves.cdr, curves.cpr = lengths.at, charges.at, ruin.at, short_calls.at
    table.rows, table.columns = lows.shape[0], highs.shape[0]
    table.dscr_below, table.ltv_up_to, table.pd = lows.at, highs.at, chances.at
    with nogil:
        memset(sums.at, 0, LINES * M * sizeof(double))
        for x in range(count):
            path.rate, path.accrual = rates.at + x * N, fractions.at + x * N
            path.value, path.worth = values.at + x * (N + 1), sales.at + x * (N + 1)
            path.balance, path.principal = left.at + x * (N + 1), paid.at + x * N
            path.cover, path.premium = covers.at + x * N, premiums.at + x * N
            path.protection = <const long long*> kinds.at + x * N
            path.repaid, path.matured = end[2 * x], end[2 * x + 1]
            path.scripted = (<const long long*> script.at)[x]
            path.closing_cover = firsts.at[x]
            run_loan(&loan[x], <const PoolTermsRow*> row.at, &path, &curves, &table, M, sums.at,
                     stocks.at, stocks.at + M + 1, ended.at + x * OUTCOMES)
