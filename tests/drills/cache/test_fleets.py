"""What is kept in a cluster or behind a sentinel is found there by whoever asks."""

import asyncio

import pytest
from tests.conftest import Redis
from tests.drills.cache.fleet import Cluster, Sentinel

from rackrate.api.cache import redis_client
from rackrate.api.cache.redis_store import RedisResults
from rackrate.api.cache.store import CachedAnswer
from rackrate.api.limits.rate_limit import RateLimiter

KEYS = [f"key-{i}" for i in range(30)]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes late is a miss, and that is not what is asked here: thirty connections open at once."""
    monkeypatch.setattr(redis_client, "DEADLINE_S", 5.0)


async def keep_and_find(url: str) -> None:
    ours, theirs = RedisResults(url, 60), RedisResults(url, 60)
    rate_limiter = RateLimiter(100, 2, url, clock=lambda: 600.0)
    await ours.start()
    await theirs.start()
    try:
        for key in KEYS:
            ours.put(key, CachedAnswer(b"request", key.encode()))
        await asyncio.gather(*ours._tasks)
        kept = [CachedAnswer(b"request", key.encode()) for key in KEYS]
        assert [await theirs.get(key) for key in KEYS] == kept
        assert await ours.claim("claimed", b"a") == await theirs.claim("claimed", b"b") == b"a"
        allowances = [await rate_limiter.take("alpha") for _ in range(3)]
        left = [(found.limit, found.left) for found in allowances if found]
        assert left == [(100, 99), (100, 98), (100, 97)]
        assert (ours.state, theirs.state) == ("redis", "redis")
    finally:
        for each in (ours, theirs, rate_limiter):
            await each.stop()


def test_a_cluster_is_one_cache(cluster: Cluster) -> None:
    asyncio.run(keep_and_find(cluster.url))


def test_a_sentinels_master_is_one_cache(watched: tuple[Redis, Redis, Sentinel]) -> None:
    asyncio.run(keep_and_find(watched[2].url))
