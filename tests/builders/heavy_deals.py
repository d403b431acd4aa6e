"""Deals that are heavy in one way or several: each count that the engine loops over is drawn on its own."""

import copy
import math
import random
from typing import Any

Plain = Any  # a document as JSON gives it

MOST = {  # of each count; a deal draws most of them small and a few of them large
    "facilities": 400,
    "leases": 8,
    "power": 10,
    "costs": 50,
    "cost_names": 400,
    "cases": 45,
    "tests": 50,
    "classes": 20,
    "limits": 30,
    "tenants": 600,
    "steps": 200,
    "points": 400,
    "pue_points": 500,
    "fees": 20,
    "payments": 99,
}
MONTHS = (60, 120, 240, 600)
KINDS: tuple[Plain, ...] = (
    {"kind": "max_ltv", "limit": 0.9},
    {"kind": "min_dscr", "limit": 0.2, "service": "interest_only"},
    {"kind": "min_dscr", "limit": 0.2, "service": "interest_only", "basis": "minimum"},
    {"kind": "min_debt_yield", "limit": 0.01},
    {"kind": "min_dscr", "limit": 0.2, "service": "amortising", "months": 300, "numerator": "noi"},
    {"kind": "min_llcr", "limit": 0.1},
    {"kind": "min_plcr", "limit": 0.1},
    {"kind": "sculpted", "limit": 0.1},
    {"kind": "refinance", "rate": 0.07, "months": 300, "dscr": 0.2, "ltv": 0.9, "cap_rate": 0.08},
)
AMORTISATIONS: tuple[Plain, ...] = (
    {"kind": "interest_only"},
    {"kind": "level", "months": 360},
    {"kind": "sculpted", "dscr": 1.2},
)
VALUES: tuple[Plain, ...] = (
    {"kind": "appraisal"},
    {"kind": "npv", "discount_rate": 0.08, "months": 240, "terminal_cap_rate": 0.07},
)


def counts_of(rng: random.Random) -> dict[str, int]:
    """Draw every count: one to three of them up to their most, the rest small."""
    large = rng.sample(list(MOST), rng.randint(1, 3))
    most = {name: count if name in large else min(count, 4) for name, count in MOST.items()}
    least = {name: math.sqrt(count) if name in large else 1.0 for name, count in most.items()}
    return {
        name: round(math.exp(rng.uniform(math.log(least[name]), math.log(count))))
        for name, count in most.items()
    }


def heavy(document: Plain, seed: int) -> Plain:
    """A shipped deal of one facility made heavy, the same for the same seed."""
    rng = random.Random(seed)
    count = counts_of(rng)
    made = copy.deepcopy(document)
    months = rng.choice(MONTHS)
    made["debt"] |= {
        "rate": 0.05,
        "term_months": months,
        "interest_only_months": rng.choice((0, months)),
        "amortisation": rng.choice(AMORTISATIONS),
    }
    made["tenants"] = [{"id": f"t{i}", "rating": "BBB"} for i in range(count["tenants"])]
    made["facilities"] = [_facility(made["facilities"][0], f, count, rng) for f in range(count["facilities"])]
    made["cases"] = [_case(i) for i in range(count["cases"])]
    named = [None, "issuer", *(case["name"] for case in made["cases"])]
    made["sizing"] = {"case": "issuer", "value": rng.choice(VALUES)}
    made["sizing"]["tests"] = [
        {**KINDS[0], "limit": 0.3},
        *(_test(rng, named) for _ in range(count["tests"] - 1)),
    ]
    worth = sum(facility["appraised_value"] for facility in made["facilities"])
    if rng.random() < 0.3:  # JSON Schema's other way to write a whole number: the document is read twice
        made["debt"]["term_months"] = float(months)
    made["structure"] = rng.choice((None, _structure(count, months, worth, named, rng)))
    return made


def _facility(first: Plain, f: int, count: dict[str, int], rng: random.Random) -> Plain:
    facility = copy.deepcopy(first)
    facility.pop("equipment", None)
    lease = {**facility["leases"][0], "tenant": f"t{f % count['tenants']}", "commencement": "2025-01-01"}
    lease.pop("ramp", None)
    lease.pop("termination", None)
    lease["contracted_kw"] = facility["capacity_kw"] / count["leases"]
    rent = lease["rent_per_kw_month"]
    steps = [{"from_month": i, "rent_per_kw_month": rent} for i in range(count["steps"])]
    lease["escalation"] = {"kind": "steps", "steps": steps}
    curve = _curve(count["points"], 100.0)
    names = count["cost_names"]
    facility.update(
        id=f"f{f}",
        tenure={"kind": "freehold"},
        pue=_curve(count["pue_points"], 1.3) if count["pue_points"] > 1 else 1.3,
        leases=[{**lease, "id": f"l{f}-{i}"} for i in range(count["leases"])],
        power=[{"kind": "fixed_block", "mw": 1e-3, "price_per_mwh": 50.0} for _ in range(count["power"])],
        operating_costs=[
            {
                "name": f"c{(f * count['costs'] + i) % max(names, count['costs'])}",
                "annual": curve if count["points"] > 1 else 100.0,
            }
            for i in range(count["costs"])
        ],
    )
    return facility


def _curve(points: int, value: float) -> Plain:
    """A curve of a point a month from 1800 on, so that the debt sees its last."""
    return [[f"{1800 + i // 12}-{i % 12 + 1:02}-01", value] for i in range(points)]


def _case(i: int) -> Plain:
    return {"name": f"case-{i}", "market_rent_haircut": i / 500, "credit": i % 2 == 0, "pd_multiplier": 1 + i}


def _test(rng: random.Random, named: list[Plain]) -> Plain:
    test, case = dict(rng.choice(KINDS)), rng.choice(named)
    return {**test, "case": case} if case else test


def _structure(
    count: dict[str, int], months: int, worth: float, named: list[Plain], rng: random.Random
) -> Plain:
    every = rng.choice((1, 1, 3, 12))
    paid = [
        {"kind": "fees"},
        *({"kind": "interest"} for _ in range(count["payments"])),
        {"kind": "principal"},
    ]
    classes = [
        {
            "name": f"n{k}",
            "coupon": 0.05,
            "day_count": "30/360",
            "principal": 0.3 * worth / count["classes"],
            "ltv_trigger": rng.choice((None, None, None, 0.5)),
            "limits": [_test(rng, named) for _ in range(count["limits"])],
        }
        for k in range(count["classes"])
    ]
    return {
        "template": "abs_master_trust",
        "denomination": 1000,
        "period_months": every,
        "legal_final_months": months,
        "ard_months": months,
        "additional_rate": 0.05,
        "classes": classes,
        "fees": [{"name": f"x{i}", "annual": 1000, "rate": 0.0001} for i in range(count["fees"])],
        "reserves": {"liquidity_months": 3},
        "triggers": {"service": "actual", "trap_below": 1.2, "amortise_below": 1.1, "cure_periods": 2},
        "steps": rng.choice((None, [*paid, {"kind": "equity"}])),
    }
