"""A service that fails as it is told to, and else passes what it is asked on to a real one."""

import http.client
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit

FRAMING = ("transfer-encoding", "connection", "content-length")


class Asked(NamedTuple):
    """A request as it came, and when."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


class Fault(NamedTuple):
    """What happens to one request instead of an answer.

    `status` refuses it with `headers`; `cut` passes it on and ends the connection after so many bytes of the
    body; neither ends the connection at once.
    """

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b"no problem details"
    cut: int = -1


class FaultyService:
    """Where it listens, what it was asked, and what it will do to the next requests."""

    def __init__(self, behind: str) -> None:
        self.asked: list[Asked] = []
        self.faults: deque[Fault] = deque()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                service.asked.append(Asked(self.command, self.path, headers, body, time.monotonic()))
                fault = service.faults.popleft() if service.faults else None
                if fault is not None and fault.cut < 0:
                    self.fail(fault)
                else:
                    self.forward(headers, body, -1 if fault is None else fault.cut)

            do_POST = do_GET  # noqa: N815  the library's name

            def fail(self, fault: Fault) -> None:
                self.close_connection = True
                if not fault.status:
                    return
                self.send_response(fault.status)
                for name, value in (*fault.headers, ("Content-Length", str(len(fault.body)))):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(fault.body)

            def forward(self, headers: dict[str, str], body: bytes, cut: int) -> None:
                """Pass a request on, its answer in chunks; after `cut` bytes of it the connection ends."""
                self.close_connection = True
                wire = http.client.HTTPConnection(urlsplit(behind).netloc, timeout=30)
                with closing(wire):
                    wire.request(self.command, self.path, body, headers)
                    answer = wire.getresponse()
                    self.send_response(answer.status)
                    for name, value in answer.getheaders():
                        if name.lower() not in FRAMING:
                            self.send_header(name, value)
                    if answer.status == 304:
                        return self.end_headers()
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    while cut and (piece := answer.read1(min(4096, cut) if cut > 0 else 4096)):
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                        cut -= len(piece) if cut > 0 else 0
                    if cut:
                        self.wfile.write(b"0\r\n\r\n")
                return None

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator["FaultyService"]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()
