"""Single flight: concurrent identical requests share one computation, which one's cancelling does not end."""

# Design: the computation is a task of its own, so that the client who asked first can go like any other.
# Each caller waits for a future of its own, which is less than a shield; the last one out stops the work. A
# failed computation is forgotten, and its refusal goes to those who waited for it. A result is kept for a
# moment: who asked the cache before the answer was written there finds it here instead of computing it again.

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

LINGER_S = 1.0  # longer than the cache's deadline, behind which an answer is written

Found = TypeVar("Found")


class Flight(Generic[Found]):
    """One computation and those who wait for it."""

    def __init__(self, task: asyncio.Task[Found]) -> None:
        """Begin the computation `task` with no waiter."""
        self.task = task
        self.waiting: set[asyncio.Future[Found]] = set()


class SingleFlight(Generic[Found]):
    """Computations under way, by key."""

    def __init__(self, linger_s: float = 0.0) -> None:
        """Start with none; results are found for `linger_s` more."""
        self._linger_s = linger_s
        self._under_way: dict[str, Flight[Found]] = {}

    async def join(self, key: str, compute: Callable[[], Coroutine[Any, Any, Found]]) -> Found:
        """Wait for what is being computed under `key`, and start it if nothing is."""
        flight = self._under_way.get(key)
        if flight is None:
            flight = self._under_way[key] = Flight(asyncio.create_task(compute()))
            flight.task.add_done_callback(lambda _: self._finish(key, flight))
        if flight.task.done():
            return flight.task.result()
        mine: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        flight.waiting.add(mine)
        try:
            return await mine
        finally:
            flight.waiting.discard(mine)
            if not flight.waiting and not flight.task.done():
                self._forget(key, flight)
                flight.task.cancel()

    def _finish(self, key: str, flight: Flight[Found]) -> None:
        failure = asyncio.CancelledError() if flight.task.cancelled() else flight.task.exception()
        if failure or not self._linger_s:
            self._forget(key, flight)
        else:
            asyncio.get_running_loop().call_later(self._linger_s, self._forget, key, flight)
        for waiting in flight.waiting:
            if waiting.done():
                continue
            if failure:
                waiting.set_exception(failure)
            else:
                waiting.set_result(flight.task.result())

    def _forget(self, key: str, flight: Flight[Found]) -> None:
        if self._under_way.get(key) is flight:
            del self._under_way[key]
