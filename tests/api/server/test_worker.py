"""The service as a real process beside a real Redis: what a client sees when either stops, hangs or lies."""

import asyncio
import gc
import json
import signal
import socket
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import redis
import uvicorn
from tests.conftest import until
from tests.drills.cache.test_cache_trust import altered
from tests.drills.processes.test_metrics import told
from tests.golden.agreement import CASES, PARTS, differences, read

from rackrate.api.cache.circuit_breaker import REST_S
from rackrate.api.server.worker import Server

URL = "/v1/underwritings"
APART = ("x-cache", "x-request-id", "date")
JSON = {"Content-Type": "application/json"}


def post(service: Any, body: bytes) -> httpx.Response:
    answer: httpx.Response = service.http.post(URL, content=body, headers=JSON)
    return answer


def kept(server: Any) -> redis.Redis:
    return redis.Redis(port=server.port)


def entries(server: Any, count: int = 1) -> list[bytes]:
    """Keys of answers, once the writes behind the answers have landed."""
    with kept(server) as store:
        until(lambda: len(store.keys("rackrate:*")) == count, "the answers to be kept")
        return sorted(store.keys("rackrate:*"))


@pytest.fixture
def body(hyperscale: bytes) -> bytes:
    return hyperscale


def test_an_answer_outlives_the_service_that_computed_it(
    start_redis: Callable[..., Any], start_service: Callable[..., Any], body: bytes
) -> None:
    server = start_redis()
    service = start_service(redis_url=server.url)
    first = post(service, body)
    assert entries(server)
    second = post(service, body)
    assert service.stop() == 0
    service.start()
    third = post(service, body)
    fetched = service.http.get(first.headers["location"])
    assert [r.headers["x-cache"] for r in (first, second, third, fetched)] == ["miss", "hit", "hit", "hit"]
    assert first.content == second.content == third.content == fetched.content


def test_a_redis_that_stops_changes_nothing_but_where_answers_come_from(
    start_redis: Callable[..., Any], start_service: Callable[..., Any], body: bytes
) -> None:
    server = start_redis()
    service = start_service(redis_url=server.url)
    first = post(service, body)
    entries(server)
    server.stop(signal.SIGKILL)
    second = post(service, body)
    assert (second.status_code, second.headers["x-cache"]) == (200, "miss")
    assert second.content == first.content
    assert {name: value for name, value in second.headers.items() if name not in APART} == {
        name: value for name, value in first.headers.items() if name not in APART
    }
    server.start()
    until(lambda: post(service, body).headers["x-cache"] == "hit", "Redis to be asked again")
    assert post(service, body).content == first.content


def test_a_frozen_redis_costs_one_deadline_and_no_answer(
    start_redis: Callable[..., Any], start_service: Callable[..., Any], body: bytes
) -> None:
    """A request that waits for Redis is counted as a fault: one, and one more for each second of rest."""
    server = start_redis()
    service = start_service(redis_url=server.url, workers="1")
    first = post(service, body)
    entries(server)
    server.freeze()
    before = time.monotonic()
    answers = [post(service, body) for _ in range(20)]
    waited = time.monotonic() - before
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, first.content)}
    assert service.http.get("/health/ready").json()["cache"] == "redis-away"
    assert 1 <= told(service, 'rackrate_cache_faults_total{kind="read"}') <= 1 + waited / REST_S


@pytest.mark.parametrize(
    "poison", ["wrong figure", "truncated", "another deal's", "another type", "empty", "garbage"]
)
def test_a_poisoned_entry_is_a_miss_and_the_answer_right(
    start_redis: Callable[..., Any], start_service: Callable[..., Any], body: bytes, poison: str
) -> None:
    server = start_redis()
    service = start_service(redis_url=server.url)
    first = post(service, body)
    (key,) = entries(server)
    with kept(server) as store:
        good = store.get(key)
        if poison == "another type":
            store.delete(key)
            store.rpush(key, b"x")
        elif poison == "another deal's":
            document = json.loads(body)
            document["debt"]["rate"] = 0.0611
            other = post(service, json.dumps(document).encode())
            (foreign,) = (k for k in entries(server, 2) if other.json()["id"].encode() in k)
            store.set(key, store.get(foreign))
        else:
            wrong = {"truncated": good[:-20], "empty": b"", "garbage": b"\x01" * 500}
            store.set(key, wrong[poison] if poison in wrong else altered(good))
        assert store.type(key) == b"list" or store.get(key) != good
    second = post(service, body)
    assert (second.status_code, second.headers["x-cache"]) == (200, "miss")
    assert second.content == first.content


def test_a_full_redis_answers_what_it_has_and_refuses_no_request(
    start_redis: Callable[..., Any], start_service: Callable[..., Any], body: bytes
) -> None:
    server = start_redis("--maxmemory-policy", "noeviction")
    service = start_service(redis_url=server.url)
    first = post(service, body)
    entries(server)
    with kept(server) as store:
        store.config_set("maxmemory", "1")
    document = json.loads(body)
    for rate in (0.051, 0.052, 0.053):
        document["debt"]["rate"] = rate
        assert post(service, json.dumps(document).encode()).status_code == 200
    again = post(service, body)
    assert (again.headers["x-cache"], again.content) == ("hit", first.content)


def test_workers_share_answers_through_redis(
    start_redis: Callable[..., Any], start_service: Callable[..., Any], body: bytes
) -> None:
    server = start_redis()
    service = start_service(redis_url=server.url, workers="2")
    first = post(service, body)
    entries(server)
    others = [post(service, body) for _ in range(12)]
    assert {answer.headers["x-cache"] for answer in others} == {"hit"}
    assert {answer.content for answer in others} == {first.content}


def test_a_deal_over_http_agrees_with_its_expected_answer(
    start_service: Callable[..., Any], examples: Any
) -> None:
    name = "hyperscale-single-tenant.json"
    answer = post(start_service(), (examples / name).read_bytes()).json()
    expected = read(CASES / "expected" / name)
    assert [differences(part, expected[part], answer[part]) for part in PARTS] == [[]] * len(PARTS)


def test_a_body_cut_off_or_a_client_that_leaves_harms_nobody(
    start_service: Callable[..., Any], body: bytes
) -> None:
    service = start_service()
    host, port = service.url.removeprefix("http://").split(":")
    lines = [
        f"POST {URL} HTTP/1.1",
        "Host: x",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    head = "\r\n".join([*lines, "", ""])
    for part in (b"", body[:100], body):
        with socket.create_connection((host, int(port))) as wire:
            wire.sendall(head.encode() + part)
    answer = post(service, body)
    assert answer.status_code == 200
    assert "Traceback" not in service.log.read_text()


def test_the_service_says_no_more_of_itself_than_it_must(
    start_service: Callable[..., Any], body: bytes
) -> None:
    service = start_service()
    headers = post(service, body).headers
    assert "server" not in headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "private, no-cache"
    assert service.http.get("/health/live").json()["status"] == "live"
    assert service.http.head("/health/live").status_code == 200


def test_what_a_worker_starts_with_is_out_of_the_collectors_sight() -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None: ...

    async def story(listening: socket.socket) -> None:
        config = uvicorn.Config(application, lifespan="off")
        config.load()
        server = Server(config, listening)
        server.lifespan = config.lifespan_class(config)
        await server.startup([listening])
        server.servers[0].close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        asyncio.run(story(listening))
    try:
        assert gc.get_freeze_count() > 10 * len(gc.get_objects())
    finally:
        gc.unfreeze()
