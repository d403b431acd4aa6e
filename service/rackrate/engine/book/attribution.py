"""Attribution of a deal's loss on a path to the obligors that defaulted on it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rackrate.engine.rows import Integers

Masks = NDArray[np.bool_]
SCALE = 1e9  # of shares of rent that are weights


def key_weights(keys: Sequence[str], shares: Sequence[float]) -> dict[str, int]:
    """Weights of obligors by their tenants' shares of rent, whole, in the order of the keys' bytes."""
    weights: dict[str, int] = {}
    for key, share in zip(keys, shares, strict=True):
        weights[key] = weights.get(key, 0) + round(share * SCALE)
    return {key: weights[key] for key in sorted(weights, key=str.encode)}


def apportion(amount: int, weights: Sequence[int]) -> list[int]:
    """Apportion whole cents by weights: floors, then a cent each to the largest remainders, first of equals.

    >>> apportion(100, [1, 1, 1])
    [34, 33, 33]
    """
    total = sum(weights)
    parts = [divmod(amount * weight, total) for weight in weights]
    found = [whole for whole, _ in parts]
    left = amount - sum(found)
    for place in sorted(range(len(parts)), key=lambda k: -parts[k][1])[:left]:
        found[place] += 1
    return found


def attribute(
    paths: Integers, amounts: Sequence[int], defaulted: Masks, keys: Sequence[str], shares: Sequence[float]
) -> list[tuple[int, str | None, int]]:
    """Rows (path, key, cents) of a deal's losses; the null key where nobody with rent defaulted.

    Parameters
    ----------
    paths, amounts : length P
        Paths with a loss, and the loss in cents.
    defaulted : bool [P, T]
        Which tenants defaulted before legal final.
    keys, shares : length T
        Obligor of each tenant, and its share of rent.
    """
    weights, found = key_weights(keys, shares), list[tuple[int, str | None, int]]()
    parts: dict[bytes, list[str]] = {}
    for path, amount, gone in zip(paths.tolist(), amounts, defaulted, strict=True):
        known = gone.tobytes()
        if known not in parts:
            named = {key for key, out in zip(keys, gone.tolist(), strict=True) if out}
            parts[known] = [key for key, weight in weights.items() if key in named and weight]
        named_here = parts[known]
        if not named_here:
            found.append((path, None, amount))
            continue
        split = apportion(amount, [weights[key] for key in named_here])
        found += [(path, key, part) for key, part in zip(named_here, split, strict=True) if part]
    return found
