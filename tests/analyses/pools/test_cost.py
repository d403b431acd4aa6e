"""The cost of a pool is estimated before anything is computed, and is of the order of the time it takes."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from rackrate.analyses.cost import MOST, UNIT_NS, check, is_long
from rackrate.analyses.prepare import examine
from rackrate.analyses.problems import TOO_MUCH, Problem
from rackrate.analyses.registry import (
    SIMULATE,
    UNDERWRITE_POOL,
    UNDERWRITE_POOL_WITH_TRANCHES,
    Analysis,
    ruleset_of,
)
from rackrate.deal.codec.decode import decode

OFF = 5.0  # times what is estimated, or a fifth: other processes share the machine
TWELVE = 12


def conduit(examples: Path, loans: int) -> dict[str, Any]:
    """The shipped conduit with its loans several times, their sponsors apart."""
    told: dict[str, Any] = json.loads((examples / "pools" / "conduit-twelve-loans.json").read_bytes())
    told["loans"] = [
        one | {"id": f"{n}-{one['id']}", "sponsor": f"{n}-{one.get('sponsor')}"}
        for n in range(loans // TWELVE)
        for one in told["loans"]
    ]
    return told


def within(analysis: Analysis, body: dict[str, Any]) -> float:
    """Processor time over what is estimated."""
    request = decode(json.dumps(body).encode(), analysis.reads)
    estimated = check(request) * UNIT_NS * 1e-9
    start = time.process_time()
    analysis.compute(request, ruleset_of(request), "timed")
    return (time.process_time() - start) / estimated


@pytest.mark.parametrize("loans", [12, 60])
def test_a_pool_takes_about_what_it_is_estimated_at(examples: Path, loans: int) -> None:
    assert 1.0 / OFF < within(UNDERWRITE_POOL_WITH_TRANCHES, conduit(examples, loans)) < OFF


def test_simulated_paths_take_about_what_they_are_estimated_at(examples: Path) -> None:
    body = {"pool": conduit(examples, 12), "paths": 2000, "seed": 7}
    assert 1.0 / OFF < within(SIMULATE, body) < OFF


def test_a_small_pool_without_classes_is_no_long_work_and_a_conduit_is(examples: Path) -> None:
    told = conduit(examples, 12)
    plain = told | {"structure": None, "scenarios": [], "tests": [], "loans": told["loans"][:3]}
    works = [
        check(decode(json.dumps(body).encode(), UNDERWRITE_POOL_WITH_TRANCHES.reads))
        for body in (plain, told)
    ]
    assert [is_long(UNDERWRITE_POOL_WITH_TRANCHES, work) for work in works] == [False, True]


def test_a_pool_is_estimated_with_break_evens_only_where_tranches_are_asked_for(examples: Path) -> None:
    content = json.dumps(conduit(examples, 60)).encode()
    plain, whole = (
        examine(analysis, content, "json", MOST).work
        for analysis in (UNDERWRITE_POOL, UNDERWRITE_POOL_WITH_TRANCHES)
    )
    assert plain < whole / 4


def test_more_paths_of_a_large_pool_than_are_run_are_refused_at_its_loans(examples: Path) -> None:
    body = {"pool": conduit(examples, 600), "paths": 200_000, "seed": 7}
    with pytest.raises(Problem) as refused:
        check(decode(json.dumps(body).encode(), SIMULATE.reads), MOST // 100)
    assert refused.value.kind is TOO_MUCH
    assert refused.value.errors[0].pointer == "/pool/loans"
