# A vector: one value of several lanes, in one register. What is written as maths on a vector is done in every lane at
# once, and what a lane gets does not depend on the others.
#
# Design: the width is that of the instructions a build is compiled for, so that a value is one register and one
# operation is one instruction. `+ - *` are the compiler's own; the rest are the instructions of that name, all exact in
# IEEE 754: every width gives the same bits. With RACKRATE_ONE_LANE a vector is a double, for loops that the compiler makes
# vectors of itself. `least` and `most` are `a < b ? a : b` and `a > b ? a : b`, NaN included.

cdef extern from *:
    """
    #if defined(RACKRATE_ONE_LANE) || !defined(__SSE2__)
    #define RACKRATE_WIDTH 1
    typedef double rackrate_vec;
    typedef int rackrate_mask;
    #define rackrate_spread(x) ((double) (x))
    #define rackrate_read(p) (*(p))
    #define rackrate_write(p, x) (*(p) = (x))
    static inline double rackrate_least(double a, double b) { return a < b ? a : b; }
    static inline double rackrate_most(double a, double b) { return a > b ? a : b; }
    static inline double rackrate_size(double x) { return __builtin_fabs(x); }
    #define rackrate_below(a, b) ((a) < (b))
    #define rackrate_at_most(a, b) ((a) <= (b))
    #define rackrate_same(a, b) ((a) == (b))
    #define rackrate_both(m, n) ((m) & (n))
    #define rackrate_pick(m, a, b) ((m) ? (a) : (b))
    #define rackrate_keep(m, a) ((m) ? (a) : 0.0)
    #define rackrate_lanes_of(m) (m)
    #elif defined(__AVX512F__) && defined(__AVX512DQ__)
    #include <immintrin.h>
    #define RACKRATE_WIDTH 8
    typedef __m512d rackrate_vec;
    typedef __mmask8 rackrate_mask;
    #define rackrate_spread(x) _mm512_set1_pd(x)
    #define rackrate_read(p) _mm512_loadu_pd(p)
    #define rackrate_write(p, x) _mm512_storeu_pd(p, x)
    #define rackrate_least(a, b) _mm512_min_pd(a, b)
    #define rackrate_most(a, b) _mm512_max_pd(a, b)
    #define rackrate_size(x) _mm512_abs_pd(x)
    #define rackrate_below(a, b) _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ)
    #define rackrate_at_most(a, b) _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ)
    #define rackrate_same(a, b) _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ)
    #define rackrate_both(m, n) ((rackrate_mask) ((m) & (n)))
    #define rackrate_pick(m, a, b) _mm512_mask_blend_pd(m, b, a)
    #define rackrate_keep(m, a) _mm512_maskz_mov_pd(m, a)
    #define rackrate_lanes_of(m) ((int) (m))
    #elif defined(__AVX2__)
    #include <immintrin.h>
    #define RACKRATE_WIDTH 4
    typedef __m256d rackrate_vec;
    typedef __m256d rackrate_mask;
    #define rackrate_spread(x) _mm256_set1_pd(x)
    #define rackrate_read(p) _mm256_loadu_pd(p)
    #define rackrate_write(p, x) _mm256_storeu_pd(p, x)
    #define rackrate_least(a, b) _mm256_min_pd(a, b)
    #define rackrate_most(a, b) _mm256_max_pd(a, b)
    #define rackrate_size(x) _mm256_andnot_pd(_mm256_set1_pd(-0.0), x)
    #define rackrate_below(a, b) _mm256_cmp_pd(a, b, _CMP_LT_OQ)
    #define rackrate_at_most(a, b) _mm256_cmp_pd(a, b, _CMP_LE_OQ)
    #define rackrate_same(a, b) _mm256_cmp_pd(a, b, _CMP_EQ_OQ)
    #define rackrate_both(m, n) _mm256_and_pd(m, n)
    #define rackrate_pick(m, a, b) _mm256_blendv_pd(b, a, m)
    #define rackrate_keep(m, a) _mm256_and_pd(m, a)
    #define rackrate_lanes_of(m) _mm256_movemask_pd(m)
    #else
    #include <emmintrin.h>
    #define RACKRATE_WIDTH 2
    typedef __m128d rackrate_vec;
    typedef __m128d rackrate_mask;
    #define rackrate_spread(x) _mm_set1_pd(x)
    #define rackrate_read(p) _mm_loadu_pd(p)
    #define rackrate_write(p, x) _mm_storeu_pd(p, x)
    #define rackrate_least(a, b) _mm_min_pd(a, b)
    #define rackrate_most(a, b) _mm_max_pd(a, b)
    #define rackrate_size(x) _mm_andnot_pd(_mm_set1_pd(-0.0), x)
    #define rackrate_below(a, b) _mm_cmplt_pd(a, b)
    #define rackrate_at_most(a, b) _mm_cmple_pd(a, b)
    #define rackrate_same(a, b) _mm_cmpeq_pd(a, b)
    #define rackrate_both(m, n) _mm_and_pd(m, n)
    #define rackrate_pick(m, a, b) _mm_or_pd(_mm_and_pd(m, a), _mm_andnot_pd(m, b))
    #define rackrate_keep(m, a) _mm_and_pd(m, a)
    #define rackrate_lanes_of(m) _mm_movemask_pd(m)
    #endif
    """
    enum:
        WIDTH "RACKRATE_WIDTH"                                    # lanes of a vector
    ctypedef double vec "rackrate_vec"
    ctypedef int mask "rackrate_mask"                             # a yes or no for each lane
    vec spread "rackrate_spread"(double x) noexcept nogil         # one value in every lane
    vec read "rackrate_read"(const double* p) noexcept nogil      # the next WIDTH values, wherever they lie
    void write "rackrate_write"(double* p, vec x) noexcept nogil
    vec least "rackrate_least"(vec a, vec b) noexcept nogil
    vec most "rackrate_most"(vec a, vec b) noexcept nogil
    vec size "rackrate_size"(vec x) noexcept nogil                # |x|
    mask below "rackrate_below"(vec a, vec b) noexcept nogil      # a < b; no where one is NaN, and so on
    mask at_most "rackrate_at_most"(vec a, vec b) noexcept nogil
    mask same "rackrate_same"(vec a, vec b) noexcept nogil
    mask both "rackrate_both"(mask m, mask n) noexcept nogil
    vec pick "rackrate_pick"(mask m, vec a, vec b) noexcept nogil # a where m, else b
    vec keep "rackrate_keep"(mask m, vec a) noexcept nogil        # a where m, else 0
    int lanes_of "rackrate_lanes_of"(mask m) noexcept nogil       # a bit for each lane, 0 where no lane says yes

cdef extern from *:
    """
    #include <stdlib.h>
    #define rackrate_quotient(a, b) ((a) / (b))
    static inline void *rackrate_room(size_t bytes) { return aligned_alloc(64, (bytes + 63) / 64 * 64); }
    """
    vec quotient "rackrate_quotient"(vec a, vec b) noexcept nogil # a / b, whatever the build checks
    void* room "rackrate_room"(size_t bytes) noexcept nogil       # memory for vectors; freed by free


cdef inline vec flag(mask m) noexcept nogil:
    """1 where yes, else 0."""
    return keep(m, spread(1.0))


cdef inline bint some(vec x) noexcept nogil:
    """Whether any lane is above zero."""
    return lanes_of(below(spread(0.0), x)) != 0


cdef inline bint every(vec x) noexcept nogil:
    """Whether every lane is above zero."""
    return lanes_of(below(spread(0.0), x)) == (1 << WIDTH) - 1


cdef inline Py_ssize_t vectors_of(Py_ssize_t lanes) noexcept nogil:
    """Vectors that hold so many lanes."""
    return (lanes + WIDTH - 1) // WIDTH
