"""More load than the service can carry, and what is left of it; run by `make drills`.

Refusing costs about 0.03 ms, answering a deal some milliseconds. With r the one and h the other, what is left
of the peak at k times the load is (1 - k r/h) / (1 - r/h): nine tenths at five times while h is over 41 r.
Goodput is held to its bound by the second of the worker's processor time, which is a second of the clock
where the worker has a core to itself; where others use that core too, the clock tells of them.
"""

import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.drills.figures import Figures
from tests.drills.load.crowd import UNDERWRITINGS, ask, at_rate
from tests.drills.processes.test_processes import HEAD, STOPPED, port_of, workers_of

Start = Callable[..., Any]
Load = Callable[[int, float, float], dict[str, float]]
SECONDS, ROUNDS = 4.0, 5
IN_TIME_MS = 1000
GUESS = 50.0  # requests a second, to begin with


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


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Load:
    """A crowd written in C, asking about deals that all differ in their rate."""
    program = tmp_path_factory.mktemp("crowd") / "crowd"
    source = Path(__file__).with_name("crowd.c")
    subprocess.run(["gcc", "-O2", "-Wall", "-Werror", "-o", program, source], check=True)
    document = json.loads((examples / "hyperscale-single-tenant.json").read_bytes())
    document["debt"]["rate"] = 0.05
    body = json.dumps(document).encode().replace(b'"rate": 0.05,', b'"rate": 0.05@@@@@@@@,', 1)
    lines = [f"POST {UNDERWRITINGS} HTTP/1.1", "Host: x", "Content-Type: application/json"]
    request = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
    asked = 1

    def load(port: int, rate: float, seconds: float) -> dict[str, float]:
        nonlocal asked
        numbers = [port, rate, seconds, asked, IN_TIME_MS]
        asked += int(rate * seconds)
        ran = subprocess.run([program, *map(str, numbers)], input=request, capture_output=True, check=True)
        told: dict[str, float] = json.loads(ran.stdout)
        return told | {"goodput": told["ok"] / seconds}

    return load


def processor_s(service: Any) -> float:
    """Seconds of processor time that the workers have used."""
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in workers_of(service)]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def peak_of(load: Load, port: int) -> float:
    """What can be answered in a second: asked for more and more, until a quarter is refused."""
    rate, told = GUESS, {"busy": 0.0, "goodput": 0.0}
    while told["busy"] <= rate * SECONDS / 4:
        rate *= 1.5
        told = load(port, rate, SECONDS)
    return told["goodput"]


def test_goodput_stays_up_when_far_more_is_asked_than_can_be_done(
    start_service: Start, crowd: Load, figures: Figures, apart: Start
) -> None:
    service = start_service(workers="1")
    apart(service)
    port = port_of(service)
    peak = peak_of(crowd, port)
    figures.tell("overload", "peak, requests/s", peak)
    told: dict[int, list[dict[str, float]]] = {2: [], 5: [], 10: []}
    for _ in range(ROUNDS):  # in turn, so that whatever else the machine does befalls all alike
        for times, rounds in told.items():
            before = processor_s(service)
            answers = crowd(port, times * peak, SECONDS)
            rounds.append(answers | {"rate": answers["ok"] / (processor_s(service) - before)})
    for times, least in ((5, 0.9), (10, 0.8)):
        pairs = list(zip(told[times], told[2], strict=True))
        by_processor, by_clock = (
            statistics.median(more[rate] / most[rate] for more, most in pairs) for rate in ("rate", "goodput")
        )
        figures.reach("overload", f"goodput at {times}x, share of peak", by_processor, least)
        figures.reach("overload", f"goodput at {times}x by the clock, share of peak", by_clock, 0.6)
        for measure, most in (("ok_p99_ms", IN_TIME_MS), ("busy_p99_ms", 250)):
            slowest = statistics.median(each[measure] for each in told[times])
            what = {"ok_p99_ms": "an answer", "busy_p99_ms": "a 503"}[measure]
            figures.hold("overload", f"p99 of {what} at {times}x, ms", slowest, most)
    for wrong, what in (
        ("hopeless", "503 without Retry-After"),
        ("other", "other answers"),
        ("failed", "none"),
    ):
        count = sum(each[wrong] for rounds in told.values() for each in rounds)
        figures.hold("overload", f"requests with {what}", count, 0)
    after = [crowd(port, 0.5 * peak, 1.0) for _ in range(3)][-1]
    figures.hold("after overload", "not answered at 0.5x, 2 s later", after["sent"] - after["ok"], 0)
    figures.hold("after overload", "p99 at 0.5x, ms", after["ok_p99_ms"], 250)


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
