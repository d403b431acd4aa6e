"""Rows of the kernel's record types from dictionaries by field name."""

from collections.abc import Iterable, Sized
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOREVER = 1_000_000  # a month beyond every horizon

Rows = np.ndarray[Any, np.dtype[np.void]]
Integers = NDArray[np.int64]


def spans(lists: Iterable[Sized]) -> list[tuple[int, int]]:
    """Start and end of each list when all are concatenated.

    >>> spans(["ab", "", "c"])
    [(0, 2), (2, 2), (2, 3)]
    """
    return list(pairwise(accumulate(map(len, lists), initial=0)))


def rows(dtype: "np.dtype[np.void]", values: Iterable[dict[str, float]]) -> Rows:
    """Rows of a record dtype from dictionaries; every field must be named."""
    of = itemgetter(*(dtype.names or ()))
    return np.array([of(value) for value in values], dtype=dtype)
