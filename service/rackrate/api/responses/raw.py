"""Responses as bytes: status, header lines and body, sent without the framework's rendering."""

from http import HTTPStatus

import msgspec
from litestar.types import Receive, Scope, Send

from rackrate.analyses.problems import Problem, written
from rackrate.api.responses.problem_details import MEDIA_TYPE
from rackrate.api.responses.security_headers import GUARDS


class RawResponse(msgspec.Struct, frozen=True):
    """An answer as it goes out, as an ASGI application or where there is no request yet, only a connection.

    What is bytes already needs none of the framework's rendering, which takes its headers apart and together
    again.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response as an ASGI application."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


def packed(problem: Problem, path: str) -> RawResponse:
    """Pack a problem with the headers that it needs."""
    body = written(problem, path)
    headers = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(body))} | problem.headers
    return RawResponse(problem.kind.status, lined(headers), body)


def lined(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Write headers as ASGI has them, names in lower case.

    >>> lined({"ETag": "x"})
    [(b'etag', b'x')]
    """
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


Wire = tuple[bytes, bytes]  # a head that can take more lines, and a body


def wire(answer: RawResponse) -> Wire:
    """Write an answer as HTTP/1.1, for where there is a connection and no request."""
    lines = b"".join(b"%b: %b\r\n" % line for line in [*answer.headers, *GUARDS])
    status = HTTPStatus(answer.status)
    return b"HTTP/1.1 %d %b\r\n%b" % (status, status.phrase.encode(), lines), answer.body
