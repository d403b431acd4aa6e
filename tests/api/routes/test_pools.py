"""Pools over HTTP: the service's own rules hold for them."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

PATH = "/v1/pools"


@pytest.fixture
def conduit(examples: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((examples / "pools" / "conduit-twelve-loans.json").read_bytes())
    return document


def test_a_pool_is_answered_kept_and_fetched_again(client: TestClient[Litestar], conduit: Any) -> None:
    first = client.post(PATH, json=conduit)
    again = client.post(PATH, json=conduit)
    assert (first.status_code, again.headers["x-cache"]) == (200, "hit")
    assert again.content == first.content
    fetched = client.get(first.headers["location"])
    assert fetched.content == first.content
    tag = {"if-none-match": fetched.headers["etag"]}
    assert client.get(first.headers["location"], headers=tag).status_code == 304


def test_parts_without_tranches_are_the_same_bytes_computed_for_less(
    client: TestClient[Litestar], conduit: Any
) -> None:
    part = client.post(f"{PATH}?fields=summary,scenarios", json=conduit)
    whole = client.post(PATH, json=conduit).json()
    assert part.json() == {"summary": whole["summary"], "scenarios": whole["scenarios"]}
    assert client.get(f"{part.headers['location']}?fields=tranches").json() == {"tranches": whole["tranches"]}


def test_null_for_a_capitalisation_rate_is_not_the_same_as_none_given(
    client: TestClient[Litestar], conduit: Any
) -> None:
    """Null says that no such leg stands; left out, the ruleset's does, however the rest is written."""
    conduit["scenarios"][0] |= {"case": "issuer", "recovery": {"kind": "value"}}
    conduit["scenarios"][0]["recovery_months"] = 15.0  # a whole number written as spreadsheets do
    without = client.post(f"{PATH}?fields=scenarios", json=conduit).json()
    conduit["scenarios"][0]["recovery"]["cap_rate"] = None
    assert client.post(f"{PATH}?fields=scenarios", json=conduit).json() != without


def test_every_bad_field_is_named(client: TestClient[Litestar], conduit: Any) -> None:
    conduit["loans"][0]["maturity"] = "2020-01-01"
    conduit["loans"][3]["prepayment"] = [{"kind": "open"}, {"kind": "lockout", "until": "2030-01-01"}]
    conduit["structure"]["classes"][2]["io"] = ["Z"]
    refusal = client.post(PATH, json=conduit)
    assert refusal.status_code == 422
    assert [error["pointer"] for error in refusal.json()["errors"]] == [
        "/loans/0/maturity",
        "/loans/3/prepayment/0/kind",
        "/structure/classes/2/io/0",
    ]


def test_ground_leases_are_answered_at_the_same_place(client: TestClient[Litestar], examples: Path) -> None:
    document = json.loads((examples / "pools" / "ground-leases-four.json").read_bytes())
    answer = client.post(f"{PATH}?fields=ground_leases,summary", json=document)
    assert answer.status_code == 200
    assert len(answer.json()["ground_leases"]) == 4


def test_the_pool_ruleset_is_served_beside_the_deals(client: TestClient[Litestar]) -> None:
    names = [row["name"] for row in client.get("/v1/rulesets").json()["rulesets"]]
    assert "pools-2026.1" in names
    assert client.get("/v1/rulesets/pools-2026.1").json()["control"] == {"share": 0.25}


TAPE_LAYOUTS = {"schedule_al": "application/xml", "crefc_setup": "text/csv", "crefc_periodic": "text/csv"}


@pytest.mark.parametrize("layout", TAPE_LAYOUTS)
def test_a_pool_written_as_a_tape_is_read_back(
    client: TestClient[Litestar], conduit: dict[str, Any], layout: str
) -> None:
    id_ = client.post(PATH + "?fields=id", json=conduit).json()["id"]
    written = client.get(f"{PATH}/{id_}/tape?layout={layout}")
    assert written.status_code == 200, written.text
    assert written.headers["content-type"].startswith(TAPE_LAYOUTS[layout])
    assert f"{layout}-{id_[:8]}" in written.headers["content-disposition"]
    same = client.get(
        f"{PATH}/{id_}/tape?layout={layout}", headers={"If-None-Match": written.headers["etag"]}
    )
    assert same.status_code == 304
    headers = {"Content-Type": TAPE_LAYOUTS[layout]}
    read = client.post(f"/v1/tapes?layout={layout}", content=written.content, headers=headers).json()
    for sent, loan in zip(conduit["loans"], read["loans"], strict=True):
        for name in ("id", "balance", "rate", "maturity", "day_count", "fee_rate", "originator"):
            assert loan.get(name, sent.get(name)) == sent.get(name), (sent["id"], name)
        assert loan["security"]["ncf"] == sent["security"]["ncf"]
        assert loan["security"]["value"] == sent["security"]["value"]


def test_a_tape_that_cannot_be_written_says_why(
    client: TestClient[Litestar], conduit: dict[str, Any], examples: Path
) -> None:
    id_ = client.post(PATH + "?fields=id", json=conduit).json()["id"]
    assert client.get(f"{PATH}/{'0' * 64}/tape").status_code == 404
    for query, said in (
        ("month=12", "rates have split it"),
        ("month=-1", "/month"),
        ("month=481", "/month"),
        ("month=300", "/month"),
        ("layout=excel", "/layout"),
        ("format=xml", "no query parameter"),
    ):
        refused = client.get(f"{PATH}/{id_}/tape?{query}")
        assert refused.status_code == 422, query
        assert said in refused.text, query
    assert client.get(f"{PATH}/{id_}/tape", headers={"Accept": "text/csv"}).status_code == 406
    ground = (examples / "pools" / "ground-leases-four.json").read_bytes()
    id_ = client.post(PATH, content=ground, headers={"Content-Type": "application/json"}).json()["id"]
    assert "ground leases" in client.get(f"{PATH}/{id_}/tape").json()["detail"]


def test_a_pool_is_simulated_where_deals_are(client: TestClient[Litestar], conduit: Any) -> None:
    body = {"pool": conduit, "paths": 20, "seed": 7}
    answer = client.post("/v1/simulations", json=body)
    assert answer.status_code == 200
    told = answer.json()
    assert [note["name"] for note in told["classes"]] == [n["name"] for n in conduit["structure"]["classes"]]
    events = client.post("/v1/simulations", json=body, headers={"accept": "text/event-stream"})
    assert events.text.endswith(f"data: {answer.text}\n\n")
    refused = client.post("/v1/simulations", json=body | {"paths": 21})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/paths")


def test_a_pool_in_messagepack_is_the_same_answer_under_the_same_id(
    client: TestClient[Litestar], conduit: Any
) -> None:
    plain = client.post(PATH + "?fields=id,summary", json=conduit)
    headers = {"Content-Type": "application/msgpack", "Accept": "application/msgpack"}
    packed = client.post(
        PATH + "?fields=id,summary", content=msgspec.msgpack.encode(conduit), headers=headers
    )
    assert packed.headers["content-type"] == "application/msgpack"
    assert msgspec.msgpack.decode(packed.content) == plain.json()


def test_an_idempotency_key_serves_one_pool(client: TestClient[Litestar], conduit: Any) -> None:
    headers = {"Idempotency-Key": "pool-1"}
    first = client.post(PATH, json=conduit, headers=headers)
    again = client.post(PATH, json=conduit, headers=headers)
    assert (again.status_code, again.content) == (200, first.content)
    other = client.post(PATH, json=conduit | {"name": "another"}, headers=headers)
    assert other.status_code == 409
    assert other.headers["content-type"] == "application/problem+json"


def test_a_pool_may_be_asked_for_its_headers_alone(client: TestClient[Litestar], conduit: Any) -> None:
    answer = client.post(PATH, json=conduit, headers={"Prefer": "return=minimal"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(answer.headers["location"] + "?fields=summary").status_code == 200


def test_a_pool_larger_than_is_read_is_refused_by_its_size(client: TestClient[Litestar]) -> None:
    headers = {"Content-Type": "application/json"}
    assert client.post(PATH, content=b" " * (8 * 2**20 + 1), headers=headers).status_code == 413
    assert client.post(PATH, content=b" " * (8 * 2**20), headers=headers).status_code == 400


def test_a_loan_too_many_is_refused_where_it_stands(client: TestClient[Litestar], conduit: Any) -> None:
    one = conduit["loans"][0]
    conduit["loans"] = [one | {"id": f"{n}"} for n in range(5_001)]
    refused = client.post(PATH, json=conduit)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/loans")
