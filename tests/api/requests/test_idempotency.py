"""Idempotency keys: one key is one request, however many are sent at once and to whichever worker."""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from rackrate.api.cache.redis_store import RedisResults

KEYS, RIVALS = 12, 6
HEADERS = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def rivals(examples: Path) -> list[bytes]:
    """Requests that differ."""
    document = json.loads((examples / "own/sizing.json").read_bytes())
    bodies = []
    for i in range(RIVALS):
        document["debt"]["rate"] = 0.06 + i / 1000
        bodies.append(json.dumps(document).encode())
    return bodies


def race(service: Any, bodies: list[bytes], name: str) -> list[tuple[int, ...]]:
    """All the bodies at once under each key, on connections of their own; the statuses by key."""

    async def story() -> list[tuple[int, ...]]:
        async with httpx.AsyncClient(base_url=service.url, timeout=20, verify=False) as client:
            told = []
            for i in range(KEYS):
                headers = HEADERS | {"Idempotency-Key": f"{name}-{i}"}
                posts = [client.post("/v1/sizings", content=body, headers=headers) for body in bodies]
                told.append(tuple(answer.status_code for answer in await asyncio.gather(*posts)))
            return told

    return asyncio.run(story())


def assert_one_each(told: list[tuple[int, ...]]) -> None:
    for statuses in told:
        assert Counter(statuses) == {200: 1, 409: RIVALS - 1}


def test_of_different_requests_under_one_key_one_is_answered(
    start_service: Callable[..., Any], rivals: list[bytes]
) -> None:
    service = start_service(workers="1")
    assert_one_each(race(service, rivals, "a"))
    assert set(race(service, rivals[:1] * RIVALS, "b")) == {(200,) * RIVALS}


def test_of_different_requests_to_different_workers_one_is_answered(
    start_redis: Callable[..., Any], start_service: Callable[..., Any], rivals: list[bytes]
) -> None:
    service = start_service(redis_url=start_redis().url, workers="2")
    assert_one_each(race(service, rivals, "a"))


def test_without_redis_a_worker_still_knows_its_own_keys_and_fails_nobody(
    start_redis: Callable[..., Any], start_service: Callable[..., Any], rivals: list[bytes]
) -> None:
    server = start_redis()
    service = start_service(redis_url=server.url, workers="1")
    before = race(service, rivals, "before")
    server.stop(signal.SIGKILL)
    assert_one_each(race(service, rivals, "a"))
    again = race(service, rivals, "before")
    assert [statuses.index(200) for statuses in again] == [statuses.index(200) for statuses in before]


def test_a_claim_is_one_step_between_processes_and_signed(start_redis: Callable[..., Any]) -> None:
    async def story(url: str) -> None:
        ours, theirs, rogue = (RedisResults(url, 60, secret) for secret in ("old\nnew", "new\nold", "other"))
        for each in (ours, theirs, rogue):
            await each.start()
        for i in range(50):
            told = await asyncio.gather(ours.claim(f"k{i}", b"a"), theirs.claim(f"k{i}", b"b"))
            assert told[0] == told[1]
        assert await rogue.claim("k0", b"c") == b"c"
        for each in (ours, theirs, rogue):
            await each.stop()

    asyncio.run(story(start_redis().url))
