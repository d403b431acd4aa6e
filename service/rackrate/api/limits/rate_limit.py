"""Rate limit: requests of a client a minute, counted in Redis for all workers, else in each."""

# Design: a sliding window of two counters: what came in this minute, and of the last one the part that still
# counts. It needs no script and no clock in Redis, one round trip, and cannot let through twice the limit
# where two minutes meet. Without Redis each worker allows its share: a limit must not become an outage.
# What is refused does not count, and until there is room again nothing is asked: who waits for Retry-After
# is admitted, and who does not wait costs little.

import math
import time
from asyncio import sleep
from collections.abc import Callable

import msgspec

from rackrate.analyses.problems import Problem
from rackrate.api.cache.lru import LruCache
from rackrate.api.limits.rate_counters import WINDOW_S, RateCounters
from rackrate.api.limits.retry_after import limited, wait_of

CLIENTS = 10_000  # remembered by a worker
AT_ONCE = 64  # requests beyond its limit that a worker can have counted before it gives them back


class RateLimitState(msgspec.Struct, frozen=True):
    """What is left to a client, and after how many seconds there is more."""

    limit: int
    left: int
    reset_s: int
    unspent: int = 0  # of the limit, in these seconds: what came before them counts less and less

    @property
    def headers(self) -> dict[str, str]:
        """The RateLimit headers of a response."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.reset_s),
        }


class Count(msgspec.Struct):
    """What a client was granted in a window and in the one before, and until when it is refused."""

    window: int
    before: int = 0
    current: int = 0
    limit: int = 0
    full_until: float = 0.0


class RateLimiter:
    """Counts requests by client; a limit of 0 counts nothing."""

    def __init__(
        self,
        limit: int,
        workers: int = 1,
        redis_url: str = "",
        secret: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Allow each client `limit` requests a minute, in all workers together."""
        self.limit, self._share, self._clock = limit, -(-limit // workers), clock
        most = limit + AT_ONCE * workers
        self.shared = RateCounters(redis_url, secret or redis_url, most) if limit and redis_url else None
        self._counts = LruCache[str, Count](entries=CLIENTS)

    async def take(self, client: str) -> RateLimitState | None:
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
        shared = await self.shared.add(client, window, count.before, count.current) if self.shared else None
        limit, before, current = (
            (self.limit, *shared) if shared else (self._share, count.before, count.current)
        )
        used = current + before * (1 - share_gone)
        if used > limit:
            count.current -= 1
            if self.shared and shared:
                await self.shared.give_back(client, window)
            count.limit, count.full_until = limit, (window + _room_at(limit, before, current - 1)) * WINDOW_S
            raise _refusal(count, now)
        return RateLimitState(limit, int(limit - used), int(WINDOW_S * (1 - share_gone)) + 1, limit - current)

    async def pace(self, client: str) -> None:
        """Count one request of many, as soon as it is not one too many.

        The first half of what is allowed goes at once, the rest is spread over the time until there is more:
        a client that waits for the next answer is not left without one for most of a minute.
        """
        while True:
            try:
                allowance = await self.take(client)
            except Problem as refused:
                await sleep(wait_of(refused))
                continue
            if allowance is not None and allowance.left < allowance.limit / 2:
                await sleep(allowance.reset_s / (allowance.unspent + 1))
            return

    async def stop(self) -> None:
        """Close the link."""
        if self.shared is not None:
            await self.shared.stop()

    def _count(self, client: str, window: int) -> Count:
        """What this worker has granted."""
        last = self._counts.get(client)
        if last is None or last.window != window:
            ended = last or Count(window)
            before = ended.current if ended.window == window - 1 else 0
            last = Count(window, before, 0, ended.limit, ended.full_until)
            self._counts.put(client, last)
        return last


def _room_at(limit: int, before: int, current: int) -> float:
    """When there is room for one more, in windows from the start of this one, if nothing else comes.

    >>> _room_at(8, before=8, current=5), _room_at(8, before=0, current=8)
    (0.75, 1.125)
    """
    if current < limit:
        return 1.0 - (limit - 1 - current) / before
    return 2.0 - (limit - 1) / current


def _refusal(count: Count, now: float) -> Problem:
    state = RateLimitState(count.limit, 0, max(1, math.ceil(count.full_until - now)))
    detail = f"At most {count.limit} requests a minute are answered."
    return limited(detail, state.reset_s, state.headers)
