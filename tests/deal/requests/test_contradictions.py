"""Documents that fit the schema and contradict themselves: all is named, not only the first."""

from typing import Annotated

import msgspec
import pytest
from tests.builders.documents import ABSENT, SIZING, WATERFALL, Plain, changed, deal, refused, written

from rackrate.deal import rulesets
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.standalone_sizing import SizingRequest
from rackrate.deal.requests.standalone_waterfall import WaterfallRequest
from rackrate.deal.requests.underwriting import MAX_LEASES, Deal, check

F, G = "/facilities/0", "/facilities/0/leases/0"
LTV = {"kind": "max_ltv", "limit": 0.5}
REFINANCE = {"kind": "refinance", "ltv": 0.6, "cap_rate": 0.08}

# Deal, what is done to it, and every pointer that must then be named.
DEALS: dict[str, tuple[str, dict[str, Plain], set[str]]] = {
    "a lease of nobody": ("pool", {f"{G}/tenant": "ghost"}, {f"{G}/tenant"}),
    "nothing that sizes a loan": ("pool", {"/sizing/tests": []}, {"/sizing/tests"}),
    "tests left out": ("pool", {"/sizing/tests": ABSENT}, {"/sizing/tests"}),
    "identifiers used twice": (
        "pool",
        {
            "/tenants/1/id": "hs",
            "/facilities/1/id": "iad",
            "/facilities/2/leases/0/id": "iad-1",
            f"{G}/tenant": "hs",
            "/facilities/0/leases/1/tenant": "hs",
            "/facilities/2/leases/0/tenant": "hs",
            "/structure/classes/1/name": "A-2",
            "/cases/1/name": "underwritten",
            "/structure/case": "underwritten",
            f"{F}/operating_costs/1/name": "property_tax",
        },
        {
            "/tenants/1/id",
            "/facilities/1/id",
            "/facilities/2/leases/0/id",
            "/structure/classes/1/name",
            "/cases/1/name",
            f"{F}/operating_costs/1/name",
        },
    ),
    "power that ends before it starts": (
        "pool",
        {
            "/facilities/1/power/0/end": "2025-01-01",
            "/facilities/2/power/0/end": "2020-01-01",
            f"{F}/power/-": {"kind": "indexed", "adder": 1, "end": "2026-09-01"},
        },
        {"/facilities/1/power/0/end", "/facilities/2/power/0/end", f"{F}/power/1/end"},
    ),
    "more let than there is": ("pool", {f"{F}/capacity_kw": 43999}, {f"{F}/leases"}),
    "a lease over before closing": ("pool", {f"{G}/term_months": 39}, {f"{G}/term_months"}),
    "a lease after everything": ("pool", {f"{G}/commencement": "2057-09-01"}, {f"{G}/commencement"}),
    "no lease at all": (
        "gpu",
        {f"{F}/leases": []},
        {"/facilities"},
    ),
    "land lost before closing": ("powered", {f"{F}/tenure/expiry": "2026-03-15"}, {f"{F}/tenure/expiry"}),
    "a ramp that does not begin, does not ascend, and goes too high": (
        "uk",
        {
            "/facilities/1/leases/0/ramp": [
                {"from_month": 1, "kw": 1},
                {"from_month": 6, "kw": 2},
                {"from_month": 6, "kw": 34501},
            ]
        },
        {
            "/facilities/1/leases/0/ramp/0/from_month",
            "/facilities/1/leases/0/ramp/2/from_month",
            "/facilities/1/leases/0/ramp/2/kw",
        },
    ),
    "rent steps that fall back": (
        "powered",
        {f"{F}/leases/1/escalation/steps/2/from_month": 35},
        {f"{F}/leases/1/escalation/steps/2/from_month"},
    ),
    "caps below floors": (
        "gpu",
        {
            f"{G}/escalation": {"kind": "cpi", "floor": 0.03, "cap": 0.02},
            "/debt/rate": {"margin": 0.01, "floor": 0.05, "cap": 0.04},
            "/structure/classes/0/coupon/floor": 0.05,
        },
        {f"{G}/escalation/cap", "/debt/rate/cap", "/structure/classes/0/coupon/cap"},
    ),
    "months that outlast their terms": (
        "pool",
        {
            f"{G}/free_rent_months": 145,
            f"{F}/leases/1/termination": {"month": 96, "fee_months": 1, "probability": 1},
            f"{F}/market/free_rent_months": 85,
            "/debt/interest_only_months": 61,
        },
        {
            f"{G}/free_rent_months",
            f"{F}/leases/1/termination/month",
            f"{F}/market/free_rent_months",
            "/debt/interest_only_months",
        },
    ),
    "draw unsaid, or below its average": (
        "pool",
        {f"{G}/utilisation": ABSENT, f"{G}/peak_utilisation": ABSENT, f"{F}/leases/1/peak_utilisation": 0.7},
        {f"{G}/utilisation", f"{G}/peak_utilisation", f"{F}/leases/1/peak_utilisation"},
    ),
    "curves out of order": (
        "gpu",
        {
            "/market/base_rate/1/0": "2026-01-01",
            "/market/cpi": [["2027-01-01", 0], ["2026-01-01", 0]],
            "/market/power_index": [["2027-01-01", 0], ["2026-01-01", 0]],
            f"{F}/pue": [["2027-01-01", 1.2], ["2027-01-01", 1.3]],
            f"{F}/equipment/residual/5/0": "2030-04-01",
            f"{F}/operating_costs/0/annual": [["2027-01-01", 0], ["2026-01-01", 0]],
        },
        {
            "/market/base_rate/1/0",
            "/market/cpi/1/0",
            "/market/power_index/1/0",
            f"{F}/pue/1/0",
            f"{F}/equipment/residual/5/0",
            f"{F}/operating_costs/0/annual/1/0",
        },
    ),
    "costs of no amount, and of two": (
        "pool",
        {f"{F}/operating_costs/0/annual": ABSENT, f"{F}/operating_costs/1/annual": 5},
        {f"{F}/operating_costs/0", f"{F}/operating_costs/1"},
    ),
    "tenants of no credit, in default, or with default tables that fall": (
        "pool",
        {
            "/tenants/0/rating": ABSENT,
            "/tenants/1/rating": "SD",
            "/tenants/2/cumulative_pd": [[1, 0.02], [1, 0.03], [5, 0.01]],
        },
        {"/tenants/0", "/tenants/1/rating", "/tenants/2/cumulative_pd/1/0", "/tenants/2/cumulative_pd/2/1"},
    ),
    "cases that replace the issuer or default strangers": (
        "pool",
        {
            "/cases/0/name": "issuer",
            "/cases/1/tenant_defaults": [
                {"tenant": "ghost", "month": 1},
                {"tenant": "neo", "month": 1},
                {"tenant": "neo", "month": 2},
            ],
        },
        {"/cases/0/name", "/cases/1/tenant_defaults/0/tenant", "/cases/1/tenant_defaults/2/tenant"},
    ),
    "cases nobody knows": (
        "pool",
        {
            "/sizing/case": "a",
            "/sizing/tests/0/case": "b",
            "/structure/case": "c",
            "/structure/classes/0/case": "d",
            "/structure/classes/0/limits/0/case": "e",
        },
        {
            "/sizing/case",
            "/sizing/tests/0/case",
            "/structure/case",
            "/structure/classes/0/case",
            "/structure/classes/0/limits/0/case",
        },
    ),
    "balloons where nothing is sculpted": ("uk", {"/debt/balloon": 0.1}, {"/debt/balloon"}),
    "balances that rise": (
        "uk",
        {
            "/debt/amortisation": {
                "kind": "target_balance",
                "curve": [["2025-01-01", 0.5], ["2026-01-01", 0.6]],
            }
        },
        {"/debt/amortisation/curve/1/1"},
    ),
    "tests that lack what they measure": (
        "pool",
        {
            "/sizing/tests": [
                {"kind": "min_dscr", "limit": 1.2, "service": "amortising"},
                {"kind": "min_dscr", "limit": 1.2, "service": "stressed", "name": "x"},
                {"kind": "refinance"},
                {"kind": "equipment", "dscr": 1.2, "name": "x"},
                {"kind": "max_ltv", "limit": 1, "name": "classes"},
            ]
        },
        {
            "/sizing/tests/0/months",
            "/sizing/tests/1/constant",
            "/sizing/tests/2",
            "/sizing/tests/3/kind",
            "/sizing/tests/3/name",
            "/sizing/tests/4/name",
        },
    ),
    "refinancing on half of its terms": (
        "pool",
        {
            "/sizing/tests/0": {"kind": "refinance", "dscr": 1.2, "ltv": 0.6},
            "/sizing/tests/5": {"kind": "refinance", "ltv": 0.6, "cap_rate": 0.08},
        },
        {
            "/sizing/tests/0/rate",
            "/sizing/tests/0/months",
            "/sizing/tests/0/cap_rate",
        },
    ),
    "repayment after legal final": (
        "uk",
        {"/structure/ard_months": ABSENT, "/structure/legal_final_months": 59},
        {"/structure/ard_months"},
    ),
    "dates between periods": (
        "uk",
        {"/structure/period_months": 12, "/structure/ard_months": 63, "/structure/legal_final_months": 181},
        {"/structure/ard_months", "/structure/legal_final_months"},
    ),
    "classes of no size, of two, and overdrawn": (
        "uk",
        {
            "/structure/classes/0/principal": 1e6,
            "/structure/classes/0/vfn/drawn": 2e8,
            "/structure/classes/1/limits": [],
        },
        {"/structure/classes/0/vfn", "/structure/classes/0/vfn/drawn"},
    ),
    "limits and schedules of classes, like those of the loan": (
        "pool",
        {
            "/structure/classes/0/limits/0": {"kind": "equipment", "dscr": 1.2},
            "/structure/classes/1/limits/0": {"kind": "min_dscr", "limit": 2, "service": "stressed"},
            "/structure/classes/2/schedule": {
                "kind": "target_balance",
                "curve": [["2027-01-01", 1], ["2027-01-01", 0.5]],
            },
        },
        {
            "/structure/classes/0/limits/0/kind",
            "/structure/classes/1/limits/0/constant",
            "/structure/classes/2/schedule/curve/1/0",
        },
    ),
    "an equipment test of neither leg": (
        "gpu",
        {
            "/sizing/tests/-": {"kind": "equipment"},
            "/structure/classes/0/limits": [{"kind": "equipment", "name": "a"}],
        },
        {"/sizing/tests/5", "/structure/classes/0/limits/0"},
    ),
    "an annuity of a class that is not whole periods": (
        "pool",
        {
            "/structure/period_months": 3,
            "/structure/classes/1/schedule": {"kind": "level", "months": 1},
            "/structure/classes/2/schedule": {"kind": "level", "months": 120},
        },
        {"/structure/classes/1/schedule/months"},
    ),
    "triggers without their constant": (
        "powered",
        {"/structure/triggers/constant": ABSENT},
        {"/structure/triggers/constant"},
    ),
    "steps that pay nobody, strangers, somebody twice, and lose the cash": (
        "pool",
        {
            "/structure/steps": [
                {"kind": "fees", "classes": ["B"]},
                {"kind": "interest", "classes": ["B", "Z", "B"]},
                {"kind": "equity", "when": "trapping"},
            ]
        },
        {
            "/structure/steps/0/classes",
            "/structure/steps/1/classes/1",
            "/structure/steps/1/classes/2",
            "/structure/steps/2/kind",
        },
    ),
    "an unknown ruleset beside all else": (
        "pool",
        {"/ruleset": "house-1999", f"{G}/tenant": "ghost", "/debt/balloon": 0.1},
        {"/ruleset", f"{G}/tenant", "/debt/balloon"},
    ),
}


@pytest.mark.parametrize("case", DEALS)
def test_a_deal_that_contradicts_itself_is_refused_wherever_it_does(case: str) -> None:
    name, changes, expected = DEALS[case]
    assert set(refused(changed(deal(name), changes), Deal)) == expected


def test_all_contradictions_of_a_deal_come_at_once() -> None:
    together = [
        "a lease of nobody",
        "more let than there is",
        "cases nobody knows",
        "costs of no amount, and of two",
    ]
    changes: dict[str, Plain] = {}
    expected: set[str] = set()
    for case in together:
        changes |= DEALS[case][1]
        expected |= DEALS[case][2]
    assert set(refused(changed(deal("pool"), changes), Deal)) == expected


OWN: dict[str, tuple[Plain, dict[str, Plain], set[str]]] = {
    "nothing that sizes a loan": (
        SIZING,
        {"/tests": [], "/debt/amortisation": {"kind": "level", "months": 48}},
        {"/tests"},
    ),
    "a series too short for the term": (SIZING, {"/ncf": [1e8] * 3}, {"/ncf"}),
    "a series too short for its own first year": (
        SIZING,
        {"/period_months": 3, "/ncf": [1e8] * 3, "/debt/term_months": 9},
        {"/ncf"},
    ),
    "months between periods": (
        SIZING,
        {
            "/debt/term_months": 47,
            "/debt/interest_only_months": 5,
            "/debt/amortisation": {"kind": "level", "months": 100},
        },
        {"/debt/term_months", "/debt/interest_only_months", "/debt/amortisation/months"},
    ),
    "a floating rate with nothing to float on": (SIZING, {"/debt/rate": {"margin": 0.02}}, {"/debt/rate"}),
    "ratios to what is not given": (SIZING, {"/value": None, "/cost": ABSENT}, {"/value", "/cost"}),
    "tests one series cannot answer": (
        SIZING,
        {
            "/tests": [
                {"kind": "min_dscr", "limit": 1.2, "numerator": "noi"},
                {"kind": "min_dscr", "limit": 1.2, "basis": "stabilised"},
                {"kind": "max_ltv", "limit": 1, "case": "issuer"},
                {"kind": "equipment", "dscr": 1.2},
                {"kind": "min_dscr", "limit": 1.2, "service": "amortising"},
            ]
        },
        {"/tests/0/numerator", "/tests/1/basis", "/tests/2/case", "/tests/3/kind", "/tests/4/months"},
    ),
    "refinancing with no year after the term": (SIZING, {"/tests/-": REFINANCE, "/ncf": [1e8] * 4}, {"/ncf"}),
    "a waterfall longer than its cash": (WATERFALL, {"/legal_final_months": 15}, {"/ncf"}),
    "a waterfall between periods": (
        WATERFALL,
        {"/ard_months": 4, "/classes/0/schedule/months": 301},
        {"/ard_months", "/classes/0/schedule/months"},
    ),
    "repayment after legal final": (WATERFALL, {"/ard_months": 15}, {"/ard_months"}),
    "a trigger on a value not given": (WATERFALL, {"/value": ABSENT}, {"/value"}),
    "classes, steps and triggers, like those of a deal": (
        WATERFALL,
        {
            "/classes/1/name": "A",
            "/triggers/service": "assumed_amortisation",
            "/steps/-": {"kind": "trap"},
            "/steps/1/classes": ["Z"],
            "/steps/2/classes": ["A"],
            "/steps/3/classes": ["A"],
        },
        {"/classes/1/name", "/triggers/constant", "/steps/5/kind", "/steps/1/classes/0"},
    ),
}


@pytest.mark.parametrize("case", OWN)
def test_an_own_cash_flow_that_contradicts_itself_is_refused_wherever_it_does(case: str) -> None:
    document, changes, expected = OWN[case]
    kind = SizingRequest if document is SIZING else WaterfallRequest
    assert set(refused(changed(document, changes), kind)) == expected


def let(leases: list[tuple[str, int, float, list[tuple[int, float]]]], capacity_kw: float) -> bool:
    """Whether a building, closed on 15 March 2026, can be let so: (from, months, kW, ramp)."""
    document = deal("powered")
    facility = document["facilities"][0]
    model = facility["leases"][0]
    facility["capacity_kw"] = capacity_kw
    facility["leases"] = [
        model
        | {"id": f"l{i}", "commencement": start, "term_months": months, "contracted_kw": kw}
        | {"ramp": [{"from_month": month, "kw": step} for month, step in ramp]}
        for i, (start, months, kw, ramp) in enumerate(leases)
    ]
    request = decode(written(changed(document, {"/facilities/0/capacity_kw": 1e7})), Deal)
    assert not check(request, rulesets.newest())
    try:
        return refused(document, Deal) == {}
    except pytest.fail.Exception:
        return True


@pytest.mark.parametrize(
    ("leases", "fits"),
    [
        ([("2026-01-01", 60, 600, []), ("2026-01-01", 60, 400, [])], True),
        ([("2026-01-01", 60, 600, []), ("2026-01-01", 60, 401, [])], False),
        # The first ends on boundary 12 (15 March 2027); a start on the 15th is boundary 12, on the 14th too.
        ([("2026-03-15", 12, 600, []), ("2027-03-15", 60, 600, [])], True),
        ([("2026-03-15", 12, 600, []), ("2027-03-14", 60, 600, [])], True),
        ([("2026-03-15", 12, 600, []), ("2027-02-15", 60, 600, [])], False),
        # A ramp leaves room until its next step: 600 + 400 until month 12, then 600 + 401.
        ([("2026-03-15", 60, 600, []), ("2026-03-15", 60, 401, [(0, 400), (12, 401)])], False),
        ([("2026-03-15", 12, 600, []), ("2026-03-15", 60, 401, [(0, 400), (12, 401)])], True),
        # What was over before closing never counts: both overlapped until a month before it.
        ([("2020-03-15", 73, 600, []), ("2020-03-15", 80, 500, [(0, 500), (72, 400)])], True),
        ([("2020-03-15", 73, 600, []), ("2020-03-15", 80, 500, [(0, 500), (73, 400)])], False),
    ],
)
def test_no_month_may_let_more_than_the_building_holds(
    leases: list[tuple[str, int, float, list[tuple[int, float]]]], fits: bool
) -> None:
    assert let(leases, 1000) == fits


def test_a_ramp_step_beyond_the_term_is_never_let() -> None:
    assert let([("2026-03-15", 12, 1500, [(0, 900), (12, 1500)])], 1000)


def test_a_deal_holds_as_many_leases_as_it_may_and_no_more() -> None:
    document = deal("powered")
    facility = document["facilities"][0]
    leases = [facility["leases"][0] | {"id": f"l{i}", "contracted_kw": 1} for i in range(MAX_LEASES)]
    document = changed(document, {"/facilities/0/leases": leases})
    assert len(decode(written(document), Deal).facilities[0].leases) == MAX_LEASES
    twin = facility | {"id": "twin", "leases": [leases[0] | {"id": "one more"}]}
    assert set(refused(changed(document, {"/facilities/-": twin}), Deal)) == {"/facilities"}


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deal and what is asked of it."""

    deal: Deal
    paths: Annotated[int, msgspec.Meta(ge=1, le=10)]


def test_a_deal_within_a_request_is_checked_like_a_deal() -> None:
    document = {"deal": deal("pool"), "paths": 1}
    changes: dict[str, Plain] = {"/deal/sizing/case": "nobody's", f"/deal{G}/tenant": "ghost"}
    assert set(refused(changed(document, changes), Question)) == set(changes)
    without_ruleset = changed(document, {"/deal/ruleset": ABSENT})
    assert decode(written(without_ruleset), Question).deal == decode(written(deal("pool")), Deal)
