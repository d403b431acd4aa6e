"""Queries: every route says in words which parameters it knows when it is asked with another."""

import re

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from rackrate.api.cache.memory import MemoryResults
from rackrate.app import create_app
from rackrate.settings import Settings

Client = TestClient[Litestar]
OPEN = create_app(Settings(), MemoryResults(60))
ROUTES = sorted(
    (method, route.path_format, handler.opt.get("query", ()))
    for route in OPEN.routes
    if isinstance(route, HTTPRoute)
    for handler in route.route_handlers
    for method in handler.http_methods - {"OPTIONS"}
)


@pytest.mark.parametrize(("method", "path", "known"), ROUTES, ids=lambda part: str(part))
def test_every_route_tells_which_query_parameters_it_knows(
    client: Client, method: str, path: str, known: tuple[str, ...]
) -> None:
    answer = client.request(method, re.sub(r"\{\w+\}", "house-2026.1", path) + "?no_such=1")
    assert answer.status_code == 422
    told = f"known are {', '.join(known)}" if known else "there are none here"
    if method != "HEAD":
        assert answer.json()["type"] == "urn:rackrate:problem:invalid"
        assert [error["message"] for error in answer.json()["errors"]] == [
            f"no query parameter 'no_such': {told}"
        ]


def test_there_are_routes_of_every_kind() -> None:
    assert {"/health/live", "/openapi.json", "/v1/rulesets/{name}", "/v1/underwritings/{id_}"} <= {
        path for _, path, _ in ROUTES
    }


def test_asking_what_a_route_takes_is_no_query(client: Client) -> None:
    assert client.options("/v1/underwritings?fields=summary").status_code == 204
