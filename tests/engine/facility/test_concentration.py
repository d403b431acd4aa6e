"""Concentration of the rent roll: shares by tenant and lease at closing, effective tenants, the WALT."""

import pytest
from tests.builders.deals import RULESET, deal, facility, lease, resolved, tenants

from rackrate.analyses.deals.underwriting import underwrite
from rackrate.engine.facility.concentration import concentration


def test_shares_and_life_are_those_of_contract_rent_at_closing() -> None:
    """Rents of 60, 30 and 10 thousand a month across two halls; a's two leases count as one tenant."""
    f = facility(
        lease(id="1", tenant="a", contracted_kw=400.0), lease(id="2", tenant="b", contracted_kw=300.0)
    )
    again = lease(id="3", tenant="a", contracted_kw=200.0, term_months=120, free_rent_months=6)
    small = lease(id="4", tenant="c", contracted_kw=200.0, rent_per_kw_month=50.0, commencement="2025-01-01")
    of = deal(f, facility(again, small, id="g"), tenants=tenants("a", "b", "c"))
    pool = concentration(resolved(of), 3)
    assert pool.share.tolist() == pytest.approx([0.6, 0.3, 0.1])
    assert pool.share_kw.tolist() == pytest.approx([6 / 11, 3 / 11, 2 / 11])
    assert pool.hhi == pytest.approx(0.36 + 0.09 + 0.01)
    assert pool.effective_tenants == pytest.approx(1.0 / 0.46)
    assert pool.hhi_kw == pytest.approx((36 + 9 + 4) / 121)
    assert (pool.top(1), pool.top(2), pool.top(5)) == pytest.approx((0.6, 0.9, 1.0))
    assert pool.walt_years == pytest.approx(0.4 * 5 + 0.3 * 5 + 0.2 * 10 + 0.1 * 4)


@pytest.mark.parametrize(("reserved", "share"), [(False, 0.0), (True, 0.5)])
def test_a_booked_lease_counts_as_it_commences_only_if_reserved(reserved: bool, share: float) -> None:
    """Ramped to a fifth at first and free for a while, it counts with its first month's kW and rent: half."""
    booked = lease(
        id="later",
        tenant="b",
        contracted_kw=500.0,
        rent_per_kw_month=500.0,
        commencement="2026-09-01",
        ramp=[{"from_month": 0, "kw": 100.0}, {"from_month": 6, "kw": 500.0}],
        free_rent_months=3,
        reserved=reserved,
    )
    of = deal(facility(lease(tenant="a", contracted_kw=500.0), booked), tenants=tenants("a", "b"))
    assert concentration(resolved(of), 2).share[1] == pytest.approx(share)


def test_tenants_are_answered_from_the_largest() -> None:
    rolls = [
        lease(id=name, tenant=name, contracted_kw=kw)
        for name, kw in (("s", 100.0), ("l", 600.0), ("m", 300.0))
    ]
    answer = underwrite(deal(facility(*rolls), tenants=tenants("s", "m", "l")), RULESET, id="x").credit
    assert [(tenant.id, tenant.share) for tenant in answer.tenants] == [("l", 0.6), ("m", 0.3), ("s", 0.1)]
    assert answer.top_5_share == pytest.approx(1.0)


def test_leases_are_answered_with_their_share_of_rent_and_the_boundary_on_which_they_end() -> None:
    """Of 1,000 kW 600 and 400 at one rent. The third begins in month 20: it is not billed."""
    first, second = lease(id="1", contracted_kw=600.0, term_months=24), lease(id="2", contracted_kw=400.0)
    booked = lease(id="later", commencement="2027-08-15", term_months=12)
    answer = underwrite(deal(facility(first, second), facility(booked, id="g")), RULESET, id="x").credit
    found = [(one.facility, one.id, one.share, str(one.expiry)) for one in answer.leases]
    assert found == [
        ("facility", "1", 0.6, "2028-01-01"),
        ("facility", "2", 0.4, "2031-01-01"),
        ("g", "later", 0.0, "2028-09-01"),
    ]
