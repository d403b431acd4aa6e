"""Losses: the exact one-period loss distribution of a pool of tenants."""

# Design: at each node of the factor the pool is a convolution of its own, so nodes are lanes: a vector of them goes
# through all tenants while its distribution stays in cache.

from libc.math cimport sqrt
from libc.stdlib cimport free

from scalar cimport exp, normal_cdf, normal_quantile
from vectors cimport *


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
    cdef double total = 0.0, z, threshold
    cdef vec* conditional
    cdef double weight[WIDTH]
    cdef double p[WIDTH]
    for t in range(T):
        top += units[t]
        if units[t] < 0:
            raise ValueError("a loss is negative")
    if units.shape[0] != T or G != top + 1 or nodes % 2 == 0:
        raise ValueError("shapes disagree")
    conditional = <vec*> room(G * sizeof(vec))
    if conditional is NULL:
        raise MemoryError("no room for the losses of a pool")
    probability[:] = 0.0
    with nogil:
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
                threshold = normal_quantile(pd[t]) if 0.0 < pd[t] < 1.0 else 0.0
                for b in range(WIDTH):
                    p[b] = given(pd[t], threshold, (first + b - nodes // 2) * step, correlation)
                top += units[t]
                convolve(top, units[t], read(p), conditional)
            for g in range(G):
                for b in range(min(WIDTH, nodes - first)):    # one by one: the order of additions is part of the bits
                    probability[g] += weight[b] * (<double*> &conditional[g])[b]
        for g in range(G):
            probability[g] /= total
    free(conditional)
