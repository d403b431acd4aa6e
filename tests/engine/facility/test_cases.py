"""Cases: adjustments one by one, the bridge they make, and where a case comes from."""

import math

import pytest
from hypothesis import given, settings
from tests.builders.deals import (
    EXAMPLE_DEALS,
    RULESET,
    Plain,
    deal,
    example,
    facility,
    flow,
    lease,
    market,
    powered,
    resolved,
)
from tests.builders.random_deals import cases, deals

from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal import cases as case_terms
from rackrate.deal.cases import Case, TenantDefault
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.facility.cases import ISSUER, NEUTRAL, adjusted, bridge_cases
from rackrate.engine.facility.income import cases_of, earn

CATEGORIES = ("AAA", "AA", "A", "BBB", "BB")


def sized_in(case: str, *tests: Plain, cases: Plain = ()) -> Deal:
    """A deal sized in a case, at half of the appraisal unless tests are given."""
    limits = list(tests) or [{"kind": "max_ltv", "limit": 0.5}]
    sizing = {"case": case, "value": {"kind": "appraisal"}, "tests": limits}
    return deal(cases=list(cases), sizing=sizing)


def test_the_bridge_has_a_step_for_each_adjustment_that_differs_from_neutral_in_their_order() -> None:
    """1.2 million of rent: 10% off, a vacancy of 5% of what is left, a fee of 4% of what that leaves."""
    case = {
        "name": "lender",
        "management_fee_floor": 0.04,
        "rent_haircut": 0.1,
        "opex_factor": 1.0,
        "credit": False,
        "tenant_defaults": [],
        "vacancy_floor": 0.05,
        "rate_add": 0.02,
    }
    answer = underwrite(sized_in("lender", cases=[case]), RULESET, id="x")
    steps = [(step.adjustment, step.ncf_change) for step in answer.bridge_steps]
    names = ["rent_haircut", "vacancy_floor", "management_fee_floor", "rate_add"]
    assert [name for name, _ in steps] == names
    assert [change for _, change in steps] == pytest.approx([-120_000.0, -54_000.0, -41_040.0, 0.0])
    lines = {line.line: (line.issuer, line.underwritten) for line in answer.bridge}
    assert lines["ncf"] == pytest.approx((1_200_000.0, 984_960.0))
    assert lines["management_fee"] == pytest.approx((0.0, 41_040.0))


@settings(max_examples=40)
@given(deals(), cases())
def test_the_steps_of_the_bridge_sum_to_the_whole(of: Deal, case: Case) -> None:
    runs = earn(resolved(of), {"issuer": ISSUER, "any": case}, "any", set(), 60)
    issuer, adjusted_ncf = (runs.incomes[name].closing["ncf"] for name in ("issuer", "any"))
    assert [name for name, _ in runs.bridge] == adjusted(case)
    total = math.fsum(change for _, change in runs.bridge)
    assert total == pytest.approx(adjusted_ncf - issuer, rel=1e-12, abs=1e-7)


def test_the_order_of_adjustments_is_that_of_the_document() -> None:
    assert tuple(NEUTRAL) == case_terms.ADJUSTMENTS


def test_each_step_of_the_bridge_keeps_the_adjustments_before_it() -> None:
    case = Case(name="x", vacancy_floor=0.05, rent_haircut=0.1)
    first, second = bridge_cases(case)
    assert (first.rent_haircut, first.vacancy_floor) == (0.1, None)
    assert (second.rent_haircut, second.vacancy_floor) == (0.1, 0.05)


def test_a_case_of_the_request_replaces_the_rulesets_of_that_name() -> None:
    own = {"name": "underwritten", "vacancy_floor": 0.2}
    assert RULESET.cases["underwritten"].vacancy_floor == 0.05
    answer = underwrite(sized_in("underwritten", cases=[own]), RULESET, id="x")
    assert answer.summary.ncf == pytest.approx(0.8 * 1_200_000.0)


def test_a_case_of_the_ruleset_is_known_by_name() -> None:
    assert cases_of(sized_in("AAA"), RULESET) == {"issuer": ISSUER, "AAA": RULESET.cases["AAA"]}


def test_only_cases_that_are_named_are_run() -> None:
    tests = [{"kind": "max_ltv", "limit": 0.5}, {"kind": "min_debt_yield", "limit": 0.1, "case": "BBB"}]
    of = sized_in("underwritten", *tests, cases=[{"name": "idle", "rent_haircut": 0.5}])
    assert list(cases_of(of, RULESET)) == ["issuer", "underwritten", "BBB"]


@pytest.mark.parametrize("name", EXAMPLE_DEALS)
def test_a_better_category_is_a_harder_case_on_every_shipped_deal(name: str) -> None:
    of = example(name)
    ruled = [RULESET.cases[category] for category in CATEGORIES]
    totals = flow(of, *ruled, ISSUER, months=240).line("ncf").sum(axis=1).tolist()
    assert totals == sorted(totals)
    assert len(set(totals)) == len(totals)


# ---- the adjustments, one by one, each on 1.2 million of rent a year ----


def closing_ncf(case: Case, *facilities: Plain) -> float:
    """Net cash flow at closing in a case."""
    return float(flow(deal(*facilities), case, months=12, closing=True).line("ncf")[0].sum())


@pytest.mark.parametrize(
    ("adjustment", "expected"),
    [
        ({"rent_haircut": 0.1}, 1_080_000.0),
        ({"rent_haircut": -0.1}, 1_320_000.0),
        ({"market_rent_haircut": 0.5}, 1_200_000.0),
        ({"ncf_haircut": 0.15}, 1_020_000.0),
        ({"vacancy_floor": 0.05}, 1_140_000.0),
        ({"management_fee_floor": 0.03}, 1_164_000.0),
        ({"capex_reserve_floor": 15.0}, 1_185_000.0),
        ({"tenant_defaults": [TenantDefault(tenant="tenant", month=6)]}, 600_000.0),
    ],
)
def test_an_adjustment_costs_what_it_says(adjustment: Plain, expected: float) -> None:
    assert closing_ncf(Case(name="x", **adjustment)) == pytest.approx(expected)


def test_floors_bind_only_below_what_the_hall_has() -> None:
    """5% vacancy, a fee of 3% and 12 a kW of its own; the case asks for less of each."""
    own = {"vacancy_floor": 0.05, "management_fee": 0.03, "capex_reserve_per_kw_year": 12.0}
    less = Case(name="x", vacancy_floor=0.02, management_fee_floor=0.01, capex_reserve_floor=5.0)
    assert closing_ncf(less, facility(**own)) == closing_ncf(ISSUER, facility(**own))


def test_operating_costs_move_with_their_factor() -> None:
    costs = [{"name": "tax", "annual": 60_000.0}, {"name": "staff", "per_kw_month": 1.0}]
    place = facility(operating_costs=costs)
    assert closing_ncf(Case(name="x", opex_factor=1.5), place) == pytest.approx(1_200_000.0 - 1.5 * 72_000.0)


def test_a_management_fee_is_not_earned_on_power_passed_through() -> None:
    """3% of 100,000 of rent and 10,000 of other income less 5,000 of vacancy; not of 18,600 for power."""
    own = {"management_fee": 0.03, "other_income": 120_000.0, "vacancy_floor": 0.05}
    earned = flow(deal(facility(powered(), **own)))
    assert earned.line("power_recovery")[0, 0] == pytest.approx(18_600.0)
    assert earned.line("management_fee")[0, 0] == pytest.approx(0.03 * 105_000.0)


def test_negative_cash_flow_takes_no_haircut() -> None:
    place = facility(operating_costs=[{"name": "tax", "annual": 1_800_000.0}])
    assert closing_ncf(Case(name="x", ncf_haircut=0.5), place) == pytest.approx(-600_000.0)


def test_what_comes_after_a_lease_is_market_rent_renewed_less_and_let_later() -> None:
    """80% renew at 50 less a tenth; a factor of 0.5 leaves 40%; the rest waits six months and three."""
    place = market(renewal_probability=0.8, rent_per_kw_month=50.0)
    of = deal(facility(lease(term_months=12), market=place))
    cut = Case(name="x", market_rent_haircut=0.1, renewal_factor=0.5, downtime_add_months=3, rent_haircut=0.2)
    rent = flow(of, cut).line("base_rent")[0]
    assert rent[[11, 12, 20, 21]].tolist() == pytest.approx([80_000.0, 18_000.0, 18_000.0, 45_000.0])


def test_more_than_certain_renewal_is_certain() -> None:
    of = deal(facility(lease(term_months=12), market=market(renewal_probability=0.8)))
    assert flow(of, Case(name="x", renewal_factor=2.0)).line("base_rent")[0].min() == 100_000.0


def test_added_downtime_follows_defaults_too() -> None:
    gone = Case(name="x", tenant_defaults=[TenantDefault(tenant="tenant", month=0)], downtime_add_months=3)
    rent = flow(deal(), gone).line("base_rent")[0]
    assert rent[[11, 12]].tolist() == [0.0, 80_000.0]


def test_a_multiplier_of_the_case_and_one_of_the_tenant_multiply() -> None:
    """A hazard of 19% a year, 2 x 1.5 of it: 0.81 to the third power survives the year."""
    weak = [{"id": "tenant", "one_year_pd": 0.19, "pd_multiplier": 1.5}]
    empty = facility(market=market(default_downtime_months=60))
    credit = Case(name="x", credit=True, pd_multiplier=2.0)
    rent = flow(deal(empty, tenants=weak), credit).line("base_rent")[0]
    assert rent[11] == pytest.approx(100_000.0 * 0.81**3, rel=1e-12)


MOVED = {
    "rent_haircut": 0.1,
    "market_rent_haircut": 0.1,
    "ncf_haircut": 0.1,
    "vacancy_floor": 0.5,
    "renewal_factor": 0.5,
    "downtime_add_months": 6,
    "credit": True,
    "power_price_factor": 1.5,
    "power_price_add": 10.0,
    "utilisation_factor": 0.8,
    "pue_add": 0.1,
    "opex_factor": 1.2,
    "management_fee_floor": 0.1,
    "capex_reserve_floor": 100.0,
}


@pytest.mark.parametrize("name", MOVED)
def test_every_adjustment_of_cash_flow_moves_that_of_a_shipped_deal(name: str) -> None:
    case = Case(name="x", **{name: MOVED[name]})
    moved = [flow(of, ISSUER, case, months=180).line("ncf") for of in map(example, EXAMPLE_DEALS)]
    assert any((ncf[0] != ncf[1]).any() for ncf in moved)
