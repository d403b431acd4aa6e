"""The protocol of one connection: uvicorn's, with clocks, one reading of each request, and cheap refusals."""

# Design: uvicorn waits for ever for a request's headers, takes them at any length, and lets through what two
# parties can read in two ways (no host or two, a coding beside `chunked`, one on HTTP/1.0). Here headers have
# a deadline and a size, and what has two readings is refused. A POST for which there is no room, or whose
# answer is at hand, is answered from its bytes: a parser, a task and a framework cost ten times as much.

import asyncio
import time
from typing import Any, cast

from litestar import Litestar
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from rackrate.api.door import LET_IN, Door, Wire, wire
from rackrate.api.duty import DUTY
from rackrate.api.glance import Post, glance
from rackrate.api.journal import identified, note
from rackrate.api.problems import LONG_HEADERS, MALFORMED, SLOW_HEADERS, Problem, packed
from rackrate.api.repeats import Repeats, Reply
from rackrate.api.traces import TRACES

HEADERS_S = 10.0
HEADER_BYTES = 64 * 1024
CLOSE = b"connection: close\r\n"


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 in which a request's headers must arrive within a time and a size."""

    headers_s = HEADERS_S
    _clock: asyncio.TimerHandle | None = None
    _heard = 0
    _between = True  # requests: nothing of the next one has been parsed

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Find the door of the application, and what it answered before."""
        super().__init__(*arguments, **options)
        state = cast("Litestar", self.app).state
        self._door: Door = state["door"]
        self._repeats: Repeats = state["repeats"]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Start the clock: a connection is for asking."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Read on, but no header without end; answer at once what is known, or what has no room."""
        start = time.perf_counter()
        post = glance(data) if self._is_idle() and not DUTY.leaving else None
        asked = post is not None and self._door.computes(post.path)
        reply = self._repeats.known(post) if post and asked and self._can_send() else None
        if post and reply:
            self._repeat(post, reply, start)
            return
        refusal = self._door.refusal(post.path, post.mark) if post and asked else None
        if post and refusal:
            self._turn_away(post, refusal)
            return
        before = self.cycle
        super().data_received(data)
        if post and asked and self.cycle is before:  # the parser thinks otherwise of it
            self._door.forget(post.mark)
        elif post and asked:
            self.scope["state"][LET_IN] = post.mark
        if self._clock is not None:
            self._heard += len(data)
            if self._heard > HEADER_BYTES:
                self._refuse(Problem(LONG_HEADERS, f"At most {HEADER_BYTES} bytes of headers are read."))

    def on_message_begin(self) -> None:
        """Start the clock of a further request on the same connection."""
        self._between = False
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """Stop the clock; refuse what has two readings."""
        self._rest()
        if _has_two_readings(self.parser.get_http_version(), self.headers):
            raise ValueError("two readings")  # the parser stops, and what is left is never a request
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Know that the next byte begins a request."""
        self._between = True
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._rest()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP/1.1, or has two readings."""
        self._refuse(Problem(MALFORMED, msg))

    def _is_idle(self) -> bool:
        """Whether nothing is under way here, so that what arrives now begins a request."""
        return self._between and self._is_answered() and not self.pipeline and not self.transport.is_closing()

    def _is_answered(self) -> bool:
        cycle: RequestResponseCycle | None = (
            self.cycle
        )  # uvicorn says that it is never None, and starts with None
        return cycle is None or cycle.response_complete

    def _can_send(self) -> bool:
        """Whether an answer can be long without piling up, and nobody wants to trace how it came about."""
        return not self.flow.write_paused and not TRACES.are_on

    def _repeat(self, post: Post, reply: Reply, start: float) -> None:
        """Send again what was sent before, and note it as any request."""
        echoed = identified(post.echoed)
        self._answer(post, reply.wire, echoed)
        told = {name.decode(): value.decode() for name, value in echoed.items()}
        note("POST", reply.route, reply.status, time.perf_counter() - start, "hit", told)

    def _turn_away(self, post: Post, refusal: Wire) -> None:
        """Refuse a whole POST."""
        self._answer(post, refusal, identified(post.echoed))

    def _answer(self, post: Post, answer: Wire, echoed: dict[bytes, bytes]) -> None:
        """Answer a whole POST, and wait for the next."""
        self._write(answer, echoed, post.closes)
        self._rest()
        self._unset_keepalive_if_required()
        if post.closes:
            self.transport.close()
        else:
            later = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
            self.timeout_keep_alive_task = later

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
        """Say why, unless an earlier request still waits for its answer, and close."""
        self._rest()
        if not self.transport.is_closing():
            if self._is_answered():
                self._write(wire(packed(problem, "")), identified({}), closes=True)
            self.transport.close()

    def _write(self, answer: Wire, echoed: dict[bytes, bytes], closes: bool) -> None:
        lines = [b"%b: %b\r\n" % line for line in [*self.server_state.default_headers, *echoed.items()]]
        head, body = answer
        # one call to the system, and no copy of a long body
        self.transport.writelines([head, *lines, CLOSE if closes else b"", b"\r\n", body])


def _has_two_readings(version: str, headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether another party could see another host or another end of the body in this request (RFC 9112)."""
    hosts = sum(name == b"host" for name, _ in headers)
    codings = [value.lower() for name, value in headers if name == b"transfer-encoding"]
    if version != "1.1":
        return hosts > 1 or bool(codings)
    return hosts != 1 or codings not in ([], [b"chunked"])
