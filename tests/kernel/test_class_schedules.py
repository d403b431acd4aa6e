"""Scheduled principal of classes that share a schedule and of classes that have one of their own."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernel.waterfalls import NONE, TRUST, Plan, flows, pay, plans

import rackrate.kernel as compiled
from rackrate.kernel.reference import waterfall as reference

BOTH = pytest.mark.parametrize("kernel", [compiled, reference], ids=["compiled", "reference"])
FEWER = settings(max_examples=150)
TWO = [(0, 100.0, NONE), (0, 40.0, NONE)]
DUE = [[1.0, 1.0], [0.5, 0.0]]  # nothing of the senior class, half of the junior one a year


def listed(rows):
    """Rows as plain lists, rounded to what a hand calculation shows."""
    return np.round(rows, 9).tolist()


@BOTH
@pytest.mark.parametrize("order", ["sequential", "pro_rata"])
def test_a_class_is_due_on_its_own_schedule_and_no_other_is_due_for_it(kernel, order):
    """20 a year of the junior class; of 15 in year 1 it gets all, and in year 2 the missing 5 too."""
    steps = [("scheduled_principal", {"order": order}), "equity"]
    paid = pay(kernel, Plan(TWO, [0.0, 0.0], 2, schedule=DUE, own={0, 1}, steps=steps), [15.0, 30.0])
    assert listed(paid.principal_paid[0]) == [[0.0, 0.0], [15.0, 25.0]]
    assert listed(paid.equity[0]) == [0.0, 5.0]


@BOTH
def test_a_common_schedule_covers_the_others_of_the_set_alone(kernel):
    """A, B and C of 100, 40 and 60; B is its own: 10. A and C are to fall by a fifth: 32, from A first."""
    notes = [*TWO, (0, 60.0, NONE)]
    plan = Plan(notes, [0.0] * 3, 1, schedule=[[0.8], [0.75], [0.8]], own={1})
    assert listed(pay(kernel, plan, [50.0]).principal_paid[0, :, 0]) == [32.0, 10.0, 0.0]
    assert listed(pay(kernel, plan, [35.0]).principal_paid[0, :, 0]) == [32.0, 3.0, 0.0]
    shared = dataclasses.replace(plan, steps=[("scheduled_principal", {"order": "pro_rata"}), "equity"])
    assert listed(pay(kernel, shared, [50.0]).principal_paid[0, :, 0]) == [20.0, 10.0, 12.0]
    assert listed(pay(kernel, shared, [21.0]).principal_paid[0, :, 0]) == [10.0, 5.0, 6.0]


@BOTH
def test_cover_counts_what_each_class_is_planned_to_repay_at_most_what_it_owes(kernel):
    """Planned 20 and 20 of the junior class; a sweep after year 1 leaves it 5: service 20, then 5."""
    steps = ["scheduled_principal", ("principal", {"classes": [1], "when": "always"}), "equity"]
    plan = Plan(TWO, [0.0, 0.0], 2, schedule=DUE, own={0, 1}, steps=steps)
    assert listed(pay(kernel, plan, [35.0, 10.0]).dscr_actual[0]) == [1.75, 2.0]


@BOTH
def test_what_a_class_alone_has_capitalised_does_not_fall_due(kernel):
    """The junior class defers 4 of interest: of 44 it owes 20, what is left of 40 halved and 4."""
    notes, coupon = [(0, 100.0, NONE), (1, 40.0, NONE)], [0.0, 0.1]
    plan = Plan(notes, coupon, 2, schedule=[[1.0, 1.0], [1.0, 0.5]], own={0, 1}, pik_below=9.0)
    paid = pay(kernel, plan, [4.0, 50.0])
    assert listed(paid.capitalised[0, 1]) == [0.0, 4.0]
    assert listed(paid.principal_paid[0, :, 1]) == [0.0, 20.0]
    assert listed(paid.balance[0, 1]) == [40.0, 24.0]


@BOTH
def test_the_last_cent_of_a_class_alone_goes_with_the_rest(kernel):
    """A tenth of 1e12 left by ten payments of a tenth is rounding, not a balance."""
    left = np.maximum(0.0, 1.0 - np.cumsum(np.full(10, 0.1)))
    plan = Plan([(0, 1e12 / 3.0, NONE)] * 2, [0.0, 0.0], 10, schedule=[np.ones(10), left], own={0, 1})
    assert pay(kernel, plan, np.full(10, 1e12)).balance[0, 1, -1] == 0.0


@st.composite
def scheduled(draw):
    """A random structure and its cash, nothing but the schedule repaying principal before legal final."""
    plan = draw(plans())
    steps = [step for step in TRUST if step != "principal"]
    order = draw(st.sampled_from(["sequential", "pro_rata"]))
    steps[steps.index("scheduled_principal")] = ("scheduled_principal", {"order": order})
    plan = dataclasses.replace(plan, steps=steps, ard=None)
    return plan, draw(flows(plan))


@FEWER
@given(scheduled())
def test_no_class_alone_is_paid_ahead_of_its_schedule_nor_a_set_ahead_of_its_own(deal):
    plan, cash = deal
    paid = pay(compiled, plan, **cash)
    shares, issued = plan.arguments()[4], np.array([principal for _, principal, _ in plan.notes])
    goal = issued[:, None] * shares + np.cumsum(paid.capitalised, axis=2)
    ahead = (goal - paid.balance)[:, :, :-1]
    together = [k for k in range(len(issued)) if k not in plan.own]
    assert (ahead[:, sorted(plan.own)] <= 1e-9).all()
    assert (ahead[:, together].sum(axis=1) <= 1e-9).all()


@FEWER
@given(scheduled())
def test_ample_cash_leaves_each_class_alone_what_its_schedule_says(deal):
    plan, cash = deal
    rich = {**cash, "available": np.full_like(cash["available"], 1e6)}
    paid = pay(compiled, plan, **rich)
    goal = np.array([principal for _, principal, _ in plan.notes])[:, None] * plan.arguments()[4]
    goal = goal + np.cumsum(paid.capitalised, axis=2)
    term = min(plan.term, plan.periods - 1)
    for k in plan.own:
        assert paid.balance[:, k, :term] == pytest.approx(goal[:, k, :term], abs=1e-9)


@FEWER
@given(scheduled())
def test_classes_alone_in_one_step_are_paid_as_in_steps_of_their_own(deal):
    """Whatever is in a set, a class with its own schedule sees nothing of it: twelve periods to the cent."""
    plan, cash = deal
    classes = range(len(plan.notes))
    steps = [step for step in TRUST if step != "principal"]
    at = steps.index("scheduled_principal")
    split = [*steps[:at], *(("scheduled_principal", {"classes": [k]}) for k in classes), *steps[at + 1 :]]
    one = pay(compiled, dataclasses.replace(plan, steps=steps, own=set(classes)), **cash)
    each = pay(compiled, dataclasses.replace(plan, steps=split, own=set()), **cash)
    for row in ("principal_paid", "balance", "interest_unpaid", "equity", "trap", "reserve"):
        assert getattr(one, row) == pytest.approx(getattr(each, row), abs=1e-6), row
