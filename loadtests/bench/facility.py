"""What the facility side costs: leases, credit, power and cash flow, by segments and months.

    python -m loadtests.bench.facility

One run in two cases, the issuer's and one with tenant credit on, over rent rolls of 1 to 2,000 segments, over
60 to 600 months. The last column is the time per segment and month over the one of the row before.
"""

import time
from typing import Any

import msgspec
from loadtests.bench.report import section, table

from rackrate.deal import rulesets
from rackrate.deal.cases import Case
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.facility.cases import ISSUER, Scenario
from rackrate.engine.facility.income import run
from rackrate.engine.facility.resolve import resolve
from rackrate.engine.timeline import timeline

SEGMENTS = (1, 10, 100, 500, 1000, 2000)
MONTHS = (60, 120, 240, 360, 480, 600)
PER_FACILITY = 50
BEST_OF = 7
CASES = (ISSUER, Case(name="credit", credit=True, pd_multiplier=2.0))
ESCALATIONS = ({"kind": "fixed", "rate": 0.02}, {"kind": "cpi", "floor": 0.0, "cap": 0.04})
POWER = (
    {"kind": "metered", "pue_cap": 1.4},
    {"kind": "fixed_price", "price_per_mwh": 70.0},
    {"kind": "included"},
)


def segment(n: int) -> dict[str, Any]:
    """A lease of 100 kW: already running, seven to sixteen years long."""
    return {
        "id": f"lease-{n}",
        "tenant": f"tenant-{n % 40}",
        "contracted_kw": 100.0,
        "rent_per_kw_month": 110.0 + n % 30,
        "commencement": f"{2021 + n % 5}-{1 + n % 12:02}-01",
        "term_months": 84 + n % 108,
        "escalation": ESCALATIONS[n % len(ESCALATIONS)],
        "utilisation": 0.7,
        "peak_utilisation": 0.9,
        "power": POWER[n % len(POWER)],
    }


def facility(number: int, segments: range) -> dict[str, Any]:
    """A hall with its share of the rent roll, a block and a tariff."""
    block = {"kind": "fixed_block", "mw": 2.0, "price_per_mwh": 55.0, "resale_share": 0.8}
    tariff = {
        "kind": "tariff",
        "price_per_mwh": 40.0,
        "demand_rate": 9.0,
        "contracted_demand_kw": 5000.0,
        "minimum_demand_share": 0.85,
        "ratchet_share": 0.8,
        "fixed_monthly": 1000.0,
    }
    market = {
        "rent_per_kw_month": 120.0,
        "growth": 0.02,
        "renewal_probability": 0.75,
        "renew_at": "lower_of",
        "downtime_months": 9,
        "default_downtime_months": 12,
        "default_rent_discount": 0.1,
        "term_months": 84,
        "free_rent_months": 3,
        "escalation": 0.02,
        "renewal_cost_per_kw": 15.0,
        "reletting_cost_per_kw": 120.0,
    }
    return {
        "id": f"facility-{number}",
        "capacity_kw": 100.0 * PER_FACILITY,
        "pue": 1.3,
        "appraised_value": 6e7,
        "cost": 5e7,
        "tenure": {"kind": "freehold"},
        "leases": [segment(n) for n in segments],
        "power": [block, tariff],
        "operating_costs": [{"name": "staff", "per_kw_month": 3.0, "growth": 0.03}],
        "management_fee": 0.03,
        "capex_reserve_per_kw_year": 10.0,
        "market": market,
    }


def deal(segments: int) -> Deal:
    """A pool with so many segments, fifty to a facility."""
    starts = range(0, segments, PER_FACILITY)
    document = {
        "name": "pool",
        "currency": "USD",
        "closing": "2026-01-01",
        "tenants": [{"id": f"tenant-{t}", "rating": "BB"} for t in range(40)],
        "facilities": [facility(n, range(n, min(n + PER_FACILITY, segments))) for n in starts],
        "market": {"power_index": 45.0, "cpi": 0.025, "base_rate": 0.04},
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
    }
    return msgspec.convert(document, Deal)


def seconds(pool: Deal, months: int) -> tuple[float, float]:
    """Least time of a few to resolve a pool, and to run it in both cases."""
    ruleset, scenarios = rulesets.newest(), [Scenario(case) for case in CASES]
    resolving, running = [], []
    for _ in range(BEST_OF):
        start = time.perf_counter()
        resolved = resolve(pool, ruleset, timeline(pool.closing, months))
        middle = time.perf_counter()
        run(resolved, scenarios, months)
        resolving.append(middle - start)
        running.append(time.perf_counter() - middle)
    return min(resolving), min(running)


def rows(sizes: list[tuple[int, int]]) -> list[list[str]]:
    """A row per (segments, months), each beside the one before."""
    found, before = [], None
    for segments, months in sizes:
        resolving, running = seconds(deal(segments), months)
        each = 1e9 * (resolving + running) / (segments * months)
        ratio = "" if before is None else f"{each / before:.2f}"
        times = [f"{1e3 * resolving:.2f}", f"{1e3 * running:.2f}", f"{each:.1f}"]
        found.append([f"{segments:,}", f"{months}", *times, ratio])
        before = each
    return found


def main() -> None:
    head = ["segments", "months", "resolve ms", "run ms", "ns each", "times the row before"]
    by_segments = table(head, rows([(segments, 360) for segments in SEGMENTS]))
    by_months = table(head, rows([(500, months) for months in MONTHS]))
    section(
        "facility",
        35,
        "The facility side by size",
        f"""Leases, credit, power and cash flow in two cases. Cost is linear where the time per segment
and month does not rise; a small pool is mostly the cost of the calls, and a horizon shorter than the market's
term has fewer lettings to follow.

{by_segments}

{by_months}""",
    )


if __name__ == "__main__":
    main()
