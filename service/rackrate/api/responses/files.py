"""Send an answer that is a file, with its media type, ETag and file name."""

from typing import Any

import msgspec
from litestar import Request

from rackrate.api.compute.dispatcher import Answer
from rackrate.api.responses.compression import LARGE, compress, takes_gzip
from rackrate.api.responses.etags import etag, matches
from rackrate.api.responses.raw import RawResponse, lined
from rackrate.api.responses.representation import VARY
from rackrate.deal.answers.tape import TapeFile


async def respond_file(request: Request[Any, Any, Any], answer: Answer, media: str, name: str) -> RawResponse:
    """Send the file of an answer, or only its headers where the client has these bytes."""
    content = msgspec.json.decode(answer.whole, type=TapeFile).content.encode()
    packs = len(content) >= LARGE and takes_gzip(request.headers.get("accept-encoding", ""))
    tag = etag(answer.id, media, *(["gzip"] if packs else []))
    headers = {"etag": tag, "x-cache": "hit" if answer.hit else "miss", "vary": VARY}
    if matches(request.headers.get("if-none-match", ""), tag):
        return RawResponse(304, lined(headers), b"")
    suffix = "csv" if media.endswith("csv") else "xml"
    headers |= {"content-type": media, "content-disposition": f'attachment; filename="{name}.{suffix}"'}
    if packs:
        headers["content-encoding"] = "gzip"
        content = await compress(content)
    return RawResponse(200, lined(headers | {"content-length": str(len(content))}), content)
