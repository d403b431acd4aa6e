"""A simulated pool: groups default as the exact distribution says, and no figure depends on the threads."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from rackrate.analyses.pools.simulation import simulate_pool
from rackrate.analyses.registry import pool_ruleset_of, ruleset_of
from rackrate.deal.codec.decode import decode
from rackrate.deal.errors import Invalid
from rackrate.deal.requests.pool_simulation import PoolSimulation, PoolSimulationRequest
from rackrate.deal.requests.simulation import SimulationRequest
from rackrate.engine.certificates import paths as simulated
from rackrate.engine.certificates.runs import PoolRuns

CONDUIT = Path(__file__).parents[3] / "service/rackrate/deal/examples/pools/conduit-twelve-loans.json"


def asked(paths: int = 400, **changes: Any) -> PoolSimulationRequest:
    body = {"pool": json.loads(CONDUIT.read_bytes()), "paths": paths, "seed": 7, **changes}
    request = decode(json.dumps(body).encode(), SimulationRequest)  # the kind is told by what the body has
    assert isinstance(request, PoolSimulationRequest)
    return request


def answered(request: PoolSimulationRequest, threads: int = 1) -> PoolSimulation:
    pool = request.pool
    return simulate_pool(request, ruleset_of(request), pool_ruleset_of(pool), id="x", threads=threads)


def test_losses_of_a_year_are_those_of_the_exact_distribution_over_groups() -> None:
    request = asked()
    runs = PoolRuns(request.pool, ruleset_of(request), pool_ruleset_of(request.pool))
    exact, lgd = runs.concentration.losses, runs.defaults.concentration.lgd
    terms = simulated.path_terms(runs, runs.reported, runs.ruleset.credit.asset_correlation, 11)
    pairs = 60_000
    months = np.empty((pairs, 2, len(terms.pd)), dtype=np.int64)
    simulated.kernel.default_months(terms.pd, terms.correlation, terms.seed, 0, 12, months)
    share = np.array([group.share for group in runs.concentration.groups])
    lost = np.where(months >= 0, share * lgd, 0.0).sum(axis=2)
    error = lost.mean(axis=1).std() / pairs**0.5
    assert abs(lost.mean() - exact.expected) < 4.0 * error
    # between any two losses of the exact distribution there is nothing: compare the tails there
    tails = np.cumsum(exact.probability[::-1])[::-1].tolist()
    for (below, above), tail in zip(pairwise(exact.loss), tails[1:], strict=True):
        beyond = (lost > (below + above) / 2.0).mean(axis=1)
        assert abs(beyond.mean() - tail) < 4.0 * beyond.std() / pairs**0.5 + 1e-5


def test_a_simulation_is_the_same_whatever_the_threads_and_the_chunks(monkeypatch: Any) -> None:
    request = asked(120)
    alone = msgspec.json.encode(answered(request))
    assert msgspec.json.encode(answered(request, threads=3)) == alone
    monkeypatch.setattr(simulated.run, "__defaults__", (None, 7))
    assert msgspec.json.encode(answered(request)) == alone


def test_without_defaults_every_path_is_the_scenario_itself() -> None:
    """Groups that cannot default leave the scenario without default rates: `contract` has none."""
    request = asked(4, scenario="contract")
    runs = PoolRuns(request.pool, ruleset_of(request), pool_ruleset_of(request.pool))
    terms = simulated.path_terms(runs, "contract", 0.2, 7)
    terms.pd[:] = 0.0
    drawn = simulated.run(terms, 2, threads=1)
    contract = runs.run("contract")
    assert contract.trust is not None
    assert (drawn.default_month == -1).all()
    assert drawn.collateral_loss.tolist() == [[float(contract.collateral.loss)] * 2] * 2
    assert (drawn.lost == contract.trust.losses[:, 0]).all()


def test_losses_by_class_add_up_to_no_more_than_the_loans_lose_and_fees_take() -> None:
    answer = answered(asked(200, scenario="base"))
    assert answer.scenario == "base"
    lost = [note.expected_loss.value for note in answer.classes]
    assert sum(lost) > 0.0
    assert lost == sorted(lost)  # the last class loses first
    assert answer.collateral.loss.mean.standard_error is not None
    assert all(0.0 < group.defaulted.value < 1.0 for group in answer.groups)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"paths": 3}, "/paths"),
        ({"scenario": "none such"}, "/scenario"),
        ({"asset_correlation": 1.5}, "/asset_correlation"),
    ],
)
def test_what_contradicts_itself_in_a_simulation_is_refused_by_pointer(
    changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        asked(**changes)
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_what_is_wrong_with_the_pool_is_found_in_it() -> None:
    pool = json.loads(CONDUIT.read_bytes())
    pool["loans"][0]["security"] = {"kind": "facilities", "ids": ["nowhere"]}
    with pytest.raises(Invalid) as refused:
        asked(pool=pool)
    assert {error.pointer for error in refused.value.errors} == {"/pool/loans/0/security/ids/0"}
