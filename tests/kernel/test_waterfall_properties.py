"""What holds of every waterfall, whatever its steps, triggers and cash: random structures."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernel.waterfalls import NONE, Plan, flows, pay, plans, stress

import rackrate.kernel as compiled
from rackrate.kernel import records
from rackrate.kernel.reference import waterfall as reference

FEWER = settings(max_examples=150)
ROWS = (*records.SERIES, *records.CLASS_SERIES, *records.EVENTS)
ACCOUNTS = ("reserve", "trap", "balance", "interest_unpaid")
PAID = (
    "fees",
    "uncapped_fees",
    "equity",
    "interest_paid",
    "principal_paid",
    "additional_paid",
    "capitalised",
)


@st.composite
def deals(draw):
    plan = draw(plans())
    return plan, draw(flows(plan))


def same(one, other, where=slice(None)):
    return all(np.array_equal(getattr(one, row), getattr(other, row)[where], equal_nan=True) for row in ROWS)


@FEWER
@given(deals())
def test_the_kernel_and_its_twin_agree_to_the_last_bit(deal):
    plan, cash = deal
    assert same(pay(compiled, plan, **cash), pay(reference, plan, **cash))


@FEWER
@given(deals(), st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40))
def test_haircuts_end_as_their_scenarios_do_to_the_last_bit(deal, haircuts):
    """The kernel against its twin, which pays every period of each: under any take-out, sale and value."""
    plan, cash = deal
    lines = np.stack([cash["available"][0], cash["ncf"][0], np.maximum(cash["available"][0], 0.0)])
    takeout = np.stack([cash["takeout"][:2], cash["sale"][:2], [-np.inf, 0.0]])
    sale = np.stack([cash["sale"][:2], cash["sale"][2:], cash["takeout"][:2], cash["sale"][1:3]])
    value = np.concatenate([cash["value"][:3] - cash["value"].mean(), cash["value"][3:]])
    found, twin = (
        stress(kernel, plan, haircuts, lines, takeout, sale, value) for kernel in (compiled, reference)
    )
    for name, row in vars(found).items():
        assert np.array_equal(row, getattr(twin, name)), name


@FEWER
@given(deals())
def test_the_books_balance_and_no_account_is_ever_negative(deal):
    """What came in and was held at closing went out again, but for negative cash never made good."""
    plan, cash = deal
    paid = pay(compiled, plan, **cash)
    assert (paid.breach_period == -1.0).all()
    assert all((getattr(paid, name) >= -1e-9).all() for name in (*ACCOUNTS, *PAID))
    held = sum(principal * coupon for (_, principal, _), coupon in zip(plan.notes, plan.coupon, strict=True))
    held *= plan.liquidity_months / 12.0
    came = paid.available.sum(axis=1) + paid.ard_proceeds + paid.sale
    came += held if np.isnan(plan.reserve_initial) else plan.reserve_initial
    to_classes = (paid.interest_paid + paid.principal_paid + paid.additional_paid).sum(axis=(1, 2))
    left = came - (paid.fees + paid.uncapped_fees + paid.equity).sum(axis=1) - to_classes
    assert (left <= 1e-6).all()
    assert (left[(paid.available >= 0.0).all(axis=1)] >= -1e-6).all()


@FEWER
@given(deals())
def test_principal_and_interest_can_be_traced_from_period_to_period(deal):
    plan, cash = deal
    paid = pay(compiled, plan, **cash)
    issued = np.broadcast_to([[principal] for _, principal, _ in plan.notes], paid.balance.shape[1:])
    before = np.concatenate(
        [np.broadcast_to(issued[:, :1], (*paid.balance.shape[:2], 1)), paid.balance], axis=2
    )
    assert before[..., :-1] + paid.capitalised - paid.principal_paid == pytest.approx(paid.balance, abs=1e-9)
    left = paid.interest_due - paid.interest_paid - paid.capitalised
    assert left == pytest.approx(paid.interest_unpaid, abs=1e-9)


@FEWER
@given(deals())
def test_no_junior_is_paid_before_its_seniors_in_the_order_of_a_trust(deal):
    """Before legal final: no interest to a class behind a short one, and to equity only what nobody lacks."""
    plan, cash = deal
    paid = pay(compiled, dataclasses.replace(plan, steps=Plan.steps), **cash)
    short = np.cumsum(paid.interest_unpaid, axis=1)[..., :-1] > 1e-9
    assert (paid.interest_paid[:, 1:, :-1][short[:, :-1]] <= 1e-9).all()
    ordinary = (paid.ard_proceeds == 0.0)[:, None] & (paid.equity[:, :-1] > 1e-9)
    assert not short[:, -1][ordinary].any()
    assert (paid.balance[..., :-1].sum(axis=1)[ordinary & (paid.amortising[:, :-1] > 0.0)] <= 1e-9).all()


@FEWER
@given(deals())
def test_nothing_is_trapped_once_every_class_is_repaid(deal):
    """In the order of a trust: where balances and unpaid interest end at nothing the trap does not grow."""
    plan, cash = deal
    paid = pay(compiled, dataclasses.replace(plan, steps=Plan.steps), **cash)
    repaid = (paid.balance + paid.interest_unpaid).sum(axis=1) == 0.0
    grown = np.diff(paid.trap, axis=1, prepend=0.0)
    assert (grown[repaid] <= 0.0).all()


@FEWER
@given(deals(), st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12), st.integers(2, 6))
def test_a_haircut_trips_a_trigger_where_its_least_cover_is_below_the_level(deal, haircuts, ard):
    """In some period of the run: that its flag is ever on, and that the cover kept says so, are one.

    Cash is ample but for the period of the ARD, in which all but the deepest cuts refinance.
    """
    plan, cash = deal
    notes = [(*row[:2], NONE) for row in plan.notes]
    plan = dataclasses.replace(plan, notes=notes, ard=ard, trap_below=1.1, pik_below=0.6)
    flow = 2.0 * np.abs(cash["available"][0]) + 0.1 * sum(row[1] for row in notes)
    flow[ard - 1] = cash["available"][0, ard - 1]
    lines, each = np.stack([flow, flow, np.maximum(flow, 0.0)]), np.array(haircuts)[:, None]
    takeout = 1e6 * np.array([[1.0], [1.2], [0.0]])
    found = stress(compiled, plan, haircuts, lines, takeout, np.zeros((4, 2)))
    supported = np.maximum(takeout[0] - each[:, 0] * takeout[1], takeout[2])
    cut = lines[0] - each * lines[2]
    paid = pay(compiled, plan, cut, ncf=cut, takeout=supported)
    least = found.least[:, plan.service]
    assert (paid.trapping.any(axis=1) == (least < plan.trap_below)).all()
    assert (paid.pik.any(axis=1) == (least < plan.pik_below)).all()


@FEWER
@given(deals(), st.integers(0, 3))
def test_a_scenario_is_the_same_alone_and_in_company(deal, chosen):
    plan, cash = deal
    alone = {name: flow[chosen : chosen + 1] for name, flow in cash.items()}
    assert same(pay(compiled, plan, **alone), pay(compiled, plan, **cash), slice(chosen, chosen + 1))


@settings(max_examples=8)
@given(st.data())
def test_a_scenario_is_the_same_in_a_block_of_any_width(data):
    """150 scenarios fill two blocks of 64 and part of a third; each is held against a run of three."""
    plan = data.draw(plans())
    cash = data.draw(flows(plan, scenarios=150))
    together = pay(compiled, plan, **cash)
    for first in (0, 62, 127, 147):
        few = slice(first, first + 3)
        assert same(pay(compiled, plan, **{name: flow[few] for name, flow in cash.items()}), together, few)


@FEWER
@given(deals())
def test_twice_the_money_is_twice_everything_to_the_last_bit(deal):
    plan, cash = deal
    twice = dataclasses.replace(
        plan,
        notes=[(deferrable, 2.0 * principal, trigger) for deferrable, principal, trigger in plan.notes],
        fees=[(*kind, 2.0 * annual, rate, 2.0 * cap) for *kind, annual, rate, cap in plan.fees],
        reserve_initial=2.0 * plan.reserve_initial,
    )
    once = pay(compiled, plan, **cash)
    double = pay(compiled, twice, **{name: 2.0 * flow for name, flow in cash.items()})
    unitless = "dscr_actual", "dscr_assumed", *records.FLAGS, "breach_period", "breach_kind"
    for row in ROWS:
        factor = 1.0 if row in unitless else 2.0
        assert np.array_equal(factor * getattr(once, row), getattr(double, row), equal_nan=True), row


def test_large_money_is_not_mistaken_for_a_breach():
    """Sums of 1e13 are a few thousandths apart in a double: the audit counts with that."""
    rng = np.random.default_rng(7)
    plan = Plan(
        [(0, 7e12, NONE), (1, 3e12, NONE)], [0.05, 0.08], 60, liquidity_months=6.0, trap_below=1.4, ard=30
    )
    plan = dataclasses.replace(plan, period_months=1, pik_below=1.2, additional_rate=0.05)
    paid = pay(compiled, plan, rng.uniform(-1e10, 2e11, (64, 60)), takeout=-1.0, sale=8e12)
    assert (paid.breach_period == -1.0).all()


@FEWER
@given(deals(), st.lists(st.floats(-9.0, 11.0), min_size=6, max_size=6))
def test_the_books_balance_whatever_is_beyond_the_deal(deal, powers):
    """Fees, reserve, cash and sale each of any size beside the classes: no breach, and the twin's bits."""
    plan, cash = deal
    beyond = [10.0**power for power in powers]
    fees = [(*fee[:2], fee[2] * beyond[0], fee[3], fee[4] * beyond[1]) for fee in plan.fees]
    held = plan.reserve_initial * beyond[2]
    plan = dataclasses.replace(plan, fees=fees, reserve_initial=held, liquidity_months=12.0 * beyond[3])
    cash |= {"available": cash["available"] * beyond[4], "sale": cash["sale"] * beyond[5]}
    paid = pay(compiled, plan, **cash)
    assert (paid.breach_period == -1.0).all()
    assert same(paid, pay(reference, plan, **cash))
