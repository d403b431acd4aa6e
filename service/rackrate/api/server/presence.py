"""Detect whether a client that half-closed its connection still reads."""

# Design: a client that has ended its own direction and waits for its answer looks like one that has left:
# both send the same end. But the system of one that has left refuses what it is sent, which is noticed at the
# second time. So it is sent an interim answer, which clients pass over (RFC 9110, 15.2).

import asyncio
from collections.abc import Callable

ALONE_S = 0.25  # before the first, where nobody else waits: most have their answer by then
FIRST_PAUSE_S, LAST_PAUSE_S = 0.001, 1.0  # before the next


class Presence:
    """Probes a half-closed connection until its request is answered."""

    def __init__(self, ask: Callable[[], bool], at_once: bool) -> None:
        """Probe with `ask` at intervals for as long as it returns true."""
        self._ask, self._pause_s = ask, FIRST_PAUSE_S
        self._clock = asyncio.get_running_loop().call_later(0 if at_once else ALONE_S, self._next)

    def stop(self) -> None:
        """Stop probing."""
        self._clock.cancel()

    def _next(self) -> None:
        if self._ask():
            self._clock = asyncio.get_running_loop().call_later(self._pause_s, self._next)
            self._pause_s = min(2 * self._pause_s, LAST_PAUSE_S)
