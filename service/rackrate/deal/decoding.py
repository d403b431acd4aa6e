"""Bodies into requests: decoded once if they are good, explained field by field if they are not."""

# Design: the good path is one strict decode into frozen Structs; everything that only serves the message of a
# refusal runs after that decode has failed. Never decode laxly: that turns the text "nan" into a number.

import json
import re
import sys
from collections.abc import Iterator
from functools import cache, singledispatch
from itertools import islice
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct, inspect

from rackrate.deal import rulesets
from rackrate.deal.errors import FieldError, Invalid, Malformed
from rackrate.deal.faults import faults
from rackrate.deal.own_cash_flow import SizingRequest, WaterfallRequest, check_sizing, check_waterfall
from rackrate.deal.packing import check_packed
from rackrate.deal.underwriting import Deal, check, contradictions
from rackrate.deal.wire import check_keys, check_text, malformed, place, pointer_token

Media = Literal["json", "msgpack"]
Request = TypeVar("Request", bound=Struct)

MAX_REPORTED = 1000  # bad fields named in one refusal
_NEGATIVE_ZERO = re.compile(rb'"(?:[^"\\]|\\.)*"|-0\.0(?![0-9])')
_AT_BYTE = re.compile(r"\(byte (\d+)\)")


@cache
def _json_decoder(kind: type[Request]) -> msgspec.json.Decoder[Request]:
    return msgspec.json.Decoder(kind)


@cache
def _msgpack_decoder(kind: type[Request]) -> msgspec.msgpack.Decoder[Request]:
    return msgspec.msgpack.Decoder(kind)


def decode(body: bytes, kind: type[Request], media: Media = "json") -> Request:
    """Return the request in a body, every default filled in, negative zeros made positive.

    Parameters
    ----------
    body : bytes
        A JSON text in UTF-8, or a MessagePack document.
    kind : type
        The request's Struct: Deal, SizingRequest, WaterfallRequest.
    media : {"json", "msgpack"}
        How the body is written.

    Raises
    ------
    Malformed
        If it is no document of that media, has a key twice, or is nested too deep.
    Invalid
        If it breaks the schema or contradicts itself, naming every bad field.
    """
    read = _from_json if media == "json" else _from_msgpack
    request = _without_negative_zero(read(body, kind))
    if isinstance(request, Deal) and request.ruleset is None:
        request = msgspec.structs.replace(request, ruleset=rulesets.newest().name)
    errors = contradictions_of(request)
    if errors:
        raise Invalid.of(errors[:MAX_REPORTED])
    return request


def canonical(request: Struct) -> bytes:
    """Return the one JSON text of a request: fields in order, defaults written out, no negative zero.

    >>> canonical(FieldError("/a", "b"))
    b'{"pointer":"/a","message":"b"}'
    """
    encoded = msgspec.json.encode(request, order="deterministic")
    if b"-0.0" not in encoded:
        return encoded
    return _NEGATIVE_ZERO.sub(lambda found: b"0.0" if found[0] == b"-0.0" else found[0], encoded)


def _without_negative_zero(request: Request) -> Request:
    """Return a request whose zeros are all positive, so that equal requests give equal bits."""
    if b"-0.0" not in msgspec.json.encode(request):
        return request
    positive: Request = _json_decoder(type(request)).decode(canonical(request))
    return positive


def _from_json(body: bytes, kind: type[Request]) -> Request:
    check_text(body)
    try:
        request: Request = _json_decoder(kind).decode(body)
    except msgspec.DecodeError as fault:
        raise _explained(_plain_json(body), kind, fault) from None
    check_keys(body)
    return request


def _from_msgpack(body: bytes, kind: type[Request]) -> Request:
    check_packed(body)
    try:
        request: Request = _msgpack_decoder(kind).decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise _explained(_plain_msgpack(body), kind, fault) from None
    return request


def _plain_json(body: bytes) -> object:
    """Return the document without types, or refuse what is no document."""
    try:
        plain = msgspec.json.decode(body)
    except msgspec.ValidationError:  # the only fault a document without types can have: a number too large
        plain = _generous_json(body)
    except msgspec.DecodeError as fault:
        found = _AT_BYTE.search(str(fault))
        reason = _AT_BYTE.sub("", str(fault)).strip()
        raise malformed(f"{reason} at {place(body, int(found[1]) if found else len(body))}") from None
    beyond = list(islice(_beyond_double(plain, ""), MAX_REPORTED))
    if beyond:
        raise Malformed("a number is beyond the range of double precision", beyond)
    check_keys(body)
    return plain


def _generous_json(body: bytes) -> object:
    """Return the document with infinities for numbers too large."""
    try:
        return json.loads(body, parse_int=float)
    except json.JSONDecodeError as fault:
        raise malformed(f"JSON is malformed: {fault}") from None


def _beyond_double(value: object, at: str) -> Iterator[FieldError]:
    """Yield every number that no double can hold."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _beyond_double(item, f"{at}/{pointer_token(key)}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _beyond_double(item, f"{at}/{i}")
    elif isinstance(value, int | float) and abs(value) > sys.float_info.max:
        yield FieldError(at, "beyond the range of double precision")


def _plain_msgpack(body: bytes) -> object:
    try:
        return msgspec.msgpack.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError) as fault:  # TypeError: a list as a key
        raise malformed(str(fault)) from None


def _explained(plain: object, kind: type[Struct], fault: Exception) -> Invalid:
    found = list(islice(faults(plain, inspect.type_info(kind)), MAX_REPORTED))
    return Invalid.of(found or [FieldError("", str(fault))])


@singledispatch
def contradictions_of(request: Struct) -> list[FieldError]:
    """Return everything in a request that contradicts itself; nothing for a kind that cannot."""
    return []


@contradictions_of.register
def _(request: Deal) -> list[FieldError]:
    try:
        return check(request, rulesets.load(request.ruleset or ""))
    except Invalid as unknown:
        return [*unknown.errors, *contradictions(request)]


contradictions_of.register(SizingRequest, check_sizing)
contradictions_of.register(WaterfallRequest, check_waterfall)
