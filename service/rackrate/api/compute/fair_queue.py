"""A fair queue of long work: at most one job of a client runs, the client served longest ago goes first."""

# Design: first come, first served gives whoever asks for much the whole of the time: a short job behind four
# long ones of another waits for all four. So clients are served round robin, and with more than one slot none
# has all. What waits is bounded by time: past it nobody is there to be answered.

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from rackrate.api.limits.retry_after import busy


class FairQueue:
    """Slots given to clients round robin; within a client first come, first served."""

    def __init__(self, slots: int, patience_s: float) -> None:
        """Grant `slots`, at most one to each client, within `patience_s`."""
        self._slots, self._patience_s = slots, patience_s
        self._at_work: set[str] = set()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}  # whoever is next, first

    @asynccontextmanager
    async def slot(self, client: str) -> AsyncIterator[None]:
        """Wait for a slot and hold it until the block ends.

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
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(waiter)
        self._call()
        try:
            async with asyncio.timeout(self._patience_s):
                await waiter
        except BaseException as error:
            self._give_up(client, waiter)
            if isinstance(error, TimeoutError):
                raise busy(self._patience_s) from None
            raise

    def _give_up(self, client: str, waiter: asyncio.Future[None]) -> None:
        if not waiter.cancelled():  # it was called, too late
            self._leave(client)
            return
        with suppress(KeyError, ValueError):
            self._waiting[client].remove(waiter)
            if not self._waiting[client]:
                del self._waiting[client]

    def _leave(self, client: str) -> None:
        self._at_work.discard(client)
        self._to_the_end(client)
        self._call()

    def _call(self) -> None:
        """Grant free slots to the next clients in turn."""
        while len(self._at_work) < self._slots:
            client = next((each for each in self._waiting if each not in self._at_work), None)
            if client is None:
                return
            waiter = self._waiting[client].popleft()
            self._to_the_end(client)
            if not waiter.cancelled():
                self._at_work.add(client)
                waiter.set_result(None)

    def _to_the_end(self, client: str) -> None:
        waiting = self._waiting.pop(client, None)
        if waiting:
            self._waiting[client] = waiting
