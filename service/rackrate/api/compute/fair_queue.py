"""Turns of clients at the processes of long work: one at a time each, the longest not served first."""

# Design: first come, first served gives whoever asks for much the whole of the time: a short job behind four
# long ones of another waits for all four. So clients take turns, and with more than one place nobody has all.
# What waits is bounded by time: past it nobody is there to be answered.

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from rackrate.api.limits.retry_after import busy


class ClientTurns:
    """Places that clients take in turn; within a client first come, first served."""

    def __init__(self, places: int, patience_s: float) -> None:
        """Have `places`, at most one of them a client's; let nothing wait for longer than `patience_s`."""
        self._places, self._patience_s = places, patience_s
        self._at_work: set[str] = set()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}  # whoever is next, first

    @asynccontextmanager
    async def turn(self, client: str) -> AsyncIterator[None]:
        """Wait for a place and have it until the end.

        Raises
        ------
        Problem
            503 if it waited too long.
        """
        await self._come(client)
        try:
            yield
        finally:
            self._leave(client)

    async def _come(self, client: str) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        self._call()
        try:
            async with asyncio.timeout(self._patience_s):
                await turn
        except BaseException as error:
            self._give_up(client, turn)
            if isinstance(error, TimeoutError):
                raise busy(self._patience_s) from None
            raise

    def _give_up(self, client: str, turn: asyncio.Future[None]) -> None:
        if not turn.cancelled():  # it was called, too late
            self._leave(client)
            return
        with suppress(KeyError, ValueError):
            self._waiting[client].remove(turn)
            if not self._waiting[client]:
                del self._waiting[client]

    def _leave(self, client: str) -> None:
        self._at_work.discard(client)
        self._to_the_end(client)
        self._call()

    def _call(self) -> None:
        """Call whoever is next, for as long as there are places."""
        while len(self._at_work) < self._places:
            client = next((each for each in self._waiting if each not in self._at_work), None)
            if client is None:
                return
            turn = self._waiting[client].popleft()
            self._to_the_end(client)
            if not turn.cancelled():
                self._at_work.add(client)
                turn.set_result(None)

    def _to_the_end(self, client: str) -> None:
        waiting = self._waiting.pop(client, None)
        if waiting:
            self._waiting[client] = waiting
