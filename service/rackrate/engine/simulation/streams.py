"""Streams of random numbers: who draws, by name, so that a draw depends on no place and no neighbour."""

# Design: what two deals name alike they draw alike: an obligor's fortune, the rents of a leasing market, a
# power hub. What they do not name is a deal's own, by its name. Version 2; the first was by position.

import hashlib
from typing import TypedDict

import numpy as np

from rackrate.deal.facility.tenants import Tenant
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.rows import Integers

DRAWS = 2
SEPARATOR = "\x1f"


class Streams(TypedDict):
    """Streams of a deal's draws, as ``kernel.arguments.RiskFactors`` has them."""

    tenant_streams: Integers
    lease_streams: Integers
    rent_groups: Integers
    rent_streams: Integers
    power_stream: int


def stream(kind: str, *parts: str) -> int:
    """The stream of a kind of draw and who draws, 64 bits of SHA-256.

    >>> stream("obligor", "hyperscaler-a")
    371344269116376309
    """
    named = SEPARATOR.join([f"rackrate draws {DRAWS}", kind, *parts])
    return int.from_bytes(hashlib.sha256(named.encode()).digest()[:8], "little")


def streams_of(deal: Deal) -> Streams:
    """Streams of a deal; facilities that draw the same market rent share a row."""
    tenants = [stream("obligor", obligor_of(tenant)) for tenant in deal.tenants]
    leases = [stream("lease", deal.name, lease.id) for site in deal.facilities for lease in site.leases]
    markets = [
        stream("own rent", deal.name)
        if site.market.name is None
        else stream("rent", site.market.name, deal.currency)
        for site in deal.facilities
    ]
    groups = {found: g for g, found in enumerate(dict.fromkeys(markets))}
    hub = deal.market.power_hub
    own = stream("own power", deal.name)
    return Streams(
        tenant_streams=_bits(tenants),
        lease_streams=_bits(leases),
        rent_groups=np.array([groups[found] for found in markets], dtype=np.int64),
        rent_streams=_bits(list(groups)),
        power_stream=own if hub is None else stream("power", hub, deal.currency),
    )


def obligor_of(tenant: Tenant) -> str:
    """The key of a tenant across deals: its obligor, else its id."""
    return tenant.id if tenant.obligor is None else tenant.obligor


def _bits(words: list[int]) -> Integers:
    """Words of 64 bits as the integers of the same bits."""
    return np.array(words, dtype=np.uint64).view(np.int64)
