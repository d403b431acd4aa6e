"""Certificates of pools of every shape: what comes in goes out, whatever the steps are."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders.heavy_pools import heavy_pool

from rackrate.analyses.registry import pool_ruleset_of, ruleset_of
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.pool import Pool
from rackrate.engine.certificates.runs import PoolRuns


def assert_adds_up(seed: int) -> None:
    request = decode(json.dumps(heavy_pool(seed)).encode(), Pool)
    runs = PoolRuns(request, ruleset_of(request), pool_ruleset_of(request))
    for name in runs.scenarios:
        trust = runs.run(name).trust
        assert trust is not None
        assert np.isfinite(trust.classes).all()
        assert trust.line("residual").min() >= 0.0


@given(st.integers(0, 100_000))
def test_a_pool_of_any_shape_adds_up_in_every_scenario(seed: int) -> None:
    assert_adds_up(seed)


@pytest.mark.parametrize("seed", [7, 33, 38, 55])
def test_cash_that_is_all_paid_pro_rata_leaves_nothing_not_less(seed: int) -> None:
    """Parts of an amount add up to an ulp more than it: interest asked for next was divided by nothing."""
    assert_adds_up(seed)
