"""Three replicas, each with one worker, behind the proxy of `deploy/haproxy`."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Service
from tests.drills.cache.fleet import Cluster
from tests.drills.processes.test_processes import port_of
from tests.drills.replicas.proxy import Proxy

SECRET = "a secret of these drills alone"
QUEUE_MS = "5000"  # others use the machine too, and what is refused for want of it is another drill


@dataclass(frozen=True)
class Fleet:
    """Replicas by the proxy's names for them, and the proxy."""

    replicas: dict[str, Service]
    proxy: Proxy


@pytest.fixture
def start_replicas(tmp_path: Path) -> Iterator[Callable[..., dict[str, Service]]]:
    """Start three replicas that share a Redis; all are gone when the drill ends."""
    with contextlib.ExitStack() as running:

        def replica(name: str, settings: dict[str, str]) -> Service:
            folder = tmp_path / name
            folder.mkdir()
            service = Service(folder, workers="1", cache_secret=SECRET, queue_ms=QUEUE_MS, **settings)
            running.callback(service.stop, signal.SIGKILL)
            return service

        def start(redis_url: str, **settings: str) -> dict[str, Service]:
            with ThreadPoolExecutor(3) as at_once:
                started = at_once.map(lambda name: replica(name, {"redis_url": redis_url, **settings}), "abc")
                return dict(zip("abc", started, strict=True))

        yield start


@pytest.fixture
def start_fleet(
    tmp_path: Path, start_replicas: Callable[..., dict[str, Service]]
) -> Iterator[Callable[..., Fleet]]:
    """Start three replicas that share a Redis, and the proxy in front of them."""
    with contextlib.ExitStack() as running:

        def start(redis_url: str, **settings: str) -> Fleet:
            replicas = start_replicas(redis_url, **settings)
            proxy = Proxy(tmp_path, [port_of(each) for each in replicas.values()])
            running.callback(proxy.stop, signal.SIGKILL)
            return Fleet(replicas, proxy)

        yield start


@pytest.fixture
def replicated(tmp_path: Path) -> Iterator[Cluster]:
    """A Redis Cluster of six nodes: three masters, each with its replica."""
    cluster = Cluster(tmp_path, replicated=True)
    yield cluster
    for node in cluster.nodes:
        node.stop(signal.SIGKILL)


@pytest.fixture
def fleet(start_fleet: Callable[..., Fleet], start_redis: Callable[..., Any]) -> Fleet:
    """Three replicas with one Redis."""
    return start_fleet(start_redis().url)
