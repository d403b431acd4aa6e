"""Stopping, crashing and going on for long, over and over; run by `make drills`."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.conftest import until
from tests.drills.figures import Figures
from tests.drills.load.crowd import at_rate, in_turn, percentile
from tests.drills.processes.test_processes import STOPPED, _while, port_of, resident_mib, workers_of

Start = Callable[..., Any]
STOPS, DELAYS_S = 5, [step / 20 for step in range(11)]
KILLS, KILL_EVERY_S = 6, 3.0
SOAK_S, WARM_S, SOAK_RATE = 60.0, 15.0, 30.0


def test_stopping_again_and_again_at_load_loses_nothing(
    start_service: Start, deals: Start, figures: Figures
) -> None:
    service, lost, sent, slowest, slow_stop = start_service(workers="1"), 0, 0, 0.0, 0.0
    port = port_of(service)
    for i in range(STOPS):
        stop = partial(service.child.send_signal, signal.SIGTERM)
        outcomes, at = asyncio.run(_while(port, deals(60, 1000 * i), 30, 2, stop))
        assert service.child.wait(25) in STOPPED
        slow_stop = max(slow_stop, time.monotonic() - at)
        before = [one for one in outcomes if one.sent < at - 0.01]
        lost += sum(one.status != 200 for one in before)
        sent += len(before)
        slowest = max(slowest, percentile(before, 1))
        service.start()
    name = f"SIGTERM at load, {STOPS} times"
    figures.hold(name, f"lost of {sent} sent before it", lost, 0)
    figures.hold(name, "slowest answer, ms", slowest, 1000)
    figures.hold(name, "slowest stop, s", slow_stop, 25)


def test_told_to_stop_just_after_a_worker_died_it_stops(
    start_redis: Start, start_service: Start, figures: Figures
) -> None:
    service, slowest = start_service(redis_url=start_redis().url, workers="2"), 0.0
    for delay_s in DELAYS_S:
        until(lambda: len(workers_of(service)) == 2, "two workers")
        os.kill(min(workers_of(service)), signal.SIGKILL)
        time.sleep(delay_s)
        start = time.monotonic()
        service.child.send_signal(signal.SIGTERM)
        assert service.child.wait(30) in STOPPED
        slowest = max(slowest, time.monotonic() - start)
        service.start()
    figures.hold(f"SIGTERM 0 to 500 ms after a crash, {len(DELAYS_S)} times", "slowest stop, s", slowest, 26)


def test_a_worker_that_is_killed_every_few_seconds_is_replaced_each_time(
    start_redis: Start, start_service: Start, deals: Start, figures: Figures
) -> None:
    service = start_service(redis_url=start_redis().url, workers="2")
    bodies, port = deals(10), port_of(service)
    until(lambda: len(workers_of(service)) == 2, "two workers")
    asyncio.run(in_turn(port, bodies, 1))

    def kill_and_kill() -> None:
        for _ in range(KILLS):
            os.kill(min(workers_of(service)), signal.SIGKILL)
            time.sleep(KILL_EVERY_S)

    async def story() -> list[Any]:
        asking = asyncio.create_task(at_rate(port, bodies, 50, KILLS * KILL_EVERY_S + 1))
        await asyncio.to_thread(kill_and_kill)
        return await asking

    outcomes = asyncio.run(story())
    answered = sum(one.status == 200 for one in outcomes) / len(outcomes)
    figures.reach(
        f"a worker killed every {KILL_EVERY_S:g} s", f"answered, of {len(outcomes)}", answered, 0.99
    )
    until(lambda: len(workers_of(service)) == 2, "two workers again")
    assert all(one.status == 200 for one in asyncio.run(in_turn(port, bodies, 2)))


def test_a_minute_of_load_leaves_memory_where_it_was(
    start_redis: Start, start_service: Start, deals: Start, figures: Figures
) -> None:
    server = start_redis("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru")
    service = start_service(redis_url=server.url, workers="1", log_level="warning")
    port = port_of(service)
    warm = asyncio.run(at_rate(port, deals(int(SOAK_RATE * WARM_S)), SOAK_RATE, WARM_S))
    before = resident_mib(service)
    count = int(SOAK_RATE * SOAK_S)
    outcomes = asyncio.run(at_rate(port, deals(count, 100_000), SOAK_RATE, SOAK_S))
    figures.hold("a minute at load", "memory grown, MiB", resident_mib(service) - before, 8)
    failed = sum(one.status not in (200, 503) for one in (*warm, *outcomes))
    figures.hold("a minute at load", f"failed of {count}", failed, 0)
    refused = sum(one.status == 503 for one in outcomes) / count  # where others use the machine too
    figures.hold("a minute at load", "refused with 503, share", refused, 0.05)
    figures.hold("a minute at load", "p99, ms", percentile(outcomes, 0.99), 500)
