"""Connect to Redis by its URL: one server, a cluster, or the master that a sentinel names."""

# Design: no retries and one short deadline, so that a dead Redis costs one refused connection and a hung one
# costs one deadline. redis-py's own defaults (ten retries of five seconds) would turn a dead cache into a
# dead service.

from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError
from redis.maint_notifications import MaintNotificationsConfig

from rackrate.redis_url import RedisUrl, parse

DEADLINE_S = 0.1
QUEUE_S = 0.02  # for a connection; longer, and a request would wait for two deadlines
CONNECTIONS = 64

Link = Redis | RedisCluster
AWAY = (RedisError, RedisClusterException, OSError)  # the second is no case of the first


def connect(url: str) -> Link:
    """Make a client; nothing is opened yet.

    `redis+cluster://host:port,host:port` is a cluster, `redis+sentinel://host:port,host:port/master/db` asks
    sentinels for the master of that name; `rediss+…` does the same over TLS. Everything else is redis-py's.
    """
    where = parse(url)
    options: dict[str, Any] = {
        "socket_timeout": DEADLINE_S,
        "socket_connect_timeout": DEADLINE_S,
        "health_check_interval": 0,
        "protocol": 2,
        "driver_info": None,
    }
    if where.kind == "cluster":
        return _cluster(where, options)
    options |= {
        "retry": Retry(NoBackoff(), 0),
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }
    if where.kind == "sentinel":
        return _sentinel(where, options)
    pool = BlockingConnectionPool.from_url(url, max_connections=CONNECTIONS, timeout=QUEUE_S, **options)
    return Redis.from_pool(pool)


async def disconnect(link: Link) -> None:
    """Close a link, and with it the links to the sentinels that it asked."""
    await link.aclose()
    pool = None if isinstance(link, RedisCluster) else link.connection_pool
    if isinstance(pool, SentinelConnectionPool):
        for sentinel in pool.sentinel_manager.sentinels:
            await sentinel.aclose()


def _credentials(where: RedisUrl) -> dict[str, Any]:
    given = {"username": where.username, "password": where.password}
    return {key: value for key, value in given.items() if value}


def _cluster(where: RedisUrl, options: dict[str, Any]) -> RedisCluster:
    from redis.asyncio.cluster import ClusterNode

    return RedisCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in where.hosts],
        max_connections=CONNECTIONS,
        retry=Retry(NoBackoff(), 1),  # one, because a slot that has moved is answered with where to
        ssl=where.tls,
        **_credentials(where),
        **options,
    )


def _sentinel(where: RedisUrl, options: dict[str, Any]) -> Redis:
    name, _, db = where.path.strip("/").partition("/")
    asked = where.options.get("sentinel_password", "")
    sentinel = Sentinel(  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
        where.hosts,
        sentinel_kwargs=options | ({"password": asked} if asked else {}),
        ssl=where.tls,
        db=int(db or 0),
        **_credentials(where),
        **options,
    )
    master: Redis = sentinel.master_for(name or "mymaster")
    return master
