"""Tenants that stop paying: together everywhere, nothing gained by it, their power left to the landlord."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders.deals import HORIZON, deal, facility, flow, lease, market, powered, tenants
from tests.builders.random_deals import numbers

from rackrate.deal.cases import Case, TenantDefault
from rackrate.deal.facility.leases import Direct
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.facility.cases import ISSUER
from rackrate.engine.facility.cashflow import ScenarioCashFlows

RENTS = numbers(60.0, 150.0)


@st.composite
def no_better_elsewhere(draw: st.DrawFn) -> Deal:
    """Deals whose tenants are never worth losing; see the tests for the conditions."""
    rents = [draw(RENTS) for _ in range(3)]
    rolls = [
        lease(
            id=str(n),
            tenant="ab"[n % 2],
            contracted_kw=500.0,
            rent_per_kw_month=rent,
            term_months=120,
            escalation={"kind": "fixed", "rate": draw(numbers(0.0, 0.04))},
        )
        for n, rent in enumerate(rents)
    ]
    letting = market(
        rent_per_kw_month=draw(numbers(20.0, 1.0 * min(rents))),
        renewal_probability=draw(numbers(0.0, 1.0)),
        downtime_months=draw(st.integers(0, 9)),
        default_downtime_months=draw(st.integers(0, 9)),
        default_rent_discount=draw(numbers(0.0, 0.5)),
        term_months=draw(st.integers(6, 40)),
        free_rent_months=draw(st.integers(0, 5)),
        reletting_cost_per_kw=draw(numbers(0.0, 100.0)),
        renewal_cost_per_kw=draw(numbers(0.0, 30.0)),
    )
    costs = [{"name": "staff", "per_kw_month": draw(numbers(0.0, 10.0))}]
    place = facility(*rolls, capacity_kw=1500.0, market=letting, operating_costs=costs, management_fee=0.03)
    return deal(place, tenants=tenants("a", "b", rating="B"))


def total_ncf(earned: ScenarioCashFlows) -> list[float]:
    """Net cash flow of each scenario over the whole horizon."""
    return [float(row.sum()) for row in earned.line("ncf")]


@settings(max_examples=40)
@given(no_better_elsewhere(), st.lists(st.integers(0, HORIZON - 1), min_size=2, max_size=6, unique=True))
def test_a_later_default_never_lowers_net_cash_flow(of: Deal, months: list[int]) -> None:
    """Over the horizon, where losing the tenant cannot pay.

    That is: a flat market whose rent is not above any rent in place, no rent that falls, leases beyond the
    horizon, no deposit, no termination option, rents above the costs that follow occupied kW, and neither a
    vacancy floor (it takes the first vacancy in, so that a small default adds) nor power in the landlord's
    books (an empty hall draws none).
    """
    assert all(isinstance(roll.power, Direct) for place in of.facilities for roll in place.leases)
    ends = [Case(name=str(m), tenant_defaults=[TenantDefault(tenant="a", month=m)]) for m in sorted(months)]
    totals = total_ncf(flow(of, *ends, ISSUER))
    assert (np.diff(totals) >= -1e-9 * abs(totals[-1])).all()


@settings(max_examples=40)
@given(no_better_elsewhere(), numbers(0.1, 8.0))
def test_credit_never_raises_net_cash_flow(of: Deal, multiplier: float) -> None:
    """Under the conditions of the test above: an expected default is a mean over scripted ones."""
    weaker = Case(name="more", credit=True, pd_multiplier=multiplier * 1.5)
    credit = Case(name="credit", credit=True, pd_multiplier=multiplier)
    worst, worse, issuer = total_ncf(flow(of, weaker, credit, ISSUER))
    assert worst < worse < issuer


def test_what_makes_a_default_pay_is_a_market_above_the_rent_in_place_or_a_deposit() -> None:
    """The conditions are needed: 100 in place and 300 offered later, or 24 months of rent in hand."""
    case = Case(name="x", tenant_defaults=[TenantDefault(tenant="tenant", month=0)])
    better = deal(facility(lease(), market=market(rent_per_kw_month=300.0)))
    with_default, without = total_ncf(flow(better, case, ISSUER))
    assert with_default > without
    secured = deal(facility(lease()), tenants=tenants("tenant", security_months=24.0))
    available = flow(secured, case, ISSUER).line("available").sum(axis=1)
    assert available[0] > available[1]


def test_a_vacancy_floor_takes_the_first_vacancy_in() -> None:
    """Full at 1,000 kW x 100 with a floor of 10%: 90,000. Of it 50 kW lost: 95,000 x (1 - 0.05) = 90,250."""
    roll = (lease(id="l", contracted_kw=950.0), lease(id="s", tenant="small", contracted_kw=50.0))
    of = deal(facility(*roll, vacancy_floor=0.1), tenants=tenants("tenant", "small"))
    gone = Case(name="x", tenant_defaults=[TenantDefault(tenant="small", month=2)])
    ncf = flow(of, gone).line("ncf")[0]
    assert ncf[1:3].tolist() == pytest.approx([90_000.0, 90_250.0])


def default(tenant: str = "tenant", month: int = 24) -> Case:
    """A case in which one tenant stops paying."""
    return Case(name="default", tenant_defaults=[TenantDefault(tenant=tenant, month=month)])


def test_a_tenants_leases_default_together_in_every_facility() -> None:
    """Tenant a pays 100,000 in f and 50,000 in g; b pays 50,000 in g. In month 24 a stops in both."""
    f = facility(lease(id="1", tenant="a"), id="f")
    halves = (lease(id="2", tenant="a", contracted_kw=500.0), lease(id="3", tenant="b", contracted_kw=500.0))
    of = deal(f, facility(*halves, id="g"), tenants=tenants("a", "b"))
    earned = flow(of, default("a"), by_facility=True)
    assert earned.group_line("base_rent", 0)[0, 23:25].tolist() == [100_000.0, 0.0]
    assert earned.group_line("base_rent", 1)[0, 23:25].tolist() == [100_000.0, 50_000.0]


def test_the_landlords_minimum_take_outlives_the_tenants_recovery() -> None:
    """A tariff of 10 a kW on 85% of 1,250 kW: billed on the peak of 1,250 kW while let, on 1,062.5 after.

    Let, 12,500 is the tenant's to pay; after the default 10,625 is nobody's, and all of it is shortfall.
    """
    tariff = {
        "kind": "tariff", "price_per_mwh": 0.0, "demand_rate": 10.0, "contracted_demand_kw": 1250.0,
        "minimum_demand_share": 0.85, "ratchet_share": 0.0, "fixed_monthly": 0.0,
    }  # fmt: skip
    earned = flow(deal(facility(powered(), power=[tariff])), default())
    months = slice(23, 25)
    assert earned.supply("cost")[0, months].tolist() == [12_500.0, 10_625.0]
    assert earned.supply("recovery")[0, months].tolist() == pytest.approx([12_500.0, 0.0])
    assert earned.supply("shortfall")[0, months].tolist() == [0.0, 10_625.0]
    assert earned.line("ncf")[0, months].tolist() == pytest.approx([100_000.0, -10_625.0])


def test_a_block_outlives_the_tenant_too() -> None:
    """1 MW at 50, nothing resold, for a tenant who is gone: 50,000 a thousand hours, all of it shortfall."""
    block = {"kind": "fixed_block", "mw": 1.0, "price_per_mwh": 50.0}
    of = deal(facility(powered(), power=[block]))
    earned = flow(of, default(month=0))
    assert earned.supply("shortfall")[0, 0] == pytest.approx(31 * 24 * 50.0)
    assert earned.supply("recovery")[0, 0] == 0.0
    assert earned.unused[0].tolist() == pytest.approx([earned.supply("shortfall")[0].sum()])


def test_after_a_default_the_space_is_let_again_at_a_discount_to_whoever_needs_no_credit() -> None:
    """Nine months empty, then 20% below market: 80,000 in month 33, for 24 months, whatever the credit."""
    both = msgspec.structs.replace(default(), credit=True, pd_multiplier=0.0)
    for case in (default(), both):
        rent = flow(deal(), case).line("base_rent")[0]
        assert rent[[24, 32, 33, 56, 57]].tolist() == [0.0, 0.0, 80_000.0, 80_000.0, 0.0]


@pytest.mark.parametrize(("renew_at", "rent"), [("market", 100.0), ("in_place", 80.0), ("lower_of", 80.0)])
def test_a_discount_after_a_default_outlives_the_letting_unless_it_renews_at_market(
    renew_at: str, rent: float
) -> None:
    """Let at 80 from month 9 for a year, then renewed for certain, and once more a year later."""
    place = market(renewal_probability=1.0, renew_at=renew_at, term_months=12)
    found = flow(deal(facility(market=place)), default(month=0)).line("base_rent")[0]
    assert found[[9, 21, 33]].tolist() == pytest.approx([80_000.0, 1000.0 * rent, 1000.0 * rent])


def test_where_rents_escalate_past_the_market_the_lower_of_forgets_a_discount_in_time() -> None:
    """Terms of two years rising 10% after one, market flat at 100: 80, 88; 88, 96.8; 96.8, 106.48; 100."""
    place = market(renewal_probability=1.0, renew_at="lower_of", escalation=0.1)
    found = flow(deal(facility(market=place)), default(month=0)).line("base_rent")[0]
    rents = [80.0, 88.0, 88.0, 96.8, 96.8, 106.48, 100.0]
    assert found[9:93:12].tolist() == pytest.approx([1000.0 * rent for rent in rents])


def test_the_deposit_is_drawn_on_the_rent_of_the_month_and_only_below_net_cash_flow() -> None:
    """Three months of 100,000, in termination receipts and what is available, not in net cash flow."""
    of = deal(tenants=tenants("tenant", security_months=3.0))
    earned = flow(of, default())
    assert earned.line("termination_receipts")[0, 24] == 300_000.0
    assert earned.line("ncf")[0, 24] == 0.0
    assert earned.line("available")[0, 24] == 300_000.0


def test_the_first_of_two_scripted_defaults_counts() -> None:
    twice = [TenantDefault(tenant="tenant", month=30), TenantDefault(tenant="tenant", month=12)]
    rent = flow(deal(), Case(name="x", tenant_defaults=twice)).line("base_rent")[0]
    assert rent[11:13].tolist() == [100_000.0, 0.0]


def test_credit_keeps_the_share_of_rent_that_survives() -> None:
    """19% default in a year: 81% pay in month 11, and 81% of 81% in month 23; the rest stands empty."""
    weak = [{"id": "tenant", "one_year_pd": 0.19}]
    of = deal(facility(market=market(default_downtime_months=60)), tenants=weak)
    rent = flow(of, Case(name="x", credit=True)).line("base_rent")[0]
    assert rent[[11, 23]].tolist() == pytest.approx([81_000.0, 65_610.0], rel=1e-12)
