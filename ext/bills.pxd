# From what the leases of a facility occupy to its net cash flow in one month of a path, across the lanes of a block.
# The operations and their order are those of leases.pyx (collect), power.pyx and cashflow.pyx: a path without chance
# gives the bits of the deterministic run.

cimport lanes
from draws cimport LANES
from lanes cimport in_t, lanes_t
from records cimport FacilityRow, LeaseRow, PowerRow, ScenarioRow

cdef enum:                               # kinds of power contract
    FIXED_BLOCK, FULL_REQUIREMENTS, INDEXED, TARIFF, CFD

cdef enum:                               # columns of a facility's month, each [LANES]
    BASE_RENT, PAYING_KW, OCCUPIED_KW, LOAD_KW, PEAK_KW, METERED_KW, FIXED_PRICE_REVENUE, LEASING_COSTS, RECEIPTS
    LOAD, UNSERVED, RECOVERABLE, SHORTFALL, SETTLEMENT, RECOVERY, OPERATING, NCF
    COLUMNS


cdef inline void use(const LeaseRow* lease, double utilisation, double ratio, double price, in_t occupied, in_t paying,
                     in_t rent, lanes_t column) noexcept nogil:
    """Add a lease to its facility's columns."""
    cdef Py_ssize_t b
    cdef double drawn, metered = 1.0 + lease.markup
    for b in range(LANES):
        column[BASE_RENT * LANES + b] = column[BASE_RENT * LANES + b] + rent[b]
        column[PAYING_KW * LANES + b] = column[PAYING_KW * LANES + b] + paying[b]
        column[OCCUPIED_KW * LANES + b] = column[OCCUPIED_KW * LANES + b] + occupied[b]
    if lease.power == 3:
        return
    for b in range(LANES):
        drawn = occupied[b] * lease.utilisation * utilisation
        column[LOAD_KW * LANES + b] = column[LOAD_KW * LANES + b] + drawn
        column[PEAK_KW * LANES + b] = column[PEAK_KW * LANES + b] + occupied[b] * lease.peak_utilisation
    if lease.power == 0:
        for b in range(LANES):
            drawn = occupied[b] * lease.utilisation * utilisation
            column[METERED_KW * LANES + b] = column[METERED_KW * LANES + b] + drawn * ratio * metered
    elif lease.power == 1:
        for b in range(LANES):
            drawn = occupied[b] * lease.utilisation * utilisation
            column[FIXED_PRICE_REVENUE * LANES + b] = column[FIXED_PRICE_REVENUE * LANES + b] + drawn * ratio * price


cdef inline void open_supply(double ratio, double hours, double keep, in_t load_kw, in_t peak_kw, lanes_t load,
                             lanes_t unserved, lanes_t peak) noexcept nogil:
    """The month's load in MWh and its peak in kW."""
    cdef Py_ssize_t b
    for b in range(LANES):
        peak[b] = ratio * peak_kw[b]
        load[b] = ratio * load_kw[b] * hours * keep / 1000.0
        unserved[b] = load[b]


cdef inline void take_block(double volume, double price, double resale, in_t index, lanes_t unserved,
                            lanes_t recoverable, lanes_t shortfall) noexcept nogil:
    """A fixed block is taken whole: what is not used is resold."""
    cdef Py_ssize_t b
    cdef double used, net
    for b in range(LANES):
        used = unserved[b] if unserved[b] < volume else volume
        net = (volume - used) * (price - resale * index[b])
        unserved[b] = unserved[b] - used
        recoverable[b] = recoverable[b] + (used * price + (net if net < 0.0 else 0.0))
        shortfall[b] = shortfall[b] + (net if net > 0.0 else 0.0)


cdef inline void take_rest(double price, lanes_t unserved, lanes_t recoverable) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(LANES):
        recoverable[b] = recoverable[b] + unserved[b] * price
        unserved[b] = 0.0


cdef inline void take_indexed(double volume, double adder, in_t index, lanes_t unserved, lanes_t recoverable
                              ) noexcept nogil:
    cdef Py_ssize_t b
    cdef double taken
    for b in range(LANES):
        taken = unserved[b] if unserved[b] < volume else volume
        recoverable[b] = recoverable[b] + taken * (index[b] + adder)
        unserved[b] = unserved[b] - taken


cdef inline void take_tariff(double price, double escalator, double rate, double fixed, double ratchet, double least,
                             in_t peak, in_t highest, lanes_t unserved, lanes_t recoverable, lanes_t shortfall
                             ) noexcept nogil:
    """Energy, demand and fixed charges; demand billed above the month's peak is shortfall."""
    cdef Py_ssize_t b
    cdef double demand
    for b in range(LANES):
        demand = ratchet * highest[b]
        demand = demand if demand > least else least
        demand = peak[b] if peak[b] > demand else demand
        recoverable[b] = recoverable[b] + (unserved[b] * price + escalator * (rate * peak[b] + fixed))
        shortfall[b] = shortfall[b] + escalator * rate * (demand - peak[b])
        unserved[b] = 0.0


cdef inline void settle_difference(double volume, double strike, in_t index, lanes_t settlement) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(LANES):
        settlement[b] = settlement[b] + volume * (index[b] - strike)


cdef inline void recover(double scale, in_t index, in_t load, in_t unserved, in_t metered, in_t fixed,
                         lanes_t recoverable, lanes_t recovery) noexcept nogil:
    """What nothing serves is bought at the index; metered tenants pay the unit cost."""
    cdef Py_ssize_t b
    cdef double unit
    for b in range(LANES):
        recoverable[b] = recoverable[b] + unserved[b] * index[b]
        unit = recoverable[b] / (load[b] if load[b] > 0.0 else 1.0)
        unit = unit if load[b] > 0.0 else 0.0
        recovery[b] = scale * (unit * metered[b] + fixed[b])


cdef inline void earn(const FacilityRow* facility, double floor, double fee, double reserve, double haircut, double ground,
                      in_t rent, in_t paying, in_t recovery, in_t recoverable, in_t shortfall, in_t settlement,
                      in_t operating, in_t leasing, in_t receipts, lanes_t ncf, lanes_t deal_ncf, lanes_t available
                      ) noexcept nogil:
    """Every line from base rent to net cash flow, and the facility's part of what the waterfall pays out."""
    cdef Py_ssize_t b
    cdef double vacancy, egi, noi, before, taken, other = facility.other_income / 12.0
    cdef double credit = facility.sla_credit_share * facility.curtailment_share
    for b in range(LANES):
        vacancy = floor - (1.0 - paying[b] / facility.capacity_kw)
        vacancy = rent[b] * ((vacancy if vacancy > 0.0 else 0.0) + credit)
        egi = rent[b] + recovery[b] + other - vacancy
        noi = egi - ((recoverable[b] + shortfall[b]) - settlement[b]) - operating[b] - ground - fee * (egi - recovery[b])
        before = noi - reserve - leasing[b]
        taken = haircut * (before if before > 0.0 else 0.0)
        ncf[b] = before - taken
        deal_ncf[b] = deal_ncf[b] + ncf[b]
        available[b] = available[b] + (ncf[b] + receipts[b])
