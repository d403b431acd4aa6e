"""When the cache is asked: as long as it is quicker than computing."""

from rackrate.api.cache.bypass import PROBE, CacheBypass
from rackrate.api.cache.redis_client import connect


def test_a_slow_cache_is_probed_and_asked_again_once_it_is_quick() -> None:
    bypass = CacheBypass()
    bypass.computed("underwriting", 0.015)
    for _ in range(40):
        bypass.fetched("underwriting", 0.050)
    assert sum(bypass.asks("underwriting") for _ in range(10 * PROBE)) == 10
    for _ in range(20):
        bypass.fetched("underwriting", 0.001)
    assert bypass.asks("underwriting")


def test_one_deadline_spent_on_a_hung_cache_does_not_make_it_slow() -> None:
    bypass = CacheBypass()
    bypass.computed("underwriting", 0.015)
    bypass.fetched("underwriting", 0.0005)
    bypass.fetched("underwriting", 0.1)
    assert bypass.asks("underwriting")


def test_redis_is_named_alone_as_a_cluster_or_by_its_sentinels() -> None:
    names = [
        type(connect(url)).__name__
        for url in (
            "redis://127.0.0.1:1/0",
            "rediss+cluster://:secret@127.0.0.1:1,127.0.0.2:1",
            "redis+sentinel://user:secret@127.0.0.1:1/deals/2",
        )
    ]
    assert names == ["Redis", "RedisCluster", "Redis"]
