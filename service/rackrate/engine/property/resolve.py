"""Resolve what secures a pool: dates and curves become months and arrays, once for all cases."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rackrate.deal.pools.loans import Stated
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.requests.pool import Pool, PoolBase, leases_of
from rackrate.deal.units import month_index
from rackrate.engine.facility.facilities import annual_growth
from rackrate.engine.facility.income import YEAR
from rackrate.engine.facility.resolve import CollateralTerms
from rackrate.engine.property.ground_leases import ResolvedLease, contract_rent
from rackrate.engine.property.stated import StatedProperties
from rackrate.engine.timeline import Timeline, timeline


@dataclass(frozen=True)
class ResolvedSecurity:
    """What secures a pool's loans, in no case yet.

    `months` is what ground leases and facilities are run over; properties as stated have those of the loans
    and a year.
    """

    months: int
    ground_leases: tuple[ResolvedLease, ...]
    stated: StatedProperties


def resolve_security(pool: Pool, defaults: PoolRuleset, months: int) -> ResolvedSecurity:
    """Resolve what secures the loans of a pool that is run over so many months."""
    span = months + last_expiry(pool) + defaults.ground.takeover_months + 2 * YEAR
    held = [(x, loan.security) for x, loan in enumerate(pool.loans) if isinstance(loan.security, Stated)]
    return ResolvedSecurity(
        months=span,
        ground_leases=resolve_ground_leases(pool, timeline(pool.closing, span)),
        stated=_resolve_stated(held, timeline(pool.closing, months + YEAR), months),
    )


def last_expiry(pool: PoolBase) -> int:
    """Month from closing in which the last ground lease of a pool ends; 0 where there is none."""
    return max((month_index(lease.expiry, pool.closing) for lease in leases_of(pool)), default=0)


def resolve_ground_leases(pool: PoolBase, timeline: Timeline) -> tuple[ResolvedLease, ...]:
    """Resolve the ground leases of a pool, and their contract rent over the months of a timeline."""
    cpi, found = timeline.curve(pool.market.cpi), []
    for lease in leases_of(pool):
        commencement, expiry = timeline.index(lease.commencement), timeline.index(lease.expiry)
        rent = contract_rent(lease, commencement, expiry, cpi)
        found.append(ResolvedLease(lease, max(commencement, 0), expiry, rent))
    return tuple(found)


def resolve_ground_terms(
    pool: PoolBase, timeline: Timeline, leases: Sequence[ResolvedLease]
) -> CollateralTerms:
    """Resolve what debt and structure read of ground leases: stabilised from closing to the last expiry."""
    return CollateralTerms(
        timeline=timeline,
        base_rate=timeline.curve(pool.market.base_rate),
        cost=sum(facility.cost for facility in pool.facilities),
        equipment=None,
        last_contract_end=max(lease.expiry for lease in leases),
        stabilised=0,
    )


def _resolve_stated(held: Sequence[tuple[int, Stated]], timeline: Timeline, months: int) -> StatedProperties:
    """Curves of properties by the place of their loan, over a timeline of `months` and a year."""
    growth = annual_growth([security.growth for _, security in held], timeline.months) / 12.0
    shape = (len(held), timeline.months)
    ncf, noi, value = (
        np.array([timeline.curve(curve) for curve in curves]).reshape(shape)
        for curves in (
            [security.ncf for _, security in held],
            [security.noi for _, security in held],
            [security.value for _, security in held],
        )
    )
    return StatedProperties(
        loans=np.array([x for x, _ in held], dtype=np.int64),
        tenants=[security.tenants for _, security in held],
        ncf=ncf * growth,
        noi=noi * growth,
        value=value[:, : months + 1],
    )
