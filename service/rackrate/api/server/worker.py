"""The HTTP server of one worker: uvicorn, with a graceful shutdown that loses no request."""

# Design: uvicorn resets connections that wait to be accepted when it stops. Here, told to stop, a worker
# first answers everything with `Connection: close` and fails its readiness for a moment, so that clients and
# balancers go elsewhere by themselves; then the socket takes no more, and what waits there is served.
# What a worker starts with is never garbage: eighty thousand objects, through which a full collection would
# look once in some thousands of requests, for up to 57 ms, are put out of its sight.

import ctypes
import errno
import gc
import logging
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import uvicorn
from litestar import Litestar

from rackrate.api.draining import DRAINING
from rackrate.api.server.connections import backlog, descriptors
from rackrate.api.server.protocol import PatientProtocol
from rackrate.api.telemetry.logs import settings_of
from rackrate.api.telemetry.metrics import WORKER_STARTS
from rackrate.api.telemetry.metrics_files import SERVICE, release

GRACE_S = 20  # for requests under way when told to stop
DRAIN_S = 1.0  # of answering with Connection: close before the socket takes no more
LAST_S = 0.3  # of accepting what waits, before the listening ends
CLOSE = (b"connection", b"close")
PR_SET_NAME = 15  # prctl(2): the name of a process, as its /proc/…/comm says it

logger = logging.getLogger("rackrate.server")


class Server(uvicorn.Server):
    """A worker's server: drains before it stops, and does not outlive its supervisor."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket) -> None:
        """Note the supervisor's process id, even if that one is gone by now."""
        super().__init__(config)
        self._listening = listening
        parent = multiprocessing.parent_process()
        self._supervisor = parent.pid if parent else os.getppid()
        self._drains_until: float | None = None
        self._is_short = False

    @property
    def is_orphan(self) -> bool:
        """Whether the supervisor is gone."""
        return os.getppid() != self._supervisor

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving, with every object that exists by now exempt from garbage collection."""
        WORKER_STARTS.inc()
        gc.collect()
        gc.freeze()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Start draining on SIGTERM; stop at once at a second signal, or Ctrl-C."""
        if sig != signal.SIGTERM or self._drains_until is not None:
            self.should_exit = True  # uvloop tells it twice, which uvicorn would take for a stop by force
            return
        DRAINING.leaving = True
        self._drains_until = time.monotonic() + DRAIN_S
        self.config.encoded_headers.append(CLOSE)
        self.server_state.default_headers = [*self.server_state.default_headers, CLOSE]

    async def on_tick(self, counter: int) -> bool:
        """Stop when draining is over, or when the supervisor is gone."""
        if self._drains_until is not None and time.monotonic() > self._drains_until:
            self._listening.listen(0)  # those that wait stay, others try elsewhere
            self.should_exit = self.should_exit or time.monotonic() > self._drains_until + LAST_S
        if self.is_orphan:
            self.should_exit = True
        self._look_for_descriptors()
        return await super().on_tick(counter)

    def _look_for_descriptors(self) -> None:
        """Log once that there are none: the event loop then closes what it accepts, and says nothing."""
        try:
            os.close(os.dup(self._listening.fileno()))
            self._is_short = False
        except OSError as error:
            if not self._is_short:
                logger.error("no descriptors left: %s", errno.errorcode.get(error.errno or 0))
            self._is_short = True


def serve_on(listening: socket.socket, make: Callable[[], Litestar], log_level: str) -> None:
    """Run a worker: serve the application of `make` on a socket shared with others, until stopped."""
    ctypes.CDLL(None).prctl(
        PR_SET_NAME, multiprocessing.current_process().name.removeprefix(SERVICE).encode()
    )
    signal.signal(signal.SIGINT, _leave)  # before there is a server that hears it
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    config = uvicorn.Config(
        make,
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
        backlog=backlog(descriptors()),
    )
    server = Server(config, listening)
    server.run([listening])
    if server.is_orphan:
        release()
    if not server.started:
        sys.exit(os.EX_CONFIG)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """Exit at once: no request is left to serve."""
    raise SystemExit(0)
