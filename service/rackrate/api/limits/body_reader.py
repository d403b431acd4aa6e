"""Read a request's body once, within a size, a time and the process's budget of bytes."""

# Design: what is held counts, not what is announced, or clients that announce much and send nothing would
# keep others out. It counts until the request is answered, because so long the bytes are there. The response
# cache reads ahead of the framework; who asks next is given the same bytes, or the same refusal, so that
# a body is held once and counted once. The deadline is a timer: a third of what `asyncio.timeout` costs.

import asyncio

from litestar.types import Receive

from rackrate.analyses.problems import MALFORMED, TOO_LARGE, TOO_SLOW, Problem
from rackrate.api.limits.body_budget import CLOSE, MIB, Take

PATIENCE_S = 10.0


class BodyReader:
    """Reads the body of one request once, for all its readers."""

    def __init__(self, receive: Receive, take: Take) -> None:
        """Read from ASGI's `receive`; `take` counts what is held, and raises a 503 where it is too much."""
        self._receive, self._take = receive, take
        self._parts: list[bytes] = []
        self._size, self._is_whole = 0, False
        self._failure: Problem | None = None

    async def read(self, limit: int, patience_s: float = PATIENCE_S, mib_s: float = 0.0) -> bytes:
        """Return the whole body, or go on reading it for `patience_s`, and `mib_s` more for each MiB of it.

        Raises
        ------
        Problem
            413 as soon as it is known to be longer than `limit` bytes, though another may read on; 408 where
            it is late, 400 where the connection ends before it does, 503 where there is no room: for good.
        """
        if self._failure is not None:
            raise self._failure
        if not self._is_whole and self._size <= limit:
            try:
                await self._until_late(limit, patience_s, mib_s)
            except Problem as failure:
                self._failure = failure
                raise
        if self._size > limit:
            raise too_large(limit)
        if len(self._parts) > 1:
            self._parts = [b"".join(self._parts)]
        return self._parts[0]

    async def _until_late(self, limit: int, patience_s: float, mib_s: float) -> None:
        """Receive parts until the body is whole, or longer than `limit`."""
        task, loop, is_late = asyncio.current_task(), asyncio.get_running_loop(), False
        assert task is not None

        def expire() -> None:
            nonlocal is_late
            is_late = True
            task.cancel()

        start = loop.time()
        timer = loop.call_at(start + patience_s, expire)
        try:
            while not self._is_whole and self._size <= limit:
                message = await self._receive()
                if message["type"] != "http.request":
                    raise Problem(MALFORMED, "The connection closed before the body had arrived.")
                self._keep(message["body"], is_last=not message.get("more_body", False))
                if mib_s:
                    timer.cancel()
                    timer = loop.call_at(start + patience_s + mib_s * self._size / MIB, expire)
        except asyncio.CancelledError:
            if not is_late or task.uncancel():
                raise
            raise _too_slow(patience_s, mib_s) from None
        finally:
            timer.cancel()

    def _keep(self, part: bytes, is_last: bool) -> None:
        self._take(len(part))
        self._parts.append(part)
        self._size += len(part)
        self._is_whole = is_last


def too_large(limit: int) -> Problem:
    """Refuse a body that is longer than `limit` bytes."""
    return Problem(TOO_LARGE, f"At most {limit} bytes are read.", headers=CLOSE)


def _too_slow(patience_s: float, mib_s: float) -> Problem:
    more = f" and {mib_s:g} for each MiB" if mib_s else ""
    return Problem(TOO_SLOW, f"The body must arrive within {patience_s:g} seconds{more}.", headers=CLOSE)
