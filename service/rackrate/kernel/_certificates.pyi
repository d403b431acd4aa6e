"""Compiled certificates: signature. What it means is written at its twin in reference/certificates.py."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rows = np.ndarray[Any, np.dtype[np.void]]

def pay_certificates(
    terms: Rows,
    notes: Rows,
    rate: Floats,
    accrual: Floats,
    strips: Integers,
    steps: Rows,
    members: Integers,
    triggers: Rows,
    treasury: Floats,
    funds: Floats,
    stated: Floats,
    called: Integers,
    series: Floats,
    classes: Floats,
    losses: Floats,
    breach: Integers,
) -> None: ...
