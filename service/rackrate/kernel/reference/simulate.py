"""Simulation in plain NumPy, all paths at once: what ``rackrate.kernel.simulate`` means."""

# Design: a lane is a path; pairs come first, then their mirror images. Money is added in the order of the
# compiled kernel, so that the two agree to the last bit. The waterfall is the twin of
# ``rackrate.kernel.pay``.

from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel.arguments import (
    Counts,
    ExitInputs,
    FacilityInputs,
    RiskFactors,
    Tallies,
    WaterfallInputs,
)
from rackrate.kernel.records import CLASS_SERIES, SERIES
from rackrate.kernel.reference.paths import draws
from rackrate.kernel.reference.paths.facility import earn, supply
from rackrate.kernel.reference.paths.lease import NEVER, Letting
from rackrate.kernel.reference.paths.tallies import tally
from rackrate.kernel.reference.waterfall import pay

Floats = NDArray[np.float64]
Rows = Any  # structured arrays, and rows of them, whose fields are named in records.py


def default_thresholds(survival: Floats, thresholds: Floats) -> None:
    """Phi^-1(1 - survival), infinite at certainty."""
    inverse = NormalDist().inv_cdf
    for at, alive in np.ndenumerate(survival):
        thresholds[at] = 1e300 if alive <= 0.0 else (-1e300 if alive >= 1.0 else inverse(1.0 - alive))


def simulate(
    seed: int, first_pair: int, pairs: int, risk: RiskFactors, facilities: FacilityInputs, exits: ExitInputs,
    structure: WaterfallInputs, centres: Floats, scales: Floats, tallies: Tallies, outcomes: Floats,
    defaults: Counts, flows: Floats,
) -> None:  # fmt: skip
    """Run antithetic pairs of paths and add them to the tallies; arguments as in ``rackrate.kernel``."""
    who = np.arange(first_pair, first_pair + pairs, dtype=np.uint64)
    path = _Path(seed, who, risk)
    ncf, available, by_facility = _run(path, facilities, risk.chances)
    takeout, sale = _exits(exits, ncf, by_facility)
    terms, notes = structure.terms, structure.notes
    step, periods, lanes = int(terms[0]["period_months"]), structure.coupon.shape[1], 2 * pairs
    value = _watch(exits, by_facility, step)
    series = np.empty((lanes, len(SERIES), periods))
    by_class = np.empty((lanes, len(CLASS_SERIES), len(notes), periods))
    events = np.empty((lanes, 5))
    pay(
        terms, notes, structure.coupon[None], structure.accrual[None], structure.schedule, structure.fees,
        structure.payments, structure.members, np.zeros(lanes, dtype=np.int64),
        _by_period(available, step, periods), _by_period(ncf, step, periods), takeout, sale, value, series,
        by_class, events,
    )  # fmt: skip
    tally(series, by_class, events, notes["principal"], step, centres, scales, first_pair, *tallies, outcomes)
    if len(defaults):
        months = np.where(path.default == NEVER, -1, path.default).T
        defaults[0::2], defaults[1::2] = months[:pairs], months[pairs:]
    if len(flows):
        flows[0::2], flows[1::2] = ncf[:pairs], ncf[pairs:]


class _Path:
    """The chance of every lane: the cycle, each tenant's month of default, rent and power month by month."""

    def __init__(self, seed: int, pairs: Any, risk: RiskFactors) -> None:
        factor, thresholds = risk.factor[0], risk.thresholds
        self.seed, self.pairs, self.terms, self.risk = seed, pairs, factor, risk
        self.lease_streams = risk.lease_streams.view(np.uint64).tolist()
        self.cycle = draws.normals(seed, draws.FACTOR, pairs, 0)
        rho = factor["asset_correlation"]
        self.default = np.empty((len(thresholds), 2 * len(pairs)))
        for t, limits in enumerate(thresholds):
            own = draws.normals(seed, int(risk.tenant_streams.view(np.uint64)[t]), pairs, 0)
            asset = np.sqrt(rho) * self.cycle + np.sqrt(1.0 - rho) * own
            month = np.searchsorted(limits, asset)
            self.default[t] = np.where(month == len(limits), NEVER, month)
        self.wiener = np.zeros((len(risk.rent_streams), 2 * len(pairs)))
        self.ou = np.zeros(2 * len(pairs))
        self.variance, self.moved = 0.0, 0
        speed, volatility = factor["power_speed"], factor["power_volatility"]
        a = speed / 6.0
        self.decay = float(draws.exponential(np.array([-speed / 12.0]))[0])
        left = 1.0 - a / 2.0 * (1.0 - a / 3.0)
        if a >= 1e-4:
            left = (1.0 - float(draws.exponential(np.array([-a]))[0])) / a
        self.shock = volatility * np.sqrt(left / 12.0)

    def power(self, index: float, scenario: Rows) -> Floats:
        """The power price of the month."""
        c = self.terms["power_loading"]
        level = draws.exponential((self.ou + c * self.cycle) - (self.variance / 2.0 + c * c / 2.0))
        price: Floats = index * level * scenario["power_price_factor"] + scenario["power_price_add"]
        return price

    def rent(self, facility: int, i: int) -> Floats:
        """Factor on a facility's market rent in the month."""
        moved, wiener = max(0, i - self.risk.offset), self.wiener[self.risk.rent_groups[facility]]
        sigma, beta = self.terms["rent_volatility"], self.terms["rent_loading"]
        own = sigma * np.sqrt(1.0 - beta * beta) * np.sqrt(1.0 / 12.0)
        shared = sigma * beta * np.sqrt(moved / 12.0)
        return draws.exponential((shared * self.cycle + own * wiener) - sigma * sigma * moved / 24.0)

    def advance(self, i: int) -> None:
        """Advance rents and power to a month of the deal."""
        if not (self.terms["rent_volatility"] > 0.0 or self.terms["power_volatility"] > 0.0):
            return
        for b in range(self.moved, max(0, i - self.risk.offset)):
            for g, stream in enumerate(self.risk.rent_streams.view(np.uint64).tolist()):
                steps = draws.four_months(self.seed, stream, self.pairs, b // 4)
                self.wiener[g] = self.wiener[g] + steps[b % 4]
            power = draws.four_months(self.seed, self.risk.power_stream, self.pairs, b // 4)[b % 4]
            self.ou = self.decay * self.ou + self.shock * power
            self.variance = self.decay * self.decay * self.variance + self.shock * self.shock
            self.moved = b + 1

    def renews(self, lease: int, i: int, chance: float) -> NDArray[np.bool_]:
        """Whether a letting that ends is renewed."""
        b = self.terms["renewal_loading"]
        draw = draws.normals(self.seed, self.lease_streams[lease], self.pairs, i)
        renewed: NDArray[np.bool_] = np.sqrt(1.0 - b * b) * draw - b * self.cycle <= chance
        return renewed

    def leaves(self, lease: int, i: int, probability: float) -> NDArray[np.bool_]:
        """Whether an option to terminate is exercised."""
        drawn = draws.uniforms(self.seed, self.lease_streams[lease], self.pairs, draws.OPTIONS + i)
        left: NDArray[np.bool_] = drawn <= probability
        return left


def _run(path: _Path, of: FacilityInputs, chances: Floats) -> tuple[Floats, Floats, Floats]:
    """Net cash flow [N, M], cash available [N, M] and net cash flow by facility [F, N, M]."""
    leases: Rows = of.leases
    facilities, scenario = of.facilities, of.scenario[0]
    months, lanes = len(of.power_index), len(path.cycle)
    ncf, available = np.zeros((2, lanes, months))
    by_facility = np.zeros((len(facilities), lanes, months))
    lettings = [
        Letting(row, of.markets[row["facility"]], scenario, path.default[row["tenant"]]) for row in leases
    ]
    peaks = np.zeros((len(facilities), months, lanes))
    for i in range(months):
        path.advance(i)
        price = path.power(of.power_index[i], scenario)
        for f, facility in enumerate(facilities):
            if i >= facility["expiry"]:
                continue
            offered = of.market_rent[f, i] * (1.0 - scenario["market_rent_haircut"]) * path.rent(f, i)
            here = [n for n, row in enumerate(leases) if row["facility"] == f]
            for n in here:
                lettings[n].live(
                    i,
                    of.rent[n, i] * (1.0 - scenario["rent_haircut"]),
                    of.kw[n, i],
                    of.growth[f, i],
                    offered,
                    lambda n=n, f=f, i=i: path.renews(n, i, float(chances[f])),
                    lambda n=n, i=i: path.leaves(n, i, leases[n]["termination_probability"]),
                )
            month = supply(
                [lettings[n] for n in here],
                facility,
                of.contracts,
                scenario,
                i,
                of.hours[i],
                of.pue[f, i],
                price,
                peaks[f],
            )
            net, receipts = earn(month, facility, of.costs, of.amounts, scenario, f, i)
            by_facility[f, :, i] = net
            ncf[:, i] += net
            available[:, i] += net + receipts
    return ncf, available, by_facility


def _exits(of: ExitInputs, ncf: Floats, by_facility: Floats) -> tuple[Floats, Floats]:
    """What a take-out loan repays at the ARD, and what a sale brings, on each path [N]."""
    exits = of.exits[0]
    ard, final = int(exits["ard"]), int(exits["final"])
    takeout = np.full(len(ncf), 1e300)
    net = _sum(ncf[:, ard : ard + 12])
    year = _sum(by_facility[:, :, ard : ard + 12])
    for test, factors in zip(of.takeouts, of.takeout_factors, strict=True):
        if not np.isnan(test["service"]):
            takeout = np.minimum(takeout, net / test["service"])
        if not np.isnan(test["ltv"]):
            takeout = np.minimum(takeout, test["ltv"] * _capitalised(year, factors))
    last = _capitalised(_sum(by_facility[:, :, max(0, final - 12) : final]), of.sale_factors)
    return takeout, np.maximum(0.0, np.minimum(exits["closing_value"], last) * exits["kept"])


def _sum(months: Floats) -> Floats:
    total = np.zeros(months.shape[:-1])
    for i in range(months.shape[-1]):
        total = total + months[..., i]
    return total


def _capitalised(year: Floats, factors: Floats) -> Floats:
    value = np.zeros(year.shape[1])
    for net, each in zip(year, factors, strict=True):
        value = value + net * each
    return np.maximum(0.0, value)


def _watch(of: ExitInputs, by_facility: Floats, step: int) -> Floats:
    """Value that LTV triggers look at, [N, P]; [N, 0] without them."""
    exits = of.exits[0]
    value = np.repeat(of.watched[None, :], by_facility.shape[1], axis=0)
    for t in np.flatnonzero(np.isnan(of.watched)):
        start = (int(t) - 1) * step
        end = start + int(exits["watch_months"])
        total, terminal = np.zeros((2, len(value)))
        for flow, factor in zip(by_facility, of.watch_factors[t], strict=True):
            kept = 1.0
            for i in range(start, end):
                kept *= exits["watch_discount"]
                total = total + flow[:, i] * kept
            terminal = terminal + (kept * _sum(flow[:, end : end + 12])) * factor
        value[:, t] = np.maximum(0.0, total + np.maximum(0.0, terminal))
    return value


def _by_period(months: Floats, step: int, periods: int) -> Floats:
    sums = months[:, : periods * step : step].copy()
    for m in range(1, step):
        sums = sums + months[:, m : periods * step : step]
    return sums
