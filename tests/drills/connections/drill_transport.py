"""What comes over the wire and means harm, or means nothing: who else notices; run by `make drills`."""

import asyncio
import contextlib
import http.client
import os
import random
import re
import socket
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import until
from tests.drills.connections.test_connections import HALF, refused, standing
from tests.drills.figures import Figures
from tests.drills.load.crowd import ask, at_rate, in_turn, percentile
from tests.drills.processes.test_processes import HEAD, port_of, resident_mib, workers_of
from tests.fuzz.mutations import bodies as mutated
from tests.fuzz.test_mutations import PATHS

Start = Callable[..., Any]
BODIES = int(os.environ.get("FUZZ_BODIES", "100000"))
SEED = int(os.environ.get("FUZZ_SEED", "2026"))
SOCKETS, LEAVING, TOGETHER, HALVES = 2000, 2000, 40, 4100
SMALL_STACK = ("sh", "-c", 'ulimit -s 512; exec "$@"', "sh")


def counted(service: Any, status: str) -> float:
    """Requests that the service says it answered with statuses that match."""
    lines = service.http.get("/metrics").text.splitlines()
    found = [line for line in lines if line.startswith("rackrate_requests_total")]
    return sum(float(line.split()[-1]) for line in found if re.search(f'status="{status}"', line))


def descriptors(service: Any) -> int:
    return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in workers_of(service))


def test_whatever_body_is_sent_the_service_answers_as_documented_and_stays_as_it_was(
    start_redis: Start, start_service: Start, figures: Figures
) -> None:
    service = start_service(
        workers="1", redis_url=start_redis().url
    )  # which keeps the answers: they are no leak
    line = http.client.HTTPConnection("127.0.0.1", port_of(service), timeout=30)
    workers, before, wrong, statuses = workers_of(service), 0.0, 0, dict[int, int]()
    for i, (analysis, media, body) in enumerate(islice(mutated(SEED + 3, BODIES), BODIES)):
        name = {"json": "application/json", "msgpack": "application/vnd.msgpack"}[media]
        line.request("POST", PATHS[analysis.name], body, {"Content-Type": name})
        answer = line.getresponse()
        answer.read()
        statuses[answer.status] = statuses.get(answer.status, 0) + 1
        wrong += answer.status != 200 and answer.headers["content-type"] != "application/problem+json"
        before = resident_mib(service) if i == BODIES // 2 else before
    line.close()
    name = f"{BODIES} mutated bodies"
    figures.reach(name, "answered", statuses[200], BODIES / 100)
    figures.reach(name, "refused with 400 or 422", statuses[400] + statuses[422], BODIES / 2)
    figures.hold(name, "other answers", sum(statuses.values()) - sum(statuses[s] for s in (200, 400, 422)), 0)
    figures.hold(name, "refusals that are no problem+json", wrong, 0)
    figures.hold(name, "workers lost", len(workers - workers_of(service)), 0)
    figures.hold(name, "memory grown in the second half, MiB", resident_mib(service) - before, 48)


@pytest.mark.parametrize(("stack", "under"), [("512 KiB", SMALL_STACK), ("the usual", ())])
def test_no_depth_of_nesting_brings_a_worker_down(
    stack: str, under: tuple[str, ...], start_service: Start, figures: Figures
) -> None:
    service = start_service(under, workers="1")
    port, workers, slowest = port_of(service), workers_of(service), 0.0
    asyncio.run(
        ask(port, b" " * (1 << 20))
    )  # the process that reads long bodies starts with the first of them
    for depth in (10, 60, 1000, 10_000, 100_000, 1_000_000):
        closed = b'{"x":' + b"[" * depth + b"]" * depth + b"}"
        for body in (b"[" * depth, b'{"a":' * min(depth, 400_000), closed):
            told = asyncio.run(ask(port, body[: 2 << 20]))
            assert told.status in (400, 422)
            slowest = max(slowest, told.seconds)
    name = f"nesting to 1,000,000, stack {stack}"
    figures.hold(name, "workers lost", len(workers - workers_of(service)), 0)
    figures.hold(name, "slowest refusal, ms", 1e3 * slowest, 500)


def test_thousands_of_slow_sockets_starve_nobody_and_are_closed(
    start_service: Start, deals: Start, figures: Figures
) -> None:
    service = start_service(workers="1")
    port, slow = port_of(service), list[socket.socket]()
    asyncio.run(in_turn(port, deals(20), 2))
    quiet = percentile(asyncio.run(at_rate(port, deals(40, 100), 20, 2)), 0.99)
    start, head = time.monotonic(), HEAD.encode()
    with contextlib.ExitStack() as opened:
        for i in range(SOCKETS):
            sock = opened.enter_context(socket.create_connection(("127.0.0.1", port), 5))
            part = [head[: 20 + i % 60], head + b'Content-Length: 9000\r\n\r\n{"n', b""][i % 3]
            sock.sendall(part)
            slow.append(sock)
        time.sleep(1.5)  # for all of them to have been let in
        good = asyncio.run(at_rate(port, deals(120, 200), 20, 6))
        for sock in slow:
            sock.settimeout(max(0.01, start + 20 - time.monotonic()))
            with contextlib.suppress(ConnectionResetError):
                while sock.recv(4096):
                    pass
        closed = time.monotonic() - start
    name = f"{SOCKETS} slow sockets"
    figures.hold(name, "good requests failed", sum(one.status != 200 for one in good), 0)
    figures.hold(name, "good p99, of the p99 without them", percentile(good, 0.99) / max(quiet, 20), 5)
    figures.hold(name, "seconds until the last was closed", closed, 16)


@pytest.mark.parametrize(("count", "most_mib"), [(100, 64 + 64), (1000, 64 + 192)])
def test_half_sent_bodies_hold_no_more_than_their_budget_and_a_segment_each(
    count: int, most_mib: int, start_service: Start, deals: Start, figures: Figures
) -> None:
    """Of bodies of 1.9 MB 64 MiB are held and the others refused; each that is let in has sent a segment."""
    service = start_service(workers="1")
    port, part = port_of(service), HEAD.encode() + b"Content-Length: 2000000\r\n\r\n" + b" " * 1_900_000
    asyncio.run(in_turn(port, deals(3), 1))
    before = resident_mib(service)

    async def story() -> tuple[list[bytes], float]:
        async def half() -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.suppress(ConnectionError):
                writer.write(part)
                await writer.drain()
            said = await reader.read(64)
            writer.close()
            return said[9:12]

        halves = [asyncio.create_task(half()) for _ in range(count)]
        await asyncio.sleep(4)
        held = resident_mib(service)
        return list(await asyncio.gather(*halves)), held

    statuses, held = asyncio.run(story())
    name, others = f"{count} half-sent bodies", set(statuses) - {b"503", b"408"}
    figures.hold(name, "memory grown, MiB", held - before, most_mib)
    figures.reach(name, "refused with 503", statuses.count(b"503"), count / 2)
    figures.hold(name, "other answers than 503 and 408", len(others), 0)
    assert asyncio.run(ask(port, deals(1, 50)[0])).status == 200


def test_half_sent_bodies_of_nobody_keep_nobody_out(
    start_service: Start, deals: Start, figures: Figures
) -> None:
    """More of them than requests may be inside, without credentials, from one address."""
    service = start_service(workers="1", log_level="warning")
    port, name = port_of(service), f"{HALVES} half-sent bodies"
    with standing(port, HALVES, HALF):
        time.sleep(0.5)
        figures.hold(name, "good requests failed", refused(port, deals(20)), 0)


def test_clients_that_leave_in_the_middle_cost_little_and_leave_nothing_behind(
    start_service: Start, deals: Start, figures: Figures
) -> None:
    service = start_service(workers="1", log_level="warning")
    port, bodies, chance = port_of(service), deals(LEAVING, 5000), random.Random(7)
    asyncio.run(in_turn(port, deals(20), 4))
    open_before, engine_before = descriptors(service), computed(service)

    async def leave(body: bytes, upload: bool) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        whole = HEAD.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
        writer.write(whole[: len(whole) - chance.randint(1, len(body)) if upload else len(whole)])
        with contextlib.suppress(ConnectionError):
            await writer.drain()
            await asyncio.sleep(chance.uniform(0, 0.004))
        writer.transport.abort()

    async def story() -> list[Any]:
        steady = asyncio.create_task(at_rate(port, deals(400, 10_000), 20, LEAVING / 200))
        for first in range(0, LEAVING, TOGETHER):  # at once, or each would find an idle engine and be begun
            going = [leave(body, i % 2 == 0) for i, body in enumerate(bodies[first : first + TOGETHER])]
            await asyncio.gather(*going, asyncio.sleep(0.004 * TOGETHER))
        return await steady

    stayed = asyncio.run(story())
    until(lambda: descriptors(service) <= open_before, "what was opened to be closed")
    left_open = descriptors(service) - open_before  # before anything else is asked, on a line of its own
    name = f"{LEAVING} clients that leave"
    figures.hold(
        name, "requests that stayed and failed", sum(one.status not in (200, 503) for one in stayed), 0
    )
    busy = sum(one.status == 503 for one in stayed)  # a queue of those who left, where the machine is slow
    figures.hold(name, "told to come again, share", busy / len(stayed), 0.02)
    figures.hold(name, "counted as the service's fault (5xx but 503)", counted(service, "50[^3]"), 0)
    figures.reach(name, "counted as left (499) or cut off (400)", counted(service, "499|400"), LEAVING / 4)
    for_nobody = computed(service) - engine_before - len(stayed)
    figures.hold(name, "computed for nobody, share of those sent whole", for_nobody / (LEAVING / 2), 0.3)
    figures.hold(name, "descriptors left open", left_open, 0)
    assert "Traceback" not in service.log.read_text()


def computed(service: Any) -> float:
    """Answers that the engine has computed."""
    lines = service.http.get("/metrics").text.splitlines()
    found = [line for line in lines if line.startswith("rackrate_answers_total") and "engine" in line]
    return sum(float(line.split()[-1]) for line in found)
