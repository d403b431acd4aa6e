"""Lingering close: a connection ends such that its client can read the response (RFC 9112, 9.6)."""

# Design: where a connection is closed while bytes of its client are unread, the system resets it, and the
# client may lose an answer that it has not read yet. So what refuses a request that is still being sent ends
# its own direction only, and reads and drops for a while what comes. Nothing of it is held or counted.

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

SPARE_BYTES = 16 * 1024 * 1024  # read and dropped behind an answer, beyond the longest body
LINGER_S = 10.0  # in which they may come
QUIET_S = 2.0  # without any of them


class LingeringTransport(asyncio.Transport):
    """A transport that is closed at once where its client has sent all, and else reads on for a while."""

    def __init__(self, inner: asyncio.Transport, spare: Callable[[], int]) -> None:
        """Wrap the transport `inner`; `spare` returns how many bytes its client may still send."""
        super().__init__()
        self._inner, self._spare_now = inner, spare
        self._loop = asyncio.get_running_loop()
        self._spare, self._closing = SPARE_BYTES, False
        self._clock: asyncio.TimerHandle | None = None

    def close(self) -> None:
        """Send nothing more; read on while something may come."""
        if self.is_closing():
            return
        self._closing = True
        if self._spare_now():
            self._inner.write_eof()
            self._inner.resume_reading()  # a body that nobody takes may have stopped it
            self.drain()
        else:
            self.close_now()

    def close_now(self) -> None:
        """Send what is to be sent and close, whatever is unread."""
        self.rest()
        self._closing = True
        self._inner.close()

    def drain(self) -> None:
        """From now on drop so many bytes, for so long, before the connection is closed."""
        self._spare = self._spare_now()
        self._watch(self._loop.time() + LINGER_S, 0)

    def drop(self, size: int) -> None:
        """Count what was dropped."""
        self._spare -= size
        if self._spare < 0:
            self.abort()

    def rest(self) -> None:
        """End the lingering close: the rest of the request has arrived."""
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _watch(self, until: float, spare: int) -> None:
        if self._spare == spare or self._loop.time() >= until:
            self.abort()
        else:
            self._clock = self._loop.call_later(QUIET_S, self._watch, until, self._spare)

    def is_closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self._closing or self._inner.is_closing()

    def abort(self) -> None:
        """Close, whatever is unsent."""
        self.rest()
        self._closing = True
        self._inner.abort()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, unless the connection has ended: uvloop raises there, where asyncio sends nothing."""
        if not self._inner.is_closing():
            self._inner.write(data)

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Send in one go, unless the connection has ended."""
        if not self._inner.is_closing():
            self._inner.writelines(list_of_data)

    def pause_reading(self) -> None:
        """Stop reading until `resume_reading`."""
        self._inner.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        self._inner.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What is known of the connection."""
        return self._inner.get_extra_info(name, default)

    def get_write_buffer_size(self) -> int:
        """How much is still to be sent."""
        return self._inner.get_write_buffer_size()
