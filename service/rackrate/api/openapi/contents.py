"""Bodies of an operation: a document in JSON and MessagePack, lines, files."""

from typing import Any

import msgspec

from rackrate.api.openapi.schemas import part_of
from rackrate.deal.codec.media_types import JSON, MSGPACK, NDJSON, NDJSON_NAMES, XLSX


def text_or_bytes(media: str) -> dict[str, Any]:
    """Describe a file: text, or bytes that OpenAPI's tools pass through."""
    return {"type": "string", "format": "binary"} if media == XLSX else {"type": "string"}


def any_of(*structs: type[msgspec.Struct]) -> dict[str, Any]:
    """Refer to one schema, or to any of several."""
    parts = [part_of(struct.__name__) for struct in structs]
    return parts[0] if len(parts) == 1 else {"anyOf": parts}


def content_of(schema: dict[str, Any], names: list[str], side: str) -> dict[str, Any]:
    """Describe a body in each supported media type; examples are in JSON only.

    Who sends MessagePack hands over bytes; what is read of either is the same document.
    """
    examples = {name: {"$ref": f"#/components/examples/{name}-{side}"} for name in names}
    return {
        JSON: {"schema": schema} | ({"examples": examples} if examples else {}),
        MSGPACK: {"schema": bytes_of(MSGPACK, "The same document.", schema) if side == "request" else schema},
    }


def bytes_of(media: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Describe what is bytes to OpenAPI and its tools, and a document to who reads `contentSchema`."""
    return {
        "type": "string",
        "format": "binary",
        "description": description,
        "contentMediaType": media,
        "contentSchema": schema,
    }


def lines_of(structs: list[type[msgspec.Struct]], names: list[str], side: str) -> dict[str, Any]:
    """Describe a body of lines, each a JSON document; OpenAPI 3.1 has no words of its own for that."""
    line = [part_of(struct.__name__) for struct in structs]
    items = {"type": "array", "items": {"anyOf": line}}
    schema = bytes_of(NDJSON, "One JSON document a line; the items are the lines.", items)
    examples = {name: {"$ref": f"#/components/examples/{name}-{side}"} for name in names}
    return {media: {"schema": schema, "examples": examples} for media in NDJSON_NAMES[:2]}
