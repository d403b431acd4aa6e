"""Deals nobody wrote: shipped documents with a handful of their terms changed at random."""

import copy
import random
from collections.abc import Callable
from typing import Any

Plain = Any  # a document as JSON gives it

RATES = (
    0.0,
    0.03,
    0.11,
    {"margin": 0.02},
    {"margin": -0.09},
    {"margin": 0.025, "floor": 0.0, "cap": 0.05},
    {"margin": 0.005, "cap": -0.01},
)
AMORTISATIONS = (
    {"kind": "interest_only"},
    {"kind": "level", "months": 60},
    {"kind": "level", "months": 360},
    {"kind": "sculpted", "dscr": 1.4},
    {"kind": "target_balance", "curve": [["2020-01-01", 1.0], ["2028-01-01", 0.8], ["2030-06-15", 0.4]]},
)
SCULPTS = ({"kind": "sculpted", "dscr": 1.2}, {"kind": "sculpted", "dscr": 2.0})
TESTS = (
    {"kind": "max_ltv", "limit": 0.6},
    {"kind": "max_ltc", "limit": 0.7},
    {"kind": "min_debt_yield", "limit": 0.1},
    {"kind": "max_leverage", "limit": 8.0},
    {"kind": "min_dscr", "limit": 1.3, "service": "actual", "basis": "minimum", "numerator": "noi"},
    {"kind": "min_dscr", "limit": 1.3, "service": "interest_only", "basis": "stabilised"},
    {"kind": "min_dscr", "limit": 1.5, "basis": "average"},
    {"kind": "min_dscr", "limit": 1.3, "service": "amortising", "months": 300},
    {"kind": "min_dscr", "limit": 1.3, "service": "stressed", "constant": 0.09},
    {"kind": "sculpted", "limit": 1.25},
    {"kind": "equipment", "advance_rate": 0.9},
    {"kind": "equipment", "dscr": 1.1},
    {"kind": "min_llcr", "limit": 1.3},
    {"kind": "min_plcr", "limit": 1.1},
    {"kind": "refinance", "rate": 0.07, "months": 300, "dscr": 1.2, "ltv": 0.7, "cap_rate": 0.08},
    {"kind": "refinance", "rate": -0.2, "months": 300, "dscr": 1.2},
)
VALUES = (
    {"kind": "appraisal"},
    {"kind": "cap_rate", "cap_rate": 0.08},
    {"kind": "npv", "discount_rate": 0.08, "months": 240, "terminal_cap_rate": 0.07},
    {"kind": "npv", "discount_rate": 0.1, "months": 36, "terminal_cap_rate": 0.09},
)
SCHEDULES = (None, *AMORTISATIONS, {"kind": "amounts", "amounts": [1e6] * 24})
COSTS = (  # of a hall that earns, that loses from its first or its sixth year on
    [],
    [{"name": "site", "annual": 4e7, "growth": 0.05}],
    [{"name": "site", "annual": [["2020-01-01", 0.0], ["2031-01-01", 2e8]]}],
)
TRIGGERS = (
    {"service": "actual", "cure_periods": 1},
    {"service": "assumed_amortisation", "constant": 0.09, "trap_below": 1.3, "cure_periods": 3},
    {"service": "actual", "trap_below": 5.0, "amortise_below": 4.0, "pik_below": 3.0, "cure_periods": 2},
)
ADJUSTMENTS = (
    {"rate_add": 0.02},
    {"rate_add": -0.5},
    {"credit": True, "pd_multiplier": 5},
    {"discount_rate": 0.09},
    {"cap_rate": 0.1},
    {"ncf_haircut": 0.2},
    {"power_price_factor": 2.0, "power_price_add": -20},
    {"downtime_add_months": 12, "renewal_factor": 3.0},
    {"rent_haircut": 0.9},
)
ESCALATIONS = (
    {"kind": "cpi"},
    {"kind": "cpi", "floor": 0.01, "cap": 0.03},
    {"kind": "fixed", "rate": -0.02},
    {"kind": "steps", "steps": [{"from_month": 12, "rent_per_kw_month": 90}]},
)
MARKETS = (
    {"renew_at": "in_place"},
    {"renew_at": "lower_of", "growth": -0.1},
    {"renewal_probability": 0.0, "downtime_months": 0},
    {"term_months": 5, "free_rent_months": 6},
)
EQUIPMENT = (
    None,
    {"cost": 1e9, "life_months": 96, "residual": 0.8},
    {
        "cost": 5e8,
        "life_months": 72,
        "residual": [["2026-01-01", 1.0], ["2028-01-01", 0.5], ["2030-01-01", 0.1]],
    },
)
SUPPLIES = (
    [],
    [{"kind": "cfd", "mw": 10, "strike": 50}],
    [{"kind": "fixed_block", "mw": 200, "price_per_mwh": 40, "resale_share": 0.8}],
    [{"kind": "indexed", "mw": 5, "adder": 3}, {"kind": "full_requirements", "price_per_mwh": 61}],
)


def _debt(deal: Plain, pick: Callable[..., Plain]) -> None:
    debt = deal["debt"]
    debt.update(rate=pick(RATES), amortisation=pick(AMORTISATIONS), term_months=pick((1, 6, 12, 60, 120)))
    debt["interest_only_months"] = pick((0, 6, debt["term_months"]))


def _structure(deal: Plain, pick: Callable[..., Plain]) -> None:
    structure = deal.get("structure")
    if structure is None:
        return
    note = pick(structure["classes"])
    note.update(ltv_trigger=pick((None, 0.3, 0.9)), coupon=pick(RATES))
    structure["denomination"] = pick((0.01, 12.34, 1000.0, 1e7, 1e13))
    for each in structure["classes"]:
        each["schedule"] = pick(SCHEDULES)
    structure.update(
        triggers=pick(TRIGGERS), period_months=pick((1, 3, 6, 12)), case=pick(("issuer", "AAA", "BB"))
    )
    structure["ard_months"] = pick((structure.get("ard_months"), 24))


def _lease(deal: Plain, pick: Callable[..., Plain]) -> None:
    lease = pick(pick(deal["facilities"])["leases"])
    lease.update(
        commencement=pick(("2024-02-29", "2026-03-31", "2028-01-15")), term_months=pick((60, 180, 240))
    )
    lease["escalation"] = pick(ESCALATIONS)
    lease["termination"] = pick((None, {"month": 36, "fee_months": 6, "probability": 0.2}))


CHANGES: tuple[Callable[[Plain, Callable[..., Plain]], Any], ...] = (
    lambda deal, pick: deal.pop("structure", None),
    _debt,
    _structure,
    _structure,
    _lease,
    _lease,
    lambda deal, pick: deal["sizing"].update(tests=[pick(TESTS), pick(TESTS), pick(TESTS)]),
    lambda deal, pick: deal["sizing"]["tests"].append(pick(TESTS)),
    lambda deal, pick: (deal["sizing"].update(tests=[]), deal["debt"].update(amortisation=pick(SCULPTS))),
    lambda deal, pick: deal["sizing"].update(value=pick(VALUES)),
    lambda deal, pick: deal.update(closing=pick(("2026-01-31", "2024-02-29", "2025-06-15"))),
    lambda deal, pick: pick(deal["cases"]).update(pick(ADJUSTMENTS)),
    lambda deal, pick: pick(deal["facilities"])["market"].update(pick(MARKETS)),
    lambda deal, pick: pick(deal["facilities"]).update(power=pick(SUPPLIES)),
    lambda deal, pick: pick(deal["facilities"]).update(equipment=pick(EQUIPMENT)),
    lambda deal, pick: pick(deal["facilities"]).update(operating_costs=pick(COSTS)),
)


def any_deal(documents: list[Plain], seed: int) -> Plain:
    """A shipped document with one to eight changes, the same for the same seed."""
    rng = random.Random(seed)
    deal = copy.deepcopy(rng.choice(documents))
    for _ in range(rng.randrange(1, 9)):
        rng.choice(CHANGES)(deal, rng.choice)
    return deal
