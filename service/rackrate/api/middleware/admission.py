"""Admission control: refuse a request with 503 before it is parsed; plain ASGI, because it must be cheap."""

# Design: a refusal must cost a small part of an answer, or refusing is all an overloaded service does. So the
# queues are looked at before routing, keys or body, and the protocol asks before there is a request.
# What is refused that early is counted and logged once a second, because a line each would cost more than the
# refusal. Probes and metrics always pass.

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping

from litestar.types import ASGIApp, Receive, Scope, Send

from rackrate.analyses.problems import BUSY
from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.limits.retry_after import LONG_WORK_S, SHORT_WORK_S, busy
from rackrate.api.request_state import RESERVATION
from rackrate.api.responses.raw import Wire, packed, wire
from rackrate.api.telemetry.metrics import REQUESTS, refused

IN_FLIGHT = 4096  # requests under way in a process; of those not yet whole there are fewer (`connections.py`)
NOTE_S = 1.0
ALWAYS = ("/health/", "/metrics")


logger = logging.getLogger("rackrate.admission")


class AdmissionControl:
    """ASGI middleware that admits requests while their queue has room."""

    def __init__(self, inner: ASGIApp, dispatcher: Dispatcher, computing: Mapping[str, bool]) -> None:
        """Guard `inner`, in which the paths of `computing` compute, those that are true as long jobs."""
        self._inner, self._dispatcher, self._long = inner, dispatcher, computing
        self._refusals = {
            path.encode(): wire(packed(busy(LONG_WORK_S if long else SHORT_WORK_S), path))
            for path, long in computing.items()
        }
        self._refused: Counter[bytes] = Counter()
        self.under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 503 where there is no room."""
        path = str(scope["path"])
        if path.startswith(ALWAYS):
            await self._inner(scope, receive, send)
            return
        wait_s = self._wait_s(scope.get("method") == "POST", path)
        reserved = RESERVATION.get(scope)
        if wait_s is not None and reserved is None:
            await packed(busy(wait_s), path)(scope, receive, send)
            return
        self.under_way += 1
        try:
            await self._inner(scope, receive, send)
        finally:
            self.under_way -= 1
            self.release(reserved)

    def computes(self, path: bytes) -> bool:
        """Whether a POST to `path` computes an analysis."""
        return path in self._refusals

    def refusal(self, path: bytes, body: int) -> Wire | None:
        """Refuse a POST before it is parsed, or reserve a slot of the queue by `body`, its body's hash."""
        refusal = self._refusals[path]
        if self._wait_s(True, path.decode()) is None:
            self._dispatcher.short.reserve(body)
            return None
        if not self._refused:
            asyncio.get_running_loop().call_later(NOTE_S, self._note)
        self._refused[path] += 1
        return refusal

    def release(self, body: int | None) -> None:
        """Give up a reserved slot."""
        self._dispatcher.short.release(body)

    def _wait_s(self, computes: bool, path: str) -> float | None:
        """The Retry-After of a refusal in seconds, or None where there is room."""
        if computes and self._long.get(path):
            return LONG_WORK_S if self._dispatcher.long.limit.is_full else None
        if (computes and self._dispatcher.short.is_full) or self.under_way >= IN_FLIGHT:
            return SHORT_WORK_S
        return None

    def _note(self) -> None:
        """Count and log the latest refusals."""
        for path, count in self._refused.items():
            REQUESTS.labels("POST", path.decode(), 503).inc(count)
            refused(BUSY.name).inc(count)
            facts = {"method": "POST", "route": path.decode(), "status": 503, "requests": count}
            logger.warning("turned away", extra={"facts": facts})
        self._refused.clear()
