"""A worker thread beside the event loop, with a queue and a call back into the loop."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

Done = TypeVar("Done")


Task = tuple[asyncio.AbstractEventLoop, "asyncio.Future[Any]", Callable[[], Any]]


class ComputeThread:
    """A thread that runs functions in FIFO order; it starts with the first."""

    def __init__(self) -> None:
        """Start with an empty queue."""
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def do(self, work: Callable[[], Done]) -> "asyncio.Future[Done]":
        """Queue `work`; what is cancelled before it begins is skipped."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[Done] = loop.create_future()
        self._tasks.put((loop, ended, work))
        return ended

    def stop(self) -> None:
        """Drop what has not begun, and wait for what has."""
        with contextlib.suppress(Empty):
            while task := self._tasks.get_nowait():
                task[1].cancel()
        self._tasks.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while task := self._tasks.get():
            _run_one(*task)
            del task  # an answer is not held until the next one


def _run_one(
    loop: asyncio.AbstractEventLoop, ended: "asyncio.Future[Done]", work: Callable[[], Done]
) -> None:
    if ended.cancelled():
        return
    try:
        settle = partial(_settle, ended, work())
    except BaseException as error:  # noqa: BLE001  whatever it is, it is the caller's
        settle = partial(_settle, ended, error)
    with contextlib.suppress(RuntimeError):  # the loop has ended, and with it who waited
        loop.call_soon_threadsafe(settle)


def _settle(ended: "asyncio.Future[Done]", outcome: Done | BaseException) -> None:
    if ended.done():
        return
    if isinstance(outcome, BaseException):
        ended.set_exception(outcome)
    else:
        ended.set_result(outcome)
