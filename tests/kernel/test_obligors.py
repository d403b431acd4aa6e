"""Obligors of a pool on seeded paths: the draws are those of tenants, the months those of the twin."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rackrate import kernel
from rackrate.kernel.reference.obligors import default_months as twin

PD = np.array([0.0, 0.005, 0.03, 0.5, 1.0])


def drawn(function, pairs=100, first=0, horizon=180, correlation=0.24, seed=7, pd=PD):
    months = np.full((pairs, 2, len(pd)), 7, dtype=np.int64)
    function(pd, correlation, seed, first, horizon, months)
    return months


@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**63 - 1),
    correlation=st.floats(0.0, 1.0),
    pairs=st.integers(1, 70),
    horizon=st.integers(1, 40),
)
def test_months_of_default_are_those_of_the_twin(seed, correlation, pairs, horizon):
    asked = {"pairs": pairs, "horizon": horizon, "correlation": correlation, "seed": seed}
    off = drawn(kernel.default_months, **asked) != drawn(twin, **asked)
    assert off.mean() < 1e-3  # a threshold solved to 1e-9 may part two months


def test_a_path_is_the_same_wherever_its_chunk_begins():
    whole = drawn(kernel.default_months, pairs=90)
    assert (drawn(kernel.default_months, pairs=50, first=40) == whole[40:]).all()


def test_who_cannot_default_never_does_and_who_must_does_at_once():
    months = drawn(kernel.default_months)
    assert (months[:, :, 0] == -1).all()
    assert (months[:, :, -1] == 0).all()


def test_one_in_so_many_defaults_in_a_year():
    """Of 40,000 pairs a PD of 3% is 1,200 a path, one standard error 0.085%."""
    months = drawn(kernel.default_months, pairs=40_000, horizon=12)
    defaulted = (months >= 0).mean(axis=1)
    error = defaulted.std(axis=0) / 40_000**0.5
    assert (abs(defaulted.mean(axis=0) - PD) <= 4.0 * error).all()
