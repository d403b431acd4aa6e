"""Loans of a pool: paths without default, then defaults, recoveries, advances and prepayments by mass.

Axes: S scenario, L loan, M month; last axis contiguous. Only + - * / and the functions of numerics/: the same bits in every build.
"""

from libc.stdlib cimport free
from libc.string cimport memcpy, memset

from loans.contract cimport run_path, run_premiums
from loans.lines cimport *
from loans.masses cimport Path, Table, collect, monthly, net_interest, prepay, run_masses
from loans.recovery cimport run_defaults, sale_rows
from numerics.buffers cimport ANY, Array, Reals, integers, need, out, reals, rows, totals
from numerics.rows cimport in_t, lanes_t
from numerics.simd cimport WIDTH
from records cimport PoolLoanRow, PoolTermsRow

from rackrate.kernel import records

width = WIDTH                            # lanes of a vector of this build


def pool_paths(
    loans,                       # IN  [L] rows of POOL_LOAN
    terms,                       # IN  [1] row of POOL_TERMS
    rate,                        # IN  [L, M] per year
    accrual,                     # IN  [L, M]
    ncf,                         # IN  [L, M or more] of the whole property
    supported,                   # IN  [L, M + 1] whole loan that could be refinanced
    target,                      # IN  [L, M] written balance
    treasury,                    # IN  [M]
    protection,                  # IN  [L, M] OPEN, PENALTY, YIELD_MAINTENANCE or CLOSED
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
    cdef Reals income = reals(ncf, "ncf [loans, months or more]", count, ANY)
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
    need(income.shape[1] >= M, ncf, "ncf [loans, months or more], no fewer than the months of rate")
    with nogil:
        for x in range(count):
            run_path(&loan[x], how, M, rates.at + x * M, fractions.at + x * M, income.at + x * income.shape[1],
                     most.at + x * (M + 1), written.at + x * M, left.at + x * (M + 1), paid.at + x * M,
                     covers.at + x * M, end + 2 * x)
            run_premiums(&loan[x], M, rates.at + x * M, fractions.at + x * M, bond.at, kind + x * M,
                         charges.at + 2 * x * M, charges.at + (2 * x + 1) * M, left.at + x * (M + 1), paid.at + x * M,
                         premiums.at + x * M)


cdef inline void add_stocks(
    Py_ssize_t months, in_t stated, in_t bad, in_t stated_after, in_t bad_after, in_t net, in_t gone, in_t owed, double special,
    lanes_t balance, lanes_t defaulted, lanes_t accrued, lanes_t squares, lanes_t serviced,
) noexcept nogil:
    """Stated balances of a loan, performing and defaulted, and what is accrued and charged on the defaulted."""
    cdef Py_ssize_t i
    for i in range(months):
        balance[i] = balance[i] + (stated_after[i] + bad_after[i])
        defaulted[i] = defaulted[i] + bad_after[i]
        accrued[i] = accrued[i] + bad[i] * net[i]
        squares[i] = squares[i] + (stated[i] + bad[i]) * (stated[i] + bad[i])
        serviced[i] = serviced[i] + (bad[i] + gone[i] * owed[i]) * special


cdef inline void run_loan(
    const PoolLoanRow* loan, const PoolTermsRow* terms, const Path* path, const double* cdr, const Table* table, Rows* of,
    double* lines, double* outcome,
) noexcept nogil:
    """One loan of `pool_collateral`."""
    cdef Py_ssize_t n = of.length, M = of.months, months, first = 0, last
    memset(outcome, 0, OUTCOMES * sizeof(double))
    memset(of.stated, 0, 2 * n * sizeof(double))
    months = run_masses(loan, terms, path, cdr, table, of, lines + BALLOON * n, outcome)
    net_interest(M, path.rate, path.accrual, loan.fee_rate, of.net)
    collect(months, of.mass, of.alive, path.balance, path.rate, path.accrual, path.principal, loan.fee_rate, of.net,
            lines + INTEREST * n, lines + STRIP * n, lines + SCHEDULED * n, lines + ACCRUED * n)
    of.stated[0] = path.balance[0]
    prepay(months, of.prepaid, path.balance + 1, path.premium, path.rate, of.mass + 1, lines + PREPAID * n,
           lines + PREMIUMS * n, lines + PREMIUM_RATE * n, of.stated + 1)
    last = months - 1
    while first < months and of.gone[first] == 0.0:
        first += 1
    while last > first and of.gone[last] == 0.0:
        last -= 1
    if first < months:
        sale_rows(M, loan, terms, path.sale_value, path.principal, path.balance, of.backed, of.proceeds, of.enough, of.due)
        run_defaults(loan, terms, of, path.balance, first, last, loan.in_arrears and terms.arrears_default, lines, outcome)
        months = min(M, months + terms.recovery_months)
    add_stocks(months, of.stated, of.bad, of.stated + 1, of.bad + 1, of.net, of.gone, path.balance,
               terms.special_servicing / 12.0, lines + BALANCE * n, lines + DEFAULTED * n, lines + ACCRUED * n,
               lines + SQUARES * n, lines + SPECIAL_SERVICING * n)


cdef inline void set_rates(
    Rows* of, Py_ssize_t N, const double* days, const double* advance_rate, const double* cpr,
) noexcept nogil:
    """Rows that all loans share: interest on advances, and what prepays in a month."""
    cdef Py_ssize_t i, k
    cdef double yearly
    for i in range(of.months):
        of.charge[i] = advance_rate[i] * (days[i] / 360.0)
    for k in range(3):
        for i in range(of.months):
            yearly = cpr[k * N + i]
            of.prepaying[k * of.length + i] = (
                of.prepaying[k * of.length + i - 1] if i > 0 and yearly == cpr[k * N + i - 1] else monthly(yearly))


cdef inline void hand_over(const Rows* of, double* lines) noexcept nogil:
    """Write the lines of a scenario, [LINES, months]."""
    cdef Py_ssize_t k
    for k in range(LINES):
        memcpy(lines + k * of.months, of.lines + k * of.length, of.months * sizeof(double))


def pool_collateral(
    loans,                       # IN  [L] rows of POOL_LOAN
    terms,                       # IN  [S] rows of POOL_TERMS
    rate,                        # IN  [L, N] with N at least M
    accrual,                     # IN  [L, N]
    value,                       # IN  [L, N + 1] of the whole property
    sale_value,                       # IN  [L, N + 1] in a sale
    days,                        # IN  [N]
    advance_rate,                # IN  [N]
    cdr,                         # IN  [N]
    cpr,                         # IN  [3, N]
    scripted,                    # IN  [S, L] month of a scripted default; -1: none
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
    lines,                       # OUT [S, POOL_LINES, M]
    outcome,                     # OUT [S, L, POOL_OUTCOME]
):
    """Run defaults and prepayments of every loan in scenarios; rackrate.kernel.reference.pool says it in full."""
    cdef Array table_of = rows(loans, records.POOL_LOAN, "loans [loans]"), row = rows(terms, records.POOL_TERMS, "terms [scenarios]")
    cdef Reals rates = reals(rate, "rate [loans, months]", table_of.shape[0], ANY)
    cdef Py_ssize_t x, s, n, S = row.shape[0], count = table_of.shape[0], N = rates.shape[1]
    cdef Reals sums = out(lines, "lines [scenarios, POOL_LINES, months run]", S, LINES, ANY)
    cdef Py_ssize_t M = sums.shape[2]
    cdef Reals fractions = reals(accrual, "accrual [loans, months]", count, N)
    cdef Reals values = reals(value, "value [loans, months + 1]", count, N + 1)
    cdef Reals sales = reals(sale_value, "sale_value [loans, months + 1]", count, N + 1)
    cdef Reals lengths = reals(days, "days [months]", N), charges = reals(advance_rate, "advance_rate [months]", N)
    cdef Reals ruin = reals(cdr, "cdr [months]", N), calls = reals(cpr, "cpr [3, months]", 3, N)
    cdef Array script = integers(scripted, "scripted [scenarios, loans]", S, count)
    cdef Reals firsts = reals(closing_cover, "closing_cover [loans]", count)
    cdef Reals lows = reals(dscr_below, "dscr_below [rows]", ANY), highs = reals(ltv_up_to, "ltv_up_to [columns]", ANY)
    cdef Reals chances = reals(hazard, "hazard [rows + 1, columns + 1]", lows.shape[0] + 1, highs.shape[0] + 1)
    cdef Array kinds = integers(protection, "protection [loans, months]", count, N)
    cdef Reals left = reals(balance, "balance [loans, months + 1]", count, N + 1)
    cdef Reals paid = reals(principal, "principal [loans, months]", count, N)
    cdef Reals covers = reals(cover, "cover [loans, months]", count, N)
    cdef Reals premiums = reals(premium, "premium [loans, months]", count, N)
    cdef Array finals = integers(ends, "ends [loans, 2]", count, 2)
    cdef Reals ended = out(outcome, "outcome [scenarios, loans, POOL_OUTCOME]", S, count, OUTCOMES)
    cdef const PoolLoanRow* loan = <const PoolLoanRow*> table_of.at
    cdef const long long* end = <const long long*> finals.at
    cdef Path path
    cdef Table table
    cdef Rows of
    need(0 < M <= N, lines, "lines [scenarios, POOL_LINES, months run], no more than the months of rate")
    table.rows, table.columns = lows.shape[0], highs.shape[0]
    table.dscr_below, table.ltv_up_to, table.pd = lows.at, highs.at, chances.at
    if not lay_out(M, &of):
        raise MemoryError
    with nogil:
        set_rates(&of, N, lengths.at, charges.at, calls.at)
        for n in range(S * count):
            s, x = n // count, n % count
            path.rate, path.accrual = rates.at + x * N, fractions.at + x * N
            path.value, path.sale_value = values.at + x * (N + 1), sales.at + x * (N + 1)
            path.balance, path.principal = left.at + x * (N + 1), paid.at + x * N
            path.cover, path.premium = covers.at + x * N, premiums.at + x * N
            path.protection = <const long long*> kinds.at + x * N
            path.repaid, path.matured = end[2 * x], end[2 * x + 1]
            path.scripted = (<const long long*> script.at)[n]
            path.closing_cover = firsts.at[x]
            if x == 0:
                memset(of.lines, 0, LINES * of.length * sizeof(double))
            run_loan(&loan[x], &(<const PoolTermsRow*> row.at)[s], &path, ruin.at, &table, &of, of.lines, ended.at + n * OUTCOMES)
            if x == count - 1:
                hand_over(&of, sums.at + s * LINES * M)
        free(of.memory)
