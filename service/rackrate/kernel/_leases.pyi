"""Compiled leases: signatures. What each means is written at its twin in reference/leases.py.

Axes: S scenario, F facility, L lease, T tenant, M month. Rows are those of records.py.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = np.ndarray[Any, np.dtype[np.void]]

def compound_index(
    rates: Floats,  # [F] a year
    index: Floats,  # OUT [F, M]
) -> None: ...
def contract(
    leases: Rows,  # LEASE [L]
    ramps: Rows,  # STEP, in kW
    steps: Rows,  # STEP, in rent per kW-month
    cpi: Floats,  # [M] a year
    rent: Floats,  # OUT [L, M] per kW-month
    kw: Floats,  # OUT [L, M]
) -> None: ...
def let(
    leases: Rows,  # LEASE [L]
    markets: Rows,  # MARKET [F]
    scenarios: Rows,  # SCENARIO [S]
    rent: Floats,  # [L, M]
    kw: Floats,  # [L, M]
    market_rent: Floats,  # [F, M] per kW-month
    growth: Floats,  # [F, M]
    pue: Floats,  # [F, M]
    survival: Floats,  # [S, T, M]
    letting: Floats,  # OUT [S, F, 9, M], columns LETTING
    off: Floats,  # OUT [S, L]
) -> None: ...
