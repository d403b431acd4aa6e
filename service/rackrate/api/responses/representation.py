"""Representations of an answer: its parts, media type and coding, a function of its whole JSON alone."""

# Design: a large answer is cut and translated in a thread, piece by piece: the codec holds the interpreter's
# lock for as long as one call takes, and the event loop with it.

from functools import partial
from typing import Any

from litestar import Request

from rackrate.analyses.projection import PIECE, View, show
from rackrate.api.cache.cache_mark import CacheMark
from rackrate.api.compute.dispatcher import Answer
from rackrate.api.request_state import CACHE_MARK
from rackrate.api.responses.compression import LARGE, compress, in_thread, takes_gzip
from rackrate.api.responses.etags import etag, matches
from rackrate.api.responses.raw import RawResponse, lined
from rackrate.deal.codec.media_types import JSON

MINIMAL = "return=minimal"
VARY = "Accept, Accept-Encoding, Authorization"


async def shown(whole: bytes, view: View) -> bytes:
    """Encode a representation of a whole answer, in a thread where that takes long."""
    if len(whole) <= PIECE or (not view.fields and view.media == JSON):
        return show(whole, view)
    return await in_thread(partial(show, whole, view))


async def respond(
    request: Request[Any, Any, Any], answer: Answer, view: View, location: str = ""
) -> RawResponse:
    """Send an answer, or only its headers where the client has these bytes or prefers none.

    What came out of the cache is marked, so that it can be sent again ahead of routing.
    """
    if answer.hit:
        mark = CacheMark(answer.analysis, answer.id, request.user.name, request.route_handler.opt["scope"])
        CACHE_MARK.set(request.scope, mark)
    content = await shown(answer.whole, view)
    packs = len(content) >= LARGE and takes_gzip(request.headers.get("accept-encoding", ""))
    tag = etag(answer.id, view.detail, view.media, *view.fields, *(["gzip"] if packs else []))
    headers = {"etag": tag, "x-cache": "hit" if answer.hit else "miss", "vary": VARY}
    headers |= {"location": location} if location else {}
    if request.method != "POST" and matches(request.headers.get("if-none-match", ""), tag):
        return _pack(304, headers)
    if request.method == "POST" and _prefers_none(request):
        return _pack(204, headers | {"preference-applied": MINIMAL})
    if packs:
        headers["content-encoding"] = "gzip"
        content = await compress(content)
    return _pack(200, headers | {"content-type": view.media, "content-length": str(len(content))}, content)


def _pack(status: int, headers: dict[str, str], content: bytes = b"") -> RawResponse:
    return RawResponse(status, lined(headers), content)


def _prefers_none(request: Request[Any, Any, Any]) -> bool:
    """Whether the client would rather have headers alone (RFC 7240)."""
    return MINIMAL in request.headers.get("prefer", "").lower().replace(" ", "").split(",")
