"""Cash flow: from base rent to net cash flow, line by line, facility by facility."""

from records cimport CostRow, FacilityRow, ScenarioRow

cdef enum:                               # columns of a letting
    BASE_RENT = 0
    PAYING_KW = 1
    OCCUPIED_KW = 2
    LEASING = 7
    TERMINATION = 8

cdef enum:                               # columns of power
    COST = 3
    RECOVERY = 4

cdef enum:                               # lines of the cash flow, named for Python in kernel/records.py; operating costs follow
    RENT, POWER_RECOVERY, OTHER_INCOME, VACANCY, EGI, POWER_COST, GROUND_RENT, MANAGEMENT_FEE, NOI, CAPITAL_RESERVE
    LEASING_COSTS, NCF_HAIRCUT, NCF, TERMINATION_RECEIPTS, AVAILABLE, LINES


cdef void net_cash_flow(
    const FacilityRow* facility, const ScenarioRow* scenario, const double[:, ::1] letting, const double[:, ::1] power,
    double ground_escalator, double operating, long long i, double* line,
) noexcept nogil:
    """One facility, one month: the lines from rent to what is available for the waterfall."""
    cdef double floor = max(facility.vacancy_floor, scenario.vacancy_floor)
    cdef double empty = 1.0 - letting[PAYING_KW, i] / facility.capacity_kw
    cdef double before_haircut
    line[RENT] = letting[BASE_RENT, i]
    line[POWER_RECOVERY] = power[RECOVERY, i]
    line[OTHER_INCOME] = facility.other_income / 12.0
    line[VACANCY] = line[RENT] * (
        max(0.0, floor - empty) + facility.sla_credit_share * facility.curtailment_share)
    line[EGI] = line[RENT] + line[POWER_RECOVERY] + line[OTHER_INCOME] - line[VACANCY]
    line[POWER_COST] = power[COST, i]
    line[GROUND_RENT] = facility.ground_rent * ground_escalator / 12.0
    line[MANAGEMENT_FEE] = max(facility.management_fee, scenario.management_fee_floor) * (
        line[EGI] - line[POWER_RECOVERY])
    line[NOI] = line[EGI] - line[POWER_COST] - operating - line[GROUND_RENT] - line[MANAGEMENT_FEE]
    line[CAPITAL_RESERVE] = facility.capacity_kw * max(facility.capex_reserve, scenario.capex_reserve_floor) / 12.0
    line[LEASING_COSTS] = letting[LEASING, i]
    before_haircut = line[NOI] - line[CAPITAL_RESERVE] - line[LEASING_COSTS]
    line[NCF_HAIRCUT] = scenario.ncf_haircut * max(0.0, before_haircut)
    line[NCF] = before_haircut - line[NCF_HAIRCUT]
    line[TERMINATION_RECEIPTS] = letting[TERMINATION, i]
    line[AVAILABLE] = line[NCF] + line[TERMINATION_RECEIPTS]


def net(
    const FacilityRow[::1] facilities,   # IN [F]
    const CostRow[::1] costs,            # IN [Q]
    const ScenarioRow[::1] scenarios,    # IN [S]
    const double[:, ::1] amounts,        # IN [Q, M] per month, or per kW and month, growth in
    const double[:, :, :, ::1] letting,  # IN [S, F, 9, M] of `let`
    const double[:, :, :, ::1] power,    # IN [S, F, 6, M] of `supply`
    double[:, :, :, ::1] lines,          # OUT [S, G, 15 + operating costs, M] by group of facilities
    double[:, :, ::1] facility_ncf,      # OUT [S, F, M]
):
    """Every line of the cash flow by group, and each facility's net cash flow. A leasehold's is zero from its expiry."""
    cdef Py_ssize_t S = scenarios.shape[0], F = facilities.shape[0], M = facility_ncf.shape[2], Q = costs.shape[0]
    cdef Py_ssize_t s, f, i, q, k, first, last
    cdef double line[LINES]
    cdef double operating, amount, ground_escalator
    cdef long long group
    if (letting.shape[0] != S or letting.shape[1] != F or letting.shape[3] != M or power.shape[0] != S
            or power.shape[1] != F or power.shape[3] != M or amounts.shape[0] != Q or lines.shape[0] != S
            or lines.shape[3] != M or lines.shape[2] < LINES or facility_ncf.shape[0] != S
            or facility_ncf.shape[1] != F or (Q and amounts.shape[1] != M)):
        raise ValueError("shapes disagree")
    lines[:, :, :, :] = 0.0
    facility_ncf[:, :, :] = 0.0
    with nogil:
        for s in range(S):
            first = 0
            for f in range(F):
                last = first
                while last < Q and costs[last].facility == f:
                    last += 1
                group = facilities[f].group
                ground_escalator = 1.0
                for i in range(min(M, facilities[f].expiry)):
                    if i > 0 and i % 12 == 0:
                        ground_escalator = ground_escalator * (1.0 + facilities[f].ground_rent_growth)
                    operating = 0.0
                    for q in range(first, last):
                        amount = amounts[q, i] * scenarios[s].opex_factor
                        if costs[q].per_kw:
                            amount = amount * letting[s, f, OCCUPIED_KW, i]
                        lines[s, group, costs[q].line, i] += amount
                        operating += amount
                    net_cash_flow(&facilities[f], &scenarios[s], letting[s, f], power[s, f], ground_escalator,
                                  operating, i, line)
                    for k in range(LINES):
                        lines[s, group, k, i] += line[k]
                    facility_ncf[s, f, i] = line[NCF]
                first = last
