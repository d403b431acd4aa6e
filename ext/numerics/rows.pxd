# Rows: one value of every lane of a block, or of every month, in memory. What is more than a pass is in numerics/simd.pxd.
# Design: each loop is a function of its own, because C compilers trust `restrict` on parameters only, and without it a
# loop is not vectorised. Every lane sees the same operations in the same order: its bits do not depend on its neighbours.


cdef extern from *:
    """
    typedef double *__restrict__ rackrate_lanes;
    typedef const double *__restrict__ rackrate_lanes_in;
    """
    ctypedef double* lanes_t "rackrate_lanes"
    ctypedef const double* in_t "rackrate_lanes_in"


cdef inline void fill(Py_ssize_t n, double value, lanes_t x) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = value


cdef inline void copy(Py_ssize_t n, in_t source, lanes_t x) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = source[b]


cdef inline void add(Py_ssize_t n, in_t more, lanes_t x) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = x[b] + more[b]


cdef inline void add_scaled(Py_ssize_t n, double factor, in_t more, lanes_t x) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = x[b] + more[b] * factor


cdef inline void scale(Py_ssize_t n, double factor, lanes_t x) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = factor * x[b]
