"""Legal numbers at extreme ratios are answered in finite figures, or refused where they are.

EXTREMES sets how many requests; EXTREMES_FROM the first seed.
"""

import math
import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.fuzz.extremes import Asked, extreme_deal, extreme_pool

from rackrate.api.cache.memory import MemoryResults
from rackrate.app import create_app
from rackrate.settings import Settings

COUNT = int(os.environ.get("EXTREMES", "250"))
FIRST = int(os.environ.get("EXTREMES_FROM", "0"))
PATHS = {
    "underwriting": "/v1/underwritings",
    "sizing": "/v1/sizings",
    "waterfall": "/v1/waterfalls",
    "comparison": "/v1/comparisons",
    "sensitivity": "/v1/sensitivities",
    "simulation": "/v1/simulations",
    "pool-with-tranches": "/v1/pools",
}
KEEPS_INFINITIES = {"Accept": "application/vnd.msgpack"}  # JSON would write them as null


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Litestar]]:
    with TestClient(create_app(Settings(), MemoryResults(60)), raise_server_exceptions=False) as client:
        yield client


def finite(answer: Any) -> bool:
    """Whether every number of a document is one."""
    if isinstance(answer, float):
        return math.isfinite(answer)
    if isinstance(answer, dict | list):
        return all(finite(part) for part in (answer.values() if isinstance(answer, dict) else answer))
    return True


def stands(document: Any, pointer: str) -> bool:
    """Whether a pointer leads to a part of a document, or to one that may be left out of it."""
    assert pointer.startswith("/")
    *path, last = pointer[1:].split("/")
    for key in path:
        document = document[int(key)] if isinstance(document, list) else document.get(key)
        if not isinstance(document, dict | list):
            return False
    return isinstance(document, dict) or int(last) < len(document)


@pytest.mark.parametrize(("extreme", "count"), [(extreme_deal, COUNT), (extreme_pool, COUNT // 3)])
def test_legal_numbers_at_extreme_ratios_are_answered_in_finite_figures_or_refused_at_their_fields(
    extreme: Callable[[int], Asked], count: int, client: TestClient[Litestar]
) -> None:
    statuses = Counter[int]()
    for seed in range(FIRST, FIRST + count):
        asked = extreme(seed)
        answer = client.post(PATHS[asked.analysis.name], json=asked.document, headers=KEEPS_INFINITIES)
        statuses[answer.status_code] += 1
        if answer.status_code == 200:
            figures = msgspec.msgpack.decode(answer.content)
            assert finite(figures), seed
            msgspec.convert(figures, asked.answers)  # no null where a figure is promised
        else:
            assert answer.status_code == 422, (seed, answer.text)
            problem = answer.json()
            assert problem["errors"], (seed, answer.text)
            pointers = [error["pointer"] for error in problem["errors"]]
            assert all(stands(asked.document, pointer) for pointer in pointers), (seed, answer.text)
    assert statuses[200] > count / 10
    assert statuses[422] > count / 10
