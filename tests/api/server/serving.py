"""The application behind a real socket, in a thread of this process, and what it says there."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import uvicorn
from litestar import Litestar
from tests.conftest import PATIENCE_S, until

from rackrate.api.cache.memory import MemoryResults
from rackrate.api.compute.short_queue import FIRST_GUESS_S
from rackrate.api.server.protocol import PatientProtocol
from rackrate.app import create_app
from rackrate.settings import Settings

Told = tuple[int, dict[str, str], bytes]
DEADLINE_S = 1.0
QUIET_S = 0.1
GET = b"GET /v1/rulesets HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /v1/sizings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SHORT = POST + b"Content-Length: 2\r\n\r\n{}"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"


class Hasty(PatientProtocol):
    headers_s = DEADLINE_S


class Serving:
    """The application behind a real socket, in a thread of this process."""

    def __init__(self, **settings: Any) -> None:
        self.app: Litestar = create_app(Settings(**settings), MemoryResults(60))
        quiet: dict[str, Any] = {"log_config": None, "access_log": False, "proxy_headers": False}
        config = uvicorn.Config(self.app, loop="uvloop", http=Hasty, ws="none", lifespan="on", **quiet)
        self.server = uvicorn.Server(config)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        self.thread = threading.Thread(target=self.server.run, args=([self.listening],))
        self.thread.start()
        until(lambda: self.server.started, "the server")

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join()

    def fill(self, what: set[int]) -> None:
        """Make the queue look as if all of this were queued, and as slow as at first."""
        short_queue: Any = self.app.state["dispatcher"].short
        short_queue._queued, short_queue._pace_s = set(what), FIRST_GUESS_S

    @contextlib.contextmanager
    def clients(self, count: int) -> Iterator[list[socket.socket]]:
        """Connect that often, and know that the server knows of each."""
        known: Any = self.server.server_state.connections
        at = "127.0.0.1", self.port
        with contextlib.ExitStack() as stack:
            socks = [stack.enter_context(socket.create_connection(at, PATIENCE_S)) for _ in range(count)]
            names = {sock.getsockname() for sock in socks}
            until(lambda: names <= {protocol.client for protocol in list(known)}, "the connections")
            yield socks

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Keep the server from reading, so that what is sent meanwhile arrives at once."""
        began, over = threading.Event(), threading.Event()
        protocol: Any = next(iter(self.server.server_state.connections))
        protocol.loop.call_soon_threadsafe(lambda: (began.set(), over.wait(PATIENCE_S)))
        assert began.wait(PATIENCE_S)
        try:
            yield
        finally:
            over.set()

    def hear(self, *parts: bytes, pause_s: float = 0.0, ends: bool = False) -> list[Told]:
        """Send the parts, and the end if that is all; every answer until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_S) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for part in parts:
                sock.sendall(part)
                time.sleep(pause_s)
            if ends:
                sock.shutdown(socket.SHUT_WR)
            received = b""
            while said := sock.recv(65536):
                received += said
        return list(answers(received))

    def say(self, *parts: bytes, pause_s: float = 0.03) -> list[Told]:
        """Send the parts one after the other; every answer until the server closes or has nothing to say."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_S) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            received = b""
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                for part in parts:
                    sock.sendall(part)
                    time.sleep(pause_s if len(parts) > 1 else 0)
            with contextlib.suppress(ConnectionResetError):
                while said := self._more(sock):
                    received += said
        return list(answers(received))

    def _more(self, sock: socket.socket) -> bytes:
        """What the server says next; nothing once it has read all, is answering nobody and is silent."""
        idle = False
        sock.settimeout(QUIET_S)
        while True:
            try:
                return sock.recv(65536)
            except TimeoutError:
                if idle:
                    return b""
                idle = self._has_read_all() and self.app.state["connections"].at_work == 0

    def _has_read_all(self) -> bool:
        """Wait for the event loop to come round, so that it has seen what was sent before."""
        known: Any = list(self.server.server_state.connections)
        came_round = threading.Event()
        for protocol in known[:1]:
            protocol.loop.call_soon_threadsafe(came_round.set)
        return not known or came_round.wait(PATIENCE_S)


def answers(received: bytes) -> Iterator[Told]:
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        if status.split()[1] == "100":
            received = rest
            continue
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        size = int(headers["content-length"])
        yield int(status.split()[1]), headers, rest[:size]
        received = rest[size:]


def statuses(told: list[Told]) -> list[int]:
    for status, headers, body in told:
        if status >= 400:
            assert headers["content-type"] == "application/problem+json"
            assert json.loads(body)["status"] == status
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-request-id"]
    return [status for status, *_ in told]
