"""What the memo of ground leases is written from: the pool as a deal without facilities, and its answer."""

from typing import Self

from msgspec.structs import replace

from rackrate.deal import rulesets
from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.pools.ground_leases import LifeNpv
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.valuation import Value
from rackrate.documents.memo.given import Financed
from rackrate.engine.property.ground_pool import as_deal


class GroundGiven(Financed, frozen=True):
    """A pool of ground leases and its underwriting; its leaseholds are no collateral of the debt."""

    underwriting: GroundUnderwriting
    pool: GroundPool

    @classmethod
    def of(cls, pool: GroundPool, underwriting: GroundUnderwriting) -> Self:
        """Put a pool and its answer together."""
        deal = replace(as_deal(pool), facilities=[])
        return cls(deal, underwriting, rulesets.load(underwriting.ruleset.name), pool)

    @property
    def lens(self) -> Value | LifeNpv:
        """How the ground leases are valued."""
        return self.pool.sizing.value
