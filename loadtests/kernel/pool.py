"""A pool of loans to be timed, and two other ways to its collateral: NumPy, and an object a loan."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from rackrate.analyses.registry import pool_ruleset_of, ruleset_of
from rackrate.deal.requests.pool import Pool
from rackrate.engine.certificates.runs import PoolRuns
from rackrate.engine.timeline import Floats

LINES = ("interest", "scheduled", "balloon", "balance")  # what all three work out


def document(loans: int, years: int, **scenario: Any) -> dict[str, Any]:
    """Level loans at fixed rates, some of interest only first, none alike."""
    return {
        "name": "pool",
        "currency": "USD",
        "closing": "2026-01-01",
        "market": {"power_index": 50, "cpi": 0.02, "base_rate": 0.04},
        "loans": [
            {
                "id": f"{n}",
                "balance": 1e6 + 1e3 * (n % 700),
                "rate": 0.05 + 0.0001 * (n % 200),
                "day_count": ("ACT/360", "30/360")[n % 2],
                "maturity": f"{2026 + years}-01-01",
                "interest_only_months": 12 * (n % 4),
                "amortisation": {"kind": "level", "months": 12 * years},
                "security": {"kind": "stated", "noi": 2e5, "ncf": 1.8e5, "value": 2.4e6},
            }
            for n in range(loans)
        ],
        "structure": {
            "template": "cmbs_conduit",
            "legal_final_months": 12 * years,
            "classes": [{"name": "A", "rank": 1, "coupon": {"wac_less": 0.0}, "residual": True}],
        },
        "scenarios": [{"name": "timed", "test_maturity": False, **scenario}],
    }


def runs_of(told: dict[str, Any]) -> PoolRuns:
    """A pool resolved."""
    pool = msgspec.convert(told, Pool)
    return PoolRuns(pool, ruleset_of(pool), pool_ruleset_of(pool))


def by_numpy(runs: PoolRuns) -> Floats:
    """The collateral without defaults, a month at a time over all loans [LINES, M]."""
    loans = runs.loans
    months, table = loans.timeline.months, loans.loans
    owed, term, paid_only = loans.balance.copy(), table["term"], table["interest_only"]
    left_months, payment = table["amortisation_months"], np.zeros(len(owed))
    found = np.zeros((len(LINES), months))
    for i in range(months):
        rate = loans.contract_rate[:, i]
        starts = i == paid_only
        constant = rate / 12.0 / (1.0 - (1.0 + rate / 12.0) ** -left_months.astype(float))
        payment = np.where(starts, owed * constant, payment)
        interest = owed * rate * loans.accrual[:, i]
        principal = np.where(i >= paid_only, np.minimum(owed, np.maximum(0.0, payment - interest)), 0.0)
        after = owed - principal
        ends = (i == term - 1) | (after <= 1e-6)
        found[:, i] = interest.sum(), principal.sum(), after[ends].sum(), after[~ends].sum()
        owed = np.where(ends, 0.0, after)
    return found


@dataclass
class Row:
    """A period of one loan's cash flow table."""

    interest: float
    principal: float
    balloon: float
    balance: float


def by_objects(runs: PoolRuns) -> Floats:
    """The same as absbox is shaped: a table of rows for each loan, then all tables combined by period."""
    loans, months = runs.loans, runs.loans.timeline.months
    tables = []
    for x, loan in enumerate(loans.loans.tolist()):
        named = dict(zip(loans.loans.dtype.names or (), loan, strict=True))
        tables.append(_table(named, loans.contract_rate[x].tolist(), loans.accrual[x].tolist(), months))
    found = np.zeros((len(LINES), months))
    for table in tables:
        for i, row in enumerate(table):
            found[0, i] += row.interest
            found[1, i] += row.principal
            found[2, i] += row.balloon
            found[3, i] += row.balance
    return found


def _table(loan: dict[str, float], rate: list[float], accrual: list[float], months: int) -> list[Row]:
    owed, payment, rows = loan["balance"], 0.0, []
    for i in range(months):
        if i == loan["interest_only"]:
            payment = owed * (rate[i] / 12.0) / (1.0 - (1.0 + rate[i] / 12.0) ** -loan["amortisation_months"])
        interest = owed * rate[i] * accrual[i]
        principal = min(owed, max(0.0, payment - interest)) if i >= loan["interest_only"] else 0.0
        owed -= principal
        ends = i == loan["term"] - 1 or owed <= 1e-6
        rows.append(Row(interest, principal, owed if ends else 0.0, 0.0 if ends else owed))
        if ends:
            break
    return rows
