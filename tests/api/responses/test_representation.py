"""What surrounds an answer: its coding, preferences, idempotency keys and traces; and what is noted of it."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

Client = TestClient[Litestar]
URL = "/v1/underwritings"
JSON = {"Content-Type": "application/json", "Accept-Encoding": "identity"}


def test_a_large_answer_is_compressed_where_that_is_accepted_and_is_the_same(
    client: Client, hyperscale: bytes
) -> None:
    plain = client.post(URL, content=hyperscale, headers=JSON)
    assert "content-encoding" not in plain.headers
    packed = client.post(URL, content=hyperscale, headers=JSON | {"Accept-Encoding": "br, gzip;q=0.1"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]
    gone = client.get(packed.headers["location"], headers={"If-None-Match": packed.headers["etag"]})
    assert gone.status_code == 304
    refused = client.post(URL, content=hyperscale, headers=JSON | {"Accept-Encoding": "gzip;q=0"})
    assert refused.headers["etag"] == plain.headers["etag"]
    small = client.post(URL + "?fields=id", content=hyperscale, headers=JSON | {"Accept-Encoding": "gzip"})
    assert "content-encoding" not in small.headers


def test_a_client_that_prefers_no_body_gets_where_it_is(client: Client, hyperscale: bytes) -> None:
    answer = client.post(URL, content=hyperscale, headers=JSON | {"Prefer": "wait=5, return=minimal"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["preference-applied"] == "return=minimal"
    fetched = client.get(answer.headers["location"], headers={"Accept-Encoding": "identity"})
    assert (fetched.status_code, fetched.headers["etag"]) == (200, answer.headers["etag"])


def test_an_idempotency_key_belongs_to_one_request(client: Client, deal: dict[str, Any]) -> None:
    key = {"Idempotency-Key": "order-7"}
    first = client.post(URL, json=deal, headers=key)
    again = client.post(URL, json=deal, headers=key)
    assert first.content == again.content
    deal["debt"]["rate"] = 0.0612
    refused = client.post(URL, json=deal, headers=key)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:rackrate:problem:idempotency-conflict")
    assert client.post(URL, json=deal, headers={"Idempotency-Key": "order-8"}).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 256, "a b"])
def test_an_idempotency_key_that_is_none_is_refused(client: Client, deal: dict[str, Any], key: str) -> None:
    assert client.post(URL, json=deal, headers={"Idempotency-Key": key}).status_code == 400


def test_ids_and_traces_come_back_if_they_can_be_logged(client: Client) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answer = client.get("/v1/nothing", headers={"X-Request-Id": "req-1", "traceparent": trace})
    assert (answer.headers["x-request-id"], answer.headers["traceparent"]) == ("req-1", trace)
    other = client.get("/health/live", headers={"X-Request-Id": 'x"}\\n', "traceparent": "00-0-0-0"})
    assert len(other.headers["x-request-id"]) == 32
    assert "traceparent" not in other.headers


def test_every_answer_tells_browsers_what_not_to_do(client: Client) -> None:
    for path in ("/health/live", "/v1/nothing", "/openapi.json"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"].startswith("default-src 'none'")


def count(text: str, name: str) -> float:
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))


def test_metrics_add_up_across_workers_and_logs_are_json_without_the_deal(
    start_service: Callable[..., Any], hyperscale: bytes
) -> None:
    service = start_service(workers="2")
    canary = hyperscale.replace(b"Red Oak five buildings", b"CANARY-NAME")
    assert b"CANARY" in canary
    bad = canary.replace(b'"currency": "USD"', b'"currency": "CANARY-CURRENCY"')
    headers = {"Content-Type": "application/json"}
    for body, status in ((canary, 200), (bad, 422)):
        for _ in range(10):
            assert service.http.post(URL, content=body, headers=headers).status_code == status
    service.http.get("/v1/CANARY-PATH")
    service.http.get("/v1/underwritings/" + "0" * 64)
    name = 'rackrate_requests_total{method="POST",route="/v1/underwritings",status='
    text = service.http.get("/metrics").text
    assert (count(text, name + '"200"'), count(text, name + '"422"')) == (10, 10)
    fetched = 'rackrate_requests_total{method="GET",route="/v1/underwritings/{id}",status="404"}'
    assert count(text, fetched) == 1
    assert "CANARY" not in text
    assert service.stop() == 0
    lines = [json.loads(line) for line in service.log.read_text().splitlines()]
    noted = [line for line in lines if line["message"] == "request"]
    assert len(noted) == 22
    assert {"time", "level", "method", "route", "status", "ms", "cache", "x-request-id"} <= set(noted[0])
    assert "CANARY" not in service.log.read_text()


def test_compression_is_the_same_bytes_every_time(
    start_service: Callable[..., Any], hyperscale: bytes
) -> None:
    service = start_service()
    raw = []
    for _ in range(2):
        with httpx.stream(
            "POST",
            service.url + URL,
            content=hyperscale,
            headers={"Content-Type": "application/json", "Accept-Encoding": "gzip"},
        ) as answer:
            raw.append(b"".join(answer.iter_raw()))
    assert raw[0] == raw[1]
    assert msgspec.json.decode(gzip.decompress(raw[0]))["engine"]
