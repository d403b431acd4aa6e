"""Sensitivities: points against a deal that says the same itself, break-evens against their targets."""

from functools import cache
from typing import Any

import msgspec
import pytest
from tests.conftest import EXAMPLES

from rackrate.analyses.sensitivity import RANGES, sensitivities
from rackrate.analyses.underwriting import underwrite
from rackrate.deal import rulesets
from rackrate.deal.codec.decode import decode
from rackrate.deal.errors import Invalid
from rackrate.deal.requests.sensitivity import MOVABLE, Sensitivities, SensitivityRequest
from rackrate.deal.requests.underwriting import Deal

RULESET = rulesets.newest()


@cache
def document(name: str) -> dict[str, Any]:
    """A shipped deal as JSON gives it."""
    read: dict[str, Any] = msgspec.json.decode((EXAMPLES / f"{name}.json").read_bytes())
    return read


def ask(name: str = "powered-shell-leasehold", **parts: Any) -> Sensitivities:
    """Sensitivities of a shipped deal."""
    body = msgspec.json.encode({"deal": document(name), **parts})
    return sensitivities(decode(body, SensitivityRequest), RULESET, id="x")


def adjusted(name: str, **values: float) -> Deal:
    """A shipped deal whose own cases say what a point says, the issuer's aside."""
    told = {**document(name), "cases": [{**case, **values} for case in document(name)["cases"]]}
    return decode(msgspec.json.encode(told), Deal)


def test_a_resized_point_is_the_deal_with_that_case() -> None:
    """The sizing case alone decides the loan, so a resized point is what the deal itself would answer."""
    swing = {"adjustment": "vacancy_floor", "low": 0.02, "high": 0.12}
    bar = ask(resize=True, tornado=[swing]).tornado[0]
    for end, value in ((bar.low, 0.02), (bar.high, 0.12)):
        answer = underwrite(adjusted("powered-shell-leasehold", vacancy_floor=value), RULESET, id="x").summary
        assert end.principal == pytest.approx(answer.principal, rel=1e-12)
        assert end.dscr_closing == pytest.approx(answer.dscr.closing, rel=1e-12)
        assert end.ltv == pytest.approx(answer.ltv, rel=1e-12)


def test_a_held_point_keeps_the_principal_and_moves_the_cover() -> None:
    answer = ask(tornado=[{"adjustment": "rent_haircut", "low": 0.0, "high": 0.2}])
    bar = answer.tornado[0]
    assert bar.low == msgspec.structs.replace(bar.low, principal=answer.base.principal)
    assert bar.low.dscr_closing == answer.base.dscr_closing
    assert bar.high.principal == answer.base.principal
    assert bar.high.dscr_closing is not None
    assert answer.base.dscr_closing is not None
    assert bar.high.dscr_closing < answer.base.dscr_closing


def test_a_grid_has_a_row_for_each_y_and_its_edge_is_the_tornado() -> None:
    axis = {"adjustment": "opex_factor", "values": [1.0, 1.5, 2.0]}
    rate = {"adjustment": "rate_add", "values": [0.0, 0.01]}
    answer = ask(
        tornado=[{"adjustment": "opex_factor", "low": 1.5, "high": 2.0}],
        grids=[{"x": axis, "y": rate, "measure": "dscr_minimum"}],
    )
    values = answer.grids[0].values
    assert [len(row) for row in values] == [3, 3]
    assert values[0][1:] == [answer.tornado[0].low.dscr_minimum, answer.tornado[0].high.dscr_minimum]
    assert values[1][0] is not None
    assert values[0][0] is not None
    assert values[1][0] < values[0][0]


@pytest.mark.parametrize("adjustment", ["rent_haircut", "rate_add", "ncf_haircut"])
def test_a_break_even_of_cover_is_where_cover_is_what_was_asked(adjustment: str) -> None:
    solved = ask(break_evens=[{"adjustment": adjustment, "target": {"dscr_minimum": 1.0}}]).break_evens[0]
    assert solved.status == "solved"
    assert solved.value is not None
    at = ask(tornado=[{"adjustment": adjustment, "low": solved.value, "high": solved.value}]).tornado[0].low
    assert at.dscr_minimum == pytest.approx(1.0, abs=1e-6)


def test_a_first_loss_by_haircut_is_the_classes_own_break_even() -> None:
    deal = decode(msgspec.json.encode(document("pool-of-three")), Deal)
    own = {tranche.name: tranche.break_even_haircut for tranche in underwrite(deal, RULESET, id="x").tranches}
    sought = [{"adjustment": "ncf_haircut", "target": {"first_loss": name}} for name in own]
    solved = ask("pool-of-three", break_evens=sought).break_evens
    assert [found.value for found in solved] == list(own.values())


def test_a_trigger_that_trips_unadjusted_is_reached_at_once() -> None:
    found = ask("pool-of-three", break_evens=[{"adjustment": "rent_haircut", "target": {"trigger": "trap"}}])
    assert (found.break_evens[0].status, found.break_evens[0].value) == ("at_once", None)


def test_every_bad_field_is_named() -> None:
    bad = {
        "tornado": [
            {"adjustment": "wind", "low": 0, "high": 1},
            {"adjustment": "vacancy_floor", "low": -1, "high": 2},
        ],
        "grids": [
            {
                "x": {"adjustment": "cap_rate", "values": [0.0]},
                "y": {"adjustment": "cap_rate", "values": [0.08]},
                "measure": "loss:Z",
            }
        ],
        "break_evens": [
            {"adjustment": "rent_haircut", "target": {}},
            {"adjustment": "rent_haircut", "target": {"first_loss": "Z"}},
        ],
    }
    with pytest.raises(Invalid) as refusal:
        ask(**bad)
    assert {error.pointer for error in refusal.value.errors} == {
        "/tornado/0/adjustment",
        "/tornado/1/low",
        "/tornado/1/high",
        "/grids/0/x/values/0",
        "/grids/0/y/adjustment",
        "/grids/0/measure",
        "/break_evens/0/target",
        "/break_evens/1/target/first_loss",
    }


def test_every_adjustment_that_is_a_number_has_a_range_to_search() -> None:
    assert set(RANGES) == set(MOVABLE)
