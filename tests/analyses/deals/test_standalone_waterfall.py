"""A cash flow of one's own through the waterfall: periods, schedules, sale, and the figures of each class."""

from datetime import date

import pytest

from rackrate.analyses.deals.standalone_waterfall import pay
from rackrate.deal.debt import Amounts, InterestOnly, Level, Sculpted, TargetBalance
from rackrate.deal.errors import Invalid
from rackrate.deal.requests.standalone_waterfall import (
    Liquidation,
    OwnClass,
    WaterfallRequest,
    check_waterfall,
)
from rackrate.deal.rulesets import newest
from rackrate.deal.structure import Reserves, Step, Triggers


def note(name="A", principal=100.0, coupon=0.1, schedule=None, **given):
    plain = {"day_count": "30/360", "schedule": InterestOnly() if schedule is None else schedule} | given
    return OwnClass(name=name, principal=principal, coupon=coupon, **plain)


def ask(ncf, classes, months=12, **given):
    """The answer of a request that contradicts nothing, on periods of a year unless told otherwise."""
    plain = {"closing": date(2026, 12, 31), "legal_final_months": months * len(ncf)} | given
    request = WaterfallRequest(period_months=months, ncf=ncf, classes=classes, **plain)
    assert check_waterfall(request) == []
    return pay(request, newest())


def balance(answer, k=0):
    return answer.waterfall.classes[k].balance


def test_payment_dates_are_the_ends_of_periods_clamped_to_the_month():
    dates = ask([5.0] * 4, [note()], months=3).waterfall.date
    assert dates == [date(2027, 3, 31), date(2027, 6, 30), date(2027, 9, 30), date(2027, 12, 31)]


@pytest.mark.parametrize(
    ("day_count", "due"),
    [("30/360", [2.5] * 4), ("ACT/360", [2.5, 10 * 91 / 360, 10 * 92 / 360, 10 * 92 / 360])],
)
def test_interest_accrues_by_the_period_or_by_its_days(day_count, due):
    answer = ask([5.0] * 4, [note(day_count=day_count)], months=3)
    assert answer.waterfall.classes[0].interest_due == pytest.approx(due)


def test_cash_after_legal_final_is_not_distributed():
    run = ask([15.0, 15.0, 99.0], [note()], legal_final_months=24).waterfall
    assert run.available == [15.0, 15.0]


def test_a_level_class_repays_like_an_annuity():
    """10% on 100 over two years: 100 * 1.21 / 2.1 a year, so 47.619... after the first."""
    answer = ask([60.0, 60.0], [note(schedule=Level(months=24))])
    assert balance(answer) == pytest.approx([100.0 * 1.1 - 121.0 / 2.1, 0.0], abs=1e-9)


def test_written_amounts_fall_due_as_written():
    assert balance(ask([40.0] * 3, [note(schedule=Amounts(amounts=[10.0, 0.0, 5.0]))])) == [
        90.0,
        90.0,
        0.0 + 85.0,
    ]


def test_amounts_beyond_the_principal_or_the_run_change_nothing():
    answer = ask([200.0] * 2, [note(schedule=Amounts(amounts=[30.0, 90.0, 50.0]))])
    assert balance(answer) == [70.0, 0.0]


def test_a_target_balance_is_read_on_the_payment_date():
    """On 2027-12-31 the share of 2027-12-31 holds, not yet that of 2028-01-01."""
    curve = [(date(2027, 1, 1), 0.9), (date(2027, 12, 31), 0.6), (date(2028, 1, 1), 0.5)]
    assert balance(ask([99.0] * 2, [note(schedule=TargetBalance(curve=curve))])) == [60.0, 50.0]


def test_a_sculpted_class_repays_what_cover_leaves_scaled_to_its_size():
    """13 and 26 at 1.3 carry 10 / 1.1 + 20 / 1.21; 20 / 1.1 of it is left after a year."""
    carried = 10.0 / 1.1 + 20.0 / 1.21
    answer = ask([130.0, 260.0], [note(schedule=Sculpted(dscr=1.3))])
    assert balance(answer) == pytest.approx([100.0 * (20.0 / 1.1) / carried, 0.0], abs=1e-9)
    assert answer.waterfall.dscr_actual[0] == pytest.approx(answer.waterfall.dscr_actual[1])


def test_a_sculpt_on_cash_that_carries_no_debt_is_refused_with_its_place():
    with pytest.raises(Invalid) as refusal:
        ask([-1.0, 0.0], [note(), note("B", schedule=Sculpted(dscr=1.3))])
    assert [fault.pointer for fault in refusal.value.errors] == ["/classes/1/schedule"]


@pytest.mark.parametrize(
    ("value", "liquidation", "sale"),
    [
        (None, None, 0.0),
        (500.0, None, 0.0),
        (None, Liquidation(value=90.0, cost_share=0.1), 81.0),
        (80.0, Liquidation(value=90.0, cost_share=0.1), 72.0),
    ],
)
def test_the_sale_is_the_lower_value_less_costs_and_none_without_a_liquidation(value, liquidation, sale):
    answer = ask([10.0, 10.0], [note()], value=value, liquidation=liquidation)
    assert answer.waterfall.sale == pytest.approx(sale)
    assert answer.tranches[0].principal_loss == pytest.approx(100.0 - sale)


def test_nothing_owed_is_nothing_sold():
    answer = ask(
        [120.0, 10.0], [note(schedule=Amounts(amounts=[100.0]))], liquidation=Liquidation(value=90.0)
    )
    assert answer.waterfall.sale == 0.0
    assert answer.waterfall.ard is None


def test_refinancing_at_the_ard_ends_the_run():
    run = ask([15.0] * 3, [note()], ard_months=24, refinances_at_ard=True).waterfall
    assert (run.ard.month, run.ard.refinanced, run.ard.proceeds) == (24, True, 100.0)
    assert run.equity == [5.0, 5.0, 0.0]


def test_a_request_with_neither_ard_nor_triggers_nor_reserves_only_pays():
    run = ask([15.0] * 3, [note()]).waterfall
    assert run.ard is None
    assert run.reserve == run.trap == [0.0] * 3
    assert run.case is None


def test_the_reserve_starts_at_its_target_unless_an_amount_is_given():
    """Six months of 10% on 100 is 5; from nothing, 3 of the first year's 13 go there."""
    target = ask([13.0, 13.0], [note()], reserves=Reserves(liquidity_months=6.0)).waterfall
    nothing = ask([13.0, 13.0], [note()], reserves=Reserves(liquidity_months=6.0, initial=0.0)).waterfall
    assert (target.reserve[0], target.equity[0]) == (5.0, 3.0)
    assert (nothing.reserve[0], nothing.equity[0]) == (3.0, 0.0)


def test_an_ltv_trigger_is_first_tested_in_the_second_period():
    """100 on 150 is above 0.6: the 5 left after interest go to principal, but not in the first year."""
    run = ask([15.0] * 3, [note(ltv_trigger=0.6)], value=150.0).waterfall
    assert run.classes[0].principal_paid[:2] == pytest.approx([0.0, 5.0])
    assert run.amortising == [False] * 3


def test_steps_of_ones_own_replace_the_template():
    steps = [Step(kind="principal"), Step(kind="equity")]
    run = ask([30.0, 30.0], [note()], steps=steps).waterfall
    assert run.classes[0].principal_paid[0] == 30.0
    assert run.classes[0].interest_unpaid == pytest.approx([10.0, 10.0 * 1.1 + 7.0])


def test_steps_that_pay_no_class_leave_every_class_unpaid():
    answer = ask([30.0], [note()], steps=[Step(kind="equity")])
    assert answer.waterfall.equity == [30.0]
    assert (answer.tranches[0].principal_loss, answer.tranches[0].interest_unpaid) == (100.0, 10.0)
    assert (answer.tranches[0].wal, answer.tranches[0].yield_, answer.tranches[0].duration) == (
        None,
        None,
        None,
    )


def test_the_figures_of_a_class_are_of_the_reported_run():
    """Half after one year, half after two: 1.5 years, at par a yield that compounds monthly to 10% a year."""
    tranche = ask([70.0, 70.0], [note(schedule=Amounts(amounts=[50.0, 50.0]))]).tranches[0]
    monthly = 1.1 ** (1.0 / 12.0)
    assert tranche.wal == pytest.approx(1.5)
    assert tranche.yield_ == pytest.approx(12.0 * (monthly - 1.0), rel=1e-12)
    assert tranche.duration == pytest.approx((60.0 / 1.1 + 2.0 * 55.0 / 1.21) / 100.0 / monthly, rel=1e-12)


def test_a_price_below_par_raises_the_yield():
    par, below = (
        ask([70.0, 170.0], [note(price=price)], liquidation=Liquidation(value=200.0)) for price in (1.0, 0.9)
    )
    assert below.tranches[0].yield_ > par.tranches[0].yield_


def test_deferred_interest_is_earned_when_its_principal_is_paid():
    """Year 1 covers 0.5, so year 2 defers 10 + 5 * 1.1: the sale repays 115.5 and nothing is lost."""
    triggers = Triggers(service="actual", pik_below=1.0, cure_periods=1)
    answer = ask(
        [5.0, 12.0], [note(deferrable=True)], triggers=triggers, liquidation=Liquidation(value=300.0)
    )
    run = answer.waterfall.classes[0]
    assert run.capitalised == pytest.approx([0.0, 15.5])
    assert run.principal_paid == pytest.approx([0.0, 115.5])
    assert answer.tranches[0].principal_loss == 0.0
