"""Pools that are heavy in one way or several: each count that the engine loops over is drawn on its own."""

import math
import random
from typing import Any

Plain = Any  # a document as JSON gives it

MOST = {  # of each count; a pool draws most of them small and a few of them large
    "loans": 300,
    "months": 480,
    "classes": 50,
    "steps": 200,
    "recovery_months": 480,
    "scenarios": 18,
    "cases": 40,
    "triggers": 20,
}
SMALL = {"months": 96, "recovery_months": 18}  # of those, what is small
AMORTISATIONS: tuple[Plain, ...] = (
    {"kind": "interest_only"},
    {"kind": "level", "months": 360},
    {"kind": "target_balance", "curve": [["2026-12-01", 1.0], ["2030-12-01", 0.5]]},
)
PENALTY, MAINTENANCE = {"kind": "penalty", "premium": 0.02}, {"kind": "yield_maintenance"}


def counts_of(rng: random.Random) -> dict[str, int]:
    """Draw every count: one to three of them up to their most, the rest small."""
    large = rng.sample(list(MOST), rng.randint(1, 3))
    most = {name: count if name in large else SMALL.get(name, 4) for name, count in MOST.items()}
    return {
        name: round(math.exp(rng.uniform(math.log(most[name]) / 2, math.log(most[name])))) for name in MOST
    }


def heavy_pool(seed: int) -> Plain:
    """A pool made heavy, the same for the same seed."""
    rng = random.Random(seed)
    count = counts_of(rng)
    months = max(count["months"], 24)
    scenarios = [{"name": f"s{k}", **_scenario(rng, count)} for k in range(count["scenarios"])]
    return {
        "name": "Heavy",
        "currency": "USD",
        "closing": "2026-12-01",
        "market": {"power_index": 50, "cpi": 0.02, "base_rate": 0.04, "treasury": 0.04},
        "loans": [_loan(x, rng.randint(12, months - 1), rng) for x in range(count["loans"])],
        "cases": [{"name": f"case{k}", "ncf_haircut": 0.01} for k in range(count["cases"])],
        "scenarios": [{"name": "base", **_scenario(rng, count)}, *scenarios],
        "structure": _structure(rng, count, months),
    }


def _loan(x: int, term: int, rng: random.Random) -> Plain:
    matures = f"{2026 + (11 + term) // 12}-{(11 + term) % 12 + 1:02}-01"
    return {
        "id": f"l{x}",
        "balance": 1e6,
        "rate": 0.06,
        "day_count": "30/360",
        "maturity": matures,
        "amortisation": rng.choice(AMORTISATIONS),
        "sponsor": f"s{x // 2}",
        "prepayment": rng.choice(([], [PENALTY | {"until": matures}], [MAINTENANCE | {"until": matures}])),
        "security": {
            "kind": "stated",
            "noi": 150_000,
            "ncf": rng.uniform(70_000, 150_000),
            "value": rng.uniform(9e5, 2e6),
            "tenants": [{"id": f"t{x}", "share": 1}],
        },
    }


def _scenario(rng: random.Random, count: dict[str, int]) -> Plain:
    return {
        "cdr": rng.choice((0.0, 0.01, 0.1)),
        "hazard": rng.choice((0.0, 0.0, 1.0)),
        "recovery_months": count["recovery_months"],
        "cpr": {"open": rng.choice((0.0, 0.1))},
        "advances": {"kind": rng.choice(("none", "interest", "principal_and_interest"))},
    }


def _structure(rng: random.Random, count: dict[str, int], months: int) -> Plain:
    names = [f"c{k}" for k in range(count["classes"])]
    issued = 1e6 * count["loans"] / len(names)
    listed = [{"name": name, "rank": k + 1, "coupon": 0.05} for k, name in enumerate(names)]
    sized = [note | {"principal": issued} for note in listed[:-1]]
    steps = [
        {"kind": rng.choice(("interest", "principal")), "classes": names, "order": "pro_rata"}
        for _ in range(count["steps"] - 1)
    ]
    return {
        "template": rng.choice(("cmbs_conduit", "cmbs_pro_rata")),
        "legal_final_months": months,
        "classes": [*sized, listed[-1] | {"residual": True}],
        "triggers": [{"kind": "cumulative_loss", "above": 0.02}] * count["triggers"],
        **({"steps": [*steps, {"kind": "residual"}]} if rng.random() < 0.5 else {}),
    }
