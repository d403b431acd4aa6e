"""The waterfall's terms as data: templates, names, rate sets, what is refused, and what a lender reads."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from rackrate.deal.facility.costs import Fee
from rackrate.deal.structure import STEP_CONDITIONS, STEP_KINDS, STEP_ORDERS, Step, Triggers
from rackrate.engine.structure import waterfall
from rackrate.engine.structure.reporting import report
from rackrate.engine.structure.templates import TEMPLATES
from rackrate.engine.structure.waterfall import AuditBreach, Cash, HaircutLine, distribute, stress
from rackrate.engine.structure.waterfall_terms import Note, WaterfallTerms
from rackrate.kernel import records
from rackrate.kernel.builds import builds

YEARS = 3
ONE_CLASS = (Note(name="A", principal=100.0),)


def terms(notes=ONE_CLASS, coupon=0.1, **given):
    """Annual payments for three years in the trust's order, interest only, nothing else unless given."""
    shape = (1, len(notes), YEARS)
    plain = {
        "period_months": 12,
        "term": YEARS,
        "ard": None,
        "notes": notes,
        "coupon": np.full(shape, coupon),
        "accrual": np.ones(shape),
        "schedule": np.ones(shape[1:]),
        "fees": [],
        "steps": TEMPLATES["abs_master_trust"],
        "triggers": None,
        "liquidity_months": 0.0,
        "reserve_initial": None,
        "additional_rate": 0.0,
    }
    return WaterfallTerms(**plain | given)


def cash(*scenarios, takeout=-1.0, sale=1000.0, **given):
    """The same take-out and sale for scenarios of yearly cash."""
    available = np.array(scenarios, dtype=np.float64)
    same = np.ones(len(available))
    return Cash(available=available, ncf=available, takeout=takeout * same, sale=sale * same, **given)


def kinds(template):
    return [step.kind for step in TEMPLATES[template]]


def test_templates_differ_in_where_the_reserve_stands():
    rest = ["trap", "uncapped_fees", "additional_interest", "equity"]
    last = ["fees", "interest", "scheduled_principal", "principal", "reserve", *rest]
    assert kinds("abs_master_trust") == [
        "fees",
        "interest",
        "reserve",
        "scheduled_principal",
        "principal",
        *rest,
    ]
    assert kinds("project_finance") == [
        "fees",
        "interest",
        "scheduled_principal",
        "reserve",
        "principal",
        *rest,
    ]
    assert kinds("cmbs_single_asset") == kinds("compute_term_loan") == last


@pytest.mark.parametrize("template", TEMPLATES)
def test_templates_sweep_while_amortising_and_trap_while_trapping(template):
    conditions = {step.kind: step.when for step in TEMPLATES[template] if step.when != "always"}
    assert conditions == {"principal": "amortising", "trap": "trapping"}


def test_the_order_of_a_template_decides_between_reserve_and_schedule():
    """12 less interest of 10 leaves 2: the trust puts them in its reserve, the loan repays principal."""
    falling = terms(schedule=np.array([[0.9, 0.8, 0.7]]), liquidity_months=6.0, reserve_initial=0.0)
    loan = replace(falling, steps=TEMPLATES["compute_term_loan"])
    trust, repaid = (distribute(plan, cash([12.0, 0.0, 0.0])) for plan in (falling, loan))
    assert (trust.reserve[0, 0], trust.principal_paid[0, 0, 0]) == (2.0, 0.0)
    assert (repaid.reserve[0, 0], repaid.principal_paid[0, 0, 0]) == (0.0, 2.0)


def test_steps_name_their_classes():
    notes = (Note(name="A", principal=100.0), Note(name="B", principal=50.0))
    steps = [Step(kind="interest", classes=["B"]), Step(kind="interest", classes=["A"]), Step(kind="equity")]
    paid = distribute(terms(notes, steps=steps), cash([7.0, 0.0, 0.0]))
    assert paid.interest_paid[0, :, 0].tolist() == [2.0, 5.0]


def test_codes_of_the_kernel_are_the_words_of_a_structure():
    """Places in the contract's lists are the numbers that ``ext/records.pxd`` gives a step."""
    assert [STEP_KINDS.index(kind) for kind in ("fees", "scheduled_principal", "trap", "equity")] == [
        0,
        3,
        5,
        8,
    ]
    assert [STEP_ORDERS.index(order) for order in ("sequential", "pro_rata")] == [0, 1]
    conditions = ("always", "amortising", "trapping", "not_pik")
    assert [STEP_CONDITIONS.index(condition) for condition in conditions] == [0, 1, 2, 3]


def test_scenarios_pick_their_rates():
    """The second rate set bears 20%: alone it pays the same as beside the first."""
    dear = terms(coupon=0.2)
    both = replace(
        terms(),
        coupon=np.concatenate([terms().coupon, dear.coupon]),
        accrual=np.ones((2, 1, YEARS)),
    )
    flows = [25.0, 15.0, 25.0]
    mixed = distribute(both, cash(flows, flows, flows, rate_set=np.array([1, 0, 1])))
    assert mixed.interest_due[:, 0, 0].tolist() == [20.0, 10.0, 20.0]
    alone = distribute(dear, cash(flows))
    assert np.array_equal(mixed.balance[2], alone.balance[0])
    assert np.array_equal(mixed.interest_paid[0], mixed.interest_paid[2])


def test_a_commitment_fee_is_senior_and_accrues_on_its_class_day_count():
    """60 undrawn at 1%, by 0.9 of a year; the trustee's 2 by the calendar."""
    notes = (Note(name="VFN", principal=40.0, commitment_fee=0.6),)
    plan = terms(notes, accrual=np.full((1, 1, YEARS), 0.9), fees=[Fee(name="trustee", annual=2.0, rate=0.0)])
    assert distribute(plan, cash([10.0, 10.0, 10.0])).fees[0].tolist() == pytest.approx([2.54] * 3)


def test_fees_know_their_cap_and_place():
    fees = [
        Fee(name="servicer", annual=3.0, rate=0.0, cap_annual=1.0),
        Fee(name="manager", annual=4.0, rate=0.01, senior=False),
    ]
    paid = distribute(terms(fees=fees), cash([30.0] * YEARS))
    assert paid.fees[0].tolist() == [1.0] * YEARS
    assert paid.uncapped_fees[0].tolist() == [7.0] * YEARS


def test_triggers_without_levels_never_trip():
    paid = distribute(terms(triggers=Triggers(service="actual", cure_periods=1)), cash([1.0, 1.0, 1.0]))
    assert not (paid.trapping | paid.amortising | paid.pik).any()


def test_nobody_sells_below_zero():
    paid = distribute(terms(), cash([10.0] * YEARS, sale=-5.0))
    assert (paid.sale[0], paid.principal_loss[0, 0]) == (0.0, 100.0)


@pytest.mark.parametrize("name", ["available", "ncf", "sale", "takeout", "value"])
def test_an_amount_that_is_not_a_number_is_refused(name):
    flows = cash([10.0] * YEARS, value=np.ones((1, YEARS)))
    broken = replace(flows, **{name: np.full_like(getattr(flows, name), np.nan)})
    with pytest.raises(ValueError, match=name):
        distribute(terms(), broken)


@pytest.mark.parametrize("build", builds("waterfall").values(), ids=builds("waterfall"))
def test_cash_that_is_not_a_number_never_passes_the_audit(build, monkeypatch):
    """Under every haircut but none: the audit names the second period of the first such, in every build."""
    line = HaircutLine(
        cash=np.full((3, YEARS), 10.0),
        takeout=np.empty((3, 0)),
        sale=np.full((4, 2), 100.0),
        value=np.empty((4, 0)),
    )
    monkeypatch.setattr(waterfall.kernel, "stress", build.stress)
    assert (stress(terms(), line, np.array([0.0, 0.1])).least_actual < 2.0).all()
    line.cash[2, 1] = np.nan
    with pytest.raises(AuditBreach, match="period 1 of scenario 0"):
        stress(terms(), line, np.array([0.1, 0.2]))


def test_books_that_disagree_stop_the_answer_and_name_the_period(monkeypatch):
    def cooked(*arguments):
        arguments[-1][:] = 0.0
        arguments[-1][:, records.EVENTS.index("breach_period")] = [-1.0, 7.0]
        arguments[-1][:, records.EVENTS.index("breach_kind")] = [0.0, records.BREACHES.index("reserve")]

    monkeypatch.setattr(waterfall.kernel, "pay", cooked)
    with pytest.raises(AuditBreach, match=r"period 7 of scenario 1: reserve"):
        distribute(terms(), cash([10.0] * YEARS, [10.0] * YEARS))


def test_a_report_has_nulls_for_cover_nobody_knows_and_no_event_that_did_not_happen():
    plan = terms(ard=2)
    dates = [date(2027, 1, 31), date(2028, 1, 31), date(2029, 1, 31)]
    paid = distribute(plan, cash([15.0] * YEARS, [15.0] * YEARS, takeout=np.array([-1.0, np.inf])))
    failed, refinanced = (report(plan, paid, s, "issuer", dates) for s in (0, 1))
    assert failed.dscr_actual[:2] == [1.5, 1.5]
    assert refinanced.dscr_actual[2] is None
    assert failed.dscr_assumed == [None] * YEARS
    assert (failed.ard.month, failed.ard.refinanced, failed.ard.balance, failed.ard.proceeds) == (
        24,
        False,
        100.0,
        0.0,
    )
    assert (refinanced.ard.refinanced, refinanced.ard.proceeds, refinanced.sale) == (True, 100.0, 0.0)
    assert report(terms(), distribute(terms(), cash([15.0] * YEARS)), 0, None, dates).ard is None
    assert failed.classes[0].name == "A"
    assert failed.date == dates
