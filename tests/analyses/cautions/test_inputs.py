"""Warnings: each code once, with its place in the request; and none where nothing is odd."""

import json
import re
from calendar import monthrange
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.builders.deals import (
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
from tests.builders.documents import leaves

from rackrate.analyses.cautions.inputs import cautions
from rackrate.deal.answers.figures import Caution
from rackrate.deal.dates import dates_of
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import load
from rackrate.deal.units import days_to_boundaries, month_index

BLOCK = {"kind": "fixed_block", "mw": 1.0, "price_per_mwh": 50.0}
PAID_MONTHS = 60
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def listed(of: Deal, effective_tenants: float = 3.0) -> list[Caution]:
    """The warnings of a deal."""
    unused = flow(of, months=PAID_MONTHS).unused[0]
    return cautions(of, RULESET, resolved(of), unused, effective_tenants)


def found(of: Deal, effective_tenants: float = 3.0) -> set[tuple[str, str]]:
    """Code and pointer of every warning of a deal."""
    told = listed(of, effective_tenants)
    assert len(told) == len({(caution.code, caution.pointer) for caution in told})
    return {(caution.code, caution.pointer) for caution in told}


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


def test_a_power_contract_does_not_wait_for_a_lease_that_it_never_serves() -> None:
    """The first lease ends with the contract, and the second begins when that has ended."""
    power = [{"kind": "full_requirements", "price_per_mwh": 45.0, "end": "2031-01-01"}]
    first = powered(contracted_kw=500.0)
    for begins, served in (("2031-01-01", False), ("2030-12-01", True)):
        second = powered(id="second", contracted_kw=500.0, commencement=begins, term_months=24)
        codes = {code for code, _ in found(deal(facility(first, second, power=power)))}
        assert ("power_ends_before_lease" in codes) == served


def test_dates_that_a_nearer_boundary_would_have_put_a_month_earlier() -> None:
    """Closing on the last of a month, the first of one counts from its end; 14 days each way are even."""
    power = [{"kind": "indexed", "adder": 1.0, "start": "2026-01-31", "end": "2031-02-01"}]
    base = {"power_index": [["2026-02-15", 40.0], ["2027-02-14", 41.0]], "cpi": 0.0, "base_rate": 0.04}
    of = deal(facility(lease(commencement="2026-02-01"), power=power), closing="2026-01-31", market=base)
    (caution,) = [one for one in listed(of) if one.code == "dates_moved"]
    assert caution.pointer == "/facilities/0/leases/0/commencement"
    assert ": 2 of 5, first 2026-02-01" in caution.message


@given(
    day=st.dates(date(1, 1, 1), date(9999, 12, 31)), closing=st.dates(date(1950, 1, 1), date(2200, 12, 31))
)
def test_days_to_boundaries_are_those_between_the_boundaries_themselves(day: date, closing: date) -> None:
    def boundary(j: int) -> date:
        year, month = divmod(12 * closing.year + closing.month - 1 + j, 12)
        return date(year, month + 1, min(closing.day, monthrange(year, month + 1)[1]))

    assume(date(1, 3, 1) < day < date(9999, 11, 1))
    j = month_index(day, closing)
    assert days_to_boundaries(day, closing) == ((day - boundary(j - 1)).days, (boundary(j) - day).days)


@pytest.mark.parametrize("name", EXAMPLE_DEALS)
def test_every_date_of_a_deal_is_found_in_the_order_of_its_fields(name: str) -> None:
    plain = json.loads(msgspec.json.encode(example(name)))
    days = [(at, text) for at, text in leaves(plain) if DAY.fullmatch(str(text))]
    assert [(at, str(day)) for at, day in dates_of(example(name))] == days


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


def test_ratings_that_are_read_on_a_national_scale() -> None:
    told, china = deal(), load("china-national-2026.1")
    assert told.tenants[0].rating
    unrated = msgspec.structs.replace(told.tenants[0], rating=None, one_year_pd=0.01)
    for of, expected in (
        (told, ["national_rating_scale"]),
        (msgspec.structs.replace(told, tenants=[unrated]), []),
    ):
        unused = flow(of, months=PAID_MONTHS).unused[0]
        codes = [caution.code for caution in cautions(of, china, resolved(of), unused, 3.0)]
        assert [code for code in codes if code != "implausible"] == expected


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
    assert [caution.pointer for caution in listed(of, 1.0)] == [
        *(f"/facilities/0/leases/{n}/term_months" for n in range(3)),
        "/facilities/1/leases/0/term_months",
        "/tenants",
    ]
