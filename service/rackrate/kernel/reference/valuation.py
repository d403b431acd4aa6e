"""Valuation in plain NumPy."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def _perpetuity(cap: float, months_left: int) -> float:
    years = max(0, min(months_left, 12000)) / 12.0
    return float((1.0 - (1.0 + cap) ** -years) / cap)


def capitalise(
    flows: Floats, expiry: Integers, cap: float, at: Integers, start: Integers, value: Floats
) -> None:
    """The twelve months from `start` capitalised as of month `at`, leasehold by leasehold."""
    for p, (month, first) in enumerate(zip(at, start, strict=True)):
        factors = np.array([_perpetuity(cap, int(end) - int(month)) for end in expiry])
        value[:, p] = flows[:, :, first : first + 12].sum(axis=2) @ factors


def discount(
    flows: Floats,
    expiry: Integers,
    rate: float,
    cap: float,
    months: int,
    at: Integers,
    value: Floats,
    terminal: Floats,
) -> None:
    """Flows of `months` months at their ends, and the next twelve capitalised, both as of month `at`."""
    for p, month in enumerate(at):
        kept = flows[:, :, month : month + months]
        factors = (1.0 + rate) ** (-np.arange(1, kept.shape[2] + 1) / 12.0)
        value[:, p] = (kept * factors).sum(axis=(1, 2))
        later = np.empty((flows.shape[0], 1))
        end = np.array([month + months], dtype=np.int64)
        capitalise(flows, expiry, cap, end, end, later)
        terminal[:, p] = later[:, 0] * (factors[-1] if len(factors) else 1.0)
