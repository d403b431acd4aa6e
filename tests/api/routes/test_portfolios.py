"""Portfolios: a deal a line in, in order what becomes of each out, and no line costs another."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.builders.portfolio_lines import ALONE, JSON, PATH, Client, Document, post, told, varied

from rackrate.analyses.cost import LONG
from rackrate.analyses.prepare import examine
from rackrate.analyses.registry import UNDERWRITE
from rackrate.api.limits.portfolio_slots import MOST_PORTFOLIOS
from rackrate.api.limits.retry_after import busy
from rackrate.api.routes import portfolios

KEYED_BADLY = {
    "no key": (b'{"deal": {}}', None, 422, "/key"),
    "a key that is none": (b'{"key": 7, "deal": {}}', None, 422, "/key"),
    "a formula for a key": (b'{"key": "=A1", "deal": {}}', None, 422, "/key"),
    "something beside": (b'{"key": "a", "deal": {}, "name": "x"}', None, 422, "/name"),
    "a key twice": (b'{"key": "a", "key": "b", "deal": {}}', None, 400, "/key"),
    "a deal that is none": (b'{"key": "a", "deal": 5}', "a", 422, ""),
    "a deal that lacks a name": (b'{"key": "a", "deal": {}}', "a", 422, "/name"),
    "a deal with a field twice": (
        b'{"key": "a", "deal": {"name": "x", "name": "y"}}',
        None,
        400,
        "/deal/name",
    ),
}
BAD = {
    "broken": (b'{"name":', 400, "malformed"),
    "no document": (b"[]", 422, "invalid"),
    "an unknown field": (b'{"nome": "x"}', 422, "invalid"),
    "a key twice": (b'{"name": "x", "name": "y"}', 400, "malformed"),
    "no UTF-8": (b'{"name": "\xff"}', 400, "malformed"),
    "a byte order mark": (b"\xef\xbb\xbf{}", 400, "malformed"),
    "two documents": (b"{} {}", 400, "malformed"),
    "MessagePack": (b"\x81\xa4name\xa1x", 400, "malformed"),
    "deep": (b"[" * 100_000, 400, "malformed"),
}


def test_lines_are_answered_in_order_and_each_as_if_the_deal_had_been_sent_alone(
    open_client: Callable[..., Client], examples: Path
) -> None:
    deals = [path.read_bytes().replace(b"\n", b" ") for path in sorted(examples.glob("*.json"))]
    answer = post(open_client(), b"\n".join(deals))
    alone = open_client()
    for number, (line, deal) in enumerate(zip(answer.content.splitlines(), deals, strict=True), 1):
        single = alone.post(ALONE, content=deal, headers=JSON)
        head = f'{{"line":{number},"status":200,"id":"{single.json()["id"]}","underwriting":'
        assert line == head.encode() + single.content + b"}"


def test_a_key_of_ones_own_comes_back_and_changes_nothing_else(client: Client, small: Document) -> None:
    (deal,) = varied(small, 1)
    plain, keyed, again = told(
        post(
            client,
            b"\n".join([deal, b'{"key": "A-7", "deal": ' + deal + b"}", b'{"deal":' + deal + b',"key":"7"}']),
        )
    )
    assert "key" not in plain
    assert (keyed["key"], again["key"]) == ("A-7", "7")
    for line in (keyed, again):
        assert (line["id"], line["underwriting"]) == (plain["id"], plain["underwriting"])


def test_a_bad_line_with_a_key_is_refused_by_pointer_and_its_key_comes_back_once_it_is_one(
    client: Client,
) -> None:
    lines = told(post(client, b"\n".join(line for line, *_ in KEYED_BADLY.values())))
    for (_, key, status, pointer), line in zip(KEYED_BADLY.values(), lines, strict=True):
        assert (line.get("key"), line["status"]) == (key, status)
        assert pointer in [error["pointer"] for error in line["problem"]["errors"]]


def test_parts_and_details_are_those_of_a_deal_sent_alone(client: Client, hyperscale: bytes) -> None:
    body = json.dumps(json.loads(hyperscale)).encode()
    for query in ("?fields=tranches,summary", "?fields=cash_flow&detail=facility"):
        (line,) = told(post(client, body, PATH + query))
        assert line["underwriting"] == client.post(ALONE + query, content=hyperscale, headers=JSON).json()
    refused = post(client, body, PATH + "?fields=sumary")
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")


def test_a_bad_line_costs_that_line_only_and_is_refused_in_the_words_of_a_deal_sent_alone(
    client: Client, small: Document
) -> None:
    good = varied(small, len(BAD) + 1)
    body = b"\n".join(
        [good[0]] + [line for bad, deal in zip(BAD, good[1:], strict=True) for line in (BAD[bad][0], deal)]
    )
    lines = told(post(client, body))
    assert [line["line"] for line in lines] == list(range(1, 2 * len(BAD) + 2))
    assert [line["status"] for line in lines[::2]] == [200] * len(good)
    for (content, status, kind), line in zip(BAD.values(), lines[1::2], strict=True):
        alone = client.post(ALONE, content=content, headers=JSON)
        assert (line["status"], alone.status_code) == (status, status)
        assert line["problem"]["type"] == f"urn:rackrate:problem:{kind}"
        assert line["problem"] | {"instance": ALONE} == alone.json()


def test_a_deal_that_cannot_be_financed_names_the_test(
    client: Client, deal: Document, small: Document
) -> None:
    deal["facilities"][0]["operating_costs"].append({"name": "ruin", "annual": 9e9, "growth": 0})
    first, second = told(post(client, json.dumps(deal).encode() + b"\n" + varied(small, 1)[0]))
    assert (first["status"], second["status"]) == (422, 200)
    assert first["problem"]["type"] == "urn:rackrate:problem:cannot-be-financed"
    assert first["problem"]["test"]


def test_a_fault_of_the_service_costs_one_line_and_is_not_told(
    client: Client, small: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, count = client.app.state["dispatcher"].answer, iter(range(10))

    async def fail(*arguments: Any, **options: Any) -> Any:
        if next(count) == 1:
            raise ZeroDivisionError("a secret")
        return await answer(*arguments, **options)

    monkeypatch.setattr(client.app.state["dispatcher"], "answer", fail)
    found = post(client, b"\n".join(varied(small, 3)))
    assert [line["status"] for line in told(found)] == [200, 500, 200]
    assert b"secret" not in found.content


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last", [b"", b"\n", b"\r\n\r\n"])
def test_blank_lines_are_counted_and_passed_over_however_lines_end(
    client: Client, small: Document, end: bytes, last: bytes
) -> None:
    one, two = varied(small, 2)
    lines = told(post(client, end.join([b"", one, b" \t", b"", two]) + last))
    assert [(line["line"], line["status"]) for line in lines] == [(2, 200), (5, 200)]


def test_what_a_portfolio_computed_is_kept_for_deals_sent_alone_and_the_other_way_round(
    client: Client, small: Document
) -> None:
    one, two = varied(small, 2)
    computed = client.post(ALONE, content=one, headers=JSON)
    first, second = told(post(client, one + b"\n" + two))
    assert computed.headers["x-cache"] == "miss"
    again = [client.post(ALONE, content=body, headers=JSON) for body in (one, two)]
    assert [answer.headers["x-cache"] for answer in again] == ["hit", "hit"]
    assert [line["underwriting"] for line in (first, second)] == [answer.json() for answer in again]
    fetched = client.get(f"{ALONE}/{second['id']}")
    assert fetched.content == again[1].content


def test_a_portfolio_is_the_same_bytes_whatever_is_kept_and_is_never_a_cached_response(
    client: Client, small: Document
) -> None:
    body = b"\n".join([*varied(small, 3), b"{}", b"no"])
    answers = [post(client, body) for _ in range(4)]
    assert len({answer.content for answer in answers}) == 1
    assert not len(client.app.state["response_cache"]._replies)
    assert all("x-cache" not in answer.headers for answer in answers)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json"}, 415),
        ({"Content-Type": "application/x-ndjson; charset=latin-1"}, 415),
        ({"Content-Encoding": "gzip"}, 415),
        ({"Content-Type": "Application/NDJSON; charset=utf-8"}, 200),
        ({"Content-Type": "application/jsonl", "Accept": "application/x-ndjson"}, 200),
        ({"Accept": "text/csv"}, 406),
        ({"Idempotency-Key": "no key"}, 400),
    ],
)
def test_what_a_portfolio_is_sent_as_and_answered_as(
    client: Client, small: Document, headers: dict[str, str], status: int
) -> None:
    answer = post(client, varied(small, 1)[0], **headers)
    assert answer.status_code == status
    assert status == 200 or answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"", b"\n", b" \r\n\t\n"])
def test_a_portfolio_without_a_deal_is_refused(client: Client, body: bytes) -> None:
    answer = post(client, body)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:rackrate:problem:malformed")


def test_a_key_is_for_one_portfolio(client: Client, small: Document) -> None:
    one, two = varied(small, 2)
    key = {"Idempotency-Key": "q4"}
    statuses = [post(client, body, **key).status_code for body in (one + b"\n" + two, one, one + b"\n" + two)]
    assert statuses == [200, 409, 200]


def test_a_portfolio_needs_a_key_with_the_scope(
    open_client: Callable[..., Client], small: Document, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text('[[key]]\nclient = "a"\nid = "abcd"\nsha256 = "' + "0" * 64 + '"\nscopes = ["price"]\n')
    assert post(open_client(api_keys_file=str(keys)), varied(small, 1)[0]).status_code == 401


def test_a_line_that_is_too_long_costs_that_line_and_too_many_lines_or_bytes_cost_all(
    open_client: Callable[..., Client], small: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, line = open_client(max_body_bytes=8192), varied(small, 1)[0]
    first, second = told(post(client, b'{"name": "' + b"x" * 9000 + b'"}\n' + line))
    assert (first["status"], first["problem"]["type"]) == (413, "urn:rackrate:problem:body-too-large")
    assert second["status"] == 200
    monkeypatch.setattr(portfolios, "MOST_LINES", 3)
    assert [post(client, line + b"\n" * count).status_code for count in (3, 4)] == [200, 413]
    assert post(client, line + b"\n" + line + b"\n\n").status_code == 200
    monkeypatch.setattr(portfolios, "MOST_BYTES", 8000)
    assert post(client, b"{}\n" * 4000).status_code == 413


def test_the_work_of_a_portfolio_is_limited_as_a_whole_whatever_is_kept(
    open_client: Callable[..., Client], small: Document
) -> None:
    """The limit is the work of two and a half deals; of three, nonsense between, the last finds a half."""
    lines = varied(small, 3)
    first, second, third = (examine(UNDERWRITE, line, "json", 10**9).work for line in lines)
    client = open_client()
    client.app.state["dispatcher"].most_work = first + second + third // 2
    body = b"\n".join([lines[0], b"{}", *lines[1:]])
    answers = [post(client, body)]
    assert client.post(ALONE, content=lines[2], headers=JSON).status_code == 200
    answers += [post(client, body) for _ in range(2)]
    assert len({answer.content for answer in answers}) == 1
    *_, last = told(answers[0])
    assert [line["status"] for line in told(answers[0])] == [200, 422, 200, 422]
    assert last["problem"]["type"] == "urn:rackrate:problem:too-much-work"
    assert last["problem"]["errors"][0]["message"].endswith(f"{third} segment-months, and {third // 2} are")


def test_long_deals_are_long_jobs_and_keep_their_place(
    open_client: Callable[..., Client], small: Document
) -> None:
    lease = small["facilities"][0]["leases"][0]
    leases = [lease | {"id": f"l{i}", "contracted_kw": lease["contracted_kw"] / 1200} for i in range(1200)]
    long = json.loads(json.dumps(small))
    long["debt"]["term_months"] = 240
    long["facilities"][0]["leases"] = leases
    body = json.dumps(long).encode()
    assert examine(UNDERWRITE, body, "json", 10**9).work > LONG
    client = open_client()
    one, two = varied(small, 2)
    lines = told(post(client, b"\n".join([one, body, two])))
    assert [line["status"] for line in lines] == [200, 200, 200]
    assert lines[1]["underwriting"] == open_client().post(ALONE, content=body, headers=JSON).json()


def test_a_line_waits_where_there_is_no_room_and_a_further_portfolio_is_refused(
    client: Client, small: Document
) -> None:
    dispatcher, portfolio_slots = client.app.state["dispatcher"], client.app.state["portfolio_slots"]
    others = set(range(1000))
    answer, refusals = dispatcher.answer, iter([busy(1.0), busy(1.0)])

    async def full(*arguments: Any, **options: Any) -> Any:
        for refusal in refusals:
            raise refusal
        return await answer(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dispatcher, "answer", full)
        assert [line["status"] for line in told(post(client, b"\n".join(varied(small, 2))))] == [200, 200]
    dispatcher.short._queued = others
    assert post(client, varied(small, 1)[0]).status_code == 503
    dispatcher.short._queued = set()
    with ExitStack() as held:
        for _ in range(MOST_PORTFOLIOS):
            held.enter_context(portfolio_slots.limit.hold(""))
        refused = post(client, varied(small, 1)[0])
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert post(client, varied(small, 1)[0]).status_code == 200
    assert (portfolio_slots.limit.under_way, portfolio_slots.body_budget.held) == (0, 0)


def test_bodies_of_portfolios_take_no_room_from_others(
    client: Client, small: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatcher, portfolio_slots = client.app.state["dispatcher"], client.app.state["portfolio_slots"]
    answer, held = dispatcher.answer, list[tuple[int, int, int]]()

    async def look(*arguments: Any, **options: Any) -> Any:
        held.append(
            (dispatcher.body_budget.held, portfolio_slots.body_budget.held, portfolio_slots.limit.under_way)
        )
        return await answer(*arguments, **options)

    monkeypatch.setattr(dispatcher, "answer", look)
    body = b"\n".join(varied(small, 3))
    told(post(client, body))
    assert held == [(0, len(body), 1)] * 3
    assert (portfolio_slots.body_budget.held, portfolio_slots.limit.under_way) == (0, 0)


def test_a_line_counts_as_a_request_and_waits_where_its_client_is_past_its_rate(
    open_client: Callable[..., Client], small: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four a minute, and one is taken: of six lines two go at once, the others when the minute allows."""
    client = open_client(rate_per_minute=4)
    now, waits = [600.0], list[float]()

    async def wait(seconds: float) -> None:
        now[0] += seconds
        waits.append(seconds)

    monkeypatch.setattr("rackrate.api.limits.rate_limit.sleep", wait)
    monkeypatch.setattr(client.app.state["rate_limiter"], "_clock", lambda: now[0])
    client.get("/v1/rulesets")
    answer = post(client, b"\n".join(varied(small, 6)))
    assert answer.headers["ratelimit-remaining"] == "2"
    assert [line["status"] for line in told(answer)] == [200] * 6
    assert waits
    assert 60 < sum(waits) < 120
    assert post(client, varied(small, 1)[0]).status_code == 429


def test_a_line_may_be_a_pool_and_is_what_a_post_of_the_pool_answers(
    open_client: Callable[..., Client], examples: Path, small: Document
) -> None:
    pools = [
        (examples / "pools" / f"{name}.json").read_bytes().replace(b"\n", b" ")
        for name in ("gpu-term-loans", "ground-leases-four")
    ]
    client, alone = open_client(), open_client()
    keyed = b'{"key":"gpu","deal":' + pools[0] + b"}"
    lines = [keyed, json.dumps(small).encode(), pools[1], b'{"loans":[],"name":"x"}']
    headers = {"Content-Type": "application/x-ndjson"}
    answer = client.post(PATH + "?fields=summary,tranches", content=b"\n".join(lines), headers=headers)
    told = [json.loads(line) for line in answer.content.splitlines()]
    assert [line["status"] for line in told] == [200, 200, 200, 422]
    assert told[0]["key"] == "gpu"
    for line, pool in ((told[0], pools[0]), (told[2], pools[1])):
        single = alone.post("/v1/pools?fields=summary,tranches", content=pool, headers=JSON)
        assert line["underwriting"] == single.json()
        assert client.get(f"/v1/pools/{line['id']}?fields=summary").status_code == 200
    assert "/closing" in {error["pointer"] for error in told[3]["problem"]["errors"]}
