"""More load than the service can carry, and what is left of it; run by `make drills`."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.drills.crowd import Outcome, ask, at_rate, at_rate_behind_a_proxy, in_turn, percentile
from tests.drills.figures import Figures
from tests.drills.test_processes import HEAD, STOPPED, port_of, workers_of

Start = Callable[..., Any]
SECONDS = 5.0
IN_TIME_S = 1.0
KEPT_AT_5X = 0.6  # of the peak; 0.9 is aimed at, and the rest is room for a machine that others use too


def goodput(outcomes: list[Outcome]) -> float:
    """Answers in time, per second of sending."""
    return sum(one.status == 200 and one.seconds < IN_TIME_S for one in outcomes) / SECONDS


@pytest.fixture
def apart() -> Iterator[Callable[[Any], None]]:
    """Give the service one core and the crowd another, so that neither slows the other down."""
    cores = os.sched_getaffinity(0)
    first, *others = sorted(cores)

    def part(service: Any) -> None:
        for pid in {service.child.pid, *workers_of(service)}:
            for thread in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setaffinity(int(thread.name), {first})
        os.sched_setaffinity(0, set(others) or {first})

    yield part
    os.sched_setaffinity(0, cores)


def test_goodput_stays_up_when_far_more_is_asked_than_can_be_done(
    start_service: Start, deals: Start, figures: Figures, apart: Start
) -> None:
    service = start_service(workers="1")
    apart(service)
    port = port_of(service)
    asyncio.run(in_turn(port, deals(20), 2))
    start = time.monotonic()
    peak = 200 / (asyncio.run(_closed(port, deals(200, 1000))) - start)
    figures.tell("overload", "peak, 4 clients in turn, requests/s", peak)
    for times in (1, 2, 5):
        outcomes = asyncio.run(
            at_rate(port, deals(int(6 * times * peak), 10_000 * times), times * peak, SECONDS)
        )
        good = goodput(outcomes) / peak
        figures.tell("overload", f"goodput at {times}x, share of peak", good)
        shed = [one for one in outcomes if one.status != 200]
        assert all(one.status == 503 and "retry-after" in one.headers for one in shed)
        if shed:
            figures.tell("overload", f"p99 of a 503 at {times}x, ms", percentile(shed, 0.99))
    figures.reach("overload", "goodput at 5x, share of peak", good, KEPT_AT_5X)
    after = asyncio.run(at_rate_behind_a_proxy(port, deals(int(peak), 900_000), 0.5 * peak, 2.0))
    figures.hold("after overload", "failed at 0.5x", sum(one.status != 200 for one in after), 0)
    figures.hold("after overload", "p99 at 0.5x, ms", percentile(after, 0.99), 1000)


async def _closed(port: int, bodies: list[bytes]) -> float:
    """Ask in turn, and tell when the last answer came."""
    outcomes = await in_turn(port, bodies, 4)
    assert all(one.status == 200 for one in outcomes)
    return time.monotonic()


def test_health_is_answered_while_overloaded(start_service: Start, deals: Start, figures: Figures) -> None:
    service = start_service(workers="1")
    port = port_of(service)
    asyncio.run(ask(port, deals(1)[0]))

    async def story() -> list[float]:
        load = asyncio.create_task(at_rate(port, deals(600), 150, 4))
        waits = []
        for _ in range(20):
            await asyncio.sleep(0.15)
            start = time.monotonic()
            answer = await asyncio.to_thread(service.http.get, "/health/live")
            assert answer.status_code == 200
            waits.append(time.monotonic() - start)
        await load
        return waits

    figures.hold("health at overload", "slowest answer, ms", 1e3 * max(asyncio.run(story())), 1000)


def test_a_client_that_never_ends_its_body_is_closed_and_does_not_keep_the_service_up(
    start_service: Start, figures: Figures
) -> None:
    service = start_service(workers="1")
    with socket.create_connection(("127.0.0.1", port_of(service)), 30) as sock:
        sock.sendall(HEAD.encode() + b"Content-Length: 9000\r\n\r\n{")
        time.sleep(0.2)
        start = time.monotonic()
        service.child.send_signal(signal.SIGTERM)
        assert service.child.wait(25) in STOPPED
    figures.hold("SIGTERM with a slow body", "seconds until it stopped", time.monotonic() - start, 22)


def test_a_body_that_does_not_arrive_is_refused_in_time(start_service: Start, figures: Figures) -> None:
    service = start_service(workers="1")
    with socket.create_connection(("127.0.0.1", port_of(service)), 30) as sock:
        start = time.monotonic()
        sock.sendall(HEAD.encode() + b"Content-Length: 9000\r\n\r\n{")
        assert sock.recv(64).startswith(b"HTTP/1.1 408")
    figures.hold("a body that stalls", "seconds until 408", time.monotonic() - start, 12)
