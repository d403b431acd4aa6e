"""Answers in Redis, shared by workers, kept over restarts; a Redis that fails is a miss, never an error."""

# Design: after a failure the breaker rests Redis. Reading and writing have a breaker each: a full Redis
# refuses writes while its reads are fine. Writes leave the request's path. Commands are never cancelled from
# outside, because a cancelled command costs its connection and a pool of those never warms up.

import asyncio
import logging
import random
from collections.abc import Awaitable
from typing import cast

from redis.exceptions import ResponseError

from rackrate.api.cache.circuit_breaker import Breaker
from rackrate.api.cache.compression import LARGEST_BYTES, compress, expand
from rackrate.api.cache.lru import LruCache
from rackrate.api.cache.redis_client import AWAY, Link, connect, disconnect
from rackrate.api.cache.signing import open_signed, sign, signing_key
from rackrate.api.cache.store import CachedAnswer
from rackrate.api.telemetry.metrics import CACHE_FAULTS

WRITES_UNDER_WAY = 256
JITTER = 0.1  # of the time to live, so that what was written together does not expire together

logger = logging.getLogger("rackrate.cache")


class RedisResults:
    """A cache in the Redis at `url`."""

    def __init__(self, url: str, ttl_s: int, secret: str = "") -> None:
        """Remember where Redis is; nothing is opened before `start`. Of several secrets the first signs."""
        self._url, self._ttl_s = url, ttl_s
        self._signing = [signing_key(line) for line in (secret or url).splitlines()]
        self._claims: LruCache[str, bytes] = LruCache(len, ttl_s=ttl_s)
        self._reads, self._writes = Breaker(), Breaker()
        self._is_away = False
        self._unwritten: dict[str, CachedAnswer] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._redis: Link | None = None

    @property
    def state(self) -> str:
        """`redis`, or `redis-away` since a command that was not answered, until one is."""
        return "redis-away" if self._is_away else "redis"

    async def start(self) -> None:
        """Make the pool, and warm it with one connection if Redis is there."""
        self._redis = connect(self._url)
        await self.get("warm")

    async def stop(self) -> None:
        """Let writes under way end, then close."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._redis is not None:
            await disconnect(self._redis)

    async def get(self, key: str) -> CachedAnswer | None:
        """Give what `put` kept, from Redis or from the writes still under way."""
        waiting = self._unwritten.get(key)
        if waiting is not None:
            return waiting
        if self._redis is None or not self._reads.allows():
            return None
        try:
            signed = await _fetched(self._redis, key)
        except AWAY as error:
            self._note(self._reads, "read", error)
            return None
        self._works(self._reads)
        packed = None if signed is None else self._opened(key, signed)
        return None if packed is None else self._expanded(packed)

    def put(self, key: str, value: CachedAnswer) -> None:
        """Start a write, unless too many are under way or the value is larger than Redis should hold."""
        if self._redis is None or len(self._tasks) >= WRITES_UNDER_WAY or value.size > LARGEST_BYTES:
            return
        if not self._writes.allows():
            return
        self._unwritten[key] = value
        task = asyncio.get_running_loop().create_task(self._write(self._redis, key, value))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def claim(self, key: str, value: bytes) -> bytes:
        """Keep `value` unless something is kept; for this process alone while Redis is away.

        What this process knows to be kept needs no asking, and outlives Redis.
        """
        held = self._claims.get(key)
        if held is None:
            held = await self._claimed(key, value)
        return self._claims.claim(key, value if held is None else held)

    async def _claimed(self, key: str, value: bytes) -> bytes | None:
        """What is kept in Redis after a claim, or None where it does not say."""
        if self._redis is None or not self._writes.allows():
            return None
        signed = sign(self._signing[0], key, value)
        try:
            if await self._redis.set(key, signed, nx=True, px=self._ttl_s * 1000):
                held: object = signed
            else:
                held = await _fetched(self._redis, key)
        except AWAY as error:
            self._note(self._writes, "write", error)
            return None
        self._works(self._writes)
        return None if held is None else self._opened(key, held)

    async def _write(self, redis: Link, key: str, value: CachedAnswer) -> None:
        lifetime_ms = int(self._ttl_s * 1000 * random.uniform(1 - JITTER, 1))
        try:
            packed = await asyncio.to_thread(compress, value)
            signed = sign(self._signing[0], key, packed)
            await redis.set(key, signed, px=lifetime_ms)
            self._works(self._writes)
        except AWAY as error:
            self._note(self._writes, "write", error)
        finally:
            self._unwritten.pop(key, None)

    def _opened(self, key: str, signed: object) -> bytes | None:
        value = open_signed(self._signing, key, signed) if isinstance(signed, bytes) else None
        if value is None:
            CACHE_FAULTS.labels("damaged").inc()
            logger.warning("a cached value did not match its checksum and was passed over")
        return value

    def _expanded(self, packed: bytes) -> CachedAnswer | None:
        try:
            return expand(packed)
        except ValueError:
            CACHE_FAULTS.labels("damaged").inc()
            logger.warning("a cached value was signed, but is no answer, and was passed over")
            return None

    def _works(self, breaker: Breaker) -> None:
        self._answers()
        breaker.succeeded()

    def _answers(self) -> None:
        if self._is_away:
            logger.info("Redis works again")
        self._is_away = False

    def _note(self, breaker: Breaker, what: str, error: Exception) -> None:
        """Open the circuit after a failure; log an outage, or a series of refused commands, once."""
        if isinstance(error, ResponseError):
            self._answers()
            if not breaker.is_open:
                logger.warning("Redis refuses a %s (%s): answering without it", what, type(error).__name__)
        elif not self._is_away:
            logger.warning("Redis is away (%s): answering without it", type(error).__name__)
            self._is_away = True
        CACHE_FAULTS.labels(what).inc()
        breaker.failed()


async def _fetched(redis: Link, key: str) -> object:
    """Return a stored value; one of another type as bytes that no signing key verifies."""
    try:
        return await cast("Awaitable[object]", redis.get(key))
    except ResponseError:
        return b""
