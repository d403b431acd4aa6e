"""Compiled tenant credit: signatures. What each means is written at its twin in reference/credit.py.

Axes: S scenario, T tenant, H knot of a default table, M month.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

def cumulative_hazard(
    pd: Floats,  # [H] in [0, 1)
    hazard: Floats,  # OUT [H]
) -> None: ...
def survive(
    months: Floats,  # [T, H] ascending
    hazards: Floats,  # [T, H]
    multipliers: Floats,  # [S, T]
    scripted: Integers,  # [S, T], -1 for none
    survival: Floats,  # OUT [S, T, M]
) -> None: ...
