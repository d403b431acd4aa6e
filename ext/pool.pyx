"""Loans of a pool: paths without default, then defaults, recoveries, advances and prepayments by mass.

Axes: S scenario, L loan, M month; last axis contiguous. Only + - * / and the functions of numerics/: the same bits in every build.
"""

from libc.stdlib cimport free
from libc.string cimport memset

from loans.contract cimport run_path, run_premiums
from loans.haircut cimport Cut, Limits, Property, lay_out_cut, run_cut
from loans.lines cimport *
from loans.loan cimport hand_over, run_loan, set_rates
from loans.masses cimport Path, Table
from numerics.buffers cimport ANY, Array, Reals, integers, need, out, reals, rows, totals
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


def pool_under_haircuts(
    loans,                       # IN  [L] rows of POOL_LOAN
    terms,                       # IN  [1] row of POOL_TERMS
    rate,                        # IN  [L, N], and so on as in pool_paths
    accrual,
    target,
    treasury,
    protection,
    premium_terms,
    flows,                       # IN  [2, L, N or more] of the whole property, and what a haircut is taken of
    years,                       # IN  [2, L, N + 1] the same of the twelve months from each boundary
    closing,                     # IN  [2, L] the same at closing, per year
    value,                       # IN  [L, N + 1] of the whole property
    special,                     # IN  [L] row of capitals; -1: the year over the rate is what is capitalised
    capitals,                    # IN  [X, 2, 3, N + 1] in the refinance test and a recovery: as flows, and kept beside
    double dscr_constant,        # of the refinance test; 0: no such leg, and so on
    double ltv,
    double refinance_cap,
    double recovery_cap,
    double decline,              # of the value in a sale
    days,                        # IN  [N], and so on as in pool_collateral
    advance_rate,
    cdr,
    cpr,
    scripted,                    # IN  [L]
    dscr_below,
    ltv_up_to,
    hazard,
    haircuts,                    # IN  [S]
    lines,                       # OUT [S, POOL_LINES, M]
    outcome,                     # OUT [S, L, POOL_OUTCOME]
):
    """Run paths, defaults and prepayments under haircuts of the properties; rackrate.kernel.reference.pool says it in full."""
    cdef Array table_of = rows(loans, records.POOL_LOAN, "loans [loans]"), row = rows(terms, records.POOL_TERMS, "terms [1]", 1)
    cdef Reals rates = reals(rate, "rate [loans, months]", table_of.shape[0], ANY)
    cdef Reals cuts = reals(haircuts, "haircuts [haircuts]", ANY)
    cdef Py_ssize_t x, s, n, S = cuts.shape[0], count = table_of.shape[0], N = rates.shape[1]
    cdef Reals sums = out(lines, "lines [haircuts, POOL_LINES, months run]", S, LINES, ANY)
    cdef Py_ssize_t M = sums.shape[2], size = N + 1
    cdef Reals fractions = reals(accrual, "accrual [loans, months]", count, N)
    cdef Reals written = reals(target, "target [loans, months]", count, N), bond = reals(treasury, "treasury [months]", N)
    cdef Array kinds = integers(protection, "protection [loans, months]", count, N)
    cdef Reals charges = reals(premium_terms, "premium_terms [loans, 2, months]", count, 2, N)
    cdef Reals flow = reals(flows, "flows [2, loans, months or more]", 2, count, ANY)
    cdef Reals year = reals(years, "years [2, loans, months + 1]", 2, count, size)
    cdef Reals firsts = reals(closing, "closing [2, loans]", 2, count)
    cdef Reals values = reals(value, "value [loans, months + 1]", count, size)
    cdef Array own = integers(special, "special [loans]", count)
    cdef Reals capital = reals(capitals, "capitals [special, 2, 3, months + 1]", ANY, 2, 3, size)
    cdef Reals lengths = reals(days, "days [months]", N), interest = reals(advance_rate, "advance_rate [months]", N)
    cdef Reals ruin = reals(cdr, "cdr [months]", N), calls = reals(cpr, "cpr [3, months]", 3, N)
    cdef Array script = integers(scripted, "scripted [loans]", count)
    cdef Reals lows = reals(dscr_below, "dscr_below [rows]", ANY), highs = reals(ltv_up_to, "ltv_up_to [columns]", ANY)
    cdef Reals chances = reals(hazard, "hazard [rows + 1, columns + 1]", lows.shape[0] + 1, highs.shape[0] + 1)
    cdef Reals ended = out(outcome, "outcome [haircuts, loans, POOL_OUTCOME]", S, count, OUTCOMES)
    cdef const PoolLoanRow* loan = <const PoolLoanRow*> table_of.at
    cdef const PoolTermsRow* how = <const PoolTermsRow*> row.at
    cdef const long long* place = <const long long*> own.at
    cdef Limits limits
    cdef Property held
    cdef Path path
    cdef Table table
    cdef Rows of
    cdef Cut cut
    need(0 < M <= N, lines, "lines [haircuts, POOL_LINES, months run], no more than the months of rate")
    need(flow.shape[2] >= N, flows, "flows [2, loans, months or more], no fewer than the months of rate")
    for x in range(count):
        need(-1 <= place[x] < capital.shape[0], special, "special [loans], each -1 or pointing at a row of capitals")
    limits.dscr_constant, limits.ltv, limits.refinance_cap = dscr_constant, ltv, refinance_cap
    limits.recovery_cap, limits.decline = recovery_cap, decline
    table.rows, table.columns = lows.shape[0], highs.shape[0]
    table.dscr_below, table.ltv_up_to, table.pd = lows.at, highs.at, chances.at
    if not lay_out(M, &of):
        raise MemoryError
    if not lay_out_cut(N, &cut):
        free(of.memory)
        raise MemoryError
    with nogil:
        set_rates(&of, N, lengths.at, interest.at, calls.at)
        for n in range(S * count):
            s, x = n // count, n % count
            held.ncf, held.positive = flow.at + x * flow.shape[2], flow.at + (count + x) * flow.shape[2]
            held.year, held.year_of_positive = year.at + x * size, year.at + (count + x) * size
            held.value, held.closing, held.closing_positive = values.at + x * size, firsts.at[x], firsts.at[count + x]
            held.at_refinance = capital.at + 6 * place[x] * size if place[x] >= 0 else NULL
            held.at_recovery = held.at_refinance + 3 * size if place[x] >= 0 else NULL
            path.rate, path.accrual = rates.at + x * N, fractions.at + x * N
            path.protection = <const long long*> kinds.at + x * N
            path.scripted = (<const long long*> script.at)[x]
            run_cut(&loan[x], how, N, cuts.at[s], &limits, &held, written.at + x * N, bond.at, charges.at + 2 * x * N, &cut, &path)
            if x == 0:
                memset(of.lines, 0, LINES * of.length * sizeof(double))
            run_loan(&loan[x], how, &path, ruin.at, &table, &of, of.lines, ended.at + n * OUTCOMES)
            if x == count - 1:
                hand_over(&of, sums.at + s * LINES * M)
        free(of.memory)
        free(cut.memory)
