"""Pools for tests: one loan with nothing special about it, and what is changed of it."""

import json
from typing import Any

from rackrate.analyses.pools.loan_pool import underwrite_pool
from rackrate.analyses.registry import pool_ruleset_of, ruleset_of
from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.pool import Pool

Document = dict[str, Any]


def loan(**changes: Any) -> Document:
    return {
        "id": "1",
        "balance": 1e6,
        "rate": 0.06,
        "day_count": "30/360",
        "maturity": "2027-12-01",
        "amortisation": {"kind": "interest_only"},
        "security": {"kind": "stated", "noi": 150_000, "ncf": 120_000, "value": 2e6},
        **changes,
    }


def pool(*loans: Document, **changes: Any) -> Document:
    return {
        "name": "Pool",
        "currency": "USD",
        "closing": "2026-12-01",
        "market": {"power_index": 50, "cpi": 0.02, "base_rate": 0.04},
        "loans": list(loans) or [loan()],
        **changes,
    }


def structure(*classes: Document, **changes: Any) -> Document:
    default = [{"name": "A", "rank": 1, "coupon": {"wac_less": 0.0}, "residual": True}]
    made = {
        "template": "cmbs_conduit",
        "legal_final_months": 60,
        "classes": list(classes) or default,
    }
    return made | changes


def underwritten(document: Document, *, with_tranches: bool = False) -> PoolUnderwriting:
    request = decode(json.dumps(document).encode(), Pool)
    house = pool_ruleset_of(request)
    return underwrite_pool(request, ruleset_of(request), house, id="x", with_tranches=with_tranches)
