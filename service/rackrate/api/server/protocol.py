"""The protocol of one connection: strict HTTP/1.1; cached responses and 503s are sent before parsing."""

# Design: a POST for which there is no room, or whose answer is at hand, is answered from its bytes: a parser,
# a task and a framework cost ten times as much.

import asyncio
import time
from typing import Any, cast

from litestar import Litestar

from rackrate.api.draining import DRAINING
from rackrate.api.middleware.access_log import identified, note
from rackrate.api.middleware.admission import AdmissionControl
from rackrate.api.middleware.response_cache import Reply, ResponseCache
from rackrate.api.request_state import RESERVATION
from rackrate.api.requests.peek import Post, peek
from rackrate.api.responses.raw import Wire
from rackrate.api.server.strict_http import NOTHING, StrictProtocol
from rackrate.api.server.unread import UnreadResponses
from rackrate.api.telemetry.traces import TRACES


class PatientProtocol(StrictProtocol):
    """Strict HTTP/1.1 that answers a POST before parsing from the response cache, or with a 503."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Find the application's admission control and response cache."""
        super().__init__(*arguments, **options)
        state = cast("Litestar", self.app).state
        self._admission: AdmissionControl = state["admission"]
        self._response_cache: ResponseCache = state["response_cache"]
        self._unread: UnreadResponses = state["unread"]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Watch the connection for bytes that its client does not read."""
        super().connection_made(transport)
        self._unread.watch(cast("set[PatientProtocol]", self.connections))

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, or answer a whole POST unparsed, from the response cache or with a 503."""
        start = time.perf_counter()
        post = peek(data) if self._is_idle() and not DRAINING.leaving else None
        asked = post is not None and self._admission.computes(post.path)
        reply = self._response_cache.known(post) if post and asked and self._can_send() else None
        if post and reply:
            self._repeat(post, reply, start)
            return
        refusal = self._admission.refusal(post.path, post.mark) if post and asked else None
        if post and refusal:
            self._refuse_early(post, refusal)
            return
        before = self.cycle
        super().data_received(data)
        if post and asked and self.cycle is before:  # the parser thinks otherwise of it
            self._admission.release(post.mark)
        elif post and asked:
            RESERVATION.set(self.scope, post.mark)

    def on_response_complete(self) -> None:
        """Read no further request of a client that does not take its answers."""
        super().on_response_complete()
        if self.flow.write_paused and self._part == NOTHING and not self.transport.is_closing():
            self.flow.pause_reading()

    def pause_writing(self) -> None:
        """Count the bytes that the client does not read."""
        super().pause_writing()
        self._unread.held(self)

    def resume_writing(self) -> None:
        """Stop counting unread bytes: the client has read them."""
        super().resume_writing()
        self._unread.taken(self)
        if self._is_answered() and not self.transport.is_closing():
            self.flow.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Release what the connection held."""
        self._unread.taken(self)
        super().connection_lost(exc)

    @property
    def peer(self) -> str:
        """Name of the client that asked last, or its address where clients have no names."""
        scope: Any = self.scope  # uvicorn says that it is never None, and starts with None
        name: str = getattr(scope.get("user"), "name", "") if scope else ""
        return name or (self.client[0] if self.client else "")

    @property
    def unsent(self) -> int:
        """Bytes written that the client has not taken."""
        return self.transport.get_write_buffer_size()

    def drop(self) -> None:
        """End the connection; what is unsent is lost."""
        self.transport.abort()

    def _is_idle(self) -> bool:
        """Whether nothing is under way here, so that what arrives now begins a request."""
        return (
            self._part == NOTHING
            and self._is_answered()
            and not self.pipeline
            and not self.transport.is_closing()
        )

    def _can_send(self) -> bool:
        """Whether writing is not paused and tracing is off, so that a cached response can be sent here."""
        return not self.flow.write_paused and not TRACES.are_on

    def _repeat(self, post: Post, reply: Reply, start: float) -> None:
        """Send a cached response, counted and logged like any other."""
        echoed = identified(post.echoed)
        self._answer(post, reply.wire, echoed)
        ids = {name.decode(): value.decode() for name, value in echoed.items()}
        note("POST", reply.route, reply.status, time.perf_counter() - start, "hit", ids)

    def _refuse_early(self, post: Post, refusal: Wire) -> None:
        """Refuse a whole POST before it is parsed."""
        self._answer(post, refusal, identified(post.echoed))

    def _answer(self, post: Post, answer: Wire, echoed: dict[bytes, bytes]) -> None:
        """Answer a whole POST, and wait for the next."""
        self._write(answer, echoed, post.closes)
        self._rest()
        if post.closes:
            self._unset_keepalive_if_required()
            self.transport.close()
        else:
            self._keep()
            self._connections.wait(self)
