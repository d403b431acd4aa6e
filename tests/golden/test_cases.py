"""Every case answers as an independent implementation of the model does, part by part."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.golden.agreement import PARTS, SHARED_CASES, differences, documents, read

from rackrate.analyses.deals import standalone_sizing, standalone_waterfall
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal import rulesets
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.standalone_sizing import SizingRequest
from rackrate.deal.requests.standalone_waterfall import WaterfallRequest
from rackrate.deal.requests.underwriting import Deal

EXAMPLES = Path(__file__).parents[2] / "service/rackrate/deal/examples"
EXPECTED = documents("expected", "*.json")
OWN = documents("byo", "*.expected.json")
LATER_CODES = {"dates_moved", "trigger_trips", "ard_missed"}
SOLVED_TO = 1e-7  # relative: break-evens are solved to 1e-8 of cash flow


@cache
def expected(name: str) -> dict[str, Any]:
    """What a deal is expected to answer."""
    return read(EXPECTED[name])


@cache
def answered(name: str) -> Any:
    """What a deal answers, as JSON gives it."""
    shipped = EXAMPLES / name
    deal = decode((shipped if shipped.exists() else SHARED_CASES / name).read_bytes(), Deal)
    return msgspec.to_builtins(underwrite(deal, rulesets.load(deal.ruleset or ""), id=name))


@cache
def answered_own(name: str) -> Any:
    """What a request with a cash flow of its own answers, as JSON gives it."""
    path = OWN[name]
    body = path.with_name(path.name.replace(".expected.", ".request.")).read_bytes()
    if "sizing" in name:
        return msgspec.to_builtins(standalone_sizing.size(decode(body, SizingRequest), rulesets.newest()))
    return msgspec.to_builtins(standalone_waterfall.pay(decode(body, WaterfallRequest), rulesets.newest()))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", EXPECTED)
def test_a_deal_answers_as_expected(name: str, part: str) -> None:
    assert differences(part, expected(name)[part], answered(name).get(part)) == []


@pytest.mark.parametrize("name", EXPECTED)
def test_a_deal_warns_as_expected(name: str) -> None:
    """The expected files are of before dates and run were warned of: of those see the test below."""
    found = {(warning["code"], warning["pointer"]) for warning in answered(name)["warnings"]}
    wanted = {(warning["code"], warning["pointer"]) for warning in expected(name)["warnings"]}
    assert {key for key in found - wanted if key[0] not in LATER_CODES} == wanted - found == set()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_deal_is_warned_of_the_run_where_the_expected_one_shows_it(name: str) -> None:
    run, triggers = expected(name)["waterfall"], "/structure/triggers"
    told = {warning["pointer"] for warning in answered(name)["warnings"] if warning["code"] in LATER_CODES}
    assert (f"{triggers}/trap_below" in told) == any(run["trapping"])
    assert (f"{triggers}/pik_below" in told) == any(run["pik"])
    assert ("/structure/ard_months" in told) == (run["ard"] is not None and not run["ard"]["refinanced"])


@pytest.mark.parametrize("name", EXPECTED)
def test_break_evens_of_a_deal_that_are_expected_are_answered(name: str) -> None:
    def key(row: dict[str, Any]) -> str:
        return json.dumps([row["measure"], row["target"]], sort_keys=True)

    got = {key(row): row["value"] for row in answered(name)["break_evens"]}
    wanted = {key(row): row["value"] for row in expected(name)["break_evens"]}
    assert wanted
    assert differences("break_evens", wanted, got, SOLVED_TO) == []


@pytest.mark.parametrize("name", OWN)
def test_a_cash_flow_of_ones_own_answers_as_expected(name: str) -> None:
    for part, figures in read(OWN[name]).items():
        assert differences(part, figures, answered_own(name).get(part)) == []
