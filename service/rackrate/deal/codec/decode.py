"""Decode request bodies: into Structs if they are valid, else into every bad field."""

# Design: the good path is one strict decode into frozen Structs. What means the same, written another way,
# is rewritten and converted as strictly, and what only serves the message of a refusal runs last, each after
# the one before has failed. Never decode laxly: that turns the text "nan" into a number.

import re
from functools import cache, singledispatch
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct, inspect

from rackrate.deal import rulesets
from rackrate.deal.codec.field_errors import faults
from rackrate.deal.codec.json_text import check_keys, check_text, malformed, plain_json, reported
from rackrate.deal.codec.msgpack_bytes import check_packed
from rackrate.deal.codec.normalising import Normaliser, normaliser
from rackrate.deal.errors import FieldError, Invalid
from rackrate.deal.pools import rulesets as pool_rulesets
from rackrate.deal.requests.book import BookRequest, BookTerms, book_faults
from rackrate.deal.requests.comparison import ComparisonRequest, comparison_faults
from rackrate.deal.requests.ground_pool import GroundPool, ground_pool_faults
from rackrate.deal.requests.pool import Pool, PoolBase, pool_faults
from rackrate.deal.requests.pool_simulation import PoolSimulationRequest, pool_simulation_faults
from rackrate.deal.requests.rent_roll import RentRollRequest, rent_roll_faults
from rackrate.deal.requests.sensitivity import SensitivityRequest, sensitivity_faults
from rackrate.deal.requests.simulation import SimulationRequest, simulation_faults
from rackrate.deal.requests.standalone_sizing import SizingRequest, check_sizing
from rackrate.deal.requests.standalone_waterfall import WaterfallRequest, check_waterfall
from rackrate.deal.requests.tape import PoolTapeRequest, TapeRequest, pool_tape_faults, tape_faults
from rackrate.deal.requests.underwriting import Deal, check, contradictions

Media = Literal["json", "msgpack"]
Request = TypeVar("Request", bound=Struct)

_NEGATIVE_ZERO = re.compile(rb'"(?:[^"\\]|\\.)*"|-0\.0(?![0-9])')


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
    return read(body, kind, media)[0]


def read(body: bytes, kind: type[Request], media: Media = "json") -> tuple[Request, bytes]:
    """Return what `decode` does and its canonical text, written once for both."""
    (check_text if media == "json" else check_packed)(body)  # before anything is built of it
    kind = _kind_of(body, kind, media)
    request = _with_ruleset(_from_json(body, kind) if media == "json" else _from_msgpack(body, kind))
    text = _written(request)
    if b"-0.0" in text:  # zeros are made positive, so that equal requests give equal bits
        request = _json_decoder(kind).decode(_positive(text))
        text = canonical(request)
    errors = contradictions_of(request)
    if errors:
        raise Invalid.of(reported(errors))
    return request, text


class _Outline(Struct):
    """What tells a pool of ground leases from one of loans, and a simulation of a pool from a deal's."""

    loans: msgspec.Raw = msgspec.Raw()
    ground_leases: msgspec.Raw = msgspec.Raw()
    deal: msgspec.Raw = msgspec.Raw()
    pool: msgspec.Raw = msgspec.Raw()


def _kind_of(body: bytes, kind: type[Request], media: Media) -> type[Request]:
    """Which request of several that are sent to one place a body is; what cannot be read is of the first."""
    if kind not in (Pool, SimulationRequest):
        return kind
    decoder = msgspec.json.decode if media == "json" else msgspec.msgpack.decode
    try:
        outline = decoder(body, type=_Outline)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return kind
    if kind is SimulationRequest:
        of_pool = not outline.deal and bool(outline.pool)
        return PoolSimulationRequest if of_pool else kind  # type: ignore[return-value]
    is_ground = not outline.loans and bool(outline.ground_leases)
    return GroundPool if is_ground else kind  # type: ignore[return-value]


def canonical(request: Struct) -> bytes:
    """Return the canonical JSON of a request: fields in order, defaults written out, no negative zero.

    >>> canonical(FieldError("/a", "b"))
    b'{"pointer":"/a","message":"b"}'
    """
    return _positive(_written(request))


def _written(request: Struct) -> bytes:
    return msgspec.json.encode(request, order="deterministic")


def _positive(text: bytes) -> bytes:
    """Return JSON without negative zeros; strings stay as they are."""
    if b"-0.0" not in text:
        return text
    return _NEGATIVE_ZERO.sub(lambda found: b"0.0" if found[0] == b"-0.0" else found[0], text)


def _with_ruleset(request: Request) -> Request:
    """Return a request that names its ruleset, the newest if it named none."""
    if isinstance(request, Deal) and request.ruleset is None:
        return msgspec.structs.replace(request, ruleset=rulesets.newest().name)
    if isinstance(request, PoolBase):
        names = request.ruleset or rulesets.newest().name, request.pool_ruleset or pool_rulesets.newest().name
        return msgspec.structs.replace(request, ruleset=names[0], pool_ruleset=names[1])
    parts = {name: getattr(request, name, None) for name in ("deal", "against", "pool")}
    named = {name: _with_ruleset(part) for name, part in parts.items() if isinstance(part, Deal | PoolBase)}
    return msgspec.structs.replace(request, **named) if named else request


def _from_json(body: bytes, kind: type[Request]) -> Request:
    try:
        request: Request = _json_decoder(kind).decode(body)
    except msgspec.DecodeError:
        return _from_plain(plain_json(body), kind)
    check_keys(body)
    return request


def _from_msgpack(body: bytes, kind: type[Request]) -> Request:
    try:
        request: Request = _msgpack_decoder(kind).decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _from_plain(_plain_msgpack(body), kind)
    if isinstance(request, BookRequest):  # its deals are documents by themselves
        deals = [msgspec.Raw(msgspec.json.encode(msgspec.msgpack.decode(deal))) for deal in request.deals]
        return msgspec.structs.replace(request, deals=deals)
    return request


def _plain_msgpack(body: bytes) -> object:
    try:
        return msgspec.msgpack.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise malformed(str(fault)) from None


@cache
def _schema(kind: type[Struct]) -> inspect.Type:
    return inspect.type_info(kind)


@cache
def _normaliser(kind: type[Struct]) -> Normaliser:
    return normaliser(_schema(kind))


def _from_plain(plain: object, kind: type[Request]) -> Request:
    """Return the request of a document that the decoder refuses but normalising mends, or every bad field."""
    if isinstance(plain, dict) and issubclass(kind, BookRequest):
        given = plain.get("deals")  # the deals of a book are documents by themselves
        if isinstance(given, list) and given:
            request = _from_plain({**plain, "deals": []}, kind)
            deals = [msgspec.Raw(msgspec.json.encode(deal)) for deal in given]
            return msgspec.structs.replace(request, deals=deals)
    meant = _normaliser(kind)(plain)
    try:
        return msgspec.convert(meant, kind)
    except msgspec.ValidationError as fault:
        found = reported(faults(meant, _schema(kind)))
        raise Invalid.of(found or [FieldError("", str(fault))]) from None


@singledispatch
def contradictions_of(request: Struct) -> list[FieldError]:
    """Return everything in a request that contradicts itself: of an unregistered kind, only in its deal."""
    deal = getattr(request, "deal", None)
    return _of_part(deal, "/deal") if isinstance(deal, Deal) else []


@contradictions_of.register
def _(request: Deal) -> list[FieldError]:
    try:
        return check(request, rulesets.load(request.ruleset or ""))
    except Invalid as unknown:
        return [*unknown.errors, *contradictions(request)]


@contradictions_of.register
def _(request: Pool) -> list[FieldError]:
    try:
        ruleset = rulesets.load(request.ruleset or "")
        return pool_faults(request, ruleset, pool_rulesets.load(request.pool_ruleset or ""))
    except Invalid as unknown:
        return unknown.errors


@contradictions_of.register
def _(request: GroundPool) -> list[FieldError]:
    try:
        ruleset = rulesets.load(request.ruleset or "")
        pool_rulesets.load(request.pool_ruleset or "")
        return ground_pool_faults(request, ruleset)
    except Invalid as unknown:
        return unknown.errors


@contradictions_of.register
def _(request: ComparisonRequest) -> list[FieldError]:
    against = [] if request.against is None else _of_part(request.against, "/against")
    return [*comparison_faults(request), *_of_part(request.deal, "/deal"), *against]


@contradictions_of.register
def _(request: SensitivityRequest) -> list[FieldError]:
    return [*sensitivity_faults(request), *_of_part(request.deal, "/deal")]


@contradictions_of.register
def _(request: SimulationRequest) -> list[FieldError]:
    return [*simulation_faults(request), *_of_part(request.deal, "/deal")]


@contradictions_of.register
def _(request: PoolSimulationRequest) -> list[FieldError]:
    return [*pool_simulation_faults(request), *_of_part(request.pool, "/pool")]


@contradictions_of.register
def _(request: BookTerms) -> list[FieldError]:
    return list(book_faults(request))


@contradictions_of.register
def _(request: TapeRequest) -> list[FieldError]:
    return list(tape_faults(request))


@contradictions_of.register
def _(request: RentRollRequest) -> list[FieldError]:
    return list(rent_roll_faults(request))


@contradictions_of.register
def _(request: PoolTapeRequest) -> list[FieldError]:
    return _of_part(request.pool, "/pool") or list(pool_tape_faults(request))


def _of_part(part: Struct, at: str) -> list[FieldError]:
    return [FieldError(f"{at}{error.pointer}", error.message) for error in contradictions_of(part)]


contradictions_of.register(SizingRequest, check_sizing)
contradictions_of.register(WaterfallRequest, check_waterfall)


class Body(msgspec.Struct, frozen=True):
    """A request body: its bytes and how to read them."""

    content: bytes
    media: Media
