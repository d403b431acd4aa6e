"""What a cache holds is never believed, never mixed up between requests or clients, and computed once."""

import asyncio
import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import redis
from tests.conftest import until
from tests.drills.figures import Figures
from tests.drills.load.crowd import UNDERWRITINGS, Outcome, ask, at_rate, in_turn
from tests.drills.processes.test_processes import STOPPED, port_of

from rackrate.api.cache.compression import compress, expand
from rackrate.api.cache.signing import CHECKSUM_BYTES, VERSION
from rackrate.api.cache.store import CachedAnswer

Start = Callable[..., Any]


def altered(value: bytes) -> bytes:
    """An entry with another principal in it, beneath the seal of the right one."""
    seal, exchange = value[: len(VERSION) + CHECKSUM_BYTES], expand(value[len(VERSION) + CHECKSUM_BYTES :])
    wrong = exchange.answer.replace(b'"principal":', b'"principal":9', 1)
    assert wrong != exchange.answer
    return seal + compress(CachedAnswer(exchange.request, wrong))


def poison(store: redis.Redis) -> int:
    """Spoil every entry, each in one of five ways; tell how many were spoilt."""
    keys = sorted(store.keys("rackrate:*"))
    values = [store.get(key) for key in keys]
    for i, (key, value) in enumerate(zip(keys, values, strict=True)):
        wrong = [
            values[i - 1],  # another request's, whole and well sealed
            value[:-7],
            altered(value),
            b"",
            bytes([value[0] ^ 1]) + value[1:],
        ]
        store.set(key, wrong[i % 5])
    return len(keys)


def test_poisoned_entries_give_no_wrong_answer(
    start_redis: Start, start_service: Start, deals: Start, figures: Figures
) -> None:
    server, bodies = start_redis(), deals(50)
    service = start_service(redis_url=server.url, workers="1")

    def rounds() -> list[httpx.Response]:
        headers = {"Content-Type": "application/json"}
        return [service.http.post(UNDERWRITINGS, content=body, headers=headers) for body in bodies]

    right = [answer.content for answer in rounds()]
    wrong = failed = spoilt = 0
    with redis.Redis(port=server.port) as store:
        for _ in range(2):
            until(lambda: len(store.keys("rackrate:*")) == len(bodies), "all answers to be kept")
            assert service.stop() in STOPPED
            spoilt += poison(store)
            service.start()
            answers = rounds()
            wrong += sum(answer.content != good for answer, good in zip(answers, right, strict=True))
            failed += sum(answer.status_code != 200 for answer in answers)
            told = service.log.read_text()  # on a busy machine a read may be given up, which is told as well
            assert told.count("did not match its checksum") == spoilt or "cache read failed" in told
            until(lambda: all(store.strlen(key) > 100 for key in store.keys("rackrate:*")), "new writes")
    figures.reach("poisoned entries", "entries spoilt", spoilt, 100)
    figures.hold("poisoned entries", "wrong answers", wrong, 0)
    figures.hold("poisoned entries", "failed", failed, 0)


async def _storm(port: int, bodies: list[bytes], leaving: int) -> tuple[list[Outcome], list[Outcome]]:
    chance = random.Random(7)
    steady = asyncio.create_task(at_rate(port, bodies, 10, leaving / 200))
    gone = []
    for i in range(leaving):
        leave = ask(port, bodies[i % len(bodies)], leave_after_s=chance.uniform(0.001, 0.02))
        gone.append(asyncio.create_task(leave))
        await asyncio.sleep(0.005)
    return await steady, list(await asyncio.gather(*gone))


def test_clients_that_leave_give_nobody_another_ones_answer(
    start_redis: Start, start_service: Start, wire: Start, deals: Start, figures: Figures
) -> None:
    line = wire(start_redis().port)
    service = start_service(redis_url=line.url, workers="1")
    port, bodies = port_of(service), deals(200)  # each again after the second in which the cache is not asked
    right = {one.body: one.content for one in asyncio.run(in_turn(port, bodies, 1))}
    line.fault = "jitter"
    before = line.connections
    stayed, left = asyncio.run(_storm(port, bodies, 600))
    answered = [one for one in (*stayed, *left) if one.status == 200]
    figures.reach("cancellation storm", "clients that left", sum(one.status == 0 for one in left), 100)
    figures.hold(
        "cancellation storm", "requests that stayed and failed", sum(o.status != 200 for o in stayed), 0
    )
    figures.hold("cancellation storm", "wrong answers", sum(o.content != right[o.body] for o in answered), 0)
    connections = line.connections - before
    figures.hold("cancellation storm", "connections to Redis per client gone", connections / len(left), 2)
    line.fault = (
        "none"  # while its slowness is remembered, one request in 16 finds out whether it still lasts
    )
    until(lambda: all(one.hit for one in asyncio.run(in_turn(port, bodies, 1))), "hits, after the jitter")


def test_a_stampede_of_identical_misses_computes_once_a_worker(
    start_redis: Start, start_service: Start, deals: Start, figures: Figures
) -> None:
    server = start_redis()
    service = start_service(redis_url=server.url, workers="2")
    outcomes = asyncio.run(in_turn(port_of(service), deals(1) * 100, 100))
    with redis.Redis(port=server.port) as store:
        until(lambda: bool(store.keys("rackrate:*")), "the answer to be kept")
        written = store.info("commandstats")["cmdstat_set"]["calls"]
    figures.hold("stampede of 100", "computed, with 2 workers", written, 2)
    figures.hold("stampede of 100", "not answered 200", sum(one.status != 200 for one in outcomes), 0)
    figures.hold("stampede of 100", "different answers", len({one.content for one in outcomes}) - 1, 0)


def test_no_client_reads_what_another_computed(
    start_redis: Start, start_service: Start, deals: Start, figures: Figures, tmp_path: Path
) -> None:
    keys = {name: f"rr_{name}{name}_{name * 43}" for name in ("aa", "bb")}
    entry = '[[key]]\nclient = "{0}"\nid = "{0}{0}"\nsha256 = "{1}"\nscopes = ["price", "read"]\n'
    digests = {name: hashlib.sha256(key.encode()).hexdigest() for name, key in keys.items()}
    (tmp_path / "keys.toml").write_text("".join(entry.format(*pair) for pair in digests.items()))
    server, bodies = start_redis(), deals(10)
    service = start_service(redis_url=server.url, workers="1", api_keys_file=str(tmp_path / "keys.toml"))
    port, leaks = port_of(service), 0
    for body in bodies:
        first, foreign = (asyncio.run(ask(port, body, key=keys[name])) for name in ("aa", "bb"))
        leaks += (first.hit, foreign.hit).count(True)
        assert first.content == foreign.content
    for body in deals(10, 100):
        place = asyncio.run(ask(port, body, key=keys["aa"])).headers["location"]
        mine, other, nobody = (
            service.http.get(place, headers={"Authorization": f"Bearer {key}"} if key else {}).status_code
            for key in (keys["aa"], keys["bb"], "")
        )
        assert (mine, nobody) == (200, 401)
        leaks += other != 404
    with redis.Redis(port=server.port) as store:
        until(lambda: len(store.keys("rackrate:*")) >= 30, "all answers to be kept")
        figures.hold("two clients", "entries both use", 30 - len(store.keys("rackrate:*")), 0)
    figures.hold("two clients", "answers of the other seen", leaks, 0)
