"""Losses: the exact one-period loss distribution of a pool of tenants."""

# Design: at each node of the factor the pool is a convolution of its own, so nodes are lanes: a vector of them goes
# through all tenants while its distribution stays in cache. Node n adds to the n % 8th sum of each loss, whatever the
# width of a vector, so that the order of additions is that of every build.

from libc.math cimport sqrt
from libc.stdlib cimport free
from libc.string cimport memset

from numerics.elementary cimport exp, normal_cdf, normal_quantile
from numerics.simd cimport *

cdef enum:
    SUMS = 8                             # of each loss: lanes of the widest vector


cdef inline double given(double pd, double threshold, double z, double correlation) noexcept nogil:
    """Default probability of a tenant at a node of the factor."""
    if pd <= 0.0 or pd >= 1.0:
        return pd
    return normal_cdf((threshold - sqrt(correlation) * z) / sqrt(1.0 - correlation))


cdef inline void convolve(Py_ssize_t top, Py_ssize_t lag, vec p, vec* conditional) noexcept nogil:
    """Add a tenant that loses `lag` units with probability p; no loss so far is above top - lag."""
    cdef Py_ssize_t g
    cdef vec q = 1.0 - p
    for g in range(top, lag - 1, -1):
        conditional[g] = conditional[g] * q + conditional[g - lag] * p
    for g in range(min(lag, top + 1)):
        conditional[g] = conditional[g] * q


cdef inline void add(double* sums, vec x) noexcept nogil:
    write(sums, read(sums) + x)


def convolve_losses(
    const double[::1] pd,                # IN [T] in [0, 1]
    const long long[::1] units,          # IN [T] loss of each tenant in grid units
    double correlation,                  # IN asset correlation in [0, 1)
    double step,                         # IN distance of the quadrature nodes
    Py_ssize_t nodes,                    # IN of the factor, an odd number
    double[::1] probability,             # OUT [sum of units + 1]
):
    """Loss distribution of a pool under a one-factor Gaussian copula: exact convolution at each node of the factor.

    A node of the trapezium rule fixes the factor z; given z tenants default independently with
    Phi((Phi^-1(pd) - sqrt(rho) z) / sqrt(1 - rho)).
    """
    cdef Py_ssize_t T = pd.shape[0], G = probability.shape[0], block, first, t, g, b
    cdef long long top = 0
    cdef double total = 0.0, z
    cdef vec* conditional
    cdef double* sums
    cdef double* thresholds
    cdef double weight[WIDTH]
    cdef double p[WIDTH]
    for t in range(T):
        top += units[t]
        if units[t] < 0:
            raise ValueError("a loss is negative")
    if units.shape[0] != T or G != top + 1 or nodes % 2 == 0:
        raise ValueError("shapes disagree")
    conditional = <vec*> room(G * (sizeof(vec) + SUMS * sizeof(double)) + T * sizeof(double))
    if conditional is NULL:
        raise MemoryError("no room for the losses of a pool")
    sums = <double*> (conditional + G)
    thresholds = sums + G * SUMS
    memset(sums, 0, G * SUMS * sizeof(double))
    with nogil:
        for t in range(T):
            thresholds[t] = normal_quantile(pd[t]) if 0.0 < pd[t] < 1.0 else 0.0
        for block in range(vectors_of(nodes)):
            first = block * WIDTH
            for b in range(WIDTH):
                z = (first + b - nodes // 2) * step
                weight[b] = exp(-0.5 * z * z) if first + b < nodes else 0.0
                total += weight[b]
            for g in range(1, G):
                conditional[g] = spread(0.0)
            conditional[0] = spread(1.0)
            top = 0
            for t in range(T):
                for b in range(WIDTH):
                    p[b] = given(pd[t], thresholds[t], (first + b - nodes // 2) * step, correlation)
                top += units[t]
                convolve(top, units[t], read(p), conditional)
            for g in range(G):
                add(sums + g * SUMS + first % SUMS, read(weight) * conditional[g])
        for g in range(G):
            probability[g] = 0.0
            for b in range(SUMS):
                probability[g] += sums[g * SUMS + b]
            probability[g] /= total
    free(conditional)
