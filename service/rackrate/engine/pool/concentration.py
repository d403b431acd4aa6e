"""Concentration of a pool: by loan, tenant, sponsor, market, type, maturity; obligor groups and losses."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rackrate.deal.pools.loans import GroundLeases, PoolLoan, Stated
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.requests.pool import Pool
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.facility.tenant_losses import Losses, losses
from rackrate.engine.facility.tenant_survival import resolve_hazards, survive
from rackrate.engine.pool.coverage import LoanCover, default_probability
from rackrate.engine.pool.loans import Loans
from rackrate.engine.property.facility_runs import facility_deal
from rackrate.engine.property.security import Securities

ENOUGH = 1e-12  # relative rounding of a share that equals a bound


@dataclass(frozen=True)
class Group:
    """Loans that are one obligor: their places, their share of the pool, the largest one-year PD."""

    loans: list[int]
    share: float
    pd: float


@dataclass(frozen=True)
class PoolConcentration:
    """How a pool's balance is spread: shares by name under each heading, largest first."""

    by: Mapping[str, list[tuple[str, float]]]
    maturity: list[tuple[int, float]]
    hhi: float
    groups: list[Group]
    pd: list[float]
    losses: Losses

    @property
    def effective_loans(self) -> float:
        """1 / HHI by loan."""
        return 1.0 / self.hhi

    @property
    def effective_groups(self) -> float:
        """1 / HHI by obligor group."""
        return 1.0 / math.fsum(group.share**2 for group in self.groups)

    def top(self, by: str, count: int) -> float:
        """Share of the largest under a heading."""
        if by == "group":
            shares = sorted((group.share for group in self.groups), reverse=True)
        else:
            shares = [share for _, share in self.by[by]]
        return math.fsum(shares[:count])


def concentration(
    pool: Pool,
    ruleset: Ruleset,
    defaults: PoolRuleset,
    loans: Loans,
    securities: Securities,
    cover: LoanCover,
) -> PoolConcentration:
    """Spread of a pool's balance at closing; `cover` is that of the issuer's case."""
    total = math.fsum(cover.balance.tolist())
    shares = [balance / total for balance in cover.balance.tolist()]
    tenants = [tenant_shares(loan, securities) for loan in pool.loans]
    pairs = list(zip(pool.loans, shares, strict=True))
    by = {
        "loan": [(loan.id, share) for loan, share in pairs],
        "tenant": [
            (name, share * part)
            for share, own in zip(shares, tenants, strict=True)
            for name, part in own.items()
        ],
        "sponsor": [(loan.sponsor, share) for loan, share in pairs if loan.sponsor is not None],
        "market": [(loan.market, share) for loan, share in pairs if loan.market is not None],
        "property_type": [
            (loan.property_type, share) for loan, share in pairs if loan.property_type is not None
        ],
    }
    matured = loans.timeline.boundaries[loans.loans["term"]].tolist()
    years = _totals((day.year, share) for day, share in zip(matured, shares, strict=True))
    pd = _probabilities(pool, ruleset, defaults, cover, tenants)
    groups = _groups(pool.loans, shares, tenants, pd, defaults.concentration.joint_share)
    return PoolConcentration(
        by={name: _ranked(_totals(listed)) for name, listed in by.items()},
        maturity=sorted((int(str(year)), share) for year, share in years.items()),
        hhi=math.fsum(share**2 for share in shares),
        groups=groups,
        pd=pd,
        losses=losses(
            np.array([group.share for group in groups]),
            np.array([group.pd for group in groups]),
            ruleset.credit.asset_correlation,
            defaults.concentration.lgd,
        ),
    )


def tenant_shares(loan: PoolLoan, securities: Securities) -> dict[str, float]:
    """Share of each tenant in what secures a loan: as stated, or of rent at closing."""
    if isinstance(loan.security, Stated):
        return {tenant.id: tenant.share for tenant in loan.security.tenants}
    if isinstance(loan.security, GroundLeases):
        rents = securities.ground_rents(loan.security.ids)
    else:
        rents = securities.facility_rents(loan.security.ids)
    total = math.fsum(rents.values())
    return {name: rent / total for name, rent in rents.items() if rent > 0.0} if total > 0.0 else {}


Name = str | int


def _totals(pairs: Iterable[tuple[object, float]]) -> dict[object, float]:
    """Sums by name, in the order in which names come up."""
    found: dict[object, list[float]] = {}
    for name, share in pairs:
        found.setdefault(name, []).append(share)
    return {name: math.fsum(shares) for name, shares in found.items()}


def _ranked(totals: Mapping[object, float]) -> list[tuple[str, float]]:
    return sorted(((str(name), share) for name, share in totals.items()), key=lambda pair: -pair[1])


def _probabilities(
    pool: Pool,
    ruleset: Ruleset,
    defaults: PoolRuleset,
    cover: LoanCover,
    tenants: Sequence[Mapping[str, float]],
) -> list[float]:
    """One-year PD of each loan: the table's, or a rated joint tenant's if that is larger."""
    rated = tenant_pds(pool, ruleset)
    pairs = zip(cover.dscr.tolist(), cover.ltv.tolist(), tenants, strict=True)
    joint = defaults.concentration.joint_share * (1.0 - ENOUGH)
    return [
        max(
            default_probability(defaults.hazard, dscr, ltv),
            *(rated[name] for name, share in own.items() if share >= joint and name in rated),
            0.0,
        )
        for dscr, ltv, own in pairs
    ]


def tenant_pds(pool: Pool, ruleset: Ruleset) -> dict[str, float]:
    """One-year PD of each tenant whose credit is known."""
    if not pool.tenants:
        return {}
    hazards = resolve_hazards(facility_deal(pool), ruleset)
    nobody = np.full((1, len(pool.tenants)), -1, dtype=np.int64)
    alive = survive(hazards, hazards.multipliers[None, :].copy(), nobody, 12)[0, :, -1]
    return {tenant.id: 1.0 - left for tenant, left in zip(pool.tenants, alive.tolist(), strict=True)}


def _groups(
    loans: Sequence[PoolLoan],
    shares: Sequence[float],
    tenants: Sequence[Mapping[str, float]],
    pd: Sequence[float],
    joint_share: float,
) -> list[Group]:
    """Loans joined by a sponsor, or by a tenant that has a joint share in each: connected components."""
    leader = list(range(len(loans)))

    def find(x: int) -> int:
        while leader[x] != x:
            leader[x] = leader[leader[x]]
            x = leader[x]
        return x

    first: dict[tuple[str, str], int] = {}
    for x, (loan, own) in enumerate(zip(loans, tenants, strict=True)):
        bonds = [("tenant", name) for name, share in own.items() if share >= joint_share * (1.0 - ENOUGH)]
        bonds += [("sponsor", loan.sponsor)] if loan.sponsor is not None else []
        for bond in bonds:
            one, other = sorted((find(x), find(first.setdefault(bond, x))))
            leader[other] = one
    members: dict[int, list[int]] = {}
    for x in range(len(loans)):
        members.setdefault(find(x), []).append(x)
    return [
        Group(listed, math.fsum(shares[x] for x in listed), max(pd[x] for x in listed))
        for listed in members.values()
    ]
