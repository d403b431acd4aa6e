"""Adjustments of a case in words, with their values in the unit they have."""

from typing import Any

from rackrate.documents.memo.given import Given
from rackrate.documents.wording import name, number, percent, words

LABELS = {
    "rent_haircut": "contract rent cut",
    "market_rent_haircut": "market rent cut",
    "ncf_haircut": "net cash flow cut",
    "vacancy_floor": "vacancy floor",
    "renewal_factor": "renewals",
    "downtime_add_months": "longer downtime",
    "credit": "tenants' credit",
    "pd_multiplier": "default hazard",
    "tenant_defaults": "tenants in default",
    "power_price_factor": "power index",
    "power_price_add": "power index",
    "utilisation_factor": "utilisation",
    "pue_add": "PUE",
    "opex_factor": "operating costs",
    "management_fee_floor": "management fee floor",
    "capex_reserve_floor": "capital reserve floor",
    "rate_add": "rates",
    "cap_rate": "capitalisation rate",
    "discount_rate": "discount rate",
}
FACTORS = frozenset(
    ("renewal_factor", "pd_multiplier", "power_price_factor", "utilisation_factor", "opex_factor")
)
MONTHS = frozenset(("downtime_add_months",))
PRICES = {"capex_reserve_floor": "kW-year", "power_price_add": "MWh"}


def adjustment_words(adjustment: str) -> str:
    """Name an adjustment."""
    return LABELS.get(adjustment, words(adjustment))


def value_words(adjustment: str, value: Any, given: Given) -> str:
    """Write the value of an adjustment: a factor, months, a price, or a percentage."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(f"{name(each.tenant)} in month {each.month}" for each in value)
    if adjustment in FACTORS:
        return f"× {number(value, 2)}"
    if adjustment in MONTHS:
        return f"+{number(value, 0)} months"
    if adjustment in PRICES:
        return f"{given.deal.currency} {number(value, 2)} per {PRICES[adjustment]}"
    if adjustment == "pue_add":
        return f"+{number(value, 2)}"
    return percent(value)


def told_value(adjustment: str, value: Any, given: Given) -> str:
    """Name an adjustment with its value."""
    return f"{adjustment_words(adjustment)} {value_words(adjustment, value, given)}"
