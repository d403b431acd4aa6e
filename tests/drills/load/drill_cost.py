"""What a request is said to cost against what it takes; run by `make drills`."""

import copy
import json
import random
import statistics
from pathlib import Path
from typing import Any

from tests.analyses.test_cost import AWAY, ratios, seconds
from tests.drills.figures import Figures

from rackrate.analyses.cost import LONG, MOST
from rackrate.analyses.prepare import examine
from rackrate.analyses.registry import UNDERWRITE

SHAPES, GENERATED = 60, 300


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


def test_no_request_that_counts_as_short_is_long(examples: Path, figures: Figures) -> None:
    document = json.loads((examples / "gpu-compute-loan.json").read_bytes())
    chance, took = random.Random(7), list[float]()
    for _ in range(SHAPES):
        body = deal_of(document, chance.randint(1, 800), chance.choice((60, 120, 240)))
        asked = examine(UNDERWRITE, body, "json", MOST)
        if asked.work <= LONG:
            took.append(seconds(UNDERWRITE, asked))
    figures.reach("cost of short work", "shapes tried", len(took), SHAPES / 2)
    figures.hold("cost of short work", "slowest, ms", 1e3 * max(took), 100)


def test_the_estimate_is_near_the_time_taken_whichever_count_is_large(
    examples: Path, figures: Figures
) -> None:
    document = json.loads((examples / "powered-shell-leasehold.json").read_bytes())
    found = sorted(ratios(document, range(1000, 1000 + GENERATED)).values())
    middle = statistics.median(found)
    figures.reach("cost of generated deals", "deals that can be financed", len(found), GENERATED / 3)
    figures.tell("cost of generated deals", "nanoseconds a segment-month", middle)
    figures.hold("cost of generated deals", "most over the median", found[-1] / middle, AWAY)
    figures.hold("cost of generated deals", "median over the least", middle / found[0], AWAY)
