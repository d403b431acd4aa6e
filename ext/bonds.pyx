"""Bond arithmetic: yields as discount factors, and discounted flows weighed by their time.

Only + - * / and comparisons: no libm, so the same bits on every processor. Axes: K class, N period.
"""

from libc.math cimport NAN


cdef inline double worth(const double* flow, Py_ssize_t count, double discount, double* slope) noexcept nogil:
    """Value flows at a discount factor per period by Horner's rule, with the derivative."""
    cdef Py_ssize_t k
    cdef double value = 0.0, change = 0.0
    for k in range(count - 1, -1, -1):
        change = value + change * discount
        value = flow[k] + value * discount
    slope[0] = value + change * discount
    return value * discount


cdef double run_discount(const double* flow, Py_ssize_t count, double price) noexcept nogil:
    """One class of `solve_discounts`: Newton's steps from the right on a convex rising value."""
    cdef Py_ssize_t step
    cdef double guess = 1.0, nearer, slope = 0.0, value
    if not worth(flow, count, guess, &slope) > 0.0 or not price > 0.0:
        return NAN
    while worth(flow, count, guess, &slope) < price:
        guess *= 2.0
    for step in range(200):
        value = worth(flow, count, guess, &slope)
        nearer = guess - (value - price) / slope
        if not nearer < guess:
            break
        guess = nearer
    return guess


def solve_discounts(
    const double[:, ::1] flow,       # IN  [K, N] paid at the end of each period, none negative
    const double[::1] price,         # IN  [K] paid at closing
    double[::1] discount,            # OUT [K] factor per period at which flow is worth price; NaN if none is
):
    """Solve for the yield as a discount factor; rackrate.kernel.reference.bonds says it in full."""
    cdef Py_ssize_t k, count = flow.shape[1]
    if price.shape[0] != flow.shape[0] or discount.shape[0] != flow.shape[0]:
        raise ValueError("price: every argument needs the same classes")
    with nogil:
        for k in range(flow.shape[0]):
            discount[k] = run_discount(&flow[k, 0], count, price[k]) if count > 0 else NAN


def moments(
    const double[:, ::1] flow,       # IN  [K, N] paid at the end of each period
    const double[::1] discount,      # IN  [K] factor per period
    double[::1] value,               # OUT [K] sum of flow * discount**t, t = 1..N
    double[::1] moment,              # OUT [K] sum of t * flow * discount**t
):
    """Weigh discounted flows by their time; rackrate.kernel.reference.bonds says it in full."""
    cdef Py_ssize_t k, t
    cdef double factor
    if discount.shape[0] != flow.shape[0] or value.shape[0] != flow.shape[0] or moment.shape[0] != flow.shape[0]:
        raise ValueError("discount: every argument needs the same classes")
    with nogil:
        for k in range(flow.shape[0]):
            factor = 1.0
            value[k] = moment[k] = 0.0
            for t in range(flow.shape[1]):
                factor *= discount[k]
                value[k] += flow[k, t] * factor
                moment[k] += (t + 1) * (flow[k, t] * factor)
