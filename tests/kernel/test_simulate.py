"""Simulation: the builds, their twin and the deterministic run, the same to the last bit."""

from dataclasses import replace

import numpy as np
import pytest
from tests.kernel.simulated_deals import CALM, DEALS, TALLIED, document, paid, path_of, ran, stormy_roll

from rackrate.engine.simulation.estimates import Tally
from rackrate.kernel import records
from rackrate.kernel.builds import builds
from rackrate.kernel.reference import simulate as reference
from rackrate.kernel.reference.paths import draws

BUILDS = builds("simulate")
WIDEST = next(iter(BUILDS.values()))


def certain(deal, renewal, renew_at):
    """A deal with nothing left to chance: tenants survive, renewals and options are certain or impossible."""
    for tenant in deal["tenants"]:
        tenant.pop("rating", None), tenant.pop("one_year_pd", None)
        tenant["cumulative_pd"] = [[1, 0.0]]
    for facility in deal["facilities"]:
        facility["market"] |= {"renewal_probability": renewal, "renew_at": renew_at}
        for lease in facility["leases"]:
            if "termination" in lease:
                lease["termination"]["probability"] = renewal
    deal["structure"]["case"] = "issuer"
    return deal


@pytest.mark.parametrize("renewal", [0.0, 1.0])
@pytest.mark.parametrize("name", DEALS)
def test_without_chance_every_path_is_the_deterministic_run_to_the_last_bit(name, renewal):
    for renew_at in ("market", "in_place", "lower_of"):
        deal = certain(document(name), renewal, renew_at)
        _, structured = paid(deal)
        path = path_of(deal, CALM)
        tally, outcomes, flows = ran(WIDEST, path, 3, 5)
        assert (flows == structured.on.ncf[: flows.shape[1]]).all()
        assert (outcomes == path.centres).all()
        cover = structured.run.dscr_actual[0]
        assert (tally.known == np.where(np.isnan(cover), 0, 10)).all()
        both = np.stack([cover, cover], axis=1)[tally.known > 0]
        assert (tally.cover_reach[tally.known > 0] == both).all()
        for k, flag in enumerate(records.FLAGS):
            assert (tally.flags[:-1, k, 0] == 10 * getattr(structured.run, flag)[0]).all()


@pytest.mark.parametrize("name", DEALS)
def test_options_resale_and_utilisation_are_on_a_path_what_they_are_in_the_deterministic_run(name):
    """Every option is certain, in the month of its tenant's default; unused blocks are sold at a gain."""
    deal = certain(document(name), 1.0, "market")
    for facility in deal["facilities"]:
        facility["power"] = [
            {"kind": "fixed_block", "mw": 500.0, "price_per_mwh": 5.0, "resale_share": 1.0},
            {"kind": "tariff", "price_per_mwh": 41.0, "demand_rate": 7.0, "contracted_demand_kw": 9e5,
             "minimum_demand_share": 0.1, "ratchet_share": 0.9, "fixed_monthly": 10.0},
        ]  # fmt: skip
        for lease in facility["leases"]:
            lease["termination"] = {"month": 2, "fee_months": 6.0, "probability": 1.0}
            lease["commencement"] = deal["closing"]
    defaults = [{"tenant": tenant["id"], "month": 2} for tenant in deal["tenants"]]
    deal["cases"] = [
        *deal.get("cases", []), {"name": "here", "utilisation_factor": 0.7, "tenant_defaults": defaults}
    ]  # fmt: skip
    deal["structure"]["case"] = "here"
    _, structured = paid(deal)
    for kernel in (WIDEST, reference):
        _, outcomes, flows = ran(kernel, path := path_of(deal, CALM), 3, 5)
        assert (flows == structured.on.ncf[: flows.shape[1]]).all()
        assert (outcomes == path.centres).all()


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("name", DEALS)
def test_a_build_gives_the_bits_of_the_twin(build, name):
    path = path_of(stormy_roll(document(name)))
    got, outcomes, flows = ran(BUILDS[build], path, 5, 11)
    want, expected, months = ran(reference, path, 5, 11)
    assert (flows == months).all()
    assert (outcomes == expected).all()
    for field in TALLIED:
        assert (getattr(got, field) == getattr(want, field)).all(), field


def test_chance_reaches_every_kind_of_event():
    path = path_of(stormy_roll(document("colocation-multi-tenant")))
    tally, outcomes, _ = ran(WIDEST, path, 0, 400)
    assert len(np.unique(outcomes[:, 0])) == 800
    assert (tally.flags[-1, :, 0] > 0).all()
    assert (tally.losses[:, :, 0] > 0).all()


LENSES = [
    {"kind": "appraisal"},
    {"kind": "cap_rate", "cap_rate": 0.09},
    {"kind": "npv", "discount_rate": 0.08, "months": 24, "terminal_cap_rate": 0.09},
]


def failing(deal):
    """A deal whose halls cost more than they earn from 2032 on, its classes on schedules of their own."""
    for facility in deal["facilities"]:
        late = {"name": "late", "annual": [["2020-01-01", 0.0], ["2032-01-01", 3e8]]}
        facility["operating_costs"] = [*facility.get("operating_costs", []), late]
    deal["sizing"]["tests"] = [{"kind": "max_ltv", "limit": 0.5}]
    for k, note in enumerate(deal["structure"]["classes"]):
        note["schedule"] = {"kind": "amounts", "amounts": [1e5 * (k + 1)] * 48}
    return deal


@pytest.mark.parametrize("value", LENSES, ids=lambda value: value["kind"])
def test_ltv_triggers_look_at_the_value_of_the_path(value):
    deal = failing(stormy_roll(document("uk-two-hyperscalers")))
    deal["sizing"]["value"] = value
    path = path_of(deal)
    got, outcomes, _ = ran(WIDEST, path, 0, 9)
    want, expected, _ = ran(reference, path, 0, 9)
    assert (outcomes == expected).all()
    assert (got.cover_bins == want.cover_bins).all()


@pytest.mark.parametrize("value", LENSES, ids=lambda value: value["kind"])
def test_without_chance_ltv_triggers_see_the_deterministic_values(value):
    deal = failing(certain(document("pool-of-three"), 1.0, "market"))
    deal["sizing"]["value"] = value
    for note in deal["structure"]["classes"]:
        note["ltv_trigger"] = 0.4
    path = path_of(deal, CALM)
    _, outcomes, _ = ran(WIDEST, path, 0, 2)
    assert (outcomes == path.centres).all()


@pytest.mark.parametrize("build", BUILDS)
def test_bits_do_not_depend_on_how_pairs_are_shared_out(build):
    path = path_of(stormy_roll(document("hyperscale-single-tenant")))
    whole, outcomes, flows = ran(BUILDS[build], path, 0, 40)
    parts, at = Tally(path.periods, path.classes), 0
    for pairs in (1, 7, 8, 9, 15):
        _, few, months = ran(BUILDS[build], path, at, pairs, parts)
        assert (few == outcomes[2 * at : 2 * (at + pairs)]).all()
        assert (months == flows[2 * at : 2 * (at + pairs)]).all()
        at += pairs
    for field in TALLIED:
        assert (getattr(parts, field) == getattr(whole, field)).all(), field


def test_the_cipher_gives_the_published_words():
    zero = [int(word[0]) for word in draws.threefry(0, 0, np.zeros(1, dtype=np.uint64), 0)]
    assert zero == [0xF167B032C3B480BD, 0xE91F9FEE4B7A6FB5]


def test_normals_are_standard_and_antithetic():
    pairs = np.arange(200_000, dtype=np.uint64)
    z = draws.normals(3, draws.FACTOR, pairs, 0)
    half = len(pairs)
    assert (z[half:] == -z[:half]).all()
    assert abs(z[:half].mean()) < 4.0 / np.sqrt(half)
    assert abs((z[:half] ** 2).mean() - 1.0) < 4.0 * np.sqrt(2.0 / half)
    assert abs((z[:half] ** 4).mean() - 3.0) < 4.0 * np.sqrt(96.0 / half)


def test_a_call_of_the_wrong_shape_or_size_is_refused():
    path = path_of(document("gpu-compute-loan"))
    with pytest.raises(ValueError, match="4,096 pairs"):
        ran(WIDEST, path, 0, 4097)
    short = Tally(path.periods - 1, path.classes)
    with pytest.raises(ValueError, match=r"cover_bins: expected \[periods, 4096\]"):
        ran(WIDEST, path, 0, 1, short)


def test_thresholds_are_quantiles_and_infinite_at_certainty():
    survival = np.array([[1.0, 0.975, 0.5, 0.0]])
    got, want = np.empty((2, 1, 4))
    WIDEST.default_thresholds(survival, got)
    reference.default_thresholds(survival, want)
    assert got == pytest.approx(want, rel=1e-12, abs=1e-12)
    assert got[0, 0] < -1e299
    assert got[0, 3] > 1e299


@pytest.mark.parametrize("kernel", [*BUILDS.values(), reference])
def test_what_is_too_large_to_be_added_up_is_not_and_shows_in_the_reach(kernel):
    path = path_of(stormy_roll(document("gpu-compute-loan")))
    huge = np.full_like(path.scales, 2.0**-40)
    tally, outcomes, _ = ran(kernel, replace(path, scales=huge), 0, 4)
    assert tally.uncounted(path.centres, huge)
    assert not tally.uncounted(path.centres, path.scales)
    assert tally.sums[0, 0] == np.trunc(outcomes[:, 0]).sum()
    assert tally.sums[0, 2] == 0
