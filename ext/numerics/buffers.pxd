# Arguments of kernel functions: arrays checked for type, axes and lengths, and the address of their numbers.
# An argument is asked for by its name and axes, "pue [facilities, months]", and by the length of each; one that does not
# fit is refused in these words, with what it is instead.
#
# Design: for a typed memoryview NumPy writes out the format of a record and Cython reads it, at every call: more work than
# many a call does. Here a number is told by one letter, and a record by its dtype, which records.py alone makes and
# records.pyx holds against the struct, field by field, when the kernel is loaded. Nothing is held on to: the caller has the
# array while the call lasts.

from cpython.buffer cimport PyBUF_FORMAT, PyBUF_ND, PyBUF_WRITABLE, PyBuffer_Release
from cpython.exc cimport PyErr_Clear

cdef extern from "Python.h":
    int PyObject_GetBuffer(object array, Py_buffer* view, int flags) noexcept    # -1: refused, an error is set

cdef enum:
    MOST_AXES = 4
    ANY = -0x40000000                    # an axis of any length
    NO_AXIS = ANY - 1

cdef struct Array:                       # C-contiguous; its length is 1 beyond the last axis
    void* at
    Py_ssize_t[MOST_AXES] shape

cdef struct Reals:
    double* at
    Py_ssize_t[MOST_AXES] shape


cdef inline object refusal(object array, str expected, object kind, Py_ssize_t a, Py_ssize_t b, Py_ssize_t c, Py_ssize_t d):
    """The error of an argument that does not fit."""
    from rackrate.kernel.arguments import misfit
    PyErr_Clear()
    return misfit(array, expected, [n if n != ANY else None for n in (a, b, c, d) if n != NO_AXIS], kind)


cdef inline bint is_long(Py_ssize_t asked, Py_ssize_t length) noexcept nogil:
    return asked == length or asked == ANY


cdef inline void* look(object array, int flags, char one, char other, str expected, object kind, Py_ssize_t a, Py_ssize_t b,
                       Py_ssize_t c, Py_ssize_t d, Py_ssize_t* shape) except NULL:
    """Where an array of such axes lies; of numbers, one whose format is one of two letters."""
    cdef Py_buffer view
    cdef int k, axes = 1 + (b != NO_AXIS) + (c != NO_AXIS) + (d != NO_AXIS)
    cdef bint fits = PyObject_GetBuffer(array, &view, flags) == 0
    if fits:
        fits = view.ndim == axes and (one == 0 or (view.format[0] in (one, other) and view.format[1] == 0))
        for k in range(MOST_AXES):
            shape[k] = view.shape[k] if fits and k < axes else 1
        fits = (fits and is_long(a, shape[0]) and (axes < 2 or is_long(b, shape[1])) and (axes < 3 or is_long(c, shape[2]))
                and (axes < 4 or is_long(d, shape[3])))
        PyBuffer_Release(&view)
    if not fits:
        raise refusal(array, expected, kind, a, b, c, d)
    return view.buf


cdef inline int need(bint holds, object array, str expected) except -1:
    """Refuse an array whose lengths do not go together in a way that `expected` says."""
    if not holds:
        raise refusal(array, expected, None, NO_AXIS, NO_AXIS, NO_AXIS, NO_AXIS)
    return 0


cdef inline Array rows(object array, object dtype, str expected, Py_ssize_t length=ANY) except *:
    """Rows of a record."""
    cdef Array found
    cdef object known = getattr(array, "dtype", None)
    if known is not dtype and known != dtype:
        raise refusal(array, expected, dtype, length, NO_AXIS, NO_AXIS, NO_AXIS)
    found.at = look(array, PyBUF_ND, 0, 0, expected, dtype, length, NO_AXIS, NO_AXIS, NO_AXIS, found.shape)
    return found


cdef inline Array integers(object array, str expected, Py_ssize_t a, Py_ssize_t b=NO_AXIS) except *:
    """Integers of eight bytes, to be read."""
    cdef Array found
    found.at = look(array, PyBUF_ND | PyBUF_FORMAT, c"l", c"q", expected, "int64", a, b, NO_AXIS, NO_AXIS, found.shape)
    return found


cdef inline Array totals(object array, str expected, Py_ssize_t a, Py_ssize_t b=NO_AXIS, Py_ssize_t c=NO_AXIS) except *:
    """Integers of eight bytes, to be written or added to."""
    cdef Array found
    found.at = look(array, PyBUF_ND | PyBUF_FORMAT | PyBUF_WRITABLE, c"l", c"q", expected, "writable int64", a, b, c, NO_AXIS,
                    found.shape)
    return found


cdef inline Array counts(object array, str expected, Py_ssize_t a, Py_ssize_t b) except *:
    """Integers of four bytes, to be added to."""
    cdef Array found
    found.at = look(array, PyBUF_ND | PyBUF_FORMAT | PyBUF_WRITABLE, c"i", c"i", expected, "writable int32", a, b, NO_AXIS,
                    NO_AXIS, found.shape)
    return found


cdef inline Reals reals(object array, str expected, Py_ssize_t a, Py_ssize_t b=NO_AXIS, Py_ssize_t c=NO_AXIS,
                        Py_ssize_t d=NO_AXIS) except *:
    """Doubles, to be read."""
    cdef Reals found
    found.at = <double*> look(array, PyBUF_ND | PyBUF_FORMAT, c"d", c"d", expected, "float64", a, b, c, d, found.shape)
    return found


cdef inline Reals out(object array, str expected, Py_ssize_t a, Py_ssize_t b=NO_AXIS, Py_ssize_t c=NO_AXIS,
                      Py_ssize_t d=NO_AXIS) except *:
    """Doubles, to be written or widened."""
    cdef Reals found
    found.at = <double*> look(array, PyBUF_ND | PyBUF_FORMAT | PyBUF_WRITABLE, c"d", c"d", expected, "writable float64", a, b,
                              c, d, found.shape)
    return found
