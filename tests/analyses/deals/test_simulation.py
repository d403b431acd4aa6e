"""Simulations: the same answer however it is computed, and the right one where it is known otherwise."""

import json
import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernel.simulated_deals import CALM, STORMY, document, path_of, stormy_roll

from rackrate.analyses.deals.simulation import simulate
from rackrate.deal import rulesets
from rackrate.deal.codec.decode import decode
from rackrate.deal.errors import Invalid
from rackrate.deal.requests.simulation import SimulationRequest
from rackrate.engine.facility.tenant_losses import losses
from rackrate.engine.simulation.estimates import Spread, Tally, amounts, mean, odds
from rackrate.engine.simulation.run import Cancelled, run, run_chunk
from rackrate.kernel.reference.paths import tallies as reference

RULES = rulesets.newest()


def request(deal, paths=2000, seed=11, factor=STORMY):
    """A request for a deal given as JSON."""
    body = {"deal": deal, "paths": paths, "seed": seed, "factor": msgspec.to_builtins(factor)}
    return decode(json.dumps(body).encode(), SimulationRequest)


def kept(path, pairs):
    """Each path's quantities and net cash flow."""
    both = np.empty((2 * pairs, 1 + 2 * path.classes)), np.empty((2 * pairs, path.months))
    run_chunk(path, 0, pairs, Tally(path.periods, path.classes), both[0], flows=both[1])
    return both


def test_the_answer_is_the_same_for_any_number_of_threads():
    asked = request(stormy_roll(document("uk-two-hyperscalers")), paths=20_000)
    answers = {msgspec.json.encode(simulate(asked, RULES, id="x", threads=threads)) for threads in (1, 2, 5)}
    assert len(answers) == 1


def test_what_paths_come_to_does_not_depend_on_the_size_of_chunks():
    path = path_of(stormy_roll(document("gpu-compute-loan")))
    whole = run(path, 700, None, None, 1)
    parts = run(path, 700, None, None, 3, chunk=37)
    for name in ("cover_bins", "cover_reach", "known", "flags", "losses", "bins", "reach"):
        assert (getattr(whole, name) == getattr(parts, name)).all()
    assert whole.totals == parts.totals


def test_another_seed_gives_other_paths():
    deal = stormy_roll(document("gpu-compute-loan"))
    first, second = (simulate(request(deal, seed=seed), RULES, id="x").equity.mean.value for seed in (1, 2))
    assert first != second


def test_progress_is_told_and_a_client_that_leaves_ends_it():
    asked = request(document("gpu-compute-loan"), paths=20_000)
    told = []
    simulate(asked, RULES, id="x", progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (20_000, 20_000)
    assert told == sorted(told)
    assert len(told) > 1
    with pytest.raises(Cancelled):
        simulate(asked, RULES, id="x", cancelled=lambda: True)


def test_a_deal_without_a_structure_is_refused_by_name():
    deal = document("gpu-compute-loan")
    del deal["structure"]
    with pytest.raises(Invalid) as refused:
        simulate(request(deal), RULES, id="x")
    assert [fault.pointer for fault in refused.value.errors] == ["/deal/structure"]


def test_an_odd_number_of_paths_is_refused():
    with pytest.raises(Invalid) as refused:
        simulate(request(document("gpu-compute-loan"), paths=1001), RULES, id="x")
    assert [fault.pointer for fault in refused.value.errors] == ["/paths"]


def test_one_period_losses_agree_with_the_exact_convolution():
    """Rent lost in month 12, without power and costs, is the share of the tenants defaulted by then."""
    deal = document("colocation-multi-tenant")
    facility = deal["facilities"][0]
    facility |= {
        "operating_costs": [],
        "power": [],
        "management_fee": 0.0,
        "other_income": 0.0,
        "vacancy_floor": 0.0,
    }
    facility["capex_reserve_per_kw_year"] = 0.0
    for k, (tenant, lease) in enumerate(zip(deal["tenants"], facility["leases"], strict=True)):
        tenant.pop("rating", None)
        tenant |= {"cumulative_pd": [[1, 0.02 + 0.01 * (k % 4)]], "security_months": 0}
        lease |= {"power": {"kind": "direct"}, "term_months": 400, "ramp": [], "free_rent_months": 0}
        lease |= {"escalation": {"kind": "fixed", "rate": 0.0}, "commencement": "2020-01-01"}
    terms = msgspec.structs.replace(CALM, asset_correlation=0.24)
    _, flows = kept(path_of(deal, terms), 4096)
    rent = np.array([lease["contracted_kw"] * lease["rent_per_kw_month"] for lease in facility["leases"]])
    lost = 1.0 - flows[:, 11] / rent.sum()
    pairs = 0.5 * (lost[0::2] + lost[1::2])
    exact = losses(
        rent / rent.sum(), np.array([t["cumulative_pd"][0][1] for t in deal["tenants"]]), 0.24, 1.0
    )
    assert abs(pairs.mean() - exact.expected) < 3.0 * pairs.std() / math.sqrt(len(pairs))
    loss, probability = np.array(exact.loss), np.array(exact.probability)
    for level in (0.02, 0.05, 0.1, 0.2, 0.35):
        beyond = (lost > level).astype(float)
        pairs = 0.5 * (beyond[0::2] + beyond[1::2])
        error = pairs.std() / math.sqrt(len(pairs))
        assert abs(pairs.mean() - probability[loss > level].sum()) < 3.0 * error + 1e-3


def test_standard_errors_are_the_scatter_from_seed_to_seed():
    deal = stormy_roll(document("gpu-compute-loan"))
    runs = [run(path_of(deal, seed=seed), 200, None, None, 1) for seed in range(40)]
    path = path_of(deal)
    found = [mean(tally.totals[0], path.centres[0], path.scales[0], 200) for tally in runs]
    scatter = np.std([estimate.value for estimate in found], ddof=1)
    assert 0.7 < scatter / np.mean([estimate.standard_error for estimate in found]) < 1.4
    odd = [odds(tally.flags[-1, 0], 200) for tally in runs]
    scatter = np.std([estimate.value for estimate in odd], ddof=1)
    assert 0.7 < scatter / np.mean([estimate.standard_error for estimate in odd]) < 1.4


def test_antithetic_pairs_lower_the_variance_of_equity():
    path = path_of(document("colocation-multi-tenant"))
    equity = kept(path, 2000)[0][:, 0]
    paired = np.var(0.5 * (equity[0::2] + equity[1::2]))
    assert paired < 0.5 * np.var(equity)


def test_means_quantiles_and_tails_are_those_of_the_paths():
    path = path_of(stormy_roll(document("colocation-multi-tenant")))
    tally = Tally(path.periods, path.classes)
    outcomes = np.empty((4000, 1 + 2 * path.classes))
    run_chunk(path, 0, 2000, tally, outcomes)
    for q, quantity in enumerate(outcomes.T):
        assert mean(tally.totals[q], path.centres[q], path.scales[q], 2000).value == pytest.approx(
            quantity.mean()
        )
        spread = amounts(tally, q)
        for level in (0.05, 0.5, 0.95, 0.99):
            exact = np.quantile(quantity, level, method="inverted_cdf")
            assert spread.quantile(level) == pytest.approx(exact, rel=2e-3, abs=1e-2)
        tail = np.sort(quantity)[-40:].mean()
        assert spread.tail_mean(0.99).value == pytest.approx(tail, rel=2e-3, abs=1e-2)


def test_a_quantile_of_one_value_is_that_value():
    spread = Spread(np.array([0, 7]), np.array([0.0, 1.0, 2.0]), 1.25, 1.25)
    assert [spread.quantile(level) for level in (0.01, 0.5, 0.999)] == [1.25] * 3
    assert spread.tail_mean(0.95).value == 1.25
    assert spread.quantile_error(0.5) == 0.0


def spread_of(amount):
    """Amounts as a simulation keeps them."""
    tally = Tally(1, 0)
    np.add.at(tally.bins[0], reference._bin(amount), 1)
    tally.reach[0] = amount.min(), amount.max()
    return amounts(tally, 0)


@st.composite
def losses_of_paths(draw):
    """Two to 400 losses, many the same, some of nothing."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = 2 * draw(st.integers(1, 200))
    values = 10.0 ** rng.uniform(0.0, 9.0, draw(st.integers(1, 5)))
    tied = rng.choice(np.append(values, 0.0), count)
    return np.where(
        rng.random(count) < draw(st.sampled_from([0.0, 0.3, 1.0])), rng.exponential(1e6, count), tied
    )


@settings(max_examples=200)
@given(losses_of_paths(), st.sampled_from([0.05, 0.5, 0.9, 0.95, 0.99, 0.999]))
def test_a_tails_mean_is_that_of_the_worst_paths_and_never_below_its_quantile(amount, level):
    """Beside the sorted paths, the one at the quantile counted for the part of it that is in the tail."""
    spread = spread_of(amount)
    tail = spread.tail_mean(level)
    beyond = (1.0 - level) * len(amount)
    weight = np.clip(beyond - np.arange(len(amount)), 0.0, 1.0)
    exact = (weight * np.sort(amount)[::-1]).sum() / beyond
    assert tail.value == pytest.approx(exact, rel=2e-3, abs=1e-3)
    assert spread.quantile(level) <= tail.value <= amount.max() * (1.0 + 1e-15)


@pytest.mark.parametrize(("paths", "known"), [(1, False), (2, False), (3, True), (4, True)])
def test_an_error_needs_two_draws_and_two_paths_may_be_a_pair(paths, known):
    spread = spread_of(np.full(paths, 5.0))
    assert (spread.quantile_error(0.5) is not None) == known
    assert (spread.tail_mean(0.0).standard_error is not None) == known


@pytest.mark.parametrize(
    ("level", "paths", "known"), [(0.99, 4, False), (0.99, 200, False), (0.99, 202, True), (0.95, 40, False),
                                  (0.95, 42, True), (0.5, 4, False), (0.5, 6, True)],
)  # fmt: skip
def test_the_error_of_a_tails_mean_needs_two_draws_in_the_tail(level, paths, known):
    """A part of a path counts for one: 1 percent of 202 paths are three, of which two may be a pair."""
    spread = spread_of(np.linspace(1.0, 2.0, paths))
    assert (spread.tail_mean(level).standard_error is not None) == known
    assert spread.quantile_error(level) is not None


def test_one_pair_has_estimates_and_no_standard_error():
    asked = request(stormy_roll(document("colocation-multi-tenant")), paths=2)
    answer = msgspec.to_builtins(simulate(asked, RULES, id="x"))
    errors = []

    def gather(node, inside=False):
        if isinstance(node, dict):
            for key, item in node.items():
                gather(item, inside or "error" in key)
        elif isinstance(node, list):
            for item in node:
                gather(item, inside)
        elif inside:
            errors.append(node)

    gather(answer)
    assert len(errors) > 100
    assert set(errors) == {None}


def test_amounts_beyond_what_is_added_up_exactly_are_refused():
    deal = document("powered-shell-leasehold")
    first = deal["facilities"][0]
    for n in range(20):
        leases = [lease | {"id": f"{lease['id']}-{n}"} for lease in first["leases"]]
        deal["facilities"].append(first | {"id": f"copy-{n}", "leases": leases, "other_income": 1e13})
    with pytest.raises(Invalid, match="beyond what is added up exactly") as refusal:
        simulate(request(deal, paths=2), RULES, id="x")
    assert [error.pointer for error in refusal.value.errors] == ["/deal"]
