"""Bodies: read whole, within a size and a time, in a language that is understood."""

import asyncio
from typing import Any, cast

import msgspec
from litestar import Request
from litestar.types import HTTPReceiveMessage

from rackrate.api.negotiation import JSON, MSGPACK, spoken
from rackrate.api.problems import MALFORMED, MEDIA, TOO_LARGE, TOO_SLOW, Problem
from rackrate.deal.decoding import Media

PATIENCE_S = 10.0
CLOSE = {
    "Connection": "close"
}  # with the rest of the body unread, nothing else can be said on the connection


class Body(msgspec.Struct, frozen=True):
    """A request body: its bytes and how to read them."""

    content: bytes
    media: Media


async def read_body(request: Request[Any, Any, Any], patience_s: float = PATIENCE_S) -> Body:
    """Read a body; refuse it as soon as it is known to be too long, too slow or not understood."""
    limit = request.route_handler.resolve_request_max_body_size() or 0
    media = spoken(request.headers.get("content-type", ""), request.headers.get("content-encoding", ""))
    if media is None:
        raise Problem(MEDIA, f"Send {JSON} or {MSGPACK}, in UTF-8 and not compressed.")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise Problem(TOO_LARGE, f"At most {limit} bytes are read.", headers=CLOSE)
    try:
        async with asyncio.timeout(patience_s):
            return Body(await _whole(request, limit), media)
    except TimeoutError:
        raise Problem(
            TOO_SLOW, f"The body must arrive within {patience_s:g} seconds.", headers=CLOSE
        ) from None


async def _whole(request: Request[Any, Any, Any], limit: int) -> bytes:
    content = bytearray()
    while True:
        message = cast("HTTPReceiveMessage", await request.receive())
        if message["type"] == "http.disconnect":
            raise Problem(MALFORMED, "The connection closed before the body had arrived.")
        content += message["body"]
        if len(content) > limit:
            raise Problem(TOO_LARGE, f"At most {limit} bytes are read.", headers=CLOSE)
        if not message.get("more_body", False):
            return bytes(content)
