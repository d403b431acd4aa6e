"""Tenant credit in plain NumPy."""

from itertools import product
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NORMAL = NormalDist()


def cumulative_hazard(pd: Floats, hazard: Floats) -> None:
    """Cumulative hazard of cumulative default probabilities."""
    hazard[:] = -np.log1p(-pd)


def survive(
    months: Floats, hazards: Floats, multipliers: Floats, scripted: Integers, survival: Floats
) -> None:
    """Survival of each tenant to the end of each month."""
    ends = np.arange(1.0, survival.shape[2] + 1)
    for t in range(survival.shape[1]):
        knots = np.concatenate([[0.0], months[t]])
        level = np.concatenate([[0.0], np.cumsum(np.maximum(0.0, np.diff(hazards[t], prepend=0.0)))])
        slope = (level[-1] - level[-2]) / (knots[-1] - knots[-2])
        hazard = np.where(
            ends <= knots[-1], np.interp(ends, knots, level), level[-1] + slope * (ends - knots[-1])
        )
        for s in range(survival.shape[0]):
            survival[s, t] = np.exp(-multipliers[s, t] * hazard)
            if scripted[s, t] >= 0:
                survival[s, t, scripted[s, t] :] = 0.0


def convolve_losses(
    pd: Floats, units: Integers, correlation: float, step: float, nodes: int, probability: Floats
) -> None:
    """Loss distribution by naming every set of defaults at every node."""
    z = (np.arange(nodes) - nodes // 2) * step
    weight = np.exp(-0.5 * z * z)
    weight /= weight.sum()
    given = np.array(
        [
            np.full(nodes, p)
            if p in (0.0, 1.0)
            else [
                NORMAL.cdf((NORMAL.inv_cdf(p) - correlation**0.5 * x) / (1.0 - correlation) ** 0.5) for x in z
            ]
            for p in pd
        ]
    )
    probability[:] = 0.0
    for state in product((0, 1), repeat=len(pd)):
        chosen = np.array(state)[:, None]
        probability[int(np.dot(state, units))] += np.sum(
            weight * np.prod(np.where(chosen, given, 1.0 - given), axis=0)
        )
