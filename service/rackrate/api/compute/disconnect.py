"""Stop work when its client disconnects (ASGI `http.disconnect`)."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from rackrate.analyses.problems import LEFT, Problem
from rackrate.api.compute.single_flight import Found

Receive = Callable[[], Awaitable[Any]]


async def while_present(receive: Receive, work: Coroutine[Any, Any, Found]) -> Found:
    """Run `work` for a client that has sent its whole body; cancel it when that client disconnects.

    Raises
    ------
    Problem
        499, which is counted and never sent, if the client left first.
    """
    mine, left = asyncio.current_task(), False
    assert mine is not None

    def leave(_: asyncio.Task[None]) -> None:
        nonlocal left
        left = True
        mine.cancel()

    presence = asyncio.create_task(_gone(receive))
    presence.add_done_callback(leave)
    try:
        return await work
    except asyncio.CancelledError:
        if not left or mine.uncancel():
            raise
        raise Problem(LEFT, "The connection closed before the answer was there.") from None
    finally:
        presence.remove_done_callback(leave)
        presence.cancel()


async def never() -> None:
    """Receive nothing, for a client whose disconnect is noticed elsewhere."""
    await asyncio.get_running_loop().create_future()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
