"""One request, one text: whatever the order of keys, the way of writing numbers, or the sign of a zero."""

import json
import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders.documents import REQUESTS, Plain, changed, deal, leaves, written

from rackrate.deal.codec.decode import canonical, decode
from rackrate.deal.requests.underwriting import Deal


def shuffled(value: Plain, chance: random.Random) -> Plain:
    """The same document with its keys in another order."""
    if isinstance(value, dict):
        keys = chance.sample(list(value), len(value))
        return {key: shuffled(value[key], chance) for key in keys}
    return [shuffled(item, chance) for item in value] if isinstance(value, list) else value


@settings(max_examples=50)
@given(request=st.sampled_from(REQUESTS), seed=st.integers(0, 10**6), indent=st.sampled_from([None, 0, 3]))
def test_the_order_of_keys_and_blanks_do_not_matter(
    request: tuple[Plain, type[msgspec.Struct]], seed: int, indent: int | None
) -> None:
    document, kind = request
    body = json.dumps(shuffled(document, random.Random(seed)), indent=indent).encode()
    assert canonical(decode(body, kind)) == canonical(decode(written(document), kind))


@pytest.mark.parametrize(("document", "kind"), REQUESTS)
def test_the_canonical_text_is_a_request_and_its_own_canonical_text(
    document: Plain, kind: type[msgspec.Struct]
) -> None:
    request = decode(written(document), kind)
    again = decode(canonical(request), kind)
    assert again == request
    assert canonical(again) == canonical(request)


@settings(max_examples=100)
@given(data=st.data())
def test_a_request_comes_back_from_its_text_bit_for_bit(data: st.DataObject) -> None:
    """Random figures of fifteen and more digits, in every place that takes a fraction."""
    document, kind = data.draw(st.sampled_from(REQUESTS))
    plain = msgspec.json.decode(canonical(decode(written(document), kind)))
    places = [pointer for pointer, value in leaves(plain) if isinstance(value, float) and 0 < value < 1]
    for pointer in data.draw(st.lists(st.sampled_from(places), max_size=5)):
        plain = changed(plain, {pointer: data.draw(st.floats(1e-4, 0.999))})
    request = msgspec.convert(plain, kind)
    assert msgspec.json.decode(canonical(request), type=kind) == request
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(request), type=kind) == request


@pytest.mark.parametrize("zero", ["-0.0", "-0", "-0e5", "-1e-400", "0", "0e-9"])
def test_every_zero_is_the_same_zero(zero: str) -> None:
    body = written(deal("gpu"))
    assert body.count(b'"other_income": 0') == 1
    request = decode(body.replace(b'"other_income": 0', b'"other_income": ' + zero.encode()), Deal)
    assert canonical(request) == canonical(decode(body, Deal))
    assert msgspec.json.encode(request) == msgspec.json.encode(decode(body, Deal))


def test_a_zero_from_messagepack_has_no_sign() -> None:
    document = changed(deal("gpu"), {"/facilities/0/other_income": -0.0})
    request = decode(written(document, "msgpack"), Deal, "msgpack")
    assert msgspec.json.encode(request.facilities[0].other_income) == b"0.0"


def test_texts_that_look_like_negative_zeros_and_small_negative_numbers_are_left_alone() -> None:
    name = 'x":-0.0,[-0.0]\\'
    document = changed(deal("gpu"), {"/name": name, "/facilities/0/market/growth": -0.05})
    request = decode(written(document), Deal)
    assert (request.name, request.facilities[0].market.growth) == (name, -0.05)
    assert msgspec.json.decode(canonical(request))["name"] == name


@pytest.mark.parametrize(("document", "kind"), REQUESTS)
def test_every_figure_of_a_request_is_in_its_canonical_text(
    document: Plain, kind: type[msgspec.Struct]
) -> None:
    """Changing any number that may be changed on its own changes the text: no two requests share one."""
    before = canonical(decode(written(document), kind))
    plain = msgspec.json.decode(before)
    changes = 0
    for pointer, value in leaves(plain):
        if isinstance(value, float) and 0 < value < 1:
            after = canonical(msgspec.convert(changed(plain, {pointer: value * 0.5}), kind))
            assert after != before
            changes += 1
    assert changes
