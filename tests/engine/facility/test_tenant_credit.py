"""Tenant credit: survival from any table, concentration across facilities, the exact loss distribution."""

from itertools import product
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.builders.deals import RULESET, Plain, deal, facility, lease, resolved, tenants
from tests.builders.random_deals import numbers

from rackrate.analyses.deals.underwriting import underwrite
from rackrate.engine.facility.tenant_credit import concentration, cumulative_pd, exceedance, losses
from rackrate.engine.timeline import Floats

SHARE = np.array([0.5, 0.3, 0.2])
PD = np.array([0.0046, 0.0154, 0.0643])
CORRELATION = 0.24
GOLDEN = {
    0.00: 0.919500,
    0.10: 0.060808,
    0.15: 0.012520,
    0.25: 0.006044,
    0.35: 0.000821,
    0.40: 0.000209,
    0.50: 0.000099,
}
RATINGS = {
    "AA-": "AA",
    "Baa2": "BBB",
    "A (low)": "A",
    "BBB+": "BBB",
    "Caa3": "CCC",
    "C": "CCC",
    "NR": "BB",
}
TRANCHES = {
    (0.00, 0.05): (0.080500, 0.080500),
    (0.05, 0.15): (0.050096, 0.080500),
    (0.15, 0.30): (0.005158, 0.007173),
    (0.30, 1.00): (0.000117, 0.001129),
}


def pd_of(**terms: Plain) -> list[float]:
    """Cumulative default probability of one tenant to the ruleset's horizons."""
    of = deal(tenants=[{"id": "tenant", **terms}])
    table: list[float] = cumulative_pd(resolved(of), RULESET.credit.horizons)[0].tolist()
    return table


@pytest.mark.parametrize(("rating", "category"), RATINGS.items())
def test_a_rating_of_any_agency_defaults_as_its_category_does(rating: str, category: str) -> None:
    assert pd_of(rating=rating) == pytest.approx(RULESET.credit.cumulative_pd[category], rel=1e-12)


def test_a_one_year_probability_is_a_constant_hazard() -> None:
    assert pd_of(one_year_pd=0.1)[:3] == pytest.approx([0.1, 0.19, 0.271])


def test_a_table_of_ones_own_goes_before_a_probability_and_that_before_a_rating() -> None:
    own = [[1, 0.1], [2, 0.1]]
    assert pd_of(rating="AAA", one_year_pd=0.5, cumulative_pd=own)[:3] == pytest.approx([0.1, 0.1, 0.1])
    assert pd_of(rating="AAA", one_year_pd=0.5)[0] == pytest.approx(0.5)


def test_the_last_hazard_extends_beyond_the_table() -> None:
    """19% by year two, 10% of it in the first: the second year's hazard goes on."""
    assert pd_of(cumulative_pd=[[1, 0.0], [2, 0.1]])[:4] == pytest.approx([0.0, 0.1, 0.19, 1.0 - 0.9**4])


def test_a_multiplier_of_the_tenant_multiplies_the_hazard() -> None:
    assert pd_of(one_year_pd=0.19, pd_multiplier=0.5)[0] == pytest.approx(0.1)


# ---- concentration ----


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


# ---- losses ----


@given(pd=arrays(np.float64, st.integers(1, 15), elements=st.floats(0.0, 0.9)), seed=st.integers(0, 9))
def test_the_exceedance_is_the_tail_of_the_distribution_on_a_grid_of_at_most_400_points(pd, seed) -> None:
    share = np.random.default_rng(seed).dirichlet(np.ones(len(pd)))
    spread = losses(share, pd, 0.2, 0.6)
    shares, beyond = exceedance(spread)
    assert len(shares) == len(beyond) <= 400
    assert beyond[-1] == 0.0
    for at, chance in zip(shares, beyond, strict=True):
        more = sum(p for loss, p in zip(spread.loss, spread.probability, strict=True) if loss > at + 1e-9)
        assert chance == pytest.approx(more, abs=1e-12)


def test_three_tenants_lose_as_the_golden_case_says() -> None:
    """Weights 50, 30 and 20%, PD 0.46, 1.54 and 6.43%, half lost, correlation 0.24; expected loss exact."""
    found = losses(SHARE, PD, CORRELATION, 0.5)
    probability = dict(zip(found.loss, found.probability, strict=True))
    for loss, expected in GOLDEN.items():
        assert probability[loss] == pytest.approx(expected, abs=1e-6)
    assert found.expected == pytest.approx(0.5 * float(SHARE @ PD), rel=1e-14)
    assert sum(loss * p for loss, p in probability.items()) == pytest.approx(found.expected, abs=1e-12)


@pytest.mark.parametrize(("points", "figures"), TRANCHES.items())
def test_a_tranche_of_the_golden_case_is_hit_as_often(
    points: tuple[float, float], figures: tuple[float, float]
) -> None:
    attachment, detachment = points
    found = losses(SHARE, PD, CORRELATION, 0.5)
    loss, probability = np.array(found.loss), np.array(found.probability)
    taken = np.clip(loss - attachment, 0.0, detachment - attachment) / (detachment - attachment)
    assert float(taken @ probability) == pytest.approx(figures[0], abs=1e-6)
    assert float(probability[loss > attachment + 1e-12].sum()) == pytest.approx(figures[1], abs=1e-6)


def by_brute_force(each: Floats, pd: Floats) -> dict[float, float]:
    """Every set of defaults, weighed at each of 200 Gauss-Hermite nodes of the common factor."""
    normal, (nodes, weight) = NormalDist(), np.polynomial.hermite_e.hermegauss(200)
    scaled = (np.array([[normal.inv_cdf(p)] for p in pd]) - CORRELATION**0.5 * nodes) / (
        1.0 - CORRELATION
    ) ** 0.5
    defaults = np.vectorize(normal.cdf)(scaled)
    found: dict[float, float] = {}
    for chosen in product((False, True), repeat=len(pd)):
        taken = np.array(chosen)
        p = float(weight @ np.prod(np.where(taken[:, None], defaults, 1.0 - defaults), axis=0))
        loss = round(float(each[taken].sum()), 10)
        found[loss] = found.get(loss, 0.0) + p / float(weight.sum())
    return found


@pytest.mark.parametrize("count", [2, 7, 12, 13])
def test_losses_are_those_of_every_set_of_defaults(count: int) -> None:
    """Up to 12 tenants exactly, above with each loss on a grid of 1e-4."""
    rng = np.random.default_rng(count)
    share, pd = rng.dirichlet(np.ones(count)), rng.uniform(0.002, 0.2, count)
    each = share * 0.5 if count <= 12 else np.round(share * 0.5 / 1e-4) * 1e-4
    loss, probability = np.array(sorted(by_brute_force(each, pd).items())).T
    found = losses(share, pd, CORRELATION, 0.5)
    assert found.loss == pytest.approx(loss.tolist(), abs=1e-9)
    assert found.probability == pytest.approx(probability.tolist(), abs=1e-13)
    assert found.expected == pytest.approx(float(each @ pd), rel=1e-13)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(numbers(0.001, 1.0), numbers(0.0, 0.5)), min_size=1, max_size=40), numbers(0.0, 0.9)
)
def test_losses_are_a_distribution_with_the_mean_it_says(
    pool: list[tuple[float, float]], correlation: float
) -> None:
    share, pd = np.array(pool).T
    found = losses(share / share.sum(), pd, correlation, 0.5)
    assert min(found.probability) > -1e-15
    assert sum(found.probability) == pytest.approx(1.0, abs=1e-12)
    mean = float(np.dot(found.loss, found.probability))
    assert mean == pytest.approx(found.expected, abs=1e-11)


def test_independent_tenants_multiply() -> None:
    """Two halves at 10 and 20%: none 72%, one 26%, both 2%."""
    found = losses(np.array([0.5, 0.5]), np.array([0.1, 0.2]), 0.0, 1.0)
    assert found.loss == [0.0, 0.5, 1.0]
    assert found.probability == pytest.approx([0.72, 0.26, 0.02], abs=1e-13)


def test_a_tenant_that_cannot_default_and_one_that_pays_nothing_lose_nothing() -> None:
    found = losses(np.array([0.6, 0.4, 0.0]), np.array([0.0, 0.1, 0.9]), CORRELATION, 0.5)
    probability = dict(zip(found.loss, found.probability, strict=True))
    assert probability[0.0] == pytest.approx(0.9, abs=1e-13)
    assert probability[0.2] == pytest.approx(0.1, abs=1e-13)
