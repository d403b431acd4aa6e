"""Comparisons: one loan through several priorities of payments."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import EXAMPLES

from rackrate.analyses.deals.comparison import compare
from rackrate.analyses.deals.differences import differences
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal import rulesets
from rackrate.deal.codec.decode import decode
from rackrate.deal.errors import CannotFinance, Invalid
from rackrate.deal.requests.comparison import Comparison, ComparisonRequest, Difference, Differences
from rackrate.deal.requests.underwriting import Deal

Plain = Any
RULESET = rulesets.newest()
POOL = msgspec.json.decode((EXAMPLES / "pool-of-three.json").read_bytes())


def test_a_deal_compared_in_its_own_template_is_the_deal() -> None:
    request = decode(
        msgspec.json.encode({"deal": POOL, "templates": ["abs_master_trust"]}), ComparisonRequest
    )
    answer = compare(request, RULESET, id="x")
    own = underwrite(decode(msgspec.json.encode(POOL), Deal), RULESET, id="x")
    assert answer.summary == own.summary
    assert answer.templates[0].tranches == own.tranches
    assert own.waterfall is not None
    assert answer.templates[0].sale == own.waterfall.sale
    assert answer.templates[0].triggers.trap == sum(own.waterfall.trapping)


def test_the_reserve_behind_principal_moves_cash_but_not_the_classes() -> None:
    request = decode(msgspec.json.encode({"deal": POOL}), ComparisonRequest)
    answer = compare(request, RULESET, id="x")
    trust, cmbs = answer.templates[:2]
    assert [shell.template for shell in answer.templates] == [
        "abs_master_trust",
        "cmbs_single_asset",
        "compute_term_loan",
        "project_finance",
    ]
    assert [tranche.principal for tranche in trust.tranches] == [
        tranche.principal for tranche in cmbs.tranches
    ]
    assert cmbs.equity != trust.equity


def beside(against: Plain, **parts: Plain) -> Comparison:
    body = msgspec.json.encode({"deal": POOL, "templates": [], "against": against, **parts})
    return compare(decode(body, ComparisonRequest), RULESET, id="x")


def differing(found: list[Difference]) -> dict[str, tuple[object, object]]:
    return {told.path: (told.deal, told.against) for told in found}


def test_a_deal_beside_itself_differs_in_nothing() -> None:
    told = beside({**POOL, "structure": {**POOL["structure"], "period_months": 1}})
    assert told.differences == Differences(terms=[], figures=[])
    assert told.templates == []
    assert told.summary == underwrite(decode(msgspec.json.encode(POOL), Deal), RULESET, id="x").summary


def test_two_deals_differ_where_they_were_changed_and_in_what_that_moves() -> None:
    """The refinance test binds at its loan to value: 0.7 to 0.6 takes the loan to 6/7 of itself."""
    other = msgspec.json.decode(msgspec.json.encode(POOL))
    other["sizing"]["tests"][-1]["ltv"] = 0.6
    told = beside(other).differences
    assert told is not None
    assert differing(told.terms) == {"sizing/tests/refinance/ltv": (0.7, 0.6)}
    figures = differing(told.figures)
    own, moved = figures["summary/principal"]
    assert moved == pytest.approx(own * 6 / 7, rel=1e-9)  # type: ignore[operator]
    mine = underwrite(decode(msgspec.json.encode(POOL), Deal), RULESET, id="x")
    assert figures["sizing/tests/refinance/limit"] == (0.7, 0.6)
    assert figures["tranches/C/principal"][0] == mine.tranches[2].principal
    assert "summary/value" not in figures
    assert not [path for path in figures if path.startswith(("cash_flow", "credit"))]


def test_two_structures_differ_in_the_class_that_only_one_has() -> None:
    classes = POOL["structure"]["classes"]
    told = beside({**POOL, "structure": {**POOL["structure"], "classes": classes[:2]}}).differences
    assert told is not None
    assert {path.split("/")[2] for path in differing(told.terms)} == {"C"}
    assert all(told.against is None for told in told.terms)
    assert differing(told.figures)["tranches/C/coupon"] == (classes[2]["coupon"], None)


def test_an_object_beside_a_number_is_told_with_both() -> None:
    floating = {**POOL, "debt": {**POOL["debt"], "rate": {"margin": 0.03}}}
    fixed = {**POOL, "debt": {**POOL["debt"], "rate": 0.06}}
    body = msgspec.json.encode({"deal": floating, "templates": [], "against": fixed})
    told = compare(decode(body, ComparisonRequest), RULESET, id="x").differences
    assert told is not None
    assert {path: pair for path, pair in differing(told.terms).items() if path.startswith("debt/")} == {
        "debt/rate": ('{"margin":0.03,"floor":null,"cap":null}', 0.06)
    }


PLAIN = st.recursive(
    st.none() | st.integers(0, 3) | st.text("ab", min_size=1, max_size=2),
    lambda part: (
        st.dictionaries(st.sampled_from(["id", "kw", "x"]), part, max_size=3)
        | st.lists(st.dictionaries(st.sampled_from(["id", "kw"]), part, max_size=2), max_size=3)
    ),
    max_leaves=8,
)


@given(PLAIN, PLAIN)
def test_what_differs_is_told_at_a_place_of_its_own(mine: Plain, other: Plain) -> None:
    """No part of a path is empty, no path is told twice, and a scalar is there beside whatever it faces."""
    found = list(differences({"at": mine}, {"at": other}, series=True))
    assert len({told.path for told in found}) == len(found)
    assert all(part for told in found for part in told.path.split("/"))
    if mine != other and isinstance(mine, int | str):
        assert [told.deal for told in found if told.path == "at"] == [mine]
    if mine != other and isinstance(other, int | str):
        assert [told.against for told in found if told.path == "at"] == [other]


def test_curves_are_told_whole_and_series_are_left_out() -> None:
    curve = [["2026-01-01", 50.0], ["2030-01-01", 60.0]]
    told = beside({**POOL, "market": {**POOL["market"], "power_index": curve}}).differences
    assert told is not None
    assert differing(told.terms)["market/power_index"][1] == '[["2026-01-01",50.0],["2030-01-01",60.0]]'
    assert not [told for told in told.figures if isinstance(told.deal, str) and told.deal.startswith("[")]


def test_a_comparison_of_nothing_and_a_fault_of_the_other_deal_are_refused_where_they_are() -> None:
    with pytest.raises(Invalid) as refusal:
        decode(msgspec.json.encode({"deal": POOL, "templates": []}), ComparisonRequest)
    assert [error.pointer for error in refusal.value.errors] == ["/templates"]
    broken = {**POOL, "currency": "EUX"}
    with pytest.raises(Invalid) as refusal:
        beside(broken)
    assert [error.pointer for error in refusal.value.errors] == ["/against/currency"]
    other = msgspec.json.decode(msgspec.json.encode(POOL))
    other["market"]["power_index"] = 1e6
    other["sizing"]["tests"] = [{"kind": "sculpted", "limit": 1000.0, "case": "ai-winter"}]
    for facility in other["facilities"]:
        facility["operating_costs"] = [{"name": "everything", "annual": 1e12}]
    with pytest.raises(CannotFinance) as unfinanced:
        beside(other)
    assert unfinanced.value.errors[0].pointer.startswith("/against/sizing/tests/0")


def test_a_comparison_without_a_structure_or_with_a_template_twice_is_refused() -> None:
    bare = {**POOL, "structure": None}
    body = {"deal": bare, "templates": ["project_finance", "project_finance"]}
    with pytest.raises(Invalid) as refusal:
        decode(msgspec.json.encode(body), ComparisonRequest)
    assert [error.pointer for error in refusal.value.errors] == ["/templates/1", "/deal/structure"]
