"""Small deals for the tests of the facility side, made of plain documents, and what they earn."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from rackrate import kernel
from rackrate.deal import rulesets
from rackrate.deal.cases import Case
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.underwriting import Deal, contradictions
from rackrate.engine.facility.cases import (
    ISSUER,
    Scenario,
    default_multipliers,
    scenario_rows,
    scripted_defaults,
)
from rackrate.engine.facility.cashflow import ScenarioCashFlows
from rackrate.engine.facility.income import run
from rackrate.engine.facility.resolve import Resolved, resolve
from rackrate.engine.facility.tenant_survival import survive
from rackrate.engine.timeline import Floats, timeline
from rackrate.kernel import records

HORIZON = 96
RULESET = rulesets.newest()
EXAMPLES = Path(rulesets.__file__).parent / "examples"
EXAMPLE_DEALS = sorted(path.stem for path in EXAMPLES.glob("*.json"))
LETTING = {name: column for column, name in enumerate(records.LETTING)}
Plain = Any  # a document as JSON gives it


def lease(**changes: Plain) -> Plain:
    """A lease of 1,000 kW at 100 a month for five years from closing, power bought by the tenant itself."""
    return {
        "id": "lease",
        "tenant": "tenant",
        "contracted_kw": 1000.0,
        "rent_per_kw_month": 100.0,
        "commencement": "2026-01-01",
        "term_months": 60,
        "escalation": {"kind": "fixed", "rate": 0.0},
        "power": {"kind": "direct"},
        **changes,
    }


def powered(**changes: Plain) -> Plain:
    """A lease drawing half of its kW on average and all of it at the peak, its power metered."""
    return lease(**{"power": {"kind": "metered"}, "utilisation": 0.5, "peak_utilisation": 1.0, **changes})


def market(**changes: Plain) -> Plain:
    """A flat letting market at 100 in which nobody renews and space stands empty for six months."""
    return {
        "rent_per_kw_month": 100.0,
        "growth": 0.0,
        "renewal_probability": 0.0,
        "renew_at": "market",
        "downtime_months": 6,
        "default_downtime_months": 9,
        "default_rent_discount": 0.2,
        "term_months": 24,
        "free_rent_months": 0,
        "escalation": 0.0,
        "renewal_cost_per_kw": 0.0,
        "reletting_cost_per_kw": 0.0,
        **changes,
    }


def facility(*leases: Plain, **changes: Plain) -> Plain:
    """A freehold of 1,000 kW that costs nothing to run; one lease unless others are given."""
    return {
        "id": "facility",
        "capacity_kw": 1000.0,
        "pue": 1.25,
        "appraised_value": 15e6,
        "cost": 12e6,
        "tenure": {"kind": "freehold"},
        "leases": list(leases) or [lease()],
        "management_fee": 0.0,
        "capex_reserve_per_kw_year": 0.0,
        "market": market(),
        **changes,
    }


def deal(*facilities: Plain, **changes: Plain) -> Deal:
    """A deal that closes on New Year's Day 2026; one facility unless others are given."""
    document = {
        "name": "deal",
        "currency": "USD",
        "closing": "2026-01-01",
        "tenants": [{"id": "tenant", "rating": "BBB"}],
        "facilities": list(facilities) or [facility()],
        "market": {"power_index": 40.0, "cpi": 0.0, "base_rate": 0.04},
        "debt": {
            "rate": 0.06,
            "day_count": "30/360",
            "term_months": 60,
            "interest_only_months": 60,
            "amortisation": {"kind": "interest_only"},
        },
        "sizing": {
            "case": "issuer",
            "value": {"kind": "appraisal"},
            "tests": [{"kind": "max_ltv", "limit": 0.5}],
        },
        **changes,
    }
    made = msgspec.convert(document, Deal)
    assert contradictions(made) == []
    return made


def example(name: str) -> Deal:
    """One of the shipped deals."""
    return decode((EXAMPLES / f"{name}.json").read_bytes(), Deal)


def tenants(*ids: str, **terms: Plain) -> list[Plain]:
    """Tenants rated BBB."""
    return [{"id": name, "rating": "BBB", **terms} for name in ids]


def resolved(of: Deal, months: int = HORIZON, by_facility: bool = False) -> Resolved:
    """A deal's rows over a horizon."""
    whole = resolve(of, RULESET, timeline(of.closing, months))
    return whole.by_facility() if by_facility else whole


def flow(
    of: Deal,
    *cases: Case,
    months: int = HORIZON,
    by_facility: bool = False,
    closing: bool = False,
    contracted_only: bool = False,
) -> ScenarioCashFlows:
    """A deal's cash flow in each case, the issuer's if none is given."""
    scenarios = [Scenario(case, closing, contracted_only) for case in cases or (ISSUER,)]
    return run(resolved(of, months, by_facility), scenarios, months)


def let(of: Deal, case: Case = ISSUER, months: int = HORIZON) -> tuple[Floats, Floats]:
    """Letting of each facility [F, 9, M] in a case, and the mass that is off of each lease [L]."""
    rows = resolved(of, months)
    multipliers = default_multipliers([case], rows.hazards.multipliers)
    scripted = scripted_defaults([case], [tenant.id for tenant in of.tenants])
    survival = survive(rows.hazards, multipliers, scripted, months)
    letting = np.empty((1, len(of.facilities), len(records.LETTING), months))
    off = np.empty((1, len(rows.leases)))
    kernel.let(
        rows.leases, rows.markets, scenario_rows([Scenario(case)]), rows.rent, rows.kw, rows.market_rent,
        rows.growth, rows.pue, survival, letting, off,
    )  # fmt: skip
    return letting[0], off[0]
