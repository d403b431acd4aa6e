"""Debt against models written by others: PySAM's project finance, QuantLib's bonds and day counts, pyxirr."""

from datetime import date
from itertools import pairwise

import numpy as np
import PySAM.Singleowner
import pytest
import pyxirr
import QuantLib as ql  # noqa: N813 -- the name its own documentation uses

from rackrate.analyses.deals.standalone_sizing import size
from rackrate.deal.debt import Debt, Level, Sculpted, TargetBalance
from rackrate.deal.requests.standalone_sizing import SizingRequest
from rackrate.deal.rulesets import newest
from rackrate.deal.sizing_tests import MaxLtv, SculptedTest
from rackrate.engine.debt.terms import level_constant
from rackrate.engine.structure import bonds
from rackrate.engine.timeline import timeline

TENOR = 18


@pytest.fixture
def project():
    """A wind farm of PySAM's defaults with level output: 18 years of debt at 7 percent."""
    model = PySAM.Singleowner.default("WindPowerSingleOwner")
    model.SystemOutput.gen = [60000.0] * 8760
    model.SystemOutput.system_pre_curtailment_kwac = [60000.0] * 8760
    model.SystemOutput.annual_energy_pre_curtailment_ac = 60000.0 * 8760
    return model


def solve(model, **finance):
    """Run the model; its cash for debt service, debt, and yearly principal and interest."""
    for name, value in finance.items():
        setattr(model.FinancialParameters, name, value)
    model.execute(0)
    found = model.Outputs
    years = slice(1, TENOR + 1)
    return (
        list(found.cf_cash_for_ds[years]),
        found.size_of_debt,
        list(found.cf_debt_payment_principal[years]),
        list(found.cf_debt_payment_interest[years]),
    )


def answer(ncf, amortisation, test, interest_only=0, value=1.0e9):
    """The same debt, ours."""
    debt = Debt(
        rate=0.07,
        day_count="30/360",
        term_months=12 * TENOR,
        interest_only_months=12 * interest_only,
        amortisation=amortisation,
    )
    closing = date(2026, 1, 1)
    request = SizingRequest(closing=closing, period_months=12, ncf=ncf, value=value, debt=debt, tests=[test])
    return size(request, newest()).sizing


@pytest.mark.parametrize("dscr", [1.25, 1.4, 1.8])
def test_sculpted_debt_is_that_of_pysam(project, dscr):
    cash, debt, principal, interest = solve(project, dscr=dscr)
    found = answer(cash, Sculpted(dscr=dscr), SculptedTest(limit=dscr))
    assert found.principal == pytest.approx(debt, rel=1e-9)
    assert found.schedule.principal == pytest.approx(principal, rel=1e-9)
    assert found.schedule.interest == pytest.approx(interest, rel=1e-9)


@pytest.mark.parametrize("moratorium", [0, 3])
def test_level_debt_is_that_of_pysam(project, moratorium):
    cash, debt, principal, interest = solve(
        project, debt_option=0.0, debt_percent=50.0, payment_option=0.0, loan_moratorium=float(moratorium)
    )
    amortisation = Level(months=12 * (TENOR - moratorium))
    found = answer(cash, amortisation, MaxLtv(limit=1.0), moratorium, value=debt)
    assert found.schedule.principal == pytest.approx(principal, rel=1e-9, abs=1e-4)
    assert found.schedule.interest == pytest.approx(interest, rel=1e-9)
    assert found.balloon == 0.0


def test_a_straight_target_balance_is_the_fixed_principal_of_pysam(project):
    cash, debt, principal, interest = solve(
        project, debt_option=0.0, debt_percent=50.0, payment_option=1.0, loan_moratorium=0.0
    )
    curve = [(date(2026 + year, 1, 1), 1.0 - year / TENOR) for year in range(1, TENOR + 1)]
    found = answer(cash, TargetBalance(curve=curve), MaxLtv(limit=1.0), value=debt)
    assert found.schedule.principal == pytest.approx(principal, rel=1e-9)
    assert found.schedule.interest == pytest.approx(interest, rel=1e-9)


@pytest.mark.parametrize(("rate", "months"), [(0.055, 360), (0.07, 300), (0.0, 120)])
def test_level_constants_are_those_of_pyxirr(rate, months):
    assert level_constant(rate, months) == pytest.approx(
        -12.0 * pyxirr.pmt(rate / 12, months, 1.0), rel=1e-11
    )


@pytest.mark.parametrize("price", [0.8, 1.0, 1.07])
def test_yields_are_the_internal_rates_of_return_of_pyxirr(price):
    paid = np.full(84, 0.0065)
    paid[24:] += 1.0 / 60
    found = bonds.yields(paid[None], [price])[0]
    assert found == pytest.approx(12.0 * pyxirr.irr([-price, *paid]), rel=1e-10)


def leg(flows, closing, months):
    """Flows at period ends as QuantLib has them."""
    days = timeline(closing, len(flows) * months).boundaries[months::months].tolist()
    dates = [ql.Date(day.day, day.month, day.year) for day in days]
    return ql.Leg([ql.SimpleCashFlow(flow, day) for flow, day in zip(flows, dates, strict=True)])


@pytest.mark.parametrize("months", [1, 3, 6])
@pytest.mark.parametrize("price", [0.95, 1.02])
def test_yield_and_duration_are_those_of_quantlib(months, price):
    flows = np.full(60 // months, 0.06 * months / 12)
    flows[-6 // months :] += 1.0 / len(flows[-6 // months :])
    day_count = ql.Thirty360(ql.Thirty360.BondBasis)
    closing = ql.Date(15, 9, 2026)
    arguments = (day_count, ql.Compounded, ql.Monthly, False, closing, closing)
    cash = leg(flows.tolist(), date(2026, 9, 15), months)
    rate = ql.CashFlows.yieldRate(cash, price, *arguments)
    assert bonds.yields(flows[None], [price], months)[0] == pytest.approx(rate, rel=1e-7)
    terms = (ql.InterestRate(rate, day_count, ql.Compounded, ql.Monthly), ql.Duration.Modified)
    duration = ql.CashFlows.duration(cash, *terms, False, closing)
    assert bonds.durations(flows[None], [price], months)[0] == pytest.approx(duration, rel=1e-7)


@pytest.mark.parametrize(
    ("day_count", "theirs"),
    [
        ("30/360", ql.Thirty360(ql.Thirty360.BondBasis)),
        ("ACT/360", ql.Actual360()),
        ("ACT/365F", ql.Actual365Fixed()),
    ],
)
def test_accruals_are_the_year_fractions_of_quantlib(day_count, theirs):
    months = timeline(date(2023, 12, 15), 60)
    days = [ql.Date(d.day, d.month, d.year) for d in months.boundaries.tolist()]
    fractions = [theirs.yearFraction(first, last) for first, last in pairwise(days)]
    assert months.accrual(day_count) == pytest.approx(fractions, rel=1e-14)
