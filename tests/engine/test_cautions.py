"""Warnings: each code once, with its place in the request; and none where nothing is odd."""

import json
from typing import Any

import msgspec
import pytest
from tests.engine.deals import (
    EXAMPLE_DEALS,
    RULESET,
    Plain,
    deal,
    example,
    facility,
    flow,
    lease,
    powered,
    resolved,
    tenants,
)

from rackrate.deal.underwriting import Deal
from rackrate.engine.cautions import cautions

BLOCK = {"kind": "fixed_block", "mw": 1.0, "price_per_mwh": 50.0}
PAID_MONTHS = 60


def found(of: Deal, effective_tenants: float = 3.0) -> set[tuple[str, str]]:
    """Code and pointer of every warning of a deal."""
    unused = flow(of, months=PAID_MONTHS).unused[0]
    listed = cautions(of, RULESET, resolved(of).timeline, unused, effective_tenants)
    assert len(listed) == len({(caution.code, caution.pointer) for caution in listed})
    return {(caution.code, caution.pointer) for caution in listed}


def structured(**terms: Plain) -> Plain:
    """A structure of one class, paid for five years."""
    note = {"name": "A", "coupon": 0.06, "day_count": "30/360", "limits": [{"kind": "max_ltv", "limit": 0.5}]}
    return {
        "template": "cmbs_single_asset",
        "denomination": 1000.0,
        "legal_final_months": 120,
        "additional_rate": 0.02,
        "classes": [note],
        "fees": [],
        "reserves": {"liquidity_months": 0.0},
        "triggers": {"service": "actual", "cure_periods": 2},
        **terms,
    }


def at(of: Deal, pointer: str) -> Any:
    """What a pointer points at in the request."""
    place = json.loads(msgspec.json.encode(of))
    for token in pointer.split("/")[1:]:
        place = place[int(token)] if isinstance(place, list) else place[token]
    return place


def test_an_ordinary_deal_has_no_warning() -> None:
    assert found(deal()) == set()


def test_a_lease_that_ends_before_the_debt() -> None:
    short = lease(id="short", term_months=59, contracted_kw=500.0)
    of = deal(facility(lease(contracted_kw=500.0), short))
    assert found(of) == {("lease_ends_before_debt", "/facilities/0/leases/1/term_months")}


def test_a_power_contract_that_ends_before_the_last_lease_it_could_serve() -> None:
    """A year short of a lease of five; a tenant that buys its own power is not waited for."""
    full = {"kind": "full_requirements", "price_per_mwh": 45.0, "end": "2030-01-01"}
    of = deal(facility(powered(), power=[{"kind": "indexed", "adder": 1.0}, full]))
    assert found(of) == {("power_ends_before_lease", "/facilities/0/power/1/end")}
    assert found(deal(facility(lease(), power=[full]))) == set()


@pytest.mark.parametrize("reserved", [False, True])
def test_a_lease_booked_and_not_billed_reserved_or_not(reserved: bool) -> None:
    later = lease(commencement="2026-05-01", reserved=reserved)
    assert found(deal(facility(later))) == {("booked_not_billed", "/facilities/0/leases/0/commencement")}


def test_a_leasehold_that_expires_before_legal_final() -> None:
    land = {"kind": "leasehold", "expiry": "2035-12-01", "ground_rent": 0.0, "growth": 0.0}
    of = deal(facility(lease(term_months=120), tenure=land), structure=structured())
    assert found(of) == {("leasehold_before_legal_final", "/facilities/0/tenure/expiry")}
    assert found(deal(facility(lease(term_months=120), tenure=land))) == set()


@pytest.mark.parametrize("kind", ["fixed_block", "tariff"])
def test_a_minimum_take_that_the_load_does_not_cover(kind: str) -> None:
    tariff = {
        "kind": "tariff", "price_per_mwh": 30.0, "demand_rate": 10.0, "contracted_demand_kw": 2000.0,
        "minimum_demand_share": 0.9, "ratchet_share": 0.0, "fixed_monthly": 0.0,
    }  # fmt: skip
    taken = BLOCK if kind == "fixed_block" else tariff
    of = deal(facility(id="first"), facility(powered(id="drawing"), power=[{**BLOCK, "mw": 0.1}, taken]))
    assert found(of) == {("minimum_take_uncovered", "/facilities/1/power/1")}


def test_an_anticipated_repayment_on_another_date_than_the_debts_end() -> None:
    of = deal(facility(lease(term_months=120)), structure=structured(ard_months=48))
    assert found(of) == {("ard_differs_from_term", "/structure/ard_months")}
    assert found(deal(structure=structured(ard_months=60))) == set()


def test_fewer_than_three_effective_tenants() -> None:
    assert found(deal(), 2.999) == {("few_effective_tenants", "/tenants")}


@pytest.mark.parametrize(
    ("place", "pointer"),
    [
        (facility(lease(rent_per_kw_month=39.0)), "/facilities/0/leases/0/rent_per_kw_month"),
        (facility(pue=2.3), "/facilities/0/pue"),
        (facility(pue=[["2026-01-01", 1.3], ["2028-01-01", 1.02]]), "/facilities/0/pue"),
        (facility(appraised_value=4e6), "/facilities/0/appraised_value"),
        (
            facility(powered(power={"kind": "fixed_price", "price_per_mwh": 251.0})),
            "/facilities/0/leases/0/power/price_per_mwh",
        ),
        (
            facility(power=[{"kind": "full_requirements", "price_per_mwh": 14.0}]),
            "/facilities/0/power/0/price_per_mwh",
        ),
    ],
)
def test_a_figure_outside_its_plausible_band(place: Plain, pointer: str) -> None:
    of = deal(place)
    assert found(of) == {("implausible", pointer)}
    assert at(of, pointer) is not None


@pytest.mark.parametrize("name", EXAMPLE_DEALS)
def test_every_pointer_points_at_something_in_the_request(name: str) -> None:
    of = example(name)
    for _, pointer in found(of, 1.0):
        assert at(of, pointer) is not None


def test_warnings_come_in_the_order_of_the_document() -> None:
    short = [lease(id=str(n), term_months=12, contracted_kw=100.0) for n in range(3)]
    of = deal(facility(*short), facility(lease(id="x", term_months=24), id="g"), tenants=tenants("tenant"))
    listed = cautions(of, RULESET, resolved(of).timeline, flow(of).unused[0], 1.0)
    assert [caution.pointer for caution in listed] == [
        *(f"/facilities/0/leases/{n}/term_months" for n in range(3)),
        "/facilities/1/leases/0/term_months",
        "/tenants",
    ]
