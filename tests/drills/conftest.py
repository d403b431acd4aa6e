"""What drills share: the table of figures, deals to ask about, a wire to Redis that can be cut."""

import contextlib
import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.conftest import Redis
from tests.drills.cache.faulty_wire import FaultyWire
from tests.drills.cache.fleet import Cluster, Sentinel
from tests.drills.figures import FIGURES, Figures


@pytest.fixture(scope="session")
def figures() -> Figures:
    return FIGURES


@pytest.fixture
def wire() -> Iterator[Callable[[int], FaultyWire]]:
    """Lay wires to ports; all are gone when the drill ends."""
    laid: list[FaultyWire] = []

    def lay(port: int) -> FaultyWire:
        laid.append(FaultyWire(port))
        return laid[-1]

    yield lay
    for each in laid:
        each.close()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Three nodes of a Redis Cluster."""
    cluster = Cluster(tmp_path)
    yield cluster
    for node in cluster.nodes:
        node.stop(signal.SIGKILL)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Redis, Redis, Sentinel]]:
    """A master, its replica, and a sentinel."""
    with contextlib.ExitStack() as running:
        master = Redis(tmp_path)
        running.callback(master.stop, signal.SIGKILL)
        replica = Redis(tmp_path, "--replicaof", "127.0.0.1", str(master.port))
        running.callback(replica.stop, signal.SIGKILL)
        sentinel = Sentinel(tmp_path, master)
        running.callback(sentinel.stop, signal.SIGKILL)
        yield master, replica, sentinel


@pytest.fixture(scope="session")
def deals(examples: Path) -> Callable[[int, int], list[bytes]]:
    """Deals that differ in their rate: `count` of them, no two calls with another `first` alike."""
    document = json.loads((examples / "gpu-compute-loan.json").read_bytes())

    def make(count: int, first: int = 0) -> list[bytes]:
        bodies = []
        for i in range(first, first + count):
            document["debt"]["rate"] = 0.05 + i * 1e-8
            bodies.append(json.dumps(document).encode())
        return bodies

    return make
