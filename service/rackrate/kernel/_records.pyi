"""Compiled records: signatures. Rows are those of records.py."""

from typing import Any

import numpy as np

Rows = np.ndarray[Any, np.dtype[np.void]]

def agree(
    step: Rows,
    lease: Rows,
    market: Rows,
    scenario: Rows,
    facility: Rows,
    power: Rows,
    cost: Rows,
    waterfall: Rows,
    note: Rows,
    fee: Rows,
    payment: Rows,
    factor: Rows,
    exit: Rows,
    takeout: Rows,
    pool_loan: Rows,
    pool_terms: Rows,
    trust: Rows,
    certificate: Rows,
    pool_step: Rows,
    pool_trigger: Rows,
) -> None: ...
