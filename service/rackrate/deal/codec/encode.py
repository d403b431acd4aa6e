"""Encode requests of a Python program: Structs, what JSON has, JSON itself, or the path of a file of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from rackrate.deal.codec.decode import Media
from rackrate.deal.codec.json_text import check_text, plain_json
from rackrate.deal.errors import Malformed
from rackrate.deal.requests.pool import Pool
from rackrate.deal.requests.underwriting import Deal

Document = Mapping[str, Any] | bytes | str | Path
"""A request as it is given: what JSON has, JSON itself (bytes or text), or the path of a file of it."""


def encode(request: msgspec.Struct | Document) -> tuple[bytes, Media]:
    """Give the bytes of a request and how they are written: JSON as it is, all else as MessagePack.

    MessagePack keeps NaN, which JSON would turn into null: it is for the reader to refuse.

    Raises
    ------
    OSError
        If a file cannot be read.
    TypeError
        If a part of the request is of a type that a document cannot have.

    >>> encode({"name": "a"}), encode('{"name": "a"}')
    ((b'\\x81\\xa4name\\xa1a', 'msgpack'), (b'{"name": "a"}', 'json'))
    """
    if isinstance(request, Path):
        return request.read_bytes(), "json"
    if isinstance(request, bytes):
        return request, "json"
    if isinstance(request, str):
        return request.encode(), "json"
    return msgspec.msgpack.encode(request, enc_hook=_of_arrays), "msgpack"


def about(
    request: msgspec.Struct | Document, asked: Mapping[str, Any], part: str = "deal"
) -> msgspec.Struct | Document:
    """Give the request that asks something of a deal: the deal under `deal`, what is asked beside it.

    A pool stands under `pool`, the `part` that is named then. What has that part is the request already, and
    what is asked is added.

    Raises
    ------
    Malformed
        If it is text that is no JSON.

    >>> about('{"name": "a"}', {"tenants_out": True})
    {'deal': {'name': 'a'}, 'tenants_out': True}
    """
    plain = _plain(request)
    if isinstance(plain, Deal | Pool) or (isinstance(plain, Mapping) and part not in plain):
        return {part: plain, **asked}
    if not asked:
        return request
    fields = msgspec.structs.asdict(plain) if isinstance(plain, msgspec.Struct) else plain
    if not isinstance(fields, Mapping):
        raise Malformed("the request is no object")
    return {**fields, **asked}


def _plain(document: msgspec.Struct | Document) -> object:
    """A document as it stands within another: JSON as what it means."""
    if isinstance(document, msgspec.Struct | Mapping):
        return document
    body, _ = encode(document)
    check_text(body)
    return plain_json(body)


def _of_arrays(value: Any) -> object:
    """Numbers, dates and arrays of NumPy as numbers, dates and lists, whose method tells them."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} cannot be part of a request")
