"""Every pool answers as an independent implementation of the model does, part by part."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.golden.agreement import CASES, SHARED_CASES, differences

from rackrate.analyses.registry import UNDERWRITE_POOL_WITH_TRANCHES, ruleset_of
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.pool import Pool

FOUND = {path.stem: path for path in sorted((SHARED_CASES / "pools").glob("*.json"))}
FOUND |= {path.stem: path for path in sorted((CASES / "pools").glob("*.json"))}
IDENTITY = {"id", "engine", "ruleset", "pool_ruleset"}
SOLVED_TO = 2e-8  # absolute: break-evens are solved to 1e-8


def answered(path: Path) -> dict[str, Any]:
    request = decode(path.read_bytes(), Pool)
    answer = UNDERWRITE_POOL_WITH_TRANCHES.compute(request, ruleset_of(request), path.stem)
    told: dict[str, Any] = json.loads(msgspec.json.encode(answer))
    return told


def solved(x: Any, at: str = "") -> dict[str, Any]:
    """Every solved figure by its place, taken out of the document."""
    found: dict[str, Any] = {}
    for key, item in list(x.items()) if isinstance(x, dict) else enumerate(x) if isinstance(x, list) else ():
        place = f"{at}/{key}"
        if "break_even" in place and not isinstance(item, dict | list):
            found[place] = item
            x[key] = 0.0
        found |= solved(item, place)
    return found


@pytest.mark.parametrize("name", FOUND)
def test_a_pool_agrees_with_an_independent_implementation(name: str) -> None:
    expected = json.loads((FOUND[name].parent / "expected" / FOUND[name].name).read_bytes())
    answer = answered(FOUND[name])
    wanted = {part: expected[part] for part in expected if part not in IDENTITY}
    given = {part: answer.get(part) for part in wanted}
    want_solved, got_solved = solved(wanted), solved(given)
    for place, want in want_solved.items():
        got = got_solved[place]
        assert got == want if isinstance(want, str) or want is None else abs(got - want) <= SOLVED_TO, place
    for part, figures in wanted.items():
        assert differences(part, figures, given[part]) == []
