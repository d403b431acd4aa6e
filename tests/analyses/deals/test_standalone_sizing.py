"""Sizing on a cash flow of one's own: periods, dates, day counts, and what one series cannot say."""

import math
from datetime import date

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rackrate.analyses.deals.standalone_sizing import size
from rackrate.deal.codec.decode import decode
from rackrate.deal.debt import Debt, InterestOnly, Level, Sculpted, TargetBalance
from rackrate.deal.errors import CannotFinance, Refusal, Unsupported
from rackrate.deal.requests.standalone_sizing import SizingRequest, check_sizing
from rackrate.deal.rulesets import newest
from rackrate.deal.sizing_tests import (
    MaxLtc,
    MaxLtv,
    MinDebtYield,
    MinDscr,
    MinLlcr,
    MinPlcr,
    Refinance,
    SculptedTest,
)

REFINANCE = Refinance(ltv=0.65, cap_rate=0.08)


def ask(ncf, tests, amortisation=None, *, months=12, term=24, day_count="30/360", rate=0.1, **given):
    """The answer for a loan, interest only unless told otherwise, on figures of `months` months."""
    debt = Debt(
        rate=rate,
        day_count=day_count,
        term_months=term,
        interest_only_months=given.pop("interest_only_months", 0),
        amortisation=InterestOnly() if amortisation is None else amortisation,
        balloon=given.pop("balloon", 0.0),
    )
    given = {"closing": date(2026, 12, 31)} | given
    return size(SizingRequest(period_months=months, ncf=ncf, debt=debt, tests=tests, **given), newest())


def row(answer, name):
    return next(row for row in answer.sizing.tests if row.name == name)


def test_a_sculpt_of_two_years_by_hand():
    """Cash of 13 at 1.3x pays 10 a year: 10 / 1.1 + 10 / 1.21 = 17.355371900826447."""
    sizing = ask([13.0, 13.0], [SculptedTest(limit=1.3)], Sculpted(dscr=1.3)).sizing
    assert sizing.principal == pytest.approx(10.0 / 1.1 + 10.0 / 1.21, rel=1e-15)
    assert sizing.schedule.interest == pytest.approx([1.7355371900826448, 0.9090909090909092])
    assert sizing.schedule.principal == pytest.approx([10.0 / 1.21, 10.0 / 1.1])
    assert sizing.schedule.dscr == pytest.approx([1.3, 1.3])
    assert sizing.balloon == 0.0


@pytest.mark.parametrize("listed", [{}, {"tests": None}, {"tests": []}], ids=["absent", "null", "none"])
def test_a_sculpt_needs_no_test_beside_its_own_cover(listed):
    """The two years above, sized by the sculpt's own 1.3x, which is the only test answered."""
    debt = {
        "rate": 0.1,
        "day_count": "30/360",
        "term_months": 24,
        "interest_only_months": 0,
        "amortisation": {"kind": "sculpted", "dscr": 1.3},
    }
    document = {"closing": "2026-12-31", "period_months": 12, "ncf": [13.0, 13.0], "debt": debt, **listed}
    sizing = size(decode(msgspec.json.encode(document), SizingRequest), newest()).sizing
    assert sizing.principal == pytest.approx(10.0 / 1.1 + 10.0 / 1.21, rel=1e-15)
    assert [(test.name, test.limit, test.binding) for test in sizing.tests] == [("sculpted", 1.3, True)]


def test_a_sculpt_with_a_balloon_leaves_its_share():
    """U = (0.5 U + 10) / 1.1 a year on, twice: U (1.21 - 0.5) = 10 + 11."""
    sizing = ask([13.0, 13.0], [SculptedTest(limit=1.3)], Sculpted(dscr=1.3), balloon=0.5).sizing
    assert sizing.principal == pytest.approx(21.0 / 0.71, rel=1e-15)
    assert sizing.balloon == pytest.approx(10.5 / 0.71, rel=1e-15)


def test_sculpted_terms_size_the_loan_alone_and_set_its_schedule_in_proportion_where_another_test_does():
    sizing = ask([13.0, 13.0], [MaxLtv(limit=0.5)], Sculpted(dscr=1.3), value=20.0).sizing
    assert sizing.principal == 10.0
    assert sizing.schedule.dscr == pytest.approx([1.3 * 17.355371900826447 / 10.0] * 2)
    alone = ask([13.0, 13.0], [MaxLtv(limit=9.0)], Sculpted(dscr=1.3), value=20.0).sizing
    assert alone.principal == pytest.approx(17.355371900826447, rel=1e-15)
    assert [test.binding for test in alone.tests] == [False, True]


def test_periods_end_on_the_closing_day_clamped_to_the_month():
    sizing = ask([5.0] * 5, [MaxLtv(limit=1.0)], months=3, term=15, value=90.0).sizing
    ends = [(2027, 3, 31), (2027, 6, 30), (2027, 9, 30), (2027, 12, 31), (2028, 3, 31)]
    assert sizing.schedule.date == [date(*end) for end in ends]
    assert sizing.schedule.interest == pytest.approx([2.25] * 5)


@pytest.mark.parametrize(("day_count", "year"), [("ACT/360", 360.0), ("ACT/365F", 365.0)])
def test_interest_accrues_on_the_days_of_each_period(day_count, year):
    days = [90, 91, 92, 92, 91]
    sizing = ask([5.0] * 5, [MaxLtv(limit=1.0)], months=3, term=15, value=90.0, day_count=day_count).sizing
    assert sizing.schedule.interest == pytest.approx([9.0 * day / year for day in days])


def test_a_level_loan_of_half_years_pays_its_annuity_per_period():
    sizing = ask([9.0] * 4, [MaxLtv(limit=1.0)], Level(months=24), months=6, value=100.0).sizing
    payment = 100.0 * 0.05 / (1.0 - 1.05**-4)
    service = [i + p for i, p in zip(sizing.schedule.interest, sizing.schedule.principal, strict=True)]
    assert service == pytest.approx([payment] * 4)
    assert sizing.balloon == 0.0


def test_a_target_balance_is_read_at_each_payment_date():
    curve = [(date(2026, 12, 31), 1.0), (date(2028, 6, 30), 0.6), (date(2028, 12, 31), 0.2)]
    target = TargetBalance(curve=curve)
    sizing = ask([9.0] * 4, [MaxLtv(limit=1.0)], target, months=6, value=100.0).sizing
    assert sizing.schedule.balance == pytest.approx([100.0, 100.0, 60.0, 20.0])
    assert sizing.balloon == pytest.approx(20.0)


def test_closing_tests_read_the_first_year_or_the_annual_figure_given():
    first = ask([4.0, 6.0, 9.0, 9.0], [MinDebtYield(limit=0.1)], months=6)
    assert first.sizing.principal == pytest.approx(100.0)
    tests = [MinDebtYield(limit=0.1), MinDscr(limit=1.0, basis="minimum")]
    told = ask([4.0, 6.0, 9.0, 9.0], tests, months=6, annual_ncf=12.0)
    assert row(told, "min_debt_yield").max_principal == pytest.approx(120.0)
    assert row(told, "min_dscr").max_principal == pytest.approx(100.0)


def test_amortising_service_stays_monthly_whatever_the_period():
    test = MinDscr(limit=1.25, service="amortising", months=360)
    constant = 0.1 / (1.0 - (1.0 + 0.1 / 12.0) ** -360)
    assert ask([10.0, 10.0], [test]).sizing.principal == pytest.approx(10.0 / (1.25 * constant))


def test_refinance_reads_the_year_after_maturity():
    sizing = ask([10.0, 10.0, 16.0], [REFINANCE]).sizing
    assert sizing.principal == pytest.approx(0.65 * 16.0 / 0.08)


def test_the_last_figure_is_the_last_contract_end():
    """At 100 percent: 8/2 + 8/4 = 6 to maturity; a supported balloon of 130 / 4; 8/8 in the third year."""
    answer = ask([8.0, 8.0, 16.0], [MinLlcr(limit=1.0), MinPlcr(limit=1.0), REFINANCE], rate=1.0)
    assert row(answer, "min_llcr").max_principal == pytest.approx(6.0 + 130.0 / 4.0)
    assert row(answer, "min_plcr").max_principal == pytest.approx(6.0 + 2.0)


def test_one_series_answers_without_a_case_and_without_operating_income():
    answer = ask([10.0, 10.0], [MinDscr(limit=1.25)])
    assert {figure.case for figure in answer.coverage} == {None}
    assert {figure.numerator for figure in answer.coverage} == {"ncf", None}
    assert answer.sizing.value is None


def test_a_year_of_interest_is_known_beyond_a_shorter_series():
    """Six months of term, a year's interest of 0.1: 10 over 1.25 times it."""
    test = MinDscr(limit=1.25, service="interest_only")
    sizing = ask([5.0], [test], months=6, term=6, annual_ncf=10.0).sizing
    assert sizing.principal == pytest.approx(80.0)


def test_moving_the_closing_date_changes_dates_and_nothing_else_on_thirty_day_months():
    tests = [MaxLtc(limit=0.8), SculptedTest(limit=1.3)]
    one, other = (
        ask([13.0, 12.0], tests, Sculpted(dscr=1.3), cost=40.0, closing=day).sizing
        for day in (date(2026, 12, 31), date(2031, 5, 15))
    )
    assert one.tests == other.tests
    assert one.schedule.date != other.schedule.date
    assert msgspec.structs.replace(one.schedule, date=[]) == msgspec.structs.replace(other.schedule, date=[])


def test_what_cannot_be_financed_points_at_the_test():
    with pytest.raises(CannotFinance, match=r"min_debt_yield allows no debt: .* -4\.00 a year") as refused:
        ask([-4.0, 9.0], [MaxLtv(limit=0.5), MinDebtYield(limit=0.1)], value=10.0)
    assert refused.value.errors[0].pointer == "/tests/1"
    with pytest.raises(Unsupported) as unsupported:
        ask([4.0, 9.0], [MinLlcr(limit=1.2)])
    assert unsupported.value.errors[0].pointer == "/tests/0"


MONEY = st.floats(-1e13, 1e13) | st.floats(-100.0, 100.0) | st.just(0.0)
LIMITS = st.floats(1e-6, 1000.0) | st.sampled_from([0.7, 1.3])
TESTS = st.one_of(
    st.builds(MaxLtv, limit=LIMITS),
    st.builds(MinDebtYield, limit=LIMITS),
    st.builds(MinDscr, limit=LIMITS, basis=st.sampled_from(["closing", "minimum", "average"])),
    st.builds(MinDscr, limit=LIMITS, service=st.just("interest_only"), basis=st.just("minimum")),
    st.builds(SculptedTest, limit=LIMITS),
    st.builds(MinLlcr, limit=LIMITS),
    st.builds(MinPlcr, limit=LIMITS),
    st.builds(Refinance, rate=st.floats(-0.5, 1.0), months=st.integers(1, 600), dscr=LIMITS),
    st.builds(Refinance, ltv=LIMITS, cap_rate=st.floats(1e-4, 10.0)),
)


@st.composite
def requests(draw):
    """Any request that the checks of the document let through."""
    period = draw(st.sampled_from([1, 3, 6, 12]))
    year = 12 // period
    term = draw(st.integers(1, 3 * year))
    amortisation = draw(
        st.one_of(
            st.builds(InterestOnly),
            st.builds(Level, months=st.integers(1, 40).map(lambda count: count * period)),
            st.builds(Sculpted, dscr=LIMITS),
            st.builds(TargetBalance, curve=st.floats(0.0, 1.0)),
        )
    )
    sculpted = isinstance(amortisation, Sculpted)
    debt = Debt(
        rate=draw(st.sampled_from([0.0, 1e-300, 0.06, 1.0])),
        day_count=draw(st.sampled_from(["30/360", "ACT/360", "ACT/365F"])),
        term_months=term * period,
        interest_only_months=draw(st.integers(0, term)) * period,
        amortisation=amortisation,
        balloon=draw(st.sampled_from([0.0, 0.5, 1.0])) if sculpted else 0.0,
    )
    count = term + draw(st.integers(0, 2 * year)) + year
    ncf = draw(st.lists(MONEY, min_size=count, max_size=count))
    tests = draw(st.lists(TESTS, max_size=4))
    closing, annual = draw(st.dates(date(1950, 1, 1), date(2200, 12, 31))), draw(st.none() | MONEY)
    return SizingRequest(
        closing=closing, period_months=period, ncf=ncf, value=1e7, debt=debt, tests=tests, annual_ncf=annual
    )


def figures(answer):
    """Every number in an answer."""
    if isinstance(answer, dict):
        return [number for part in answer.values() for number in figures(part)]
    if isinstance(answer, list):
        return [number for part in answer for number in figures(part)]
    return [answer] if isinstance(answer, float) else []


@settings(max_examples=200)
@given(request=requests())
def test_every_sound_request_is_answered_in_finite_figures_or_refused(request):
    assume(not check_sizing(request))
    try:
        answer = size(request, newest())
    except Refusal:
        return
    assert all(math.isfinite(figure) for figure in figures(msgspec.to_builtins(answer)))
    assert answer.sizing.principal > 0.0
    assert min(answer.sizing.schedule.balance) >= 0.0
    assert all(row.slack is None or row.slack >= 0.0 for row in answer.sizing.tests)
    amortisation = request.debt.amortisation
    if isinstance(amortisation, Sculpted) and not any(
        isinstance(test, SculptedTest) for test in request.tests
    ):
        covers = [cover for cover in answer.sizing.schedule.dscr if cover is not None]
        assert min(covers, default=math.inf) >= amortisation.dscr * (1.0 - 1e-9)


@settings(max_examples=100)
@given(
    ncf=st.lists(st.floats(1.0, 100.0), min_size=12, max_size=24),
    months=st.sampled_from([1, 3, 6, 12]),
    limit=st.floats(0.5, 3.0),
    repaid=st.booleans(),
)
def test_a_loan_sized_on_average_cover_has_that_mean_of_rolling_ratios(ncf, months, limit, repaid):
    """Every window of a year of periods, the last one too where the loan repays itself."""
    term, year = 12 * months, 12 // months
    way = Level(months=term) if repaid else InterestOnly()
    answer = ask(ncf, [MinDscr(limit=limit, basis="average")], way, months=months, term=term)
    schedule = answer.sizing.schedule
    service = [i + p for i, p in zip(schedule.interest, schedule.principal, strict=True)]
    covers = [sum(ncf[i : i + year]) / sum(service[i : i + year]) for i in range(12 - year + 1)]
    assert sum(covers) / len(covers) == pytest.approx(limit, rel=1e-9)
    assert row(answer, "min_dscr").actual == pytest.approx(limit, rel=1e-12)
