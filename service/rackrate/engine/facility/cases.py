"""Underwriting cases: their adjustments as the rows and multipliers that the kernel reads."""

# Design: a case is data. Each adjustment has one neutral value; the order below is the order of the bridge.

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from rackrate.deal.cases import Case
from rackrate.engine.rows import Integers, Rows, rows
from rackrate.engine.timeline import Floats
from rackrate.kernel import records

ISSUER = Case(name="issuer")
NEUTRAL: dict[str, float] = {
    "rent_haircut": 0.0,
    "market_rent_haircut": 0.0,
    "ncf_haircut": 0.0,
    "vacancy_floor": 0.0,
    "renewal_factor": 1.0,
    "downtime_add_months": 0,
    "credit": False,
    "pd_multiplier": 1.0,
    "tenant_defaults": 0,
    "power_price_factor": 1.0,
    "power_price_add": 0.0,
    "utilisation_factor": 1.0,
    "pue_add": 0.0,
    "opex_factor": 1.0,
    "management_fee_floor": 0.0,
    "capex_reserve_floor": 0.0,
    "rate_add": 0.0,
    "cap_rate": 0.0,
    "discount_rate": 0.0,
}
ROW = {
    "downtime_add": "downtime_add_months",
    **{name: name for name in records.SCENARIO.names or () if name in NEUTRAL},
}


@dataclass(frozen=True)
class Scenario:
    """A case as one scenario of the kernel: at closing (booked-not-billed out), or contracted income only."""

    case: Case
    closing: bool = False
    contracted_only: bool = False


def adjustment(case: Case, name: str) -> float:
    """A case's adjustment as a number, its neutral value where none is given.

    >>> adjustment(Case(name="x"), "opex_factor"), adjustment(Case(name="x", opex_factor=1.2), "opex_factor")
    (1.0, 1.2)
    """
    value = getattr(case, name)
    return NEUTRAL[name] if value is None else float(value)


def adjusted(case: Case) -> list[str]:
    """Names of the adjustments that differ from neutral, in the order of the bridge.

    >>> adjusted(Case(name="x", vacancy_floor=0.05, opex_factor=1.0))
    ['vacancy_floor']
    """
    return [name for name in NEUTRAL if getattr(case, name) not in (None, NEUTRAL[name], [], ())]


def bridge_cases(case: Case) -> list[Case]:
    """Cases from the issuer's to this one, each with one adjustment more.

    >>> lender = Case(name="x", vacancy_floor=0.05, rent_haircut=0.1)
    >>> [(step.rent_haircut, step.vacancy_floor) for step in bridge_cases(lender)]
    [(0.1, None), (0.1, 0.05)]
    """
    steps, current = [], ISSUER
    for name in adjusted(case):
        current = msgspec.structs.replace(current, **{name: getattr(case, name)})
        steps.append(current)
    return steps


def scenario_rows(scenarios: Iterable[Scenario]) -> Rows:
    """Scenario rows [S] for the kernel."""
    table = []
    for scenario in scenarios:
        row = {field: adjustment(scenario.case, name) for field, name in ROW.items()}
        row["closing"], row["contracted_only"] = scenario.closing, scenario.contracted_only
        table.append(row)
    return rows(records.SCENARIO, table)


def default_multipliers(cases: list[Case], tenants: Floats) -> Floats:
    """Hazard multipliers [S, T]: the case's times the tenant's; 0 where credit is off.

    >>> stressed = Case(name="x", credit=True, pd_multiplier=2.0)
    >>> default_multipliers([ISSUER, stressed], np.array([1.0, 1.5])).tolist()
    [[0.0, 0.0], [2.0, 3.0]]
    """
    scale = [adjustment(case, "pd_multiplier") if case.credit else 0.0 for case in cases]
    return np.array(scale)[:, None] * tenants


def scripted_defaults(cases: list[Case], tenants: Sequence[str]) -> Integers:
    """Month of the first default that a case names of each tenant [S, T]; -1 where there is none.

    >>> from rackrate.deal.cases import TenantDefault
    >>> gone = Case(name="x", tenant_defaults=[TenantDefault(tenant="b", month=7)])
    >>> scripted_defaults([gone], ["a", "b"]).tolist()
    [[-1, 7]]
    """
    months = np.full((len(cases), len(tenants)), -1, dtype=np.int64)
    for s, case in enumerate(cases):
        for event in case.tenant_defaults or ():
            t = tenants.index(event.tenant)
            months[s, t] = event.month if months[s, t] < 0 else min(months[s, t], event.month)
    return months
