"""Compiled bond arithmetic: signatures. What each means is written at its twin in reference/bonds.py."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

def solve_discounts(flow: Floats, price: Floats, discount: Floats) -> None: ...
def moments(flow: Floats, discount: Floats, value: Floats, moment: Floats) -> None: ...
