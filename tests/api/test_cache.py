"""Caches: what is kept, for how long, and that what was tampered with was never there."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from rackrate.api.breaker import Breaker
from rackrate.api.envelope import seal, signing_key, unseal
from rackrate.api.memory import MemoryResults, Recent
from rackrate.api.redis_link import CONNECTIONS, DEADLINE_S, QUEUE_S
from rackrate.api.redis_results import RedisResults
from rackrate.api.results import Exchange

ANSWER = Exchange(b"request", b"answer")


def test_memory_forgets_the_least_recently_used_by_count_and_by_bytes() -> None:
    recent: Recent[bytes] = Recent(60, len, entries=2, size=100)
    recent.put("a", b"x" * 10)
    recent.put("b", b"x" * 10)
    assert recent.get("a")
    recent.put("c", b"x" * 10)
    assert recent.get("b") is None
    assert recent.get("a")
    recent.put("d", b"x" * 95)
    assert [recent.get(key) for key in "ac"] == [None, None]
    recent.put("e", b"x" * 101)
    assert recent.get("e") is None
    assert recent.get("d")


def test_memory_forgets_what_is_older_than_its_time() -> None:
    now = [0.0]
    recent: Recent[bytes] = Recent(10, len, clock=lambda: now[0])
    recent.put("a", b"x")
    now[0] = 9.9
    assert recent.get("a") == b"x"
    now[0] = 10.0
    assert recent.get("a") is None


def test_memory_gives_back_what_it_was_given_itself_until_it_stops() -> None:
    async def story() -> None:
        results = MemoryResults(60)
        results.put("key", ANSWER)
        assert await results.get("key") is ANSWER
        assert await results.claim("key", b"a") == await results.claim("key", b"b") == b"a"
        await results.stop()
        assert await results.get("key") is None
        assert await results.claim("key", b"b") == b"b"

    asyncio.run(story())


@pytest.mark.parametrize(
    "spoil", [lambda s: s[:-1], lambda s: b"\x02" + s[1:], lambda s: s + b" ", lambda s: s[:17]]
)
def test_a_spoilt_envelope_does_not_open(spoil: Callable[[bytes], bytes]) -> None:
    signing = signing_key("secret")
    sealed = seal(signing, "key", b"answer")
    assert unseal([signing], "key", sealed) == b"answer"
    assert unseal([signing], "key", spoil(sealed)) is None
    assert unseal([signing_key("other")], "key", sealed) is None
    assert unseal([signing_key("other"), signing], "key", sealed) == b"answer"


def test_an_open_breaker_lets_one_probe_through_each_rest() -> None:
    now = [0.0]
    breaker = Breaker(rest_s=1.0, clock=lambda: now[0])
    breaker.failed()
    asked = []
    for tenth in range(25):
        now[0] = tenth / 10
        asked.append(breaker.allows())
    assert [i for i, allowed in enumerate(asked) if allowed] == [10, 20]


def test_redis_gives_back_what_it_was_given(start_redis: Callable[..., Any]) -> None:
    async def story(url: str) -> None:
        first, second = RedisResults(url, 60), RedisResults(url, 60)
        await first.start()
        await second.start()
        first.put("key", ANSWER)
        assert await first.get("key") == ANSWER
        await first.stop()
        assert await second.get("key") == ANSWER
        assert await second.get("other") is None
        assert second.state == "redis"
        await second.stop()

    asyncio.run(story(start_redis().url))


@pytest.mark.parametrize("scheme", ["redis", "redis+cluster", "redis+sentinel"])
def test_a_wrong_url_is_a_cache_that_is_away(scheme: str) -> None:
    async def story() -> None:
        results = RedisResults(f"{scheme}://127.0.0.1:1/0", 60)
        await results.start()
        before = time.monotonic()
        results.put("key", ANSWER)
        assert await results.get("other") is None
        assert time.monotonic() - before < DEADLINE_S
        assert results.state == "redis-away"
        await results.stop()

    asyncio.run(story())


def test_many_readers_of_a_hung_redis_wait_one_deadline_together(start_redis: Callable[..., Any]) -> None:
    async def story(server: Any) -> None:
        results = RedisResults(server.url, 60)
        await results.start()
        server.freeze()
        before = time.monotonic()
        found = await asyncio.gather(*(results.get(f"key-{i}") for i in range(2 * CONNECTIONS)))
        waited = time.monotonic() - before
        assert found == [None] * (2 * CONNECTIONS)
        assert waited < 5 * (
            DEADLINE_S + QUEUE_S
        )  # and not one deadline after the other, on a busy machine either
        before = time.monotonic()
        assert await results.get("key") is None
        assert time.monotonic() - before < DEADLINE_S  # for it is not asked
        server.thaw()
        await results.stop()

    asyncio.run(story(start_redis()))
