"""Yields as discount factors and flows weighed by time: one body for the kernel and its twin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import rackrate.kernel as compiled
from rackrate.kernel.reference import bonds as reference

BOTH = pytest.mark.parametrize("kernel", [compiled, reference], ids=["compiled", "reference"])


@BOTH
@settings(deadline=None)
@given(
    flow=arrays.arrays(np.float64, (1, 60), elements=st.floats(0.0, 10.0)),
    price=st.floats(0.5, 500.0),
)
def test_a_solved_discount_prices_the_flows(kernel, flow, price):
    flow[0, 0] += 0.01
    discount, value, moment = np.empty((3, 1))
    kernel.solve_discounts(flow, np.array([price]), discount)
    kernel.moments(flow, discount, value, moment)
    assert value[0] == pytest.approx(price, rel=1e-10)


@BOTH
def test_flows_of_nothing_and_free_flows_have_no_discount(kernel):
    discount = np.empty(2)
    kernel.solve_discounts(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([1.0, 0.0]), discount)
    assert np.isnan(discount).all()


@BOTH
def test_moments_at_no_discount_are_the_sum_and_the_time_weighted_sum(kernel):
    value, moment = np.empty((2, 1))
    kernel.moments(np.array([[1.0, 0.0, 5.0]]), np.ones(1), value, moment)
    assert (value[0], moment[0]) == (6.0, 16.0)


def test_the_compiled_kernel_refuses_classes_that_do_not_fit():
    two, vector = np.ones((2, 3)), np.ones(1)
    with pytest.raises(ValueError, match="price: every"):
        compiled.solve_discounts(two, vector, vector)
    with pytest.raises(ValueError, match="discount: every"):
        compiled.moments(two, vector, vector, vector)
