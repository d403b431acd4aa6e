"""Caches: what is kept, for how long, and that what was tampered with was never there."""

import asyncio
import contextlib
import gzip
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import redis
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from rackrate.api.cache.circuit_breaker import REST_S, Breaker
from rackrate.api.cache.compression import FRAMING_BYTES, LARGEST_BYTES, compress, expand
from rackrate.api.cache.lru import LruCache
from rackrate.api.cache.memory import MemoryResults
from rackrate.api.cache.redis_client import CONNECTIONS, DEADLINE_S
from rackrate.api.cache.redis_store import RedisResults
from rackrate.api.cache.signing import open_signed, sign, signing_key
from rackrate.api.cache.store import CachedAnswer
from rackrate.api.telemetry.metrics import CACHE_FAULTS

ANSWER = CachedAnswer(b"request", b"answer")


def test_memory_forgets_the_least_recently_used_by_count_and_by_bytes() -> None:
    recent: LruCache[str, bytes] = LruCache(len, entries=2, size=100, ttl_s=60)
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
    recent: LruCache[str, bytes] = LruCache(len, ttl_s=10, clock=lambda: now[0])
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
    sealed = sign(signing, "key", b"answer")
    assert open_signed([signing], "key", sealed) == b"answer"
    assert open_signed([signing], "key", spoil(sealed)) is None
    assert open_signed([signing_key("other")], "key", sealed) is None
    assert open_signed([signing_key("other"), signing], "key", sealed) == b"answer"


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


WRITTEN = msgspec.msgpack.encode(ANSWER)
FOREIGN = {
    "uncompressed": WRITTEN,
    "gzip": gzip.compress(WRITTEN),
    "cut": compress(ANSWER)[:-1],
    "longer": compress(ANSWER) + b" ",
    "another shape": zstandard.compress(msgspec.msgpack.encode({"answer": b""})),
    "no MessagePack": zstandard.compress(b"\xc1"),
    "nothing": b"",
    "a frame of nothing": zstandard.compress(b""),
    "a length that is not stated": zstandard.ZstdCompressor(write_content_size=False).compress(WRITTEN),
    "more than is kept": zstandard.compress(bytes(LARGEST_BYTES + FRAMING_BYTES + 1)),
    "a gigabyte claimed": b"\x28\xb5\x2f\xfd\xa0" + (1 << 30).to_bytes(4, "little") + b"\x03\x00\x00" + b"x",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_signed_but_is_no_answer_is_damage_and_a_miss(
    name: str, start_redis: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    async def story(server: Any) -> None:
        results = RedisResults(server.url, 60, "secret")
        await results.start()
        with redis.Redis(port=server.port) as store:
            store.set("key", sign(signing_key("secret"), "key", FOREIGN[name]))
        before = CACHE_FAULTS.labels("damaged")._value.get()
        assert await results.get("key") is None
        assert CACHE_FAULTS.labels("damaged")._value.get() == before + 1
        results.put("key", ANSWER)
        await results.stop()

    asyncio.run(story(start_redis()))
    assert "is no answer" in caplog.text


def test_no_more_room_is_made_than_for_what_is_kept() -> None:
    """Thirty-two mebibytes of zeros are a frame of one kilobyte."""
    bomb = zstandard.compress(bytes(2 * LARGEST_BYTES))
    assert len(bomb) < 2000
    tracemalloc.start()
    for frame in (bomb, FOREIGN["a gigabyte claimed"]):
        with pytest.raises(ValueError, match="claimed"):
            expand(frame)
    assert tracemalloc.get_traced_memory()[1] < LARGEST_BYTES / 16
    tracemalloc.stop()


@given(
    request=st.binary(max_size=200), answer=st.binary(max_size=5000), cut=st.integers(0), bit=st.integers(0)
)
def test_compression_gives_back_what_it_was_given_and_of_what_was_changed_no_error_but_one(
    request: bytes, answer: bytes, cut: int, bit: int
) -> None:
    packed = compress(CachedAnswer(request, answer))
    assert expand(packed) == CachedAnswer(request, answer)
    changed = bytearray(packed)
    changed[bit // 8 % len(packed)] ^= 1 << bit % 8
    for spoilt in (bytes(changed), packed[: cut % len(packed)]):
        with contextlib.suppress(ValueError):
            expand(spoilt)


def test_a_claim_on_a_value_of_another_type_is_damage_and_redis_is_not_away(
    start_redis: Callable[..., Any],
) -> None:
    async def story(server: Any) -> None:
        results = RedisResults(server.url, 60, "secret")
        await results.start()
        with redis.Redis(port=server.port) as store:
            store.lpush("key", "1")
        before = [CACHE_FAULTS.labels(kind)._value.get() for kind in ("damaged", "write")]
        assert await results.claim("key", b"a") == await results.claim("key", b"b") == b"a"
        after = [CACHE_FAULTS.labels(kind)._value.get() for kind in ("damaged", "write")]
        assert (after[0] - before[0], after[1] - before[1], results.state) == (1, 0, "redis")
        await results.stop()

    asyncio.run(story(start_redis()))


@pytest.mark.parametrize("scheme", ["redis", "redis+cluster", "redis+sentinel"])
def test_a_wrong_url_is_a_cache_that_is_away(scheme: str) -> None:
    async def story() -> None:
        results = RedisResults(f"{scheme}://127.0.0.1:1/0", 60)
        await results.start()
        results.put("key", ANSWER)
        assert await results.get("other") is None
        assert results.state == "redis-away"
        await results.stop()

    asyncio.run(story())


def test_many_readers_of_a_hung_redis_wait_one_deadline_together(start_redis: Callable[..., Any]) -> None:
    async def story(server: Any) -> None:
        results = RedisResults(server.url, 60)
        await results.start()
        server.freeze()
        before, faults = time.monotonic(), CACHE_FAULTS.labels("read")._value
        found = await asyncio.gather(*(results.get(f"key-{i}") for i in range(2 * CONNECTIONS)))
        waited = time.monotonic() - before
        assert found == [None] * (2 * CONNECTIONS)
        assert waited < CONNECTIONS * DEADLINE_S  # and not one deadline after the other
        told = faults.get()
        assert await results.get("key") is None
        assert faults.get() == told or time.monotonic() - before > REST_S  # for it is not asked
        server.thaw()
        await results.stop()

    asyncio.run(story(start_redis()))
