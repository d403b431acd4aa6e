"""Losses of pools computed once more, plainly: the exact distribution over groups, simulated class losses."""

# Design: nothing of the engine is used but its answers. The factor is integrated by Gauss-Legendre, sets of
# defaults are listed one by one, and a waterfall of two classes is paid in a loop of a dozen lines.

import itertools
import json
import tomllib
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from tests.conftest import EXAMPLES
from tests.engine.pool.pools import loan, pool, structure, underwritten

from rackrate.analyses.pools.simulation import simulate_pool
from rackrate.analyses.registry import pool_ruleset_of, ruleset_of
from rackrate.deal import rulesets
from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.codec.decode import decode
from rackrate.deal.pools import rulesets as pool_rulesets
from rackrate.deal.requests.pool_simulation import PoolSimulation, PoolSimulationRequest
from rackrate.deal.requests.simulation import SimulationRequest

Floats = np.ndarray[Any, np.dtype[np.float64]]
HOUSE = tomllib.loads(rulesets.load("house-2026.1").text)
OF_POOLS = tomllib.loads(pool_rulesets.load("pools-2026.1").text)
RHO, LGD = HOUSE["credit"]["asset_correlation"], OF_POOLS["concentration"]["lgd"]
CONDUIT = json.loads((EXAMPLES / "pools/conduit-twelve-loans.json").read_bytes())
NORMAL = NormalDist()
phi = np.vectorize(NORMAL.cdf)


def factor() -> tuple[Floats, Floats]:
    """Nodes of the common factor, and the probability of each."""
    nodes, weights = np.polynomial.legendre.leggauss(240)
    at = 9.0 * nodes
    return at, 9.0 * weights * np.exp(-(at**2) / 2.0) / np.sqrt(2.0 * np.pi)


def given_factor(pd: float, at: Floats) -> Floats:
    """Probability that an obligor has defaulted, given the factor: its assets fall below what `pd` says."""
    found: Floats = phi((NORMAL.inv_cdf(pd) - np.sqrt(RHO) * at) / np.sqrt(1.0 - RHO))
    return found


def table_pd(dscr: float | None, ltv: float | None) -> float:
    """The house table: first row above the cover, first column at or above the LTV; else the last."""
    hazard = OF_POOLS["hazard"]
    rows, columns = hazard["dscr_below"], hazard["ltv_up_to"]
    row = next((i for i, bound in enumerate(rows) if dscr is not None and dscr < bound), len(rows))
    column = next((k for k, bound in enumerate(columns) if ltv is not None and ltv <= bound), len(columns))
    return float(hazard["pd"][row][column])


def groups_of(document: Any, answer: PoolUnderwriting) -> list[tuple[float, float]]:
    """Share and PD of each obligor group: loans that share a sponsor, or a tenant with half of each."""
    loans, joint = document["loans"], OF_POOLS["concentration"]["joint_share"]
    rated = {t["id"]: HOUSE["credit"]["cumulative_pd"][t["rating"]][0] for t in document.get("tenants", [])}
    bonds, pd = [], []
    for asked, found in zip(loans, answer.loans, strict=True):
        shares = {t["id"]: t["share"] for t in asked["security"].get("tenants", [])}
        large = [name for name, share in shares.items() if share >= joint - 1e-12]
        bonds.append(
            {("tenant", name) for name in large} | {("sponsor", asked.get("sponsor") or asked["id"])}
        )
        own = table_pd(found.cases[0].dscr, found.cases[0].ltv)
        pd.append(max([own, *(rated[name] for name in large if name in rated)]))
    merged: list[tuple[set[Any], list[int]]] = []
    for x, own_bonds in enumerate(bonds):
        met = [one for one in merged if one[0] & own_bonds]
        rest = [one for one in merged if not one[0] & own_bonds]
        merged = [
            *rest,
            (own_bonds.union(*(one[0] for one in met)), [x, *(y for one in met for y in one[1])]),
        ]
    total = sum(each["balance"] for each in loans)
    return [(sum(loans[x]["balance"] for x in g) / total, max(pd[x] for x in g)) for _, g in merged]


def many_groups() -> Any:
    """A pool of fifteen obligors, more than the sets of defaults that are listed by the service."""
    loans = [
        loan(id=str(n), balance=1e6 * (1 + n), maturity="2030-12-01", security=secured(1e6 * (1 + n), n))
        for n in range(15)
    ]
    return pool(*loans)


def secured(balance: float, n: int) -> Any:
    income = balance * 0.06 * (0.85 + 0.09 * n)
    return {"kind": "stated", "noi": income, "ncf": income, "value": balance / (0.4 + 0.03 * n)}


@pytest.mark.parametrize(
    ("document", "grid"), [(CONDUIT, None), (many_groups(), 1e-4)], ids=["conduit", "fifteen obligors"]
)
def test_the_exact_distribution_over_groups_is_that_of_every_set_of_defaults(
    document: Any, grid: float | None
) -> None:
    answer = underwritten(document)
    groups = groups_of(document, answer)
    told = sorted((group.share, group.pd) for group in answer.concentration.groups)
    assert np.allclose(told, sorted(groups), rtol=0.0, atol=1e-12)
    at, weight = factor()
    chances = [given_factor(pd, at) for _, pd in groups]
    each = [share * LGD if grid is None else round(share * LGD / grid) * grid for share, _ in groups]
    # the distribution given the factor, a group at a time: losses as they are, or on the grid
    found = {0.0: np.ones_like(at)}
    for loss, chance in zip(each, chances, strict=True):
        after: dict[float, Floats] = {}
        for before, held in found.items():
            for total, part in ((before, held * (1.0 - chance)), (before + loss, held * chance)):
                key = round(total, 10)
                after[key] = after.get(key, 0.0) + part
        found = after
    expected = {loss: float((held * weight).sum()) for loss, held in found.items()}
    spread = answer.concentration.loss_distribution
    assert np.allclose(spread.loss, sorted(expected), rtol=0.0, atol=1e-9)
    assert np.allclose(
        spread.probability, [expected[loss] for loss in sorted(expected)], rtol=0.0, atol=1e-11
    )
    assert spread.expected == pytest.approx(sum(x * p for x, p in expected.items()), abs=1e-11)


SEVERITY, SERVICING, RATE, COUPON = 0.4, 0.0025, 0.09, 0.03


def small_pool(terms: Sequence[tuple[float, int, float]], senior: float) -> Any:
    """Loans of some balance, months and cover, a severity at once, a senior class and what is left."""
    loans = [
        loan(
            id=str(n),
            balance=balance,
            rate=RATE,
            maturity=f"{2026 + (11 + months) // 12}-{(11 + months) % 12 + 1:02d}-01",
            security={"kind": "stated", "noi": 1e9, "ncf": balance * RATE * cover, "value": balance / 0.7},
        )
        for n, (balance, months, cover) in enumerate(terms)
    ]
    scenario = {
        "name": "plain",
        "test_maturity": False,
        "recovery": {"kind": "severity", "severity": SEVERITY},
        "recovery_months": 1,
        "advances": {"kind": "none"},
        "cdr": 0.0,
        "hazard": 0.0,
    }
    classes = [
        {"name": "A", "rank": 1, "coupon": COUPON, "day_count": "30/360", "principal": senior},
        {"name": "B", "rank": 2, "coupon": 0.0, "day_count": "30/360", "residual": True},
    ]
    made = structure(*classes, scenario="plain", clean_up_call=0.0, legal_final_months=36)
    return pool(*loans, scenarios=[scenario], structure=made)


def lost_by_class(
    terms: Sequence[tuple[float, int, float]], senior: float, defaults: Sequence[int]
) -> tuple[float, float]:
    """What two classes lose if each loan defaults in its month; in the month of its maturity it has not.

    Interest of A, principal in order, what was written down made good, the rest away; losses from below.
    """
    balances = [senior, sum(balance for balance, _, _ in terms) - senior]
    written, stated = [0.0, 0.0], sum(balances)
    for i in range(max(months for _, months, _ in terms)):
        alive = [(b, m, d) for (b, m, _), d in zip(terms, defaults, strict=True) if i < m and i <= d]
        interest = sum(b * RATE / 12.0 for b, _, d in alive if i < d)
        interest -= sum(b * SERVICING / 12.0 for b, _, d in alive if i == d)
        principal = sum(b * (1.0 - SEVERITY) for b, _, d in alive if i == d)
        principal += sum(b for b, m, d in alive if i == m - 1 and i < d)
        stated -= principal + sum(b * SEVERITY for b, _, d in alive if i == d)
        cash, due = interest + principal, principal
        cash -= min(cash, balances[0] * COUPON / 12.0)
        for k in (0, 1):
            paid = min(cash, due, balances[k])
            balances[k], due, cash = balances[k] - paid, due - paid, cash - paid
            made_good = min(cash, written[k])
            written[k], cash = written[k] - made_good, cash - made_good
        for k in (1, 0):
            cut = min(balances[k], max(0.0, sum(balances) - stated))
            balances[k], written[k] = balances[k] - cut, written[k] + cut
    return balances[0] + written[0], balances[1] + written[1]


def expected_losses(
    terms: Sequence[tuple[float, int, float]], senior: float, pds: Sequence[float]
) -> tuple[Floats, Floats]:
    """Expected loss of each class, and the probability of one, over all combinations of months of default."""
    at, weight = factor()
    by_month = []
    for (_, months, _), pd in zip(terms, pds, strict=True):
        past = [np.zeros_like(at)]
        past += [given_factor(1.0 - (1.0 - pd) ** ((i + 1) / 12.0), at) for i in range(months)]
        by_month.append([*np.diff(past, axis=0), 1.0 - past[-1]])
    mean, odds = np.zeros(2), np.zeros(2)
    for defaults in itertools.product(*(range(months + 1) for _, months, _ in terms)):
        held = weight.copy()
        for chances, month in zip(by_month, defaults, strict=True):
            held = held * chances[month]
        lost = np.array(lost_by_class(terms, senior, defaults))
        mean, odds = mean + held.sum() * lost, odds + held.sum() * (lost > 1e-6)
    return mean, odds


@pytest.mark.parametrize(
    ("terms", "senior"),
    [(((5e7, 24, 0.95), (5e7, 24, 0.95)), 6e7), (((4e7, 12, 0.8), (3e7, 16, 0.95), (2e7, 9, 1.2)), 5.5e7)],
    ids=["two loans alike", "three loans"],
)
def test_simulated_losses_by_class_are_those_of_every_month_of_default(
    terms: Sequence[tuple[float, int, float]], senior: float
) -> None:
    document = small_pool(terms, senior)
    body = {"pool": document, "paths": 40_000, "seed": 3, "scenario": "plain"}
    request = decode(json.dumps(body).encode(), SimulationRequest)
    assert isinstance(request, PoolSimulationRequest)
    answer: PoolSimulation = simulate_pool(
        request, ruleset_of(request), pool_ruleset_of(request.pool), id="x", threads=1
    )
    pds = [table_pd(cover, 0.7) for _, _, cover in terms]
    assert [group.pd for group in answer.groups] == pds
    mean, odds = expected_losses(terms, senior, pds)
    assert mean[1] > mean[0] > 0.0
    for k, note in enumerate(answer.classes):
        for estimate, exact in ((note.expected_loss, mean[k]), (note.principal_loss, odds[k])):
            assert estimate.standard_error is not None
            assert abs(estimate.value - exact) < 4.0 * estimate.standard_error
    whole = answer.collateral.loss.mean
    due = sum(
        balance * SEVERITY * (1.0 - (1.0 - pd) ** (months / 12.0))
        for (balance, months, _), pd in zip(terms, pds, strict=True)
    )
    assert whole.standard_error is not None
    assert abs(whole.value - due) < 4.0 * whole.standard_error
