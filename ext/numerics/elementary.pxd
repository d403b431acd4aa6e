# Scalar maths shared by the kernels: one point, noexcept nogil.
# Design: libm is not called. Its exp, log and pow pick an implementation by processor, and the last bit of an answer
# would follow. These use + - * / and sqrt (exact in IEEE 754) and the bit pattern of a double, so every machine agrees.

from libc.math cimport sqrt

cdef union Pattern:
    double value
    unsigned long long bits


cdef inline double power(double base, long long exponent) noexcept nogil:
    """base ** exponent for a whole exponent >= 0, by squaring."""
    cdef double result = 1.0
    while exponent > 0:
        if exponent & 1:
            result = result * base
        base = base * base
        exponent >>= 1
    return result


cdef inline double twelfth_root(double x) noexcept nogil:
    """x ** (1/12) for x > 0: two square roots, then Newton for the cube root."""
    cdef double y = sqrt(sqrt(x))
    cdef double root = 1.0 + (y - 1.0) / 3.0 if y < 8.0 else 2.0
    cdef double nearer
    cdef int i
    if root <= 0.0:
        root = 1.0
    for i in range(60):
        nearer = (2.0 * root + y / (root * root)) / 3.0
        if nearer == root:
            break
        root = nearer
    return root


cdef inline double compound(double rate, long long month) noexcept nogil:
    """(1 + rate) ** (month / 12), month >= 0."""
    cdef double annual = power(1.0 + rate, month // 12)
    if month % 12 == 0:
        return annual
    return annual * power(twelfth_root(1.0 + rate), month % 12)


cdef inline double exp(double x) noexcept nogil:
    """e ** x: reduced by ln 2 in two parts, then a Taylor polynomial on |r| <= 0.347. Exactly 1 at 0."""
    cdef double clipped = -708.0 if x < -708.0 else x, k, r, p
    cdef Pattern scaled, two
    clipped = 709.0 if clipped > 709.0 else clipped
    scaled.value = clipped * 1.4426950408889634 + 6755399441055744.0
    k = scaled.value - 6755399441055744.0
    two.bits = (scaled.bits - <unsigned long long> 0x4338000000000000 + 1023) << 52
    r = (clipped - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10
    p = 2.505210838544172e-08 + r * (2.08767569878681e-09 + r * 1.6059043836821613e-10)
    p = 2.48015873015873e-05 + r * (2.7557319223985893e-06 + r * (2.755731922398589e-07 + r * p))
    p = 0.008333333333333333 + r * (0.001388888888888889 + r * (0.0001984126984126984 + r * p))
    p = 1.0 + r * (1.0 + r * (0.5 + r * (0.16666666666666666 + r * (0.041666666666666664 + r * p))))
    return p * two.value


cdef inline double log(double x) noexcept nogil:
    """ln x for a normal x > 0: the mantissa in [0.71, 1.42) by the series of artanh, the exponent times ln 2."""
    cdef Pattern bits
    cdef long long e
    cdef double m, s, s2, p
    cdef int n
    bits.value = x
    e = <long long> (bits.bits >> 52) - 1023
    bits.bits = (bits.bits & <unsigned long long> 0xFFFFFFFFFFFFF) | (<unsigned long long> 1023 << 52)
    m = bits.value
    if m > 1.4142135623730951:
        m = 0.5 * m
        e += 1
    s = (m - 1.0) / (m + 1.0)
    s2 = s * s
    p = 1.0 / 27.0
    for n in range(25, 0, -2):
        p = 1.0 / n + s2 * p
    return e * 6.93147180369123816490e-01 + (2.0 * s * p + e * 1.90821492927058770002e-10)


cdef inline double normal_cdf(double x) noexcept nogil:
    """Phi(x), each tail to its own last digits: W. J. Cody's rational approximations (Math. Comp. 23, 1969)."""
    cdef double a = -x if x < 0.0 else x, s, above, below, tail
    if a < 0.67448975:
        s = a * a
        above = (((0.065682337918207449113 * s + 2.2352520354606839287) * s + 161.02823106855587881) * s
                 + 1067.6894854603709582) * s + 18154.981253343561249
        below = (((s + 47.20258190468824187) * s + 976.09855173777669322) * s
                 + 10260.932208618978205) * s + 45507.789335026729956
        return 0.5 + x * (above / below)
    if a < 5.656854249492380:
        above = ((((((((1.0765576773720192317e-8 * a + 0.39894151208813466764) * a + 8.8831497943883759412) * a
                      + 93.506656132177855979) * a + 597.27027639480026226) * a + 2494.5375852903726711) * a
                   + 6848.1904505362823326) * a + 11602.651437647350124) * a + 9842.7148383839780218)
        below = ((((((((a + 22.266688044328115691) * a + 235.38790178262499861) * a + 1519.377599407554805) * a
                      + 6485.558298266760755) * a + 18615.571640885098091) * a + 34900.952721145977266) * a
                  + 38912.003286093271411) * a + 19685.429676859990727)
        tail = above / below
    else:
        s = 1.0 / (a * a)
        above = ((((0.02307344176494017303 * s + 0.21589853405795699) * s + 0.1274011611602473639) * s
                  + 0.022235277649801849) * s + 0.001421619193227893466) * s + 2.9112874951168792e-5
        below = ((((s + 1.28426009614491121) * s + 0.468238212480865118) * s + 0.0659881378689285515) * s
                 + 0.00378239633202758244) * s + 7.29751555083966205e-5
        tail = (0.3989422804014327 - s * (above / below)) / a
    s = <long long> (a * 16.0) / 16.0    # a square of few digits is exact, and the rest is small
    tail = exp(-0.5 * s * s) * exp(-0.5 * (a - s) * (a + s)) * tail
    return tail if x < 0.0 else 1.0 - tail


cdef inline double normal_quantile(double p) noexcept nogil:
    """Phi^-1(p), 0 < p < 1: a rational start (Abramowitz and Stegun 26.2.23), then Newton with Halley's correction."""
    cdef double q = p if p < 0.5 else 1.0 - p
    cdef double t = sqrt(-2.0 * log(q))
    cdef double x = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (
        1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
    cdef double error, step
    cdef int i
    x = -x
    for i in range(4):
        error = (normal_cdf(x) - q) / (0.3989422804014327 * exp(-0.5 * x * x))
        step = error / (1.0 + 0.5 * x * error)
        x = x - step
    return x if p < 0.5 else -x
