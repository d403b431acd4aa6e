"""Mutated bodies: whatever arrives is answered or refused, never a crash, a hang, or a number that is none.

FUZZ_BODIES sets how many; FUZZ_SEED which.
"""

import os
from collections.abc import Iterator

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.fuzz.mutations import Body, bodies

from rackrate.analyses.registry import ruleset_of
from rackrate.api.cache.memory import MemoryResults
from rackrate.app import create_app
from rackrate.deal.codec.decode import canonical, decode
from rackrate.deal.errors import Refusal
from rackrate.settings import Settings

COUNT = int(os.environ.get("FUZZ_BODIES", "16000"))
SEED = int(os.environ.get("FUZZ_SEED", "2026"))
PATHS = {
    "underwriting": "/v1/underwritings",
    "sizing": "/v1/sizings",
    "waterfall": "/v1/waterfalls",
    "comparison": "/v1/comparisons",
    "sensitivity": "/v1/sensitivities",
}


def test_the_decoder_gives_a_request_or_a_refusal() -> None:
    good = refused = 0
    for i, (analysis, media, body) in enumerate(bodies(SEED, COUNT)):
        try:
            request = decode(body, analysis.reads, media)
        except Refusal as refusal:
            refused += bool(refusal.errors)
            continue
        except Exception as error:
            raise AssertionError(f"body {i} of seed {SEED}, {media} for {analysis.name}: {body!r}") from error
        good += 1
        assert decode(canonical(request), analysis.reads) == request, (i, media, body)
    assert good + refused == COUNT, "a refusal names no field"
    assert good > COUNT / 50
    assert refused > COUNT / 2


def test_the_engine_answers_or_refuses_whatever_the_decoder_lets_through() -> None:
    """No number of an answer is null that may not be: the answer is read back by its own types."""
    answered = 0
    for i, (analysis, media, body) in enumerate(bodies(SEED + 1, COUNT // 5)):
        try:
            request = decode(body, analysis.reads, media)
            answer = analysis.compute(request, ruleset_of(request), "0" * 64)
        except Refusal:
            continue
        except Exception as error:
            raise AssertionError(
                f"body {i} of seed {SEED + 1}, {media} for {analysis.name}: {body!r}"
            ) from error
        msgspec.json.decode(msgspec.json.encode(answer), type=analysis.answers)
        answered += 1
    assert answered > COUNT / 500


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Litestar]]:
    with TestClient(create_app(Settings(), MemoryResults(60)), raise_server_exceptions=False) as client:
        yield client


def test_over_http_nothing_that_is_sent_is_a_fault_of_the_service(client: TestClient[Litestar]) -> None:
    statuses: dict[int, list[Body]] = {}
    for analysis, media, body in bodies(SEED + 2, COUNT // 20):
        name = {"json": "application/json", "msgpack": "application/vnd.msgpack"}[media]
        answer = client.post(PATHS[analysis.name], content=body, headers={"Content-Type": name})
        statuses.setdefault(answer.status_code, []).append((analysis, media, body))
        assert answer.status_code == 200 or answer.headers["content-type"] == "application/problem+json"
        assert answer.status_code in (200, 400, 422), (answer.text, media, body)
    assert set(statuses) == {200, 400, 422}
