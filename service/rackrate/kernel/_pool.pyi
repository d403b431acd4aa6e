"""Compiled loans of a pool: signatures. What each means is written at its twin in reference/pool.py."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rows = np.ndarray[Any, np.dtype[np.void]]

def pool_paths(
    loans: Rows,
    terms: Rows,
    rate: Floats,
    accrual: Floats,
    ncf: Floats,
    supported: Floats,
    target: Floats,
    treasury: Floats,
    protection: Integers,
    premium_terms: Floats,
    balance: Floats,
    principal: Floats,
    cover: Floats,
    premium: Floats,
    ends: Integers,
) -> None: ...
def pool_collateral(
    loans: Rows,
    terms: Rows,
    rate: Floats,
    accrual: Floats,
    value: Floats,
    sale_value: Floats,
    days: Floats,
    advance_rate: Floats,
    cdr: Floats,
    cpr: Floats,
    scripted: Integers,
    closing_cover: Floats,
    dscr_below: Floats,
    ltv_up_to: Floats,
    hazard: Floats,
    protection: Integers,
    balance: Floats,
    principal: Floats,
    cover: Floats,
    premium: Floats,
    ends: Integers,
    lines: Floats,
    outcome: Floats,
) -> None: ...
def pool_under_haircuts(
    loans: Rows,
    terms: Rows,
    rate: Floats,
    accrual: Floats,
    target: Floats,
    treasury: Floats,
    protection: Integers,
    premium_terms: Floats,
    flows: Floats,
    years: Floats,
    closing: Floats,
    value: Floats,
    special: Integers,
    capitals: Floats,
    dscr_constant: float,
    ltv: float,
    refinance_cap: float,
    recovery_cap: float,
    decline: float,
    days: Floats,
    advance_rate: Floats,
    cdr: Floats,
    cpr: Floats,
    scripted: Integers,
    dscr_below: Floats,
    ltv_up_to: Floats,
    hazard: Floats,
    haircuts: Floats,
    lines: Floats,
    outcome: Floats,
) -> None: ...
