"""Leases in plain NumPy: every letting is followed on its own, cohort by cohort."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel.records import LETTING

Floats = NDArray[np.float64]
Rows = Any  # structured arrays, and rows of them, whose fields are named in records.py

COLUMN = {name: k for k, name in enumerate(LETTING)}


def compound_index(rates: Floats, index: Floats) -> None:
    """index[f, i] = (1 + rates[f]) ** (i / 12)."""
    index[:] = (1.0 + rates[:, None]) ** (np.arange(index.shape[1]) / 12.0)


def contract(leases: Rows, ramps: Rows, steps: Rows, cpi: Floats, rent: Floats, kw: Floats) -> None:
    """Contract rent and billed kW by month, free rent ignored."""
    rent[:] = kw[:] = 0.0
    for n, lease in enumerate(leases):
        start, term = lease["commencement"], lease["term"]
        first = max(start, 0)
        for i in range(first, min(start + term, len(cpi))):
            since = i - start
            ramp = [s for s in ramps[lease["ramp_start"] : lease["ramp_end"]] if s["from_month"] <= since]
            kw[n, i] = ramp[-1]["value"] if ramp else lease["contracted_kw"]
            years = since // 12 - (first - start) // 12
            if lease["escalation"] == 2:
                step = [s for s in steps[lease["step_start"] : lease["step_end"]] if s["from_month"] <= since]
                rent[n, i] = step[-1]["value"] if step else lease["rent"]
            elif lease["escalation"] == 1:
                anniversaries = start + 12 * ((first - start) // 12 + np.arange(1, years + 1))
                clipped = np.clip(cpi[anniversaries], lease["escalation_floor"], lease["escalation_cap"])
                rent[n, i] = lease["rent"] * np.prod(1.0 + clipped)
            else:
                rent[n, i] = lease["rent"] * (1.0 + lease["escalation_rate"]) ** years


@dataclass
class Lettings:
    """One lease in one scenario: what starts when, and what it has come to so far."""

    market: Rows
    scenario: Rows
    market_rent: Floats
    months: int
    mass: Floats = field(init=False)
    paying: Floats = field(init=False)
    rent: Floats = field(init=False)
    starts: dict[int, list[tuple[float, float, bool]]] = field(init=False)  # month -> (mass, rent, renewal)

    def __post_init__(self) -> None:
        self.mass, self.paying, self.rent = np.zeros((3, self.months))
        self.starts = defaultdict(list)

    def offered(self, month: int) -> float:
        """Market rent in the scenario."""
        return float(self.market_rent[month] * (1.0 - self.scenario["market_rent_haircut"]))

    def renewed_rent(self, month: int, expiring: float) -> float:
        """Rent at which an expiring letting renews."""
        market = self.offered(month)
        choices = (market, expiring, min(market, expiring))
        return choices[self.market["renew_at"]]

    def rent_in(self, start: int, rent: float, month: Any) -> Any:
        """Rent of a letting in a later month, or in an array of them."""
        return rent * (1.0 + self.market["escalation"]) ** ((month - start) // 12)

    def relet(self, month: int, mass: float, discount: float = 0.0) -> None:
        """A new letting starts, if the horizon still sees it."""
        if month < self.months and mass:
            self.starts[month].append((mass, self.offered(month) * (1.0 - discount), False))

    def run(self, p: float, downtime: int, costs: Floats) -> None:
        """Follow every market letting to its end and on into its renewals and re-lettings."""
        term, free = self.market["term"], self.market["free_rent"]
        for month in range(self.months):
            for mass, rent, renewal in self.starts[month]:
                cost = self.market["renewal_cost" if renewal else "reletting_cost"]
                costs[month] += cost * mass
                let = np.arange(month, min(month + term, self.months))
                pays = mass * (renewal | (let - month >= free))
                self.mass[let] += mass
                self.paying[let] += pays
                self.rent[let] += pays * self.rent_in(month, rent, let)
                end = month + term
                if end < self.months:
                    expiring = self.rent_in(month, rent, end - 1)
                    self.starts[end].append((p * mass, self.renewed_rent(end, expiring), True))
                    self.relet(end + downtime, (1.0 - p) * mass)


def _tenant_chain(
    lease: Rows,
    lettings: Lettings,
    rent: Floats,
    kw: Floats,
    survival: Floats,
    p: float,
    waits: tuple[int, int],
    costs: Floats,
    receipts: Floats,
) -> Floats:
    """The tenant's own lettings month by month: (mass, kW, paying kW, rent paid)."""
    scenario, market = lettings.scenario, lettings.market
    relets = not scenario["contracted_only"]
    out = np.zeros((4, lettings.months))
    start, mass, alive, now, renewed = lease["commencement"], 1.0, 1.0, 0.0, False
    end = start + lease["term"]
    base = 0.0
    for i in range(max(start, 0), lettings.months):
        if i == end:
            if relets:
                lettings.relet(i + waits[0], (1.0 - p) * mass)
            mass *= p if relets else 0.0
            base = lettings.renewed_rent(i, now)
            start, end, renewed = i, i + market["term"], True
            costs[i] += market["renewal_cost"] * mass
        now = lettings.rent_in(start, base, i) if renewed else rent[i] * (1.0 - scenario["rent_haircut"])
        now_kw = lease["contracted_kw"] if renewed else kw[i]
        early = 1.0 - survival[i - 1] if i == lease["commencement"] and i > 0 else 0.0
        leaves = lease["termination_probability"] if i == lease["termination"] and not renewed else 0.0
        terminated = (mass - early) * leaves
        receipts[i] += lease["fee_months"] * now * now_kw * terminated
        mass -= terminated
        alive -= early
        defaulted = early + (mass - early) * (1.0 - (survival[i] / alive if alive else 0.0))
        alive = survival[i]
        receipts[i] += lease["security_months"] * now * now_kw * defaulted
        mass -= defaulted
        if relets:
            lettings.relet(i + waits[1], defaulted, market["default_rent_discount"])
            lettings.relet(i + waits[0], terminated)
        pays = renewed or i - start >= lease["free_rent"]
        out[:, i] = mass, mass * now_kw, mass * now_kw * pays, mass * now_kw * pays * now
    return out


def let(
    leases: Rows,
    markets: Rows,
    scenarios: Rows,
    rent: Floats,
    kw: Floats,
    market_rent: Floats,
    growth: Floats,
    pue: Floats,
    survival: Floats,
    letting: Floats,
    off: Floats,
) -> None:
    """Expected letting of every facility in every scenario."""
    letting[:] = off[:] = 0.0
    months = rent.shape[1]
    for s, scenario in enumerate(scenarios):
        for n, lease in enumerate(leases):
            if scenario["closing"] and lease["booked_not_billed"]:
                continue
            f = lease["facility"]
            market, out = markets[f], letting[s, f]
            lettings = Lettings(market, scenario, market_rent[f], months)
            p = min(1.0, market["renewal_probability"] * scenario["renewal_factor"])
            waits = (
                market["downtime"] + scenario["downtime_add"],
                market["default_downtime"] + scenario["downtime_add"],
            )
            costs = np.zeros(months)
            tenant = _tenant_chain(
                lease, lettings, rent[n], kw[n], survival[s, lease["tenant"]], p, waits, costs,
                out[COLUMN["termination_receipts"]],
            )  # fmt: skip
            lettings.run(p, waits[0], costs)
            _collect(lease, scenario, tenant, lettings, pue[f], out)
            out[COLUMN["leasing_costs"]] += costs * lease["contracted_kw"] * growth[f]


def _collect(
    lease: Rows, scenario: Rows, tenant: Floats, lettings: Lettings, pue: Floats, out: Floats
) -> None:
    kw = lease["contracted_kw"]
    occupied = tenant[1] + lettings.mass * kw
    out[COLUMN["base_rent"]] += tenant[3] + lettings.rent * kw
    out[COLUMN["paying_kw"]] += tenant[2] + lettings.paying * kw
    out[COLUMN["occupied_kw"]] += occupied
    if lease["power"] == 3:
        return
    it_kw = occupied * lease["utilisation"] * scenario["utilisation_factor"]
    ratio = np.minimum(pue + scenario["pue_add"], lease["pue_cap"])
    out[COLUMN["load_kw"]] += it_kw
    out[COLUMN["peak_kw"]] += occupied * lease["peak_utilisation"] * scenario["utilisation_factor"]
    if lease["power"] == 0:
        out[COLUMN["metered_kw"]] += it_kw * ratio * (1.0 + lease["markup"])
    elif lease["power"] == 1:
        i, first = np.arange(len(pue)), max(lease["commencement"], 0)
        years = (i - lease["commencement"]) // 12 - (first - lease["commencement"]) // 12
        price = lease["power_price"] * (1.0 + lease["power_escalation"]) ** np.maximum(years, 0)
        out[COLUMN["fixed_price_revenue"]] += it_kw * ratio * price
