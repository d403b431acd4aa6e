# The accounts of a trust that issues certificates, as they stand within a month.

from records cimport CertificateRow, TrustRow

cdef enum:                               # what is kept of each class: records.CERTIFICATE_SERIES, then stocks
    COUPON
    DUE
    PAID
    UNPAID
    REPAID
    PREMIUM
    REIMBURSED
    WRITTEN
    STANDS
    SERIES
    OWED = 9
    OPENING
    SHORT
    KEPT

cdef extern from *:
    """
    #define RACKRATE_DUST 1e-6           /* of a currency unit: nothing is owed */
    #define RACKRATE_RESOLUTION 1e-13    /* of the money in play: what a double can tell apart there */
    """
    const double DUST "RACKRATE_DUST"
    const double RESOLUTION "RACKRATE_RESOLUTION"


cdef struct Trust:
    Py_ssize_t K
    const TrustRow* terms
    const CertificateRow* notes
    const long long* strips
    double* of                           # [KEPT, K]
    double cash
    double fees_unpaid
    double fees
    double deficit
    double loss
    double reserve
    double target
    double residual
    double premiums
    double principal_due
    double base
    double top
    double opening_reserve               # of the month, and so on: what the audit holds the month against
    double opening_deficit
    double brought
    double issued
    long long breach                     # month that does not add up; -1: none yet
    long long breach_kind


cdef inline double total(const double* row, Py_ssize_t count) noexcept nogil:
    cdef Py_ssize_t k
    cdef double found = 0.0
    for k in range(count):
        found += row[k]
    return found


cdef inline double draw(Trust* trust, double due) noexcept nogil:
    """Pay from cash, then from the reserve."""
    cdef double from_cash = min(trust.cash, due), from_reserve
    trust.cash -= from_cash
    from_reserve = min(trust.reserve, due - from_cash)
    trust.reserve -= from_reserve
    return from_cash + from_reserve
