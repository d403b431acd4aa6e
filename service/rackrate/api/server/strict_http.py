"""Strict HTTP/1.1 on uvicorn's protocol: unambiguous framing, one response a request, deadlines."""

# Design: uvicorn waits for ever for a request's headers, takes them at any length, lets through what two
# parties can read in two ways, takes trailers for headers, and believes its parser that what offers an
# upgrade has no body. Here headers have a deadline and a size, what has two readings is refused
# (`framing.py`), an upgrade is a request like others, and a refusal comes once, in its turn, and can be read.
# What is uvicorn's own is used here, in `request_parser.py` and in `worker.py` alone.

import asyncio
from collections.abc import Callable
from typing import Any, cast

from httptools import HttpParserError
from litestar import Litestar
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from rackrate.analyses.problems import MALFORMED, SLOW_HEADERS, Problem
from rackrate.api.limits.retry_after import SHORT_WORK_S, busy
from rackrate.api.middleware.access_log import identified
from rackrate.api.responses.raw import Wire, packed, wire
from rackrate.api.server.connections import Connections
from rackrate.api.server.framing import (
    CONNECT,
    HEADER_BYTES,
    check,
    check_line,
    too_long,
)
from rackrate.api.server.presence import Presence
from rackrate.api.server.request_parser import new_parser, parse, reason_of
from rackrate.api.server.transports import SPARE_BYTES, LingeringTransport
from rackrate.api.telemetry.metrics import refused

HEADERS_S = 10.0
FRAMING_BYTES = 16  # that a byte of content may take to be sent: a chunk of one byte takes six
CLOSE = b"connection: close\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
NOTHING, HEAD, BODY = range(3)  # what is being read of a request


class StrictProtocol(HttpToolsProtocol):
    """HTTP/1.1 in which a request's headers must arrive within a time and a size."""

    headers_s = HEADERS_S
    transport: LingeringTransport
    _clock: asyncio.TimerHandle | None = None
    _presence: Presence | None = None
    _part = NOTHING
    _arrived = 0  # bytes, with what is being parsed
    _heard = 0  # bytes since a request's head began or ended, none of those that came along with that, less
    # what its content may take
    _received = b""  # since the head of the request that is read began, and before it in its first segment
    _fields = 0  # bytes of the headers and trailers of a request
    _pending_refusal: Problem | None = None  # sent after the responses that come before it
    _is_done_reading = False  # nothing more is parsed
    _has_ended = False  # nothing more will come

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Find the connections beside this one, and how long a body may be by its path."""
        super().__init__(*arguments, **options)
        self._content: list[bytes] = []  # of the body that is read, parsed and not yet passed on
        self.parser = new_parser(self)
        state = cast("Litestar", self.app).state
        self._connections: Connections = state["connections"]
        self._longest_body: Callable[[str], int] = state["longest_body"]

    # ---- what the event loop calls ----

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Start the deadline of the first request's headers."""
        super().connection_made(LingeringTransport(transport, self._spare))
        self._wait()
        self._connections.open(self, self.client[0] if self.client else "")

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, within the limit of a request's head."""
        if self._is_done_reading or self.transport.is_closing():
            self.transport.drop(len(data))
            return
        self._unset_keepalive_if_required()
        self._arrived = len(data)
        self._received = self._received + data if self._part == HEAD else data
        try:
            parse(self, data)
        except HttpParserError as error:
            self._refuse(reason_of(self.parser, error))
            return
        self._pass_on()
        if self._part != HEAD:
            self._received = b""  # of a body nothing is held here
        if self._part == BODY and self._is_answered():
            self.transport.drop(self._arrived)
        self._heard += self._arrived
        if self._part != NOTHING and self._heard > HEADER_BYTES:
            self._refuse(too_long())

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn never keeps it open
        """Answer requests under way: a client may half-close its connection and still read."""
        self._has_ended = True
        if self._part != NOTHING and not self._is_done_reading:
            self._refuse(Problem(MALFORMED, "The connection ended before the request did."))
        elif not self._is_answered():
            self.cycle.keep_alive = False
            self._presence = Presence(self._ask_presence, at_once=self._connections.at_work > 1)
        return not (self._is_answered() or self.transport.is_closing())

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all timers."""
        self._rest()
        self.transport.rest()
        if self._presence is not None:
            self._presence.stop()
        self._connections.lost(self)
        super().connection_lost(exc)

    def give_way(self) -> None:
        """Close this connection, which has waited longest for a request, to make room for others."""
        if self._part != NOTHING:
            self._refuse(busy(SHORT_WORK_S))
        self.transport.close_now()

    # ---- what the parser calls ----

    def on_message_begin(self) -> None:
        """Start the deadline of a further request's headers."""
        self._part, self._fields, self._heard = HEAD, 0, -self._arrived
        super().on_message_begin()
        self._wait()

    def on_url(self, url: bytes) -> None:
        """Count the bytes of a part of the request target."""
        self._measure(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count the bytes of a header field; drop trailers (RFC 9110, 6.5.1)."""
        self._measure(len(name) + len(value) + 4)
        if self._part == HEAD:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Stop the deadline; refuse ambiguous framing."""
        method = self.parser.get_method()
        if self.parser.should_upgrade() and method != CONNECT:
            return  # and read again
        self._rest()
        check(self.parser.get_http_version(), method, self.headers)
        check_line(method, self.url, self._received)
        super().on_headers_complete()
        self._part, self._heard = BODY, -self._arrived

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body until all that arrived is parsed: chunks may be of one byte each."""
        self._content.append(body)

    def on_message_complete(self) -> None:
        """Expect the next request."""
        if self.parser.should_upgrade():
            return
        self._pass_on()
        self._part = NOTHING
        super().on_message_complete()
        if self.cycle.response_complete:
            self.transport.rest()
            self._keep()
        self._settle()

    # ---- what a request calls when it is answered ----

    def on_response_complete(self) -> None:
        """Send a pending refusal; drain a body that was answered before it was whole."""
        is_last = not self.pipeline
        super().on_response_complete()
        if is_last and self._pending_refusal:
            self._say(self._pending_refusal)
        elif is_last and self._part == BODY and not self.transport.is_closing():
            self.transport.drain()
        self._settle()

    def _pass_on(self) -> None:
        """Pass on what of the body arrived in one read, whatever chunks it came in."""
        if self._content:
            body = b"".join(self._content)
            self._content.clear()
            self._heard -= FRAMING_BYTES * len(body)
            super().on_body(body)

    def _measure(self, size: int) -> None:
        self._fields += size
        if self._fields > HEADER_BYTES:
            raise too_long()

    def _keep(self) -> None:
        """Start the keep-alive timer of the next request."""
        self._unset_keepalive_if_required()
        later = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        self.timeout_keep_alive_task = later

    def _settle(self) -> None:
        """Count this connection as waiting for a request, unless a whole one is under way."""
        if self._is_answered() or (self._part == BODY and not self.pipeline):
            self._connections.wait(self)
        else:
            self._connections.work(self)

    def _ask_presence(self) -> bool:
        """Send an interim response, which clients ignore; return whether to send it again later."""
        if self._is_answered() or self.cycle.response_started or self.transport.is_closing():
            return False
        if not self.pipeline and self.cycle.scope["http_version"] == "1.1":  # before, there is no such word
            self.transport.write(CONTINUE)
        return True

    def _is_answered(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # which is None at first, whatever uvicorn says
        return cycle is None or cycle.response_complete

    def _wait(self) -> None:
        if self._clock is None:
            problem = Problem(
                SLOW_HEADERS, f"A request's headers must arrive within {self.headers_s:g} seconds."
            )
            self._clock = self.loop.call_later(self.headers_s, self._refuse, problem)

    def _rest(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
        self._clock, self._heard = None, 0

    def _refuse(self, problem: Problem) -> None:
        """Read no more; answer what came before, say why, and close."""
        self._rest()
        if self._is_done_reading or self.transport.is_closing():
            return
        self._is_done_reading = True
        has_earlier = bool(self.pipeline) or not (self._part == BODY or self._is_answered())
        if self._part == BODY and not self.pipeline and self.cycle.response_started:
            self.cycle.keep_alive = False  # it has its answer
            if self.cycle.response_complete:
                self.transport.close()
            return
        if self._part == BODY:
            self._withdraw()
        self._pending_refusal = problem
        if not has_earlier:
            self._say(problem)

    def _withdraw(self) -> None:
        """Take back the request that is being read, of which nothing has been answered."""
        if self.pipeline:
            self.pipeline.popleft()
        else:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def _say(self, problem: Problem) -> None:
        if not self.transport.is_closing():
            refused(problem.kind.name).inc()
            self._write(wire(packed(problem, "")), identified({}), closes=True)
            self.transport.close()

    def _spare(self) -> int:
        """How many bytes are still read of a client that may be sending: none once it has sent all."""
        if self._has_ended or (self._part == NOTHING and not self._is_done_reading):
            return 0
        return SPARE_BYTES + (self._longest_body(self.scope["path"]) if self._part == BODY else 0)

    def _write(self, answer: Wire, echoed: dict[bytes, bytes], closes: bool) -> None:
        lines = [b"%b: %b\r\n" % line for line in [*self.server_state.default_headers, *echoed.items()]]
        head, body = answer
        # one call to the system, and no copy of a long body
        self.transport.writelines([head, *lines, CLOSE if closes else b"", b"\r\n", body])
