"""API keys: who is authenticated, for what, and to whose answers."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from rackrate.api.auth.guard import Clients
from rackrate.api.auth.reloading import FileError

URL = "/v1/underwritings"
KEYS = {
    "alpha": "rr_alpha1_c2VjcmV0LW9mLWFscGhh",
    "beta": "rr_beta01_c2VjcmV0_b2YtYmV0YQ",
    "reader": "rr_read01_c2VjcmV0",
    "expired": "rr_gone01_c2VjcmV0",
}
Client = TestClient[Litestar]


def entry(client: str, scopes: str = '["price", "read"]', extra: str = "") -> str:
    key = KEYS[client]
    digest = hashlib.sha256(key.encode()).hexdigest()
    lines = [
        f'client = "{client}"',
        f'id = "{key.split("_")[1]}"',
        f'sha256 = "{digest}"',
        f"scopes = {scopes}",
    ]
    return "\n".join(["[[key]]", *lines, extra, ""])


@pytest.fixture
def guarded(open_client: Callable[..., Client], tmp_path: Path) -> Client:
    path = tmp_path / "keys.toml"
    expired = entry("expired", extra="not_after = 2020-01-01")
    path.write_text(entry("alpha") + entry("beta") + entry("reader", '["read"]') + expired)
    return open_client(api_keys_file=str(path))


def bearer(client: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {KEYS[client]}", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer rr_alpha1_",
        "Bearer rr_alpha1_wrong",
        f"Bearer {KEYS['alpha']}x",
        f"Bearer {KEYS['expired']}",
        f"Basic {KEYS['alpha']}",
        f"Bearer {KEYS['alpha'].removeprefix('rr_')}",
        "Bearer rr_nobody_x",
        "Bearer " + "x" * 8000,
        b"Bearer rr_\xff_\xfe",
    ],
)
def test_nobody_comes_in_without_a_key_that_is_known_right_and_current(
    guarded: Client, hyperscale: bytes, authorization: str | bytes | None
) -> None:
    headers: dict[str, str | bytes] = {"Content-Type": "application/json"}
    if authorization is not None:
        headers["Authorization"] = authorization
    for answer in (
        guarded.post(URL, content=hyperscale, headers=headers),
        guarded.get("/v1/rulesets", headers=headers),
    ):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_client_reads_only_what_it_computed(guarded: Client, hyperscale: bytes) -> None:
    first = guarded.post(URL, content=hyperscale, headers=bearer("alpha"))
    location = first.headers["location"]
    assert guarded.get(location, headers=bearer("alpha")).content == first.content
    foreign, absent = (
        guarded.get(location, headers=bearer("beta")),
        guarded.get(f"{URL}/x", headers=bearer("beta")),
    )
    assert foreign.status_code == absent.status_code == 404
    assert foreign.json() | {"instance": ""} == absent.json() | {"instance": ""}
    computed = guarded.post(URL, content=hyperscale, headers=bearer("beta"))
    assert (computed.headers["x-cache"], computed.content) == ("miss", first.content)


def test_a_key_does_what_its_scopes_allow(guarded: Client, hyperscale: bytes) -> None:
    assert guarded.get("/v1/rulesets", headers=bearer("reader")).status_code == 200
    refused = guarded.post(URL, content=hyperscale, headers=bearer("reader"))
    assert refused.status_code == 403
    assert "price" in refused.json()["detail"]


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/openapi.json"])
def test_probes_and_contract_ask_for_no_key(guarded: Client, path: str) -> None:
    assert guarded.get(path).status_code == 200


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no \\[\\[key\\]\\]"),
        ("[[key]", "keys.toml"),
        (entry("alpha") + entry("alpha"), "twice"),
        (entry("alpha", '["everything"]'), "scopes"),
        (entry("alpha", extra='secret = "x"'), "secret"),
        (entry("alpha", extra='not_after = "soon"'), "not_after"),
    ],
)
def test_a_keys_file_that_is_not_understood_stops_the_service(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(text)
    with pytest.raises(FileError, match=why):
        Clients(str(path))


def test_what_is_wrong_with_a_query_is_told_only_to_who_may_come_in(guarded: Client) -> None:
    assert guarded.get("/v1/rulesets?no_such=1").status_code == 401
    assert guarded.get("/v1/rulesets?no_such=1", headers=bearer("reader")).status_code == 422
