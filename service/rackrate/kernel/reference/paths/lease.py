"""Lettings on a path in plain NumPy: one lease, whole, in every lane at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rackrate.kernel import records

Floats = NDArray[np.float64]
Rows = Any  # structured arrays, and rows of them, whose fields are named in records.py
WAITING, CONTRACT, RENEWED, MARKET, VACANT = range(5)
NEVER = 1e18


class Letting:
    """A lease through contract, renewals, default, termination, vacancy, new lettings (arrays of N lanes)."""

    def __init__(self, lease: Rows, market: Rows, scenario: Rows, default: Floats) -> None:
        lanes = len(default)
        self.lease, self.market, self.scenario, self.default = lease, market, scenario, default
        self.stage = np.full(lanes, WAITING)
        self.until, self.anniversary, self.free_until = np.full((3, lanes), NEVER)
        self.now, self.kept = np.zeros(lanes), np.ones(lanes)
        self.occupied, self.paying, self.rent, self.costs, self.receipts = np.zeros((5, lanes))

    def live(
        self, i: int, rent: float, kw: float, growth: float, offered: Floats, renews: Any, leaves: Any
    ) -> None:
        """Advance a lease by a month; ``renews`` and ``leaves`` draw when asked."""
        lease, market = self.lease, self.market
        self.costs, self.receipts = np.zeros_like(self.now), np.zeros_like(self.now)
        if i == max(lease["commencement"], 0):
            self.stage[:], self.until[:] = CONTRACT, lease["commencement"] + lease["term"]
        if i < max(lease["commencement"], 0):
            return
        self.expire(i, growth, offered, renews)
        rises = (self.anniversary == i) & (self.stage < VACANT)
        self.now = np.where(rises, self.now * (1.0 + market["escalation"]), self.now)
        self.anniversary = np.where(rises, self.anniversary + 12.0, self.anniversary)
        self.now = np.where(self.stage == CONTRACT, rent, self.now)
        if i == lease["termination"]:
            goes = leaves() & (self.stage == CONTRACT) & (self.default >= i)
            self.receipts = self.receipts + goes * (lease["fee_months"] * self.now * kw)
            self.vacate(goes, i + market["downtime"], 1.0)
        own_kw = np.where(self.stage == CONTRACT, kw, lease["contracted_kw"])
        fails = (self.default <= i) & (self.stage < MARKET)
        self.receipts = self.receipts + fails * (lease["security_months"] * self.now * own_kw)
        self.vacate(fails, i + market["default_downtime"], 1.0 - market["default_rent_discount"])
        self.relet(i, growth, offered)
        self.settle(i, kw)

    def vacate(self, who: NDArray[np.bool_], until: int, kept: float) -> None:
        """Who leaves, when the space is let again (the case adds to it), and at what share of market rent."""
        self.stage = np.where(who, VACANT, self.stage)
        self.until = np.where(who, until + self.scenario["downtime_add"], self.until)
        self.kept = np.where(who, kept, self.kept)

    def expire(self, i: int, growth: float, offered: Floats, renews: Any) -> None:
        """A letting that ends renews, or leaves the space vacant."""
        ends = (self.until == i) & (self.stage < VACANT)
        if not ends.any():
            return
        stays = ends & renews()
        market, kw = self.market, self.lease["contracted_kw"]
        cost = np.where(
            self.stage < MARKET, market["renewal_cost"] * kw * growth, kw * growth * market["renewal_cost"]
        )
        self.costs = self.costs + stays * cost
        at_market = (market["renew_at"] == records.AT_MARKET) | (
            (market["renew_at"] == records.LOWER_OF) & (offered < self.now)
        )
        self.now = np.where(stays & at_market, offered, self.now)
        self.stage = np.where(stays & (self.stage == CONTRACT), RENEWED, self.stage)
        self.anniversary = np.where(stays, i + 12.0, self.anniversary)
        self.until = np.where(stays, i + market["term"], self.until)
        self.vacate(ends & ~stays, i + market["downtime"], 1.0)

    def relet(self, i: int, growth: float, offered: Floats) -> None:
        """Vacant space whose time has come is let anew."""
        starts = (self.until == i) & (self.stage == VACANT)
        market = self.market
        self.now = np.where(starts, offered * self.kept, self.now)
        self.stage = np.where(starts, MARKET, self.stage)
        self.until = np.where(starts, i + market["term"], self.until)
        self.anniversary = np.where(starts, i + 12.0, self.anniversary)
        self.free_until = np.where(starts, i + market["free_rent"], self.free_until)
        self.costs = self.costs + starts * (self.lease["contracted_kw"] * growth * market["reletting_cost"])

    def settle(self, i: int, kw: float) -> None:
        """Occupied and paying kW, rent and leasing costs of the month."""
        own_kw = np.where(self.stage == CONTRACT, kw, self.lease["contracted_kw"])
        self.occupied = np.where(self.stage == VACANT, 0.0, own_kw)
        free = self.free_until > i
        contract_pays = i - self.lease["commencement"] >= self.lease["free_rent"]
        pays = np.where(self.stage == CONTRACT, contract_pays, np.where(self.stage == MARKET, ~free, True))
        self.paying = pays * self.occupied
        self.rent = self.paying * self.now
