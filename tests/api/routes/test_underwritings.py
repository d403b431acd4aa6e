"""POST and GET of underwritings, by what a client sees."""

import json
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from rackrate.analyses.registry import UNDERWRITE, Analysis
from rackrate.api.routes import underwritings
from rackrate.deal.requests.underwriting import Underwriting

URL = "/v1/underwritings"
JSON = {"Content-Type": "application/json"}
Document = dict[str, Any]
Client = TestClient[Litestar]


def test_a_deal_is_underwritten_and_can_be_fetched_again_as_the_same_bytes(
    client: Client, hyperscale: bytes
) -> None:
    first = client.post(URL, content=hyperscale, headers=JSON)
    assert first.status_code == 200
    assert first.headers["content-type"] == "application/json"
    assert first.headers["x-cache"] == "miss"
    assert first.headers["location"] == f"{URL}/{first.json()['id']}"
    again = client.get(first.headers["location"])
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"]
    assert msgspec.json.decode(again.content, type=Underwriting, strict=True).summary.principal > 0


def test_the_second_identical_post_is_a_hit_with_the_same_bytes(client: Client, hyperscale: bytes) -> None:
    answers = [client.post(URL, content=hyperscale, headers=JSON) for _ in range(2)]
    assert [answer.headers["x-cache"] for answer in answers] == ["miss", "hit"]
    assert answers[0].content == answers[1].content


def test_the_same_deal_written_otherwise_is_the_same_answer(
    client: Client, hyperscale: bytes, deal: Document
) -> None:
    first = client.post(URL, content=hyperscale, headers=JSON)
    rewritten = json.dumps(dict(reversed(deal.items())), indent=3).encode()
    second = client.post(URL, content=rewritten, headers=JSON)
    assert second.headers["x-cache"] == "hit"
    assert second.content == first.content


def test_another_deal_is_another_answer(client: Client, hyperscale: bytes, deal: Document) -> None:
    first = client.post(URL, content=hyperscale, headers=JSON)
    deal["debt"]["rate"] = 0.0612
    second = client.post(URL, json=deal)
    assert second.headers["x-cache"] == "miss"
    assert second.headers["etag"] != first.headers["etag"]
    assert second.json()["id"] != first.json()["id"]


def test_a_client_that_has_the_answer_is_told_so_without_a_body(client: Client, hyperscale: bytes) -> None:
    posted = client.post(URL, content=hyperscale, headers=JSON)
    location, tag = posted.headers["location"], posted.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = client.get(location, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
    assert client.get(location, headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_answers_the_headers_of_get(client: Client, hyperscale: bytes) -> None:
    location = client.post(URL, content=hyperscale, headers=JSON).headers["location"]
    head, get = client.head(location), client.get(location)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == get.headers["etag"]


@pytest.mark.parametrize("name", ["0" * 64, "x", "..%2f..%2fetc", "%00", "é"])
def test_an_unknown_id_is_not_found(client: Client, name: str) -> None:
    answer = client.get(f"{URL}/{name}")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:rackrate:problem:not-found"


def test_messagepack_in_and_out_says_what_json_says(
    client: Client, hyperscale: bytes, deal: Document
) -> None:
    plain = client.post(URL, content=hyperscale, headers=JSON)
    packed = client.post(
        URL,
        content=msgspec.msgpack.encode(deal),
        headers={"Content-Type": "application/msgpack", "Accept": "application/msgpack"},
    )
    assert packed.headers["content-type"] == "application/msgpack"
    assert packed.headers["x-cache"] == "hit"
    assert msgspec.msgpack.decode(packed.content) == plain.json()
    assert msgspec.msgpack.decode(packed.content, type=Underwriting) == msgspec.json.decode(
        plain.content, type=Underwriting
    )
    assert packed.headers["etag"] != plain.headers["etag"]
    fetched = client.get(plain.headers["location"], headers={"Accept": "application/msgpack"})
    assert fetched.content == packed.content


def test_fields_return_only_the_parts_they_name(client: Client, hyperscale: bytes) -> None:
    whole = client.post(URL, content=hyperscale, headers=JSON)
    parts = client.post(f"{URL}?fields=tranches,summary", content=hyperscale, headers=JSON)
    assert parts.headers["x-cache"] == "hit"
    assert parts.json() == {name: whole.json()[name] for name in ("summary", "tranches")}
    other_order = client.get(f"{whole.headers['location']}?fields=summary&fields=tranches")
    assert other_order.content == parts.content
    assert other_order.headers["etag"] == parts.headers["etag"] != whole.headers["etag"]


def test_the_facilities_cash_flows_are_told_where_asked_for(client: Client, hyperscale: bytes) -> None:
    posted = client.post(URL, content=hyperscale, headers=JSON)
    assert "facilities" not in posted.json()["cash_flow"]
    fetched = client.get(f"{posted.headers['location']}?detail=facility")
    detailed = client.post(f"{URL}?detail=facility", content=hyperscale, headers=JSON)
    assert fetched.headers["x-cache"] == "miss"
    assert detailed.headers["x-cache"] == "hit"
    assert fetched.content == detailed.content
    assert len(detailed.json()["cash_flow"]["facilities"]) == len(json.loads(hyperscale)["facilities"])
    assert client.get(posted.headers["location"]).content == posted.content


@pytest.mark.parametrize(
    "query", ["fields=summry", "detail=hall", "field=summary", "fields=summary,", "fields="]
)
def test_a_query_that_names_what_is_not_there_is_refused(
    client: Client, hyperscale: bytes, query: str
) -> None:
    answer = client.post(f"{URL}?{query}", content=hyperscale, headers=JSON)
    assert answer.status_code == (200 if query in ("fields=summary,", "fields=") else 422)


def test_everything_wrong_with_a_query_is_told_at_once(client: Client, hyperscale: bytes) -> None:
    query = "field=id&fields=summry,id&detail=hall&x=1"
    answer = client.post(f"{URL}?{query}", content=hyperscale, headers=JSON).json()
    assert [error["message"].partition(": the parts are")[0] for error in answer["errors"]] == [
        "no query parameter 'field': known are fields, detail",
        "no query parameter 'x': known are fields, detail",
        "fields: no part 'summry'",
        "detail: deal or facility, not 'hall'",
    ]


def test_a_deal_that_cannot_be_financed_names_the_test_and_is_not_kept(
    client: Client, deal: Document
) -> None:
    for facility in deal["facilities"]:
        for lease in facility["leases"]:
            lease["rent_per_kw_month"] = 0.01
    answers = [client.post(URL, json=deal) for _ in range(2)]
    for answer in answers:
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:rackrate:problem:cannot-be-financed"
        assert answer.json()["test"] in answer.json()["detail"]
        assert "x-cache" not in answer.headers


def test_a_fault_of_ours_says_nothing_of_the_deal_and_is_not_kept(
    client: Client, hyperscale: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(deal: Any, ruleset: Any, id_: str) -> Underwriting:
        raise RuntimeError(deal.name)

    broken = Analysis(UNDERWRITE.name, UNDERWRITE.reads, UNDERWRITE.answers, crash)
    with monkeypatch.context() as patched:
        patched.setitem(underwritings.ANALYSES, "deal", broken)
        failed = client.post(URL, content=hyperscale, headers=JSON)
    assert failed.status_code == 500
    assert failed.headers["content-type"] == "application/problem+json"
    assert "RuntimeError" in caplog.text
    assert "five buildings" not in failed.text + caplog.text
    assert client.post(URL, content=hyperscale, headers=JSON).headers["x-cache"] == "miss"
