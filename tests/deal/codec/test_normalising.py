"""Two ways of writing one thing: 120.0 is 120, and null where a member may be left out leaves it out."""

import json
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect
from tests.builders.documents import ABSENT, REQUESTS, SIZING, Plain, changed, deal, leaves, refused, written

from rackrate.api.openapi.examples import ASKED
from rackrate.deal.codec.decode import Media, canonical, decode
from rackrate.deal.errors import Refusal
from rackrate.deal.requests.standalone_sizing import SizingRequest

ABOUT = deal("powered-shell")
EVERY = [*REQUESTS, *(({"deal": ABOUT} | asked, verb.reads) for verb, asked in ASKED.items())]
SCHEMAS = {kind: inspect.type_info(kind) for _, kind in EVERY}
MEDIA: list[Media] = ["json", "msgpack"]
FULL = [(json.loads(canonical(decode(written(document), kind))), kind) for document, kind in EVERY]


def members(value: Plain, kind: inspect.Type, at: str = "") -> Iterator[tuple[str, inspect.Field]]:
    """Pointer and field of every member of every object in a document, by its schema."""
    match kind:
        case inspect.Metadata():
            yield from members(value, kind.type, at)
        case inspect.UnionType():
            for item in kind.types:
                yield from members(value, item, at)
        case inspect.ListType() if isinstance(value, list):
            for i, item in enumerate(value):
                yield from members(item, kind.item_type, f"{at}/{i}")
        case inspect.StructType() if isinstance(value, dict):
            if kind.tag_field is None or value.get(kind.tag_field) == kind.tag:
                for field in kind.fields:
                    if field.encode_name in value:
                        yield f"{at}/{field.encode_name}", field
                        yield from members(value[field.encode_name], field.type, f"{at}/{field.encode_name}")


def outcome(document: Plain, kind: type[msgspec.Struct], media: Media) -> object:
    """What becomes of a document: its canonical text, or what is wrong with it."""
    try:
        return canonical(decode(written(document, media), kind, media))
    except Refusal as refusal:
        return refusal.errors


@pytest.mark.parametrize("media", MEDIA)
@pytest.mark.parametrize("number", ["120.0", "1.2e2", "12E+1", "1200e-1", "120"])
def test_a_whole_number_is_whole_however_it_is_written(number: str, media: Media) -> None:
    """The request of a data frame, whose every column is a float, has the same identity."""
    document = changed(SIZING, {"/debt/amortisation": {"kind": "level", "months": 120}})
    body = json.dumps(document).replace('"months": 120', f'"months": {number}').encode()
    sent = msgspec.msgpack.encode(json.loads(body)) if media == "msgpack" else body
    whole = canonical(decode(written(document), SizingRequest))
    assert canonical(decode(sent, SizingRequest, media)) == whole


@settings(max_examples=60)
@given(data=st.data())
def test_any_number_of_a_request_may_be_written_with_or_without_a_zero_fraction(data: st.DataObject) -> None:
    document, kind = data.draw(st.sampled_from(FULL))
    media = data.draw(st.sampled_from(MEDIA))
    whole = [
        (pointer, value)
        for pointer, value in leaves(document)
        if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    ]
    other = {pointer: int(value) if isinstance(value, float) else float(value) for pointer, value in whole}
    chosen = data.draw(st.sets(st.sampled_from(sorted(other))))
    sent = changed(document, {pointer: other[pointer] for pointer in chosen})
    assert outcome(sent, kind, media) == outcome(document, kind, "json")
    assert isinstance(outcome(sent, kind, media), bytes)


@pytest.mark.parametrize(("document", "kind"), FULL)
def test_a_fraction_or_a_boolean_is_no_whole_number(document: Plain, kind: type[msgspec.Struct]) -> None:
    places = [pointer for pointer, value in leaves(document) if type(value) is int]
    assert places
    for pointer in places[:40]:
        for value in (120.5, True):
            found = refused(changed(document, {pointer: value}), kind)
            assert list(found) == [pointer], found


@settings(max_examples=400)
@given(data=st.data())
def test_null_is_as_if_left_out_where_that_may_be_and_refused_elsewhere(data: st.DataObject) -> None:
    document, kind = data.draw(st.sampled_from(FULL))
    media = data.draw(st.sampled_from(MEDIA))
    pointer, field = data.draw(st.sampled_from(list(members(document, SCHEMAS[kind]))))
    nulled = outcome(changed(document, {pointer: None}), kind, media)
    if field.required:
        assert isinstance(nulled, list)
        assert [error.pointer for error in nulled] == [pointer]
    else:
        assert nulled == outcome(changed(document, {pointer: ABSENT}), kind, media)


@settings(max_examples=100)
@given(data=st.data())
def test_null_in_a_list_or_under_an_unknown_name_is_refused(data: st.DataObject) -> None:
    document, kind = data.draw(st.sampled_from(FULL))
    items = [pointer for pointer, _ in leaves(document) if pointer.rpartition("/")[2].isdigit()]
    pointer = data.draw(st.sampled_from([*items, "/nothing_known"]))
    assert list(refused(changed(document, {pointer: None}), kind)) == [pointer]


def test_an_object_of_one_kind_is_not_read_by_the_fields_of_another() -> None:
    """The kind is never left out, and a level loan's months are required where another kind has none."""
    missing = {"kind": None, "limit": 0.7}
    assert list(refused(changed(SIZING, {"/tests/0": missing}), SizingRequest)) == ["/tests/0/kind"]
    level = {"kind": "level", "months": None}
    found = refused(changed(SIZING, {"/debt/amortisation": level}), SizingRequest)
    assert found == {"/debt/amortisation/months": "expected a whole number, got null"}
