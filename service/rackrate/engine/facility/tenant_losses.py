"""Loss distribution of tenant defaults over a period, and its exceedance curve."""

# Design: with one to three effective tenants a large-pool formula understates the tail, so the loss
# distribution is the exact convolution of the tenants there are.

import math
from dataclasses import dataclass

import numpy as np

from rackrate import kernel
from rackrate.engine.timeline import Floats

EXACT_UP_TO = 12  # tenants; beyond, each loss is rounded to the grid
GRID = 1e-4
SAME = 1e-9  # losses this near to each other are one
CURVE = 400  # points of the exceedance curve: a step is a quarter of a percent of rent
NODE_RANGE = 9.0  # standard deviations either side of the factor's mean


@dataclass(frozen=True)
class Losses:
    """Loss distribution of one period: ascending losses as shares of rent, probabilities, expected loss."""

    loss: list[float]
    probability: list[float]
    expected: float


def losses(share: Floats, pd: Floats, correlation: float, lgd: float) -> Losses:
    """Exact one-period loss distribution of a pool of tenants (one-factor Gaussian copula).

    Parameters
    ----------
    share, pd : array [T]
        Share of rent and default probability over the period.
    correlation, lgd : float
        Asset correlation in [0, 1) and loss given default.

    Notes
    -----
    Up to 12 tenants every set of defaults is its own state; above, each loss is rounded to 1e-4 of rent.

    Examples
    --------
    >>> losses(np.array([1.0]), np.array([0.25]), 0.0, 0.5).loss
    [0.0, 0.5]
    """
    order = np.argsort(share, kind="stable")  # the smallest first keeps the convolution short
    each: Floats = share[order] * lgd
    pd = np.ascontiguousarray(pd[order])
    exact = len(share) <= EXACT_UP_TO
    units = 1 << np.arange(len(share)) if exact else np.rint(each / GRID).astype(np.int64)
    step = _node_step(len(share), correlation)
    probability = np.empty(int(units.sum()) + 1)
    nodes = 2 * math.ceil(NODE_RANGE / step) + 1
    kernel.convolve_losses(pd, units, correlation, step, nodes, probability)
    if not exact:
        each = units.astype(np.float64) * GRID
    loss, chance = _by_set(each, probability.tolist()) if exact else _on_grid(units, probability)
    return Losses(
        loss=loss,
        probability=chance,
        expected=math.fsum((each * pd).tolist()),
    )


def exceedance(spread: Losses) -> tuple[list[float], list[float]]:
    """Probability that more than each of at most 400 shares of rent, a quarter percent apart, is lost.

    The grid ends at the first share beyond which nothing is lost.

    >>> exceedance(Losses([0.0, 0.0025, 0.004], [0.7, 0.2, 0.1], 0.0009))
    ([0.0, 0.0025, 0.005], [0.30000000000000004, 0.1, 0.0])
    """
    grid = np.arange(CURVE) / CURVE
    tail = np.append(np.cumsum(spread.probability[::-1])[::-1], 0.0)
    above = np.searchsorted(spread.loss, grid + SAME, side="right")
    points = int(np.searchsorted(above, len(spread.loss))) + 1
    return grid[:points].tolist(), tail[above][:points].tolist()


def _node_step(tenants: int, correlation: float) -> float:
    """Spacing of the quadrature nodes: error below 1e-15 to 100 tenants, 1e-5 of the mode to 2,000.

    The integrand continued to height y grows no faster than exp(y^2 (1 + T rho / (1 - rho)) / 2), and the
    trapezium rule's error falls as exp(-2 pi y / step); the best y makes the error
    exp(-(2 pi / step)^2 / (2 (1 + T rho / (1 - rho)))). Large pools are given what time allows.
    """
    odds = correlation / (1.0 - correlation)
    fine = 2.0 * math.pi / math.sqrt(72.0 * (1.0 + tenants * odds))
    finest = 0.125 * min(1.0, 1.0 / math.sqrt(odds) if odds else 1.0) * min(1.0, math.sqrt(500.0 / tenants))
    return max(min(fine, 0.5), finest)


def _by_set(each: Floats, probability: list[float]) -> tuple[list[float], list[float]]:
    """Losses of every set of defaults, equal ones merged; set s holds the tenants of its binary digits."""
    totals = [0.0]
    for loss in each.tolist():
        totals += [total + loss for total in totals]
    merged: dict[float, float] = {}
    for total, p in zip(totals, probability, strict=True):
        loss = round(total, 12)
        merged[loss] = merged.get(loss, 0.0) + p
    ordered = sorted(merged)
    return ordered, [merged[loss] for loss in ordered]


def _on_grid(
    units: "np.ndarray[tuple[int], np.dtype[np.int64]]", probability: Floats
) -> tuple[list[float], list[float]]:
    """Losses that some set of defaults reaches."""
    reached = 1  # a bit for each loss
    for unit in units.tolist():
        reached |= reached << unit
    whole = np.frombuffer(reached.to_bytes(len(probability) // 8 + 1, "little"), dtype=np.uint8)
    at = np.flatnonzero(np.unpackbits(whole, bitorder="little"))
    return (at * GRID).tolist(), probability[at].tolist()
