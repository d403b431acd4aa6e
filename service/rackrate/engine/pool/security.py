"""Security of a pool's loans: net cash flow and value of each property in a case, by months and at closing."""

# Design: a scenario's own tenant defaults make a case of its own. Facilities are let and priced once for all
# cases a pool is held in, by the facility engine; everything after reads arrays with a row per loan.

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import fsum

import numpy as np
from msgspec import structs

from rackrate import kernel
from rackrate.deal.cases import ISSUER, Case, TenantDefault
from rackrate.deal.debt import Debt, InterestOnly
from rackrate.deal.loan_pools import Facilities, PoolLoan, Stated, TenantShare
from rackrate.deal.pool_rulesets import PoolRuleset, StatedCase
from rackrate.deal.requests.pool import Pool, PoolBase
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing_tests import MaxLtv, Sizing
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.facility.cases import Scenario
from rackrate.engine.facility.facilities import annual_growth
from rackrate.engine.facility.income import YEAR, first_year, run
from rackrate.engine.facility.resolve import Resolved, resolve
from rackrate.engine.rows import FOREVER
from rackrate.engine.timeline import Floats, timeline
from rackrate.engine.facility.valuation import ValuedFacilities, horizon, lens, value

CaseKey = tuple[str, tuple[tuple[str, int], ...]]
"""A case's name, and the tenants that a scenario makes default beside it, with their months."""


@dataclass(frozen=True)
class Property:
    """What secures one loan in one case, whole.

    Attributes
    ----------
    flows : array [P, N]
        Net cash flow by month of each part that is held on its own; the sum is the property's.
    expiry : int array [P]
        Month in which the hold on each part ends.
    closing : array [P, 12]
        Months behind the closing figure.
    noi : float
        Net operating income at closing, per year.
    value : array [M + 1]
        The case's value at each boundary, before any capitalised leg.
    kept : array [M + 1]
        What is kept for the lender of parts that are lost, in every lens.
    """

    flows: Floats
    expiry: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    closing: Floats
    noi: float
    value: Floats
    kept: Floats | None = None

    @cached_property
    def ncf(self) -> Floats:
        """Net cash flow of the whole property [N]."""
        return self.flows.sum(axis=0)

    @property
    def closing_ncf(self) -> float:
        """Net cash flow at closing, per year."""
        return fsum(fsum(row) for row in self.closing.tolist())

    def capitalised(self, cap: float, months: int, haircut: float = 0.0) -> Floats:
        """The year from each boundary over a rate [months + 1], never below zero, each part to its end."""
        worth, at = np.empty((2, months + 1)), np.arange(months + 1)
        both = np.stack([self.flows, np.maximum(self.flows, 0.0)])
        kernel.capitalise(both, self.expiry, cap, at, at, worth)
        left: Floats = np.maximum(worth[0] - haircut * worth[1], 0.0)
        return left if self.kept is None else left + (1.0 - haircut) * self.kept

    def capitalised_at_closing(self, cap: float) -> float:
        """Closing net cash flow over a rate, each part to its end."""
        worth, at = np.empty((2, 1)), np.zeros(1, dtype=np.int64)
        kernel.capitalise(np.stack([self.closing, self.closing]), self.expiry, cap, at, at, worth)
        kept = 0.0 if self.kept is None else float(self.kept[0])
        return max(float(worth[0, 0]), 0.0) + kept

    @property
    def is_simple(self) -> bool:
        """Whether the whole property is held for ever."""
        return self.kept is None and bool((self.expiry >= FOREVER).all())


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


def stated_case(name: str, pool: PoolBase, defaults: PoolRuleset) -> StatedCase:
    """How a case acts on property known by its totals: the request's case, else the pool ruleset's table."""
    for case in pool.cases:
        if case.name == name:
            return StatedCase(ncf_haircut=case.ncf_haircut or 0.0, cap_rate=case.cap_rate)
    return defaults.stated.cases.get(name, StatedCase())


def standing(
    tenants: Sequence[TenantShare], events: Sequence[TenantDefault], defaults: PoolRuleset, months: int
) -> Floats:
    """Share of a stated property's income that its tenants still pay, [months].

    A tenant's share is lost from its default on, and comes back lower after the downtime.
    """
    left = np.ones(months)
    first = {}
    for event in events:
        first[event.tenant] = min(event.month, first.get(event.tenant, event.month))
    for tenant in tenants:
        if tenant.id in first:
            back = first[tenant.id] + defaults.stated.default_downtime_months
            left[first[tenant.id] : back] -= tenant.share
            left[back:] -= tenant.share * defaults.stated.default_rent_discount
    return left


class Securities:
    """Properties of a pool's loans in every case it is held in; facilities are run once for all of them."""

    def __init__(
        self, pool: Pool, ruleset: Ruleset, defaults: PoolRuleset, months: int, keys: Iterable[CaseKey]
    ) -> None:
        """Run the facilities of `pool` over `months` months and a year in the cases of `keys`."""
        self._pool, self._ruleset, self._defaults, self._months = pool, ruleset, defaults, months
        self.cases: dict[CaseKey, Case] = {}
        self._timeline = timeline(pool.closing, months + YEAR)
        self._runs: dict[CaseKey, tuple[FacilityRuns, int]] = {}
        self._made: dict[CaseKey, Security] = {}
        self.add(keys)

    def add(self, keys: Iterable[CaseKey]) -> None:
        """Hold the pool in more cases; the facilities are run in those that are new, all together."""
        new = [key for key in dict.fromkeys(keys) if key not in self.cases]
        self.cases |= {key: case_of(key, self._pool, self._ruleset) for key in new}
        if self._pool.facilities and new:
            cases = [self.cases[key] for key in new]
            runs = FacilityRuns(self._pool, self._ruleset, cases, self._months + YEAR)
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

    def _property(self, loan: PoolLoan, key: CaseKey) -> Property:
        if isinstance(loan.security, Stated):
            return self._stated(loan.security, key)
        if isinstance(loan.security, Facilities):
            runs, at = self._runs[key]
            return runs.property_of(loan.security.ids, at, self._pool, self._months)
        raise NotImplementedError

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


def facility_deal(pool: PoolBase) -> Deal:
    """The facilities of a pool as a deal of their own; nothing is borrowed on it."""
    return Deal(
        name=pool.name,
        currency=pool.currency,
        closing=pool.closing,
        tenants=pool.tenants,
        facilities=pool.facilities,
        market=pool.market,
        debt=Debt(
            rate=0.0, day_count="30/360", term_months=1, interest_only_months=1, amortisation=InterestOnly()
        ),
        sizing=Sizing(case=ISSUER, value=getattr(pool, "valuation", None), tests=[MaxLtv(limit=1.0)]),
    )


class FacilityRuns:
    """Facilities of a pool in several cases, each on its own."""

    def __init__(self, pool: PoolBase, ruleset: Ruleset, cases: Sequence[Case], months: int) -> None:
        """Run `months` months, or as many as a value reads."""
        self._deal, known = facility_deal(pool), {tenant.id for tenant in pool.tenants}
        self._cases = [
            structs.replace(
                case, tenant_defaults=[e for e in case.tenant_defaults or [] if e.tenant in known]
            )
            for case in cases
        ]
        valuation = self._deal.sizing.value
        self.lenses = [lens(valuation, case, ruleset) for case in cases] if isinstance(pool, Pool) else []
        self.months = max([months, *(horizon(view) for view in self.lenses)])
        self.resolved = resolve(self._deal, ruleset, timeline(pool.closing, self.months), by_facility=True)
        scenarios = [Scenario(case) for case in self._cases]
        self.flow = run(self.resolved, self._deal, scenarios, 1)
        closing = [Scenario(case, closing=True) for case in self._cases]
        self.year = run(first_year(self.resolved), self._deal, closing, 1)
        self.index = {facility.id: f for f, facility in enumerate(pool.facilities)}

    def property_of(self, ids: Sequence[str], case: int, pool: PoolBase, months: int) -> Property:
        """The property that some of the facilities make, in one case."""
        at = [self.index[name] for name in ids]
        flows = np.ascontiguousarray(self.flow.facility_ncf[case, at])
        closing = np.ascontiguousarray(self.year.facility_ncf[case, at])
        appraisals = np.array([pool.facilities[f].appraised_value for f in at], dtype=float)
        expiry = np.ascontiguousarray(self.resolved.facilities["expiry"][at])
        worth = value(self.lenses[case], ValuedFacilities(appraisals, expiry, closing, flows))
        noi = fsum(chain.from_iterable(self.year.group_line("noi", f)[case].tolist() for f in at))
        return Property(flows, expiry, closing, noi, np.full(months + 1, worth))


def rents_of(resolved: Resolved, pool: PoolBase, ids: Sequence[str]) -> dict[str, float]:
    """Contract rent per year at closing by tenant of some facilities; a later lease counts with its first month."""
    at = {f for f, facility in enumerate(pool.facilities) if facility.id in ids}
    rent: dict[str, float] = {}
    for x, lease in enumerate(resolved.leases):
        if lease["booked_not_billed"] or int(lease["facility"]) not in at:
            continue
        first = x, max(int(lease["commencement"]), 0)
        name = pool.tenants[int(lease["tenant"])].id
        rent[name] = rent.get(name, 0.0) + 12.0 * float(resolved.kw[first]) * float(resolved.rent[first])
    return rent
