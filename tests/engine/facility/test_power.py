"""Power: contract by contract, what it costs, what tenants pay back, what is paid for and not used."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from tests.builders.deals import LETTING, RULESET, Plain, deal, facility, flow, lease, let, powered
from tests.builders.random_deals import cases, deals, numbers

from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal.cases import Case
from rackrate.deal.facility.power import FixedBlock
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.facility.cases import ISSUER
from rackrate.kernel import records

HOURS = 31 * 24  # of January, the first month
LOAD = 1.25 * 1000 * 0.5 * HOURS / 1000  # 465 MWh: PUE x kW x average draw x hours
HALL = ("curtailment_hours_per_year", "sla_credit_share")
BLOCK = {"kind": "fixed_block", "mw": 1.0, "price_per_mwh": 50.0}
TARIFF = {
    "kind": "tariff",
    "price_per_mwh": 30.0,
    "demand_rate": 10.0,
    "contracted_demand_kw": 2000.0,
    "minimum_demand_share": 0.0,
    "ratchet_share": 0.0,
    "fixed_monthly": 500.0,
}


def month(*contracts: Plain, case: Case = ISSUER, at: int = 0, index: float = 40.0, **terms: Plain) -> Any:
    """Power of one month of a hall with one metered lease, by column; terms of the hall and the lease."""
    hall = {name: terms.pop(name) for name in HALL if name in terms}
    curves = {"power_index": index, "cpi": 0.0, "base_rate": 0.04}
    of = deal(facility(powered(**terms), power=list(contracts), **hall), market=curves)
    earned = flow(of, case)
    columns = {name: earned.supply(name) for name in records.SUPPLY}
    columns |= {"ncf": earned.line("ncf"), "credit": earned.line("vacancy_and_credit_loss")}
    return {name: float(column[0, at]) for name, column in columns.items()}


def test_what_nothing_serves_is_bought_at_the_index_and_metered_tenants_pay_it_back() -> None:
    found = month()
    assert found["load_mwh"] == found["unhedged_mwh"] == LOAD
    assert found["hedged_mwh"] == 0.0
    assert found["cost"] == found["recovery"] == pytest.approx(LOAD * 40.0)


def test_contracts_serve_in_the_order_listed() -> None:
    """A quarter megawatt at 50, then 0.2 MW at the index less 2, the rest at 45: 186, 148.8 and 130.2 MWh."""
    first, second, rest = HOURS * 0.25, HOURS * 0.2, LOAD - HOURS * 0.45
    block, index = {**BLOCK, "mw": 0.25}, {"kind": "indexed", "adder": -2.0, "mw": 0.2}
    full = {"kind": "full_requirements", "price_per_mwh": 45.0}
    found = month(block, index, full)
    assert found["cost"] == pytest.approx(first * 50.0 + second * 38.0 + rest * 45.0)
    assert found["hedged_mwh"] == pytest.approx(first + rest)
    assert found["unhedged_mwh"] == 0.0
    assert month(full, block, index)["cost"] == pytest.approx(LOAD * 45.0 + first * 50.0)


def test_a_contract_serves_from_its_start_to_its_end() -> None:
    full = {"kind": "full_requirements", "price_per_mwh": 45.0, "start": "2026-03-01", "end": "2026-05-01"}
    unhedged = [month(full, at=i)["unhedged_mwh"] > 0.0 for i in range(6)]
    assert unhedged == [True, True, False, False, True, True]


def test_the_unused_part_of_a_block_sold_below_its_price_is_shortfall_the_landlords_own() -> None:
    """744 MWh taken at 50, 465 used; 279 sold at half of 40 lose 30 each, which no tenant pays back."""
    found = month({**BLOCK, "resale_share": 0.5})
    unused = HOURS - LOAD
    assert found["shortfall"] == pytest.approx(unused * 30.0)
    assert found["cost"] == pytest.approx(LOAD * 50.0 + unused * 30.0)
    assert found["recovery"] == pytest.approx(LOAD * 50.0)
    assert found["hedged_mwh"] == LOAD


def test_the_unused_part_of_a_block_sold_above_its_price_lowers_the_landlords_cost_alone() -> None:
    """279 MWh sold at 80 gain 30 each: the cost is 23,250 - 8,370, tenants pay back 23,250."""
    found = month({**BLOCK, "resale_share": 1.0}, index=80.0)
    assert found["shortfall"] == 0.0
    assert found["recovery"] == pytest.approx(LOAD * 50.0)
    assert found["cost"] == pytest.approx(LOAD * 50.0 - (HOURS - LOAD) * 30.0)


@settings(max_examples=40)
@given(deals(), cases(), numbers(0.0, 1.0))
def test_what_an_unused_block_is_sold_for_is_the_landlords_alone(of: Deal, case: Case, share: float) -> None:
    """Recovery does not know the resale; at prices that are not negative it lowers cost."""
    block = FixedBlock(mw=1.0, price_per_mwh=30.0, resale_share=0.0)

    def with_share(resale_share: float) -> Deal:
        contract = msgspec.structs.replace(block, resale_share=resale_share)
        halls = [msgspec.structs.replace(hall, power=[contract, *hall.power]) for hall in of.facilities]
        return msgspec.structs.replace(of, facilities=halls)

    kept, sold = flow(with_share(0.0), case), flow(with_share(share), case)
    assert (kept.supply("recovery") == sold.supply("recovery")).all()
    if case.power_price_add is None or case.power_price_add >= 0.0:
        assert (sold.supply("cost") <= kept.supply("cost") + 1e-9).all()


def test_a_tariff_bills_energy_its_peak_and_a_fixed_charge_to_the_tenants() -> None:
    """465 MWh at 30, the peak of 1,250 kW at 10, and 500."""
    found = month(TARIFF)
    assert found["cost"] == found["recovery"] == pytest.approx(LOAD * 30.0 + 12_500.0 + 500.0)
    assert found["shortfall"] == 0.0


def test_a_minimum_demand_above_the_peak_is_shortfall() -> None:
    """90% of 2,000 kW is 550 kW more than the peak of 1,250: 5,500 a month."""
    found = month({**TARIFF, "minimum_demand_share": 0.9})
    assert found["shortfall"] == pytest.approx(5500.0)
    assert found["cost"] - found["recovery"] == pytest.approx(5500.0)


def test_a_ratchet_looks_back_eleven_months() -> None:
    """A fifth of the draw is left from month 6: until month 16 it is billed on 80% of 1,250 kW."""
    ratchet = {**TARIFF, "ratchet_share": 0.8}
    ramp = [{"from_month": 0, "kw": 1000.0}, {"from_month": 6, "kw": 200.0}]
    short = [month(ratchet, at=i, ramp=ramp)["shortfall"] for i in (5, 6, 16, 17)]
    assert short == pytest.approx([0.0, 7500.0, 7500.0, 0.0])


def test_a_ratchet_sees_the_peak_of_a_month_in_which_another_contract_served() -> None:
    """The tariff begins in month 6, when the tenant has shrunk: it bills 80% of the peak of before."""
    later = {**TARIFF, "ratchet_share": 0.8, "start": "2026-07-01"}
    ramp = [{"from_month": 0, "kw": 1000.0}, {"from_month": 6, "kw": 200.0}]
    assert month(later, at=6, ramp=ramp)["shortfall"] == pytest.approx(7500.0)


def test_a_contract_for_difference_settles_beside_the_physical_power() -> None:
    """0.5 MW at a strike of 45 against an index of 40 pays 5 x 372 MWh and hedges them."""
    cfd = {"kind": "cfd", "mw": 0.5, "strike": 45.0}
    found = month(cfd)
    assert found["cost"] == pytest.approx(LOAD * 40.0 + HOURS * 0.5 * 5.0)
    assert found["recovery"] == pytest.approx(LOAD * 40.0)
    assert found["hedged_mwh"] == HOURS * 0.5
    assert found["unhedged_mwh"] == LOAD
    received = month(cfd, index=55.0)
    assert received["cost"] == pytest.approx(LOAD * 55.0 - HOURS * 0.5 * 10.0)


def test_prices_escalate_with_every_year_from_the_contracts_own_start() -> None:
    """Begun in July 2025 at 50 and 10% a year: 50 to June, 55 from July; demand and fixed charges with it."""
    full = {"kind": "full_requirements", "price_per_mwh": 50.0, "escalation": 0.1, "start": "2025-07-01"}
    assert [month(full, at=i)["cost"] / month(at=i)["load_mwh"] for i in (5, 6, 17, 18)] == pytest.approx(
        [50.0, 55.0, 55.0, 60.5]
    )
    demand = {**TARIFF, "price_per_mwh": 0.0, "escalation": 0.1, "minimum_demand_share": 1.0}
    assert month(demand, at=12)["cost"] == pytest.approx((20_000.0 + 500.0) * 1.1)


def test_the_tenant_pays_for_a_capped_pue_and_a_margin() -> None:
    """Unit cost 40 on 372 MWh of draw at a PUE of 1.1 instead of 1.25, and 5% on top."""
    found = month(power={"kind": "metered", "pue_cap": 1.1, "markup": 0.05})
    assert found["recovery"] == pytest.approx(HOURS * 0.5 * 1.1 * 40.0 * 1.05)
    assert found["cost"] == pytest.approx(LOAD * 40.0)
    generous = month(power={"kind": "metered", "pue_cap": 1.3})
    assert generous["recovery"] == pytest.approx(generous["cost"])


def test_a_fixed_price_is_the_leases_own_and_grows_on_its_anniversaries() -> None:
    """60 at closing, 5% more in month 7, whatever power costs."""
    fixed = {"kind": "fixed_price", "price_per_mwh": 60.0, "escalation": 0.05}
    terms = {"power": fixed, "commencement": "2025-08-01"}
    per_mwh = [month(at=i, **terms)["recovery"] / month(at=i)["load_mwh"] for i in (0, 6, 7, 19)]
    assert per_mwh == pytest.approx([60.0, 60.0, 63.0, 66.15])
    assert month(index=400.0, **terms)["recovery"] == pytest.approx(LOAD * 60.0)


def test_power_in_the_rent_is_recovered_from_nobody() -> None:
    found = month(power={"kind": "included"})
    assert found["recovery"] == 0.0
    assert found["ncf"] == pytest.approx(100_000.0 - LOAD * 40.0)


def test_a_tenant_that_buys_its_power_itself_is_no_load() -> None:
    found = month(power={"kind": "direct"}, utilisation=None, peak_utilisation=None)
    assert {found[name] for name in ("load_mwh", "cost", "recovery", "shortfall")} == {0.0}
    beside = flow(deal(facility(powered(contracted_kw=400.0), lease(id="own", contracted_kw=600.0))))
    assert beside.supply("load_mwh")[0, 0] == pytest.approx(0.4 * LOAD)


def test_curtailment_cuts_load_cost_and_recovery_but_not_the_block_nor_the_peak() -> None:
    """10% of the hours: 418.5 MWh; the block of 744 is still paid whole, the peak of 1,250 still billed."""
    cut = {"curtailment_hours_per_year": 876.0}
    found = month(**cut)
    assert found["load_mwh"] == pytest.approx(0.9 * LOAD)
    assert found["cost"] == found["recovery"] == pytest.approx(0.9 * LOAD * 40.0)
    block = month(BLOCK, **cut)
    assert block["cost"] == pytest.approx(HOURS * 50.0)
    assert block["shortfall"] == pytest.approx((HOURS - 0.9 * LOAD) * 50.0)
    assert month(TARIFF, **cut)["cost"] == pytest.approx(0.9 * LOAD * 30.0 + 13_000.0)


def test_hours_curtailed_are_credited_to_tenants_by_the_share_agreed() -> None:
    """Half of 10% of 100,000 of rent."""
    assert month(curtailment_hours_per_year=876.0, sla_credit_share=0.5)["credit"] == pytest.approx(5000.0)


def test_a_cases_price_moves_the_index_only() -> None:
    """Index 40 x 1.5 + 5 = 65; a price agreed stays 45, and a block resells at half of 65."""
    dear = Case(name="x", power_price_factor=1.5, power_price_add=5.0)
    full = {"kind": "full_requirements", "price_per_mwh": 45.0}
    assert month(case=dear)["cost"] == pytest.approx(LOAD * 65.0)
    assert month({"kind": "indexed", "adder": 1.0}, case=dear)["cost"] == pytest.approx(LOAD * 66.0)
    assert month(full, case=dear)["cost"] == pytest.approx(LOAD * 45.0)
    resold = month({**BLOCK, "resale_share": 0.5}, case=dear)
    assert resold["shortfall"] == pytest.approx((HOURS - LOAD) * 17.5)


def test_a_case_moves_average_draw_and_the_peak_with_it() -> None:
    """Half of 1,250 kW at 10 is 6,250, beside half the energy and the fixed 500."""
    found = month(TARIFF, case=Case(name="x", utilisation_factor=0.5))
    assert found["load_mwh"] == pytest.approx(0.5 * LOAD)
    assert found["cost"] == pytest.approx(0.5 * LOAD * 30.0 + 6_750.0)


def test_a_minimum_take_that_lower_utilisation_leaves_uncovered_shows() -> None:
    """A minimum of 1,250 kW: at three quarters of the peak 312.5 kW at 10 are paid for and not used."""
    least = {**TARIFF, "contracted_demand_kw": 1250.0, "minimum_demand_share": 1.0}
    assert month(least)["shortfall"] == 0.0
    low = month(least, case=Case(name="x", utilisation_factor=0.75))
    assert low["shortfall"] == pytest.approx(3_125.0)


@settings(max_examples=40)
@given(deals(), numbers(0.1, 3.0))
def test_utilisation_moves_load_and_peak_by_the_same_factor(of: Deal, factor: float) -> None:
    plain, moved = (let(of, case)[0] for case in (ISSUER, Case(name="x", utilisation_factor=factor)))
    for name in ("load_kw", "peak_kw"):
        column = LETTING[name]
        assert moved[:, column] == pytest.approx(factor * plain[:, column], rel=1e-12)


def test_next_to_no_load_is_no_load_and_pays_back_no_charge() -> None:
    found = month(TARIFF, utilisation=5e-324, peak_utilisation=1.0)
    assert found["recovery"] == 0.0
    assert found["cost"] == pytest.approx(13_000.0)


def test_a_case_adds_to_the_pue_of_load_and_peak_and_the_cap_holds() -> None:
    """1.25 + 0.15 = 1.4 on load and peak; the tenant pays for 1.3 of it."""
    found = month(TARIFF, case=Case(name="x", pue_add=0.15), power={"kind": "metered", "pue_cap": 1.3})
    assert found["load_mwh"] == pytest.approx(HOURS * 0.5 * 1.4)
    assert found["cost"] == pytest.approx(HOURS * 0.5 * 1.4 * 30.0 + 14_000.0 + 500.0)
    assert found["recovery"] == pytest.approx(found["cost"] * 1.3 / 1.4)


@pytest.mark.parametrize(("mw", "share"), [(0.25, 0.4), (0.5, 0.8), (1.0, 1.0)])
def test_the_hedged_share_is_of_load_over_the_term_and_at_most_all(mw: float, share: float) -> None:
    """A load of 0.625 MW in every hour: a difference on 0.25 MW hedges 40%, on 0.5 MW 80%, on 1 MW all."""
    of = deal(facility(powered(), power=[{"kind": "cfd", "mw": mw, "strike": 40.0}]))
    assert underwrite(of, RULESET, id="x").power.hedged_share == pytest.approx(share)


def test_no_load_has_no_hedged_share() -> None:
    assert underwrite(deal(), RULESET, id="x").power.hedged_share is None
