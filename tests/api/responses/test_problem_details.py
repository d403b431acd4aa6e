"""Refusals: each is problem+json with the right status and a pointer to each bad field; none is a 500."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

URL = "/v1/underwritings"
POSTS = (URL, "/v1/sizings", "/v1/waterfalls", "/v1/comparisons", "/v1/sensitivities")
Document = dict[str, Any]
Client = TestClient[Litestar]

NOT_DOCUMENTS = {
    "nothing": b"",
    "blank": b"  \n",
    "cut short": b'{"name": "x"',
    "trailing comma": b'{"name": "x",}',
    "trailing garbage": b"{} x",
    "NaN": b'{"name": NaN}',
    "infinity": b'{"other": Infinity}',
    "number beyond floats": b'{"market": 1e400}',
    "long number": b'{"market": ' + b"9" * 100_000 + b"}",
    "bad UTF-8 in a value": b'{"name": "\xff\xfe"}',
    "bad UTF-8 in a key": b'{"\xc3\x28": 1}',
    "lone surrogate": b'{"name": "\\ud800"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": "{}".encode("utf-16"),
    "deep arrays": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep and closed": b'{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "a key twice": b'{"name": "x", "name": "y"}',
    "messagepack": msgspec.msgpack.encode({"name": "x"}),
}
NOT_DEALS = {"array": b"[]", "string": b'"x"', "number": b"1e3", "null": b"null", "empty": b"{}"}


def assert_problem(answer: Any, *statuses: int) -> Document:
    """Hold an answer against RFC 9457."""
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: Document = answer.json()
    assert {"type", "title", "status", "detail", "instance", "errors"} <= set(problem)
    assert problem["status"] == answer.status_code
    assert problem["type"].startswith("urn:rackrate:problem:")
    for error in problem["errors"]:
        assert set(error) == {"pointer", "message"}
    return problem


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("name", NOT_DOCUMENTS)
def test_what_is_no_document_is_malformed(client: Client, path: str, name: str) -> None:
    answer = client.post(path, content=NOT_DOCUMENTS[name], headers={"Content-Type": "application/json"})
    assert_problem(answer, 400, 422 if name == "number beyond floats" else 400)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("name", NOT_DEALS)
def test_a_document_that_is_no_request_is_invalid(client: Client, path: str, name: str) -> None:
    answer = client.post(path, content=NOT_DEALS[name], headers={"Content-Type": "application/json"})
    assert assert_problem(answer, 422)["errors"]


@pytest.mark.parametrize(
    "body", [b"", b"\xc1", b"\x91" * 100_000, b"\x81\x91\x01\x02", b"\xdf\xff\xff\xff\xff", b"\xa1\xff"]
)
def test_bad_messagepack_is_refused(client: Client, body: bytes) -> None:
    answer = client.post(URL, content=body, headers={"Content-Type": "application/msgpack"})
    assert_problem(answer, 400, 422)


def test_every_bad_field_is_pointed_at(client: Client, deal: Document) -> None:
    deal["currency"] = "dollars"
    deal["facilities"][0]["pue"] = "nan"
    deal["facilities"][0]["leases"][0]["rent_per_kw_month"] = -1
    deal["facilities"][0]["leases"][0]["tenannt"] = "typo"
    deal["debt"]["amortisation"]["kind"] = "balloon"
    del deal["market"]["cpi"]
    problem = assert_problem(client.post(URL, json=deal), 422)
    pointers = {error["pointer"] for error in problem["errors"]}
    assert {
        "/currency",
        "/facilities/0/pue",
        "/facilities/0/leases/0/rent_per_kw_month",
        "/facilities/0/leases/0/tenannt",
        "/market/cpi",
    } <= pointers
    assert any(pointer.startswith("/debt/amortisation") for pointer in pointers)


def test_broken_references_are_pointed_at(client: Client, deal: Document) -> None:
    deal["facilities"][0]["leases"][0]["tenant"] = "nobody"
    deal["ruleset"] = "house-1999.1"
    pointers = {error["pointer"] for error in assert_problem(client.post(URL, json=deal), 422)["errors"]}
    assert {"/facilities/0/leases/0/tenant", "/ruleset"} <= pointers


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "5", True, None, 1e300, -1e300, 2**64, [], {}])
def test_no_number_takes_what_is_no_number_in_range(client: Client, deal: Document, value: object) -> None:
    deal["facilities"][0]["leases"][0]["rent_per_kw_month"] = value
    errors = assert_problem(client.post(URL, json=deal), 422)["errors"]
    assert [error["pointer"] for error in errors] == ["/facilities/0/leases/0/rent_per_kw_month"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_messagepack_brings_in_no_number_that_is_none(client: Client, deal: Document, value: float) -> None:
    deal["market"]["power_index"] = [["2027-01-01", value]]
    body = msgspec.msgpack.encode(deal)
    assert_problem(client.post(URL, content=body, headers={"Content-Type": "application/msgpack"}), 422)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/xml"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": "json"},
    ],
)
def test_other_languages_are_not_read(client: Client, hyperscale: bytes, headers: dict[str, str]) -> None:
    assert_problem(client.post(URL, content=hyperscale, headers=headers), 415)


@pytest.mark.parametrize(
    "kind", ["application/json", "APPLICATION/JSON", 'application/json; charset="UTF-8"']
)
def test_json_is_read_however_it_is_named(client: Client, hyperscale: bytes, kind: str) -> None:
    assert client.post(URL, content=hyperscale, headers={"Content-Type": kind}).status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "text/csv;q=1", "application/json;q=0", "nonsense"])
def test_what_is_not_spoken_is_not_acceptable(client: Client, hyperscale: bytes, accept: str) -> None:
    headers = {"Content-Type": "application/json", "Accept": accept}
    assert_problem(client.post(URL, content=hyperscale, headers=headers), 406)


def test_a_body_past_the_limit_is_refused_whether_or_not_it_says_its_length(
    open_client: Callable[..., Client],
) -> None:
    client = open_client(max_body_bytes=2048)
    headers = {"Content-Type": "application/json"}
    assert_problem(client.post(URL, content=b" " * 2049, headers=headers), 413)
    assert_problem(client.post(URL, content=(b" " * 512 for _ in range(5)), headers=headers), 413)
    assert_problem(client.post(URL, content=b" " * 2048, headers=headers), 400)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", URL, 405),
        ("DELETE", f"{URL}/x", 405),
        ("PUT", "/v1/sizings", 405),
        ("GET", "/v1/", 404),
        ("GET", "/v2/underwritings", 404),
        ("GET", "/v1/rulesets/none", 404),
        ("GET", "/%ff", 404),
    ],
)
def test_what_is_not_there_is_a_problem_too(client: Client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert_problem(answer, status)
    assert status != 405 or "OPTIONS" in answer.headers["allow"]


def test_a_message_never_quotes_a_header_or_a_body(client: Client) -> None:
    secret = "hunter2-hunter2"
    body = json.dumps({"name": secret * 50}).encode()
    answer = client.post(f"{URL}?x={secret}", content=body, headers={"Content-Type": secret})
    assert secret not in client.post(URL, content=body, headers={"Content-Type": secret}).text
    assert answer.status_code in (415, 422)
