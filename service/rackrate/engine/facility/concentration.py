"""Concentration of the rent roll at closing: shares by tenant and lease, effective tenants, the WALT."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rackrate.engine.facility.resolve import Resolved
from rackrate.engine.timeline import Floats


@dataclass(frozen=True)
class Concentration:
    """Shares of contract rent and kW at closing by tenant [T], their Herfindahl indices, the WALT in years.

    Leases [L] have their shares of rent too, zero of what is booked and not billed.

    >>> halves = np.array([0.5, 0.5])
    >>> pool = Concentration(halves, halves, halves, hhi=0.5, hhi_kw=0.5, walt_years=4.0)
    >>> pool.effective_tenants, pool.top(1)
    (2.0, 0.5)
    """

    share: Floats
    share_kw: Floats
    lease_share: Floats
    hhi: float
    hhi_kw: float
    walt_years: float

    @property
    def effective_tenants(self) -> float:
        """1 / HHI by rent."""
        return 1.0 / self.hhi if self.hhi else 0.0

    def top(self, count: int) -> float:
        """Share of rent of the largest tenants."""
        return math.fsum(sorted(self.share.tolist(), reverse=True)[:count])


def concentration(resolved: Resolved, tenants: int) -> Concentration:
    """Concentration of rent at closing, free rent ignored.

    A later lease counts with rent and kW of its first month; what is booked and not billed is left out.
    """
    rent, kw, by_lease = [0.0] * tenants, [0.0] * tenants, [0.0] * len(resolved.leases)
    weighted = total = 0.0
    for bill in billed(resolved):
        by_lease[bill.lease] = bill.annual_rent
        rent[bill.tenant] += bill.annual_rent
        kw[bill.tenant] += bill.kw
        weighted += bill.annual_rent * bill.end / 12.0
        total += bill.annual_rent
    share, share_kw = _shares(rent), _shares(kw)
    return Concentration(
        share=share,
        share_kw=share_kw,
        lease_share=_shares(by_lease),
        hhi=math.fsum((share * share).tolist()),
        hhi_kw=math.fsum((share_kw * share_kw).tolist()),
        walt_years=weighted / total if total else 0.0,
    )


class Billed(NamedTuple):
    """A lease that counts at closing: its places in the deal, rent a year, billed kW, month of its end."""

    lease: int
    facility: int
    tenant: int
    annual_rent: float
    kw: float
    end: int


def billed(resolved: Resolved) -> list[Billed]:
    """Leases that count at closing, as `concentration` has it."""
    names = "booked_not_billed", "facility", "tenant", "commencement", "term"
    found = []
    for lease, row in enumerate(zip(*(resolved.leases[name].tolist() for name in names), strict=True)):
        booked, facility, tenant, start, term = row
        if not booked:
            kw, rent = (float(of[lease, max(start, 0)]) for of in (resolved.kw, resolved.rent))
            found.append(Billed(lease, facility, tenant, 12.0 * kw * rent, kw, start + term))
    return found


def _shares(amounts: list[float]) -> Floats:
    total = math.fsum(amounts)
    return np.array(amounts) / total if total else np.zeros(len(amounts))
