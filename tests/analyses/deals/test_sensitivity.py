"""Sensitivities: points against a deal that says the same itself, break-evens against their targets."""

import json
from functools import cache
from typing import Any

import msgspec
import pytest
from tests.builders.any_deal import any_deal
from tests.conftest import EXAMPLES

from rackrate.analyses.deals.break_evens import RANGES, RELIEFS
from rackrate.analyses.deals.sensitivity import sensitivities
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal import rulesets
from rackrate.deal.codec.decode import decode
from rackrate.deal.errors import CannotFinance, Invalid, Refusal, Unsupported
from rackrate.deal.requests.sensitivity import MOVABLE, Sensitivities, SensitivityRequest, SolvedBreakEven
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.sizing_tests import limits_of

RULESET = rulesets.newest()
DOCUMENTS = [msgspec.json.decode(path.read_bytes()) for path in sorted(EXAMPLES.glob("*.json"))]


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


def floating_on_cover(base_rate: float) -> dict[str, Any]:
    """A shipped deal whose loan floats, is repaid at maturity, and is limited by its cover alone."""
    told = dict(document("powered-shell-leasehold"))
    told["market"] = {**told["market"], "base_rate": base_rate}
    told["debt"] = {**told["debt"], "rate": {"margin": 0.0}, "amortisation": {"kind": "interest_only"}}
    told["debt"]["interest_only_months"] = told["debt"]["term_months"]
    cover = {"kind": "min_dscr", "limit": 1.3, "service": "actual"}
    told["sizing"] = {**told["sizing"], "tests": [cover]}
    return told


def test_a_resized_point_that_no_test_limits_is_null_and_the_others_are_answered() -> None:
    """At a rate of nothing the loan costs nothing, and its cover limits nothing."""
    body = {
        "deal": floating_on_cover(0.04),
        "resize": True,
        "tornado": [{"adjustment": "rate_add", "low": -0.05, "high": 0.01}],
        "grids": [
            {
                "x": {"adjustment": "rate_add", "values": [-0.05, 0.0]},
                "y": {"adjustment": "opex_factor", "values": [1.0]},
                "measure": "principal",
            }
        ],
    }
    answer = sensitivities(decode(msgspec.json.encode(body), SensitivityRequest), RULESET, id="x")
    low, high = answer.tornado[0].low, answer.tornado[0].high
    assert (low.principal, low.dscr_closing, low.dscr_minimum, low.ltv) == (None, None, None, None)
    assert high.principal is not None
    assert answer.base.principal is not None
    assert high.principal == pytest.approx(answer.base.principal * 0.04 / 0.05, rel=1e-2)
    assert answer.grids[0].values == [[None, answer.base.principal]]
    free = {"deal": floating_on_cover(0.0), "resize": True, "tornado": body["tornado"]}
    with pytest.raises(Unsupported, match="no test limits the principal"):  # the deal itself is refused
        sensitivities(decode(msgspec.json.encode(free), SensitivityRequest), RULESET, id="x")


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


def test_every_relief_goes_the_other_way_from_neutral() -> None:
    """Stress and relief lie on either side of neutral: no search for a larger loan goes towards stress."""
    for name, relief in RELIEFS.items():
        neutral, stress = RANGES[name]
        assert (stress - neutral) * (relief - neutral) < 0.0, name


def larger(name: str, *adjustments: str, multiple: float = 1.05) -> dict[str, SolvedBreakEven]:
    """What would make the loan of a shipped deal a multiple of itself, by adjustment."""
    sought = [{"adjustment": moved, "target": {"principal": multiple}} for moved in adjustments]
    solved = ask(name, resize=True, break_evens=sought).break_evens
    return {found.adjustment: found for found in solved}


def test_five_percent_more_takes_a_loan_to_value_five_percent_higher() -> None:
    """The loan is 0.65 of a value, and 1.05 * 0.65 = 0.6825; every other test allows that already."""
    found = larger("powered-shell-leasehold", "limit:max_ltv", "limit:min_dscr", "limit:min_dscr#2")
    assert found["limit:max_ltv"].value == pytest.approx(0.6825, abs=1e-8)
    assert [found[name].status for name in ("limit:min_dscr", "limit:min_dscr#2")] == ["at_once"] * 2


def test_a_limit_is_solved_for_its_own_test_where_several_hold_the_loan() -> None:
    """Debt yield and cover stand together: 0.0826/1.05 = 0.0786667, and cover has slack of 0.08 percent.

    What each allows at its solved limit is 1.05 times the loan, as the deal with that limit says.
    """
    name, multiple = "hyperscale-single-tenant", 1.05
    deal = decode(msgspec.json.encode(document(name)), Deal)
    principal = underwrite(deal, RULESET, id="x").summary.principal
    found = larger(name, *limits_of(deal.sizing.tests))
    assert found["limit:min_debt_yield"].value == pytest.approx(0.0826 / 1.05, abs=1e-8)
    for label, (i, field) in limits_of(deal.sizing.tests).items():
        if found[label].status != "solved":
            continue
        told = json.loads(json.dumps(document(name)))
        told["sizing"]["tests"][i][field] = found[label].value
        for leg in {"dscr", "ltv"} - {field} if told["sizing"]["tests"][i]["kind"] == "refinance" else ():
            del told["sizing"]["tests"][i][leg]
        moved = underwrite(decode(msgspec.json.encode(told), Deal), RULESET, id="x").sizing.tests[i]
        assert moved.max_principal == pytest.approx(multiple * principal, rel=1e-6), label


def test_the_rent_that_makes_a_loan_five_percent_larger_does() -> None:
    found = larger("uk-two-hyperscalers", "rent_haircut")["rent_haircut"]
    assert found.status == "solved"
    assert found.value is not None
    assert found.value < 0.0
    swing = {"adjustment": "rent_haircut", "low": found.value, "high": found.value}
    told = ask("uk-two-hyperscalers", resize=True, tornado=[swing])
    assert told.base.principal is not None
    assert told.tornado[0].low.principal == pytest.approx(1.05 * told.base.principal, rel=1e-6)


def test_a_smaller_loan_is_sought_towards_stress() -> None:
    found = larger("hyperscale-single-tenant", "rate_add", "limit:min_debt_yield", multiple=0.95)
    assert found["limit:min_debt_yield"].value == pytest.approx(0.0826 / 0.95, abs=1e-8)
    assert found["rate_add"].value is not None
    assert found["rate_add"].value > 0.0


def test_a_loan_that_cannot_grow_is_told_what_holds_it() -> None:
    """No rate moves a debt yield; no rent moves a loan to cost."""
    found = larger("hyperscale-single-tenant", "rate_add", "rent_haircut")
    assert [(told.status, told.held_by) for told in found.values()] == [
        ("never", "min_debt_yield"),
        ("never", "max_ltc"),
    ]


def test_a_limit_moves_a_tornado_and_a_grid_as_a_deal_with_that_limit_does() -> None:
    axes = {
        "x": {"adjustment": "limit:max_ltv", "values": [0.5, 0.6]},
        "y": {"adjustment": "rent_haircut", "values": [0.0]},
    }
    swing = {"adjustment": "limit:max_ltv", "low": 0.5, "high": 0.6}
    told = ask(resize=True, tornado=[swing], grids=[axes | {"measure": "principal"}])
    deal = json.loads(json.dumps(document("powered-shell-leasehold")))
    deal["sizing"]["tests"][0]["limit"] = 0.5
    answer = underwrite(decode(json.dumps(deal).encode(), Deal), RULESET, id="x").summary
    assert told.tornado[0].low.principal == answer.principal
    assert told.grids[0].values[0][0] == pytest.approx(answer.principal, rel=1e-12)


@pytest.mark.parametrize("name", ["powered-shell-leasehold", "gpu-compute-loan"])
def test_a_tenant_out_is_the_deal_whose_cases_say_it_defaults_at_closing(name: str) -> None:
    """Sized anew and paid in its own case: cover, triggers and losses of the deal with that default in it."""
    deal = json.loads(json.dumps(document(name)))
    deal["structure"]["case"] = deal["sizing"]["case"]
    body = msgspec.json.encode({"deal": deal, "tenants_out": True, "resize": True})
    told = sensitivities(decode(body, SensitivityRequest), RULESET, id="x")
    for out in told.tenants_out:
        gone = {"tenant_defaults": [{"tenant": out.tenant, "month": 0}]}
        moved = deal | {"cases": [case | gone for case in deal["cases"]]}
        try:
            answer = underwrite(decode(json.dumps(moved).encode(), Deal), RULESET, id="x")
        except CannotFinance:
            assert (out.principal, out.triggers, out.classes) == (None, None, [])
            continue
        assert answer.waterfall is not None
        assert out.principal == pytest.approx(answer.summary.principal, rel=1e-12)
        assert out.dscr_minimum == pytest.approx(answer.summary.dscr.minimum, rel=1e-12)
        assert out.triggers == answer.waterfall.triggers
        assert [note.first_shortfall for note in out.classes] == [
            note.first_shortfall for note in answer.waterfall.classes
        ]
        assert [note.loss for note in out.classes] == pytest.approx(
            [note.principal_loss + note.interest_unpaid[-1] for note in answer.waterfall.classes], rel=1e-9
        )


def test_a_tenant_out_of_a_held_deal_keeps_the_loan_and_loses_its_cover() -> None:
    told = ask("gpu-compute-loan", tenants_out=True)
    assert [out.tenant for out in told.tenants_out] == ["lab", "startup"]
    for out in told.tenants_out:
        assert out.principal == told.base.principal
        assert out.dscr_closing is not None
        assert told.base.dscr_closing is not None
        assert out.dscr_closing < told.base.dscr_closing
    assert told.tenants_out[0].classes[0].loss > 0.0
    assert ask("gpu-compute-loan").tenants_out == []


def test_a_default_that_a_case_has_of_its_own_stays() -> None:
    """With the startup gone in the case already, the lab out leaves nobody: what it leaves is less."""
    deal = json.loads(json.dumps(document("gpu-compute-loan")))
    for case in deal["cases"]:
        case["tenant_defaults"] = [{"tenant": "startup", "month": 24}]

    def least(asked: dict[str, Any]) -> float:
        body = msgspec.json.encode({"deal": asked, "tenants_out": True})
        out = sensitivities(decode(body, SensitivityRequest), RULESET, id="x").tenants_out[0]
        assert out.tenant == "lab"
        return out.classes[0].loss / float(out.principal or 1.0)

    assert least(deal) > least(document("gpu-compute-loan"))


def test_what_sizes_a_loan_that_is_held_is_refused() -> None:
    limit = {"adjustment": "limit:max_ltv", "target": {"dscr_minimum": 1.0}}
    grown = {"adjustment": "rate_add", "target": {"principal": 1.05}}
    with pytest.raises(Invalid) as refusal:
        ask(break_evens=[limit, grown], tornado=[{"adjustment": "limit:max_ltv", "low": 0.5, "high": 0.6}])
    assert [error.pointer for error in refusal.value.errors] == [
        "/tornado/0/adjustment",
        "/break_evens/0/adjustment",
        "/break_evens/1/target/principal",
    ]


def test_a_limit_no_test_could_have_and_the_principal_there_is_are_refused() -> None:
    same = {"adjustment": "limit:max_ltv", "target": {"principal": 1.0}}
    swings = [
        {"adjustment": "limit:max_ltv", "low": 0.0, "high": 0.6},
        {"adjustment": "limit:max_ltc", "low": 0.5, "high": 0.6},
    ]
    with pytest.raises(Invalid) as refusal:
        ask(break_evens=[same], tornado=swings, resize=True)
    assert [error.pointer for error in refusal.value.errors] == [
        "/tornado/0/low",
        "/tornado/1/adjustment",
        "/break_evens/0/target/principal",
    ]
    assert "ltv:refinance" in refusal.value.errors[1].message


@pytest.mark.parametrize("seed", range(12))
def test_of_any_deal_a_larger_loan_that_is_solved_is_that_large(seed: int) -> None:
    """Just past what was solved the loan, or what the limit's own test allows, is the multiple or more."""
    try:
        deal = decode(msgspec.json.encode(any_deal(DOCUMENTS, seed)), Deal)
    except Invalid:
        return
    limits = limits_of(deal.sizing.tests)
    sought = [{"adjustment": name, "target": {"principal": 1.1}} for name in (*limits, "rent_haircut")]
    body = msgspec.json.encode({"deal": deal, "resize": True, "break_evens": sought})
    try:
        solved = sensitivities(decode(body, SensitivityRequest), RULESET, id="x")
    except Refusal:
        return
    base = solved.base.principal
    assert base is not None
    for found in solved.break_evens[:-1]:
        i, field = limits[found.adjustment]
        own = getattr(deal.sizing.tests[i], field)
        assert (found.value is None) == (found.status == "at_once")
        assert found.value is None or found.value != own
    rent = solved.break_evens[-1]
    if rent.status != "solved" or rent.value is None:
        return
    swing = {"adjustment": "rent_haircut", "low": rent.value - 1e-7, "high": rent.value + 1e-7}
    body = msgspec.json.encode({"deal": deal, "resize": True, "tornado": [swing]})
    bar = sensitivities(decode(body, SensitivityRequest), RULESET, id="x").tornado[0]
    assert bar.low.principal is not None
    assert bar.low.principal >= 1.1 * base * (1 - 1e-9)


@pytest.mark.parametrize("name", ["pool-of-three", "hyperscale-single-tenant"])
def test_a_stress_is_the_point_of_a_tornado_and_the_loss_of_a_grid(name: str) -> None:
    """Of a haircut of net cash flow, whose losses grids have too."""
    stresses = [
        {"name": stress.name, "adjustment": stress.adjustment, "value": stress.value}
        for stress in RULESET.stresses
    ]
    tornado = [
        {"adjustment": each["adjustment"], "low": each["value"], "high": each["value"]} for each in stresses
    ]
    classes = [note["name"] for note in document(name)["structure"]["classes"]]
    grids = [
        {
            "x": {"adjustment": "ncf_haircut", "values": [0.4]},
            "y": {"adjustment": "opex_factor", "values": [1.0]},
            "measure": f"loss:{of}",
        }
        for of in classes
    ]
    told = ask(name, stresses=stresses, tornado=tornado, grids=grids)
    assert [stress.name for stress in told.stresses] == [stress.name for stress in RULESET.stresses]
    for stress, bar in zip(told.stresses, told.tornado, strict=True):
        assert (stress.dscr_closing, stress.dscr_minimum, stress.ltv, stress.principal) == (
            bar.low.dscr_closing,
            bar.low.dscr_minimum,
            bar.low.ltv,
            bar.low.principal,
        )
        assert [note.name for note in stress.classes] == classes
    hardest = told.stresses[-1]
    assert (hardest.adjustment, hardest.value) == ("ncf_haircut", 0.4)
    assert [note.loss for note in hardest.classes] == pytest.approx(
        [grid.values[0][0] for grid in told.grids]
    )
    assert ask(name).stresses == []


def test_a_stress_that_a_case_could_not_have_is_refused_at_its_place() -> None:
    with pytest.raises(Invalid) as refusal:
        ask(
            stresses=[
                {"name": "a", "adjustment": "rent_haircut", "value": 1.5},
                {"name": "b", "adjustment": "rent", "value": 0.1},
            ]
        )
    assert [fault.pointer for fault in refusal.value.errors] == [
        "/stresses/0/value",
        "/stresses/1/adjustment",
    ]
