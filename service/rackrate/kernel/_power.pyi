"""Compiled power: signature. What it means is written at its twin in reference/power.py.

Axes: S scenario, F facility, C contract, M month. Rows are those of records.py.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = np.ndarray[Any, np.dtype[np.void]]

def supply(
    facilities: Rows,  # FACILITY [F]
    contracts: Rows,  # POWER [C], facility by facility
    scenarios: Rows,  # SCENARIO [S]
    index: Floats,  # [M] per MWh
    hours: Floats,  # [M]
    pue: Floats,  # [F, M]
    letting: Floats,  # [S, F, 9, M]
    power: Floats,  # OUT [S, F, 6, M], columns SUPPLY
    unused: Floats,  # OUT [S, C] money
    within: int,  # months
) -> None: ...
