"""Problems: every refusal as RFC 9457 `application/problem+json`, with a pointer to each bad field."""

import logging
import traceback
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap, Receive, Scope, Send
from msgspec import Meta

from rackrate.deal.errors import CannotFinance, FieldError, Invalid, Malformed, Refusal, Unsupported
from rackrate.deal.measures import unit

MEDIA_TYPE = "application/problem+json"
TYPES = "urn:rackrate:problem:"

logger = logging.getLogger("rackrate.problems")


class Kind(msgspec.Struct, frozen=True):
    """A kind of problem: its name within the stable type URI, its HTTP status and its title."""

    name: str
    status: int
    title: str


MALFORMED = Kind("malformed", 400, Malformed.title)
UNAUTHENTICATED = Kind("unauthenticated", 401, "Credentials are missing or not accepted")
FORBIDDEN = Kind("forbidden", 403, "These credentials do not allow this")
NOT_FOUND = Kind("not-found", 404, "There is nothing here")
METHOD = Kind("method-not-allowed", 405, "This resource does not take this method")
NOT_ACCEPTABLE = Kind("not-acceptable", 406, "No representation that is accepted")
TOO_SLOW = Kind("body-too-slow", 408, "The body did not arrive in time")
SLOW_HEADERS = Kind("headers-too-slow", 408, "The request's headers did not arrive in time")
LONG_HEADERS = Kind("headers-too-large", 431, "The request's headers are too large")
VERSION = Kind("version-not-supported", 505, "This version of HTTP is not spoken here")
TOO_LARGE = Kind("body-too-large", 413, "The body is too large")
MEDIA = Kind("unsupported-media-type", 415, "The body's media type is not read here")
INVALID = Kind("invalid", 422, Invalid.title)
UNSUPPORTED = Kind("unsupported", 422, Unsupported.title)
CANNOT_FINANCE = Kind("cannot-be-financed", 422, CannotFinance.title)
CONFLICT = Kind("idempotency-conflict", 409, "The idempotency key belongs to another request")
TOO_MUCH = Kind("too-much-work", 422, "The request asks for more work than one request may")
LEFT = Kind("client-left", 499, "The client left")
LIMITED = Kind("too-many-requests", 429, "The client asks more often than it may")
BUSY = Kind("busy", 503, "The service has as much to do as it can answer in time")
INTERNAL = Kind("internal", 500, "The service failed")

KINDS = [
    MALFORMED,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD,
    NOT_ACCEPTABLE,
    TOO_SLOW,
    SLOW_HEADERS,
    TOO_LARGE,
    LONG_HEADERS,
    MEDIA,
    INVALID,
    UNSUPPORTED,
    CANNOT_FINANCE,
    CONFLICT,
    TOO_MUCH,
    LIMITED,
    INTERNAL,
    BUSY,
    VERSION,
]
BY_NAME = {kind.name: kind for kind in KINDS}
BY_STATUS = {kind.status: kind for kind in (MALFORMED, NOT_FOUND, METHOD, TOO_LARGE)}
BY_REFUSAL: dict[type[Refusal], Kind] = {
    Malformed: MALFORMED,
    Invalid: INVALID,
    Unsupported: UNSUPPORTED,
    CannotFinance: CANNOT_FINANCE,
}


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong, as RFC 9457 describes it."""

    type: Annotated[str, Meta(description="Stable URI of the kind of problem.")]
    title: Annotated[str, Meta(description="The kind of problem in words.")]
    status: Annotated[int, unit("none"), Meta(description="HTTP status.")]
    detail: Annotated[str, Meta(description="What is wrong with this request.")]
    instance: Annotated[str, Meta(description="Path that was asked.")]
    errors: Annotated[list[FieldError], Meta(description="Every bad field, by JSON pointer.")]
    test: Annotated[str | None, Meta(description="Name of the test that allows no debt, if one does.")] = None


class Problem(Exception):  # noqa: N818  the word of RFC 9457
    """A refusal by the edge itself, before or beside the deal."""

    def __init__(
        self,
        kind: Kind,
        detail: str,
        errors: list[FieldError] | None = None,
        headers: dict[str, str] | None = None,
        test: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.errors = kind, detail, errors or []
        self.headers, self.test = headers or {}, test


def written(problem: Problem, path: str) -> bytes:
    """Write a problem down as JSON."""
    details = ProblemDetails(
        type=TYPES + problem.kind.name,
        title=problem.kind.title,
        status=problem.kind.status,
        detail=problem.detail,
        instance=path,
        errors=problem.errors,
        test=problem.test,
    )
    return msgspec.json.encode(details)


class Packed(msgspec.Struct, frozen=True):
    """An answer as it goes out, as an ASGI application or where there is no request yet, only a connection.

    What is bytes already needs none of the framework's rendering, which takes its headers apart and together
    again.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


def packed(problem: Problem, path: str) -> Packed:
    """Pack a problem with the headers that it needs."""
    body = written(problem, path)
    headers = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(body))} | problem.headers
    lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return Packed(problem.kind.status, lines, body)


def respond(request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    """Answer with a problem."""
    return Response(
        written(problem, request.scope["path"]),
        status_code=problem.kind.status,
        media_type=MEDIA_TYPE,
        headers=problem.headers,
    )


def on_problem(request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    """Answer a refusal by the edge."""
    return respond(request, problem)


def on_refusal(request: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    """Answer a refusal of the deal."""
    return respond(request, problem_of(refusal))


def problem_of(refusal: Refusal) -> Problem:
    """Turn a refusal of the deal into a problem, naming the test that gives zero where one does."""
    test = refusal.test if isinstance(refusal, CannotFinance) else None
    return Problem(kind_of(refusal), refusal.detail, refusal.errors, test=test)


def kind_of(refusal: Refusal) -> Kind:
    """Find the kind of problem a refusal is."""
    return next((BY_REFUSAL[cls] for cls in type(refusal).__mro__ if cls in BY_REFUSAL), INVALID)


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer what the framework refuses: an unknown path, a wrong method."""
    phrase = HTTPStatus(error.status_code).phrase
    kind = BY_STATUS.get(error.status_code) or Kind(f"http-{error.status_code}", error.status_code, phrase)
    headers = dict(error.headers or {})
    return respond(
        request, Problem(kind, f"{request.method} {request.scope['path']}: {phrase}", headers=headers)
    )


def on_crash(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer a fault of ours."""
    return respond(request, crash(error, f"{request.method} {request.scope['path']}"))


def crash(error: Exception, asked: str) -> Problem:
    """Log where a fault of ours happened, but no message, which could quote the deal."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s in %s\n%s", type(error).__name__, asked, where)
    return Problem(INTERNAL, "The fault is in the service and was logged; nothing was kept.")


HANDLERS: ExceptionHandlersMap = {
    Problem: on_problem,
    Refusal: on_refusal,
    HTTPException: on_http,
    Exception: on_crash,
}
