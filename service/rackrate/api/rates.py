"""Rates: how many requests a client may send a minute, counted in Redis for all workers, else in each."""

# Design: a sliding window of two counters: what came in this minute, and of the last one the part that still
# counts. It needs no script and no clock in Redis, one round trip, and cannot let through twice the limit
# where two minutes meet. Without Redis each worker allows its share: a limit must not become an outage.
# What is refused does not count, and until there is room again nothing is asked: who waits as long as told
# is let in, and who does not wait costs little.
# Counters are read as if a stranger had written them: for what no workers can have counted each worker's
# share stands in, and never less is believed than this worker counted itself.

import hmac
import math
import re
import time
from asyncio import sleep
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from redis.exceptions import ResponseError

from rackrate.api.breaker import Breaker
from rackrate.api.envelope import signing_key
from rackrate.api.metrics import CACHE_FAULTS
from rackrate.api.problems import LIMITED, Problem
from rackrate.api.redis_link import AWAY, Link, connect, disconnect

WINDOW_S = 60
CLIENTS = 10_000  # remembered by a worker
MOST_TIMES, MOST_AT_ONCE = (
    2,
    1024,
)  # limits, and requests besides, that a window can have before what is refused is given back
DIGITS = 20  # of a counter
NUMBER = re.compile(rb"-?[0-9]{1,18}")


class Allowance(msgspec.Struct, frozen=True):
    """What is left to a client, and after how many seconds there is more."""

    limit: int
    left: int
    reset_s: int
    unspent: int = 0  # of the limit, in these seconds: what came before them counts less and less

    @property
    def headers(self) -> dict[str, str]:
        """As the response tells it."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.reset_s),
        }


class Count(msgspec.Struct):
    """What a client was granted in a window and in the one before, and what it is told while it is full."""

    window: int
    before: int = 0
    current: int = 0
    limit: int = 0
    full_until: float = 0.0


class Rates:
    """Counts requests by client; a limit of 0 counts nothing."""

    def __init__(
        self,
        limit: int,
        workers: int = 1,
        redis_url: str = "",
        secret: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Allow each client `limit` requests a minute, in all workers together.

        Who does not know the `secret` cannot tell under which names they will be counted.
        """
        self._naming = signing_key((secret or redis_url).partition("\n")[0])
        self.limit, self._share, self._clock = limit, -(-limit // workers), clock
        self._link: Link | None = connect(redis_url) if limit and redis_url else None
        self._breaker = Breaker()
        self._counts: OrderedDict[str, Count] = OrderedDict()

    async def take(self, client: str) -> Allowance | None:
        """Count one request.

        Raises
        ------
        Problem
            429 if it is one too many, with when to come again.
        """
        if not self.limit:
            return None
        now = self._clock()
        window, share_gone = int(now // WINDOW_S), now % WINDOW_S / WINDOW_S
        count = self._count(client, window)
        if 0.0 < count.full_until - now <= 2 * WINDOW_S:  # beyond that the clock was set back
            raise _refusal(count, now)
        count.current += 1
        shared = await self._ask(client, count)
        limit, before, current = (
            (self.limit, *shared) if shared else (self._share, count.before, count.current)
        )
        used = current + before * (1 - share_gone)
        if used > limit:
            count.current -= 1
            if shared:
                await self._give_back(self._name(client, window))
            count.limit, count.full_until = limit, (window + _room_at(limit, before, current - 1)) * WINDOW_S
            raise _refusal(count, now)
        return Allowance(limit, int(limit - used), int(WINDOW_S * (1 - share_gone)) + 1, limit - current)

    async def pace(self, client: str) -> None:
        """Count one request of many, as soon as it is not one too many.

        The first half of what is allowed goes at once, the rest is spread over the time until there is more:
        a client that waits for the next answer is not left without one for most of a minute.
        """
        while True:
            try:
                allowance = await self.take(client)
            except Problem as refused:
                await sleep(float(refused.headers["Retry-After"]))
                continue
            if allowance is not None and allowance.left < allowance.limit / 2:
                await sleep(allowance.reset_s / (allowance.unspent + 1))
            return

    async def admit(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Guard a route that asks for a scope; a repeat comes here only to be refused."""
        refused = connection.scope["state"].get("refused")
        if refused is not None:
            raise refused
        if self.limit and "scope" in handler.opt:
            connection.scope["state"]["allowance"] = await self.take(connection.scope["user"].name)

    async def stop(self) -> None:
        """Close the link."""
        if self._link is not None:
            await disconnect(self._link)

    def _count(self, client: str, window: int) -> Count:
        """What this worker has granted."""
        last = self._counts.pop(client, None) or Count(window)
        if last.window != window:
            before = last.current if last.window == window - 1 else 0
            last = Count(window, before, 0, last.limit, last.full_until)
        self._counts[client] = last
        if len(self._counts) > CLIENTS:
            self._counts.popitem(last=False)
        return last

    async def _ask(self, client: str, count: Count) -> tuple[int, int] | None:
        """Count in Redis: the last window's requests and this one's; None where it is away or damaged."""
        if self._link is None or not self._breaker.allows():
            return None
        name, last = self._name(client, count.window), self._name(client, count.window - 1)
        least, most = count.current, MOST_TIMES * self.limit + MOST_AT_ONCE
        try:
            async with self._link.pipeline(transaction=False) as pipe:
                asked: Any = pipe
                asked.incr(name).expire(name, 2 * WINDOW_S).getrange(last, 0, DIGITS)
                told = await cast("Awaitable[list[Any]]", asked.execute(raise_on_error=False))
            current, _, before = (_answered(each) for each in told)
        except AWAY:
            self._breaker.failed()
            return None
        self._breaker.succeeded()
        counted = _believed(before, count.before, most), _believed(current, least, most)
        if counted[0] is None or counted[1] is None:
            CACHE_FAULTS.labels("damaged").inc()
            return None
        return counted[0], counted[1]

    async def _give_back(self, name: str) -> None:
        """Count in Redis no longer what was refused."""
        assert self._link is not None
        try:
            await self._link.decr(name)
        except AWAY:
            self._breaker.failed()

    def _name(self, client: str, window: int) -> str:
        """Under what a client's window is counted; one node of a cluster keeps them all."""
        who, when = (
            hmac.digest(self._naming, text.encode(), "sha256").hex()[:16]
            for text in (client, f"{client}\0{window}")
        )
        return f"rackrate:rate:{{{who}}}:{when}"


def _answered(told: object) -> object:
    """What a command was answered; None where it met a value that no worker wrote.

    Raises
    ------
    Exception
        Where Redis refused it for itself.
    """
    if type(told) is ResponseError:  # its subclasses say that Redis is full, loading, or read only
        return None
    if isinstance(told, Exception):
        raise told
    return told


def _believed(told: object, least: int, most: int) -> int | None:
    """The number that Redis told, if workers can have counted so far; at least what this one did.

    >>> _believed(b"7", 3, 20), _believed(b"", 3, 20), _believed(-9, 3, 20)
    (7, 3, 3)
    >>> _believed(b"nan", 3, 20), _believed(10**9, 3, 20), _believed(None, 3, 20)
    (None, None, None)
    """
    if isinstance(told, bytes):
        text = told or b"0"
        number = int(text) if NUMBER.fullmatch(text) else most + 1
    else:
        number = told if isinstance(told, int) else most + 1
    return max(number, least) if number <= most else None


def _room_at(limit: int, before: int, current: int) -> float:
    """When there is room for one more, in windows from the start of this one, if nothing else comes.

    >>> _room_at(8, before=8, current=5), _room_at(8, before=0, current=8)
    (0.75, 1.125)
    """
    if current < limit:
        return 1.0 - (limit - 1 - current) / before
    return 2.0 - (limit - 1) / current


def _refusal(count: Count, now: float) -> Problem:
    told = Allowance(count.limit, 0, max(1, math.ceil(count.full_until - now)))
    headers = told.headers | {"Retry-After": str(told.reset_s)}
    return Problem(LIMITED, f"At most {count.limit} requests a minute are answered.", headers=headers)
