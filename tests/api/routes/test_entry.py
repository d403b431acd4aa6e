"""What is tried first: the root, the probes and pages that other services have, and the templates."""

from collections.abc import Callable

import pytest
import yaml
from litestar import Litestar
from litestar.testing import TestClient

from rackrate import __version__
from rackrate.engine.structure.templates import TEMPLATES

Client = TestClient[Litestar]


@pytest.fixture
def client(open_client: Callable[..., Client]) -> Client:
    return open_client()


def test_the_root_names_the_service_and_every_link_of_it_leads_somewhere(client: Client) -> None:
    entry = client.get("/").json()
    assert (entry["service"], entry["version"]) == ("rackrate", __version__)
    for link in entry["links"].values():
        method, _, path = link.rpartition(" ")
        assert client.request(method or "GET", path).status_code in (200, 400, 415)


def test_a_usual_address_of_probes_points_to_ours(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.url.path == "/health/live"


def test_the_contract_is_there_as_yaml(client: Client) -> None:
    answer = client.get("/openapi.yaml")
    assert answer.headers["content-type"] == "application/yaml"
    assert yaml.safe_load(answer.text) == client.get("/openapi.json").json()


def test_templates_are_listed_with_their_steps_and_those_that_are_one_say_so(client: Client) -> None:
    listed = {row["name"]: row for row in client.get("/v1/templates").json()["templates"]}
    assert set(listed) == set(TEMPLATES)
    assert [step["kind"] for step in listed["abs_master_trust"]["steps"]][:4] == [
        "fees",
        "interest",
        "reserve",
        "scheduled_principal",
    ]
    assert listed["cmbs_single_asset"]["same_as"] == ["compute_term_loan"]
    assert listed["compute_term_loan"]["same_as"] == ["cmbs_single_asset"]
    assert listed["project_finance"]["same_as"] == []
