"""Retry policy: which failures are retried, with what backoff, under a retry budget."""

# Design: every answer is a function of its request, so that sending it again is always safe. What has to be
# kept in bounds is the load that this makes: a call has a time within which it waits, and all calls of a
# client together a number of retries that only answers earn anew, so that a service that is down is not asked
# many times as often as one that is up.

import datetime as dt
import random
import threading
from email.utils import parsedate_to_datetime

import httpx2
import msgspec
from tenacity import AsyncRetrying, RetryCallState, Retrying, retry_if_exception, stop_before_delay

from rackrate.analyses.problems import Problem
from rackrate.client.problems import UnreachableError

WAITS = frozenset({429, 502, 503, 504})  # refused for now, or by a proxy that did not reach the service
SHORTEST_S = 0.1  # the first wait where the service names none; each further one may be twice as long
LONGEST_S = 10.0


class Retries(msgspec.Struct, frozen=True):
    """Limits of a client's retries.

    `within_s` bounds the waits of one call, from its first attempt; 0 tries once. `spare` retries are had by
    all calls together, and each answer earns `earned` of one, up to `spare`. A wait that the service names
    in `Retry-After` is kept, and up to `jitter` of it longer.
    """

    within_s: float = 60.0
    spare: float = 20.0
    earned: float = 0.2
    jitter: float = 0.25


USUAL = Retries()


class RetryBudget:
    """A token bucket of retries, shared by all calls of a client; safe between threads."""

    def __init__(self, retries: Retries) -> None:
        """Create a full bucket."""
        self._retries, self._left, self._lock = retries, retries.spare, threading.Lock()

    def earn(self) -> None:
        """Add the part of a retry that an answer earns."""
        with self._lock:
            self._left = min(self._retries.spare, self._left + self._retries.earned)

    def spend(self) -> bool:
        """Take one retry; return whether there was one."""
        with self._lock:
            if self._left < 1.0:
                return False
            self._left -= 1.0
            return True


def passes(error: BaseException) -> bool:
    """Return whether an error is transient: 429, 502, 503, 504, or of the transport."""
    return isinstance(error, UnreachableError) or (isinstance(error, Problem) and error.kind.status in WAITS)


class Policy:
    """Retry policy of a client, for blocking and for asynchronous calls."""

    def __init__(self, retries: Retries) -> None:
        """Create the policy with one budget for all calls."""
        self._retries, self.budget = retries, RetryBudget(retries)

    def blocking(self) -> Retrying:
        """Return the attempts of one blocking call."""
        return Retrying(
            retry=retry_if_exception(self._may_retry),
            stop=stop_before_delay(self._retries.within_s),
            wait=self._wait,
            reraise=True,
        )

    def awaited(self) -> AsyncRetrying:
        """Return the attempts of one asynchronous call."""
        return AsyncRetrying(
            retry=retry_if_exception(self._may_retry),
            stop=stop_before_delay(self._retries.within_s),
            wait=self._wait,
            reraise=True,
        )

    def _may_retry(self, error: BaseException) -> bool:
        return passes(error) and self._retries.within_s > 0.0 and self.budget.spend()

    def _wait(self, state: RetryCallState) -> float:
        """Return the wait before the next attempt: `Retry-After` with jitter, else exponential backoff."""
        error = state.outcome.exception() if state.outcome is not None else None
        asked = retry_after(error.headers) if isinstance(error, Problem) else None
        if asked is not None:
            return asked * (1.0 + random.uniform(0.0, self._retries.jitter))
        longest = min(LONGEST_S, SHORTEST_S * 2.0 ** (state.attempt_number - 1))
        return random.uniform(longest / 2.0, longest)


def retry_after(headers: dict[str, str], now: dt.datetime | None = None) -> float | None:
    """Seconds that `Retry-After` asks to wait (RFC 9110 section 10.2.3: seconds or a date); None without one.

    >>> retry_after({"retry-after": "2"}), retry_after({"retry-after": "soon"}), retry_after({})
    (2.0, None, None)
    >>> noon = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)
    >>> retry_after({"retry-after": "Sat, 28 Nov 2026 12:00:07 GMT"}, noon)
    7.0
    """
    text = httpx2.Headers(headers).get("retry-after", "")
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (until - (now or dt.datetime.now(dt.UTC))).total_seconds())
