"""Every deal of the shared cases answers as an independent implementation of the model does, part by part."""

import importlib.util
import json
from functools import cache
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from rackrate.deal import rulesets
from rackrate.deal.decoding import decode
from rackrate.deal.own_cash_flow import SizingRequest, WaterfallRequest
from rackrate.deal.underwriting import Deal
from rackrate.engine import own_sizing, own_waterfall
from rackrate.engine.underwrite import underwrite

CASES = Path(__file__).parents[3] / "shared" / "cases"
DEALS = (
    "colocation-multi-tenant",
    "gpu-compute-loan",
    "hyperscale-single-tenant",
    "pool-of-three",
    "powered-shell-leasehold",
    "uk-two-hyperscalers",
)
OWN = ("pub-sizing-level-quarterly-act360", "pub-waterfall-ard-turbo", "pub-waterfall-trap-release")
SOLVED_TO = 1e-7  # relative: break-evens are solved to 1e-8 of cash flow


@cache
def compare() -> ModuleType:
    """The comparison that ships with the cases."""
    spec = importlib.util.spec_from_file_location("compare", CASES / "compare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def expected(name: str) -> dict[str, Any]:
    """What a deal is expected to answer."""
    answer: dict[str, Any] = json.loads((CASES / "expected" / f"{name}.json").read_bytes())
    return answer


@cache
def answered(name: str) -> Any:
    """What a deal answers, as JSON gives it."""
    deal = decode((CASES / f"{name}.json").read_bytes(), Deal)
    return msgspec.to_builtins(underwrite(deal, rulesets.load(deal.ruleset or ""), id=name))


@cache
def answered_own(name: str) -> Any:
    """What a request with a cash flow of its own answers, as JSON gives it."""
    body = (CASES / "byo" / f"{name}.request.json").read_bytes()
    if "sizing" in name:
        return msgspec.to_builtins(own_sizing.size(decode(body, SizingRequest), rulesets.newest()))
    return msgspec.to_builtins(own_waterfall.pay(decode(body, WaterfallRequest), rulesets.newest()))


def differences(part: str, want: Any, got: Any, rel: float = 1e-9) -> list[tuple[str, Any, Any]]:
    """The first leaves of a part that are not as expected: pointer, wanted, got."""
    hold = compare()
    return list(islice(hold.differences(hold.keyed({part: want}), hold.keyed({part: got}), rel), 5))


@pytest.mark.parametrize("part", compare().PARTS)
@pytest.mark.parametrize("name", DEALS)
def test_a_shared_deal_answers_as_expected(name: str, part: str) -> None:
    assert differences(part, expected(name)[part], answered(name).get(part)) == []


@pytest.mark.parametrize("name", DEALS)
def test_a_shared_deal_warns_as_expected(name: str) -> None:
    found = {(warning["code"], warning["pointer"]) for warning in answered(name)["warnings"]}
    assert found == {(warning["code"], warning["pointer"]) for warning in expected(name)["warnings"]}


@pytest.mark.parametrize("name", DEALS)
def test_break_evens_of_a_shared_deal_that_are_expected_are_answered(name: str) -> None:
    def key(row: dict[str, Any]) -> str:
        return json.dumps([row["measure"], row["target"]], sort_keys=True)

    got = {key(row): row["value"] for row in answered(name)["break_evens"]}
    wanted = {key(row): row["value"] for row in expected(name)["break_evens"]}
    assert wanted
    assert differences("break_evens", wanted, got, SOLVED_TO) == []


@pytest.mark.parametrize("name", OWN)
def test_a_cash_flow_of_ones_own_answers_as_expected(name: str) -> None:
    want = json.loads((CASES / "byo" / f"{name}.expected.json").read_bytes())
    for part, figures in want.items():
        assert differences(part, figures, answered_own(name).get(part)) == []
