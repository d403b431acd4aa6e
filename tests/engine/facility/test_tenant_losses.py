"""Losses of tenant defaults: the exact distribution, its exceedance, tranches of the golden case."""

from itertools import product
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.builders.random_deals import numbers

from rackrate.engine.facility.tenant_losses import exceedance, losses
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
TRANCHES = {
    (0.00, 0.05): (0.080500, 0.080500),
    (0.05, 0.15): (0.050096, 0.080500),
    (0.15, 0.30): (0.005158, 0.007173),
    (0.30, 1.00): (0.000117, 0.001129),
}


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
