"""Level and sculpted debt, present values and rolling cover: one body for the kernel and its twin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import rackrate.kernel as compiled
from rackrate.kernel.reference import sizing as reference

BOTH = pytest.mark.parametrize("kernel", [compiled, reference], ids=["compiled", "reference"])
INFINITE = np.inf

TERM = 24
amounts = st.floats(-20.0, 100.0).map(lambda amount: round(amount, 6))
cash = arrays.arrays(np.float64, TERM, elements=amounts)
interest = arrays.arrays(np.float64, TERM, elements=st.floats(1e-3, 0.05))
unguarded = arrays.arrays(np.float64, TERM, elements=st.floats(1e-3, 0.035))  # of 24 x 45 less than 40
whole = st.integers(0, 8)
ceilings = arrays.arrays(np.float64, TERM + 1, elements=st.floats(0.0, 500.0))


def level(kernel, rate, accrual, count, interest_only=0, years=1.0 / 12.0):
    balance = np.empty((1, len(accrual) + 1))
    rates = np.broadcast_to(rate, (1, len(accrual))).copy()
    kernel.level_balances(rates, np.array(accrual), years, interest_only, count, balance)
    return balance[0]


def sculpt(kernel, ncf, rate, dscr=1.25, balloon=0.0, interest_only=0, ceiling=INFINITE):
    capacity = np.empty((1, len(ncf) + 1))
    ceilings = np.broadcast_to(ceiling, (1, len(ncf) + 1)).copy()
    ends = np.array([dscr]), np.array([balloon])
    kernel.sculpt(ncf[None].copy(), rate[None].copy(), ceilings, *ends, interest_only, capacity)
    return capacity[0]


def carries(principal, ncf, rate, dscr, end, interest_only):
    """Whether a principal can be carried: pay all that cover allows, and see what is left."""
    balance = principal
    for k in range(len(ncf)):
        cap, due = max(0.0, ncf[k]) / dscr, balance * rate[k]
        if due > cap + 1e-9:
            return False
        balance -= 0.0 if k < interest_only else min(balance, cap - due)
    return balance <= end + 1e-9


@BOTH
@pytest.mark.parametrize(
    ("rate", "years", "constant", "balloon"),
    [
        (0.055, 30, 0.0681347, 0.825410),
        (0.065, 30, 0.0758482, 0.847761),
        (0.07, 25, 0.0848135, 0.786334),
        (0.09, 30, 0.0965547, 0.894297),
    ],
)
def test_level_loans_have_the_constants_and_ten_year_balloons_of_the_mortgage_tables(
    kernel, rate, years, constant, balloon
):
    assert 12.0 * kernel.level_payment(rate / 12.0, 12 * years) == pytest.approx(constant, abs=5e-8)
    assert level(kernel, rate, [1 / 12] * 120, 12 * years)[-1] == pytest.approx(balloon, abs=5e-7)


@BOTH
def test_a_level_payment_is_set_anew_over_the_payments_left_when_the_rate_moves(kernel):
    """At 0.5 on 1.0 for three payments, then at 1.0 over the two that are left."""
    balance = level(kernel, [[0.5, 1.0, 1.0]], [1.0, 1.0, 1.0], 3, years=1.0)
    first = 0.5 / (1.0 - 1.5**-3) - 0.5
    second = (1.0 - first) * (1.0 / (1.0 - 2.0**-2) - 1.0)
    assert balance == pytest.approx([1.0, 1.0 - first, 1.0 - first - second, 0.0], abs=1e-15)


@BOTH
def test_interest_on_actual_days_leaves_a_stub_that_waits_for_maturity(kernel):
    balance = level(kernel, 0.06, [31 / 360] * 40, 36)
    assert balance[36] > 0.001
    assert balance[36:] == pytest.approx(np.full(5, balance[36]), abs=0.0)


@BOTH
def test_a_level_loan_never_adds_interest_to_its_balance(kernel):
    balance = level(kernel, 0.24, [31 / 360] * 12, 480)
    assert (np.diff(balance) == 0.0).all()


@BOTH
def test_interest_only_periods_push_the_annuity_back(kernel):
    late = level(kernel, 0.06, [1 / 12] * 24, 360, interest_only=12)
    assert (late[:13] == 1.0).all()
    assert late[12:] == pytest.approx(level(kernel, 0.06, [1 / 12] * 12, 360), rel=1e-14)


@BOTH
@given(ncf=cash, rate=interest, interest_only=whole)
def test_sculpted_capacity_is_the_largest_principal_that_cash_flow_carries(kernel, ncf, rate, interest_only):
    principal = sculpt(kernel, ncf, rate, interest_only=interest_only)[0]
    assert carries(principal, ncf, rate, 1.25, 0.0, interest_only)
    assert not carries(principal + 1e-4 * (1.0 + principal), ncf, rate, 1.25, 0.0, interest_only)


@BOTH
@given(ncf=cash, rate=interest, interest_only=whole, balloon=st.floats(0.01, 0.9))
def test_a_balloon_is_its_share_of_the_principal_it_makes_possible(kernel, ncf, rate, interest_only, balloon):
    capacity = sculpt(kernel, ncf, rate, balloon=balloon, interest_only=interest_only)
    principal, end = capacity[0], capacity[-1]
    assert end == pytest.approx(balloon * principal, rel=1e-12, abs=1e-12)
    assert carries(principal, ncf, rate, 1.25, end, interest_only)
    more = principal + 1e-4 * (1.0 + principal)
    assert not carries(more, ncf, rate, 1.25, balloon * more, interest_only)


@BOTH
@given(ncf=cash, rate=interest, interest_only=whole, balloon=st.sampled_from([0.0, 0.4, 1.0]))
def test_a_sculpt_repays_nothing_negative_and_covers_its_interest(kernel, ncf, rate, interest_only, balloon):
    capacity = sculpt(kernel, ncf, rate, balloon=balloon, interest_only=interest_only)
    balance = np.minimum.accumulate(capacity)
    cap = np.maximum(ncf, 0.0) / 1.25
    assert (balance >= 0.0).all()
    assert (balance[:-1] * rate <= cap * (1.0 + 1e-12)).all()
    assert (balance[:-1] * (1.0 + rate) - cap <= balance[1:] * (1.0 + 1e-12) + 1e-9)[interest_only:].all()
    assert (balance[: interest_only + 1] == balance[0]).all()


@BOTH
@given(rate=unguarded, dscr=st.floats(1.0, 3.0))
def test_without_a_guard_sculpted_cover_is_constant_and_service_is_worth_the_principal(kernel, rate, dscr):
    ncf = np.linspace(50.0, 40.0, TERM)
    balance = sculpt(kernel, ncf, rate, dscr)
    service = balance[:-1] * (1.0 + rate) - balance[1:]
    assert ncf / service == pytest.approx(np.full(TERM, dscr), rel=1e-9)
    worth = np.empty((1, TERM + 1))
    kernel.present_values(service[None].copy(), rate[None].copy(), worth)
    assert worth[0] == pytest.approx(balance, rel=1e-12, abs=1e-9)


@BOTH
@given(ncf=cash, rate=interest, ceiling=ceilings, balloon=st.sampled_from([0.0, 0.4, 1.0]))
def test_a_ceiling_is_never_pierced_and_never_gives_more_debt(kernel, ncf, rate, ceiling, balloon):
    held = sculpt(kernel, ncf, rate, ceiling=ceiling, balloon=balloon)
    assert (held <= ceiling).all()
    assert held[-1] <= balloon * held[0] * (1.0 + 1e-12) + 1e-12 or held[-1] == ceiling[-1]
    assert held[0] <= sculpt(kernel, ncf, rate, balloon=balloon)[0]


@BOTH
@given(ncf=cash, rate=interest, ceiling=ceilings, balloon=st.floats(0.01, 1.0))
def test_what_is_owed_at_maturity_is_the_balloon_or_the_ceiling_whichever_is_less(
    kernel, ncf, rate, ceiling, balloon
):
    held = sculpt(kernel, ncf, rate, ceiling=ceiling, balloon=balloon)
    assert held[-1] == pytest.approx(min(balloon * held[0], ceiling[-1]), rel=1e-9, abs=1e-9)


@BOTH
@given(ncf=cash, rate=interest, tighter=st.floats(1.0, 2.0), balloon=st.sampled_from([0.0, 0.5]))
def test_a_higher_cover_never_gives_more_debt(kernel, ncf, rate, tighter, balloon):
    looser = sculpt(kernel, ncf, rate, 1.1, balloon)[0]
    assert sculpt(kernel, ncf, rate, 1.1 * tighter, balloon)[0] <= looser * (1.0 + 1e-12)


@BOTH
@given(ncf=cash, rate=interest, power=st.integers(-8, 8), balloon=st.sampled_from([0.0, 0.3]))
def test_scaling_money_by_a_power_of_two_scales_capacity_to_the_bit(kernel, ncf, rate, power, balloon):
    scaled = sculpt(kernel, ncf * 2.0**power, rate, balloon=balloon)
    assert (scaled == sculpt(kernel, ncf, rate, balloon=balloon) * 2.0**power).all()


@BOTH
def test_without_interest_a_sculpt_carries_the_sum_of_what_it_may_pay(kernel):
    """Two years of 5 at 1.25x pay 4 each: 8. With half of it left at maturity, 16."""
    ncf, free = np.array([5.0, 5.0]), np.zeros(2)
    assert sculpt(kernel, ncf, free)[0] == 8.0
    assert sculpt(kernel, ncf, free, balloon=0.5)[0] == 16.0
    assert sculpt(kernel, ncf, free, balloon=1.0)[0] == INFINITE
    assert sculpt(kernel, 0.0 * ncf, free, balloon=1.0)[0] == INFINITE
    assert sculpt(kernel, ncf, free, balloon=1.0, interest_only=2)[0] == INFINITE


@BOTH
@pytest.mark.parametrize(
    ("ceiling", "principal"),
    [(50.0, 50.0), ([INFINITE, 50.0, INFINITE], 54.0), ([INFINITE, INFINITE, 50.0], 58.0)],
)
def test_where_every_balloon_is_carried_a_ceiling_alone_sizes_the_debt(kernel, ceiling, principal):
    """Without interest 4 a period is repaid: 50 is 50 at closing, 54 a period on, 58 at maturity."""
    assert sculpt(kernel, np.array([5.0, 5.0]), np.zeros(2), balloon=1.0, ceiling=ceiling)[0] == principal


@BOTH
def test_below_zero_a_rate_lets_every_balloon_be_carried(kernel):
    """At -10 percent 0.9 of a balloon is owed for each 1 borrowed: nothing but a ceiling limits the debt."""
    assert sculpt(kernel, np.array([5.0]), np.array([-0.1]), balloon=1.0)[0] == INFINITE
    assert sculpt(kernel, np.array([5.0]), np.array([-0.1]), balloon=1.0, ceiling=50.0)[0] == 50.0


@BOTH
def test_a_whole_balloon_leaves_all_that_may_be_paid_to_interest(kernel):
    """Interest at 10 percent takes all of 10 over 1.25, or 8, of 80."""
    assert sculpt(kernel, np.full(3, 10.0), np.full(3, 0.1), balloon=1.0).tolist() == pytest.approx(
        [80.0] * 4
    )


@BOTH
def test_where_a_lean_period_guards_interest_the_balloon_owed_is_below_its_share(kernel):
    """Caps 10, 8, 12 at 10 percent: 80 may be owed in the second period, (80 + 10) / 1.1 in the first."""
    capacity = sculpt(kernel, np.array([12.5, 10.0, 15.0]), np.full(3, 0.1), balloon=1.0)
    assert capacity[[0, 1, 3]] == pytest.approx([90.0 / 1.1, 80.0, 90.0 / 1.1])
    assert np.minimum.accumulate(capacity)[-1] == pytest.approx(80.0)


@BOTH
def test_present_values_and_discount_factors_agree(kernel):
    rng = np.random.default_rng(5)
    flow, rate = rng.normal(size=(3, 40)), rng.uniform(0.0, 0.02, (3, 40))
    value, factor = np.empty((2, 3, 41))
    kernel.present_values(flow, rate, value)
    kernel.discount_factors(rate, factor)
    assert value[:, 0] == pytest.approx((flow * factor[:, 1:]).sum(axis=1), rel=1e-12)
    assert factor[:, 1:] == pytest.approx(np.cumprod(1.0 / (1.0 + rate), axis=1), rel=1e-13)


@BOTH
def test_a_rolling_year_counts_while_debt_is_outstanding_before_its_last_payment(kernel):
    ratio = np.empty((1, 4))
    left = np.array([[1.0, 1.0, 0.5, 1e-10, 0.0, 0.0]])
    kernel.rolling_ratios(np.arange(1.0, 7.0)[None].copy(), np.full((1, 5), 2.0), left, 2, 1e-9, ratio)
    assert ratio[0, :2].tolist() == [0.75, 1.25]
    assert np.isnan(ratio[0, 2:]).all()


@BOTH
@given(last=st.integers(1, TERM), width=st.integers(1, 12))
def test_the_last_year_of_a_loan_that_repays_itself_counts_and_none_after_it(kernel, last, width):
    """Repaid by the payment of period `last`, the windows that end by then count."""
    left = np.maximum(0.0, 1.0 - np.arange(TERM + 1.0) / last)[None]
    ratio = np.empty((1, TERM - width + 1))
    kernel.rolling_ratios(np.ones((1, TERM)), np.ones((1, TERM)), left, width, 1e-9, ratio)
    assert np.count_nonzero(~np.isnan(ratio)) == max(0, last - width + 1)


@BOTH
def test_a_term_shorter_than_a_year_has_no_rolling_year(kernel):
    ratio = np.empty((1, 0))
    kernel.rolling_ratios(np.ones((1, 6)), np.ones((1, 6)), np.ones((1, 7)), 12, 0.0, ratio)
    assert ratio.size == 0


@BOTH
def test_nothing_due_is_no_cover(kernel):
    ratio = np.empty((1, 1))
    kernel.rolling_ratios(np.ones((1, 2)), np.zeros((1, 2)), np.ones((1, 3)), 2, 0.0, ratio)
    assert np.isnan(ratio[0, 0])


@BOTH
def test_a_level_payment_needs_a_period(kernel):
    with pytest.raises(ValueError, match="at least one period"):
        kernel.level_payment(0.05, 0)


def test_the_compiled_kernel_refuses_shapes_that_do_not_fit():
    one, two, vector = np.ones((1, 3)), np.ones((2, 3)), np.ones(1)
    with pytest.raises(ValueError, match=r"balance: expected .* no longer than rate"):
        compiled.level_balances(one, np.ones(3), 1.0, 0, 3, np.ones((1, 5)))
    with pytest.raises(ValueError, match="at least one period"):
        compiled.level_balances(one, np.ones(3), 1.0, 0, 0, np.ones((1, 4)))
    with pytest.raises(ValueError, match=r"rate: expected \[scenarios, term\] = \[2, 3\]"):
        compiled.sculpt(two, one, one, vector, vector, 0, np.ones((1, 4)))
    with pytest.raises(ValueError, match=r"ceiling: expected \[scenarios, term \+ 1\] = \[1, 4\]"):
        compiled.sculpt(one, one, one, vector, vector, 0, np.ones((1, 4)))
    with pytest.raises(ValueError, match=r"factor: expected \[scenarios, periods \+ 1\] = \[1, 4\]"):
        compiled.discount_factors(one, one)
    with pytest.raises(
        ValueError, match=r"rate: expected \[scenarios, periods\] = \[1, 3\] .*, got \[2, 3\]"
    ):
        compiled.present_values(one, two, one)
    with pytest.raises(ValueError, match=r"value: expected \[scenarios, periods \+ 1\] = \[1, 4\]"):
        compiled.present_values(one, one, one)
    with pytest.raises(ValueError, match=r"numerator: expected \[scenarios, periods\] = \[2, any\]"):
        compiled.rolling_ratios(one, two, np.ones((2, 4)), 1, 0.0, two)
    with pytest.raises(ValueError, match=r"balance: expected \[scenarios, term \+ 1\] = \[1, 4\]"):
        compiled.rolling_ratios(one, one, one, 1, 0.0, one)
    with pytest.raises(ValueError, match=r"ratio: expected \[scenarios, term - width \+ 1\] = \[1, 2\]"):
        compiled.rolling_ratios(one, one, np.ones((1, 4)), 2, 0.0, one)


@given(data=st.data())
def test_kernel_and_twin_give_the_same_scenarios(data):
    ncf = data.draw(arrays.arrays(np.float64, (3, TERM), elements=amounts))
    rate = data.draw(arrays.arrays(np.float64, (3, TERM), elements=st.floats(1e-3, 0.05)))
    ceiling = data.draw(arrays.arrays(np.float64, (3, TERM + 1), elements=st.floats(0.0, 900.0)))
    ends, interest_only = (np.array([1.0, 1.3, 2.0]), np.array([0.0, 0.35, 1.0])), data.draw(whole)
    found = np.empty((2, 3, TERM + 1))
    for kernel, capacity in zip((compiled, reference), found, strict=True):
        kernel.sculpt(ncf, rate, ceiling, *ends, interest_only, capacity)
    assert found[0] == pytest.approx(found[1], rel=1e-12, abs=1e-12)
    for kernel, balance in zip((compiled, reference), found, strict=True):
        kernel.level_balances(12.0 * rate, np.full(TERM, 31 / 360), 1 / 12, interest_only, 30, balance)
    assert found[0] == pytest.approx(found[1], rel=1e-12)
