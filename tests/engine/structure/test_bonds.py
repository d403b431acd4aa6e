"""Bond arithmetic: yields, durations and lives by hand."""

import numpy as np
import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from rackrate.engine.structure.bonds import average_lives, durations, yields


def bullet(rate, months):
    """A bullet of 1 with a monthly coupon."""
    paid = np.full(months, rate / 12.0)
    paid[-1] += 1.0
    return paid


@pytest.mark.parametrize("rate", [0.0, 0.0575, 0.25])
def test_a_bullet_at_par_yields_its_coupon_to_machine_precision(rate):
    assert yields(bullet(rate, 60)[None], [1.0])[0] == pytest.approx(rate, rel=1e-13, abs=1e-15)


def test_a_discount_raises_the_yield_and_a_premium_lowers_it():
    low, par, high = yields(np.stack([bullet(0.06, 84)] * 3), [1.05, 1.0, 0.95])
    assert low < par < high


def test_what_pays_back_less_than_its_price_yields_below_zero():
    """0.5 after twelve months for 1: 12 * (0.5**(1/12) - 1)."""
    found = yields(np.array([[0.0] * 11 + [0.5]]), [1.0])[0]
    assert found == pytest.approx(12.0 * (0.5 ** (1 / 12) - 1.0), rel=1e-12)


def test_a_class_that_is_paid_nothing_or_costs_nothing_has_no_yield_nor_duration():
    flows = np.array([[0.0, 0.0], [1.0, 1.0]])
    assert yields(flows, [1.0, 0.0]) == [None, None]
    assert durations(flows, [1.0, 0.0]) == [None, None]


def test_modified_duration_is_the_price_change_for_a_change_in_yield():
    paid, step = bullet(0.0725, 84), 1e-5
    found = durations(paid[None], [1.0])[0]
    months = np.arange(1, 85)
    up, down = (float((paid * (1.0 + (0.0725 + bump) / 12.0) ** -months).sum()) for bump in (step, -step))
    assert found == pytest.approx((down - up) / (2.0 * step), rel=1e-8)


def test_quarterly_flows_yield_the_monthly_compounded_rate():
    """1.5 percent a quarter is 12 * (1.015**(1/3) - 1) a year compounded monthly."""
    paid = np.full((1, 20), 0.015)
    paid[0, -1] += 1.0
    found = yields(paid, [1.0], period_months=3)[0]
    assert found == pytest.approx(12.0 * (1.015 ** (1 / 3) - 1.0), rel=1e-12)


def test_average_life_weighs_principal_by_time():
    """A quarter after six months, the rest after a year: 0.125 + 0.75 years. Nothing repaid has no life."""
    assert average_lives(np.array([[25.0, 75.0], [0.0, 0.0]]), period_months=6) == [0.875, None]


def test_scaling_flows_and_price_by_a_power_of_two_changes_no_bit():
    paid = bullet(0.061, 120)[None]
    assert yields(paid * 1024.0, [973.0]) == yields(paid, [973.0 / 1024.0])
    assert durations(paid * 1024.0, [973.0]) == durations(paid, [973.0 / 1024.0])


def test_a_long_claim_bought_above_par_yields_a_little_less_than_nothing():
    """1 after 360 months for 1.01: 12 * (1.01**(-1/360) - 1); modified, 30 years * 1.01**(1/360)."""
    paid = np.array([[0.0] * 359 + [1.0]])
    assert yields(paid, [1.01])[0] == pytest.approx(12.0 * (1.01 ** (-1 / 360) - 1.0), rel=1e-10)
    assert durations(paid, [1.01])[0] == pytest.approx(30.0 * 1.01 ** (1 / 360), rel=1e-12)


@pytest.mark.parametrize("recovery", [1e-3, 1e-6, 1e-12])
def test_what_recovers_next_to_nothing_yields_nearly_less_all_of_it_every_month(recovery):
    """`recovery` after a month for 1: 12 * (recovery - 1)."""
    assert yields(np.array([[recovery, 0.0]]), [1.0])[0] == pytest.approx(12.0 * (recovery - 1.0), rel=1e-14)


def test_next_to_nothing_for_a_price_has_a_yield_and_no_duration_that_could_be_told():
    """A month's factor is 1e4 to 1e5 here, its 120th power beyond all numbers."""
    paid = np.full((1, 120), 5e-324)
    assert yields(paid, [1e13])[0] == pytest.approx(-12.0, rel=2e-3)
    assert durations(paid, [1e13]) == [None]


@settings(max_examples=150)
@given(
    months=st.sampled_from([1, 12, 120, 360, 600]),
    coupon=st.sampled_from([0.0, 0.001, 0.05, 0.2]),
    recovery=st.sampled_from([0.0, 0.01, 0.4, 0.99, 1.0, 3.0]),
    price=st.sampled_from([0.5, 0.9, 1.0, 1.01, 1.5, 4.0]),
)
def test_yields_are_those_of_an_independent_solver(months, coupon, recovery, price):
    paid = np.full(months, coupon / 12.0)
    paid[-1] += recovery
    found = yields(paid[None], [price])[0]
    if not paid.any():
        assert found is None
        return
    rate = pyxirr.irr([-price, *paid.tolist()], guess=found / 12.0)
    assert found == pytest.approx(12.0 * rate, rel=1e-6, abs=1e-9)
