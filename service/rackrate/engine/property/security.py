"""Security of a pool's loans: net cash flow and value of each property in a case."""

# Design: a scenario's own tenant defaults make a case of its own. Facilities are let and priced once for all
# cases a pool is held in, by the facility engine; everything after reads arrays with a row per loan.

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import fsum

import numpy as np
from msgspec import structs

from rackrate.deal.cases import ISSUER, Case, TenantDefault
from rackrate.deal.pools.ground_leases import GroundLease, StatedLeasehold
from rackrate.deal.pools.loans import Facilities, GroundLeases, Stated
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.requests.pool import Pool, PoolBase
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.facility.income import YEAR
from rackrate.engine.facility.valuation import valuation_basis
from rackrate.engine.property.facility_runs import FacilityRuns, rents_of
from rackrate.engine.property.ground_leases import run_ground_leases
from rackrate.engine.property.ground_valuation import ground_property, to_expiry
from rackrate.engine.property.properties import Property
from rackrate.engine.property.resolve import resolve_security
from rackrate.engine.property.stated import stated_case
from rackrate.engine.timeline import Floats

CaseKey = tuple[str, tuple[tuple[str, int], ...]]
"""A case's name, and the tenants that a scenario makes default beside it, with their months."""


@dataclass(frozen=True)
class Security:
    """What secures a pool's loans in one case, a row each; a uniform haircut acts on it in a line.

    Attributes
    ----------
    ncf, positive : array [L, N]
        Net cash flow by month over `months` M and a year, and what a haircut is taken of.
    closing_ncf, closing_positive, noi : array [L]
    value : array [L, M + 1]
    special : pairs
        Place and property of those that are not held whole and for ever.
    """

    months: int
    ncf: Floats
    positive: Floats
    closing_ncf: Floats
    closing_positive: Floats
    noi: Floats
    value: Floats
    special: tuple[tuple[int, Property], ...] = ()

    @cached_property
    def year(self) -> Floats:
        """Net cash flow of the twelve months from each boundary [L, M + 1]."""
        return forward_year(self.ncf, self.months)

    @cached_property
    def year_of_positive(self) -> Floats:
        """What a haircut is taken of, over the same months [L, M + 1]."""
        return forward_year(self.positive, self.months)

    def over(self, months: int) -> "Security":
        """The same over so many months, or fewer."""
        if months == self.months:
            return self
        end = months + YEAR
        return replace(
            self,
            months=months,
            ncf=np.ascontiguousarray(self.ncf[:, :end]),
            positive=np.ascontiguousarray(self.positive[:, :end]),
            value=np.ascontiguousarray(self.value[:, : months + 1]),
        )

    @cached_property
    def income(self) -> Floats:
        """Net cash flow of the twelve months from each boundary, never below zero [L, M + 1]."""
        return np.maximum(self.year, 0.0)

    @cached_property
    def unlimited(self) -> Floats:
        """What supports a loan that no test limits [L, M + 1]."""
        return np.full(self.value.shape, np.inf)

    def capitalised(self, cap: float) -> Floats:
        """The year from each boundary over a rate [L, M + 1], never below zero, leaseholds to their end."""
        values = self.income / cap
        for x, held in self.special:
            whole, _, kept = held.capital_line(cap, self.months)
            values[x] = np.maximum(whole, 0.0) + kept
        return values

    def capitalised_at_closing(self, cap: float) -> Floats:
        """Closing net cash flow over a rate [L]."""
        values = np.maximum(self.closing_ncf, 0.0) / cap
        for x, held in self.special:
            values[x] = held.capitalised_at_closing(cap)
        return values


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
        self._resolved = resolve_security(pool, defaults, months)
        self._runs: dict[CaseKey, tuple[FacilityRuns, int]] = {}
        self._made: dict[CaseKey, Security] = {}
        self.add(keys)

    def add(self, keys: Iterable[CaseKey]) -> None:
        """Hold the pool in more cases; the facilities are run in those that are new, all together."""
        new = [key for key in dict.fromkeys(keys) if key not in self.cases]
        self.cases |= {key: case_of(key, self._pool, self._ruleset) for key in new}
        if self._pool.facilities and new:
            cases = [self.cases[key] for key in new]
            runs = FacilityRuns(self._pool, self._ruleset, cases, self._resolved.months)
            self._runs |= {key: (runs, i) for i, key in enumerate(new)}

    def of(self, key: CaseKey) -> Security:
        """What secures the loans in a case."""
        if key not in self._made:
            self._made[key] = self._in_case(key)
        return self._made[key]

    def _in_case(self, key: CaseKey) -> Security:
        count, end = len(self._pool.loans), self._months + YEAR
        ncf, positive = np.empty((2, count, end))
        closing, closing_positive, noi = np.empty((3, count))
        value = np.empty((count, self._months + 1))
        stated, special = self._resolved.stated, []
        at = stated.loans
        ncf[at], noi[at], value[at] = stated.in_case(
            stated_case(key[0], self._pool, self._defaults),
            self.cases[key].tenant_defaults or [],
            self._defaults,
        )
        positive[at] = np.maximum(ncf[at], 0.0)
        closing[at], closing_positive[at] = ncf[at, :YEAR].sum(axis=1), positive[at, :YEAR].sum(axis=1)
        for x, loan in enumerate(self._pool.loans):
            if isinstance(loan.security, Stated):
                continue
            held = self._property(loan.security, key)
            ncf[x], positive[x] = held.ncf[:end], np.maximum(held.flows[:, :end], 0.0).sum(axis=0)
            closing[x], closing_positive[x] = held.closing_ncf, np.maximum(held.closing, 0.0).sum()
            noi[x], value[x] = held.noi, held.value
            if not held.is_simple:
                special.append((x, held))
        return Security(self._months, ncf, positive, closing, closing_positive, noi, value, tuple(special))

    def rate_add(self, key: CaseKey) -> float:
        """What a case adds to the index of floating rates."""
        return self.cases[key].rate_add or 0.0

    def facility_rents(self, ids: Sequence[str]) -> dict[str, float]:
        """Contract rent per year at closing by tenant of some facilities."""
        runs, _ = next(iter(self._runs.values()))
        return rents_of(runs.resolved, self._pool, ids)

    def ground_rents(self, ids: Sequence[str]) -> dict[str, float]:
        """Ground rent at closing by who pays for the leaseholds."""
        found: dict[str, float] = {}
        for held in self._resolved.ground_leases:
            if held.lease.id not in ids:
                continue
            rent = fsum(held.rent[:YEAR].tolist())
            for name, part in self.lessees(held.lease).items():
                found[name] = found.get(name, 0.0) + part * rent
        return found

    def lessees(self, lease: GroundLease) -> dict[str, float]:
        """Share of each tenant in what pays a ground lease: as stated, or of the facility's rent."""
        if isinstance(lease.leasehold, StatedLeasehold):
            return {tenant.id: tenant.share for tenant in lease.leasehold.tenants}
        rents = self.facility_rents([lease.leasehold.id])
        total = fsum(rents.values())
        return {name: rent / total for name, rent in rents.items() if rent > 0.0} if total > 0.0 else {}

    def _property(self, security: Facilities | GroundLeases, key: CaseKey) -> Property:
        if isinstance(security, Facilities):
            runs, at = self._runs[key]
            return runs.property_of(security.ids, at, self._pool, self._months)
        return self._ground(security.ids, key)

    def _ground(self, ids: Sequence[str], key: CaseKey) -> Property:
        case, pool = self.cases[key], self._pool
        leases = [held for held in self._resolved.ground_leases if held.lease.id in ids]
        runs = run_ground_leases(pool, leases, self._ruleset, self._defaults, case, self._runs.get(key))
        view = to_expiry(
            valuation_basis(pool.valuation, case, self._ruleset), max(run.expiry for run in runs)
        )
        return ground_property(runs, view, case.ncf_haircut or 0.0, self._months)
