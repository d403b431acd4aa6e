"""Obligors of a pool on seeded paths: the month in which each defaults under the one-factor model."""

# Design: the same streams, counters and inverse as the tenants of a simulated deal, so that an obligor's draws are those
# of the tenant of its number.

from libc.math cimport sqrt
from libc.stdlib cimport free, malloc

from numerics.buffers cimport ANY, Array, Reals, need, reals, totals
from numerics.elementary cimport twelfth_root
from numerics.threefry cimport FACTOR_STREAM, HALF, LANES, TENANT_STREAM, draw_normals
from paths.risk_factors cimport default_month, mix, threshold


cdef void draw_obligor(double rho, unsigned long long seed, Py_ssize_t g, unsigned long long pair, const double* thresholds,
                       Py_ssize_t horizon, const double* factor, double* asset) noexcept nogil:
    """Asset value of an obligor on a block of pairs, then its month of default."""
    cdef Py_ssize_t b
    draw_normals(seed, TENANT_STREAM + g, pair, 0, asset)
    mix(sqrt(1.0 - rho), sqrt(rho), factor, asset)
    for b in range(LANES):
        asset[b] = default_month(asset[b], thresholds, horizon) if asset[b] <= thresholds[horizon - 1] else -1.0


def default_months(
    pd,                          # IN  [G] one-year default probability, the same every year
    double correlation,          # IN  asset correlation
    unsigned long long seed,
    unsigned long long first,    # IN  first pair of antithetic paths
    Py_ssize_t horizon,          # IN  months
    months,                      # OUT [pairs, 2, G] first month of default; -1: none
):
    """Draw the month in which each obligor defaults: its asset value at most Phi^-1 of its PD until then."""
    cdef Array cell = totals(months, "months [pairs, 2, obligors]", ANY, 2, ANY)
    cdef Reals chance = reals(pd, "pd [obligors]", ANY)
    cdef Py_ssize_t G = chance.shape[0], g, i, at, b, pairs
    cdef long long* found
    cdef double* thresholds
    cdef double* factor
    cdef double alive
    need(cell.shape[2] == G and horizon > 0, months, "months [pairs, 2, obligors], over a month at least")
    found, pairs = <long long*> cell.at, cell.shape[0]
    thresholds = <double*> malloc((G * horizon + 2 * LANES) * sizeof(double))
    if thresholds == NULL:
        raise MemoryError
    factor = thresholds + G * horizon
    with nogil:
        for g in range(G):
            alive = 1.0
            for i in range(horizon):
                alive *= twelfth_root(1.0 - chance.at[g]) if chance.at[g] < 1.0 else 0.0
                thresholds[g * horizon + i] = threshold(1.0 - alive)
        for i in range((pairs + HALF - 1) // HALF):
            at = i * HALF
            draw_normals(seed, FACTOR_STREAM, first + at, 0, factor)
            for g in range(G):
                draw_obligor(correlation, seed, g, first + at, thresholds + g * horizon, horizon, factor, factor + LANES)
                for b in range(min(HALF, pairs - at)):
                    found[2 * (at + b) * G + g] = <long long> factor[LANES + b]
                    found[(2 * (at + b) + 1) * G + g] = <long long> factor[LANES + HALF + b]
        free(thresholds)
