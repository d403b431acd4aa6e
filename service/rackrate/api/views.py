"""Views: what a client sees of an answer that is kept as whole JSON, each a function of those bytes alone."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
from litestar import Request

from rackrate.api.coding import LARGE, compress, takes_gzip
from rackrate.api.desk import Answer
from rackrate.api.keys import etag, matches
from rackrate.api.negotiation import JSON, OFFERS, choose
from rackrate.api.problems import NOT_ACCEPTABLE, Packed, Problem
from rackrate.api.repeats import Kept
from rackrate.deal.errors import FieldError, Invalid

DETAILS = ("deal", "facility")
MINIMAL = "return=minimal"
VARY = "Accept, Accept-Encoding, Authorization"


class View(msgspec.Struct, frozen=True):
    """Which parts of an answer, how deep, in which media type; no part named means all of them."""

    fields: tuple[str, ...] = ()
    detail: str = "deal"
    media: str = JSON


def media_of(request: Request[Any, Any, Any], offers: Sequence[str] = OFFERS) -> str:
    """Choose the media type to answer in.

    Raises
    ------
    Problem
        406 where the client accepts none of them.
    """
    media = choose(request.headers.get("accept", ""), offers)
    if media is None:
        raise Problem(NOT_ACCEPTABLE, f"Accept one of {', '.join(offers)}.")
    return media


def view_of(
    request: Request[Any, Any, Any], answers: type[msgspec.Struct], *options: str, media: str = ""
) -> View:
    """Read which view of `answers` a request asks for, of the query parameters in `options`.

    In `media`, where that is not for the client to choose.

    Raises
    ------
    Problem
        406 where the client accepts no media type that is spoken here.
    Invalid
        The query names a parameter, a part or a detail that there is not.
    """
    media = media or media_of(request)
    query = {name: ",".join(request.query_params.getall(name)) for name in request.query_params}
    parts = _parts(answers)
    fields = [name for name in query.get("fields", "").split(",") if name]
    detail = query.get("detail", DETAILS[0])
    wrong = [f"no query parameter {name!r}: known are {options}" for name in query if name not in options]
    wrong += [
        f"fields: no part {name!r}: the parts are {', '.join(parts)}" for name in fields if name not in parts
    ]
    if detail not in DETAILS:
        wrong.append(f"detail: {' or '.join(DETAILS)}, not {detail!r}")
    if wrong:
        raise Invalid(f"The query: {wrong[0]}", [FieldError("", message) for message in wrong])
    return View(tuple(sorted(set(fields))), detail, media)


@cache
def _parts(answers: type[msgspec.Struct]) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(answers)]


def show(whole: bytes, view: View) -> bytes:
    """Cut and translate a whole answer for a view.

    >>> show(b'{"id":"a","summary":{"ltv":0.5},"power":[]}', View(fields=("power", "id")))
    b'{"id":"a","power":[]}'
    """
    if not view.fields and view.media == JSON:
        return whole
    parts = msgspec.json.decode(whole, type=dict[str, msgspec.Raw])
    chosen = msgspec.json.encode(
        {name: part for name, part in parts.items() if name in (view.fields or parts)}
    )
    return chosen if view.media == JSON else msgspec.msgpack.encode(msgspec.json.decode(chosen))


async def respond(request: Request[Any, Any, Any], answer: Answer, view: View, location: str = "") -> Packed:
    """Send an answer, or only its headers where the client has these bytes or prefers none.

    What came out of the cache is marked, so that it can be sent again ahead of routing.
    """
    if answer.hit:
        kept = Kept(answer.verb, answer.id, request.user.name, request.route_handler.opt["scope"])
        request.scope["state"]["kept"] = kept
    content = show(answer.whole, view)
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


def _pack(status: int, headers: dict[str, str], content: bytes = b"") -> Packed:
    return Packed(status, [(name.encode(), value.encode()) for name, value in headers.items()], content)


def _prefers_none(request: Request[Any, Any, Any]) -> bool:
    """Whether the client would rather have headers alone (RFC 7240)."""
    return MINIMAL in request.headers.get("prefer", "").lower().replace(" ", "").split(",")
