"""A facility's month on a path in plain NumPy: load, power contracts, recoveries, net cash flow."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel import records
from rackrate.kernel.reference.paths.lease import Letting
from rackrate.kernel.reference.power import NO_LOAD, Served, escalator, settle

Floats = NDArray[np.float64]
Rows = Any  # structured arrays, and rows of them, whose fields are named in records.py


@dataclass
class Month:
    """One facility, one month, a value a lane."""

    rent: Floats
    paying: Floats
    occupied: Floats
    costs: Floats
    receipts: Floats
    power_cost: Floats
    recovery: Floats


def supply(
    lettings: list[Letting], facility: Rows, contracts: Rows, scenario: Rows, i: int, hours: float, pue:
    float, price: Floats, peaks: Floats,
) -> Month:  # fmt: skip
    """Load, power contracts and recoveries of a facility in a month."""
    rent, paying, occupied, costs, receipts, load_kw, peak_kw, metered, fixed = np.zeros((9, len(price)))
    ratio = pue + scenario["pue_add"]
    for letting in lettings:
        lease = letting.lease
        rent, paying, occupied = rent + letting.rent, paying + letting.paying, occupied + letting.occupied
        costs, receipts = costs + letting.costs, receipts + letting.receipts
        if lease["power"] == records.DIRECT:
            continue
        drawn = letting.occupied * lease["utilisation"] * scenario["utilisation_factor"]
        load_kw = load_kw + drawn
        peak_kw = peak_kw + letting.occupied * lease["peak_utilisation"] * scenario["utilisation_factor"]
        if lease["power"] == records.METERED:
            metered = metered + drawn * min(ratio, lease["pue_cap"]) * (1.0 + lease["markup"])
        elif lease["power"] == records.FIXED_PRICE:
            fixed = fixed + drawn * min(ratio, lease["pue_cap"]) * _own_price(lease, i)
    keep = 1.0 - facility["curtailment_share"]
    peaks[i] = ratio * peak_kw
    load = ratio * load_kw * (hours * keep / 1000.0)
    served = _serve(facility, contracts, i, hours, price, load, peaks)
    drawn = load > NO_LOAD
    unit = np.where(drawn, served.recoverable / np.where(drawn, load, 1.0), 0.0)
    recovery = hours * keep / 1000.0 * (unit * metered + fixed)
    cost = served.recoverable + served.shortfall - served.settlement
    return Month(rent, paying, occupied, costs, receipts, cost, recovery)


def _own_price(lease: Rows, i: int) -> float:
    price, first = float(lease["power_price"]), max(int(lease["commencement"]), 0)
    for month in range(first + 1, i + 1):
        if (month - lease["commencement"]) % 12 == 0:
            price = price * (1.0 + lease["power_escalation"])
    return price


def _serve(
    facility: Rows, contracts: Rows, i: int, hours: float, price: Floats, load: Floats, peaks: Floats
) -> Served:
    """Apply the contracts in force to the load of a month; what nothing serves is bought at the index."""
    served = Served.not_yet(load)
    highest = peaks[max(i - 11, 0) : i].max(axis=0, initial=0.0)
    for contract in contracts[facility["power_start"] : facility["power_end"]]:
        if contract["start"] <= i < contract["end"]:
            settle(contract, escalator(contract, i), hours, price, peaks[i], highest, served)
    served.recoverable += served.unserved * price
    return served


def earn(
    month: Month, facility: Rows, costs: Rows, amounts: Floats, scenario: Rows, f: int, i: int
) -> tuple[Floats, Floats]:
    """Net cash flow of the facility, and termination receipts."""
    operating = np.zeros_like(month.rent)
    for cost, amount in zip(costs, amounts, strict=True):
        if cost["facility"] == f:
            each = amount[i] * scenario["opex_factor"]
            operating = operating + (each * month.occupied if cost["per_kw"] else each)
    floor = max(facility["vacancy_floor"], scenario["vacancy_floor"])
    empty = np.maximum(0.0, floor - (1.0 - month.paying / facility["capacity_kw"]))
    vacancy = month.rent * (empty + facility["sla_credit_share"] * facility["curtailment_share"])
    egi = month.rent + month.recovery + facility["other_income"] / 12.0 - vacancy
    ground = 1.0
    for _ in range(i // 12):
        ground = ground * (1.0 + facility["ground_rent_growth"])
    fee = max(facility["management_fee"], scenario["management_fee_floor"]) * (egi - month.recovery)
    noi = egi - month.power_cost - operating - facility["ground_rent"] * ground / 12.0 - fee
    reserve = facility["capacity_kw"] * max(facility["capex_reserve"], scenario["capex_reserve_floor"]) / 12.0
    before = noi - reserve - month.costs
    return before - scenario["ncf_haircut"] * np.maximum(0.0, before), month.receipts
