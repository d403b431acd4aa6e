"""Security of a pool's loans: net cash flow and value of each property in a case."""

# Design: a scenario's own tenant defaults make a case of its own. Facilities are let and priced once for all
# cases a pool is held in, by the facility engine; everything after reads arrays with a row per loan.

from collections.abc import Iterable, Mapping, Sequence
from math import fsum

import numpy as np
from msgspec import structs

from rackrate.deal.cases import ISSUER, Case, TenantDefault
from rackrate.deal.pools.ground_leases import GroundLease, StatedLeasehold
from rackrate.deal.pools.loans import Facilities, PoolLoan, Stated
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.requests.pool import Pool, PoolBase
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.units import month_index
from rackrate.engine.facility.facilities import annual_growth
from rackrate.engine.facility.income import YEAR
from rackrate.engine.facility.valuation import valuation_basis
from rackrate.engine.property.facility_runs import FacilityRuns, rents_of, standing, stated_case
from rackrate.engine.property.ground_leases import contract_rent, run_ground_leases
from rackrate.engine.property.ground_valuation import ground_property, to_expiry
from rackrate.engine.property.properties import Property
from rackrate.engine.rows import FOREVER
from rackrate.engine.timeline import Floats, timeline

CaseKey = tuple[str, tuple[tuple[str, int], ...]]
"""A case's name, and the tenants that a scenario makes default beside it, with their months."""


class Security:
    """What secures a pool's loans in one case, a row each; a uniform haircut acts on it in a line.

    Attributes
    ----------
    ncf, positive : array [L, N]
        Net cash flow by month, and what a haircut is taken of.
    year, year_of_positive : array [L, M + 1]
        Both over the twelve months from each boundary.
    closing_ncf, closing_positive, noi : array [L]
    value : array [L, M + 1]
    """

    def __init__(self, properties: Sequence[Property], months: int) -> None:
        """Put the properties of all loans in rows, over `months` months and a year."""
        self.properties, self.months = properties, months
        end = months + YEAR
        self.ncf = np.array([held.ncf[:end] for held in properties])
        self.positive = np.array([np.maximum(held.flows[:, :end], 0.0).sum(axis=0) for held in properties])
        self.year, self.year_of_positive = (
            forward_year(flows, months) for flows in (self.ncf, self.positive)
        )
        self.closing_ncf = np.array([held.closing_ncf for held in properties])
        self.closing_positive = np.array([np.maximum(held.closing, 0.0).sum() for held in properties])
        self.noi = np.array([held.noi for held in properties])
        self.value = np.array([held.value for held in properties])
        self._special = [(x, held) for x, held in enumerate(properties) if not held.is_simple]

    def capitalised(self, cap: float, haircut: float) -> Floats:
        """The year from each boundary over a rate [L, M + 1], never below zero, leaseholds to their end."""
        worth = np.maximum(self.year - haircut * self.year_of_positive, 0.0) / cap
        for x, held in self._special:
            worth[x] = held.capitalised(cap, self.months, haircut)
        return worth

    def capitalised_at_closing(self, cap: float) -> Floats:
        """Closing net cash flow over a rate [L]."""
        return np.array([held.capitalised_at_closing(cap) for held in self.properties])


def forward_year(ncf: Floats, months: int) -> Floats:
    """Net cash flow of the twelve months from each boundary, [L, months + 1].

    >>> forward_year(np.arange(14.0)[None], 2).tolist()
    [[66.0, 78.0, 90.0]]
    """
    total = ncf[:, : months + 1].copy()
    for k in range(1, YEAR):
        total += ncf[:, k : k + months + 1]
    return total


def case_key(name: str, defaults: Iterable[TenantDefault] = ()) -> CaseKey:
    """The key of a case, and of the defaults a scenario adds."""
    return name, tuple((event.tenant, event.month) for event in defaults)


def case_of(key: CaseKey, pool: PoolBase, ruleset: Ruleset) -> Case:
    """The case of a key with all its tenant defaults: the request's, else the ruleset's."""
    known: Mapping[str, Case] = {
        ISSUER: Case(name=ISSUER),
        **ruleset.cases,
        **{c.name: c for c in pool.cases},
    }
    case = known[key[0]]
    added = [TenantDefault(tenant=tenant, month=month) for tenant, month in key[1]]
    return structs.replace(case, tenant_defaults=[*(case.tenant_defaults or []), *added])


class Securities:
    """Properties of a pool's loans in every case it is held in; facilities are run once for all of them."""

    def __init__(
        self, pool: Pool, ruleset: Ruleset, defaults: PoolRuleset, months: int, keys: Iterable[CaseKey]
    ) -> None:
        """Run the facilities of `pool` over `months` months and a year in the cases of `keys`."""
        self._pool, self._ruleset, self._defaults, self._months = pool, ruleset, defaults, months
        self.cases: dict[CaseKey, Case] = {}
        self._timeline = timeline(pool.closing, months + YEAR)
        ends = [month_index(lease.expiry, pool.closing) for lease in pool.ground_leases]
        self._span = months + max(ends, default=0) + defaults.ground.takeover_months + 2 * YEAR
        self._runs: dict[CaseKey, tuple[FacilityRuns, int]] = {}
        self._made: dict[CaseKey, Security] = {}
        self.add(keys)

    def add(self, keys: Iterable[CaseKey]) -> None:
        """Hold the pool in more cases; the facilities are run in those that are new, all together."""
        new = [key for key in dict.fromkeys(keys) if key not in self.cases]
        self.cases |= {key: case_of(key, self._pool, self._ruleset) for key in new}
        if self._pool.facilities and new:
            cases = [self.cases[key] for key in new]
            runs = FacilityRuns(self._pool, self._ruleset, cases, self._span)
            self._runs |= {key: (runs, i) for i, key in enumerate(new)}

    def of(self, key: CaseKey) -> Security:
        """What secures the loans in a case."""
        if key not in self._made:
            self._made[key] = Security([self._property(loan, key) for loan in self._pool.loans], self._months)
        return self._made[key]

    def rate_add(self, key: CaseKey) -> float:
        """What a case adds to the index of floating rates."""
        return self.cases[key].rate_add or 0.0

    def facility_rents(self, ids: Sequence[str]) -> dict[str, float]:
        """Contract rent per year at closing by tenant of some facilities."""
        runs, _ = next(iter(self._runs.values()))
        return rents_of(runs.resolved, self._pool, ids)

    def ground_rents(self, ids: Sequence[str]) -> dict[str, float]:
        """Ground rent at closing by who pays for the leaseholds."""
        clock = timeline(self._pool.closing, YEAR)
        cpi = clock.curve(self._pool.market.cpi)
        found: dict[str, float] = {}
        for lease in self._pool.ground_leases:
            if lease.id not in ids:
                continue
            rent = fsum(contract_rent(lease, clock, cpi).tolist())
            for name, part in self.lessees(lease).items():
                found[name] = found.get(name, 0.0) + part * rent
        return found

    def lessees(self, lease: GroundLease) -> dict[str, float]:
        """Share of each tenant in what pays a ground lease: as stated, or of the facility's rent."""
        if isinstance(lease.leasehold, StatedLeasehold):
            return {tenant.id: tenant.share for tenant in lease.leasehold.tenants}
        rents = self.facility_rents([lease.leasehold.id])
        total = fsum(rents.values())
        return {name: rent / total for name, rent in rents.items() if rent > 0.0} if total > 0.0 else {}

    def _property(self, loan: PoolLoan, key: CaseKey) -> Property:
        if isinstance(loan.security, Stated):
            return self._stated(loan.security, key)
        if isinstance(loan.security, Facilities):
            runs, at = self._runs[key]
            return runs.property_of(loan.security.ids, at, self._pool, self._months)
        return self._ground(loan.security.ids, key)

    def _ground(self, ids: Sequence[str], key: CaseKey) -> Property:
        case, pool = self.cases[key], self._pool
        leases = [lease for lease in pool.ground_leases if lease.id in ids]
        clock = timeline(pool.closing, self._span)
        runs = run_ground_leases(
            pool, leases, self._ruleset, self._defaults, case, clock, self._runs.get(key)
        )
        view = to_expiry(
            valuation_basis(pool.valuation, case, self._ruleset), max(run.expiry for run in runs)
        )
        return ground_property(runs, view, case.ncf_haircut or 0.0, self._months)

    def _stated(self, security: Stated, key: CaseKey) -> Property:
        how = stated_case(key[0], self._pool, self._defaults)
        clock = self._timeline
        left = standing(security.tenants, self.cases[key].tenant_defaults or [], self._defaults, clock.months)
        kept = annual_growth([security.growth], clock.months)[0] * (1.0 - how.ncf_haircut) * left
        ncf, noi = (clock.curve(curve) / 12.0 * kept for curve in (security.ncf, security.noi))
        closing = ncf[None, :YEAR]
        if how.cap_rate is not None:
            worth = np.full(self._months + 1, max(fsum(closing[0].tolist()), 0.0) / how.cap_rate)
        else:
            worth = clock.curve(security.value)[: self._months + 1]
        forever = np.array([FOREVER], dtype=np.int64)
        return Property(ncf[None], forever, closing, fsum(noi[:YEAR].tolist()), worth)
