"""The access log: each request gets an id, is timed, counted and logged, without any content.

It is the last to see an answer, so that it also adds what every answer carries.
"""

import logging
import re
import secrets
import time
from collections.abc import Mapping
from itertools import count

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from rackrate.api.path_templates import published
from rackrate.api.request_state import RATE_LIMIT
from rackrate.api.responses.security_headers import GUARDS
from rackrate.api.telemetry.metrics import counted, timed
from rackrate.api.telemetry.traces import TRACES, finish

REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
TRACEPARENT = re.compile(rb"[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")  # W3C
ID_PREFIX = secrets.token_hex(8).encode()  # the first half of each id that this process gives
METHODS = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"}

logger = logging.getLogger("rackrate.requests")


class AccessLog:
    """ASGI middleware that times, counts and logs requests."""

    def __init__(self, inner: ASGIApp) -> None:
        """Wrap `inner`."""
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, echo its id and trace in the response, count it and log it."""
        echoed, status, start = identified(dict(scope["headers"])), 499, time.perf_counter()
        headers = {}

        async def answer(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], dict(message["headers"])
                guards = [guard for guard in GUARDS if guard[0] not in headers]
                message["headers"] = [*message["headers"], *echoed.items(), *guards, *_rate_limit(scope)]
            await send(message)

        with TRACES.request(scope) as span:
            try:
                await self._inner(scope, receive, answer)
            finally:
                took = time.perf_counter() - start
                source = headers.get(b"x-cache", b"").decode()
                method, route = _place(scope)
                note(method, route, status, took, source, {k.decode(): v.decode() for k, v in echoed.items()})
                if span:
                    finish(span, method, route, status, source)


_count = count()


def identified(sent: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """Find the request's id and trace in its headers; an id that could not be logged as it is is replaced."""
    given, trace = sent.get(b"x-request-id", b""), sent.get(b"traceparent", b"")
    echoed = {
        b"x-request-id": given if REQUEST_ID.fullmatch(given) else b"%b%016x" % (ID_PREFIX, next(_count))
    }
    return echoed | {b"traceparent": trace} if TRACEPARENT.fullmatch(trace) else echoed


def _rate_limit(scope: Scope) -> list[tuple[bytes, bytes]]:
    state = RATE_LIMIT.get(scope)
    return [(name.encode(), value.encode()) for name, value in state.headers.items()] if state else []


def _place(scope: Scope) -> tuple[str, str]:
    """Return a request's method and route template; its path could contain anything."""
    method, route = str(scope.get("method")), published(str(scope.get("path_template") or "none"))
    return (method if method in METHODS else "other"), route


def note(method: str, route: str, status: int, took: float, source: str, echoed: dict[str, str]) -> None:
    """Count and log one request."""
    counted(method, route, status).inc()
    timed(route).observe(took)
    noted = {"method": method, "route": route, "status": status, "ms": round(took * 1000, 2), "cache": source}
    level = logging.DEBUG if route.startswith(("/health", "/metrics")) else logging.INFO
    if logger.isEnabledFor(level):  # by hand: finding the line of code that logs takes 3 us
        record = logging.LogRecord(logger.name, level, __file__, 0, "request", None, None)
        record.facts = noted | echoed
        logger.handle(record)
