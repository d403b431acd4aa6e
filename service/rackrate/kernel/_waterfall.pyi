"""Compiled waterfall: signature. What it means is written at its twin in reference/waterfall.py.

Axes: S scenario, K class, R rate set, P period. Rows are those of records.py.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rows = np.ndarray[Any, np.dtype[np.void]]

def pay(
    terms: Rows,  # WATERFALL [1]
    notes: Rows,  # NOTE [K]
    coupon: Floats,  # [R, K, P] a year
    accrual: Floats,  # [R, K, P] year fractions
    schedule: Floats,  # [K, P] share of principal
    fees: Rows,  # FEE
    payments: Rows,  # PAYMENT
    members: Integers,  # classes of the steps
    rate_set: Integers,  # [S]
    available: Floats,  # [S, P]
    ncf: Floats,  # [S, P]
    takeout: Floats,  # [S]
    sale: Floats,  # [S]
    value: Floats,  # [S, P], or [S, 0] without LTV triggers
    series: Floats,  # OUT [S, 14, P] SERIES
    by_class: Floats,  # OUT [S, 7, K, P] CLASS_SERIES
    events: Floats,  # OUT [S, 5] EVENTS
) -> None: ...
def stress(
    terms: Rows,  # WATERFALL [1]
    notes: Rows,  # NOTE [K]
    coupon: Floats,  # [1, K, P] a year
    accrual: Floats,  # [1, K, P] year fractions
    schedule: Floats,  # [K, P] share of principal
    fees: Rows,  # FEE
    payments: Rows,  # PAYMENT
    members: Integers,  # classes of the steps
    cash: Floats,  # [3, P] available, net cash flow, what a haircut is taken of
    takeout: Floats,  # [3, legs] supported, positive part, least
    sale: Floats,  # [4, 2] two values: months, positive part, terminal, positive part
    value: Floats,  # [4, P] the same of each period, or [4, 0] without LTV triggers
    haircuts: Floats,  # [S]
    least_cover: Floats,  # OUT [S, 2] least actual and assumed cover
    unpaid: Floats,  # OUT [S, 2, K] interest, principal
    events: Floats,  # OUT [S, 5] EVENTS
) -> None: ...
