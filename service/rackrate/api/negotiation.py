"""Content negotiation: read Content-Type and Accept by RFC 9110 sections 8.3 and 12.5."""

from collections.abc import Sequence

from rackrate.deal.codec.decode import Media
from rackrate.deal.codec.media_types import JSON, MSGPACK_NAMES

OFFERS = (JSON, *MSGPACK_NAMES)
RANGES = 32  # of an Accept header that are read


def choose(accept: str, offers: Sequence[str] = OFFERS) -> str | None:
    """Pick the offer a client would rather have, the first of equals, or None where it takes none of them.

    >>> choose("application/msgpack, application/json;q=0.5")
    'application/msgpack'
    >>> choose("text/html, */*;q=0.1")
    'application/json'
    >>> choose("text/csv") is None
    True
    """
    if not accept.strip():
        return offers[0]
    ranges = dict(_weighed(part) for part in accept.split(",")[:RANGES])
    best = max(offers, key=lambda offer: _quality(offer, ranges))
    return best if _quality(best, ranges) > 0 else None


def body_media(content_type: str, content_encoding: str = "") -> Media | None:
    """Return how a body is encoded, by its Content-Type; None where that is not supported.

    >>> body_media("application/json; charset=utf-8"), body_media("text/plain")
    ('json', None)
    >>> body_media("application/msgpack")
    'msgpack'
    """
    name = plain(content_type, content_encoding)
    if name in MSGPACK_NAMES:
        return "msgpack"
    return "json" if name == JSON else None


def plain(content_type: str, content_encoding: str = "") -> str | None:
    """Name the media type of a body in UTF-8 that is not compressed; None for any other.

    >>> plain("Application/X-NDJSON; charset=utf-8"), plain("application/json", "gzip")
    ('application/x-ndjson', None)
    """
    name, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [
        value.strip('"') for key, _, value in (p.partition("=") for p in parameters) if key == "charset"
    ]
    if content_encoding.strip().lower() not in ("", "identity") or any(c != "utf-8" for c in charsets):
        return None
    return name


def _weighed(part: str) -> tuple[str, float]:
    """One media range and its weight; a weight that is no number is none."""
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    try:
        return name, min(max(float(weight), 0.0), 1.0)
    except ValueError:
        return name, 0.0


def _quality(offer: str, ranges: dict[str, float]) -> float:
    """What the most specific range that covers `offer` weighs."""
    family = offer.split("/")[0]
    return next((ranges[name] for name in (offer, f"{family}/*", "*/*") if name in ranges), 0.0)
