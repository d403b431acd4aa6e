"""What holds for every deal: nothing is lost or made, scales scale, and neutral is neutral."""

from collections import defaultdict

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders.deals import (
    HORIZON,
    LETTING,
    RULESET,
    Plain,
    deal,
    example,
    facility,
    flow,
    lease,
    let,
    market,
)
from tests.builders.random_deals import cases, deals, numbers

from rackrate.deal.cases import Case, TenantDefault
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.facility import cashflow
from rackrate.engine.facility.cases import ISSUER, NEUTRAL, adjustment
from rackrate.engine.facility.cashflow import ScenarioCashFlows

MONEY = {
    "rent_per_kw_month", "other_income", "capex_reserve_per_kw_year", "renewal_cost_per_kw",
    "reletting_cost_per_kw", "ground_rent", "annual", "per_kw_month", "price_per_mwh", "adder", "strike",
    "demand_rate", "fixed_monthly", "power_index", "appraised_value", "cost",
}  # fmt: skip


def same(one: ScenarioCashFlows, other: ScenarioCashFlows, scenario: int = 0) -> None:
    """Every figure of a scenario is that of the only one of another run, bit for bit."""
    for mine, its in ((one.lines, other.lines), (one.power, other.power), (one.unused, other.unused)):
        assert mine[scenario].tobytes() == its[0].tobytes()


@settings(max_examples=40)
@given(deals(), cases())
def test_every_month_of_every_lease_is_let_or_vacant(of: Deal, case: Case) -> None:
    letting, off = let(of, case)
    assert off.max() < 1e-12
    contracted = [sum(lease.contracted_kw for lease in place.leases) for place in of.facilities]
    for columns, kw in zip(letting, contracted, strict=True):
        vacant = kw - columns[LETTING["occupied_kw"]]
        assert vacant.min() > -1e-9 * kw
        assert (columns[LETTING["occupied_kw"]] - columns[LETTING["paying_kw"]]).min() > -1e-9 * kw


@settings(max_examples=40)
@given(numbers(0.0, 1.0), st.integers(0, 7), st.integers(1, 15), st.integers(1, 20), st.integers(0, 60))
def test_space_followed_as_blocks_that_end_is_let_as_much(
    p: float, downtime: int, term: int, first: int, default: int
) -> None:
    """Blocks of space, let or vacant until a month, followed one by one: what ends starts as another."""
    place = market(
        renewal_probability=p,
        downtime_months=downtime,
        default_downtime_months=downtime + 2,
        term_months=term,
    )
    case = Case(name="x", tenant_defaults=[TenantDefault(tenant="tenant", month=default)])
    letting, _ = let(deal(facility(lease(term_months=first), market=place)), case, 60)
    blocks = {(first, True, True): 1.0}  # (month it ends, let, still the tenant's): share of the space
    for month in range(60):
        after: defaultdict[tuple[int, bool, bool], float] = defaultdict(float)
        while blocks:
            (end, is_let, tenants_own), share = blocks.popitem()
            if end > month and not (tenants_own and month >= default):
                after[end, is_let, tenants_own] += share
            elif end > month:
                after[month + downtime + 2, False, False] += share
            elif not is_let:
                blocks[month + term, True, False] = blocks.get((month + term, True, False), 0.0) + share
            else:
                for key, part in (
                    ((month + term, True, tenants_own), p),
                    ((month + downtime, False, False), 1.0 - p),
                ):
                    blocks[key] = blocks.get(key, 0.0) + part * share
        blocks = dict(after)
        assert sum(blocks.values()) == pytest.approx(1.0, abs=1e-12)
        occupied = sum(share for (_, is_let, _), share in blocks.items() if is_let)
        assert letting[0, LETTING["occupied_kw"], month] == pytest.approx(1000.0 * occupied, abs=1e-8)


@settings(max_examples=40)
@given(deals(), cases())
def test_every_line_of_the_cash_flow_sums(of: Deal, case: Case) -> None:
    earned = flow(of, case)
    line = {name: earned.line(name)[0] for name in earned.line_names()}
    opex = sum(line[name] for name in line if name.startswith("opex:"))
    scale = 1.0 + np.abs(earned.lines).max()
    income = (
        line["base_rent"] + line["power_recovery"] + line["other_income"] - line["vacancy_and_credit_loss"]
    )
    noi = line["egi"] - line["power_cost"] - opex - line["ground_rent"] - line["management_fee"]
    ncf = line["noi"] - line["capital_reserve"] - line["leasing_costs"] - line["ncf_haircut"]
    for total, parts in (("egi", income), ("noi", noi), ("ncf", ncf)):
        assert np.abs(line[total] - parts).max() < 1e-12 * scale
    assert np.abs(line["available"] - line["ncf"] - line["termination_receipts"]).max() < 1e-12 * scale
    assert np.abs(earned.facility_ncf[0].sum(axis=0) - line["ncf"]).max() < 1e-12 * scale


@settings(max_examples=40)
@given(deals(), cases())
def test_facilities_sum_to_the_deal(of: Deal, case: Case) -> None:
    whole, split = flow(of, case), flow(of, case, by_facility=True)
    for name in whole.line_names():
        parts = [split.group_line(name, f)[0] for f in range(len(of.facilities))]
        np.testing.assert_allclose(np.sum(parts, axis=0), whole.line(name)[0], rtol=1e-12, atol=1e-6)


def scaled(document: Plain, by: float, within: str = "") -> Plain:
    """The document with every amount of money multiplied."""
    if isinstance(document, dict):
        return {name: scaled(value, by, name) for name, value in document.items()}
    if within in MONEY and isinstance(document, list):
        return [[day, value * by] for day, value in document]
    if isinstance(document, list):
        return [scaled(value, by) for value in document]
    return document * by if within in MONEY and document is not None else document


@settings(max_examples=40)
@given(deals(), cases(), st.integers(-8, 8))
def test_money_in_another_unit_scales_every_line_bit_for_bit(of: Deal, case: Case, power: int) -> None:
    by = 2.0**power
    document = msgspec.to_builtins(of)
    other = msgspec.convert(scaled(document, by), Deal)
    assert case.power_price_add is not None
    assert case.capex_reserve_floor is not None
    rescaled = msgspec.structs.replace(
        case,
        power_price_add=case.power_price_add * by,
        capex_reserve_floor=case.capex_reserve_floor * by,
    )
    assert (flow(other, rescaled).lines == by * flow(of, case).lines).all()


@settings(max_examples=40)
@given(deals(), cases())
def test_adding_a_case_changes_no_other(of: Deal, case: Case) -> None:
    alone, beside = flow(of, case), flow(of, ISSUER, case, ISSUER)
    same(beside, alone, 1)
    same(beside, flow(of, ISSUER), 0)
    same(beside, flow(of, ISSUER), 2)


@settings(max_examples=40)
@given(deals(), st.sampled_from(sorted(NEUTRAL)))
def test_an_adjustment_at_its_neutral_value_changes_nothing(of: Deal, name: str) -> None:
    neutral = {"tenant_defaults": [], "credit": False}.get(name, NEUTRAL[name])
    case = msgspec.structs.replace(ISSUER, **{name: neutral})
    assert adjustment(ISSUER, name) == NEUTRAL[name]
    same(flow(of, case), flow(of))


@settings(max_examples=40)
@given(deals(), numbers(0.0, 9.0))
def test_a_default_multiplier_without_credit_changes_nothing(of: Deal, multiplier: float) -> None:
    same(flow(of, Case(name="x", pd_multiplier=multiplier)), flow(of))


def test_scenarios_run_in_parts_are_the_same_to_the_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    of = example("pool-of-three")
    ruled = [*RULESET.cases.values(), ISSUER]
    together = flow(of, *ruled)
    monkeypatch.setattr(cashflow, "CELLS", 2 * len(of.facilities) * HORIZON)
    apart = flow(of, *ruled)
    for name in ("lines", "facility_ncf", "power", "unused"):
        assert getattr(together, name).tobytes() == getattr(apart, name).tobytes()


def test_a_pool_of_two_thousand_leases_over_fifty_years_is_two_thousand_times_one() -> None:
    """Forty halls of fifty leases each; a lease and its hall's share of them is the same everywhere."""
    place = market(renewal_probability=0.7, growth=0.02, term_months=90)

    def hall(name: str, count: int) -> Plain:
        rolls = [lease(id=f"{name}-{n}", contracted_kw=20.0, term_months=48) for n in range(count)]
        return facility(*rolls, id=name, capacity_kw=20.0 * count, market=place, vacancy_floor=0.05)

    case = Case(name="x", credit=True)
    one = flow(deal(hall("one", 1)), case, months=600).line("ncf")[0]
    pool = flow(deal(*(hall(f"hall-{k}", 50) for k in range(40))), case, months=600).line("ncf")[0]
    np.testing.assert_allclose(pool, 2000.0 * one, rtol=1e-10)
