"""uvicorn and granian under the same applications: `make servers`.

Per core: one worker on the first core, at once, twice and five times what it can do, with connections kept
and with a connection a request. Goodput is answers within a second, as a share of that server's own
capacity. Then the two things that only a server does: leaving when told to, and coming back when a worker
of two is killed.
"""

import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from loadtests.load.documents import PATH, deals, fresh_requests, known
from loadtests.load.report import table, write
from loadtests.load.services import Service, free_port, on_our_server, ours, serving
from loadtests.load.volley import CORES, aim, fire, request
from loadtests.overhead.run import HIT, save_answers

TIMES, SECONDS, MOST = (1, 2, 5), 1.5, 256
ROUNDS, CALIBRATE_S, TURNS = 3, 0.7, 10
SERVERS = ("ours", "uvicorn", "granian")
FAULT_AT_S, FAULT_SECONDS, FAULT_LOAD = 2.0, 6.0, 0.25


def granian(app: str, port: int, workers: int = 1) -> list[str]:
    """granian with what it needs to be dependable: respawn, and an end to its drain."""
    words = f"-m granian --log-level warning --interface asgi --loop uvloop --port {port} --workers {workers}"
    more = (
        "--host 127.0.0.1 --respawn-failed-workers --workers-kill-timeout 20 --no-ws --backlog 2048 --factory"
    )
    return [sys.executable, *words.split(), *more.split(), app]


def plain_uvicorn(app: str, port: int, workers: int = 1) -> list[str]:
    """uvicorn by its own command and supervisor."""
    words = (
        f"-m uvicorn --factory --loop uvloop --http httptools --host 127.0.0.1 --port {port} --no-access-log"
    )
    more = f"--workers {workers} --backlog 2048 --log-level warning --timeout-graceful-shutdown 20"
    return [sys.executable, *words.split(), *more.split(), app]


@contextlib.contextmanager
def run(server: str, app: str, answers: str, workers: int = 1) -> Iterator[Service]:
    """One application on one server; `ours` is our supervisor and uvicorn with clocks."""
    cores = set(CORES[:workers])
    factory = "rackrate.app:from_environment" if app == "rackrate" else "loadtests.overhead.apps:bare"
    if server == "ours":
        with (
            ours(workers, cores=cores, log="warning")
            if app == "rackrate"
            else on_our_server(factory, ANSWERS=answers) as service
        ):
            yield service
        return
    port, metrics = free_port(), tempfile.mkdtemp(prefix="rackrate-servers-")
    command = (granian if server == "granian" else plain_uvicorn)(factory, port, workers)
    with serving(command, port, cores=cores, ANSWERS=answers, PROMETHEUS_MULTIPROC_DIR=metrics) as service:
        yield service


def bodies(kind: str, keep: bool) -> list[bytes]:
    return fresh_requests(keep) if kind == "fresh" else [request(PATH, known(deals()[HIT]), keep)]


def capacity(
    service: Service, asked: list[bytes], connections: int, rounds: int = ROUNDS
) -> tuple[float, float]:
    """The best rate of some closed loops, and the least microseconds of processor that a request took."""
    rates, costs = [], []
    for _ in range(rounds):
        before = service.cpu_s
        told = fire(service.port, asked, connections, CALIBRATE_S)
        rates.append(told.rate)
        costs.append(1e6 * (service.cpu_s - before) / max(1, int(told.good.sum())))
    return max(rates), min(costs)


def side_by_side(answers: str) -> list[list[object]]:
    """What a hit costs on each server, all of them up and asked in turns, connections kept."""
    rows: list[list[object]] = []
    for app in ("bare", "rackrate"):
        with contextlib.ExitStack() as stack:
            services = {server: stack.enter_context(run(server, app, answers)) for server in SERVERS}
            asked, found = bodies("hit", True), {server: [] for server in SERVERS}
            for _ in range(TURNS):
                for server, service in services.items():
                    found[server].append(capacity(service, asked, 16, 1))
        costs = {server: sorted(cost for _, cost in told) for server, told in found.items()}
        least = min(cost[0] for cost in costs.values())
        for server, cost in costs.items():
            best = max(rate for rate, _ in found[server])
            rows.append([app, server, best, cost[0], cost[TURNS // 2], cost[0] / least])
    return rows


def overload(server: str, app: str, kind: str, answers: str) -> list[list[object]]:
    """Rows of one server and application: its capacity, then goodput and p99 beyond it."""
    rows = []
    with run(server, app, answers) as service:
        for keep in (True, False):
            asked = bodies(kind, keep)
            fire(service.port, asked, 2, 0.5)
            peak, cost = capacity(service, asked, 4 if kind == "fresh" else 16)
            row: list[object] = [f"{app}, {kind}", server, "kept" if keep else "one each", peak, cost]
            for times in TIMES:
                told = fire(service.port, asked, MOST, SECONDS, times * peak)
                row += [told.goodput / peak, told.percentile(0.99)]
            rows.append(row)
    return rows


def leaving(server: str, keep: bool) -> tuple[int, float]:
    """Requests lost when told to stop under load, and seconds until it had stopped."""
    with run(server, "rackrate", "", workers=2) as service:
        asked = bodies("hit", keep)
        fire(service.port, asked, 4, 0.5)
        rate = FAULT_LOAD * fire(service.port, asked, 8, 1.0).rate
        going = aim(service.port, asked, 64, FAULT_SECONDS, rate)
        time.sleep(FAULT_AT_S)
        told_at = time.monotonic()
        service.child.send_signal(signal.SIGTERM)
        service.child.wait(40)
        stopped = time.monotonic() - told_at
        told = going.result()
    lost = told.records["status"] == 0  # what finds nobody listening is for a balancer to send elsewhere
    return int(lost.sum()), stopped


def killed(server: str) -> list[object]:
    """What becomes of requests when one worker of two is killed, and how long until there are two again."""
    with run(server, "rackrate", "", workers=2) as service:
        asked = bodies("hit", True)
        fire(service.port, asked, 16, 0.5)
        workers = [pid for pid in service.pids[1:] if _listens(pid)]
        rate = FAULT_LOAD * fire(service.port, asked, 8, 1.0).rate
        going = aim(service.port, asked, 64, FAULT_SECONDS, rate)
        time.sleep(FAULT_AT_S)
        os.kill(workers[-1], signal.SIGKILL)
        back = _back(service, workers)
        told = going.result()
        failed = told.records[~told.good]
        last = float((failed["due"] + failed["took"]).max() - FAULT_AT_S) if len(failed) else 0.0
        return [server, len(told.records), len(failed), max(0.0, last), back, told.percentile(0.99)]


def _listens(pid: int) -> bool:
    """Whether a process is a worker: it has loaded the service."""
    return "rackrate/kernel" in Path(f"/proc/{pid}/maps").read_text()


def _back(service: Service, workers: list[int]) -> float | str:
    """Seconds until as many workers as before have loaded the service, if that happens in time."""
    start = time.monotonic()
    while time.monotonic() - start < FAULT_SECONDS + 4:
        alive = []
        for pid in service.pids[1:]:
            with contextlib.suppress(OSError):
                alive += [pid] if _listens(pid) else []
        if len(set(alive) - {workers[-1]}) >= len(workers):
            return time.monotonic() - start
        time.sleep(0.02)
    return "never"


def main() -> int:
    """Measure and write the section."""
    with tempfile.TemporaryDirectory() as folder:
        with ours() as service:
            save_answers(service, Path(folder), {HIT: deals()[HIT]})
        costs = side_by_side(folder)
        load = [
            row
            for app, kind in (("bare", "hit"), ("rackrate", "hit"), ("rackrate", "fresh"))
            for server in SERVERS
            for row in overload(server, app, kind, folder)
        ]
    drains = [
        [server, *(figure for keep in (True, False) for figure in leaving(server, keep))]
        for server in SERVERS
    ]
    crashes = [killed(server) for server in SERVERS]
    head = ["application", "server", "connections", "requests/s at capacity", "us of processor"]
    for times in TIMES:
        head += [f"goodput at {times}x", f"p99 ms at {times}x"]
    parts = [
        "`ours` is what `rackrate serve` runs: a supervisor, and uvicorn with clocks on headers; uvicorn and "
        "granian are run by their own commands. None logs requests. One worker, one core. Goodput is answers "
        "within a second, as a share of the same server's capacity; arrivals are Poisson and do not wait.",
        "What a hit costs, all servers up and asked in turns of less than a second:",
        table(["application", "server", "requests/s", "us of processor", "median", "of the least"], costs),
        table(head, load),
        f"Told to stop (SIGTERM) with two workers at {FAULT_LOAD:.0%} load; lost is a request that was "
        "accepted and not answered.",
        table(["server", "lost, kept", "seconds, kept", "lost, one each", "seconds, one each"], drains),
        "One worker of two killed (SIGKILL) at the same load, connections kept:",
        table(
            ["server", "requests", "failed", "last failure after, s", "two again after, s", "p99 ms"], crashes
        ),
    ]
    write("servers", 50, "Servers", parts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
