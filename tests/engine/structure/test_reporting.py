"""The report of a run: when each trigger first trips, and each class is first left short."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analyses.deals.test_standalone_waterfall import ask, note

from rackrate.deal.debt import Amounts
from rackrate.deal.requests.standalone_waterfall import Liquidation
from rackrate.deal.structure import Step, Triggers
from rackrate.kernel.records import TRIGGERS

YEARS = [date(2026 + year, 12, 31) for year in range(1, 6)]


def triggers(**levels):
    return Triggers(service="actual", cure_periods=1, **levels)


def test_a_trigger_first_trips_in_the_period_after_the_cover_that_is_below_it():
    """Interest is 10 a year: cover is 2.0, 1.2, 0.9, below 1.5 in the second period and seen in the third."""
    run = ask(
        [20.0, 12.0, 9.0, 20.0], [note()], triggers=triggers(trap_below=1.5, amortise_below=1.0)
    ).waterfall
    assert (run.triggers.trap, run.triggers.amortise, run.triggers.pik) == (YEARS[2], YEARS[3], None)


def test_a_sweep_after_a_failed_ard_is_no_trip():
    run = ask([20.0] * 4, [note()], triggers=triggers(amortise_below=1.0), ard_months=24).waterfall
    assert run.amortising == [False, False, True, True]
    assert run.sweeping == [False] * 4
    assert run.triggers.amortise is None


def test_a_trigger_that_trips_after_a_failed_ard_is_dated_by_its_cover():
    run = ask([20.0, 20.0, 20.0, 4.0, 20.0], [note()], triggers=triggers(amortise_below=1.0), ard_months=24)
    assert run.waterfall.amortising == [False, False, True, True, True]
    assert run.waterfall.sweeping == [False] * 4 + [True]
    assert run.waterfall.triggers.amortise == YEARS[4]


def test_an_ltv_trigger_is_dated_by_class():
    """60 and 90 of 100 are owed down to A and B: above 55% and not above 95%, from the second period on."""
    classes = [note(principal=60.0, ltv_trigger=0.55), note("B", 30.0, ltv_trigger=0.95)]
    run = ask([20.0] * 3, classes, value=100.0).waterfall
    assert [one.ltv_trigger for one in run.classes] == [YEARS[1], None]


def test_a_class_that_is_repaid_trips_no_ltv_trigger():
    """A owes 95 of 100 and B, repaid in the first period, nothing: its trigger of 90% is no event of it."""
    classes = [note(principal=95.0), note("B", 5.0, ltv_trigger=0.9, schedule=Amounts(amounts=[5.0]))]
    steps = [Step(kind="interest"), Step(kind="scheduled_principal", classes=["B"]), Step(kind="equity")]
    run = ask([20.0] * 3, classes, value=100.0, steps=steps).waterfall
    assert run.classes[1].balance == [0.0] * 3
    assert run.classes[1].ltv_trigger is None


def test_the_first_shortfall_is_of_interest_or_at_the_end_of_principal():
    """Of 10 a year 9 are paid in the second; then 5 a year are paid on 50, and a sale brings 40, or 50."""
    assert ask([10.0, 9.0, 12.0], [note()]).waterfall.classes[0].first_shortfall == YEARS[1]
    lost, repaid = (
        ask([5.0] * 3, [note(principal=50.0)], liquidation=Liquidation(value=value)).waterfall.classes[0]
        for value in (40.0, 50.0)
    )
    assert (lost.principal_loss, lost.first_shortfall) == (pytest.approx(10.0), YEARS[2])
    assert repaid.first_shortfall is None


def test_what_is_deferred_is_no_shortfall():
    run = ask([9.0, 9.0, 9.0, 130.0], [note(deferrable=True)], triggers=triggers(pik_below=1.0)).waterfall
    assert run.triggers.pik == YEARS[1]
    assert run.classes[0].capitalised[1] > 0.0
    assert run.classes[0].first_shortfall == YEARS[0]


AMOUNTS = st.integers(0, 30).map(float)
LEVELS = st.sampled_from([None, 0.5, 1.0, 1.4, 2.0])


def test_the_service_of_a_month_is_of_three_and_unpaid_interest_is_not_in_it_again():
    """1 of interest falls due a month, half of it is paid; 12 a year assumed on 100 is 1 a month as well."""
    assumed = Triggers(service="assumed_amortisation", constant=0.12, cure_periods=1, trap_below=0.1)
    run = ask([0.5] * 6, [note(coupon=0.12)], triggers=assumed, months=1, legal_final_months=6).waterfall
    for service in (run.service_actual, run.service_assumed):
        assert service == pytest.approx([0.0, 0.0, 3.0, 3.0, 3.0, 3.0])
    assert run.dscr_actual[2:] == pytest.approx([0.5] * 4)


def test_without_a_constant_no_service_is_assumed():
    run = ask([20.0, 20.0], [note()], triggers=triggers(trap_below=1.0)).waterfall
    assert (run.service_actual, run.service_assumed) == ([10.0, 10.0], [None, None])


@settings(max_examples=200)
@given(data=st.data())
def test_dates_are_those_of_the_arrays_that_are_reported(data):
    """A trigger is on from its trip, classes amortise by it, cover is income over the service beside it."""
    ncf = data.draw(st.lists(AMOUNTS, min_size=2, max_size=5))
    names = [f"{name}_below" for name in TRIGGERS]
    levels = {name: level for name in names if (level := data.draw(LEVELS)) is not None}
    classes = [note(principal=60.0), note("B", 40.0, deferrable=data.draw(st.booleans()))]
    ard = data.draw(st.integers(1, len(ncf)))
    run = ask(ncf, classes, triggers=triggers(**levels), ard_months=12 * ard).waterfall
    dates = YEARS[: len(ncf)]
    for name, flag in TRIGGERS.items():
        on = getattr(run, flag)
        assert getattr(run.triggers, name) == (dates[on.index(True)] if True in on else None)
    assert all(
        amortising or not swept for amortising, swept in zip(run.amortising, run.sweeping, strict=True)
    )
    for income, cover, service in zip(ncf, run.dscr_actual, run.service_actual, strict=True):
        assert cover == (income / service if service else None)
    for one in run.classes:
        short = [unpaid > 1e-8 for unpaid in one.interest_unpaid[:-1]]
        short.append(one.interest_unpaid[-1] > 1e-8 or one.principal_loss > 1e-8)
        assert one.first_shortfall == (dates[short.index(True)] if True in short else None)
