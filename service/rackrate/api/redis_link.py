"""The link to Redis: one server, a cluster, or what a sentinel says is the master; by its URL."""

# Design: no retries and one short deadline, so that a dead Redis costs one refused connection and a hung one
# costs one deadline. redis-py's own defaults (ten retries of five seconds) would turn a dead cache into a
# dead service.

from typing import Any
from urllib.parse import parse_qs, urlsplit

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError
from redis.maint_notifications import MaintNotificationsConfig

DEADLINE_S = 0.1
QUEUE_S = 0.02  # for a connection; longer, and a request would wait for two deadlines
CONNECTIONS = 64
SENTINEL_PORT = 26379

Link = Redis | RedisCluster
AWAY = (RedisError, RedisClusterException, OSError)  # the second is no case of the first


def connect(url: str) -> Link:
    """Make a client; nothing is opened yet.

    `redis+cluster://host:port,host:port` is a cluster, `redis+sentinel://host:port,host:port/master/db` asks
    sentinels for the master of that name; `rediss+…` does the same over TLS. Everything else is redis-py's.
    """
    scheme = urlsplit(url).scheme
    options: dict[str, Any] = {
        "socket_timeout": DEADLINE_S,
        "socket_connect_timeout": DEADLINE_S,
        "health_check_interval": 0,
        "protocol": 2,
        "driver_info": None,
    }
    if scheme.endswith("+cluster"):
        return _cluster(url, options)
    options |= {
        "retry": Retry(NoBackoff(), 0),
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }
    if scheme.endswith("+sentinel"):
        return _sentinel(url, options)
    pool = BlockingConnectionPool.from_url(url, max_connections=CONNECTIONS, timeout=QUEUE_S, **options)
    return Redis.from_pool(pool)


async def disconnect(link: Link) -> None:
    """Close a link, and with it the links to the sentinels that it asked."""
    await link.aclose()
    pool = None if isinstance(link, RedisCluster) else link.connection_pool
    if isinstance(pool, SentinelConnectionPool):
        for sentinel in pool.sentinel_manager.sentinels:
            await sentinel.aclose()


def hosts_of(url: str, default_port: int = 6379) -> list[tuple[str, int]]:
    """List the hosts of a URL that may have several.

    >>> hosts_of("redis+cluster://:secret@a:7000,b:7001,c")
    [('a', 7000), ('b', 7001), ('c', 6379)]
    """
    listed = urlsplit(url).netloc.rpartition("@")[2].split(",")
    pairs = [each.rpartition(":") if ":" in each else (each, ":", str(default_port)) for each in listed]
    return [(host.strip("[]"), int(port)) for host, _, port in pairs]


def _credentials(url: str) -> dict[str, Any]:
    name, _, password = urlsplit(url).netloc.rpartition("@")[0].partition(":")
    return {key: value for key, value in (("username", name), ("password", password)) if value}


def _cluster(url: str, options: dict[str, Any]) -> RedisCluster:
    from redis.asyncio.cluster import ClusterNode

    return RedisCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in hosts_of(url)],
        max_connections=CONNECTIONS,
        retry=Retry(NoBackoff(), 1),  # one, because a slot that has moved is answered with where to
        ssl=url.startswith("rediss"),
        **_credentials(url),
        **options,
    )


def _sentinel(url: str, options: dict[str, Any]) -> Redis:
    parts = urlsplit(url)
    name, _, db = parts.path.strip("/").partition("/")
    asked = parse_qs(parts.query).get("sentinel_password", [""])[0]
    sentinel = Sentinel(  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
        hosts_of(url, SENTINEL_PORT),
        sentinel_kwargs=options | ({"password": asked} if asked else {}),
        ssl=url.startswith("rediss"),
        db=int(db or 0),
        **_credentials(url),
        **options,
    )
    master: Redis = sentinel.master_for(name or "mymaster")
    return master
