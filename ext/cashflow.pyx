"""Cash flow: from base rent to net cash flow, line by line, facility by facility."""

# Design: lines are passes over rows of months, which the compiler turns into vectors. Each is added to its group's as soon
# as it is known; what a later line needs of the facility alone is kept in a row of scratch.

from libc.stdlib cimport free, malloc

from numerics.buffers cimport ANY, Array, Reals, need, out, reals, rows
from numerics.rows cimport add, fill, in_t, lanes_t
from records cimport CostRow, FacilityRow, ScenarioRow
from numerics.growth cimport climb

from rackrate.kernel.records import COST, FACILITY, SCENARIO

cdef enum:                               # columns of a letting
    BASE_RENT = 0
    PAYING_KW = 1
    OCCUPIED_KW = 2
    LEASING = 7
    TERMINATION = 8
    LETTING = 9

cdef enum:                               # columns of power
    POWER_PAID = 3
    RECOVERY = 4
    POWER = 6

cdef enum:                               # lines, named for Python in kernel/records.py; operating costs follow
    RENT, POWER_RECOVERY, OTHER_INCOME, VACANCY, EGI, POWER_COST, GROUND_RENT, MANAGEMENT_FEE, NOI, CAPITAL_RESERVE
    LEASING_COSTS, NCF_HAIRCUT, NCF, TERMINATION_RECEIPTS, AVAILABLE, LINES

cdef enum:
    ROWS = 4                             # of months, in scratch

cdef struct Statement:                   # one facility in one scenario
    const double* letting
    const double* power
    double* ground                       # ground rent
    double* operating                    # operating costs
    double* egi
    double* noi


cdef inline void raise_by(Py_ssize_t n, double amount, lanes_t x) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        x[i] += amount


cdef inline void spend(Py_ssize_t n, double factor, in_t amount, lanes_t line, lanes_t operating) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        line[i] += amount[i] * factor
        operating[i] += amount[i] * factor


cdef inline void spend_per_kw(Py_ssize_t n, double factor, in_t amount, in_t kw, lanes_t line, lanes_t operating
                              ) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        line[i] += amount[i] * factor * kw[i]
        operating[i] += amount[i] * factor * kw[i]


cdef inline void gain(Py_ssize_t n, double floor, double capacity, double sla, double other, in_t rent, in_t paying,
                      in_t recovery, lanes_t egi, lanes_t vacancy_line, lanes_t egi_line) noexcept nogil:
    """Effective gross income: what stands empty below the floor counts as empty."""
    cdef Py_ssize_t i
    cdef double empty, vacancy
    for i in range(n):
        empty = floor - (1.0 - paying[i] / capacity)
        vacancy = rent[i] * ((empty if empty > 0.0 else 0.0) + sla)
        egi[i] = rent[i] + recovery[i] + other - vacancy
        vacancy_line[i] += vacancy
        egi_line[i] += egi[i]


cdef inline void operate(Py_ssize_t n, double fee, in_t egi, in_t recovery, in_t cost, in_t operating, in_t ground,
                         lanes_t noi, lanes_t fee_line, lanes_t noi_line) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        noi[i] = egi[i] - cost[i] - operating[i] - ground[i] - fee * (egi[i] - recovery[i])
        fee_line[i] += fee * (egi[i] - recovery[i])
        noi_line[i] += noi[i]


cdef inline void clear(Py_ssize_t n, double reserve, double share, in_t noi, in_t leasing, in_t receipts, lanes_t ncf,
                       lanes_t haircut_line, lanes_t ncf_line, lanes_t available_line) noexcept nogil:
    """Net cash flow, less a share of what is positive; and what the waterfall distributes."""
    cdef Py_ssize_t i
    cdef double before, haircut
    for i in range(n):
        before = noi[i] - reserve - leasing[i]
        haircut = share * (before if before > 0.0 else 0.0)
        ncf[i] = before - haircut
        haircut_line[i] += haircut
        ncf_line[i] += ncf[i]
        available_line[i] += ncf[i] + receipts[i]


cdef void state(const FacilityRow* facility, const ScenarioRow* scenario, Py_ssize_t n, Py_ssize_t M, const Statement* of,
                double* ncf, double* line) noexcept nogil:
    """One facility's months: the lines from rent to what is available for the waterfall, operating costs known."""
    cdef const double* rent = of.letting + BASE_RENT * M
    cdef const double* recovery = of.power + RECOVERY * M
    cdef const double* cost = of.power + POWER_PAID * M
    cdef const double* leasing = of.letting + LEASING * M
    cdef const double* receipts = of.letting + TERMINATION * M
    cdef double other = facility.other_income / 12.0
    cdef double reserve = facility.capacity_kw * max(facility.capex_reserve, scenario.capex_reserve_floor) / 12.0
    add(n, rent, line + RENT * M)
    add(n, recovery, line + POWER_RECOVERY * M)
    raise_by(n, other, line + OTHER_INCOME * M)
    gain(n, max(facility.vacancy_floor, scenario.vacancy_floor), facility.capacity_kw,
         facility.sla_credit_share * facility.curtailment_share, other, rent, of.letting + PAYING_KW * M, recovery, of.egi,
         line + VACANCY * M, line + EGI * M)
    add(n, cost, line + POWER_COST * M)
    add(n, of.ground, line + GROUND_RENT * M)
    operate(n, max(facility.management_fee, scenario.management_fee_floor), of.egi, recovery, cost, of.operating, of.ground,
            of.noi, line + MANAGEMENT_FEE * M, line + NOI * M)
    raise_by(n, reserve, line + CAPITAL_RESERVE * M)
    add(n, leasing, line + LEASING_COSTS * M)
    clear(n, reserve, scenario.ncf_haircut, of.noi, leasing, receipts, ncf, line + NCF_HAIRCUT * M, line + NCF * M,
          line + AVAILABLE * M)
    add(n, receipts, line + TERMINATION_RECEIPTS * M)


cdef inline void by_month(Py_ssize_t n, double annual, lanes_t level) noexcept nogil:
    """A twelfth of a yearly amount, at its level."""
    cdef Py_ssize_t i
    for i in range(n):
        level[i] = annual * level[i] / 12.0


def net(
    facilities,                          # IN FACILITY [F]
    costs,                               # IN COST [Q] facility by facility
    scenarios,                           # IN SCENARIO [S]
    amounts,                             # IN [Q, M] per month, or per kW and month, growth in
    letting,                             # IN [S, F, 9, M] of `let`
    power,                               # IN [S, F, 6, M] of `supply`
    lines,                               # OUT [S, G, 15 + operating costs, M] by group of facilities
    facility_ncf,                        # OUT [S, F, M]
):
    """Every line of the cash flow by group, and each facility's net cash flow. A leasehold's is zero from its expiry."""
    cdef Array estate = rows(facilities, FACILITY, "facilities [facilities]"), spent = rows(costs, COST, "costs [costs]")
    cdef Array cases = rows(scenarios, SCENARIO, "scenarios [scenarios]")
    cdef Py_ssize_t S = cases.shape[0], F = estate.shape[0], Q = spent.shape[0]
    cdef Reals let = reals(letting, "letting [scenarios, facilities, 9, months]", S, F, LETTING, ANY)
    cdef Py_ssize_t M = let.shape[3], G, L, s, f, q, n
    cdef Reals supplied = reals(power, "power [scenarios, facilities, 6, months]", S, F, POWER, M)
    cdef Reals each = reals(amounts, "amounts [costs, months]", Q, M if Q else ANY)
    cdef Reals found = out(lines, "lines [scenarios, groups, 15 + operating costs, months]", S, ANY, ANY, M)
    cdef Reals ncf = out(facility_ncf, "facility_ncf [scenarios, facilities, months]", S, F, M)
    cdef const CostRow* cost = <const CostRow*> spent.at
    cdef const FacilityRow* facility
    cdef const ScenarioRow* scenario
    cdef double* memory
    cdef double* line
    cdef Statement of
    G, L = found.shape[1], found.shape[2]
    need(L >= LINES, lines, "lines [scenarios, groups, 15 + operating costs, months]")
    memory = <double*> malloc(ROWS * M * sizeof(double))
    if memory is NULL:
        raise MemoryError("no room for the months of a facility")
    of.ground, of.operating, of.egi, of.noi = memory, memory + M, memory + 2 * M, memory + 3 * M
    with nogil:
        for s in range(S):
            scenario = <const ScenarioRow*> cases.at + s
            fill(G * L * M, 0.0, found.at + s * G * L * M)
            q = 0
            for f in range(F):
                facility = <const FacilityRow*> estate.at + f
                n = max(0, min(M, facility.expiry))
                line = found.at + (s * G + facility.group) * L * M
                of.letting, of.power = let.at + (s * F + f) * LETTING * M, supplied.at + (s * F + f) * POWER * M
                fill(n, 0.0, of.operating)
                while q < Q and cost[q].facility == f:
                    if cost[q].per_kw:
                        spend_per_kw(n, scenario.opex_factor, each.at + q * M, of.letting + OCCUPIED_KW * M,
                                     line + cost[q].line * M, of.operating)
                    else:
                        spend(n, scenario.opex_factor, each.at + q * M, line + cost[q].line * M, of.operating)
                    q += 1
                climb(1.0, 1.0 + facility.ground_rent_growth, 0, n, of.ground)
                by_month(n, facility.ground_rent, of.ground)
                state(facility, scenario, n, M, &of, ncf.at + (s * F + f) * M, line)
                fill(M - n, 0.0, ncf.at + (s * F + f) * M + n)
    free(memory)
