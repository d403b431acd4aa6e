"""Losses: the exact one-period loss distribution of a pool of tenants."""

# Design: at each node of the factor the pool is a convolution of its own, so nodes are lanes: a vector of them goes
# through all tenants while its distribution stays in cache. Node n adds to the n % 8th sum of each loss, whatever the
# width of a vector, so that the order of additions is that of every build.

from libc.math cimport sqrt
from libc.stdlib cimport free
from libc.string cimport memset

from numerics.buffers cimport ANY, Reals, integers, need, out, reals
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
    pd,                                  # IN [T] in [0, 1]
    units,                               # IN [T] loss of each tenant in grid units
    double correlation,                  # IN asset correlation in [0, 1)
    double step,                         # IN distance of the quadrature nodes
    Py_ssize_t nodes,                    # IN of the factor, an odd number
    probability,                         # OUT [sum of units + 1]
):
    """Loss distribution of a pool under a one-factor Gaussian copula: exact convolution at each node of the factor.

    A node of the trapezium rule fixes the factor z; given z tenants default independently with
    Phi((Phi^-1(pd) - sqrt(rho) z) / sqrt(1 - rho)).
    """
    cdef Reals chance = reals(pd, "pd [tenants]", ANY), found
    cdef Py_ssize_t T = chance.shape[0], G, block, first, t, g, b
    cdef const long long* unit = <const long long*> integers(units, "units [tenants]", T).at
    cdef long long top = 0
    cdef double total = 0.0, z
    cdef vec* conditional
    cdef double* sums
    cdef double* thresholds
    cdef double weight[WIDTH]
    cdef double p[WIDTH]
    for t in range(T):
        top += unit[t]
        need(unit[t] >= 0, units, "units [tenants], none negative")
    if nodes % 2 == 0:
        raise ValueError(f"nodes: expected an odd number, got {nodes}")
    found = out(probability, "probability [sum of units + 1]", top + 1)
    G = found.shape[0]
    conditional = <vec*> room(G * (sizeof(vec) + SUMS * sizeof(double)) + T * sizeof(double))
    if conditional is NULL:
        raise MemoryError("no room for the losses of a pool")
    sums = <double*> (conditional + G)
    thresholds = sums + G * SUMS
    memset(sums, 0, G * SUMS * sizeof(double))
    with nogil:
        for t in range(T):
            thresholds[t] = normal_quantile(chance.at[t]) if 0.0 < chance.at[t] < 1.0 else 0.0
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
                    p[b] = given(chance.at[t], thresholds[t], (first + b - nodes // 2) * step, correlation)
                top += unit[t]
                convolve(top, unit[t], read(p), conditional)
            for g in range(G):
                add(sums + g * SUMS + first % SUMS, read(weight) * conditional[g])
        for g in range(G):
            found.at[g] = 0.0
            for b in range(SUMS):
                found.at[g] += sums[g * SUMS + b]
            found.at[g] /= total
    free(conditional)
