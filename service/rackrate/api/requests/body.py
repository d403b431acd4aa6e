"""Read the body of a request, in a media type that is understood."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from litestar import Request

from rackrate.analyses.problems import MEDIA, Problem
from rackrate.api.limits.body_budget import BodyBudget
from rackrate.api.limits.body_reader import PATIENCE_S, BodyReader, too_large
from rackrate.api.negotiation import body_media
from rackrate.api.request_state import BODY
from rackrate.deal.codec.decode import Body
from rackrate.deal.codec.media_types import JSON, MSGPACK


@contextmanager
def reader_of(request: Request[Any, Any, Any], budget: BodyBudget) -> Iterator[BodyReader]:
    """Yield the reader of a body: the one begun ahead of routing, else one that counts against `budget`."""
    begun = BODY.get(request.scope)
    if begun is not None:
        yield begun
        return
    with budget.hold() as take:
        yield BodyReader(request.receive, take)


async def read_document(
    request: Request[Any, Any, Any], reader: BodyReader, patience_s: float = PATIENCE_S
) -> Body:
    """Read one document; refuse it as soon as it is known to be too long, too slow or not understood.

    Raises
    ------
    Problem
        415 for a media type that is not read here, else as `BodyReader.read` does.
    """
    media = body_media(request.headers.get("content-type", ""), request.headers.get("content-encoding", ""))
    if media is None:
        raise Problem(MEDIA, f"Send {JSON} or {MSGPACK}, in UTF-8 and not compressed.")
    limit = request.route_handler.resolve_request_max_body_size() or 0
    check_announced(request, limit)
    return Body(await reader.read(limit, patience_s), media)


def check_announced(request: Request[Any, Any, Any], limit: int) -> None:
    """Raise a 413 where the body is announced to be longer than `limit` bytes."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise too_large(limit)
