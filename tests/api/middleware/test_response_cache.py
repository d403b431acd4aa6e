"""The response cache: what the framework sent is sent again ahead of it, while it would send the same."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from rackrate.analyses.problems import TOO_SLOW, Problem
from rackrate.api.limits.body_budget import BodyBudget
from rackrate.api.limits.body_reader import BodyReader
from rackrate.api.middleware.response_cache import SURE_S, ResponseCache
from rackrate.api.request_state import BODY

Client = TestClient[Litestar]
PATH = "/v1/underwritings"
PLAIN = {"content-type": "application/json"}
APART = ("x-request-id", "date")
KEYS = {"alpha": "rr_alpha_secret", "beta": "rr_beta_secret"}


@pytest.fixture
def shut(monkeypatch: pytest.MonkeyPatch) -> Callable[[Client], None]:
    """Have the dispatcher fail: what is answered from now on is a cached response or a 500."""

    async def closed(*_: Any, **__: Any) -> None:
        raise AssertionError("the dispatcher was asked")

    return lambda client: monkeypatch.setattr(client.app.state["dispatcher"], "answer", closed)


def warm(client: Client, body: bytes, **headers: str) -> Any:
    """Ask until the answer has come out of the cache; give that one."""
    client.post(PATH, content=body, headers=PLAIN | headers)
    return client.post(PATH, content=body, headers=PLAIN | headers)


def key_file(tmp_path: Path, *names: str) -> Path:
    path = tmp_path / "keys.toml"
    entry = '[[key]]\nclient = "{0}"\nid = "{0}"\nsha256 = "{1}"\nscopes = ["price", "read"]\n'
    path.write_text("".join(entry.format(n, hashlib.sha256(KEYS[n].encode()).hexdigest()) for n in names))
    return path


@pytest.mark.parametrize(
    "headers",
    [{}, {"accept": "application/msgpack"}, {"accept-encoding": "gzip"}, {"prefer": "return=minimal"}],
    ids=["json", "msgpack", "gzip", "minimal"],
)
def test_a_repeat_is_what_the_framework_sent(
    client: Client, hyperscale: bytes, shut: Callable[[Client], None], headers: dict[str, str]
) -> None:
    first = warm(client, hyperscale, **headers)
    warm(client, hyperscale, accept="application/json;q=0.5")
    shut(client)
    again = client.post(PATH, content=hyperscale, headers=PLAIN | headers | {"x-request-id": "mine"})
    assert again.content == first.content
    assert again.headers["x-request-id"] == "mine"
    kept, sent = ({k: v for k, v in r.headers.items() if k not in APART} for r in (first, again))
    assert kept == sent
    assert again.headers["x-cache"] == "hit"


def test_a_repeat_is_counted_by_its_route(
    client: Client, hyperscale: bytes, shut: Callable[[Client], None]
) -> None:
    def count() -> float:
        wanted = 'rackrate_requests_total{method="POST",route="/v1/underwritings",status="200"} '
        found = [line for line in client.get("/metrics").text.splitlines() if line.startswith(wanted)]
        return float(found[0].removeprefix(wanted))

    warm(client, hyperscale)
    before = count()
    shut(client)
    assert client.post(PATH, content=hyperscale, headers=PLAIN).status_code == 200
    assert count() == before + 1


def test_a_body_that_comes_in_parts_is_repeated_too(
    client: Client, hyperscale: bytes, shut: Callable[[Client], None]
) -> None:
    def parts() -> Iterator[bytes]:
        yield hyperscale[:1000]
        yield hyperscale[1000:]

    warm(client, hyperscale)
    first = client.post(PATH, content=parts(), headers=PLAIN)
    shut(client)
    assert client.post(PATH, content=parts(), headers=PLAIN).content == first.content


def test_a_body_that_is_late_is_passed_on_as_late_and_not_waited_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> list[Any]:
        told: list[Any] = []
        came = [{"type": "http.request", "body": b"{", "more_body": True}]

        async def receive() -> Any:
            return came.pop() if came else await asyncio.sleep(60)

        async def inner(scope: Any, *_: Any) -> None:
            reader = BODY.get(scope)
            assert reader
            with pytest.raises(Problem) as refused:
                await reader.read(1000)
            told.append(refused.value.kind)

        monkeypatch.setattr(BodyReader.read, "__defaults__", (0.05, 0.0))
        nobody: Any = None
        dispatcher: Any = SimpleNamespace(body_budget=BodyBudget())
        guard: Any = ResponseCache(inner, dispatcher, nobody, nobody)
        await guard({"type": "http", "method": "POST", "headers": [], "state": {}}, receive, nobody)
        return told

    assert asyncio.run(asyncio.wait_for(story(), 5)) == [TOO_SLOW]


def test_a_body_counts_once_while_it_is_answered(
    client: Client, hyperscale: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatcher, held = client.app.state["dispatcher"], list[int]()
    answer = dispatcher.answer

    async def watched(*arguments: Any, **options: Any) -> Any:
        held.append(dispatcher.body_budget.held)
        return await answer(*arguments, **options)

    monkeypatch.setattr(dispatcher, "answer", watched)
    for headers in (PLAIN, PLAIN | {"idempotency-key": "k"}):  # read ahead of routing, and by the route
        assert client.post(PATH, content=hyperscale, headers=headers).status_code == 200
    assert (held, dispatcher.body_budget.held) == ([len(hyperscale)] * 2, 0)


def test_a_reading_is_repeated_too_and_a_tag_is_still_heard(client: Client, hyperscale: bytes) -> None:
    answer = warm(client, hyperscale)
    place = answer.headers["location"]
    told = [client.get(place) for _ in range(3)]
    assert {one.content for one in told} == {answer.content}
    same = [client.get(place, headers={"if-none-match": told[0].headers["etag"]}) for _ in range(3)]
    assert [(one.status_code, one.content) for one in same] == [(304, b"")] * 3


def test_what_the_cache_forgot_is_computed_again(client: Client, hyperscale: bytes) -> None:
    warm(client, hyperscale)
    assert client.post(PATH, content=hyperscale, headers=PLAIN).headers["x-cache"] == "hit"
    client.app.state["dispatcher"].results._answers.clear()
    time.sleep(SURE_S + 0.05)
    assert client.post(PATH, content=hyperscale, headers=PLAIN).headers["x-cache"] == "miss"


def test_a_cache_that_has_nothing_is_asked_each_time(
    client: Client, hyperscale: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_: str) -> None:
        return None

    warm(client, hyperscale)
    monkeypatch.setattr(client.app.state["dispatcher"].results, "get", nothing)
    time.sleep(SURE_S + 0.05)
    sources = [client.post(PATH, content=hyperscale, headers=PLAIN).headers["x-cache"] for _ in range(3)]
    assert sources == ["miss"] * 3


def test_an_idempotency_key_is_held_to_its_request_among_repeats(client: Client, hyperscale: bytes) -> None:
    other = hyperscale.replace(b"Red Oak", b"Red Elm")
    warm(client, hyperscale)
    warm(client, other)
    key = PLAIN | {"idempotency-key": "k"}
    statuses = [client.post(PATH, content=body, headers=key).status_code for body in (hyperscale, other)]
    assert statuses == [200, 409]


def test_a_repeat_counts_against_the_limit(open_client: Callable[..., Client], hyperscale: bytes) -> None:
    client = open_client(rate_per_minute=4)
    answers = [client.post(PATH, content=hyperscale, headers=PLAIN) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    assert [answer.headers["ratelimit-remaining"] for answer in answers[:4]] == ["3", "2", "1", "0"]
    assert "retry-after" in answers[-1].headers


def test_a_key_that_was_withdrawn_repeats_nothing(
    open_client: Callable[..., Client], hyperscale: bytes, tmp_path: Path
) -> None:
    client = open_client(api_keys_file=str(key_file(tmp_path, "alpha", "beta")))
    sent = {name: {"authorization": f"Bearer {key}"} for name, key in KEYS.items()}
    assert warm(client, hyperscale, **sent["alpha"]).headers["x-cache"] == "hit"
    foreign = client.post(PATH, content=hyperscale, headers=PLAIN | sent["beta"])
    assert foreign.headers["x-cache"] == "miss"
    key_file(tmp_path, "beta")
    time.sleep(1.1)
    assert client.post(PATH, content=hyperscale, headers=PLAIN | sent["alpha"]).status_code == 401
    assert client.post(PATH, content=hyperscale, headers=PLAIN).status_code == 401
