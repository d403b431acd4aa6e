"""Ground leases as security: rent to expiry, and a default that is cured or ends the lease."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rackrate.analyses.pools.ground_pool import underwrite_ground_leases
from rackrate.analyses.registry import pool_ruleset_of, ruleset_of
from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.requests.pool import Pool
from rackrate.engine.property.ground_leases import GroundRun
from rackrate.engine.property.ground_pool import price_ground_leases

SOME = settings(max_examples=20)


def ground_lease(**changes: Any) -> dict[str, Any]:
    return {
        "id": "g",
        "commencement": "2020-12-01",
        "expiry": "2046-12-01",
        "rent": 1.2e6,
        "escalation": {"kind": "fixed", "rate": 0.0},
        "fee_value": 2e7,
        "land_value": 2e7,
        "land_growth": 0.0,
        "combined_value": 1e8,
        "leasehold": {"kind": "stated", "ncf": 9e6, "revenue": 2e7, "growth": 0.0, "tenants": []},
        "cure": {"mortgagee": False, "months": 0},
        "step_up_share": 0.5,
        **changes,
    }


def ground_pool(*leases: dict[str, Any], **changes: Any) -> GroundPool:
    document = {
        "name": "Rents",
        "currency": "USD",
        "closing": "2026-12-01",
        "market": {"power_index": 50, "cpi": 0.02, "base_rate": 0.04},
        "ground_leases": list(leases),
        "debt": {"rate": 0.06, "day_count": "30/360", "term_months": 120, "interest_only_months": 120,
                 "amortisation": {"kind": "interest_only"}},
        "sizing": {"case": "issuer", "value": {"kind": "npv", "discount_rate": 0.07},
                   "tests": [{"kind": "max_ltv", "limit": 0.5}]},
        **changes,
    }  # fmt: skip
    request = decode(json.dumps(document).encode(), Pool)
    assert isinstance(request, GroundPool)
    return request


def landlord(*leases: dict[str, Any], **changes: Any) -> GroundUnderwriting:
    request = ground_pool(*leases, **changes)
    return underwrite_ground_leases(request, ruleset_of(request), pool_ruleset_of(request), id="x")


@SOME
@given(st.integers(12, 99), st.floats(1e5, 1e7), st.floats(0.02, 0.12))
def test_a_ground_lease_that_never_defaults_is_an_annuity(years: int, rent: float, rate: float) -> None:
    """Level rent to expiry at a yearly rate: a month's rent times the sum of (1 + rate)**-(k + 1)/12."""
    lease = ground_lease(rent=rent, expiry=f"{2026 + years}-12-01")
    lease["leasehold"]["ncf"] = 9.0 * rent
    value = {"kind": "npv", "discount_rate": rate}
    answer = landlord(
        lease,
        sizing={"case": "issuer", "value": value, "tests": [{"kind": "max_ltv", "limit": 0.5}]},
    )
    month = (1.0 + rate) ** (-1.0 / 12.0)
    annuity = rent / 12.0 * month * (1.0 - month ** (12 * years)) / (1.0 - month)
    (told,) = answer.ground_leases
    assert told.value == pytest.approx(annuity, rel=1e-9)
    assert (told.default_month, told.coverage) == (None, pytest.approx(9.0))
    assert answer.summary.value == pytest.approx(annuity, rel=1e-9)
    assert answer.cash_flow.lines["ncf"][:12] == pytest.approx([rent / 12.0] * 12, rel=1e-9)


def stopped(**changes: Any) -> GroundRun:
    """A lease whose lessee stops paying in month 24, in a case that capitalises at 10 percent."""
    case = {"name": "stopped", "cap_rate": 0.1, "ground_defaults": [{"ground_lease": "g", "month": 24}]}
    tests = [{"kind": "max_ltv", "limit": 0.5}]
    sizing = {"case": "stopped", "value": {"kind": "npv", "discount_rate": 0.07}, "tests": tests}
    request = ground_pool(ground_lease(**changes), cases=[case], sizing=sizing)
    (run,) = price_ground_leases(request, ruleset_of(request), pool_ruleset_of(request)).leases["stopped"]
    return run


def test_a_lease_that_is_lost_pays_until_its_default_and_gives_its_share_of_what_is_taken_over() -> None:
    """18 months after the default: half of the lesser of 100 million and 9 million / 10 percent."""
    run = stopped()
    assert run.is_lost
    assert run.income[:24].tolist() == pytest.approx([100_000.0] * 24)
    assert run.income[24:].sum() == 0.0
    assert run.receipts[24 + 18 - 1] == run.receipts.sum() == pytest.approx(45_000_000.0)


@pytest.mark.parametrize("months", [0, 1, 3])
def test_a_mortgagee_that_cures_pays_what_was_missed_at_the_end_of_its_time(months: int) -> None:
    run = stopped(cure={"mortgagee": True, "months": months})
    assert not run.is_lost
    assert run.receipts.sum() == 0.0
    missed = [0.0] * (months - 1) + [months * 100_000.0] if months else []
    assert run.income[24 : 24 + months].tolist() == pytest.approx(missed)
    assert run.income[24 + months : 240].tolist() == pytest.approx([100_000.0] * (216 - months))


def test_a_mortgagee_does_not_cure_what_the_leasehold_does_not_pay() -> None:
    leasehold = {"kind": "stated", "ncf": 9e5, "revenue": 2e7, "growth": 0.0, "tenants": []}
    run = stopped(leasehold=leasehold, cure={"mortgagee": True, "months": 3})
    assert run.is_lost


def test_each_case_pays_the_classes_as_issued_from_its_own_rents() -> None:
    """The scenario of a case is the run that is reported where the structure names it, sizes held."""
    note = {"name": "A", "coupon": 0.05, "day_count": "30/360", "principal": 5e6}
    structure = {"template": "abs_master_trust", "case": "issuer", "ard_months": 120, "classes": [note],
                 "legal_final_months": 180, "denomination": 1000, "additional_rate": 0.05, "fees": [],
                 "reserves": {"liquidity_months": 0},
                 "triggers": {"service": "actual", "cure_periods": 1}}  # fmt: skip
    cases = [{"name": "lost", "ground_defaults": [{"ground_lease": "g", "month": 6}]}]
    found = landlord(ground_lease(step_up_share=0.0), cases=cases, structure=structure)
    other = landlord(ground_lease(step_up_share=0.0), cases=cases, structure=structure | {"case": "lost"})
    issuer, lost = found.scenarios
    assert (issuer.name, issuer.defaulted_share, lost.name, lost.defaulted_share) == ("issuer", 0, "lost", 1)
    assert found.waterfall is not None
    assert other.waterfall is not None
    assert issuer.classes[0].principal_loss == found.waterfall.classes[0].principal_loss == 0.0
    assert lost.classes[0].principal_loss == other.waterfall.classes[0].principal_loss > 1e6
    assert lost.classes[0].interest_unpaid == other.waterfall.classes[0].interest_unpaid[-1] > 0.0


def test_rent_is_spread_over_the_years_in_which_leases_end() -> None:
    later = ground_lease(id="h", expiry="2060-03-01", rent=3.6e6)
    found = landlord(ground_lease(), later, ground_lease(id="i", rent=1.2e6, expiry="2046-02-01"))
    assert [(year.id, year.share) for year in found.concentration.expiry] == [(2046, 0.4), (2060, 0.6)]
