"""Pools nobody wrote: shipped documents with a handful of their terms changed at random."""

import copy
import random
from datetime import date
from typing import Any

from tests.builders.any_deal import RATES, TESTS, TRIGGERS

Plain = Any  # a document as JSON gives it

OF_DEALS = {("kind", "max_ltc"), ("kind", "equipment"), ("kind", "min_plcr"), ("basis", "stabilised")}
AMORTISATIONS = (
    {"kind": "interest_only"},
    {"kind": "level", "months": 12},
    {"kind": "level", "months": 360},
    {"kind": "payment", "amount": 1e6},
    {"kind": "target_balance", "curve": [["2020-01-01", 1.0], ["2028-01-01", 0.8], ["2030-06-15", 0.4]]},
)
PREPAYMENTS = (
    [],
    [{"kind": "penalty", "until": "2028-01-31", "premium": 0.03}, {"kind": "open"}],
    [{"kind": "yield_maintenance", "until": "2029-06-30", "floor": 0.01, "spread": -0.01}],
    [{"kind": "lockout", "until": "2027-12-31"}, {"kind": "defeasance", "until": "2032-01-31"}],
)
OF_LOANS = {
    "rate": RATES,
    "day_count": ("30/360", "ACT/360", "ACT/365F"),
    "amortisation": AMORTISATIONS,
    "interest_only_months": (0, 1, 24),
    "maturity": ("2027-01-31", "2029-05-15", "2032-12-01"),
    "prepayment": PREPAYMENTS,
    "pari_passu_share": (0.01, 0.5, 1.0),
    "subordinate": (None, {"balance": 1e7, "rate": 0.1}),
    "status": ({"arrears_months": 2}, {"arrears_months": 4, "advances": 1e5}),
    "reported": (None, {"dscr": 1.3, "ltv": 0.6}),
    "balance": (0.0, 1e6, 5e7),
}
CURVE = [["2020-01-01", 0.02], ["2028-01-01", 0.3]]
OF_SCENARIOS = {
    "case": (None, "issuer", "AAA"),
    "rate_add": (0.0, 0.03, -0.03),
    "cpr": ({}, {"open": 0.2, "penalty": CURVE, "yield_maintenance": 0.1}),
    "cdr": (None, 0.0, 0.05, CURVE),
    "hazard": (None, 1.0, 5.0),
    "default_below": (None, {"dscr": 1.2, "months": 2}),
    "recovery": (
        {"kind": "severity", "severity": 0.5},
        {"kind": "value"},
        {"kind": "value", "cap_rate": None, "costs": 0.1, "decline": 0.3},
        {"kind": "value", "cap_rate": 0.09, "costs": 1.0},
    ),
    "recovery_months": (None, 1, 18),
    "extension_months": (None, 0, 24),
    "retest_months": (None, 1, 6),
    "extension_sweep": (None, 0.0, 1.0),
    "test_maturity": (None, True, False),
    "refinance": (
        None,
        {"rate": 0.07, "months": 300, "dscr": 1.25, "ltv": 0.65, "cap_rate": 0.08},
        {"ltv": 0.5, "cap_rate": 0.1},
    ),
    "advances": (
        {"kind": "none"},
        {"kind": "interest", "rate": 0.09, "appraisal_share": 0.5, "stop_share": 0.2},
    ),
}
OF_STRUCTURES = {
    "template": ("cmbs_conduit", "cmbs_pro_rata", "abs_loans"),
    "scenario": ("contract", "base"),
    "clean_up_call": (0.0, 0.1, 1.0),
    "write_down": (None, True, False),
    "advance_rate": (0.8, 1.0, 1.2),
    "denomination": (0.01, 1e5),
    "fees": ([], [{"name": "f", "annual": 1e5, "rate": 1e-3}]),
    "reserve": ({}, {"share": 0.02, "floor": 1e5}),
    "triggers": (
        [],
        [{"kind": "cumulative_loss", "above": 0.01}, {"kind": "balance", "below": 0.3, "latched": False}],
        [{"kind": "defaulted", "above": 0.02}, {"kind": "effective_loans", "below": 3.0}],
    ),
    "retention": (None, {"kind": "vertical", "share": 0.05}, {"kind": "horizontal"}),
}
COUPONS = (0.0, 0.05, {"rate": 0.06, "wac_cap": True}, {"margin": 0.03, "floor": 0.0}, {"wac_less": 0.001})
LIMITS = (
    [{"kind": "credit_enhancement", "limit": 0.4}],
    [{"kind": "max_ltv", "limit": 0.4}, {"kind": "min_dscr", "limit": 1.8}],
    [{"kind": "min_debt_yield", "limit": 0.12}],
    [{"kind": "capacity", "category": "A"}],
)
OF_GROUND_LEASES = {
    "escalation": (
        {"kind": "fixed", "rate": 0.03},
        {"kind": "cpi"},
        {"kind": "cpi", "floor": 0.0, "cap": 0.02},
    ),
    "percentage": (None, {"share": 0.05, "breakpoint": 1e6}),
    "costs": (0.0, 1e5),
    "reversion": (0.0, 1e8),
    "step_up_share": (0.0, 1.0),
    "cure": ({"mortgagee": False}, {"mortgagee": True, "months": 12}),
}
OF_GROUND_SIZING = {
    "case": ("issuer", "lessees-fail"),
    "value": (
        {"kind": "appraisal"},
        {"kind": "cap_rate", "cap_rate": 0.06},
        {"kind": "npv", "discount_rate": 0.07},
    ),
}


def any_pool(pools: list[Plain], seed: int) -> Plain:
    """A shipped pool with other loans, scenarios, classes or ground leases: the same for the same seed."""
    chance = random.Random(seed)
    pool = copy.deepcopy(chance.choice(pools))
    if "debt" in pool:
        _ground_pool(pool, chance)
    else:
        _pool_of_loans(pool, chance)
    return copy.deepcopy(pool)  # what two parts were given alike is shared


def _changed(part: Plain, choices: dict[str, Any], chance: random.Random, most: int) -> None:
    for name in chance.sample(sorted(choices), chance.randint(0, most)):
        part[name] = chance.choice(choices[name])


def _pool_of_loans(pool: Plain, chance: random.Random) -> None:
    for loan in pool["loans"]:
        _changed(loan, OF_LOANS, chance, 3)
    pool["market"].setdefault("treasury", 0.03)
    for scenario in pool.setdefault("scenarios", []):
        _changed(scenario, OF_SCENARIOS, chance, 4)
    if chance.random() < 0.1:
        del pool["structure"]
        return
    if chance.random() < 0.1:
        _shorten(pool, chance.randint(1, 12))
    structure = pool["structure"]
    _changed(structure, OF_STRUCTURES, chance, 3)
    for note in structure["classes"]:
        if "io" not in note and chance.random() < 0.3:
            note["coupon"] = chance.choice(COUPONS)
        if "limits" in note and chance.random() < 0.3:
            note["limits"] = chance.choice(LIMITS)


def _shorten(pool: Plain, months: int) -> None:
    """Let every loan mature a month after closing, and legal final be soon."""
    closing = date.fromisoformat(pool["closing"])
    due = date(closing.year + closing.month // 12, closing.month % 12 + 1, 1).isoformat()
    for loan in pool["loans"]:
        loan |= {"maturity": due, "ard": None, "prepayment": []}
    pool["structure"]["legal_final_months"] = months


def _ground_pool(pool: Plain, chance: random.Random) -> None:
    for lease in pool["ground_leases"]:
        _changed(lease, OF_GROUND_LEASES, chance, 2)
    _changed(pool["sizing"], OF_GROUND_SIZING, chance, 2)
    if chance.random() < 0.5:
        pool["sizing"]["tests"] = chance.sample(
            [test for test in TESTS if OF_DEALS.isdisjoint(test.items())], 3
        )
    if chance.random() < 0.3:
        pool["debt"]["rate"] = chance.choice(RATES)
    if "structure" in pool and chance.random() < 0.3:
        pool["structure"]["triggers"] = chance.choice(TRIGGERS)
