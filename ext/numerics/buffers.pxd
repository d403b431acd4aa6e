# Arrays at the kernel's door: where their numbers lie, of how many axes and how long, and that they are of the kind asked
# for.
#
# Design: for a typed memoryview NumPy writes out the format of a record and Cython reads it, at every call: more work than
# many a call does. Here a number is told by one letter, and a record by its dtype, which records.py alone makes and
# records.pyx holds against the struct, field by field, when the kernel is loaded. Nothing is held on to: the caller has the
# array while the call lasts.

from cpython.buffer cimport PyBUF_FORMAT, PyBUF_ND, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer

cdef enum:
    MOST_AXES = 4

cdef struct Array:                       # C-contiguous; its length is 1 beyond the last axis
    void* at
    Py_ssize_t[MOST_AXES] shape

cdef struct Reals:
    double* at
    Py_ssize_t[MOST_AXES] shape


cdef inline void* look(object array, int axes, int flags, char one, char other, Py_ssize_t* shape) except NULL:
    """Where an array of so many axes lies; of numbers, one whose format is one of two letters."""
    cdef Py_buffer view
    cdef bint fits
    cdef int k
    PyObject_GetBuffer(array, &view, flags)
    fits = view.ndim == axes and (one == 0 or (view.format[0] in (one, other) and view.format[1] == 0))
    for k in range(MOST_AXES):
        shape[k] = view.shape[k] if fits and k < axes else 1
    PyBuffer_Release(&view)
    if not fits:
        raise ValueError(f"kinds disagree: an array of {axes} axes and of other numbers is asked for")
    return view.buf


cdef inline Array rows(object array, object dtype) except *:
    """Rows of a record."""
    cdef Array found
    if array.dtype is not dtype and array.dtype != dtype:
        raise ValueError(f"kinds disagree: rows of {', '.join(dtype.names)} are asked for")
    found.at = look(array, 1, PyBUF_ND, 0, 0, found.shape)
    return found


cdef inline Array integers(object array, int axes) except *:
    """Integers of eight bytes, to be read."""
    cdef Array found
    found.at = look(array, axes, PyBUF_ND | PyBUF_FORMAT, c"l", c"q", found.shape)
    return found


cdef inline Reals reals(object array, int axes) except *:
    """Doubles, to be read."""
    cdef Reals found
    found.at = <double*> look(array, axes, PyBUF_ND | PyBUF_FORMAT, c"d", c"d", found.shape)
    return found


cdef inline Reals out(object array, int axes) except *:
    """Doubles, to be written."""
    cdef Reals found
    found.at = <double*> look(array, axes, PyBUF_ND | PyBUF_FORMAT | PyBUF_WRITABLE, c"d", c"d", found.shape)
    return found
