# What is kept of a path: counts, and sums that do not depend on their order, so that the answer's bits are the same however
# paths are shared out among blocks, threads and workers.
#
# Design: memory is independent of the number of paths. A sum is two whole numbers, units and 2**-50 of a unit; a quantile
# is read from counts in bins. Cover has bins of 1/256 from -4 to 12; amounts and lives have 1,024 bins an octave (a tenth
# of a percent) from 2**-10 up. Each bin row has its least and greatest value beside it, so that a row of one value is exact.

from numerics.threefry cimport HALF, LANES, VECTORS
from numerics.elementary cimport Pattern
from libc.math cimport INFINITY
from numerics.simd cimport *

cdef enum:
    COVER_BINS = 4096
    COVER_PER_UNIT = 256
    COVER_FROM = -4
    OCTAVE_BITS = 10                     # bins an octave: 2**OCTAVE_BITS
    FIRST_OCTAVE = -10
    OCTAVES = 56
    AMOUNT_BINS = OCTAVES * 1024
    SUM_COLUMNS = 4                      # units and parts of a mean, units and parts of its squares

cdef extern from *:
    """
    #define RACKRATE_PART 1125899906842624.0       /* 2**50 */
    #define RACKRATE_MOST 562949953421312.0        /* 2**49: the paths of a call add up to less than 2**63 */
    """
    const double PART "RACKRATE_PART"
    const double MOST "RACKRATE_MOST"


cdef inline void add_exactly(double x, long long* into) noexcept nogil:
    """Add a number to a pair of units and parts. One beyond 2**49 is not: the reach beside it tells."""
    cdef long long units
    if not -MOST <= x <= MOST:
        return
    units = <long long> x
    into[0] += units
    into[1] += <long long> ((x - units) * PART)


cdef inline Py_ssize_t amount_bin(double x) noexcept nogil:
    """Bin 0 below 2**-10, then by the exponent and the first ten bits of the mantissa."""
    cdef Pattern pattern
    cdef long long at
    pattern.value = x
    at = <long long> (pattern.bits >> (52 - OCTAVE_BITS)) - ((1023 + FIRST_OCTAVE) << OCTAVE_BITS) + 1
    if not x > 0.0 or at < 0:
        return 0
    return at if at < AMOUNT_BINS else AMOUNT_BINS - 1


cdef inline void tally_cover(const double* cover, int* bins, double* reach, long long* known) noexcept nogil:
    """Count each known cover of a block; NaN is not known."""
    cdef Py_ssize_t v, b
    cdef vec x, low = spread(INFINITY), high = spread(-INFINITY), top = spread(COVER_BINS - 1)
    cdef double bin_of[WIDTH]
    for v in range(VECTORS):
        x = read(cover + v * WIDTH)
        low, high = least(x, low), most(x, high)
        # one bin past the last for what is not known
        write(bin_of, pick(same(x, x), most(least((x - COVER_FROM) * COVER_PER_UNIT, top), spread(0.0)), spread(COVER_BINS)))
        for b in range(WIDTH):
            if bin_of[b] < COVER_BINS:
                bins[<Py_ssize_t> bin_of[b]] += 1
                known[0] += 1
    widen(low, high, reach)


cdef inline void widen(vec low, vec high, double* reach) noexcept nogil:
    """The least and the greatest of all lanes so far."""
    cdef Py_ssize_t b
    cdef double lane[WIDTH]
    if lanes_of(below(low, spread(reach[0]))):
        write(lane, low)
        for b in range(WIDTH):
            reach[0] = lane[b] if lane[b] < reach[0] else reach[0]
    if lanes_of(below(spread(reach[1]), high)):
        write(lane, high)
        for b in range(WIDTH):
            reach[1] = lane[b] if lane[b] > reach[1] else reach[1]


cdef struct Count:                       # of lanes, vector by vector
    vec on                               # whose flag is on
    vec both                             # and whose partner's is too


cdef inline void count(vec counted, vec one, vec other, Count* into) noexcept nogil:
    """Add the flags of the lanes of a vector and of their partners."""
    into.on = into.on + (one + other) * counted
    into.both = into.both + (one * other) * counted


cdef inline void tally_count(const Count* found, long long* counts) noexcept nogil:
    """Add up the lanes of a count."""
    cdef Py_ssize_t b
    cdef const double* on = <const double*> &found.on
    cdef const double* pairs = <const double*> &found.both
    if lanes_of(below(spread(0.0), found.on)):
        for b in range(WIDTH):
            counts[0] += <long long> on[b]
            counts[1] += <long long> pairs[b]


cdef inline void tally_amount(Py_ssize_t pairs, const double* amount, double centre, double scale, long long* sums,
                              int* bins, double* reach) noexcept nogil:
    """Add a quantity of each lane, and the square of each pair's mean about a centre, in units of a scale."""
    cdef Py_ssize_t b, half
    cdef double x, mean
    for b in range(pairs):
        mean = (0.5 * (amount[b] + amount[HALF + b]) - centre) / scale
        add_exactly(mean * mean, sums + 2)
        for half in range(2):
            x = amount[half * HALF + b]
            add_exactly(x, sums)
            bins[amount_bin(x)] += 1
            reach[0] = x if x < reach[0] else reach[0]
            reach[1] = x if x > reach[1] else reach[1]
