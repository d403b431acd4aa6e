"""Compiled losses: signatures. What each means is written at its twin in reference/credit.py.

Axis: T tenant.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

def convolve_losses(
    pd: Floats,  # [T]
    units: Integers,  # [T] loss of each in grid units
    correlation: float,
    step: float,
    nodes: int,  # odd
    probability: Floats,  # OUT [sum of units + 1]
) -> None: ...
