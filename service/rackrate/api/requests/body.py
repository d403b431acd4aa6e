"""Bodies: read whole, within a size and a time, in a language that is understood."""

# Design: what is held counts, not what is announced, or clients that announce much and send nothing would
# keep others out. It counts until the request is answered, because so long the bytes are there.

import asyncio
from typing import Any, cast

from litestar import Request
from litestar.types import HTTPReceiveMessage

from rackrate.analyses.problems import MALFORMED, MEDIA, TOO_LARGE, TOO_SLOW, Problem
from rackrate.api.limits.body_budget import CLOSE, MIB, Take
from rackrate.api.negotiation import spoken
from rackrate.deal.codec.decode import Body
from rackrate.deal.codec.media_types import JSON, MSGPACK

PATIENCE_S = 10.0


async def read_body(request: Request[Any, Any, Any], take: Take, patience_s: float = PATIENCE_S) -> Body:
    """Read a document; refuse it as soon as it is known to be too long, too slow or not understood."""
    limit = request.route_handler.resolve_request_max_body_size() or 0
    media = spoken(request.headers.get("content-type", ""), request.headers.get("content-encoding", ""))
    if media is None:
        raise Problem(MEDIA, f"Send {JSON} or {MSGPACK}, in UTF-8 and not compressed.")
    return Body(await read_whole(request, limit, take, patience_s), media)


async def read_whole(
    request: Request[Any, Any, Any],
    limit: int,
    take: Take,
    patience_s: float = PATIENCE_S,
    mib_s: float = 0.0,
) -> bytes:
    """Read the bytes of a body within `patience_s`, and `mib_s` more for each MiB of it that has come.

    Raises
    ------
    Problem
        413 as soon as it is known to be longer than `limit`, 408 where it is late, 503 where `take` refuses.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise Problem(TOO_LARGE, f"At most {limit} bytes are read.", headers=CLOSE)
    start = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(patience_s) as clock:

            def arrive(size: int) -> None:
                if mib_s:
                    clock.reschedule(start + patience_s + mib_s * size / MIB)

            return await _whole(request, limit, take, arrive)
    except TimeoutError:
        more = f" and {mib_s:g} for each MiB" if mib_s else ""
        raise Problem(
            TOO_SLOW, f"The body must arrive within {patience_s:g} seconds{more}.", headers=CLOSE
        ) from None


async def _whole(request: Request[Any, Any, Any], limit: int, take: Take, arrive: Take) -> bytes:
    content = bytearray()
    while True:
        message = cast("HTTPReceiveMessage", await request.receive())
        if message["type"] == "http.disconnect":
            raise Problem(MALFORMED, "The connection closed before the body had arrived.")
        part = message["body"]
        take(len(part))
        arrive(len(content) + len(part))
        if len(content) + len(part) > limit:
            raise Problem(TOO_LARGE, f"At most {limit} bytes are read.", headers=CLOSE)
        if not message.get("more_body", False):
            return bytes(content + part) if content else part
        content += part
