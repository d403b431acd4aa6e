"""Model time: months from any closing day, dates as months, curves by month."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders.deals import deal, facility, flow, lease, market, resolved

from rackrate.engine.timeline import period_sums, timeline

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("closing", "expected"),
    [
        (date(2026, 1, 31), ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        (date(2028, 1, 30), ["2028-01-30", "2028-02-29", "2028-03-30", "2028-04-30"]),
        (date(2026, 1, 29), ["2026-01-29", "2026-02-28", "2026-03-29", "2026-04-29"]),
        (date(2028, 2, 29), ["2028-02-29", "2028-03-29", "2028-04-29", "2028-05-29"]),
        (date(2026, 11, 15), ["2026-11-15", "2026-12-15", "2027-01-15", "2027-02-15"]),
    ],
)
def test_a_day_past_a_months_end_is_clamped_to_it(closing: date, expected: list[str]) -> None:
    assert timeline(closing, 3).boundaries.astype(str).tolist() == expected


def test_flows_of_a_month_fall_on_its_last_boundary() -> None:
    assert timeline(date(2026, 1, 31), 2).payment_dates == [date(2026, 2, 28), date(2026, 3, 31)]


def test_a_leap_year_has_an_hour_for_every_day_of_it() -> None:
    assert timeline(date(2027, 3, 1), 12).hours.sum() == 366 * 24
    assert timeline(date(2026, 1, 1), 12).hours.sum() == 8760


@settings(max_examples=40)
@given(DAYS, DAYS)
def test_a_date_is_the_first_boundary_on_or_after_it(closing: date, day: date) -> None:
    index = timeline(closing, 1).index(day)
    assert (index <= 0) == (day <= closing)
    if index > 0:
        boundaries = timeline(closing, index).boundaries.astype(object)
        assert boundaries[index - 1] < day <= boundaries[index]


@pytest.mark.parametrize("closing", [date(2028, 1, 29), date(2026, 1, 31), date(2026, 6, 15)])
def test_every_day_of_two_years_is_counted_as_if_boundary_by_boundary(closing: date) -> None:
    months = timeline(closing, 30)
    boundaries = months.boundaries.astype(object).tolist()
    for offset in range(800):
        day = closing + timedelta(days=offset)
        assert months.index(day) == next(j for j, boundary in enumerate(boundaries) if boundary >= day)


def test_a_date_before_closing_has_a_negative_index() -> None:
    months = timeline(date(2026, 6, 15), 1)
    assert [months.index(day) for day in (date(2026, 6, 15), date(2026, 5, 16), date(2026, 5, 15))] == [
        0,
        0,
        -1,
    ]
    assert months.index(date(2016, 6, 15)) == -120


def test_a_curve_holds_its_last_value_and_before_its_first_point_the_first() -> None:
    """Points in month 2 (a day before its boundary), and in month 4: 5 before and until, 7, then 9."""
    points = [(date(2026, 2, 28), 7.0), (date(2026, 5, 1), 9.0)]
    curve = timeline(date(2026, 1, 1), 6).curve([(date(2025, 1, 1), 5.0), *points])
    assert curve.tolist() == [5.0, 5.0, 7.0, 7.0, 9.0, 9.0]
    assert timeline(date(2026, 1, 1), 3).curve(points).tolist() == [7.0, 7.0, 7.0]
    assert timeline(date(2027, 1, 1), 2).curve(points).tolist() == [9.0, 9.0]


def test_a_number_is_a_flat_curve() -> None:
    assert timeline(date(2026, 1, 1), 3).curve(4).tolist() == [4.0, 4.0, 4.0]


def test_thirty_three_sixty_takes_every_month_for_a_twelfth() -> None:
    months = timeline(date(2026, 1, 31), 12)
    assert months.accrual("30/360").tolist() == [1.0 / 12.0] * 12
    assert months.accrual("ACT/360").sum() == pytest.approx(365.0 / 360.0)
    assert months.accrual("ACT/365F").sum() == pytest.approx(1.0)


# ---- leases on the timeline ----


@pytest.mark.parametrize("closing", ["2026-01-29", "2026-01-30", "2026-01-31", "2028-02-29"])
def test_a_lease_that_begins_on_the_closing_day_pays_every_month_of_its_term(closing: str) -> None:
    of = deal(facility(lease(commencement=closing, term_months=24)), closing=closing)
    rent = flow(of).line("base_rent")[0]
    assert rent[:24].tolist() == [100_000.0] * 24
    assert rent[24] == 0.0


def test_a_lease_already_running_ends_when_its_term_does() -> None:
    """Begun 14 months before closing for 24: ten months are left."""
    rent = flow(deal(facility(lease(commencement="2024-11-01", term_months=24)))).line("base_rent")[0]
    assert np.flatnonzero(rent)[[0, 9]].tolist() == [0, 9]
    assert rent[10:16].tolist() == [0.0] * 6


def test_a_lease_that_begins_within_a_month_counts_from_the_next_boundary() -> None:
    rent = flow(deal(facility(lease(commencement="2026-03-02", term_months=12)))).line("base_rent")[0]
    assert np.flatnonzero(rent[:18]).tolist() == list(range(3, 15))


def test_a_lease_that_expires_on_the_horizon_pays_to_the_end_and_one_before_it_renews_at_once() -> None:
    place = market(renewal_probability=1.0, rent_per_kw_month=70.0)
    for term, last in ((96, 100_000.0), (95, 70_000.0)):
        of = deal(facility(lease(term_months=term), market=place))
        assert flow(of, months=96).line("base_rent")[0, -1] == last


def test_an_anniversary_is_the_leases_own_not_the_closings() -> None:
    """Begun five months before closing at 2% a year: the rent in force at closing holds until month 7."""
    grown = lease(commencement="2025-08-01", escalation={"kind": "fixed", "rate": 0.02})
    rent = resolved(deal(facility(grown))).rent[0]
    assert rent[[0, 6, 7, 18, 19]].tolist() == pytest.approx([100.0, 100.0, 102.0, 102.0, 104.04])


def test_periods_sum_their_months():
    months = np.arange(14.0).reshape(2, 7)
    assert period_sums(months, 3).tolist() == [[3.0, 12.0], [24.0, 33.0]]
    assert period_sums(months, 1).tolist() == months.tolist()
