"""Power in plain NumPy: contracts applied to a load, of months in the expected run and of paths."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel import records
from rackrate.kernel.records import LETTING

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rows = Any  # structured arrays, and rows of them, whose fields are named in records.py

NO_LOAD = 1e-9  # MWh up to which nothing is drawn, and no tenant pays anything back
LET = {name: k for k, name in enumerate(LETTING)}


@dataclass
class Served:
    """What serves a load, and what that costs; an element a month, or a path."""

    unserved: Floats
    hedged: Floats
    recoverable: Floats
    shortfall: Floats
    settlement: Floats

    @classmethod
    def not_yet(cls, load: Floats) -> "Served":
        """Nothing of a load is served."""
        return cls(load.copy(), *np.zeros((4, *load.shape)))

    def within(self, months: slice) -> "Served":
        """The same of some months; what is settled there is settled here."""
        return Served(*(getattr(self, line.name)[months] for line in fields(self)))


def escalator(contract: Rows, i: Integers | int) -> Any:
    """Growth of a contract's prices by month i, year upon year as the kernel has it."""
    years = (i - contract["start"]) // 12
    return np.cumprod([1.0, *np.full(np.max(years, initial=0), 1.0 + contract["escalation"])])[years]


def settle(
    contract: Rows, level: Any, hours: Any, index: Floats, peak: Floats, highest: Floats, served: Served
) -> None:
    """Apply a contract to what is unserved; `level` escalates it, `highest` is the peak of months before."""
    price, volume = contract["price"] * level, contract["mw"] * hours
    used = np.zeros_like(served.unserved)
    match contract["kind"]:
        case records.FIXED_BLOCK:
            used = np.minimum(served.unserved, volume)
            net = (volume - used) * (price - contract["resale_share"] * index)
            served.recoverable += used * price
            served.settlement -= np.minimum(net, 0.0)
            served.shortfall += np.maximum(net, 0.0)
            served.hedged += used
        case records.FULL_REQUIREMENTS:
            used = served.unserved.copy()
            served.recoverable += used * price
            served.hedged += used
        case records.INDEXED:
            used = np.minimum(served.unserved, volume)
            served.recoverable += used * (index + price)
        case records.TARIFF:
            used = served.unserved.copy()
            least = contract["minimum_demand_share"] * contract["contracted_demand_kw"]
            demand = np.maximum(peak, np.maximum(contract["ratchet_share"] * highest, least))
            charges = level * (contract["demand_rate"] * peak + contract["fixed_monthly"])
            served.recoverable += used * price + charges
            served.shortfall += level * contract["demand_rate"] * (demand - peak)
            served.hedged += used
        case records.CFD:
            served.settlement += volume * (index - price)
            served.hedged += volume
    served.unserved -= used


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
            highest = np.array([peaks[max(i - 11, 0) : i].max(initial=0.0) for i in range(len(peaks))])
            kwh = hours * (1.0 - facility["curtailment_share"])
            loads = ratio * let[LET["load_kw"]] * (kwh / 1000.0)
            served, n = Served.not_yet(loads), min(len(index), int(facility["expiry"]))
            for c in range(facility["power_start"], facility["power_end"]):
                contract = contracts[c]
                at = slice(max(int(contract["start"]), 0), min(n, int(contract["end"])))
                before, level = served.shortfall.copy(), escalator(contract, np.arange(len(index))[at])
                settle(contract, level, hours[at], prices[at], peaks[at], highest[at], served.within(at))
                unused[s, c] += (served.shortfall - before)[:within].sum()
            served.recoverable += served.unserved * prices
            drawn = loads > NO_LOAD
            unit = np.where(drawn, served.recoverable / np.where(drawn, loads, 1.0), 0.0)
            metered = unit * let[LET["metered_kw"]] + let[LET["fixed_price_revenue"]]
            lines = (
                loads,
                served.unserved,
                served.hedged,
                served.recoverable + served.shortfall - served.settlement,
                metered * kwh / 1000.0,
                served.shortfall,
            )
            power[s, f, :, :n] = np.stack(lines)[:, :n]
