"""Compiled obligors: signature. What it means is written at its twin in reference/obligors.py."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

def default_months(
    pd: Floats, correlation: float, seed: int, first: int, horizon: int, months: Integers
) -> None: ...
