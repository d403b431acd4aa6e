"""Whatever the terms, a deal is answered in finite figures that add up, or refused by name."""

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
from tests.conftest import EXAMPLES
from tests.engine.any_deal import any_deal

from rackrate.deal import rulesets
from rackrate.deal.decoding import decode
from rackrate.deal.errors import CannotFinance, Invalid, Unsupported
from rackrate.deal.underwriting import Deal, Underwriting
from rackrate.engine.underwrite import underwrite

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
    run = answer.waterfall
    if run is not None:
        assert min(min(balance) for balance in (run.reserve, run.trap, run.equity)) >= 0.0
        assert min(min(note.balance) for note in run.classes) >= 0.0


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
