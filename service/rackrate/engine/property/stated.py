"""Properties known by their totals: net cash flow, income and value of all of them in a case."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rackrate.deal.cases import TenantDefault
from rackrate.deal.pools.loans import TenantShare
from rackrate.deal.pools.rulesets import PoolRuleset, StatedCase
from rackrate.deal.requests.pool import PoolBase
from rackrate.engine.facility.income import YEAR
from rackrate.engine.rows import Integers
from rackrate.engine.timeline import Floats


@dataclass(frozen=True)
class StatedProperties:
    """Properties of some loans as stated, in no case (axes: S such loan, N month, M + 1 boundary).

    `loans` [S] are their places in the pool; `ncf` and `noi` [S, N] are of a month, `value` is [S, M + 1].
    """

    loans: Integers
    tenants: Sequence[Sequence[TenantShare]]
    ncf: Floats
    noi: Floats
    value: Floats

    def in_case(
        self, how: StatedCase, events: Sequence[TenantDefault], defaults: PoolRuleset
    ) -> tuple[Floats, Floats, Floats]:
        """Net cash flow [S, N], closing income per year [S] and value [S, M + 1] in a case."""
        kept = np.full(self.ncf.shape, 1.0 - how.ncf_haircut)
        failed = {event.tenant for event in events}
        for row, tenants in zip(kept, self.tenants, strict=True):
            if any(tenant.id in failed for tenant in tenants):
                row *= standing(tenants, events, defaults, len(row))
        ncf, noi = self.ncf * kept, (self.noi * kept)[:, :YEAR].sum(axis=1)
        if how.cap_rate is None:
            return ncf, noi, self.value
        capitalised = np.maximum(ncf[:, :YEAR].sum(axis=1), 0.0) / how.cap_rate
        return ncf, noi, np.repeat(capitalised[:, None], self.value.shape[1], axis=1)


def stated_case(name: str, pool: PoolBase, defaults: PoolRuleset) -> StatedCase:
    """Adjustments of a case to a property known by its totals: the request's, else the ruleset's."""
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
    first: dict[str, int] = {}
    for event in events:
        first[event.tenant] = min(event.month, first.get(event.tenant, event.month))
    for tenant in tenants:
        if tenant.id in first:
            back = first[tenant.id] + defaults.stated.default_downtime_months
            left[first[tenant.id] : back] -= tenant.share
            left[back:] -= tenant.share * defaults.stated.default_rent_discount
    return left
