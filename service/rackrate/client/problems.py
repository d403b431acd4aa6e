"""Exceptions of the client: problem details (RFC 9457) of a response, and failures of the transport."""

import httpx2
import msgspec

from rackrate.analyses.problems import BY_NAME, BY_REFUSAL, TYPES, Kind, Problem, ProblemDetails
from rackrate.deal.errors import CannotFinance, Refusal

_REFUSALS = {kind.name: refusal for refusal, kind in BY_REFUSAL.items()}


class UnreachableError(ConnectionError):
    """The service could not be reached, or closed the connection before it answered, at every attempt."""


class BrokenAnswerError(Exception):
    """The response cannot be decoded as an answer of this version."""


def error_of(response: httpx2.Response) -> Refusal | Problem:
    """Return the exception of a response that is not 200; its body has been read."""
    try:
        details = msgspec.json.decode(response.content, type=ProblemDetails)
    except (msgspec.DecodeError, UnicodeDecodeError):  # of a proxy on the way, not of the service
        kind = Kind("unknown", response.status_code, response.reason_phrase or "No problem details")
        detail = f"{response.request.url} answered {response.status_code} without problem details"
        return Problem(kind, detail, headers=dict(response.headers))
    return exception_of(details, dict(response.headers))


def exception_of(details: ProblemDetails, headers: dict[str, str] | None = None) -> Refusal | Problem:
    """Return the exception of problem details: a refusal of the deal, or a problem of the request.

    >>> details = ProblemDetails(
    ...     type=TYPES + "busy", title="Busy", status=503, detail="wait", instance="/", errors=[]
    ... )
    >>> exception_of(details).kind.name
    'busy'
    """
    name = details.type.removeprefix(TYPES)
    refusal = _REFUSALS.get(name)
    if refusal is CannotFinance:
        return CannotFinance(details.test or "", details.detail, details.errors)
    if refusal is not None:
        return refusal(details.detail, details.errors)
    kind = BY_NAME.get(name) or Kind(name, details.status, details.title)
    return Problem(kind, details.detail, details.errors, headers, details.test)
