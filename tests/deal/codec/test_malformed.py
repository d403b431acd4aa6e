"""Bodies that are no documents: refused as such, whatever they are, and never by a crash."""

import itertools
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from tests.builders.documents import DEALS, REQUESTS, deal, written

from rackrate.deal.codec.decode import Media, decode
from rackrate.deal.codec.field_errors import MAX_HINTS
from rackrate.deal.codec.json_text import MAX_REPORTED_TEXT
from rackrate.deal.codec.msgpack_bytes import check_packed
from rackrate.deal.errors import Invalid, Malformed, Refusal
from rackrate.deal.requests.pool import Pool
from rackrate.deal.requests.simulation import SimulationRequest
from rackrate.deal.requests.underwriting import Deal

GPU = written(deal("gpu"))
KINDS = (Deal, Pool, SimulationRequest)  # the latter two are several kinds, told apart by their outline


def refusal(body: bytes, media: Media = "json", kind: type[Struct] = Deal) -> Malformed:
    with pytest.raises(Malformed) as refused:
        decode(body, kind, media)
    return refused.value


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b'{\n "a": [1,2,}', "line 2, column 12"),
        (b'{"a": 1', "line 1, column 8"),
        (GPU + b"x", "trailing characters"),
        (GPU + GPU, "trailing characters"),
        (GPU[:-1] + b",}", f"column {len(GPU) + 1}"),
        (GPU[:500], "column 501"),
        (b'{"a": NaN}', "column 7"),
        (b'{"a": -Infinity}', "column 8"),
        (b'{"a": 01}', "line 1"),
        (b'{"a": +1}', "column 7"),
        (b'{"a": .5}', "column 7"),
        (b'{"a": 0x10}', "line 1"),
        (b"{'a': 1}", "column 2"),
        (b"<deal/>", "column 1"),
        (b"\xef\xbb\xbf" + GPU, "byte order mark"),
        (GPU.decode().encode("utf-16"), "not UTF-8"),
        (b'{\n"name": "\xff"}', "not UTF-8: invalid start byte at line 2, column 10"),
        (b'{"\xc3\x28": 1}', "not UTF-8"),
        (b'{"name": "\\ud800"}', "line 1"),
    ],
)
def test_what_is_not_json_is_refused_with_its_place(body: bytes, where: str) -> None:
    assert where in refusal(body).detail


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 400, "9" * 100_000, "1" + "0" * 309 + ".5"])
def test_a_number_no_double_can_hold_is_refused_at_its_pointer(number: str) -> None:
    body = GPU.replace(b'"power_index": 50.0', f'"power_index": {number}'.encode())
    assert body != GPU
    assert [error.pointer for error in refusal(body).errors] == ["/market/power_index"]


def test_a_number_too_large_does_not_hide_that_the_text_is_broken() -> None:
    assert "malformed" in refusal(b'{"a": 1e400} trailing').detail


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":', b'{"facilities":['])
@pytest.mark.parametrize("depth", [33, 100_000])
def test_deep_nesting_is_refused_before_it_is_decoded(opening: bytes, depth: int, kind: type[Struct]) -> None:
    assert "nested deeper than 32" in refusal(opening * depth, kind=kind).detail


def test_deep_nesting_is_not_hidden_by_brackets_and_quotes_in_strings() -> None:
    for strings in (b'"]\\"]"', b'"]","]"', b'"","]"', b'"]","",""'):
        assert "nested" in refusal((b"[" + strings + b",") * 40 + b"1" + b"]" * 40).detail


def test_brackets_in_strings_are_not_nesting() -> None:
    document = deal("gpu")
    document["name"] = "[" * 60 + '"\\{' + "\\"
    assert decode(written(document), Deal).name == document["name"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "byte", [b"\x91", b"\x81\xa1a", b"\xdd\x00\x00\x00\x01", b"\xdf\x00\x00\x00\x01\xa1a"]
)
@pytest.mark.parametrize("depth", [33, 100_000])
def test_deep_messagepack_is_refused_before_it_is_decoded(
    byte: bytes, depth: int, kind: type[Struct]
) -> None:
    assert "nested deeper than 32" in refusal(byte * depth, "msgpack", kind).detail


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ('"pue": 1.28', '"pue": 1.28, "pue": 1.3', "/facilities/0/pue"),
        ('"pue": 1.28', '"pue": "x", "pue": 1.28', "/facilities/0/pue"),
        ('"pue": 1.28', '"pue": 1.28, "p\\u0075e": 1.3', "/facilities/0/pue"),
        ('"currency": "USD"', '"currency": "USD", "name": "a \\"quoted\\" \\\\ name"', "/name"),
        ('"currency": "USD"', '"a/b": 1, "currency": "USD", "a/b": "\\u0022"', "/a~1b"),
    ],
)
def test_a_repeated_key_is_refused_at_its_pointer(old: str, new: str, pointer: str) -> None:
    text = GPU.decode()
    assert old in text
    assert [error.pointer for error in refusal(text.replace(old, new, 1).encode()).errors] == [pointer]


@pytest.mark.parametrize(
    "body",
    [
        b"\x82\xa1a\x01\xa1a\x02",
        b"\x92\x01\x82\xd9\x01a\xcb" + bytes(8) + b"\xd9\x01a\x91\x82\xa1a\x00\xa1b\x00",
        b"\xde\x00\x03\xa1a\x82\xa1a\x00\xa1b\x00\xa1b\xc4\x02ab\xa1a\xc0",
        b"\x82\xa1a\xd6abcde\xa1a\xa1b",
    ],
)
def test_a_repeated_key_is_refused_in_messagepack(body: bytes) -> None:
    assert "key appears twice" in refusal(body, "msgpack").detail


WRITTEN = (b"\xa1a", b"\xd9\x01a", b"\xda\x00\x01a", b"\xdb\x00\x00\x00\x01a")


@pytest.mark.parametrize(("one", "other"), [*itertools.product(WRITTEN, WRITTEN)])
def test_a_key_is_the_same_however_its_length_is_written(one: bytes, other: bytes) -> None:
    """Lengths of 5, 8, 16 and 32 bits; `a` once and `b` once are two keys in each."""
    assert "key appears twice" in refusal(b"\x82" + one + b"\x01" + other + b"\x02", "msgpack").detail
    two = b"\x82" + one + b"\x01" + other.replace(b"a", b"b") + b"\x02"
    with pytest.raises(Invalid):  # neither is a field of a deal
        decode(two, Deal, "msgpack")


@pytest.mark.parametrize("kind", [kind for _, kind in REQUESTS])
@pytest.mark.parametrize(
    "key",
    [
        b"\x07",
        b"\xcb" + bytes(8),
        b"\xc0",
        b"\xc2",
        b"\xc4\x01a",
        b"\x90",
        b"\x92\x01\x02",
        b"\x80",
        b"\xd6abcde",
    ],
)
def test_a_key_that_is_no_text_is_refused_before_anything_is_built(key: bytes, kind: type[Any]) -> None:
    """At byte 1 in a map, at byte 4 where the map is the value of a field that nobody knows."""
    for at, body in ((1, b"\x81" + key + b"\x01"), (4, b"\x81\xa1x\x81" + key + b"\x01")):
        with pytest.raises(Malformed) as refused:
            decode(body, kind, "msgpack")
        assert refused.value.detail == f"a key of a map is no text, at byte {at}"


def test_what_is_said_of_many_faults_is_bounded_however_long_their_pointers_are() -> None:
    """A thousand numbers beyond every double, each at a pointer of 100,000 characters: 300,000 are enough."""
    body = b'{"' + b"k" * 100_000 + b'": [' + b",".join([b"9" * 320] * 1000) + b"]}"
    errors = refusal(body).errors
    assert sum(len(error.pointer) + len(error.message) for error in errors) < 2 * MAX_REPORTED_TEXT
    assert len(errors) == 3


def test_the_nearest_word_is_proposed_for_the_first_faults_alone() -> None:
    body = b"{" + b",".join(b'"closin%d": 0' % i for i in range(500)) + b"}"
    with pytest.raises(Invalid) as refused:
        decode(body, Deal)
    told = [error.message for error in refused.value.errors if error.message != "required"]
    assert told[0] == "unknown field; did you mean closing?"
    assert sum("did you mean" in message for message in told) == MAX_HINTS


def test_equal_keys_of_different_maps_and_equal_values_are_no_repeats() -> None:
    """Every shipped deal has hundreds of them."""
    for path in DEALS:
        check_packed(msgspec.msgpack.encode(json.loads(path.read_bytes())))


@pytest.mark.parametrize(
    "body",
    [b"", b"\xc1", b"\x81", b"\x81\xa1a", b"\xdb\xff\xff\xff\xff", b"\xa1\xff", b"\xc0\xc0"],
)
def test_what_is_not_messagepack_is_refused(body: bytes) -> None:
    assert refusal(body, "msgpack").errors


@pytest.mark.parametrize("media", ["json", "msgpack"])
@settings(max_examples=300)
@given(data=st.data())
def test_no_damaged_body_is_answered_with_anything_but_a_refusal(media: Media, data: st.DataObject) -> None:
    document, kind = data.draw(st.sampled_from(REQUESTS[:5]))
    body = bytearray(written(document, media))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=6))
    try:
        request = decode(bytes(body), kind, media)
    except Refusal as refused:
        reasons = len(msgspec.json.decode(msgspec.json.encode(refused.errors)))
    else:
        reasons = decode(msgspec.json.encode(request), kind) == request
    assert reasons


def test_the_shipped_deals_are_six() -> None:
    assert len(DEALS) == 6
