"""The journal: each request has an id, is timed, counted and logged; never what it or its answer says.

It is the last to see an answer, so that it also adds what every answer carries.
"""

import logging
import re
import secrets
import time
from functools import cache

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from rackrate.api.metrics import LATENCY, REQUESTS

REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
TRACEPARENT = re.compile(rb"[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")  # W3C
GUARDS = [  # keep browsers and proxies from misreading an answer or keeping it
    (b"cache-control", b"private, no-cache"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]
METHODS = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"}

logger = logging.getLogger("rackrate.requests")


class Journal:
    """Writes down every request to `inner`."""

    def __init__(self, inner: ASGIApp) -> None:
        """Stand before `inner`."""
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the request's id and trace echoed, and note how that went."""
        echoed, status, start = _identified(scope), 499, time.perf_counter()
        headers = {}

        async def answer(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], dict(message["headers"])
                message["headers"] = [*message["headers"], *echoed.items(), *GUARDS, *_allowance(scope)]
            await send(message)

        try:
            await self._inner(scope, receive, answer)
        finally:
            took = time.perf_counter() - start
            source = headers.get(b"x-cache", b"").decode()
            _note(scope, status, took, source, {k.decode(): v.decode() for k, v in echoed.items()})


_counted = cache(REQUESTS.labels)
_timed = cache(LATENCY.labels)


def _identified(scope: Scope) -> dict[bytes, bytes]:
    """Find the request's id and trace; an id that could not be logged as it is is replaced."""
    sent = dict(scope["headers"])
    given, trace = sent.get(b"x-request-id", b""), sent.get(b"traceparent", b"")
    echoed = {b"x-request-id": given if REQUEST_ID.fullmatch(given) else secrets.token_hex(16).encode()}
    return echoed | {b"traceparent": trace} if TRACEPARENT.fullmatch(trace) else echoed


def _allowance(scope: Scope) -> list[tuple[bytes, bytes]]:
    allowance = scope["state"].get("allowance")
    return [(name.encode(), value.encode()) for name, value in allowance.headers.items()] if allowance else []


def _note(scope: Scope, status: int, took: float, source: str, echoed: dict[str, str]) -> None:
    """Count and log one request, by its route and not by its path, which could say anything."""
    route = str(scope.get("path_template") or "none")
    method = str(scope.get("method"))
    method = method if method in METHODS else "other"
    _counted(method, route, status).inc()
    _timed(route).observe(took)
    noted = {"method": method, "route": route, "status": status, "ms": round(took * 1000, 2), "cache": source}
    level = logging.DEBUG if route.startswith(("/health", "/metrics")) else logging.INFO
    if logger.isEnabledFor(
        level
    ):  # made by hand: nobody asks from which line of code, and looking takes 3 us
        record = logging.LogRecord(logger.name, level, __file__, 0, "request", None, None)
        record.facts = noted | echoed
        logger.handle(record)
