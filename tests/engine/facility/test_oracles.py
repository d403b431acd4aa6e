"""The facility side held against libraries others wrote: day counts, boundaries, survival, present value."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
import pyxirr
import QuantLib as ql  # noqa: N813 -- the name its own documentation uses
from tests.builders.deals import RULESET, deal, resolved

from rackrate.deal.facility.tenants import Tenant
from rackrate.engine.facility.tenant_survival import survive
from rackrate.engine.facility.valuation import ValuationBasis, ValuedFacilities, value
from rackrate.engine.timeline import Timeline, timeline

CLOSINGS = [date(2026, 1, 1), date(2027, 11, 15), date(2028, 2, 28)]
MONTH_ENDS = [date(2026, 1, 29), date(2026, 8, 30), date(2027, 12, 31), date(2028, 2, 29)]
DAY_COUNTS = {
    "30/360": ql.Thirty360(ql.Thirty360.BondBasis),
    "ACT/360": ql.Actual360(),
    "ACT/365F": ql.Actual365Fixed(),
}


def ql_date(day: date) -> ql.Date:
    """A date as QuantLib has it."""
    return ql.Date(day.day, day.month, day.year)


def ql_boundaries(months: Timeline) -> list[ql.Date]:
    """Closing plus a number of months, as QuantLib counts them."""
    closing = ql_date(months.closing)
    return [closing + ql.Period(j, ql.Months) for j in range(months.months + 1)]


@pytest.mark.parametrize("closing", [*CLOSINGS, *MONTH_ENDS])
def test_boundaries_are_quantlibs(closing: date) -> None:
    months = timeline(closing, 600)
    assert months.boundaries.astype(str).tolist() == [day.ISO() for day in ql_boundaries(months)]


@pytest.mark.parametrize("convention", ["ACT/360", "ACT/365F"])
@pytest.mark.parametrize("closing", [*CLOSINGS, *MONTH_ENDS])
def test_actual_days_accrue_as_in_quantlib(closing: date, convention: str) -> None:
    months = timeline(closing, 120)
    days = ql_boundaries(months)
    expected = [DAY_COUNTS[convention].yearFraction(a, b) for a, b in pairwise(days)]
    assert months.accrual(convention).tolist() == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("closing", CLOSINGS)
def test_thirty_three_sixty_accrues_as_in_quantlib_where_no_day_is_clamped(closing: date) -> None:
    months = timeline(closing, 120)
    days = ql_boundaries(months)
    expected = [DAY_COUNTS["30/360"].yearFraction(a, b) for a, b in pairwise(days)]
    assert months.accrual("30/360").tolist() == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("closing", MONTH_ENDS)
def test_thirty_three_sixty_sums_to_quantlibs_over_whole_years(closing: date) -> None:
    """A clamped month is a twelfth here, and so many thirtieths there; whole years agree to two days."""
    total = timeline(closing, 48).accrual("30/360").sum()
    whole = DAY_COUNTS["30/360"].yearFraction(ql_date(closing), ql_date(closing) + ql.Period(4, ql.Years))
    assert total == pytest.approx(whole, abs=2.1 / 360.0)


@pytest.mark.parametrize("category", sorted(RULESET.credit.cumulative_pd))
def test_survival_is_quantlibs_of_hazards_constant_between_the_horizons(category: str) -> None:
    of = deal(tenants=[{"id": "tenant", "rating": category}])
    assert of.tenants == [Tenant(id="tenant", rating=category)]
    hazards = resolved(of).hazards
    knots, levels = [0.0, *hazards.months[0] / 12.0], [0.0, *hazards.hazards[0]]
    rates = np.diff(levels) / np.diff(knots)
    start = ql.Date(1, 1, 2030)
    dates = [start + ql.Period(int(years), ql.Years) for years in knots]
    thirties = DAY_COUNTS["30/360"]
    curve = ql.HazardRateCurve(dates, [float(rates[0]), *map(float, rates)], thirties)
    curve.enableExtrapolation()
    multipliers, none = np.ones((1, 1)), np.full((1, 1), -1, dtype=np.int64)
    found = survive(hazards, multipliers, none, 360)[0, 0]
    expected = [curve.survivalProbability((i + 1) / 12.0) for i in range(360)]
    assert found.tolist() == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("rate", [0.0, 0.0775, 0.12])
def test_present_value_is_pyxirrs(rate: float) -> None:
    """A hundred months of uneven flows, nothing after them."""
    flows = np.random.default_rng(7).uniform(-1e6, 9e6, 100)
    hall = ValuedFacilities(np.zeros(1), np.array([1_000_000]), np.zeros((1, 12)), flows[None])
    found = value(ValuationBasis("npv", cap=0.08, rate=rate, months=100), hall)
    monthly = (1.0 + rate) ** (1.0 / 12.0) - 1.0
    assert found == pytest.approx(pyxirr.npv(monthly, [0.0, *flows]), rel=1e-12)
