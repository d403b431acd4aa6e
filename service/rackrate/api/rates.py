"""Rates: how many requests a client may send a minute, counted in Redis for all workers, else in each."""

# Design: a sliding window of two counters: what came in this minute, and of the last one the part that still
# counts. It needs no script and no clock in Redis, one round trip, and cannot let through twice the limit
# where two minutes meet. Without Redis each worker allows its share: a limit must not become an outage.

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from rackrate.api.breaker import Breaker
from rackrate.api.problems import LIMITED, Problem
from rackrate.api.redis_link import AWAY, Link, connect, disconnect

WINDOW_S = 60
CLIENTS = 10_000  # remembered by a worker


class Allowance(msgspec.Struct, frozen=True):
    """What is left to a client, and after how many seconds there is more."""

    limit: int
    left: int
    reset_s: int

    @property
    def headers(self) -> dict[str, str]:
        """As the response tells it."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.reset_s),
        }


class Rates:
    """Counts requests by client; a limit of 0 counts nothing."""

    def __init__(
        self, limit: int, workers: int = 1, redis_url: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        """Allow each client `limit` requests a minute, in all workers together."""
        self.limit, self._share, self._clock = limit, -(-limit // workers), clock
        self._link: Link | None = connect(redis_url) if limit and redis_url else None
        self._breaker = Breaker()
        self._counts: OrderedDict[str, tuple[int, int, int]] = OrderedDict()

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
        local = self._count(client, window)
        shared = await self._ask(client, window)
        limit, (before, current) = (self.limit, shared) if shared else (self._share, local)
        used = current + before * (1 - share_gone)
        allowance = Allowance(limit, max(0, int(limit - used)), int(WINDOW_S * (1 - share_gone)) + 1)
        if used > limit:
            headers = allowance.headers | {"Retry-After": str(allowance.reset_s)}
            raise Problem(LIMITED, f"At most {limit} requests a minute are answered.", headers=headers)
        return allowance

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

    def _count(self, client: str, window: int) -> tuple[int, int]:
        """Count in this worker: last window's requests and this one's."""
        seen, before, current = self._counts.pop(client, (window, 0, 0))
        if seen != window:
            before, current = (current if seen == window - 1 else 0), 0
        self._counts[client] = window, before, current + 1
        if len(self._counts) > CLIENTS:
            self._counts.popitem(last=False)
        return before, current + 1

    async def _ask(self, client: str, window: int) -> tuple[int, int] | None:
        """Count in Redis, or None where it is away."""
        if self._link is None or not self._breaker.allows():
            return None
        name = f"rackrate:rate:{{{hashlib.sha256(client.encode()).hexdigest()[:16]}}}"
        try:
            async with self._link.pipeline(transaction=False) as pipe:
                asked: Any = pipe
                asked.incr(f"{name}:{window}").expire(f"{name}:{window}", 2 * WINDOW_S)
                current, _, before = await cast(
                    "Awaitable[list[Any]]", asked.get(f"{name}:{window - 1}").execute()
                )
        except AWAY:
            self._breaker.failed()
            return None
        self._breaker.succeeded()
        return int(before or 0), int(current)
