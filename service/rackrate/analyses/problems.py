"""Problem details (RFC 9457): every refusal with its status, and a JSON pointer to each bad field."""

from typing import Annotated

import msgspec
from msgspec import Meta

from rackrate.deal.errors import CannotFinance, FieldError, Invalid, Malformed, Refusal, Unsupported
from rackrate.deal.measures import unit

TYPES = "urn:rackrate:problem:"


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
    """A refusal that is not about the deal: of HTTP, of access, or of cost."""

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
    """Encode a problem as JSON."""
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


def problem_of(refusal: Refusal) -> Problem:
    """The problem of a refusal, naming the test that allows no debt where one does."""
    test = refusal.test if isinstance(refusal, CannotFinance) else None
    return Problem(kind_of(refusal), refusal.detail, refusal.errors, test=test)


def kind_of(refusal: Refusal) -> Kind:
    """The kind of problem that a refusal is."""
    return next((BY_REFUSAL[cls] for cls in type(refusal).__mro__ if cls in BY_REFUSAL), INVALID)
