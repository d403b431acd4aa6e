"""Problem details (RFC 9457): exceptions answered as `application/problem+json`."""

from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from rackrate.analyses.problems import (
    MALFORMED,
    METHOD,
    NOT_FOUND,
    TOO_LARGE,
    Kind,
    Problem,
    problem_of,
    written,
)
from rackrate.api.telemetry.metrics import refused
from rackrate.deal.errors import Refusal
from rackrate.faults import internal_error

MEDIA_TYPE = "application/problem+json"


BY_STATUS = {kind.status: kind for kind in (MALFORMED, NOT_FOUND, METHOD, TOO_LARGE)}


def respond(request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    """Answer with a problem, and count it."""
    refused(problem.kind.name).inc()
    return Response(
        written(problem, request.scope["path"]),
        status_code=problem.kind.status,
        media_type=MEDIA_TYPE,
        headers=problem.headers,
    )


def on_problem(request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    """Answer a problem that the API raised."""
    return respond(request, problem)


def on_refusal(request: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    """Answer a refusal of the deal."""
    return respond(request, problem_of(refusal))


def on_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer what the framework refuses: an unknown path, a wrong method."""
    phrase = HTTPStatus(error.status_code).phrase
    kind = BY_STATUS.get(error.status_code) or Kind(f"http-{error.status_code}", error.status_code, phrase)
    headers = dict(error.headers or {})
    return respond(
        request, Problem(kind, f"{request.method} {request.scope['path']}: {phrase}", headers=headers)
    )


def on_crash(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer an exception that is no refusal: 500, and a line in the log."""
    return respond(request, internal_error(error, f"{request.method} {request.scope['path']}"))


HANDLERS: ExceptionHandlersMap = {
    Problem: on_problem,
    Refusal: on_refusal,
    HTTPException: on_http,
    Exception: on_crash,
}
