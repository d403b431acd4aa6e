"""Send a document of an answer, with its media type, ETag and file name."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request

from rackrate.analyses.problems import NOT_ACCEPTABLE, Problem
from rackrate.analyses.projection import View
from rackrate.api.compute.dispatcher import Answer
from rackrate.api.compute.document_maker import titled
from rackrate.api.negotiation import choose
from rackrate.api.responses.compression import LARGE, compress, takes_gzip
from rackrate.api.responses.etags import etag, matches
from rackrate.api.responses.raw import RawResponse, lined
from rackrate.api.responses.representation import VARY
from rackrate.deal.codec.media_types import JSON
from rackrate.documents.document import Document, file_name

PACKED = ("text/", JSON)  # what gzip makes smaller: other forms are compressed already


def document_media(request: Request[Any, Any, Any], document: Document) -> str:
    """Choose the media type of a document.

    Raises
    ------
    Problem
        406 where the client accepts none of them, naming what would have to be installed for it.
    """
    accept, offers = request.headers.get("accept", ""), document.offers()
    media = choose(accept, offers) if offers else None
    if media is not None:
        return media
    told = f"Accept one of {', '.join(offers)}." if offers else "None of its forms can be written here."
    lacks = {
        f"{form.media} needs {form.writer}: install rackrate[{form.extra}]."
        for form in document.forms
        if not form.is_there()
    }
    raise Problem(NOT_ACCEPTABLE, " ".join([told, *sorted(lacks)]))


async def respond_document(
    request: Request[Any, Any, Any],
    document: Document,
    answer: Answer,
    view: View,
    make: Callable[[], Awaitable[bytes]],
) -> RawResponse:
    """Send a document, or only its headers where the client has these bytes."""
    form = document.form(view.media)
    takes = view.media.startswith(PACKED) and takes_gzip(request.headers.get("accept-encoding", ""))
    parts = (document.name, view.detail, view.media, form.edition, "gzip" if takes else "")
    tag = etag(answer.id, *parts)
    headers = {"etag": tag, "x-cache": "hit" if answer.hit else "miss", "vary": VARY}
    if matches(request.headers.get("if-none-match", ""), tag):
        return RawResponse(304, lined(headers), b"")
    content = await make()
    name = file_name(titled(answer).name, document.name, form.suffix, answer.id)
    headers |= {"content-type": view.media, "content-disposition": f'attachment; filename="{name}"'}
    if takes and len(content) >= LARGE:
        headers["content-encoding"] = "gzip"
        content = await compress(content)
    return RawResponse(200, lined(headers | {"content-length": str(len(content))}), content)
