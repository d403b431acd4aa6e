"""Rows of the kernel's record types, made from dictionaries by field name."""

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOREVER = 1_000_000  # a month beyond every horizon

Rows = np.ndarray[Any, np.dtype[np.void]]
Integers = NDArray[np.int64]


def rows(dtype: "np.dtype[np.void]", values: Iterable[dict[str, float]]) -> Rows:
    """Rows of a record dtype from dictionaries; every field must be named."""
    of = itemgetter(*(dtype.names or ()))
    return np.array([of(value) for value in values], dtype=dtype)
