# What the paths of a simulation share, and what one block of them needs.

from draws cimport LANES
from lives cimport Life
from records cimport (
    CostRow, ExitRow, FacilityRow, FactorRow, LeaseRow, MarketRow, PowerRow, ScenarioRow, TakeoutRow)

cdef struct Model:                       # what all paths share
    Py_ssize_t months, lease_count, facility_count, tenant_count, cost_count, takeout_count
    unsigned long long seed
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
    const double* takeout_worth          # [takeouts, F]
    const double* sale_worth             # [F]
    double power_decay, power_shock

cdef struct Scratch:                     # what one block of paths needs
    Life* lives                          # [L]
    double* prices                       # [L] of fixed-price power
    double* columns                      # [F, COLUMNS, LANES]
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

cdef enum:                               # rows of spare
    FACTOR, WIENER, OU, RENT_STEP, POWER_STEP, NEXT_RENT_STEP, NEXT_POWER_STEP, RENT_LEVEL, PRICE, OFFERED, LUCK, WAKES
    HIGHEST, NET, SPARES


cdef inline double* spare(const Scratch* s, int which) noexcept nogil:
    return s.spare + which * LANES
