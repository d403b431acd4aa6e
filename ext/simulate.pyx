"""Simulation: seeded paths of tenants, lettings and power through the whole waterfall, a block of antithetic pairs at a time."""

from libc.math cimport NAN, isnan
from libc.stdlib cimport free, malloc

cimport lanes
from accounts cimport *
from draws cimport HALF, LANES
from journeys cimport *
from scalar cimport normal_quantile
from tallies cimport *
from waterfall cimport open_block, pay_period

cdef enum Quantity:                      # of a path; then the loss and the life of each class
    EQUITY_TOTAL, FIRST_LOSS

cdef extern from *:
    """
    #define RACKRATE_UNPAID 0.01         /* currency units below which nothing is missed */
    """
    const double UNPAID "RACKRATE_UNPAID"

cdef struct Period:                      # a period's figures for the waterfall, and what paths accumulate
    double* available                    # [LANES]
    double* ncf
    double* value
    double* ever                         # [3, LANES] triggers ever on
    double* missed                       # [K, LANES]
    double* repaid                       # [K, LANES] principal paid, and times its period
    double* late
    double* quantity                     # [1 + 2 K, LANES]

cdef struct Answer:
    int* cover_bins                      # [P, COVER_BINS]
    double* cover_reach                  # [P, 2]
    long long* known                     # [P]
    long long* flags                     # [P + 1, 3, 2]
    long long* losses                    # [K, 2, 2] missed interest, principal loss
    long long* sums                      # [1 + 2 K, SUM_COLUMNS]
    int* bins                            # [1 + 2 K, AMOUNT_BINS]
    double* reach                        # [1 + 2 K, 2]
    const double* centres                # [1 + 2 K]
    const double* scales


def default_thresholds(
    const double[:, ::1] survival,       # IN [T, M]
    double[:, ::1] thresholds,           # OUT [T, M]
):
    """Phi^-1(1 - survival): a tenant defaults in the first month whose threshold its asset value does not exceed."""
    cdef Py_ssize_t t, i
    if survival.shape[0] != thresholds.shape[0] or survival.shape[1] != thresholds.shape[1]:
        raise ValueError("shapes disagree")
    with nogil:
        for t in range(survival.shape[0]):
            for i in range(survival.shape[1]):
                thresholds[t, i] = threshold(1.0 - survival[t, i])


cdef inline double threshold(double p) noexcept nogil:
    """Phi^-1(p), infinite at certainty."""
    if p <= 0.0:
        return -1e300
    return 1e300 if p >= 1.0 else normal_quantile(p)
