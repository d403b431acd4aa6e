"""Cash flow in plain NumPy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel.records import LETTING, LINES, SUPPLY

Floats = NDArray[np.float64]
Rows = Any  # structured arrays, and rows of them, whose fields are named in records.py


def net(
    facilities: Rows,
    costs: Rows,
    scenarios: Rows,
    amounts: Floats,
    letting: Floats,
    power: Floats,
    lines: Floats,
    facility_ncf: Floats,
) -> None:
    """Every line of the cash flow by group, and each facility's net cash flow."""
    lines[:] = facility_ncf[:] = 0.0
    months = np.arange(facility_ncf.shape[2])
    for s, scenario in enumerate(scenarios):
        for f, facility in enumerate(facilities):
            let = dict(zip(LETTING, letting[s, f], strict=True))
            supply = dict(zip(SUPPLY, power[s, f], strict=True))
            standing = months < facility["expiry"]
            operating = np.zeros(len(months))
            for cost, amount in zip(costs, amounts, strict=True):
                if cost["facility"] == f:
                    spent = amount * scenario["opex_factor"] * (let["occupied_kw"] if cost["per_kw"] else 1.0)
                    lines[s, facility["group"], cost["line"]] += spent * standing
                    operating += spent
            for name, values in _lines(facility, scenario, let, supply, operating, months).items():
                lines[s, facility["group"], LINES.index(name)] += values * standing
                if name == "ncf":
                    facility_ncf[s, f] = values * standing


def _lines(
    facility: Rows,
    scenario: Rows,
    let: dict[str, Floats],
    supply: dict[str, Floats],
    operating: Floats,
    months: NDArray[np.int64],
) -> dict[str, Floats]:
    rent, capacity = let["base_rent"], facility["capacity_kw"]
    floor = max(facility["vacancy_floor"], scenario["vacancy_floor"])
    vacancy = np.maximum(0.0, floor - (1.0 - let["paying_kw"] / capacity)) * rent
    vacancy = vacancy + facility["sla_credit_share"] * facility["curtailment_share"] * rent
    other = np.full(len(rent), facility["other_income"] / 12.0)
    egi = rent + supply["recovery"] + other - vacancy
    ground = facility["ground_rent"] * (1.0 + facility["ground_rent_growth"]) ** (months // 12) / 12.0
    fee = max(facility["management_fee"], scenario["management_fee_floor"]) * (egi - supply["recovery"])
    noi = egi - supply["cost"] - operating - ground - fee
    reserve = np.full(
        len(rent), capacity * max(facility["capex_reserve"], scenario["capex_reserve_floor"]) / 12.0
    )
    before = noi - reserve - let["leasing_costs"]
    haircut = scenario["ncf_haircut"] * np.maximum(0.0, before)
    ncf = before - haircut
    return {
        "base_rent": rent,
        "power_recovery": supply["recovery"],
        "other_income": other,
        "vacancy_and_credit_loss": vacancy,
        "egi": egi,
        "power_cost": supply["cost"],
        "ground_rent": ground,
        "management_fee": fee,
        "noi": noi,
        "capital_reserve": reserve,
        "leasing_costs": let["leasing_costs"],
        "ncf_haircut": haircut,
        "ncf": ncf,
        "termination_receipts": let["termination_receipts"],
        "available": ncf + let["termination_receipts"],
    }
