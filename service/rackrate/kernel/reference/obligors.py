"""Obligors of a pool on seeded paths: the month in which each defaults under the one-factor model."""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel.reference.paths.draws import FACTOR, TENANT, normals

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def default_months(
    pd: Floats, correlation: float, seed: int, first: int, horizon: int, months: Integers
) -> None:
    """Draw the month in which each obligor defaults: its asset value at most Phi^-1 of its PD until then.

    Parameters
    ----------
    pd : float64[G]
        One-year default probability, the same every year.
    correlation : float
        Asset correlation: share of the common factor in each obligor's variance.
    seed, first : int
        Seed, and the first pair of antithetic paths.
    horizon : int
        Months.
    months : int64[pairs, 2, G]
        OUT. First month of default on a path and on its mirror image; -1 for none.
    """
    count = len(months)
    pairs = np.arange(first, first + count, dtype=np.uint64)
    factor = normals(seed, FACTOR, pairs, 0)
    for g, chance in enumerate(pd.tolist()):
        asset = np.sqrt(correlation) * factor + np.sqrt(1.0 - correlation) * normals(
            seed, TENANT + g, pairs, 0
        )
        through = [1.0 - (1.0 - chance) ** ((i + 1) / 12.0) for i in range(horizon)]
        limits = [-np.inf if p <= 0.0 else np.inf if p >= 1.0 else NormalDist().inv_cdf(p) for p in through]
        month = np.searchsorted(limits, asset)
        months[:, :, g] = np.where(month < horizon, month, -1).reshape(2, count).T
