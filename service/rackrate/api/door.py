"""The door: what is decided about a request before anything of it is parsed; plain ASGI, for cheapness."""

# Design: a refusal must cost a small part of an answer, or refusing is all an overloaded service does. So the
# door looks at the queues before routing, keys or body. Probes and metrics always pass.

from litestar.types import ASGIApp, Receive, Scope, Send

from rackrate.api.backroom import WAIT_S
from rackrate.api.desk import Desk
from rackrate.api.lane import busy
from rackrate.api.problems import MEDIA_TYPE, Problem, written

IN_FLIGHT = 256  # requests inside a process, whatever they wait for
ALWAYS = ("/health/", "/metrics")


class Door:
    """Lets requests in to `inner` while there is room."""

    def __init__(self, inner: ASGIApp, desk: Desk, long_paths: frozenset[str]) -> None:
        """Guard `inner`, of which `long_paths` lead to the back room."""
        self._inner, self._desk, self._long_paths = inner, desk, long_paths
        self.inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 503 where there is no room."""
        path = str(scope["path"])
        if path.startswith(ALWAYS):
            await self._inner(scope, receive, send)
            return
        wait_s = self._wait_s(scope.get("method") == "POST", path)
        if wait_s is not None:
            await _refuse(busy(wait_s), path, send)
            return
        self.inside += 1
        try:
            await self._inner(scope, receive, send)
        finally:
            self.inside -= 1

    def _wait_s(self, computes: bool, path: str) -> float | None:
        """How long to wait before coming again, or None where there is room now."""
        if computes and path in self._long_paths:
            return WAIT_S if self._desk.long.is_full else None
        if (computes and self._desk.short.is_full) or self.inside >= IN_FLIGHT:
            return 1.0
        return None


async def _refuse(problem: Problem, path: str, send: Send) -> None:
    body = written(problem, path)
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        *((name.lower().encode(), value.encode()) for name, value in problem.headers.items()),
    ]
    await send({"type": "http.response.start", "status": problem.kind.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
