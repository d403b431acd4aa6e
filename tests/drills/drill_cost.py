"""What a request is said to cost against what it takes; run by `make drills`."""

import copy
import json
import random
import statistics
import time
from pathlib import Path
from typing import Any

import msgspec
from tests.drills.figures import Figures

from rackrate.api.verbs import UNDERWRITE, ruleset_of
from rackrate.api.work import LONG, check
from rackrate.deal.decoding import decode

SHAPES = 60


def deal_of(document: dict[str, Any], leases: int, months: int) -> bytes:
    """A shipped deal with as many leases, for as long."""
    made = copy.deepcopy(document)
    facility = made["facilities"][0]
    first = facility["leases"][0]
    kw = facility["capacity_kw"] / leases
    facility["leases"] = [first | {"id": f"l{i}", "contracted_kw": kw} for i in range(leases)]
    for lease in facility["leases"]:
        lease.pop("ramp", None)
    made["debt"] |= {"term_months": months, "interest_only_months": 0}
    made["structure"] = None
    return json.dumps(made).encode()


def test_no_request_that_counts_as_short_is_long_and_the_estimate_ranks_them(
    examples: Path, figures: Figures
) -> None:
    document = json.loads((examples / "gpu-compute-loan.json").read_bytes())
    chance, estimates, took = random.Random(7), list[float](), list[float]()
    for _ in range(SHAPES):
        body = deal_of(document, chance.randint(1, 800), chance.choice((60, 120, 240)))
        request = decode(body, UNDERWRITE.reads)
        estimate = check(request)
        if estimate <= LONG:
            times = [seconds(request) for _ in range(3)]
            estimates.append(estimate)
            took.append(min(times))
    figures.reach("cost of short work", "shapes tried", len(took), SHAPES / 2)
    figures.hold("cost of short work", "slowest, ms", 1e3 * max(took), 100)
    ranked = correlation(estimates, took)
    figures.reach("cost of short work", "rank correlation with the estimate", ranked, 0.8)


def seconds(request: Any) -> float:
    start = time.process_time()
    msgspec.json.encode(UNDERWRITE.compute(request, ruleset_of(request), "0" * 64))
    return time.process_time() - start


def correlation(xs: list[float], ys: list[float]) -> float:
    """Spearman's: Pearson's of the ranks."""
    ranks = [{value: rank for rank, value in enumerate(sorted(values))} for values in (xs, ys)]
    return statistics.correlation([ranks[0][x] for x in xs], [ranks[1][y] for y in ys])
