"""Warnings of limits, cases and the reported waterfall: there where the answer shows it, and nowhere else."""

import re
from collections import Counter

import msgspec
import pytest
from tests.analyses.cautions.test_inputs import at, structured
from tests.analyses.test_any_deal import DOCUMENTS
from tests.builders.any_deal import any_deal
from tests.builders.deals import RULESET, deal, facility, lease

from rackrate.analyses.cautions.limits import limit_cautions
from rackrate.analyses.cautions.waterfall import OF_THE_RUN
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal.codec.decode import decode
from rackrate.deal.errors import CannotFinance, Invalid, Unsupported
from rackrate.deal.requests.underwriting import Deal

DAY = re.compile(r"\d{4}-\d\d-\d\d")
BELOW = {"trap": "trapping", "amortise": "amortising", "pik": "pik"}
SEEDS = range(500, 620)
RUN_OFF = {
    "name": "run-off",
    "credit": True,
    "pd_multiplier": 20,
    "market_rent_haircut": 0.9,
    "renewal_factor": 0,
}


def warned(of, *codes):
    """Code, pointer and message of a deal's warnings of some kinds."""
    answer = underwrite(of, RULESET, id="x")
    for caution in answer.warnings:
        assert at(of, caution.pointer) is not None
    return [(one.code, one.pointer, one.message) for one in answer.warnings if one.code in codes]


def shown(structure, run):
    """Code, pointer and date of every event that the arrays of an answer show, found anew."""
    dates = run["date"]
    level = structure["triggers"]
    cover = run["dscr_actual" if level["service"] == "actual" else "dscr_assumed"]
    for name, flag in BELOW.items():
        if level[f"{name}_below"] is not None:
            below = [known is not None and known < level[f"{name}_below"] for known in [None, *cover]]
            trips = [t for t, on in enumerate(run[flag]) if on and below[t]]
            yield from (("trigger_trips", f"/structure/triggers/{name}_below", dates[t]) for t in trips[:1])
    first = [
        note["balance"][0] + note["principal_paid"][0] - note["capitalised"][0] for note in run["classes"]
    ]
    for k, note in enumerate(run["classes"]):
        if note["ltv_trigger"] is not None:
            yield "trigger_trips", f"/structure/classes/{k}/ltv_trigger", note["ltv_trigger"]
        short = [t for t, unpaid in enumerate(note["interest_unpaid"]) if unpaid > 1e-10 * sum(first)]
        yield from (("interest_missed", f"/structure/classes/{k}", dates[t]) for t in short[:1])
        if note["balance"][-1] > 1e-10 * sum(first):
            yield "principal_lost", f"/structure/classes/{k}", dates[-1]
    if run["ard"] is not None and not run["ard"]["refinanced"]:
        pointer = "/debt/term_months" if structure["ard_months"] is None else "/structure/ard_months"
        yield "ard_missed", pointer, dates[run["ard"]["month"] // structure["period_months"] - 1]


def test_the_run_is_warned_of_exactly_where_its_arrays_show_it():
    found = Counter()
    for seed in SEEDS:
        document = any_deal(DOCUMENTS, seed)
        if seed % 3 == 0 and document.get("structure"):
            document["cases"] = [*document.get("cases", []), RUN_OFF]
            document["structure"]["case"] = RUN_OFF["name"]
        try:
            of = decode(msgspec.json.encode(document), Deal)
            answer = msgspec.to_builtins(underwrite(of, RULESET, id="x"))
        except (CannotFinance, Invalid, Unsupported):
            continue
        told = {
            (one["code"], one["pointer"], DAY.search(one["message"])[0])
            for one in answer["warnings"]
            if one["code"] in OF_THE_RUN
        }
        run = answer["waterfall"]
        assert told == (set() if run is None else set(shown(msgspec.to_builtins(of.structure), run)))
        found.update(code for code, *_ in told)
    assert set(found) == set(OF_THE_RUN), found


def leaving(month):
    """A case in which the one tenant leaves, and the space is not let again for long."""
    gone = {"tenant_defaults": [{"tenant": "tenant", "month": month}], "downtime_add_months": 120}
    return [{"name": "gone", **gone}]


def test_a_deal_whose_tenant_leaves_is_told_what_becomes_of_its_class():
    """Cash of 1.2m a year pays 0.45m on 7.5m until month 24; nothing is left of value or income."""
    structure = structured(case="gone", triggers={"service": "actual", "cure_periods": 2, "trap_below": 1.2})
    of = deal(facility(lease(term_months=120)), cases=leaving(24), structure=structure)
    codes = [(code, pointer) for code, pointer, _ in warned(of, *OF_THE_RUN)]
    assert codes == [
        ("trigger_trips", "/structure/triggers/trap_below"),
        ("interest_missed", "/structure/classes/0"),
        ("principal_lost", "/structure/classes/0"),
        ("ard_missed", "/debt/term_months"),
    ]
    messages = [message for *_, message in warned(of, *OF_THE_RUN)]
    assert all("gone" in message for message in messages)
    assert "class A" in messages[1]
    assert warned(deal(facility(lease(term_months=180)), structure=structured()), *OF_THE_RUN) == []


@pytest.mark.parametrize(
    ("case", "warns"),
    [
        ({}, True),
        ({"vacancy_floor": 0.0, "opex_factor": 1.0, "rent_haircut": 0.0}, True),
        ({"market_rent_haircut": 0.5}, True),  # the lease outlasts the debt and a year
        ({"power_price_factor": 3.0}, True),  # the tenant buys its own
        ({"cap_rate": 0.09}, False),
        ({"rate_add": 0.01}, False),
        ({"rent_haircut": 0.01}, False),
        ({"capex_reserve_floor": 1.0}, False),
    ],
)
def test_a_sizing_case_that_changes_nothing_is_told(case, warns):
    of = deal(
        facility(lease(term_months=120)),
        cases=[{"name": "lender", **case}],
        sizing={
            "case": "lender",
            "value": {"kind": "appraisal"},
            "tests": [{"kind": "max_ltv", "limit": 0.5}],
        },
    )
    pointers = [pointer for _, pointer, _ in warned(of, "case_without_effect")]
    assert pointers == ["/sizing/case"] * warns


def test_a_loan_sized_in_the_issuers_case_is_told():
    assert [code for code, *_ in warned(deal(), "case_without_effect")] == ["case_without_effect"]


def sized(*tests, value=None):
    return {"case": "issuer", "value": value or {"kind": "appraisal"}, "tests": list(tests)}


MAX_LTV = {"kind": "max_ltv", "limit": 0.5}
TAKE_OUT = {"kind": "refinance", "rate": 0.07, "months": 360, "dscr": 1.2, "ltv": 0.7, "cap_rate": 0.08}


@pytest.mark.parametrize(
    ("test", "field", "most"),
    [
        ({"kind": "max_ltv"}, "limit", 2.0),
        ({"kind": "max_ltc"}, "limit", 2.0),
        ({"kind": "min_debt_yield"}, "limit", 2.0),
        ({"kind": "min_dscr"}, "limit", 10.0),
        ({"kind": "min_llcr"}, "limit", 10.0),
        ({"kind": "min_plcr"}, "limit", 10.0),
        ({"kind": "sculpted"}, "limit", 10.0),
        (TAKE_OUT, "ltv", 2.0),
        (TAKE_OUT, "dscr", 10.0),
        (TAKE_OUT, "cap_rate", 2.0),
        ({"kind": "max_leverage"}, "limit", None),
    ],
)
def test_a_limit_that_may_be_a_percentage_is_told(test, field, most):
    """At the bound there is no warning; a multiple of cash flow has none."""
    for figure in (most or 100.0, 1.01 * (most or 100.0)):
        of = deal(sizing=sized(MAX_LTV, TAKE_OUT | {"name": "take-out"}, {**test, field: figure}))
        answer = [(code, pointer) for code, pointer, _ in limits(of)]
        assert answer == [("limit_out_of_range", f"/sizing/tests/2/{field}")] * (figure != (most or figure))


def limits(of):
    return [(one.code, one.pointer, one.message) for one in limit_cautions(of)]


def test_limits_of_classes_triggers_and_values_are_looked_at_too():
    note = {"name": "A", "coupon": 0.06, "day_count": "30/360", "limits": [{"kind": "max_ltv", "limit": 70}]}
    structure = structured(
        classes=[note, {**note, "name": "B", "ltv_trigger": 85, "limits": []}],
        triggers={"service": "actual", "cure_periods": 1, "trap_below": 135},
        exit_cap_rate=8,
    )
    of = deal(structure=structure, sizing=sized(MAX_LTV, value={"kind": "cap_rate", "cap_rate": 8}))
    assert [(code, pointer) for code, pointer, _ in limits(of)] == [
        ("limit_out_of_range", "/sizing/value/cap_rate"),
        ("limit_out_of_range", "/structure/exit_cap_rate"),
        ("limit_out_of_range", "/structure/classes/0/limits/0/limit"),
        ("limit_out_of_range", "/structure/classes/1/ltv_trigger"),
        ("limit_out_of_range", "/structure/triggers/trap_below"),
        ("class_without_limits", "/structure/classes/1/limits"),
    ]


def test_a_class_of_fixed_principal_or_a_commitment_needs_no_limits():
    note = {"name": "A", "coupon": 0.06, "day_count": "30/360", "principal": 1e6}
    vfn = {"commitment": 1e6, "drawn": 0.0, "commitment_fee": 0.0}
    drawn = {"name": "B", "coupon": 0.06, "day_count": "30/360", "vfn": vfn}
    assert limits(deal(structure=structured(classes=[note, drawn]))) == []
