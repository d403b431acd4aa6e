"""Compiled cash flow: signature. What it means is written at its twin in reference/cashflow.py.

Axes: S scenario, F facility, G group of facilities, Q operating cost, M month. Rows are those of records.py.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = np.ndarray[Any, np.dtype[np.void]]

def net(
    facilities: Rows,  # FACILITY [F]
    costs: Rows,  # COST [Q], facility by facility
    scenarios: Rows,  # SCENARIO [S]
    amounts: Floats,  # [Q, M] per month, or per kW and month
    letting: Floats,  # [S, F, 9, M]
    power: Floats,  # [S, F, 6, M]
    lines: Floats,  # OUT [S, G, 15 + cost lines, M], columns LINES, then costs
    facility_ncf: Floats,  # OUT [S, F, M]
) -> None: ...
