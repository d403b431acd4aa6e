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
    cdef int i
    if root <= 0.0:
        root = 1.0
    for i in range(60):
        root = (2.0 * root + y / (root * root)) / 3.0
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
    """Phi(x): Marsaglia's series near the middle, the continued fraction of Mills' ratio in the tails."""
    cdef double a = -x if x < 0.0 else x
    cdef double density = 0.3989422804014327 * exp(-0.5 * a * a)
    cdef double term, total, tail
    cdef int n
    if a < 2.5:
        term = a
        total = a
        for n in range(3, 90, 2):
            term = term * a * a / n
            total = total + term
        tail = 0.5 - density * total
    else:
        total = a
        for n in range(120, 0, -1):
            total = a + n / total
        tail = density / total
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
