"""Uniform haircuts of a pool's properties: a run under one is that of a pool on poorer properties."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.property.test_ground_security import LENSES, on_ground

from rackrate.analyses.registry import pool_ruleset_of, ruleset_of
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.pool import Pool
from rackrate.engine.certificates.runs import PoolRuns
from rackrate.engine.pool.cashflow import run_collateral
from rackrate.engine.pool.haircuts import haircut_lines, run_haircuts
from rackrate.engine.pool.paths import ScenarioInputs, run_paths
from rackrate.engine.property.properties import Property

SHIPPED = Path(__file__).parents[3] / "service/rackrate/deal/examples/pools"
OF_LOANS = [path for path in sorted(SHIPPED.glob("*.json")) if "ground" not in path.name]


def runs_of(document: dict[str, Any]) -> PoolRuns:
    request = decode(json.dumps(document).encode(), Pool)
    return PoolRuns(request, ruleset_of(request), pool_ruleset_of(request))


def poorer(inputs: ScenarioInputs, haircut: float) -> ScenarioInputs:
    """The same loans on properties that bring and are worth less: no line, the figures themselves."""

    def cut(held: Property) -> Property:
        kept = None if held.kept is None else (1.0 - haircut) * held.kept
        return replace(held, flows=held.flows - haircut * np.maximum(held.flows, 0.0), kept=kept)

    security = inputs.security
    less = replace(
        security,
        ncf=security.ncf - haircut * security.positive,
        closing_ncf=security.closing_ncf - haircut * security.closing_positive,
        value=(1.0 - haircut) * security.value,
        special=tuple((x, cut(held)) for x, held in security.special),
    )
    return replace(inputs, security=less)


def assert_as_poorer(runs: PoolRuns, scenario: str, haircuts: list[float]) -> None:
    inputs = runs.run(scenario).inputs
    found = run_haircuts(haircut_lines(inputs), runs.call_share, np.array(haircuts))
    for s, haircut in enumerate(haircuts):
        wanted = run_collateral(run_paths(poorer(inputs, haircut)), runs.call_share)
        np.testing.assert_allclose(found.run(s).lines, wanted.lines, rtol=1e-9, atol=1e-5)
        np.testing.assert_allclose(found.run(s).outcome, wanted.outcome, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("path", OF_LOANS, ids=lambda path: path.stem)
@given(haircut=st.floats(0.0, 1.0), hazard=st.floats(0.0, 4.0), cdr=st.sampled_from([0.0, 0.04]))
def test_a_haircut_is_a_pool_of_poorer_properties(
    path: Path, haircut: float, hazard: float, cdr: float
) -> None:
    document = json.loads(path.read_bytes())
    scenarios = [each for each in document.get("scenarios", []) if each["name"] != "base"]
    base = {"name": "base", "hazard": hazard, "cdr": cdr, "extension_months": 12, "rate_add": 0.01}
    runs = runs_of(document | {"scenarios": [*scenarios, base]})
    for name in runs.scenarios:
        assert_as_poorer(runs, name, [0.0, haircut, 1.0])


@given(lens=st.sampled_from(LENSES), default=st.integers(0, 11), haircut=st.floats(0.0, 1.0))
def test_a_haircut_is_taken_of_a_ground_lease_to_its_end_and_of_its_receipt(
    lens: dict[str, Any], default: int, haircut: float
) -> None:
    document = on_ground(lens, default)
    document["scenarios"][0]["recovery"] |= {"cap_rate": 0.08}
    runs = runs_of(document)
    assert runs.run("stress").inputs.security.special
    assert_as_poorer(runs, "stress", [0.0, haircut, 1.0])


def test_a_quarter_off_the_value_is_a_quarter_off_what_a_sale_brings() -> None:
    """Sold at 50 million, the receipt of a lost lease: at 75% of it the loan of 60 loses 22.5 million."""
    runs = runs_of(on_ground(LENSES[0], 6))
    inputs = runs.run("stress").inputs
    found = run_haircuts(haircut_lines(inputs), runs.call_share, np.array([0.0, 0.25]))
    assert found.loss.tolist() == pytest.approx([1e7, 2.25e7])
