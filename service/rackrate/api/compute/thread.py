"""A worker thread beside the event loop, with a queue and a call back into the loop."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

Done = TypeVar("Done")


Turn = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[[], Any]]


class ComputeThread:
    """A thread that does what it is handed, in turn; it starts with the first."""

    def __init__(self) -> None:
        """Have nothing to do."""
        self._turns: SimpleQueue[Turn | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def do(self, work: Callable[[], Done]) -> "asyncio.Future[Done]":
        """Hand over `work`; what is cancelled before its turn is passed over."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[Done] = loop.create_future()
        self._turns.put((loop, ended, work))
        return ended

    def stop(self) -> None:
        """Drop what has not begun, and wait for what has."""
        with contextlib.suppress(Empty):
            while turn := self._turns.get_nowait():
                turn[1].cancel()
        self._turns.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while turn := self._turns.get():
            _take(*turn)
            del turn  # an answer is not held until the next one


def _take(loop: asyncio.AbstractEventLoop, ended: "asyncio.Future[Done]", work: Callable[[], Done]) -> None:
    if ended.cancelled():
        return
    try:
        tell = partial(_tell, ended, work())
    except BaseException as error:  # noqa: BLE001  whatever it is, it is the caller's
        tell = partial(_tell, ended, error)
    with contextlib.suppress(RuntimeError):  # the loop has ended, and with it who waited
        loop.call_soon_threadsafe(tell)


def _tell(ended: "asyncio.Future[Done]", outcome: Done | BaseException) -> None:
    if ended.done():
        return
    if isinstance(outcome, BaseException):
        ended.set_exception(outcome)
    else:
        ended.set_result(outcome)
