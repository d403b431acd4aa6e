"""Counters of a client's requests by window, in Redis for all workers; validated as untrusted input."""

# Design: nobody who does not know the secret can tell under which names a client will be counted. What no
# workers can have counted is damage, and each worker's share stands in; never less is believed than the
# worker that asks has counted itself. So no value locks a client out for long or lets it have more.

import hmac
import re
from collections.abc import Awaitable
from typing import Any, cast

from redis.exceptions import ResponseError

from rackrate.api.cache.circuit_breaker import Breaker
from rackrate.api.cache.redis_client import AWAY, connect, disconnect
from rackrate.api.cache.signing import signing_key
from rackrate.api.telemetry.metrics import CACHE_FAULTS

WINDOW_S = 60
DIGITS = 20  # that are read of a counter
NUMBER = re.compile(rb"-?[0-9]{1,18}")


class RateCounters:
    """Counters in the Redis at `url`, believed up to `most`."""

    def __init__(self, url: str, secret: str, most: int) -> None:
        """Name counters by the first line of `secret`; nothing is opened yet."""
        self._link, self._most = connect(url), most
        self._naming = signing_key(secret.partition("\n")[0])
        self.breaker = Breaker()

    async def add(self, client: str, window: int, before: int, current: int) -> tuple[int, int] | None:
        """Count a request; give the last window's and this one's, None where Redis is away or damaged.

        `before` and `current` are what this worker counted itself, this request included.
        """
        if not self.breaker.allows():
            return None
        name, last = self.name(client, window), self.name(client, window - 1)
        try:
            async with self._link.pipeline(transaction=False) as pipe:
                asked: Any = pipe
                asked.incr(name).expire(name, 2 * WINDOW_S).getrange(last, 0, DIGITS)
                reply = await cast("Awaitable[list[Any]]", asked.execute(raise_on_error=False))
            counted, _, counted_before = (_answered(each) for each in reply)
        except AWAY:
            self.breaker.failed()
            return None
        self.breaker.succeeded()
        believed = _believed(counted_before, before, self._most), _believed(counted, current, self._most)
        if believed[0] is None or believed[1] is None:
            CACHE_FAULTS.labels("damaged").inc()
            return None
        return believed[0], believed[1]

    async def give_back(self, client: str, window: int) -> None:
        """Decrement the counter of a refused request."""
        try:
            await self._link.decr(self.name(client, window))
        except AWAY:
            self.breaker.failed()

    async def stop(self) -> None:
        """Close the link."""
        await disconnect(self._link)

    def name(self, client: str, window: int) -> str:
        """Return the Redis key of a client's window; the hash tag keeps a client's keys on one node."""
        texts = client, f"{client}\0{window}"
        who, when = (hmac.digest(self._naming, text.encode(), "sha256").hex()[:16] for text in texts)
        return f"rackrate:rate:{{{who}}}:{when}"


def _answered(reply: object) -> object:
    """Return the reply of a command; None where it met a value that no worker wrote.

    Raises
    ------
    Exception
        Where Redis refused it for itself.
    """
    if type(reply) is ResponseError:  # its subclasses say that Redis is full, loading, or read only
        return None
    if isinstance(reply, Exception):
        raise reply
    return reply


def _believed(reply: object, least: int, most: int) -> int | None:
    """The number that Redis gave, if workers can have counted so far; at least what this one did.

    >>> _believed(b"7", 3, 20), _believed(b"", 3, 20), _believed(-9, 3, 20)
    (7, 3, 3)
    >>> _believed(b"nan", 3, 20), _believed(10**9, 3, 20), _believed(None, 3, 20)
    (None, None, None)
    """
    if isinstance(reply, bytes):
        text = reply or b"0"
        number = int(text) if NUMBER.fullmatch(text) else most + 1
    else:
        number = reply if isinstance(reply, int) else most + 1
    return max(number, least) if number <= most else None
