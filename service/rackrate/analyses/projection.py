"""Projection of an answer: some of its parts, as JSON or MessagePack, cut from its whole JSON."""

import msgspec

from rackrate.deal.codec.media_types import JSON

PIECE = 256 * 1024  # bytes that are translated in one call: a millisecond or two


class View(msgspec.Struct, frozen=True):
    """Parts, detail and media type of a representation; no part named means all."""

    fields: tuple[str, ...] = ()
    detail: str = "deal"
    media: str = JSON


def show(whole: bytes, view: View) -> bytes:
    """Cut a whole answer to the parts of a view and encode it in its media type.

    >>> show(b'{"id":"a","summary":{"ltv":0.5},"power":[]}', View(fields=("power", "id")))
    b'{"id":"a","power":[]}'
    """
    if not view.fields and view.media == JSON:
        return whole
    parts = msgspec.json.decode(whole, type=dict[str, msgspec.Raw])
    chosen = msgspec.json.encode(
        {name: part for name, part in parts.items() if name in (view.fields or parts)}
    )
    return chosen if view.media == JSON else translated(chosen)


def translated(text: bytes) -> bytes:
    """Re-encode compact JSON as MessagePack.

    >>> translated(b'{"ltv":[0.5]}')
    b'\\x81\\xa3ltv\\x91\\xcb?\\xe0\\x00\\x00\\x00\\x00\\x00\\x00'
    """
    if len(text) <= PIECE or text[:1] not in (b"{", b"["):
        return msgspec.msgpack.encode(msgspec.json.decode(text))
    if text.startswith(b"{"):
        parts = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        return msgspec.msgpack.encode(
            {name: msgspec.Raw(translated(bytes(part))) for name, part in parts.items()}
        )
    items = msgspec.json.decode(text, type=list[msgspec.Raw])
    return msgspec.msgpack.encode([msgspec.Raw(translated(bytes(item))) for item in items])
