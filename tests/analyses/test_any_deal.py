"""Whatever the terms, a deal is answered in finite figures that add up, or refused by name."""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
from tests.builders.any_deal import any_deal
from tests.conftest import EXAMPLES
from tests.kernel.simulated_deals import STORMY

from rackrate.analyses.deals.comparison import compare
from rackrate.analyses.deals.sensitivity import sensitivities
from rackrate.analyses.deals.simulation import simulate
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal import rulesets
from rackrate.deal.codec.decode import decode
from rackrate.deal.errors import CannotFinance, Invalid, Refusal, Unsupported
from rackrate.deal.requests.comparison import ComparisonRequest
from rackrate.deal.requests.sensitivity import SensitivityRequest
from rackrate.deal.requests.simulation import SimulationRequest
from rackrate.deal.requests.underwriting import Deal, Underwriting

DEALS = 160
DOCUMENTS = [msgspec.json.decode(path.read_bytes()) for path in sorted(EXAMPLES.glob("*.json"))]


def numbers(answer: Any) -> Iterator[float]:
    """Every number of a document."""
    if isinstance(answer, float):
        yield answer
    elif isinstance(answer, dict | list):
        for part in answer.values() if isinstance(answer, dict) else answer:
            yield from numbers(part)


def holds_together(answer: Underwriting) -> None:
    """What must be true of any answer: classes within the principal, cash accounted for, nothing negative."""
    assert all(math.isfinite(number) for number in numbers(msgspec.to_builtins(answer)))
    assert sum(tranche.principal for tranche in answer.tranches) <= answer.summary.principal * (1 + 1e-9)
    assert answer.sizing.principal == min(
        test.max_principal for test in answer.sizing.tests if test.max_principal is not None
    )
    assert min(answer.sizing.schedule.interest) >= 0.0
    for broken in answer.break_evens:
        assert {"at_once": broken.value is None, "never": broken.value == 1.0}.get(
            broken.status, broken.value
        )
    for tranche in answer.tranches:
        assert tranche.wal_to_final is None or tranche.wal_to_final > 0.0
    assert math.isclose(sum(lease.share for lease in answer.credit.leases), 1.0)
    run = answer.waterfall
    if run is not None:
        assert min(min(balance) for balance in (run.reserve, run.trap, run.equity)) >= 0.0
        assert min(min(note.balance) for note in run.classes) >= 0.0
        assert min(min(note.interest_due) for note in run.classes) >= 0.0
        owed = np.sum([[note.balance, note.interest_unpaid] for note in run.classes], axis=(0, 1))
        assert (np.diff(run.trap, prepend=0.0)[owed == 0.0] <= 0.0).all()


GROWN = [
    {"adjustment": name, "target": {"principal": multiple}}
    for name, multiple in (("rent_haircut", 1.1), ("rate_add", 0.9), ("cap_rate", 1.02))
]
ANALYSES: tuple[tuple[type[msgspec.Struct], dict[str, Any], Callable[..., Any]], ...] = (
    (ComparisonRequest, {}, compare),
    (
        SensitivityRequest,
        {"resize": True, "tornado": [{"adjustment": "rate_add", "low": -0.1, "high": 0.02}]},
        sensitivities,
    ),
    (SensitivityRequest, {"tornado": [{"adjustment": "rate_add", "low": -0.5, "high": 0.5}]}, sensitivities),
    (SensitivityRequest, {"tenants_out": True}, sensitivities),
    (SensitivityRequest, {"resize": True, "tenants_out": True, "break_evens": GROWN}, sensitivities),
    (SimulationRequest, {"paths": 20, "seed": 1, "factor": msgspec.to_builtins(STORMY)}, simulate),
)


@pytest.mark.parametrize(("reads", "terms", "answer"), ANALYSES)
def test_any_analysis_of_any_deal_is_answered_or_refused_within_the_request(
    reads: type[msgspec.Struct], terms: dict[str, Any], answer: Callable[..., Any]
) -> None:
    answered, refusals = 0, list[Refusal]()
    for seed in range(1000, 1160):
        body = msgspec.json.encode({"deal": any_deal(DOCUMENTS, seed), **terms})
        try:
            found = answer(decode(body, reads), rulesets.newest(), id="x")
        except (CannotFinance, Invalid, Unsupported) as refusal:
            refusals.append(refusal)
        else:
            answered += 1
            assert all(math.isfinite(number) for number in numbers(msgspec.to_builtins(found)))
    assert answered > 10
    assert all(refusal.errors for refusal in refusals)
    assert all(error.pointer.startswith("/deal") for refusal in refusals for error in refusal.errors)


def test_any_deal_is_answered_in_finite_figures_or_refused_by_name() -> None:
    ended = Counter[str]()
    for seed in range(DEALS):
        body = msgspec.json.encode(any_deal(DOCUMENTS, seed))
        try:
            answer = underwrite(decode(body, Deal), rulesets.newest(), id="x")
        except (CannotFinance, Invalid, Unsupported) as refusal:
            ended[type(refusal).__name__ if refusal.detail else "refused without a word"] += 1
        else:
            holds_together(answer)
            ended["answered"] += 1
    assert ended["refused without a word"] == 0
    assert ended["answered"] > DEALS / 2, ended


def test_any_two_deals_are_told_apart_in_finite_figures_or_refused_where_they_stand() -> None:
    told, refusals = 0, list[Refusal]()
    for seed in range(1000, 1160):
        deal, against = (any_deal(DOCUMENTS, number) for number in (seed, seed + 1))
        body = msgspec.json.encode({"deal": deal, "templates": [], "against": against})
        try:
            found = compare(decode(body, ComparisonRequest), rulesets.newest(), id="x").differences
        except Refusal as refusal:
            refusals.append(refusal)
            continue
        assert found is not None
        told += 1
        for rows in (found.terms, found.figures):
            assert len({row.path for row in rows}) == len(rows) > 0
            assert all(row.deal != row.against for row in rows)
        assert all(math.isfinite(number) for number in numbers(msgspec.to_builtins(found)))
    assert told > 10
    assert all(
        error.pointer.startswith(("/deal", "/against")) for refusal in refusals for error in refusal.errors
    )
