"""The application in this process, and the deals it is asked about."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.api.server.serving import Serving

from rackrate.api.cache.memory import MemoryResults
from rackrate.app import create_app
from rackrate.settings import Settings

Document = dict[str, Any]


@pytest.fixture(scope="session")
def hyperscale(examples: Path) -> bytes:
    """A shipped deal as it is on disk."""
    return (examples / "hyperscale-single-tenant.json").read_bytes()


@pytest.fixture
def deal(hyperscale: bytes) -> Document:
    """The same deal, to be changed."""
    document: Document = copy.deepcopy(json.loads(hyperscale))
    return document


@pytest.fixture
def open_client() -> Iterator[Callable[..., TestClient[Litestar]]]:
    """Start applications with settings of one's own."""
    opened: list[TestClient[Litestar]] = []

    def start(**settings: Any) -> TestClient[Litestar]:
        client = TestClient(
            create_app(Settings(**settings), MemoryResults(60)), raise_server_exceptions=False
        )
        opened.append(client.__enter__())
        return client

    yield start
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def client(open_client: Callable[..., TestClient[Litestar]]) -> TestClient[Litestar]:
    """The application with its defaults."""
    return open_client()


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    """The application with its defaults, behind a real socket."""
    serving = Serving()
    yield serving
    serving.close()


@pytest.fixture(scope="module")
def small(examples: Path) -> dict[str, Any]:
    """The smallest of the shipped deals, loan only."""
    deal: dict[str, Any] = json.loads((examples / "powered-shell-leasehold.json").read_bytes())
    del deal["structure"]
    return deal
