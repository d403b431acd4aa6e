"""The cycle's factor on each path, as simulations draw it."""

import numpy as np

from rackrate.engine.timeline import Floats
from rackrate.kernel.reference.paths.draws import FACTOR, normals


def factor_of_paths(seed: int, paths: int) -> Floats:
    """Factor of each path [N], antithetic pairs beside each other.

    >>> factor_of_paths(7, 4).round(6).tolist()
    [0.867493, -0.867493, 0.108314, -0.108314]
    """
    pairs = np.arange(paths // 2, dtype=np.uint64)
    found = np.empty(paths)
    found[0::2], found[1::2] = np.split(normals(seed, FACTOR, pairs, 0), 2)
    return found
