"""Documents that break the schema: every bad field is named at its own pointer, with what would be good."""

import sys
from types import FrameType
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect
from tests.builders.documents import ABSENT, REQUESTS, Plain, changed, deal, refused

from rackrate.deal.codec import normalising
from rackrate.deal.codec.decode import Media
from rackrate.deal.codec.field_errors import faults
from rackrate.deal.codec.json_text import MAX_REPORTED
from rackrate.deal.codec.normalising import normaliser
from rackrate.deal.requests.underwriting import Deal

LEASE = "/facilities/0/leases/0"
MEMBERS = ["/closing", f"{LEASE}/tenant", "/debt/amortisation/dscr", "/market/cpi"]

# What is done to the shipped GPU loan, and all that is then wrong with it.
BROKEN: dict[str, tuple[dict[str, Plain], dict[str, str]]] = {
    "missing members are named themselves, not their parents": (
        dict.fromkeys(MEMBERS, ABSENT),
        dict.fromkeys(MEMBERS, "required"),
    ),
    "unknown fields are named, with what may have been meant": (
        {"/debt/rats": 1, "/debt/rate": ABSENT, "/colour": "red", "/debt/kind": "x"},
        {
            "/debt/rate": "required",
            "/debt/rats": "unknown field; did you mean rate?",
            "/colour": "unknown field",
            "/debt/kind": "unknown field",
        },
    ),
    "an unknown kind is told from a missing one": (
        {
            f"{LEASE}/power/kind": "includd",
            "/facilities/0/tenure": {},
            "/debt/amortisation/kind": 3,
            "/sizing/tests/0": {"kind": "max_itv", "limit": 1},
            "/facilities/0/power/0": [],
        },
        {
            f"{LEASE}/power/kind": "expected one of metered, fixed_price, included, direct, "
            "got the text 'includd'; did you mean included?",
            "/facilities/0/tenure/kind": "required: one of freehold, leasehold",
            "/debt/amortisation/kind": "expected one of interest_only, level, sculpted, target_balance, "
            "got the number 3",
            "/sizing/tests/0/kind": "expected one of max_ltv, max_ltc, min_debt_yield, max_leverage, "
            "min_dscr, sculpted, min_llcr, min_plcr, refinance, equipment, "
            "got the text 'max_itv'; did you mean max_ltv?",
            "/facilities/0/power/0": "expected an object, got a list",
        },
    ),
    "a kind's own members are checked once the kind is known": (
        {"/facilities/0/tenure": {"kind": "leasehold", "growth": "high"}, f"{LEASE}/power/markup": 0},
        {
            "/facilities/0/tenure/expiry": "required",
            "/facilities/0/tenure/ground_rent": "required",
            "/facilities/0/tenure/growth": "expected a number, got the text 'high'",
            f"{LEASE}/power/markup": "unknown field",
        },
    ),
    "a bound is said": (
        {
            "/facilities/0/pue": 0.9,
            "/facilities/0/capacity_kw": 0,
            "/facilities/0/vacancy_floor": 1.5,
            "/tenants/1/one_year_pd": 1.0,
            "/debt/term_months": 601,
            "/structure/triggers/cure_periods": 0,
        },
        {
            "/facilities/0/pue": "must be at least 1",
            "/facilities/0/capacity_kw": "must be at least 0.001",
            "/facilities/0/vacancy_floor": "must be at most 1",
            "/tenants/1/one_year_pd": "must be less than 1",
            "/debt/term_months": "must be at most 600",
            "/structure/triggers/cure_periods": "must be at least 1",
        },
    ),
    "a word is not a number, a number not a word, a fraction no month": (
        {
            "/market/power_index": "5",
            "/debt/rate": "nan",
            "/debt/term_months": 60.5,
            "/debt/interest_only_months": True,
            "/name": 7,
            "/structure/classes/0/deferrable": "yes",
            "/cases/0/credit": 1,
            "/closing": 20260401,
            "/tenants/0": None,
        },
        {
            "/market/power_index": "expected a number or a list, got the text '5'",
            "/debt/rate": "expected a number or an object, got the text 'nan'",
            "/debt/term_months": "expected a whole number, got the number 60.5",
            "/debt/interest_only_months": "expected a whole number, got true",
            "/name": "expected text, got the number 7",
            "/structure/classes/0/deferrable": "expected true or false, got the text 'yes'",
            "/cases/0/credit": "expected true or false or null, got the number 1",
            "/closing": "expected a date as YYYY-MM-DD, got the number 20260401",
            "/tenants/0": "expected an object, got null",
        },
    ),
    "a day that is not in the calendar is told why, and a form that is none": (
        {
            "/closing": "2026-02-29",
            "/facilities/0/leases/0/commencement": "2026-13-01",
            "/facilities/0/leases/1/commencement": "2026/02/01",
            "/facilities/0/power/0/end": "2030-04-31",
            "/market/base_rate/0/0": "2026-01-01T00:00:00Z",
            "/facilities/0/equipment/residual/0/0": "0000-01-01",
        },
        {
            "/closing": "no such date as 2026-02-29: February 2026 has 28 days",
            "/facilities/0/leases/0/commencement": "no such date as 2026-13-01: months are 01 to 12",
            "/facilities/0/leases/1/commencement": "expected a date as YYYY-MM-DD, got the text '2026/02/01'",
            "/facilities/0/power/0/end": "no such date as 2030-04-31: April 2030 has 30 days",
            "/market/base_rate/0/0": "expected a date as YYYY-MM-DD, "
            "got the text '2026-01-01T00:00:00Z': a day, without a time of day",
            "/facilities/0/equipment/residual/0/0": "no such date as 0000-01-01: years begin with 0001",
        },
    ),
    "a word out of a list is said with the list": (
        {
            "/debt/day_count": "30/365",
            "/facilities/0/market/renew_at": "lower",
            "/structure/period_months": 2,
        },
        {
            "/debt/day_count": "expected one of 30/360, ACT/360, ACT/365F, "
            "got the text '30/365'; did you mean 30/360?",
            "/facilities/0/market/renew_at": "expected one of in_place, lower_of, market, "
            "got the text 'lower'; did you mean lower_of?",
            "/structure/period_months": "expected one of 1, 3, 6, 12, got the number 2",
        },
    ),
    "a curve is named down to the point": (
        {
            "/market/base_rate": [["2026-01-01", 0.04], ["2027-01-01"], [2028, "x"], ["2029-01-01", 7], {}],
            "/market/cpi": [],
            "/market/power_index": [["2026-01-01", 1.0]] * 601,
        },
        {
            "/market/base_rate/1": "expected 2 items, got 1",
            "/market/base_rate/2/0": "expected a date as YYYY-MM-DD, got the number 2028",
            "/market/base_rate/2/1": "expected a number, got the text 'x'",
            "/market/base_rate/3/1": "must be at most 1",
            "/market/base_rate/4": "expected a list, got an object",
            "/market/cpi": "must have at least 1 items, has 0",
            "/market/power_index": "must have at most 600 items, has 601",
        },
    ),
}


@pytest.mark.parametrize("media", ["json", "msgpack"])
@pytest.mark.parametrize("case", BROKEN)
def test_every_bad_field_is_named_at_its_own_pointer(case: str, media: Media) -> None:
    changes, expected = BROKEN[case]
    assert refused(changed(deal("gpu"), changes), Deal, media) == expected


def test_pointers_escape_what_json_pointers_must() -> None:
    document = deal("gpu")
    document["debt"]["a~b/c"] = 1
    assert refused(document, Deal) == {"/debt/a~0b~1c": "unknown field"}


def test_a_document_of_another_kind_is_refused_as_a_whole() -> None:
    documents: list[Plain] = [3, "deal", True, None, []]
    for document in documents:
        assert set(refused(document, Deal)) == {""}


def test_an_empty_object_lacks_every_required_member() -> None:
    names = ("name", "currency", "closing", "tenants", "facilities", "market", "debt", "sizing")
    assert refused({}, Deal) == {f"/{name}": "required" for name in names}


def test_a_flood_of_faults_is_cut_off() -> None:
    assert len(refused({f"x{i}": 1 for i in range(5000)}, Deal)) == MAX_REPORTED


def test_messagepack_types_json_has_not_are_refused() -> None:
    document = changed(deal("gpu"), {"/name": b"bytes", "/debt/rate": msgspec.msgpack.Ext(5, b"x")})
    assert refused(document, Deal, "msgpack") == {
        "/name": "expected text, got something else",
        "/debt/rate": "expected a number or an object, got something else",
    }


WORDS = ["", "x", "nan", "fixed", "max_ltv", "2026-01-01", "2026-02-30", "AA", "30/360", "a\n", "x" * 201]
LISTS = [[], [1], ["2026-01-01", 1], [["2026-01-01", 1]], [{"kind": "fees"}]]
OBJECTS = [{}, {"kind": "fixed"}, {"kind": "level", "months": 12}, {"kind": ["level"]}, {"margin": 0.02}]
NUMBERS = [-1, 0, 1, 6, 601, 1201, 10**14, 2**70, 0.5, 1.0, -0.0, 1e14, 244.0]
JUNK = st.sampled_from([ABSENT, None, True, False, *NUMBERS, *WORDS, *LISTS, *OBJECTS])
SCHEMAS = {kind: inspect.type_info(kind) for _, kind in REQUESTS}
NORMALISERS = {kind: normaliser(schema) for kind, schema in SCHEMAS.items()}


def places(value: Plain, at: str = "") -> list[str]:
    """The pointer of everything in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(found for key, item in items for found in places(item, f"{at}/{key}"))]


def looks(document: Plain, kind: type[Any]) -> int:
    """How often the normalisation of a document calls a function of its own."""
    called = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal called
        own = frame.f_code.co_filename == normalising.__file__ and frame.f_code.co_name[0] != "<"
        called += event == "call" and own

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        NORMALISERS[kind](document)
    finally:
        sys.setprofile(before)
    return called


LISTED = [  # every list of a request, 5,000 times the same in it
    (kind, field.encode_name, item)
    for kind, schema in SCHEMAS.items()
    if isinstance(schema, inspect.StructType)
    for field in schema.fields
    if isinstance(
        field.type.type if isinstance(field.type, inspect.Metadata) else field.type, inspect.ListType
    )
    for item in (1, 1.0, "", None, {}, [], {"kind": "max_ltv", "limit": 1})
]


@pytest.mark.parametrize(("kind", "name", "item"), LISTED)
def test_a_list_longer_than_it_may_be_is_not_looked_into(kind: type[Any], name: str, item: Plain) -> None:
    assert looks({name: [item] * 5001}, kind) <= 3


@settings(max_examples=150)
@given(data=st.data())
def test_a_value_is_looked_at_at_most_twice_however_many_kinds_it_could_be_of(data: st.DataObject) -> None:
    """Once to choose among the kinds it could be of, once as that kind."""
    document, kind = data.draw(st.sampled_from(REQUESTS[:5]))
    pointer = data.draw(st.sampled_from(places(document)[1:]))
    document = changed(document, {pointer: data.draw(st.lists(JUNK.filter(lambda j: j is not ABSENT)))})
    assert looks(document, kind) <= 2 * len(places(document))


@settings(max_examples=1000)
@given(data=st.data())
def test_faults_are_found_exactly_where_the_decoder_refuses(data: st.DataObject) -> None:
    document, kind = data.draw(st.sampled_from(REQUESTS[:5]))
    for _ in range(data.draw(st.integers(1, 3))):
        pointer = data.draw(st.sampled_from(places(document)[1:]))
        if data.draw(st.booleans()):
            pointer = (
                f"{pointer.rpartition('/')[0]}/{data.draw(st.sampled_from(['kind', 'name', 'rate', '0']))}"
            )
        try:
            document = changed(document, {pointer: data.draw(JUNK)})
        except (KeyError, IndexError, ValueError):
            continue  # there is no such place in this container
    meant = NORMALISERS[kind](document)
    found = list(faults(meant, SCHEMAS[kind]))
    try:
        msgspec.json.decode(msgspec.json.encode(meant), type=kind)
    except msgspec.ValidationError:
        refused_by_decoder = True
    else:
        refused_by_decoder = False
    assert bool(found) == refused_by_decoder
    reachable = set(places(document))
    assert all({error.pointer, error.pointer.rpartition("/")[0]} & reachable for error in found)
    assert len({error.pointer for error in found}) == len(found)
