# Random numbers of a path: counters through a block cipher, so that any draw of any path can be made at any time and on
# any processor. Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC11): Threefry-2x64 with 13
# rounds, the fewest they find free of failures in BigCrush. Key (seed, stream), counter (pair of paths, index).
#
# Design: paths come in antithetic pairs. The first half of a block's lanes draws, the second mirrors it: every normal
# changes its sign, every uniform becomes 1 - u. No libm, no branch and no call is left in the loops across lanes.

from libc.math cimport sqrt

from numerics.rows cimport lanes_t
from numerics.elementary cimport Pattern
from numerics.simd cimport *

cdef extern from *:
    """
    #define RACKRATE_LANES 32
    #define RACKRATE_HALF (RACKRATE_LANES / 2)
    #define RACKRATE_VECTORS (RACKRATE_LANES / RACKRATE_WIDTH)
    """
    enum:
        LANES "RACKRATE_LANES"           # paths of a block
        HALF "RACKRATE_HALF"             # pairs of a block
        VECTORS "RACKRATE_VECTORS"       # vectors of a block

cdef enum:                               # the stream of the cycle; of a pool's obligors, by place; others the caller names
    FACTOR_STREAM = 0, TENANT_STREAM = 1 << 20

cdef extern from *:
    """
    #define RACKRATE_OPTIONS (1ULL << 32) /* index of a lease's first option draw, above those of its renewals */
    """
    const unsigned long long OPTIONS "RACKRATE_OPTIONS"

cdef inline unsigned long long turned(unsigned long long x, int left) noexcept nogil:
    return (x << left) | (x >> (64 - left))


cdef inline void threefry(unsigned long long seed, unsigned long long stream, unsigned long long pair,
                          unsigned long long index, unsigned long long* word) noexcept nogil:
    """Two 64-bit words of one counter."""
    cdef unsigned long long third = seed ^ stream ^ <unsigned long long> 0x1BD11BDAA9FC1A22, x = pair + seed, y = index + stream
    x += y; y = turned(y, 16) ^ x
    x += y; y = turned(y, 42) ^ x
    x += y; y = turned(y, 12) ^ x
    x += y; y = turned(y, 31) ^ x
    x += stream; y += third + 1
    x += y; y = turned(y, 16) ^ x
    x += y; y = turned(y, 32) ^ x
    x += y; y = turned(y, 24) ^ x
    x += y; y = turned(y, 21) ^ x
    x += third; y += seed + 2
    x += y; y = turned(y, 16) ^ x
    x += y; y = turned(y, 42) ^ x
    x += y; y = turned(y, 12) ^ x
    x += y; y = turned(y, 31) ^ x
    x += seed; y += stream + 3
    x += y; y = turned(y, 16) ^ x
    word[0], word[1] = x, y


cdef inline double uniform(unsigned long long word) noexcept nogil:
    """The upper 52 bits of a word as the middle of one of 2**52 cells of (0, 1)."""
    cdef Pattern cell
    cell.bits = (word >> 12) | <unsigned long long> 0x3FF0000000000000
    return (cell.value - 1.0) + 1.1102230246251565e-16


cdef inline double coarse_uniform(unsigned long long half_word) noexcept nogil:
    """32 bits as the middle of one of 2**32 cells of (0, 1)."""
    cdef Pattern cell
    cell.bits = (half_word << 20) | <unsigned long long> 0x3FF0000000000000
    return (cell.value - 1.0) + 1.1641532182693481e-10


cdef inline double logarithm(double x) noexcept nogil:
    """ln x of a normal x > 0, to 1e-13: the mantissa by the series of artanh, the exponent times ln 2."""
    cdef Pattern whole, part
    cdef double exponent, m, s, s2
    part.value = x
    whole.bits = (part.bits >> 52) | <unsigned long long> 0x4330000000000000
    part.bits = (part.bits & <unsigned long long> 0xFFFFFFFFFFFFF) | <unsigned long long> 0x3FF0000000000000
    exponent = whole.value - 4503599627371519.0
    m = part.value
    exponent = exponent + 1.0 if m > 1.4142135623730951 else exponent
    m = 0.5 * m if m > 1.4142135623730951 else m
    s = (m - 1.0) / (m + 1.0)
    s2 = s * s
    s2 = 2.0 + s2 * (0.6666666666666666 + s2 * (0.4 + s2 * (0.2857142857142857 + s2 * (0.2222222222222222 + s2 * (
        0.18181818181818182 + s2 * (0.15384615384615385 + s2 * 0.13333333333333333))))))
    return exponent * 0.6931471805599453 + s * s2


cdef inline double normal(double u) noexcept nogil:
    """Phi^-1(u), relative error below 4e-10: u - 1/2 times a minimax ratio of polynomials in w = -ln(4 u (1 - u)).

    After Giles, "Approximating the erfinv function" (GPU Computing Gems, 2011), whose variable w makes one smooth
    function of the whole range; the ratio is fitted to w <= 36.5, which a uniform of 52 bits does not exceed.
    """
    cdef double w = -logarithm(4.0 * u * (1.0 - u)), top, below
    top = 8.16840899043702e-06 + w * (5.377687081889538e-07 + w * 3.4905631564428665e-09)
    top = 0.024176476316275237 + w * (0.002391579228250256 + w * (0.0001621768277164792 + w * top))
    top = 2.5066282753213853 + w * (0.8417071602614246 + w * (0.1708132060884711 + w * top))
    below = 1.0048912494627324e-06 + w * (2.0941934223515738e-08 + w * 3.079163585813006e-11)
    below = 0.001958656997465182 + w * (0.00031497558719481377 + w * (8.94906856613808e-06 + w * below))
    below = 1.0 + w * (0.07399319450044177 + w * (0.03574116205916024 + w * below))
    return (u - 0.5) * (top / below)


cdef inline vec draw_uniform(unsigned long long seed, unsigned long long stream, unsigned long long pair,
                             unsigned long long index, double sign) noexcept nogil:
    """A uniform for each lane of a vector of pairs, mirrored where the sign is negative."""
    cdef unsigned long long word[2]
    cdef double u[WIDTH]
    cdef Py_ssize_t b
    for b in range(WIDTH):
        threefry(seed, stream, pair + b, index, word)
        u[b] = uniform(word[0])
    return read(u) if sign > 0.0 else 1.0 - read(u)


cdef inline vec draw_normal(unsigned long long seed, unsigned long long stream, unsigned long long pair,
                            unsigned long long index, double sign) noexcept nogil:
    """A standard normal for each lane of a vector of pairs, mirrored where the sign is negative."""
    cdef unsigned long long word[2]
    cdef double z[WIDTH]
    cdef Py_ssize_t b
    for b in range(WIDTH):
        threefry(seed, stream, pair + b, index, word)
        z[b] = normal(uniform(word[0]))
    return read(z) * sign


cdef inline void draw_normals(unsigned long long seed, unsigned long long stream, unsigned long long pair,
                              unsigned long long index, lanes_t x) noexcept nogil:
    """A standard normal a lane, [LANES]."""
    cdef unsigned long long word[2]
    cdef double z
    cdef Py_ssize_t b
    for b in range(HALF):
        threefry(seed, stream, pair + b, index, word)
        z = normal(uniform(word[0]))
        x[b] = z
        x[HALF + b] = -z


cdef inline void draw_four_months(unsigned long long seed, unsigned long long stream, unsigned long long pair,
                                  unsigned long long index, lanes_t first, lanes_t second, lanes_t third, lanes_t fourth
                                  ) noexcept nogil:
    """Four standard normals a lane, [LANES] each, of 32 bits: the steps of four months."""
    cdef unsigned long long word[2]
    cdef double z
    cdef Py_ssize_t b
    for b in range(HALF):
        threefry(seed, stream, pair + b, index, word)
        z = normal(coarse_uniform((word[0] << 32) >> 32))
        first[b], first[HALF + b] = z, -z
        z = normal(coarse_uniform(word[0] >> 32))
        second[b], second[HALF + b] = z, -z
        z = normal(coarse_uniform((word[1] << 32) >> 32))
        third[b], third[HALF + b] = z, -z
        z = normal(coarse_uniform(word[1] >> 32))
        fourth[b], fourth[HALF + b] = z, -z
