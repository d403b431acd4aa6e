# The space a lease takes up, what it pays and the power drawn in it, added to its facility's columns.

from numerics.rows cimport fill, in_t, lanes_t
from records cimport DIRECT, FIXED_PRICE, METERED, LeaseRow, ScenarioRow
from letting.tenant cimport Columns, Tenancy, Terms
from numerics.growth cimport anniversary, climb


cdef inline void house(
    Py_ssize_t n, double kw, double utilisation, double factor, double peak, in_t market, in_t paid, in_t unpaid, in_t idle,
    lanes_t occupied, lanes_t rent, lanes_t paying, lanes_t space, lanes_t load, lanes_t peaks,
) noexcept nogil:
    """Add the market's lettings to the tenant's: what they pay, occupy and draw."""
    cdef Py_ssize_t i
    for i in range(n):
        occupied[i] += market[i] * kw
        rent[i] += (paid[i] - unpaid[i]) * kw
        paying[i] += (market[i] - idle[i]) * kw
        space[i] += occupied[i]
        load[i] += occupied[i] * utilisation * factor
        peaks[i] += occupied[i] * peak * factor


cdef inline double billed(double occupied, double utilisation, double factor, double pue, double cap) noexcept nogil:
    """kW that a tenant pays for, overhead up to its cap."""
    return occupied * utilisation * factor * (pue if pue < cap else cap)


cdef inline void meter(
    Py_ssize_t n, double utilisation, double factor, double pue_add, double cap, double markup, in_t occupied, in_t pue,
    lanes_t metered,
) noexcept nogil:
    """kW that a metered tenant pays for."""
    cdef Py_ssize_t i
    for i in range(n):
        metered[i] += billed(occupied[i], utilisation, factor, pue[i] + pue_add, cap) * markup


cdef inline void charge(
    Py_ssize_t n, double utilisation, double factor, double pue_add, double cap, in_t price, in_t occupied, in_t pue,
    lanes_t revenue,
) noexcept nogil:
    """What a tenant with a fixed price pays per 1,000 hours."""
    cdef Py_ssize_t i
    for i in range(n):
        revenue[i] += billed(occupied[i], utilisation, factor, pue[i] + pue_add, cap) * price[i]


cdef inline void collect(const LeaseRow* lease, const ScenarioRow* scenario, const Terms* terms, const double* pue,
                         long long months, Tenancy* t, Columns* columns) noexcept nogil:
    """Add a lease's rent, space and power to its facility's columns."""
    cdef long long i = max(lease.commencement, 0), year
    cdef Py_ssize_t n = months - i
    cdef bint draws = lease.power != DIRECT, pays = terms.relets, waits = terms.relets and terms.free > 0
    cdef double utilisation = lease.utilisation, factor = scenario.utilisation_factor
    cdef double growth = 1.0 + lease.power_escalation
    house(n, lease.contracted_kw, utilisation if draws else 0.0, factor, lease.peak_utilisation if draws else 0.0, t.market + i,
          (t.paid if pays else t.nothing) + i, (t.unpaid if waits else t.nothing) + i, (t.idle if waits else t.nothing) + i,
          t.occupied + i, columns.base_rent + i, columns.paying + i, columns.occupied + i, columns.load + i,
          columns.peak + i)
    if lease.power == METERED:
        meter(n, utilisation, factor, scenario.pue_add, lease.pue_cap, 1.0 + lease.markup, t.occupied + i, pue + i,
              columns.metered + i)
    elif lease.power == FIXED_PRICE:
        year = min(anniversary(lease.commencement, i), months)
        fill(year - i, lease.power_price, t.price + i)
        climb(lease.power_price * growth, growth, year, months, t.price)
        charge(n, utilisation, factor, scenario.pue_add, lease.pue_cap, t.price + i, t.occupied + i, pue + i,
               columns.fixed_price + i)
