"""Books over HTTP: many deals as one, a bad one a reject, and what is asked refused by its pointer."""

import json
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.golden.agreement import CASES, differences

Client = TestClient[Litestar]
BOOKS = CASES / "books"
GIVEN: dict[str, Any] = json.loads((BOOKS / "five-deals.json").read_bytes())
PLAIN = {"currency": "USD", "fx": {"GBP": 1.27}}


def test_a_book_answers_as_its_case_does_and_the_second_time_from_the_cache(client: Client) -> None:
    first, second = (client.post("/v1/books", json=GIVEN) for _ in range(2))
    assert (first.status_code, first.headers["x-cache"], second.headers["x-cache"]) == (200, "miss", "hit")
    assert second.content == first.content
    wanted = json.loads((BOOKS / "expected" / "five-deals.json").read_bytes())
    answer = first.json()
    assert not [(part, *at) for part in wanted for at in differences(part, wanted[part], answer[part])]


def test_a_book_as_messagepack_is_the_same_book(client: Client) -> None:
    plain = client.post("/v1/books", json=GIVEN).json()
    packed = client.post(
        "/v1/books",
        content=msgspec.msgpack.encode(GIVEN),
        headers={"Content-Type": "application/msgpack", "Accept": "application/json"},
    )
    assert packed.json() == plain


def test_a_bad_deal_is_a_reject_and_an_empty_book_an_answer(client: Client) -> None:
    answer = client.post("/v1/books", json=PLAIN | {"deals": [GIVEN["deals"][0], {"name": "x"}, 3]}).json()
    assert [(one["row"], one["stage"], one["status"]) for one in answer["rejects"]] == [
        (1, "read", 422),
        (2, "read", 422),
    ]
    assert answer["counts"] == {"deals": 3, "accepted": 1, "rejected": 2, "without_structure": 0}
    nothing = client.post("/v1/books", json=PLAIN | {"deals": []})
    assert (nothing.status_code, nothing.json()["totals"]["ltv"]) == (200, None)


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"fx": {}}, "/fx/GBP"),
        ({"currency": "usd"}, "/currency"),
        ({"fx": {"GBP": -1.0}}, "/fx/GBP"),
        ({"fx": {"pound": 1.0}}, "/fx/pound"),
        ({"fx": 3}, "/fx"),
        ({"scenarios": [{"obligor": "a"}]}, "/scenarios/0"),
        ({"scenarios": [{"obligor": "a", "top": 2, "month": 3}]}, "/scenarios/0"),
        ({"simulation": {"paths": 99, "seed": 1, "factor": {}}}, "/simulation/paths"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_what_is_asked_wrongly_is_refused_where_it_stands(
    client: Client, asked: dict[str, Any], pointer: str
) -> None:
    answer = client.post("/v1/books", json=PLAIN | {"deals": GIVEN["deals"][1:2]} | asked)
    assert answer.status_code == 422, answer.text
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


def test_an_obligor_that_nobody_has_is_a_scenario_of_no_deals(client: Client) -> None:
    asked = {"scenarios": [{"obligor": "nobody", "month": 1}], "deals": GIVEN["deals"][:1]}
    (found,) = client.post("/v1/books", json=PLAIN | asked).json()["scenarios"]
    assert (found["name"], found["deals"], found["rows"]) == ("nobody@1", 0, [])


def test_more_than_a_thousand_deals_are_refused(client: Client) -> None:
    answer = client.post("/v1/books", json=PLAIN | {"deals": [{}] * 1001})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (413, "/deals")
