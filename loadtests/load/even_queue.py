"""The even queue: what arrivals alone make of a server that never pauses, for a tail to be held against."""

import numpy as np


def even_queue(due: np.ndarray, took_s: np.ndarray | float) -> np.ndarray:
    """Seconds from when each was due, in order, to its end, at one server that takes `took_s` for it.

    Three a second apart, two seconds each; and the same where the second takes none.

    >>> even_queue(np.array([0.0, 1.0, 2.0]), 2.0).tolist()
    [2.0, 3.0, 4.0]
    >>> even_queue(np.array([0.0, 1.0, 2.0]), np.array([2.0, 0.0, 2.0])).tolist()
    [2.0, 1.0, 2.0]
    """
    took = np.broadcast_to(took_s, due.shape)
    ends = np.cumsum(took)
    ends += np.maximum.accumulate(due - ends + took)  # each begins when it is due, or the one before ends
    return ends - due
