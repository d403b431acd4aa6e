"""The formula of a level payment beside the kernel's."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rackrate import kernel
from rackrate.documents.workbook.formulas.book import Book
from rackrate.documents.workbook.model import level


@example(rate=1e-301, count=240)
@example(rate=1e-17, count=360)
@given(
    st.floats(0.0, 1.0 / 12.0) | st.floats(-17.0, -2.0).map(lambda power: 10.0**power), st.integers(1, 600)
)
def test_the_formula_of_a_level_payment_is_the_kernels_at_every_rate(rate: float, count: int) -> None:
    """`1+r` is 1 where r is below 1e-16: `1-(1+r)^-n` would be nothing to divide by, and 11% off at 1e-15."""
    found = Book().calculate(level(repr(rate).upper(), str(count)))
    assert found == pytest.approx(kernel.level_payment(rate, count), rel=1e-10)
