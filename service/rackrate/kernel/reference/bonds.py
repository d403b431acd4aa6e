"""Bond arithmetic: yields as discount factors, and present values weighed by time.

Axes: K class, N period; last axis contiguous. Every output is filled in place.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def solve_discounts(flow: Floats, price: Floats, discount: Floats) -> None:
    """Solve for the yield as a discount factor per period.

    The present value of flows none of which is negative rises with the factor, so it meets a price once:
    between a power of two at which it is less and the next, halved until no number lies between.

    Parameters
    ----------
    flow : float64[K, N]
        Paid at the end of each period, none negative.
    price : float64[K]
        Paid at closing.
    discount : float64[K]
        OUT. Factor at which the present value of flow is price; NaN if no flow or no price is positive.

    Examples
    --------
    2 paid for 1 and then 4: 1/2 and 1/4 of what the flows are.

    >>> discount = np.empty(1)
    >>> solve_discounts(np.array([[2.0, 4.0]]), np.array([2.0]), discount)
    >>> discount.tolist()
    [0.5]
    """
    for k, paid in enumerate(flow):
        discount[k] = _solve_discount(paid, price[k])


def _solve_discount(flow: Floats, price: float) -> float:
    """One class of `solve_discounts`."""
    if not flow.sum() > 0.0 or not price > 0.0:
        return np.nan
    low, high = 0.0, 1.0
    while present_value(flow, high) < price:
        low, high = high, 2.0 * high
        if np.isinf(high):
            return np.nan
    while low < (middle := low + 0.5 * (high - low)) < high:
        low, high = (middle, high) if present_value(flow, middle) < price else (low, middle)
    return high


def present_value(flow: Floats, discount: float) -> float:
    """Present value of flows [N] at a discount factor per period; infinite where beyond all numbers."""
    total = 0.0
    for paid in np.trim_zeros(flow, "b")[::-1].tolist():
        total = (total + paid) * discount
    return total


def moments(flow: Floats, discount: Floats, value: Floats, moment: Floats) -> None:
    """Present value of flows and its first moment; at a discount of 1, `moment / value` is the average life.

    Parameters
    ----------
    flow : float64[K, N]
        Paid at the end of each period.
    discount : float64[K]
        Factor per period.
    value : float64[K]
        OUT. Sum of `flow * discount**t`, t = 1..N.
    moment : float64[K]
        OUT. Sum of `t * flow * discount**t`.

    Examples
    --------
    >>> value, moment = np.empty(1), np.empty(1)
    >>> moments(np.array([[1.0, 3.0]]), np.ones(1), value, moment)
    >>> value.tolist(), moment.tolist()
    ([4.0], [7.0])
    """
    time = np.arange(1, flow.shape[1] + 1)
    # Where nothing is paid the factor may be beyond all numbers: it counts nothing.
    with np.errstate(over="ignore", invalid="ignore"):
        present = np.where(flow == 0.0, 0.0, flow * discount[:, None] ** time)
    value[:] = present.sum(axis=1)
    moment[:] = (present * time).sum(axis=1)
