"""The server of one worker: uvicorn, with clocks on slow headers and a departure that loses nothing."""

# Design: uvicorn waits for ever for a request's headers and resets connections that wait to be accepted when
# it stops. Here headers have a deadline and a size. Told to stop, a worker first answers everything with
# `Connection: close` and fails its readiness for a moment, so that clients and balancers turn away by
# themselves.

import asyncio
import os
import signal
import socket
import sys
import time
from types import FrameType

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from rackrate.api.duty import DUTY
from rackrate.api.logs import settings_of

APPLICATION = "rackrate.app:from_environment"
GRACE_S = 20  # for requests under way when told to stop
HEADERS_S = 10.0
HEADER_BYTES = 64 * 1024
FAREWELL_S = 1.0  # of answering with Connection: close before the listening ends
SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
CLOSE = (b"connection", b"close")


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 in which a request's headers must arrive within a time and a size."""

    _clock: asyncio.TimerHandle | None = None
    _heard = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Start the clock: a connection is for asking."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Read on, but not a header without end."""
        super().data_received(data)
        if self._clock is not None:
            self._heard += len(data)
            if self._heard > HEADER_BYTES:
                self._close(LONG)

    def on_message_begin(self) -> None:
        """Start the clock of a further request on the same connection."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """Stop the clock."""
        self._rest()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._rest()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._clock is None:
            self._clock = self.loop.call_later(HEADERS_S, self._close, SLOW)

    def _rest(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
        self._clock, self._heard = None, 0

    def _close(self, farewell: bytes) -> None:
        self._rest()
        if not self.transport.is_closing():
            self.transport.write(farewell)
            self.transport.close()


class Server(uvicorn.Server):
    """A worker's server: leaves in two steps, and does not outlive its supervisor."""

    def __init__(self, config: uvicorn.Config) -> None:
        """Know who started this process."""
        super().__init__(config)
        self._supervisor = os.getppid()
        self._leaves_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to leave when told to; at a second signal, or Ctrl-C, at once."""
        if sig != signal.SIGTERM or self._leaves_at is not None:
            super().handle_exit(sig, frame)
            return
        DUTY.leaving = True
        self._leaves_at = time.monotonic() + FAREWELL_S
        self.config.encoded_headers.append(CLOSE)
        self.server_state.default_headers = [*self.server_state.default_headers, CLOSE]

    async def on_tick(self, counter: int) -> bool:
        """Leave when the farewell is over, or when nobody is there to say so."""
        if self._leaves_at is not None and time.monotonic() > self._leaves_at:
            self.should_exit = True
        if os.getppid() != self._supervisor:
            self.should_exit = True
        return await super().on_tick(counter)


def serve_on(listening: socket.socket, log_level: str) -> None:
    """Be a worker: serve on a socket that others serve on too, until told to stop."""
    config = uvicorn.Config(
        APPLICATION,
        factory=True,
        loop="uvloop",
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        log_config=settings_of(log_level),
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    server = Server(config)
    server.run([listening])
    if not server.started:
        sys.exit(os.EX_CONFIG)
