"""Read a body that is a file as filed: what it is by its media type, how to read it by the query."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request

from rackrate.analyses.problems import MEDIA, Problem
from rackrate.api.limits.body_reader import BodyReader
from rackrate.api.negotiation import plain
from rackrate.api.requests.body import check_announced
from rackrate.deal.codec.decode import Body
from rackrate.deal.codec.media_types import CSV, XLSX, XML_NAMES
from rackrate.deal.requests.tape import FileKind

FILE_KINDS: dict[str, FileKind] = {**dict.fromkeys(XML_NAMES, "xml"), CSV: "csv", XLSX: "xlsx"}


def media_names(kinds: tuple[FileKind, ...]) -> list[str]:
    """Media types of kinds of files."""
    return [name for name, kind in FILE_KINDS.items() if kind in kinds]


async def read_file(
    request: Request[Any, Any, Any], reader: BodyReader, kinds: tuple[FileKind, ...], asked: Mapping[str, Any]
) -> Body:
    """Read a file of one of `kinds`, and make of it the request to read it as it is `asked` to be.

    Raises
    ------
    Problem
        415 for another media type, else as `BodyReader.read` does.
    """
    name = plain(request.headers.get("content-type", ""), request.headers.get("content-encoding", ""))
    kind = FILE_KINDS.get(name or "")
    if kind not in kinds:
        known = " or ".join(media_names(kinds))
        raise Problem(MEDIA, f"Send {known}, in UTF-8 where it is text, and not compressed.")
    limit = request.route_handler.resolve_request_max_body_size() or 0
    check_announced(request, limit)
    content = await reader.read(limit)
    return Body(msgspec.msgpack.encode({"file": kind, "content": content, **asked}), "msgpack")
