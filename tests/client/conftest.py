"""A real service, one before it that fails when told to, and clients of either."""

import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.client.faulty_service import FaultyService
from tests.conftest import PATIENCE_S, Service

from rackrate.client import Client, Retries

QUICK = Retries(within_s=PATIENCE_S)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    running = Service(tmp_path_factory.mktemp("service"))
    yield running
    running.stop(signal.SIGKILL)


@pytest.fixture
def faulty(service: Service) -> Iterator[FaultyService]:
    with FaultyService(service.url).running() as running:
        yield running


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    with Client(service.url) as asking:
        yield asking


@pytest.fixture
def unlucky(faulty: FaultyService) -> Iterator[Callable[..., Client]]:
    """Clients of the service that fails."""
    opened: list[Client] = []

    def start(**options: Any) -> Client:
        opened.append(Client(faulty.url, **{"retries": QUICK, **options}))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
