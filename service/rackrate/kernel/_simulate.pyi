"""Compiled simulation: signatures. What each means is written at its twin in reference/simulate.py.

Axes: F facility, L lease, T tenant, Q operating cost, M month, P period, K class. Rows: records.py.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Counts = NDArray[np.int32]
Rows = np.ndarray[Any, np.dtype[np.void]]

def default_thresholds(
    survival: Floats,  # [T, M]
    thresholds: Floats,  # OUT [T, M]
) -> None: ...
def simulate(
    seed: int,
    first_pair: int,
    pairs: int,  # at most 4,096
    factor: Rows,  # FACTOR_TERMS [1]
    leases: Rows,  # LEASE [L], facility by facility
    markets: Rows,  # MARKET [F]
    scenario: Rows,  # SCENARIO [1]
    facilities: Rows,  # FACILITY [F]
    contracts: Rows,  # POWER [C]
    costs: Rows,  # COST [Q], facility by facility
    amounts: Floats,  # [Q, M]
    rent: Floats,  # [L, M]
    kw: Floats,  # [L, M]
    change: Integers,  # [L, M]
    market_rent: Floats,  # [F, M]
    growth: Floats,  # [F, M]
    pue: Floats,  # [F, M]
    index: Floats,  # [M] per MWh
    hours: Floats,  # [M]
    thresholds: Floats,  # [T, M]
    chances: Floats,  # [F]
    exits: Rows,  # EXIT [1]
    takeouts: Rows,  # TAKEOUT [tests]
    takeout_worth: Floats,  # [tests, F]
    sale_worth: Floats,  # [F]
    watched: Floats,  # [P], or [0] without LTV triggers
    watch_worth: Floats,  # [P, F], or [0, 0]
    terms: Rows,  # WATERFALL [1]
    notes: Rows,  # NOTE [K]
    coupon: Floats,  # [K, P]
    accrual: Floats,  # [K, P]
    schedule: Floats,  # [K, P]
    fees: Rows,  # FEE
    payments: Rows,  # PAYMENT
    members: Integers,
    centres: Floats,  # [1 + 2 K]
    scales: Floats,  # [1 + 2 K]
    cover_bins: Counts,  # ADDED TO [P, 4096]
    cover_reach: Floats,  # WIDENED [P, 2]
    known: Integers,  # ADDED TO [P]
    flags: Integers,  # ADDED TO [P + 1, 3, 2]
    losses: Integers,  # ADDED TO [K, 2, 2]
    sums: Integers,  # ADDED TO [1 + 2 K, 4]
    bins: Counts,  # ADDED TO [1 + 2 K, 57344]
    reach: Floats,  # WIDENED [1 + 2 K, 2]
    breach: Integers,  # OUT [3]
    outcomes: Floats,  # OUT [2 pairs, 1 + 2 K], or [0, 0]
    flows: Floats,  # OUT [2 pairs, M], or [0, 0]
) -> None: ...
