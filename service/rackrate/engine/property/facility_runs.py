"""Cash flow of the facilities of a pool in several cases, and properties known by their totals."""

from collections.abc import Sequence
from itertools import chain
from math import fsum

import numpy as np
from msgspec import structs

from rackrate.deal.cases import ISSUER, Case
from rackrate.deal.debt import Debt, InterestOnly
from rackrate.deal.requests.pool import Pool, PoolBase
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing_tests import MaxLtv, Sizing
from rackrate.deal.valuation import Appraisal
from rackrate.engine.facility.cases import Scenario
from rackrate.engine.facility.income import YEAR, run
from rackrate.engine.facility.resolve import Resolved, resolve
from rackrate.engine.facility.valuation import ValuedFacilities, months_read, valuation_basis, value
from rackrate.engine.property.properties import Property
from rackrate.engine.timeline import timeline


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
        sizing=Sizing(
            case=ISSUER,
            value=pool.valuation if isinstance(pool, Pool) else Appraisal(),
            tests=[MaxLtv(limit=1.0)],
        ),
    )


class FacilityRuns:
    """Facilities of a pool in several cases, each on its own."""

    def __init__(self, pool: PoolBase, ruleset: Ruleset, cases: Sequence[Case], months: int) -> None:
        """Run `months` months, or as many as a valuation basis reads."""
        self._deal, known = facility_deal(pool), {tenant.id for tenant in pool.tenants}
        self._cases = [
            structs.replace(
                case, tenant_defaults=[e for e in case.tenant_defaults or [] if e.tenant in known]
            )
            for case in cases
        ]
        valuation = self._deal.sizing.value
        self.bases = (
            [valuation_basis(valuation, case, ruleset) for case in cases] if isinstance(pool, Pool) else []
        )
        self.months = max([months, *(months_read(basis) for basis in self.bases)])
        self.resolved = resolve(self._deal, ruleset, timeline(pool.closing, self.months)).by_facility()
        scenarios = [Scenario(case) for case in self._cases]
        self.flow = run(self.resolved, scenarios, 1)
        closing = [Scenario(case, closing=True) for case in self._cases]
        self.year = run(self.resolved.over(YEAR), closing, 1)
        self.index = {facility.id: f for f, facility in enumerate(pool.facilities)}

    def property_of(self, ids: Sequence[str], case: int, pool: PoolBase, months: int) -> Property:
        """The property that some of the facilities make, in one case."""
        at = [self.index[name] for name in ids]
        flows = np.ascontiguousarray(self.flow.facility_ncf[case, at])
        closing = np.ascontiguousarray(self.year.facility_ncf[case, at])
        appraisals = np.array([pool.facilities[f].appraised_value for f in at], dtype=float)
        expiry = np.ascontiguousarray(self.resolved.facilities["expiry"][at])
        property_value = value(self.bases[case], ValuedFacilities(appraisals, expiry, closing, flows))
        noi = fsum(chain.from_iterable(self.year.group_line("noi", f)[case].tolist() for f in at))
        return Property(flows, expiry, closing, noi, np.full(months + 1, property_value))


def rents_of(resolved: Resolved, pool: PoolBase, ids: Sequence[str]) -> dict[str, float]:
    """Contract rent per year at closing by tenant of some facilities; of a later lease, at its start."""
    at = {f for f, facility in enumerate(pool.facilities) if facility.id in ids}
    rent: dict[str, float] = {}
    for x, lease in enumerate(resolved.leases):
        if lease["booked_not_billed"] or int(lease["facility"]) not in at:
            continue
        first = x, max(int(lease["commencement"]), 0)
        name = pool.tenants[int(lease["tenant"])].id
        rent[name] = rent.get(name, 0.0) + 12.0 * float(resolved.kw[first]) * float(resolved.rent[first])
    return rent
