"""The rent roll: rent in force, ramps, free rent, options, what is booked, what comes after."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders.deals import (
    LETTING,
    RULESET,
    Plain,
    deal,
    facility,
    flow,
    lease,
    let,
    market,
    powered,
    resolved,
)
from tests.builders.random_deals import numbers

from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal.cases import Case, TenantDefault

CHEAP = {"capex_reserve_per_kw_year": 12.0, "other_income": 1200.0}


def rent_of(**terms: Plain) -> list[float]:
    """Contract rent per kW by month of one lease."""
    months: list[float] = resolved(deal(facility(lease(**terms)))).rent[0].tolist()
    return months


def test_a_lease_that_begins_later_has_its_rent_in_force_then() -> None:
    """From month 6 at 100, and 3% more on its own first anniversary, month 18."""
    months = rent_of(commencement="2026-07-01", escalation={"kind": "fixed", "rate": 0.03})
    assert [months[i] for i in (5, 6, 17, 18)] == pytest.approx([0.0, 100.0, 100.0, 103.0])


def test_stepped_rent_counts_its_months_from_commencement() -> None:
    """Begun a year before closing: its month 18 is month 6; before the first step the lease's own rent."""
    steps = [{"from_month": 18, "rent_per_kw_month": 110.0}, {"from_month": 30, "rent_per_kw_month": 95.0}]
    months = rent_of(commencement="2025-01-01", escalation={"kind": "steps", "steps": steps})
    assert [months[i] for i in (0, 5, 6, 17, 18)] == [100.0, 100.0, 110.0, 110.0, 95.0]


@pytest.mark.parametrize(
    ("limits", "expected"), [({}, [102.0, 108.12]), ({"floor": 0.03, "cap": 0.04}, [103.0, 107.12])]
)
def test_cpi_is_read_on_each_anniversary_and_clipped(limits: Plain, expected: list[float]) -> None:
    """CPI is 2%, from 2027 6%: anniversaries in months 6 and 18 take 2 and 6, or within 3 and 4."""
    grown = lease(commencement="2025-07-01", escalation={"kind": "cpi", **limits})
    curves = {"power_index": 40.0, "cpi": [["2020-01-01", 0.02], ["2027-01-01", 0.06]], "base_rate": 0.04}
    rent = resolved(deal(facility(grown), market=curves)).rent[0]
    assert rent[[6, 18]].tolist() == pytest.approx(expected)


def test_a_ramp_bills_what_it_has_reached() -> None:
    ramp = [{"from_month": 0, "kw": 250.0}, {"from_month": 4, "kw": 1000.0}]
    rent = flow(deal(facility(lease(ramp=ramp, commencement="2025-12-01")))).line("base_rent")[0]
    assert rent[:4].tolist() == [25_000.0, 25_000.0, 25_000.0, 100_000.0]


def test_free_rent_is_not_paid_and_counts_as_vacancy_but_the_space_is_occupied() -> None:
    """Half the hall pays nothing for three months: more than the 10% assumed. Then 10% is cut."""
    halves = (lease(id="1", contracted_kw=500.0), lease(id="2", contracted_kw=500.0, free_rent_months=3))
    cost = {"name": "staff", "per_kw_month": 2.0}
    of = deal(facility(*halves, vacancy_floor=0.1, operating_costs=[cost]))
    earned = flow(of)
    assert earned.line("base_rent")[0, 2:4].tolist() == [50_000.0, 100_000.0]
    assert earned.line("vacancy_and_credit_loss")[0, 2:4].tolist() == pytest.approx([0.0, 10_000.0])
    assert earned.line("opex:staff")[0, 2:4].tolist() == [2000.0, 2000.0]
    columns = let(of)[0][0]
    assert columns[LETTING["paying_kw"], 2:4].tolist() == [500.0, 1000.0]
    assert columns[LETTING["occupied_kw"], 2:4].tolist() == [1000.0, 1000.0]


def test_a_new_letting_has_its_own_free_rent_and_a_renewal_has_none() -> None:
    """60% renew in month 12; the 40% empty for six months are let from 18, and pay from 20."""
    place = market(renewal_probability=0.6, free_rent_months=2)
    of = deal(facility(lease(term_months=12, free_rent_months=3), market=place))
    rent, columns = flow(of).line("base_rent")[0], let(of)[0][0]
    assert rent[[12, 17, 19, 20]].tolist() == pytest.approx([60_000.0, 60_000.0, 60_000.0, 100_000.0])
    assert columns[LETTING["paying_kw"], [17, 19, 20]].tolist() == pytest.approx([600.0, 600.0, 1000.0])
    assert columns[LETTING["occupied_kw"], [17, 18]].tolist() == pytest.approx([600.0, 1000.0])


def test_renewing_and_letting_again_cost_what_prices_have_grown_to() -> None:
    """Prices double in a year: in month 12, 60% x 10 x 2; in month 24, 40% x 50 x 4, per kW."""
    place = market(
        growth=1.0,
        renewal_probability=0.6,
        downtime_months=12,
        term_months=120,
        renewal_cost_per_kw=10.0,
        reletting_cost_per_kw=50.0,
    )
    costs = flow(deal(facility(lease(term_months=12), market=place))).line("leasing_costs")[0]
    assert costs[[12, 24]].tolist() == pytest.approx([12_000.0, 80_000.0])
    assert costs.sum() == pytest.approx(92_000.0)


def test_an_option_ends_its_share_for_a_fee_on_the_full_rent() -> None:
    """Half leaves in month 10 for six months' rent, free rent ignored, and is let again from month 16."""
    option = {"month": 10, "fee_months": 6.0, "probability": 0.5}
    earned = flow(deal(facility(lease(termination=option, free_rent_months=20))))
    assert earned.line("termination_receipts")[0, 10] == 300_000.0
    assert earned.line("base_rent")[0, [15, 16, 20]].tolist() == [0.0, 50_000.0, 100_000.0]


@settings(max_examples=40)
@given(numbers(0.0, 0.9), numbers(0.0, 1.0), st.integers(0, 59), st.integers(0, 24))
def test_who_leaves_by_an_option_has_survived_to_its_month_and_no_further(
    pd: float, probability: float, month: int, later: int
) -> None:
    """The fee is paid on `probability * S_(j-1)`; of the rest `S_j` pays that month's rent.

    What defaults in the month, and at commencement before it, draws its deposit of a month.
    """
    option = {"month": month, "fee_months": 6.0, "probability": probability}
    start = date(2026 + later // 12, 1 + later % 12, 1).isoformat()
    never = {"downtime_months": 1200, "default_downtime_months": 1200}
    of = deal(
        facility(
            lease(commencement=start, termination=option),
            market=market(**never),
        ),
        tenants=[{"id": "tenant", "one_year_pd": pd, "security_months": 1.0}],
    )
    earned = flow(of, Case(name="x", credit=True))
    at = month + later
    survival = [(1.0 - pd) ** ((i + 1) / 12.0) for i in range(at + 1)]
    before = survival[at - 1] if at > 0 else 1.0
    fails = (1.0 - before if month == 0 else 0.0) + (1.0 - probability) * (before - survival[at])
    receipts = 600_000.0 * probability * before + 100_000.0 * fails
    assert earned.line("termination_receipts")[0, at] == pytest.approx(receipts, abs=1e-6)
    rent = (1.0 - probability) * survival[at] * 100_000.0
    assert earned.line("base_rent")[0, at] == pytest.approx(rent, abs=1e-6)


def test_an_option_in_the_month_of_a_late_commencement_is_not_exercised_by_who_has_defaulted_before() -> None:
    """S_5 = 0.8^(1/2) = 0.894427, S_6 = 0.8^(7/12) = 0.877947: 0.5*S_5*600,000 is 268,328.157, and a month's
    deposit of 1 - S_5 and of half of S_5 - S_6 is 11,381.203; together 279,709.361."""
    option = {"month": 0, "fee_months": 6.0, "probability": 0.5}
    of = deal(
        facility(lease(commencement="2026-07-01", termination=option)),
        tenants=[{"id": "tenant", "one_year_pd": 0.2, "security_months": 1.0}],
    )
    found = flow(of, Case(name="x", credit=True)).line("termination_receipts")[0, 6]
    assert found == pytest.approx(279_709.3608, abs=1e-4)


def test_an_option_acts_before_a_default_of_the_same_month() -> None:
    """Half has left for its fee of 300,000; the other half defaults, and draws a deposit of two months."""
    option = {"month": 10, "fee_months": 6.0, "probability": 0.5}
    of = deal(
        facility(lease(termination=option)), tenants=[{"id": "tenant", "rating": "A", "security_months": 2.0}]
    )
    script = Case(name="x", tenant_defaults=[TenantDefault(tenant="tenant", month=10)])
    assert flow(of, script).line("termination_receipts")[0, 10] == 300_000.0 + 100_000.0


def test_an_option_before_closing_is_void() -> None:
    option = {"month": 10, "fee_months": 6.0, "probability": 1.0}
    of = deal(facility(lease(commencement="2025-01-01", termination=option)))
    assert not flow(of).line("termination_receipts").any()
    assert flow(of).line("base_rent")[0, 0] == 100_000.0


def test_contracted_income_stops_when_the_contracts_do() -> None:
    of = deal(facility(lease(term_months=24), market=market(renewal_probability=1.0)))
    rent = flow(of, contracted_only=True).line("base_rent")[0]
    assert rent[22:26].tolist() == [100_000.0, 100_000.0, 0.0, 0.0]


# ---- figures at closing, stabilised, and to the end of the land ----


@pytest.mark.parametrize(
    ("begins", "reserved", "months"),
    [("2026-04-01", False, 9), ("2026-04-02", False, 0), ("2026-04-02", True, 8), ("2026-05-01", True, 8)],
)
def test_a_lease_more_than_three_months_away_counts_at_closing_only_if_reserved(
    begins: str, reserved: bool, months: int
) -> None:
    """With it go its load and its costs per kW; in the cash flow it is from its first month."""
    later = powered(id="later", contracted_kw=400.0, commencement=begins, reserved=reserved)
    cost = {"name": "staff", "per_kw_month": 2.0}
    of = deal(facility(lease(contracted_kw=600.0), later, operating_costs=[cost]))
    at_closing = flow(of, months=12, closing=True)
    assert at_closing.line("base_rent")[0].sum() == 12 * 60_000.0 + months * 40_000.0
    assert at_closing.line("opex:staff")[0].sum() == 12 * 1200.0 + months * 800.0
    assert (at_closing.supply("load_mwh")[0] > 0).sum() == months
    assert flow(of).line("base_rent")[0, 8] == 100_000.0


def test_the_renewal_of_a_booked_lease_is_left_out_with_it() -> None:
    """Booked for one month, months 4 to 5, then renewed for good: nothing of it at closing."""
    booked = lease(commencement="2026-05-01", term_months=1)
    of = deal(facility(booked, market=market(renewal_probability=1.0, renewal_cost_per_kw=10.0)))
    assert not flow(of, months=12, closing=True).line("ncf").any()
    assert flow(of, months=12).line("ncf")[0].sum() == 8 * 100_000.0 - 10_000.0


def test_stabilised_figures_begin_when_the_last_lease_is_ramped_and_pays() -> None:
    """Begun in month 6, ramped in its fourth, free until its sixth: months 12 to 23 at the full 100,000."""
    ramp = [{"from_month": 0, "kw": 100.0}, {"from_month": 4, "kw": 400.0}]
    later = lease(id="later", contracted_kw=400.0, commencement="2026-07-01", ramp=ramp, free_rent_months=6)
    answer = underwrite(deal(facility(lease(contracted_kw=600.0), later)), RULESET, id="x")
    figures = {
        row.basis: row.value
        for row in answer.coverage
        if (row.measure, row.numerator, row.case) == ("debt_yield", "ncf", "issuer")
    }
    assert figures["stabilised"] == pytest.approx(1_200_000.0 / answer.summary.principal)
    assert figures["closing"] == pytest.approx(720_000.0 / answer.summary.principal)


def test_nothing_is_earned_or_spent_once_a_leasehold_has_expired() -> None:
    """Rent, income, costs, power and reserve all stop; until then ground rent grows from closing."""
    land = {"kind": "leasehold", "expiry": "2027-07-01", "ground_rent": 12_000.0, "growth": 0.1}
    tariff = {
        "kind": "tariff", "price_per_mwh": 35.0, "demand_rate": 5.0, "contracted_demand_kw": 1000.0,
        "minimum_demand_share": 1.0, "ratchet_share": 0.0, "fixed_monthly": 100.0,
    }  # fmt: skip
    cost = {"name": "tax", "annual": 6000.0}
    of = deal(facility(powered(), tenure=land, power=[tariff], operating_costs=[cost], **CHEAP))
    earned = flow(of, Case(name="x", credit=True, management_fee_floor=0.03))
    ground_rent = earned.line("ground_rent")[0, [0, 11, 12, 17]]
    assert ground_rent.tolist() == pytest.approx([1000.0, 1000.0, 1100.0, 1100.0])
    assert earned.lines[..., 17].any()
    assert earned.power[..., 17].any()
    assert not earned.lines[..., 18:].any()
    assert not earned.power[..., 18:].any()
