"""Rates: a limit that holds for all workers together, and is no outage when Redis is away."""

import asyncio
import signal
from collections.abc import Callable
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from rackrate.api.problems import LIMITED, Problem
from rackrate.api.rates import Rates


async def spend(rates: Rates, times: int, client: str = "alpha") -> int:
    """Ask `times` times; count the refusals."""
    refused = 0
    for _ in range(times):
        try:
            await rates.take(client)
        except Problem as problem:
            refused += problem.kind is LIMITED and 1 <= int(problem.headers["Retry-After"]) <= 61
    return refused


def test_a_client_is_answered_up_to_its_limit_and_others_do_not_feel_it() -> None:
    async def story() -> None:
        rates = Rates(10, clock=lambda: 600.0)
        assert await spend(rates, 15) == 5
        assert await spend(rates, 5, "beta") == 0

    asyncio.run(story())


def test_two_minutes_do_not_meet_in_a_double_allowance() -> None:
    """At the end of a minute 10 are allowed; 6 s on, 90 percent of those still count: 1 is left."""

    async def story() -> None:
        now = [659.0]
        rates = Rates(10, clock=lambda: now[0])
        assert await spend(rates, 10) == 0
        now[0] = 666.0
        assert await spend(rates, 10) == 9

    asyncio.run(story())


def test_workers_share_a_limit_through_redis_and_their_own_when_it_is_away(
    start_redis: Callable[..., Any],
) -> None:
    async def story() -> None:
        server = start_redis()
        workers = [Rates(10, 2, server.url, clock=lambda: 600.0) for _ in range(2)]
        assert [await spend(rates, 8) for rates in workers] == [0, 6]
        server.stop(signal.SIGKILL)
        assert [await spend(rates, 6, "beta") for rates in workers] == [1, 1]
        for rates in workers:
            await rates.stop()

    asyncio.run(story())


def test_the_answer_says_what_is_left(open_client: Callable[..., TestClient[Litestar]]) -> None:
    client = open_client(rate_per_minute=3)
    answers = [client.get("/v1/rulesets") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {"3"}
    assert "retry-after" in answers[3].headers
    assert client.get("/health/live").status_code == 200


def test_no_limit_counts_nothing(client: TestClient[Litestar]) -> None:
    answers = [client.get("/v1/rulesets") for _ in range(100)]
    assert {answer.status_code for answer in answers} == {200}
    assert "ratelimit-limit" not in answers[0].headers
