"""A corpus of malformed bodies: each is refused with its status, and every bad field by its pointer."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from rackrate.api.cache.memory import MemoryResults
from rackrate.app import create_app
from rackrate.settings import Settings

HERE = Path(__file__).parent
TABLE = tomllib.loads((HERE / "refusals.toml").read_text())
ROWS = [(path, name, *row) for path, rows in TABLE.items() for name, row in rows.items()]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Litestar]]:
    with TestClient(create_app(Settings(), MemoryResults(60)), raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(("path", "name", "status", "pointers"), ROWS, ids=[row[1] for row in ROWS])
def test_a_malformed_body_is_refused_as_the_table_says(
    client: TestClient[Litestar], path: str, name: str, status: int, pointers: list[str]
) -> None:
    media = {"Content-Type": f"application/{name.rpartition('.')[2]}"}
    answer = client.post(path, content=(HERE / "corpus" / name).read_bytes(), headers=media)
    assert answer.headers["content-type"] == "application/problem+json"
    assert [answer.status_code, [error["pointer"] for error in answer.json()["errors"]]] == [status, pointers]


def test_every_body_of_the_corpus_is_in_the_table() -> None:
    assert sorted(name for _, name, *_ in ROWS) == sorted(path.name for path in (HERE / "corpus").iterdir())
