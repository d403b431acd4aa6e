"""Work: the estimate of a request follows the time it takes, whichever of its counts is large."""

import json
import statistics
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.builders.heavy_deals import MOST as MOST_COUNTS
from tests.builders.heavy_deals import counts_of, heavy

from rackrate.analyses.cost import FIGURE_BYTES, MOST, check, is_long
from rackrate.analyses.prepare import Asked, examine
from rackrate.analyses.problems import TOO_MUCH, Problem
from rackrate.analyses.registry import (
    COMPARE,
    SENSITIVITY,
    SIMULATE,
    SIZE,
    UNDERWRITE,
    UNDERWRITE_BY_FACILITY,
    WATERFALL,
    Analysis,
    ruleset_of,
)
from rackrate.api.openapi.examples import ASKED
from rackrate.deal.codec.decode import decode
from rackrate.deal.errors import Refusal

Plain = Any  # a document as JSON gives it
SEEDS = range(160)
AWAY = 3.0  # times the median by which time over estimate may differ, either way
MACHINE = 10.0  # times by which a machine may be slower or quicker than the one the weights are of
RUNS = 3


@pytest.fixture(scope="module")
def document(examples: Path) -> Plain:
    return json.loads((examples / "powered-shell-leasehold.json").read_bytes())


def seconds(analysis: Analysis, asked: Asked) -> float:
    """Least processor time of some runs: reading once more, computing, writing."""
    took = []
    for _ in range(RUNS):
        start = time.process_time()
        request = examine(analysis, asked.document, "json", MOST).request
        msgspec.json.encode(analysis.compute(request, ruleset_of(asked.request), asked.id))  # type: ignore[arg-type]
        took.append(time.process_time() - start)
    return min(took)


def ratios(document: Plain, seeds: range) -> dict[int, float]:
    """Time over estimate, in nanoseconds a segment-month, of the generated deals that can be financed."""
    found = {}
    for seed in seeds:
        analysis = UNDERWRITE_BY_FACILITY if seed % 4 == 0 else UNDERWRITE
        try:
            asked = examine(analysis, json.dumps(heavy(document, seed)).encode(), "json", MOST)
            found[seed] = 1e9 * seconds(analysis, asked) / asked.work
        except (Refusal, Problem):  # it cannot be financed, or its answer would be too large
            continue
    return found


def test_no_generated_deal_takes_three_times_what_it_is_estimated_at_or_a_third(document: Plain) -> None:
    """Against the median, which is the machine's; a deal that is far off is timed again before it counts."""
    found = ratios(document, SEEDS)
    middle = statistics.median(found.values())
    far = [seed for seed, ratio in found.items() if not middle / AWAY < ratio < middle * AWAY]
    assert len(found) > len(SEEDS) / 3
    assert {
        seed: again / middle
        for seed in far
        for again in ratios(document, range(seed, seed + 1)).values()
        if not middle / AWAY < again < middle * AWAY
    } == {}
    assert 50 / MACHINE < middle < 50 * MACHINE


@pytest.mark.parametrize(
    ("name", "most"),
    [
        *(
            (name, 20)
            for name in ("facilities", "leases", "power", "costs", "cases", "tests", "classes", "limits")
        ),
        ("pue_points", 500),
    ],
)
def test_each_count_that_grows_makes_the_estimate_grow(document: Plain, name: str, most: int) -> None:
    def work(count: int) -> int:
        with pytest.MonkeyPatch.context() as patch:
            counts = dict.fromkeys(MOST_COUNTS, 2) | {name: count}
            patch.setattr("tests.builders.heavy_deals.counts_of", lambda rng: counts)
            made = heavy(document, seed=with_structure(document))
        return examine(UNDERWRITE, json.dumps(made).encode(), "json", MOST).work

    assert counts_of  # is what is replaced
    few, many = work(2), work(most)
    assert many > few * 1.05


def with_structure(document: Plain) -> int:
    return next(seed for seed in range(100) if heavy(document, seed)["structure"])


def test_what_is_asked_beside_a_deal_is_estimated_too(examples: Path) -> None:
    """Sensitivities, simulations and comparisons: between a fifth and five times what they take."""
    deal = json.loads((examples / "pool-of-three.json").read_bytes())
    grid = {
        "x": {"adjustment": "rate_add", "values": [i / 1000 for i in range(12)]},
        "y": {"adjustment": "rent_haircut", "values": [i / 1000 for i in range(12)]},
        "measure": "ltv",
    }
    solved = {"adjustment": "rent_haircut", "target": {"dscr_minimum": 1.0}}
    requests: list[tuple[Analysis, Plain]] = [
        (SENSITIVITY, {"grids": [grid]}),
        (SENSITIVITY, {"break_evens": [solved], "resize": True}),
        (SIMULATE, ASKED[SIMULATE] | {"paths": 4000}),
        (COMPARE, ASKED[COMPARE]),
        (COMPARE, {"templates": [], "against": deal | {"name": "the other"}}),
        (SENSITIVITY, {"tenants_out": True}),
        (SENSITIVITY, {"tenants_out": True, "resize": True}),
        (
            SENSITIVITY,
            {"break_evens": [{"adjustment": "rent_haircut", "target": {"principal": 1.05}}], "resize": True},
        ),
    ]
    for analysis, more in requests:
        asked = examine(analysis, json.dumps({"deal": deal} | more).encode(), "json", MOST)
        assert 1 / 5 < 1e9 * seconds(analysis, asked) / (50 * asked.work) < 5, (analysis.name, more)


def test_a_cash_flow_of_ones_own_is_short_work_and_counted(examples: Path) -> None:
    """Twenty classes over 600 periods, a hundred steps each: the heaviest there is."""
    heaviest = json.loads((examples / "own" / "waterfall.json").read_bytes())
    first = heaviest["classes"][0] | {"principal": 1e7}
    heaviest |= {
        "period_months": 1,
        "ncf": [2e7] * 600,
        "legal_final_months": 600,
        "ard_months": 600,
        "classes": [first | {"name": f"c{i}"} for i in range(20)],
        "steps": [{"kind": "interest"}] * 99 + [{"kind": "equity"}],
    }
    plain = (examples / "own" / "waterfall.json").read_bytes()
    small, large = (
        examine(WATERFALL, body, "json", MOST).work for body in (plain, json.dumps(heaviest).encode())
    )
    assert small * 10 < large
    assert not is_long(WATERFALL, large)
    assert examine(SIZE, (examples / "own" / "sizing.json").read_bytes(), "json", MOST).work > 0


def test_an_answer_larger_than_is_given_is_refused_by_what_it_is_a_product_of(document: Plain) -> None:
    """40 facilities, 18 lines, 600 months: 443,000 figures more by facility; 9 MB at 20 bytes each."""
    few = dict.fromkeys(MOST_COUNTS, 2) | {"facilities": 40}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.builders.heavy_deals.counts_of", lambda rng: few)
        made = heavy(document, seed=3)
    made["debt"]["term_months"] = made["debt"]["interest_only_months"] = 600
    request = examine(UNDERWRITE, json.dumps(made).encode(), "json", MOST).request
    assert request is not None
    check(request, largest=100_000 * FIGURE_BYTES)
    with pytest.raises(Problem) as refused:
        check(request, by_facility=True, largest=100_000 * FIGURE_BYTES)
    assert refused.value.kind is TOO_MUCH
    assert "40 facilities" in refused.value.errors[0].message


def test_no_answer_is_longer_than_its_estimate(document: Plain) -> None:
    for seed in range(60):
        analysis = UNDERWRITE_BY_FACILITY if seed % 2 else UNDERWRITE
        asked = examine(analysis, json.dumps(heavy(document, seed)).encode(), "json", MOST)
        assert asked.request is not None
        try:
            answer = analysis.compute(asked.request, ruleset_of(asked.request), asked.id)
        except Refusal:
            continue
        written = len(msgspec.json.encode(answer))
        check(asked.request, by_facility=analysis is UNDERWRITE_BY_FACILITY, largest=MOST)
        with pytest.raises(Problem):
            check(asked.request, by_facility=analysis is UNDERWRITE_BY_FACILITY, largest=written - 1)


def test_a_million_paths_of_a_multi_tenant_deal_are_no_more_than_may_be_asked_for(examples: Path) -> None:
    deal = json.loads((examples / "colocation-multi-tenant.json").read_bytes())
    asked = json.dumps(ASKED[SIMULATE] | {"deal": deal, "paths": 1_000_000}).encode()
    assert 0 < check(decode(asked, SIMULATE.reads)) < MOST / 4
