"""The deal every rival is measured on: 10 leases in a leasehold hall, 3 classes, 360 months, every line."""

from typing import Any

import msgspec

from rackrate.deal.requests.underwriting import Deal

DIFFERENT = 10
ESCALATIONS: tuple[dict[str, Any], ...] = (
    {"kind": "fixed", "rate": 0.025},
    {"kind": "cpi", "floor": 0.01, "cap": 0.04},
    {
        "kind": "steps",
        "steps": [
            {"from_month": 24, "rent_per_kw_month": 131.0},
            {"from_month": 60, "rent_per_kw_month": 140.0},
        ],
    },
)
POWER_TERMS: tuple[dict[str, Any], ...] = (
    {"kind": "metered", "pue_cap": 1.38, "markup": 0.02},
    {"kind": "fixed_price", "price_per_mwh": 84.0, "escalation": 0.02},
    {"kind": "included"},
    {"kind": "metered"},
    {"kind": "direct"},
)
SUPPLY: list[dict[str, Any]] = [
    {"kind": "fixed_block", "mw": 12.0, "price_per_mwh": 52.0, "escalation": 0.02, "resale_share": 0.9},
    {"kind": "indexed", "mw": 2.0, "adder": 3.5},
    {
        "kind": "tariff",
        "price_per_mwh": 41.0,
        "demand_rate": 7.4,
        "contracted_demand_kw": 26000.0,
        "minimum_demand_share": 0.85,
        "ratchet_share": 0.8,
        "fixed_monthly": 4000.0,
    },
    {"kind": "cfd", "mw": 1.5, "strike": 54.0},
]
MARKET = {
    "rent_per_kw_month": 122.0,
    "growth": 0.022,
    "renewal_probability": 0.72,
    "renew_at": "lower_of",
    "downtime_months": 9,
    "default_downtime_months": 14,
    "default_rent_discount": 0.1,
    "term_months": 84,
    "free_rent_months": 3,
    "escalation": 0.02,
    "renewal_cost_per_kw": 18.0,
    "reletting_cost_per_kw": 140.0,
}


def segment(number: int) -> dict[str, Any]:
    """One of the segments: ten that all differ, and the same again from the eleventh on."""
    n = number % DIFFERENT
    found: dict[str, Any] = {
        "id": f"hall-{number}",
        "tenant": f"tenant-{n % 7}",
        "contracted_kw": 1500.0 + 150.0 * n,
        "rent_per_kw_month": 118.0 + 3.0 * n,
        "commencement": f"{2021 + n % 6}-{1 + (5 * n) % 12:02}-01",
        "term_months": 72 + 17 * n,
        "free_rent_months": n % 3,
        "escalation": ESCALATIONS[n % len(ESCALATIONS)],
        "power": POWER_TERMS[n % len(POWER_TERMS)],
        "utilisation": 0.74,
        "peak_utilisation": 0.92,
    }
    if n % 4 == 0:
        found["ramp"] = [{"from_month": 0, "kw": 900.0}, {"from_month": 18, "kw": 1500.0 + 150.0 * n}]
    if n % 5 == 1:
        found["termination"] = {"month": 64, "fee_months": 9, "probability": 0.15}
    return found


def document(segments: int = 10, classes: int = 3, final: int = 360, **market: int) -> dict[str, Any]:
    """The deal as a client sends it; the first figures are those measured, growth is measured on others."""
    halls = [segment(n) for n in range(segments)]
    return {
        "name": "bench",
        "currency": "USD",
        "closing": "2026-12-01",
        "tenants": [
            {"id": f"tenant-{t}", "rating": ("A", "BBB", "BB")[t % 3], "security_months": t % 4}
            for t in range(7)
        ],
        "facilities": [
            {
                "id": "hall",
                "capacity_kw": 1.1 * sum(hall["contracted_kw"] for hall in halls),
                "pue": [["2026-12-01", 1.35], ["2031-12-01", 1.3]],
                "appraised_value": 12000.0 * sum(hall["contracted_kw"] for hall in halls),
                "cost": 11000.0 * sum(hall["contracted_kw"] for hall in halls),
                "tenure": {"kind": "leasehold", "expiry": "2075-01-01", "ground_rent": 9e5, "growth": 0.02},
                "leases": halls,
                "power": SUPPLY,
                "operating_costs": [
                    {"name": "property_tax", "annual": 2.4e6, "growth": 0.03},
                    {"name": "staff", "per_kw_month": 2.1, "growth": 0.03},
                    {"name": "insurance", "annual": 6e5, "growth": 0.04},
                ],
                "management_fee": 0.03,
                "other_income": 2.4e5,
                "capex_reserve_per_kw_year": 22.0,
                "vacancy_floor": 0.04,
                "curtailment_hours_per_year": 30.0,
                "sla_credit_share": 0.4,
                "market": MARKET | market,
            }
        ],
        "market": {
            "power_index": [["2026-12-01", 55.0], ["2029-01-01", 51.0]],
            "cpi": 0.025,
            "base_rate": 0.041,
        },
        "debt": {
            "rate": 0.0575,
            "day_count": "ACT/360",
            "term_months": 120,
            "interest_only_months": 24,
            "amortisation": {"kind": "level", "months": 360},
        },
        "sizing": {
            "case": "lender",
            "value": {"kind": "npv", "discount_rate": 0.085, "months": 120, "terminal_cap_rate": 0.08},
            "tests": [
                {"kind": "max_ltv", "limit": 0.7},
                {
                    "kind": "min_dscr",
                    "limit": 1.3,
                    "service": "actual",
                    "basis": "minimum",
                    "numerator": "ncf",
                },
                {"kind": "min_debt_yield", "limit": 0.095},
                {
                    "kind": "refinance",
                    "rate": 0.075,
                    "months": 360,
                    "dscr": 1.2,
                    "ltv": 0.7,
                    "cap_rate": 0.08,
                },
            ],
        },
        "cases": [
            {
                "name": "lender",
                "credit": True,
                "vacancy_floor": 0.06,
                "rent_haircut": 0.01,
                "opex_factor": 1.03,
            }
        ],
        "structure": {
            "template": "abs_master_trust",
            "case": "lender",
            "denomination": 1000,
            "ard_months": 60,
            "legal_final_months": final,
            "additional_rate": 0.05,
            "classes": [note(k, classes) for k in range(classes)],
            "fees": [
                {"name": "trustee", "annual": 150000.0, "rate": 0.0005, "cap_annual": 400000.0},
                {"name": "manager", "annual": 60000.0, "rate": 0.0, "senior": False},
            ],
            "reserves": {"liquidity_months": 6},
            "triggers": {
                "service": "actual",
                "constant": 0.0858,
                "trap_below": 1.35,
                "amortise_below": 1.2,
                "cure_periods": 2,
                "pik_below": 1.05,
            },
        },
    }


def note(k: int, classes: int) -> dict[str, Any]:
    """A class, its limit rising with its place."""
    return {
        "name": f"class-{k}",
        "coupon": 0.055 + 0.0175 * k / max(1, classes - 1),
        "day_count": "30/360" if k % 2 else "ACT/360",
        "deferrable": k > 0,
        "limits": [{"kind": "max_ltv", "limit": 0.5 + 0.2 * (k + 1) / classes}],
    }


def deal(segments: int = 10, classes: int = 3, final: int = 360, **market: int) -> Deal:
    """The deal, decoded."""
    return msgspec.convert(document(segments, classes, final, **market), Deal)
