# Level payments of an annuity.

cdef inline double annuity_payment(double rate, Py_ssize_t count) noexcept nogil:
    """Payment per period that repays one unit in `count` periods at `rate` a period."""
    # The annuity is added up in blocks of doubling length, so that no rate, however small, cancels.
    cdef double discount = 1.0 / (1.0 + rate), present_value = 0.0, factor = 1.0, block = 1.0 / (1.0 + rate)
    while count > 0:
        if count & 1:
            present_value += factor * block
            factor *= discount
        block *= 1.0 + discount
        discount *= discount
        count >>= 1
    return 1.0 / present_value
