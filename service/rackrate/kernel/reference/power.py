"""Power in plain NumPy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel import records
from rackrate.kernel.records import LETTING, SUPPLY

Floats = NDArray[np.float64]
Rows = Any  # structured arrays, and rows of them, whose fields are named in records.py

NO_LOAD = 1e-9  # MWh up to which nothing is drawn, and no tenant pays anything back
LET = {name: k for k, name in enumerate(LETTING)}
OUT = {name: k for k, name in enumerate(SUPPLY)}


def _settle(
    contract: Rows, peaks: Floats, i: int, hours: float, index: float, month: dict[str, float]
) -> None:
    escalator = (1.0 + contract["escalation"]) ** ((i - contract["start"]) // 12)
    price = contract["price"] * escalator
    volume = contract["mw"] * hours
    match contract["kind"]:
        case records.FIXED_BLOCK:
            used = min(month["unserved"], volume)
            net = (volume - used) * (price - contract["resale_share"] * index)
            month["recoverable"] += used * price
            month["settlement"] -= min(net, 0.0)
            month["shortfall"] += max(net, 0.0)
            month["hedged"] += used
        case records.FULL_REQUIREMENTS:
            used = month["unserved"]
            month["recoverable"] += used * price
            month["hedged"] += used
        case records.INDEXED:
            used = min(month["unserved"], volume)
            month["recoverable"] += used * (index + price)
        case records.TARIFF:
            used = month["unserved"]
            demand = max(
                peaks[i],
                contract["ratchet_share"] * max(peaks[max(i - 11, 0) : i], default=0.0),
                contract["minimum_demand_share"] * contract["contracted_demand_kw"],
            )
            charge = contract["demand_rate"] * escalator
            month["recoverable"] += used * price + charge * peaks[i] + contract["fixed_monthly"] * escalator
            month["shortfall"] += charge * (demand - peaks[i])
            month["hedged"] += used
        case records.CFD:
            used = 0.0
            month["settlement"] += volume * (index - price)
            month["hedged"] += volume
    month["unserved"] -= used


def supply(
    facilities: Rows,
    contracts: Rows,
    scenarios: Rows,
    index: Floats,
    hours: Floats,
    pue: Floats,
    letting: Floats,
    power: Floats,
    unused: Floats,
    within: int,
) -> None:
    """Load, unhedged and hedged energy, cost, recovery and shortfall of every facility, month by month."""
    power[:] = unused[:] = 0.0
    for s, scenario in enumerate(scenarios):
        prices = index * scenario["power_price_factor"] + scenario["power_price_add"]
        for f, facility in enumerate(facilities):
            let = letting[s, f]
            ratio = pue[f] + scenario["pue_add"]
            peaks = ratio * let[LET["peak_kw"]]
            kwh = hours * (1.0 - facility["curtailment_share"])
            loads = ratio * let[LET["load_kw"]] * (kwh / 1000.0)
            for i in range(min(len(index), facility["expiry"])):
                month = dict.fromkeys(("hedged", "recoverable", "shortfall", "settlement"), 0.0) | {
                    "unserved": loads[i]
                }
                for c in range(facility["power_start"], facility["power_end"]):
                    if contracts[c]["start"] <= i < contracts[c]["end"]:
                        before = month["shortfall"]
                        _settle(contracts[c], peaks, i, hours[i], prices[i], month)
                        unused[s, c] += (month["shortfall"] - before) * (i < within)
                month["recoverable"] += month["unserved"] * prices[i]
                unit = month["recoverable"] / loads[i] if loads[i] > NO_LOAD else 0.0
                metered = unit * let[LET["metered_kw"], i] + let[LET["fixed_price_revenue"], i]
                power[s, f, :, i] = (
                    loads[i],
                    month["unserved"],
                    month["hedged"],
                    month["recoverable"] + month["shortfall"] - month["settlement"],
                    metered * kwh[i] / 1000.0,
                    month["shortfall"],
                )
