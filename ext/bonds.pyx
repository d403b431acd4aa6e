"""Bond arithmetic: yields as discount factors, and discounted flows weighed by their time.

Only + - * / and comparisons: no libm, so the same bits on every processor. Axes: K class, N period.
"""

from libc.float cimport DBL_MAX as LARGEST
from libc.math cimport NAN
from libc.stdlib cimport free, malloc

from numerics.buffers cimport ANY, Reals, out, reals
from numerics.simd cimport WIDTH, read, spread, vec

cdef extern from *:
    """
    #define RACKRATE_FOLDS 8
    #define RACKRATE_FOLD_VECTORS (RACKRATE_FOLDS / RACKRATE_WIDTH)
    """
    enum:
        FOLDS "RACKRATE_FOLDS"           # Horner's rule runs in so many folds, on every eighth flow each
        VECTORS "RACKRATE_FOLD_VECTORS"

cdef enum:
    NEAR = 4                             # times the price: from there a few of Newton's steps are enough
    STEPS = 200


cdef inline double present_value(const double* flow, Py_ssize_t count, double discount, double* slope) noexcept nogil:
    """Value flows at a discount factor per period, with the derivative. `count` is a multiple of the folds, and not zero.

    What is beyond all doubles is infinite or NaN; the derivative is so sooner.
    """
    # A fold waits for itself alone, so that eight run in the time of one; and eight they are at every width of vector.
    cdef Py_ssize_t k = count - FOLDS, v
    cdef double power = discount * discount * discount * discount, total = 0.0, rise = 0.0
    cdef double stretch = 8.0 * (power * (discount * discount * discount))       # d(discount ** 8) / d(discount)
    cdef vec step = spread(power * power)
    cdef vec[VECTORS] value, change
    cdef const double* values = <const double*> value
    cdef const double* changes = <const double*> change
    for v in range(VECTORS):
        value[v], change[v] = read(flow + k + v * WIDTH), spread(0.0)
    while k > 0:
        k -= FOLDS
        for v in range(VECTORS):
            change[v] = value[v] + change[v] * step
            value[v] = read(flow + k + v * WIDTH) + value[v] * step
    for k in range(FOLDS - 1, -1, -1):
        rise = total + changes[k] * stretch + rise * discount
        total = values[k] + total * discount
    slope[0] = total + rise * discount
    return total * discount


cdef double run_discount(const double* flow, Py_ssize_t count, double price) noexcept nogil:
    """One class of `solve_discounts`: a bracket halved until the price is near, then Newton's steps from the right.

    The value is convex and rising: a step from the right stays there but for rounding. From far off a step is only a
    life's share of the way, however far that is.
    """
    cdef Py_ssize_t step
    cdef double low = 0.0, high = 1.0, middle, nearer, slope = 0.0, rise = 0.0, value, found
    if count == 0 or not price > 0.0:
        return NAN
    value = present_value(flow, count, high, &slope)
    if not value > 0.0:
        return NAN
    while value < price:                 # infinite or NaN: above any price
        low, high = high, 2.0 * high
        if high > LARGEST:
            return NAN
        value = present_value(flow, count, high, &slope)
    while not (value <= NEAR * price and slope <= LARGEST):
        middle = low + 0.5 * (high - low)
        if not low < middle < high:
            return high
        found = present_value(flow, count, middle, &rise)
        if found < price:
            low = middle
        else:
            high, value, slope = middle, found, rise
    for step in range(STEPS):
        nearer = high - (value - price) / slope
        if not nearer < high:
            return high
        high = nearer
        value = present_value(flow, count, high, &slope)
    return NAN


cdef inline Py_ssize_t fold(const double* flow, Py_ssize_t count, double* padded) noexcept nogil:
    """Copy flows up to the last that is not zero, and zeros to a multiple of the folds; how many they are then."""
    cdef Py_ssize_t k
    while count > 0 and flow[count - 1] == 0.0:
        count -= 1
    for k in range(count):
        padded[k] = flow[k]
    while count % FOLDS != 0:
        padded[count] = 0.0
        count += 1
    return count


def solve_discounts(
    flow,                            # IN  [K, N] paid at the end of each period, none negative
    price,                           # IN  [K] paid at closing
    discount,                        # OUT [K] factor per period at which the present value of flow is price; NaN if none is
):
    """Solve for the yield as a discount factor; rackrate.kernel.reference.bonds says it in full."""
    cdef Reals flows = reals(flow, "flow [classes, periods]", ANY, ANY)
    cdef Py_ssize_t k, K = flows.shape[0], N = flows.shape[1]
    cdef Reals prices = reals(price, "price [classes]", K), found = out(discount, "discount [classes]", K)
    cdef double* padded
    padded = <double*> malloc((N + FOLDS) * sizeof(double))
    if padded is NULL:
        raise MemoryError("no room for the flows of a class")
    with nogil:
        for k in range(K):
            found.at[k] = run_discount(padded, fold(flows.at + k * N, N, padded), prices.at[k])
    free(padded)


def moments(
    flow,                            # IN  [K, N] paid at the end of each period
    discount,                        # IN  [K] factor per period
    value,                           # OUT [K] sum of flow * discount**t, t = 1..N
    moment,                          # OUT [K] sum of t * flow * discount**t
):
    """Weigh discounted flows by their time; rackrate.kernel.reference.bonds says it in full."""
    cdef Reals flows = reals(flow, "flow [classes, periods]", ANY, ANY)
    cdef Py_ssize_t k, t, K = flows.shape[0], N = flows.shape[1]
    cdef Reals discounts = reals(discount, "discount [classes]", K), values = out(value, "value [classes]", K)
    cdef Reals weighed = out(moment, "moment [classes]", K)
    cdef double factor, total, late, worth_now
    with nogil:
        for k in range(K):
            factor, total, late = 1.0, 0.0, 0.0
            for t in range(N):
                factor *= discounts.at[k]
                if flows.at[k * N + t] == 0.0:       # nothing, also where the factor is beyond all doubles
                    continue
                worth_now = flows.at[k * N + t] * factor
                total += worth_now
                late += (t + 1) * worth_now
            values.at[k], weighed.at[k] = total, late
