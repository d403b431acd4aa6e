"""Compiled valuation: signatures. What each means is written at its twin in reference/valuation.py.

Axes: S series of flows, F facility, M month, P month of valuation.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

def capitalise(
    flows: Floats,  # [S, F, M]
    expiry: Integers,  # [F]
    cap: float,  # a year, above 0
    at: Integers,  # [P]
    start: Integers,  # [P]
    value: Floats,  # OUT [S, P]
) -> None: ...
def discount(
    flows: Floats,  # [S, F, M]
    expiry: Integers,  # [F]
    rate: float,  # a year
    cap: float,  # a year, above 0
    months: int,
    at: Integers,  # [P]
    value: Floats,  # OUT [S, P] of the months
    terminal: Floats,  # OUT [S, P] of the twelve after them
) -> None: ...
