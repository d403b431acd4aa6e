"""Rates: a limit that holds for all workers together, and is no outage when Redis is away."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import redis
from litestar import Litestar
from litestar.testing import TestClient

from rackrate.analyses.problems import LIMITED, Problem
from rackrate.api.limits.rate_counters import RateCounters
from rackrate.api.limits.rate_limit import RateLimiter


async def spend(rate_limiter: RateLimiter, times: int, client: str = "alpha") -> int:
    """Ask `times` times; count the refusals."""
    refused = 0
    for _ in range(times):
        try:
            await rate_limiter.take(client)
        except Problem as problem:
            longest_s = (
                61 + 60 / rate_limiter._share
            )  # the rest of this minute, and until one of it counts no longer
            refused += problem.kind is LIMITED and 1 <= int(problem.headers["Retry-After"]) <= longest_s
    return refused


def test_a_client_is_answered_up_to_its_limit_and_others_do_not_feel_it() -> None:
    async def story() -> None:
        rate_limiter = RateLimiter(10, clock=lambda: 600.0)
        assert await spend(rate_limiter, 15) == 5
        assert await spend(rate_limiter, 5, "beta") == 0

    asyncio.run(story())


def test_two_minutes_do_not_meet_in_a_double_allowance() -> None:
    """At the end of a minute 10 are allowed; 6 s on, 90 percent of those still count: 1 is left."""

    async def story() -> None:
        now = [659.0]
        rate_limiter = RateLimiter(10, clock=lambda: now[0])
        assert await spend(rate_limiter, 10) == 0
        now[0] = 666.0
        assert await spend(rate_limiter, 10) == 9

    asyncio.run(story())


@pytest.mark.parametrize("limit", [1, 2, 3, 10, 600])
def test_who_waits_as_long_as_told_is_let_in_and_not_a_second_earlier(limit: int) -> None:
    """Whenever it asks; what is refused does not count, so that asking too early costs nothing."""

    async def story() -> None:
        now, draw = [600.0], random.Random(limit)
        rate_limiter = RateLimiter(limit, clock=lambda: now[0])
        granted = list[float]()
        for _ in range(200):
            now[0] += draw.choice([0.0, 0.0, 0.3, 7.0, 40.0]) * draw.random()
            while not await spend(rate_limiter, 1):
                granted.append(now[0])
            with pytest.raises(Problem) as refused:
                await rate_limiter.take("alpha")
            wait = int(refused.value.headers["Retry-After"])
            now[0] += wait - 1.001
            assert await spend(rate_limiter, 3) == 3
            now[0] += 1.001
            assert await spend(rate_limiter, 1) == 0
            granted.append(now[0])
        minutes = Counter(int(at // 60) for at in granted)
        assert max(minutes.values()) <= limit

    asyncio.run(story())


def test_a_long_portfolio_goes_at_its_clients_rate_and_is_never_silent_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 600 a minute 300 go at once; whatever minute it begins in, no line after waits for 3 s."""

    async def story(now: float) -> None:
        waits, granted = [0.0], list[float]()

        async def wait(seconds: float) -> None:
            nonlocal now
            now += seconds
            waits[-1] += seconds

        monkeypatch.setattr("rackrate.api.limits.rate_limit.sleep", wait)
        rate_limiter = RateLimiter(600, clock=lambda: now)
        for _ in range(3000):
            await rate_limiter.pace("alpha")
            granted.append(now)
            waits.append(0.0)
        assert granted[299] == granted[0]
        assert max(waits) < 3.0
        assert 60 * (3000 - 600) / 600 <= granted[-1] - granted[0] <= 61 * 3000 / 600
        assert max(Counter(int(at // 60) for at in granted).values()) <= 600

    for second in (0.0, 20.0, 59.0):
        asyncio.run(story(600.0 + second))


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    async def story() -> None:
        now = [7200.0]
        rate_limiter = RateLimiter(10, clock=lambda: now[0])
        assert await spend(rate_limiter, 12) == 2
        now[0] = 3600.0
        assert await spend(rate_limiter, 12) == 2

    asyncio.run(story())


def test_what_is_refused_counts_for_no_other_worker_either(start_redis: Callable[..., Any]) -> None:
    async def story() -> None:
        server, now = start_redis(), [600.0]
        workers = [RateLimiter(10, 2, server.url, clock=lambda: now[0]) for _ in range(2)]
        assert [await spend(rate_limiter, 50) for rate_limiter in workers] == [40, 50]
        now[0] = 690.0  # half of a minute on, half of the 10 count
        assert [await spend(rate_limiter, 3) for rate_limiter in workers] == [0, 1]
        for rate_limiter in workers:
            await rate_limiter.stop()

    asyncio.run(story())


def test_workers_share_a_limit_through_redis_and_their_own_when_it_is_away(
    start_redis: Callable[..., Any],
) -> None:
    async def story() -> None:
        server = start_redis()
        workers = [RateLimiter(10, 2, server.url, clock=lambda: 600.0) for _ in range(2)]
        assert [await spend(rate_limiter, 8) for rate_limiter in workers] == [0, 6]
        server.stop(signal.SIGKILL)
        assert [await spend(rate_limiter, 6, "beta") for rate_limiter in workers] == [1, 1]
        for rate_limiter in workers:
            await rate_limiter.stop()

    asyncio.run(story())


LIES: list[Any] = [
    b"", b"-1000000", b"1000000000", b"9" * 30, b"9" * 5000, b"nan", b"0x7", b"1_0", b" 7", b"\xff\xfe",
    str(2**63 - 1).encode(), str(-(2**63)).encode(), ["a", "list"], {"a": "hash"},
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_what_a_stranger_writes_over_counters_locks_nobody_out_and_lets_nobody_have_more(
    lie: Any, start_redis: Callable[..., Any]
) -> None:
    """Two workers, 10 a minute: at least a worker's share of a minute is answered, and at most 10 by each."""

    def spoil(server: Any) -> None:
        with redis.Redis(port=server.port) as store:
            for name in store.keys("rackrate:rate:*"):
                store.delete(name)
                if isinstance(lie, list):
                    store.rpush(name, *lie)
                elif isinstance(lie, dict):
                    store.hset(name, mapping=lie)
                else:
                    store.set(name, lie)

    async def story(server: Any) -> None:
        now = [600.0]
        workers = [RateLimiter(10, 2, server.url, clock=lambda: now[0]) for _ in range(2)]
        for minute in (600.0, 660.0, 780.0):
            now[0] = minute
            granted = 0
            for _ in range(12):
                for rate_limiter in workers:
                    granted += 1 - await spend(rate_limiter, 1)
                    spoil(server)
            assert (5 if minute != 660.0 else 0) <= granted <= 20
        assert not any(rate_limiter.shared.breaker.is_open for rate_limiter in workers if rate_limiter.shared)
        for rate_limiter in workers:
            await rate_limiter.stop()

    asyncio.run(story(start_redis()))


def test_who_does_not_know_the_secret_cannot_tell_where_a_client_will_be_counted() -> None:
    counters = [RateCounters("redis://localhost", secret, 10) for secret in ("one", "two", "one\nold")]
    assert len({each.name("alpha", 10) for each in counters}) == 2
    this, other = counters[0].name("alpha", 10), counters[0].name("alpha", 11)
    assert this.partition("}")[0] == other.partition("}")[0]
    assert this != other


def test_requests_at_once_up_to_the_limit_are_all_answered(start_redis: Callable[..., Any]) -> None:
    async def story(server: Any) -> None:
        rate_limiter = RateLimiter(10, 1, server.url, clock=lambda: 600.0)
        took = await asyncio.gather(*(rate_limiter.take("alpha") for _ in range(15)), return_exceptions=True)
        assert sum(isinstance(each, Problem) for each in took) == 5
        await rate_limiter.stop()

    asyncio.run(story(start_redis()))


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
