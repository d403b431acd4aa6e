"""How ground rent at closing is spread: over who pays for the leaseholds, and over the years of expiry."""

import math

from rackrate.deal.answers.ground_pool import LesseeConcentration
from rackrate.deal.answers.pools.concentration import NamedShare, YearShare
from rackrate.deal.cases import ISSUER
from rackrate.deal.pools.ground_leases import GroundLease, StatedLeasehold
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.engine.property.facility_runs import rents_of
from rackrate.engine.property.ground_pool import GroundCollateral


def concentration(pool: GroundPool, priced: GroundCollateral) -> LesseeConcentration:
    """Shares of ground rent at closing, in the issuer's case."""
    rents = [run.rent_at_closing() for run in priced.leases[ISSUER]]
    total = math.fsum(rents)
    tenants: dict[str, float] = {}
    years: dict[int, float] = {}
    for lease, rent in zip(pool.ground_leases, rents, strict=True):
        share = rent / total if total > 0.0 else 0.0
        years[lease.expiry.year] = years.get(lease.expiry.year, 0.0) + share
        for name, part in _lessees(pool, lease, priced).items():
            tenants[name] = tenants.get(name, 0.0) + part * share
    hhi = math.fsum(share**2 for share in tenants.values())
    ranked = sorted(tenants.items(), key=lambda pair: -pair[1])
    return LesseeConcentration(
        tenant=[NamedShare(id=name, share=share) for name, share in ranked],
        hhi=hhi,
        effective_tenants=1.0 / hhi if hhi > 0.0 else None,
        expiry=[YearShare(id=year, share=share) for year, share in sorted(years.items())],
    )


def _lessees(pool: GroundPool, lease: GroundLease, priced: GroundCollateral) -> dict[str, float]:
    """Share of each tenant in what pays a ground lease: as stated, or of the facility's rent at closing."""
    if isinstance(lease.leasehold, StatedLeasehold):
        return {tenant.id: tenant.share for tenant in lease.leasehold.tenants}
    rents = rents_of(priced.resolved, pool, [lease.leasehold.id])
    total = math.fsum(rents.values())
    return {name: rent / total for name, rent in rents.items() if rent > 0.0} if total > 0.0 else {}
