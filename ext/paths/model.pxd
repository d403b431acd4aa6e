# What the paths of a simulation share, and what one block of them needs.

from numerics.threefry cimport HALF, LANES, VECTORS
from records cimport (
    CostRow, ExitRow, FacilityRow, FactorRow, LeaseRow, MarketRow, PowerRow, ScenarioRow, TakeoutRow)
from numerics.simd cimport WIDTH, vec

cdef extern from *:
    """
    #define RACKRATE_NEVER 1e18
    """
    const double NEVER "RACKRATE_NEVER"

cdef struct Model:                       # what all paths share
    Py_ssize_t months, lease_count, facility_count, tenant_count, cost_count, takeout_count, group_count
    long long offset                     # month of the deal from which rents and power move by chance
    unsigned long long seed, power_stream
    const long long* tenant_streams      # [T] bit patterns
    const long long* lease_streams       # [L]
    const long long* rent_groups         # [F] facilities of a group share their rent's steps
    const long long* rent_streams        # [G]
    const FactorRow* factor
    const LeaseRow* leases
    const MarketRow* markets
    const ScenarioRow* scenario
    const FacilityRow* facilities
    const PowerRow* contracts
    const CostRow* costs
    const ExitRow* exits
    const TakeoutRow* takeouts
    const double* amounts                # [Q, M]
    const double* rent                   # [L, M]
    const double* kw                     # [L, M]
    const long long* change              # [L, M]
    const double* market_rent            # [F, M]
    const double* growth                 # [F, M]
    const double* pue                    # [F, M]
    const double* index                  # [M]
    const double* hours                  # [M]
    const double* thresholds             # [T, M]
    const double* takeout_factors          # [takeouts, F]
    const double* sale_factors             # [F]
    const double* chances                # [F]
    double* escalators                   # [C, M] of power contracts
    double* ground_rents                 # [F, M]
    Py_ssize_t* first_lease              # [F + 1] leases first_lease[f] to first_lease[f + 1] are of facility f
    Py_ssize_t* first_cost               # [F + 1]
    double power_decay, power_shock

cdef struct Life:                        # one lease, for one vector of paths
    vec stage
    vec until                            # month in which the stage ends
    vec anniversary                      # next month in which the rent of a letting rises
    vec free_until                       # first month a new letting pays
    vec now                              # rent per kW-month
    vec kept                             # share of market rent that the next letting starts at
    vec occupied                         # kW
    vec paying                           # kW
    vec rent                             # paid in the month
    vec next                             # month in which something can happen, a rise of rent apart

cdef struct Roll:                        # the rent roll of one facility, for one vector of paths
    vec rent, occupied, vacant, load, peak, metered, fixed

cdef struct Draws:                       # what chance has for one vector of paths
    Py_ssize_t v
    unsigned long long pair              # of its first lane
    double sign                          # 1, or -1 in the mirrored half
    vec factor                           # the cycle
    const double* default                # [T, LANES] from the vector's first lane: months in which tenants default

cdef struct Scratch:                     # what one block of paths needs
    Life* lives                          # [L, VECTORS]
    Roll* rolls                          # [F, VECTORS]
    double* prices                       # [L] of fixed-price power
    double* peaks                        # [F, 12, LANES] a ring of the last twelve months
    double* default                      # [T, LANES]
    double* ncf                          # [M, LANES]
    double* available                    # [M, LANES]
    double* flows                        # [F, M, LANES], or NULL where no value is watched
    double* takeout_year                 # [F, LANES]
    double* sale_year                    # [F, LANES]
    double* takeout                      # [LANES]
    double* sale                         # [LANES]
    double* spare                        # [SPARES, LANES]
    double* wiener                       # [G, LANES] sum of the steps of market rent
    double* rent_steps                   # [G, 4, LANES] of four months
    double* levels                       # [G, LANES] market rent, in parts of what it is without chance
    double* rated                        # [G] the month of which the level is known
    Py_ssize_t moved                     # steps taken
    double variance                      # of the log power price

cdef enum:                               # rows of spare
    FACTOR, OU, PRICE, NET, CAPITALISED, POWER_STEPS
    SPARES = POWER_STEPS + 4


cdef inline double* spare(const Scratch* s, int which) noexcept nogil:
    return s.spare + which * LANES
