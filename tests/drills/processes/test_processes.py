"""Stopping, dying and being crowded in on: what clients notice of it."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import until
from tests.drills.figures import Figures
from tests.drills.load.crowd import UNDERWRITINGS, Outcome, ask, at_rate, in_turn, percentile

Start = Callable[..., Any]
STOPPED = (
    0,
    -signal.SIGTERM,
)  # a lone worker passes the signal on when it has finished, a supervisor exits with 0
HEAD = f"POST {UNDERWRITINGS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def port_of(service: Any) -> int:
    return int(service.url.rpartition(":")[2])


def workers_of(service: Any) -> set[int]:
    """Processes under the service that answer requests: spawned by it, and not to track resources."""
    parent = service.child.pid
    found = set()
    for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it ended since
            if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.add(int(pid))
    return found


def resident_mib(service: Any) -> float:
    """Memory that the service and its workers have in use."""
    lines = [
        line
        for pid in {service.child.pid, *workers_of(service)}
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    ]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def test_workers_do_not_outlive_a_supervisor_that_is_killed_even_while_they_start(
    start_service: Start, figures: Figures
) -> None:
    service = start_service(workers="2")
    old = workers_of(service)
    os.kill(min(old), signal.SIGKILL)
    until(lambda: len(workers_of(service) - old) == 1, "a new worker")
    workers = workers_of(service)
    os.kill(service.child.pid, signal.SIGKILL)
    service.child.wait()
    start = time.monotonic()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), "the workers to end")
    figures.reach("supervisor killed (-9)", "workers", len(workers), 2)
    figures.within("supervisor killed (-9)", "seconds until they were gone", time.monotonic() - start, 10)


async def _while(
    port: int, bodies: list[bytes], rate: float, seconds: float, act: Callable[[], Any]
) -> tuple[list[Outcome], float]:
    """Ask at a rate, and do something a third of the way."""
    asking = asyncio.create_task(at_rate(port, bodies, rate, seconds))
    await asyncio.sleep(seconds / 3)
    acted = time.monotonic()
    await asyncio.to_thread(act)
    return await asking, acted


def test_being_told_to_stop_loses_nothing_that_was_under_way(
    start_service: Start, deals: Start, figures: Figures
) -> None:
    service = start_service(workers="1")
    bodies, port = deals(60), port_of(service)
    asyncio.run(ask(port, bodies[0]))
    outcomes, told = asyncio.run(
        _while(port, bodies, 20, 3, lambda: service.child.send_signal(signal.SIGTERM))
    )
    code = service.child.wait(25)
    under_way = [one for one in outcomes if one.sent < told - 0.01]
    later = [one for one in outcomes if one.sent >= told - 0.01]
    figures.reach("SIGTERM at load", "requests sent before it", len(under_way), 10)
    figures.hold("SIGTERM at load", "of them not answered 200", sum(o.status != 200 for o in under_way), 0)
    refused = ("ConnectionRefusedError", "ConnectionResetError", "IncompleteReadError")
    assert all(one.status in (200, 503) or one.why in refused for one in later)
    assert code in STOPPED


def test_a_worker_that_is_killed_comes_back(
    start_redis: Start, start_service: Start, deals: Start, figures: Figures
) -> None:
    service = start_service(redis_url=start_redis().url, workers="2")
    bodies, port = deals(5), port_of(service)
    until(lambda: len(workers_of(service)) == 2, "two workers")
    victim = min(workers_of(service))
    rate = 20
    outcomes, killed = asyncio.run(_while(port, bodies, rate, 6, lambda: os.kill(victim, signal.SIGKILL)))
    failed = [one for one in outcomes if one.status != 200]
    figures.hold("worker killed (-9)", f"failed of {len(outcomes)}", len(failed), 3)
    last = max((one.sent - killed for one in failed), default=0.0)
    figures.within("worker killed (-9)", "last failure after it, s", last, 2)
    until(lambda: len(workers_of(service)) == 2, "a new worker")
    assert victim not in workers_of(service)
    assert all(one.status == 200 for one in asyncio.run(in_turn(port, bodies * 4, 4)))


def test_slow_clients_starve_nobody(start_service: Start, deals: Start, figures: Figures) -> None:
    service = start_service(workers="1")
    bodies, port = deals(20), port_of(service)
    slow = []
    for i in range(400):
        sock = socket.create_connection(("127.0.0.1", port))
        part = HEAD.encode()[: 20 + i % 60]
        sock.sendall(part if i % 2 else HEAD.encode() + b'Content-Length: 9000\r\n\r\n{"name":')
        slow.append(sock)
    good = asyncio.run(in_turn(port, bodies, 2))
    for sock in slow:
        sock.close()
    figures.hold("400 slow clients", "good requests failed", sum(one.status != 200 for one in good), 0)
    figures.within("400 slow clients", "good p99, ms", percentile(good, 0.99), 2000)


def _oversized(port: int, chunked: bool) -> tuple[bytes, float]:
    """Send ten megabytes until they are refused; the status line, and when it came."""
    start, block = time.monotonic(), b" " * 65536
    length = b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"Content-Length: 10000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.sendall(HEAD.encode() + length)
        sock.settimeout(0.001)
        for _ in range(160):
            try:
                if answer := sock.recv(64):
                    return answer.split(b"\r\n")[0], time.monotonic() - start
            except TimeoutError:
                pass
            try:
                sock.settimeout(5)
                sock.sendall(b"10000\r\n" + block + b"\r\n" if chunked else block)
                sock.settimeout(0.001)
            except OSError:
                break
        sock.settimeout(5)
        return sock.recv(64).split(b"\r\n")[0], time.monotonic() - start


def test_bodies_past_the_limit_are_refused_and_not_kept(
    start_service: Start, deals: Start, figures: Figures
) -> None:
    service = start_service(workers="1")
    port = port_of(service)
    asyncio.run(in_turn(port, deals(3), 1))
    before = resident_mib(service)
    told = [_oversized(port, chunked) for chunked in (False, True) * 20]
    assert {status for status, _ in told} == {b"HTTP/1.1 413 Request Entity Too Large"}
    figures.within("40 bodies of 10 MB", "slowest 413, ms", 1e3 * max(seconds for _, seconds in told), 2000)
    figures.hold("40 bodies of 10 MB", "memory grown, MiB", resident_mib(service) - before, 30)
    assert asyncio.run(ask(port, deals(1)[0])).status == 200
