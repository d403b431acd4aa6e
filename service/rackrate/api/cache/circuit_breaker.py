"""A circuit breaker: after a failure an upstream is not called for a while, then one call probes it."""

import time
from collections.abc import Callable

REST_S = 1.0


class Breaker:
    """Opens at the first failure and lets one call through each `rest_s` until one succeeds.

    The first failure is enough because the call it saves is cheap to do without: an answer costs about as
    much to compute as to fetch, while every further call to a hung upstream costs a whole deadline.

    >>> now = [0.0]
    >>> breaker = Breaker(rest_s=1.0, clock=lambda: now[0])
    >>> breaker.failed()
    >>> breaker.allows()
    False
    >>> now[0] = 1.0
    >>> breaker.allows(), breaker.allows()
    (True, False)
    >>> breaker.succeeded()
    >>> breaker.allows()
    True
    """

    def __init__(self, rest_s: float = REST_S, clock: Callable[[], float] = time.monotonic) -> None:
        """Start closed."""
        self._rest_s, self._clock = rest_s, clock
        self._open_until: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether the last call failed."""
        return self._open_until is not None

    def allows(self) -> bool:
        """Whether a call may be made now; while open, one caller per rest is told yes and is the probe."""
        if self._open_until is None:
            return True
        if self._clock() < self._open_until:
            return False
        self._open_until = self._clock() + self._rest_s
        return True

    def failed(self) -> None:
        """Record a failure."""
        self._open_until = self._clock() + self._rest_s

    def succeeded(self) -> None:
        """Record a success."""
        self._open_until = None
