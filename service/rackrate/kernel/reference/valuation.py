"""Value in plain NumPy."""

import numpy as np


def _perpetuity(cap, months_left):
    return max(0.0, (1.0 - (1.0 + cap) ** (-min(months_left, 12000) / 12.0)) / cap) if months_left > 0 else 0.0


def capitalise(flows, expiry, cap, at, start, value):
    """The twelve months from `start` capitalised as of month `at`, leasehold by leasehold."""
    for p, (month, first) in enumerate(zip(at, start, strict=True)):
        factors = np.array([_perpetuity(cap, int(end) - int(month)) for end in expiry])
        value[:, p] = flows[:, :, first : first + 12].sum(axis=2) @ factors


def discount(flows, expiry, rate, cap, months, at, value):
    """Flows of `months` months at their ends, then the next twelve capitalised, all discounted to month `at`."""
    for p, month in enumerate(at):
        kept = flows[:, :, month : month + months]
        factors = (1.0 + rate) ** (-np.arange(1, kept.shape[2] + 1) / 12.0)
        value[:, p] = (kept * factors).sum(axis=(1, 2))
        later = np.empty((flows.shape[0], 1))
        capitalise(flows, expiry, cap, [month + months], [month + months], later)
        value[:, p] += later[:, 0] * (factors[-1] if len(factors) else 1.0)
