"""Compiled debt loops: signatures. What each means is written at its twin in reference/sizing.py."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

def level_payment(rate: float, count: int) -> float: ...
def level_balances(
    rate: Floats, accrual: Floats, years: float, interest_only: int, count: int, balance: Floats
) -> None: ...
def sculpt(
    ncf: Floats,
    rate: Floats,
    ceiling: Floats,
    dscr: Floats,
    balloon: Floats,
    interest_only: int,
    capacity: Floats,
) -> None: ...
def discount_factors(rate: Floats, factor: Floats) -> None: ...
def present_values(flow: Floats, rate: Floats, value: Floats) -> None: ...
def rolling_ratios(
    numerator: Floats, service: Floats, balance: Floats, width: int, dust: float, ratio: Floats
) -> None: ...
