"""Ground leases in a case: the landlord's rent, the leasehold above it, default, cure and receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from rackrate import kernel
from rackrate.deal.cases import Case
from rackrate.deal.pools.ground_leases import (
    CpiGrowth,
    FixedGrowth,
    GroundLease,
    PoolCase,
    StatedLeasehold,
)
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.requests.pool import PoolBase
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.debt.terms import ratio
from rackrate.engine.facility.facilities import annual_growth
from rackrate.engine.property.facility_runs import FacilityRuns
from rackrate.engine.property.stated import standing, stated_case
from rackrate.engine.timeline import Floats

YEAR = 12
NEVER = -1


@dataclass(frozen=True)
class ResolvedLease:
    """A ground lease in months from closing: `rent` [N] is its contract rent, paid from `start` on."""

    lease: GroundLease
    start: int
    expiry: int
    rent: Floats


@dataclass(frozen=True)
class GroundRun:
    """One ground lease in one case, by month.

    Attributes
    ----------
    rent : array [N]
        Contract rent, whether paid or not.
    leasehold : array [N]
        Cash flow of the leasehold before it.
    income, costs, receipts : array [N]
        What the landlord receives and pays, and what a take-over brings.
    start, expiry : int
        First month of rent; month in which the lease ends.
    default_month : int
        -1 for none.
    cured : bool
    """

    lease: GroundLease
    rent: Floats
    leasehold: Floats
    income: Floats
    costs: Floats
    receipts: Floats
    start: int
    expiry: int
    default_month: int
    cured: bool

    @property
    def is_lost(self) -> bool:
        """Whether the lease ends in default."""
        return self.default_month != NEVER and not self.cured

    def rent_at_closing(self) -> float:
        """Contract rent of the first twelve months."""
        return fsum(self.rent[:YEAR].tolist())

    def coverage(self) -> float | None:
        """Leasehold cash flow over rent of the first twelve months; None where none is due."""
        due = self.rent_at_closing()
        return fsum(self.leasehold[:YEAR].tolist()) / due if due > 0.0 else None

    def minimum_coverage(self, within: int) -> float | None:
        """Least cover of twelve months that end within so many months."""
        found = trailing(self.leasehold, self.rent, self.start, min(self.expiry, within))
        return float(found.min()) if len(found) else None


def trailing(leasehold: Floats, rent: Floats, start: int, end: int) -> Floats:
    """Leasehold cash flow over rent of each twelve months from the start of rent to `end`."""
    if end < start + YEAR:
        return np.empty(0)
    years = np.stack([sliding_window_view(flow[start:end], YEAR) for flow in (leasehold, rent)]).sum(axis=2)
    return ratio(years[0], years[1], np.inf)


def contract_rent(lease: GroundLease, commencement: int, expiry: int, cpi: Floats) -> Floats:
    """Contract rent by month: escalated at anniversaries, lifted where a reset falls on one."""
    c, start, escalation = commencement, max(commencement, 0), lease.escalation
    steps = (
        {}
        if isinstance(escalation, FixedGrowth | CpiGrowth)
        else {s.from_month: s.rent for s in escalation.steps}
    )
    land = np.empty((1, len(cpi)))
    kernel.compound_index(np.array([lease.land_growth]), land)
    yearly = next((steps[m] for m in sorted(steps, reverse=True) if m <= start - c), lease.rent)
    rent = np.zeros(len(cpi))
    for i in range(start, min(expiry, len(cpi))):
        if i > start and (i - c) % YEAR == 0:
            if isinstance(escalation, FixedGrowth):
                yearly *= 1.0 + escalation.rate
            elif isinstance(escalation, CpiGrowth):
                low = -np.inf if escalation.floor is None else escalation.floor
                high = np.inf if escalation.cap is None else escalation.cap
                yearly *= 1.0 + float(min(max(cpi[i], low), high))
            else:
                yearly = steps.get(i - c, yearly)
            if lease.reset is not None and (i - c) % lease.reset.every_months == 0:
                yearly = max(yearly, lease.reset.share_of_land_value * lease.land_value * float(land[0, i]))
        rent[i] = yearly / YEAR
    return rent


def run_ground_leases(
    pool: PoolBase,
    leases: Sequence[ResolvedLease],
    ruleset: Ruleset,
    defaults: PoolRuleset,
    case: Case,
    facilities: tuple[FacilityRuns, int] | None,
) -> list[GroundRun]:
    """Run ground leases in one case; `facilities` are runs of the leaseholds, and its place in them."""
    found = []
    for held in leases:
        leasehold, revenue = _leasehold(pool, held, defaults, case, facilities)
        found.append(_run(held, ruleset, defaults, case, leasehold, revenue))
    return found


def _leasehold(
    pool: PoolBase,
    lease: ResolvedLease,
    defaults: PoolRuleset,
    case: Case,
    facilities: tuple[FacilityRuns, int] | None,
) -> tuple[Floats, Floats]:
    """Cash flow before ground rent, and revenue for percentage rent, by month."""
    held, months = lease.lease.leasehold, len(lease.rent)
    if isinstance(held, StatedLeasehold):
        growth = annual_growth([held.growth], months)[0]
        cut = 1.0 - stated_case(case.name, pool, defaults).ncf_haircut
        left = standing(held.tenants, case.tenant_defaults or [], defaults, months)
        return held.ncf / 12.0 * growth * cut * left, held.revenue / 12.0 * growth
    if facilities is None:
        raise ValueError("facilities: a leasehold names one, and there is none")
    runs, at = facilities
    f = runs.index[held.id]
    lines = {
        name: runs.flow.group_line(name, f)[at, :months]
        for name in ("ncf", "ground_rent", "egi", "power_recovery")
    }
    return lines["ncf"] + lines["ground_rent"], lines["egi"] - lines["power_recovery"]


def _default_month(
    lease: GroundLease,
    defaults: PoolRuleset,
    case: Case,
    rent: Floats,
    leasehold: Floats,
    start: int,
    expiry: int,
) -> int:
    """First month of default: scripted, or after cover has been too low for too long; -1 for none."""
    events = (case.ground_defaults or []) if isinstance(case, PoolCase) else []
    months = [event.month for event in events if event.ground_lease == lease.id]
    low = 0
    for k, cover in enumerate(trailing(leasehold, rent, start, expiry).tolist()):
        low = low + 1 if cover < defaults.ground.default_below else 0
        if low >= defaults.ground.default_months:
            months.append(start + YEAR + k)
            break
    found = min(months, default=NEVER)
    return found if found < expiry else NEVER


def _run(
    held: ResolvedLease,
    ruleset: Ruleset,
    defaults: PoolRuleset,
    case: Case,
    leasehold: Floats,
    revenue: Floats,
) -> GroundRun:
    lease, start, expiry, rent = held.lease, held.start, held.expiry, held.rent
    within = (np.arange(len(rent)) >= start) & (np.arange(len(rent)) < expiry)
    income = rent.copy()
    if lease.percentage is not None:
        over = np.maximum(0.0, revenue - lease.percentage.breakpoint / 12.0)
        income += np.where(within, lease.percentage.share * over, 0.0)
    growth = annual_growth([lease.costs_growth], len(rent))[0]
    costs = np.where(within, lease.costs / 12.0 * growth, 0.0)
    receipts = np.zeros(len(rent))
    m = _default_month(lease, defaults, case, rent, leasehold, start, expiry)
    cured = False
    if m != NEVER:
        later = slice(m + lease.cure.months, m + lease.cure.months + YEAR)
        cured = lease.cure.mortgagee and float(leasehold[later].sum()) >= float(rent[later].sum())
        if cured and lease.cure.months:
            last = m + lease.cure.months - 1
            together = fsum(income[m : last + 1].tolist())
            income[m : last + 1] = 0.0
            income[last] = together
        elif not cured:
            income[m:], costs[m:] = 0.0, 0.0
            at = m + defaults.ground.takeover_months
            cap = case.cap_rate or ruleset.refinance.cap_rate
            leasehold_value = max(0.0, fsum(leasehold[at : at + YEAR].tolist())) / cap
            receipts[at - 1] = lease.step_up_share * min(lease.combined_value, leasehold_value)
    return GroundRun(lease, rent, leasehold, income, costs, receipts, start, expiry, m, cured)
