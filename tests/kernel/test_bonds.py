"""Yields as discount factors and flows weighed by time: one body for the kernel and its twin."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import rackrate.kernel as compiled
from rackrate.kernel.reference import bonds as reference

BOTH = pytest.mark.parametrize("kernel", [compiled, reference], ids=["compiled", "reference"])


@BOTH
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


def solved(kernel, flow, price):
    """The factor at which one class's flows are worth a price."""
    discount = np.empty(1)
    kernel.solve_discounts(np.array([flow]), np.array([price]), discount)
    return float(discount[0])


def log_root(flow, price):
    """Logarithm of the same factor, by bisection on the logarithm of the flows' worth: nothing overflows."""
    months = np.flatnonzero(flow > 0.0)
    sizes, low, high = np.log(flow[months]), -2000.0, 2000.0
    for _ in range(70):
        middle = (low + high) / 2.0
        worth = np.logaddexp.reduce(sizes + (months + 1.0) * middle)
        low, high = (middle, high) if worth < math.log(price) else (low, middle)
    return high


@st.composite
def claims(draw):
    """Flows of one to 600 months, level, late or few, tiny or huge, and a price far from their sum."""
    months = draw(st.sampled_from([1, 7, 8, 9, 60, 359, 360, 600]))
    flow = np.full(months, draw(st.sampled_from([0.0, 1e-9, 0.005, 1.0])))
    for _ in range(draw(st.integers(1, 3))):
        flow[draw(st.integers(0, months - 1))] += 10.0 ** draw(st.floats(-9.0, 3.0))
    flow *= 10.0 ** draw(st.integers(-12, 12))
    far = draw(st.sampled_from([0.0, 1e-9, 0.01, -0.01, 1.0, -1.0, 9.0, -9.0]))
    return flow, float(flow.sum()) * 10.0**far


@BOTH
@settings(max_examples=200)
@given(claim=claims())
def test_the_discount_is_the_root_however_long_the_life_and_far_the_price(kernel, claim):
    flow, price = claim
    assert math.log(solved(kernel, flow, price)) == pytest.approx(log_root(flow, price), rel=1e-9, abs=1e-12)


@BOTH
@pytest.mark.parametrize("months", [1, 2, 9, 120, 360, 600])
@pytest.mark.parametrize("price", [1e-9, 0.5, 0.999, 1.01, 2.0, 1e3, 1e9])
def test_one_payment_of_one_is_discounted_by_the_root_of_its_price(kernel, months, price):
    """`discount**months = price`; far above par Newton's steps alone stop short of it."""
    flow = np.zeros(months)
    flow[-1] = 1.0
    assert solved(kernel, flow, price) == pytest.approx(price ** (1.0 / months), rel=1e-13)


@BOTH
def test_a_factor_beyond_all_numbers_is_none(kernel):
    assert math.isnan(solved(kernel, [5e-324], 1e13))
    assert solved(kernel, [0.0, 5e-324], 1e13) == pytest.approx(math.sqrt(1e13) / math.sqrt(5e-324), rel=1e-9)


@BOTH
def test_months_in_which_nothing_is_paid_count_nothing_whatever_the_factor(kernel):
    value, moment = np.empty((2, 1))
    kernel.moments(np.array([[1e-30, *[0.0] * 59]]), np.array([1e36]), value, moment)
    assert (value[0], moment[0]) == pytest.approx((1e6, 1e6))


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
    with pytest.raises(ValueError, match=r"price: expected \[classes\] = \[2\]"):
        compiled.solve_discounts(two, vector, vector)
    with pytest.raises(ValueError, match=r"discount: expected \[classes\] = \[2\]"):
        compiled.moments(two, vector, vector, vector)
