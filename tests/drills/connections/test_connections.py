"""Connections that only stand there, descriptors that run out, a hang-up: who else notices."""

import asyncio
import contextlib
import json
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.conftest import until
from tests.drills.figures import Figures
from tests.drills.load.crowd import ask
from tests.drills.processes.test_processes import HEAD, port_of, workers_of

Start = Callable[..., Any]
DESCRIPTORS, IDLE, TOGETHER, PAUSE_S = 1024, 1500, 100, 0.05
SMALL = ("sh", "-c", f'ulimit -n {DESCRIPTORS}; exec "$@"', "sh")
NO_TERMINAL = ("sh", "-c", 'exec "$@" </dev/null', "sh")
HALF = HEAD.encode() + b"Content-Length: 9\r\n\r\n{"


def ready_for(count: int) -> None:
    """Let this process open so many sockets, or as many more as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, count + 500)), hard))


@contextlib.contextmanager
def standing(port: int, count: int, said: bytes) -> Iterator[None]:
    """Hold so many connections that have said so much and say no more."""
    ready_for(count)
    with contextlib.ExitStack() as held:
        socks = list[socket.socket]()
        for i in range(count):
            sock = held.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
            socks.append(sock)
            if i % TOGETHER == TOGETHER - 1:
                time.sleep(PAUSE_S)
        for sock in socks:
            with contextlib.suppress(OSError):  # of those that were closed in favour of later ones
                sock.send(said)
        yield


def refused(port: int, bodies: list[bytes]) -> int:
    """How many of a few good requests, each on a connection of its own, are not answered 200."""
    return sum(asyncio.run(ask(port, body)).status != 200 for body in bodies)


def test_idle_sockets_beyond_all_descriptors_keep_nobody_out(
    start_service: Start, deals: Start, figures: Figures
) -> None:
    service = start_service(SMALL, workers="1")
    port, (worker,) = port_of(service), workers_of(service)
    name = f"{IDLE} idle sockets, {DESCRIPTORS} descriptors"
    with standing(port, IDLE, b""):
        figures.hold(name, "good requests failed", refused(port, deals(10)), 0)
        opened = len(list(Path(f"/proc/{worker}/fd").iterdir()))
        figures.hold(name, "descriptors open", opened, DESCRIPTORS / 2)
    until(lambda: "closed that waited longest" in service.log.read_text(), "a line in the log")
    assert "no descriptors left" not in service.log.read_text()


def test_descriptors_that_run_out_are_logged_once_and_survived(
    start_service: Start, deals: Start, figures: Figures
) -> None:
    service = start_service(workers="1")
    port, (worker,) = port_of(service), workers_of(service)
    asyncio.run(ask(port, deals(1, 70)[0]))
    limits = resource.prlimit(worker, resource.RLIMIT_NOFILE)
    opened = len(list(Path(f"/proc/{worker}/fd").iterdir()))
    resource.prlimit(worker, resource.RLIMIT_NOFILE, (opened + 5, limits[1]))  # less than it counts on
    with standing(port, 40, b""):
        until(lambda: "no descriptors left: EMFILE" in service.log.read_text(), "a line in the log")
        time.sleep(0.5)
    resource.prlimit(worker, resource.RLIMIT_NOFILE, limits)
    said = [json.loads(line)["message"] for line in service.log.read_text().splitlines()]
    figures.hold("no descriptors left", "times logged", said.count("no descriptors left: EMFILE"), 1)
    figures.hold("no descriptors left", "good requests failed afterwards", refused(port, deals(5, 80)), 0)
    assert workers_of(service) == {worker}


def test_a_hang_up_changes_nothing(start_service: Start, deals: Start, figures: Figures) -> None:
    service = start_service(NO_TERMINAL, workers="2")
    workers = workers_of(service)
    for pid in (service.child.pid, *workers):
        os.kill(pid, signal.SIGHUP)
    time.sleep(0.3)
    figures.hold("SIGHUP", "good requests failed", refused(port_of(service), deals(10, 90)), 0)
    figures.hold("SIGHUP", "workers lost", len(workers - workers_of(service)), 0)
