"""No number of a request is ever NaN, infinite, absurd, or a text."""

import math
from datetime import date

import msgspec
import pytest
from msgspec import inspect
from tests.builders.documents import REQUESTS, Plain, changed, deal, leaves, refused, written

from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.standalone_sizing import SizingRequest
from rackrate.deal.requests.standalone_waterfall import WaterfallRequest
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset


def numeric_fields() -> list[tuple[Plain, type[msgspec.Struct], str]]:
    """One place for each number of the contract that a document uses."""
    found: dict[tuple[type, str], tuple[Plain, type[msgspec.Struct], str]] = {}
    for document, kind in REQUESTS:
        for pointer, value in leaves(document):
            if isinstance(value, int | float) and not isinstance(value, bool):
                name = "/".join("#" if token.isdigit() else token for token in pointer.split("/"))
                found.setdefault((kind, name), (document, kind, pointer))
    return list(found.values())


FIELDS = numeric_fields()


def test_the_documents_reach_most_numbers_of_the_contract() -> None:
    assert len(FIELDS) > 100


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "NaN", "Infinity", "1", "0.5", ""])
def test_a_text_is_never_taken_for_a_number(text: str) -> None:
    for document, kind, pointer in FIELDS:
        assert list(refused(changed(document, {pointer: text}), kind)) == [pointer]


@pytest.mark.parametrize("absurd", [1e300, -1e300, 2**63, 2**64, -(2**63), True, [], {}])
def test_an_absurd_value_is_refused_at_its_own_pointer(absurd: Plain) -> None:
    for document, kind, pointer in FIELDS:
        found = refused(changed(document, {pointer: absurd}), kind)
        assert found
        assert all(at.startswith(pointer) for at in found), (pointer, found)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_messagepack_brings_in_neither_nan_nor_infinity(value: float) -> None:
    for document, kind, pointer in FIELDS:
        assert list(refused(changed(document, {pointer: value}), kind, "msgpack")) == [pointer]


def numbers(kind: inspect.Type) -> list[inspect.FloatType | inspect.IntType]:
    """Every number type reachable from a type."""
    match kind:
        case inspect.FloatType() | inspect.IntType():
            return [kind]
        case inspect.Metadata():
            return numbers(kind.type)
        case inspect.UnionType():
            return [found for item in kind.types for found in numbers(item)]
        case inspect.ListType():
            return numbers(kind.item_type)
        case inspect.TupleType():
            return [found for item in kind.item_types for found in numbers(item)]
        case inspect.DictType():
            return numbers(kind.value_type)
        case inspect.StructType():
            return [found for field in kind.fields for found in numbers(field.type)]
        case _:
            return []


@pytest.mark.parametrize("kind", [Deal, SizingRequest, WaterfallRequest, Ruleset])
def test_every_number_of_a_request_is_bounded_on_both_sides(kind: type[msgspec.Struct]) -> None:
    found = numbers(inspect.type_info(kind))
    assert found
    for number in found:
        assert number.ge is not None or number.gt is not None
        assert number.le is not None or number.lt is not None


@pytest.mark.parametrize("kind", [Deal, SizingRequest, WaterfallRequest, Ruleset])
def test_no_number_of_a_request_comes_as_near_to_zero_as_it_likes_but_zero(
    kind: type[msgspec.Struct],
) -> None:
    """What may not be zero divides something: it has a least."""
    assert [number for number in numbers(inspect.type_info(kind)) if number.gt == 0] == []


@pytest.mark.parametrize(
    "text", ["2026-13-01", "2026-02-30", "2026-1-1", "20260101", "2026-01-01T00:00:00Z", "", "x"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    document = changed(
        deal("gpu"), {"/closing": text, "/facilities/0/power/0/end": text, "/market/base_rate/0/0": text}
    )
    assert set(refused(document, Deal)) == {"/closing", "/facilities/0/power/0/end", "/market/base_rate/0/0"}


@pytest.mark.parametrize("closing", [date.min, date(1949, 12, 31), date(2201, 1, 1), date.max])
def test_a_closing_from_which_months_cannot_be_counted_is_refused(closing: date) -> None:
    for document, kind in REQUESTS[:3]:
        assert "/closing" in refused(changed(document, {"/closing": closing.isoformat()}), kind)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " leading",
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\ttab",
        "line\nbreak",
        "trailing\n",
        "nul\u0000",
        "\u202eright",
        "x" * 65,
    ],
)
def test_identifiers_that_would_mislead_a_reader_or_a_spreadsheet_are_refused(name: str) -> None:
    document = changed(deal("gpu"), {"/facilities/0/leases/0/id": name, "/structure/classes/0/name": name})
    assert set(refused(document, Deal)) == {"/facilities/0/leases/0/id", "/structure/classes/0/name"}


@pytest.mark.parametrize("currency", ["usd", "US", "USDX", "USD\n", "", "ABC", "UDS", "DEM", "$", "BTC"])
def test_a_currency_is_a_code_of_iso_4217(currency: str) -> None:
    assert set(refused(changed(deal("gpu"), {"/currency": currency}), Deal)) == {"/currency"}


@pytest.mark.parametrize("currency", ["USD", "EUR", "GBP", "JPY", "CHF", "KRW", "AED", "XCG"])
def test_codes_of_iso_4217_are_currencies(currency: str) -> None:
    document = changed(deal("gpu"), {"/currency": currency})
    assert decode(written(document), Deal).currency == currency
