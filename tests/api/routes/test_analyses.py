"""Comparisons and sensitivities: what the engine says of a deal in several lights, over HTTP."""

from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from rackrate.analyses.identity import identity
from rackrate.analyses.registry import COMPARE, SENSITIVITY, SIMULATE, Analysis, ruleset_of
from rackrate.api.openapi.examples import ASKED
from rackrate.deal.codec.decode import canonical, decode

Client = TestClient[Litestar]
Document = dict[str, Any]
PATHS = {COMPARE: "/v1/comparisons", SENSITIVITY: "/v1/sensitivities", SIMULATE: "/v1/simulations"}
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("analysis", PATHS)
def test_an_analysis_is_what_the_engine_says_and_the_second_time_a_hit(
    client: Client, deal: Document, analysis: Analysis
) -> None:
    body = msgspec.json.encode({"deal": deal} | ASKED[analysis])
    request = decode(body, analysis.reads)
    ruleset = ruleset_of(request)
    id_ = identity(ruleset.sha256, canonical(request))
    first, second = (client.post(PATHS[analysis], content=body, headers=JSON) for _ in range(2))
    assert first.content == msgspec.json.encode(analysis.compute(request, ruleset, id_))
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("miss", "hit")
    assert (second.content, second.headers["etag"]) == (first.content, first.headers["etag"])
    assert first.json()["id"] == id_


@pytest.mark.parametrize("analysis", PATHS)
def test_a_fault_in_the_deal_is_pointed_at_within_the_request(
    client: Client, deal: Document, analysis: Analysis
) -> None:
    deal["facilities"][0]["leases"][0]["tenant"] = "nobody"
    answer = client.post(PATHS[analysis], json={"deal": deal} | ASKED[analysis])
    assert answer.status_code == 422
    assert "/deal/facilities/0/leases/0/tenant" in [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("denomination", [5e-324, 0.009, 1e13, 1e300])
@pytest.mark.parametrize("analysis", PATHS)
def test_a_denomination_that_issues_nothing_or_is_no_money_is_refused_at_its_field(
    client: Client, deal: Document, analysis: Analysis, denomination: float
) -> None:
    deal["structure"]["denomination"] = denomination
    alone = client.post("/v1/underwritings", json=deal)
    assert (alone.status_code, alone.json()["errors"][0]["pointer"]) == (422, "/structure/denomination")
    answer = client.post(PATHS[analysis], json={"deal": deal} | ASKED[analysis])
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/deal/structure/denomination"]


def test_a_point_smaller_than_the_denomination_has_no_figures_and_the_others_have(
    client: Client, deal: Document
) -> None:
    """The deal is resized to its cash: at a rent cut of 60 percent less than one denomination is left."""
    tranches = client.post("/v1/underwritings?fields=tranches", json=deal).json()["tranches"]
    deal["structure"]["denomination"] = 0.9 * max(tranche["principal"] for tranche in tranches)
    name = deal["structure"]["classes"][0]["name"]
    axes = {
        "x": {"adjustment": "rent_haircut", "values": [0.0, 0.6]},
        "y": {"adjustment": "vacancy_floor", "values": [0.0]},
    }
    body = {"deal": deal, "resize": True, "grids": [axes | {"measure": f"loss:{name}"}]}
    row = client.post(PATHS[SENSITIVITY], json=body).json()["grids"][0]["values"][0]
    assert row[0] is not None
    assert row[1] is None


def test_a_comparison_of_a_deal_without_a_structure_is_refused(client: Client, deal: Document) -> None:
    del deal["structure"]
    answer = client.post(PATHS[COMPARE], json={"deal": deal})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/deal/structure")


def test_parts_of_an_analysis_can_be_asked_for(client: Client, deal: Document) -> None:
    answer = client.post(PATHS[SENSITIVITY] + "?fields=base", json={"deal": deal})
    assert list(answer.json()) == ["base"]


def test_a_simulation_tells_how_far_it_is_and_then_what_it_says(client: Client, deal: Document) -> None:
    body = {"deal": deal} | ASKED[SIMULATE] | {"paths": 10_000}
    streamed = client.post(PATHS[SIMULATE], json=body, headers={"Accept": "text/event-stream"})
    assert streamed.headers["content-type"].startswith("text/event-stream")
    *told, result, _ = streamed.text.split("\n\n")
    assert told
    reports = [msgspec.json.decode(event.removeprefix("event: progress\ndata: ")) for event in told]
    assert reports[-1]["of"] >= reports[-1]["done"] > 0
    plain = client.post(PATHS[SIMULATE], json=body)
    assert plain.headers["x-cache"] == "hit"
    assert result == f"event: result\ndata: {plain.text}"


def test_a_simulation_that_is_refused_says_so_before_any_event(client: Client, deal: Document) -> None:
    body = {"deal": deal} | ASKED[SIMULATE] | {"paths": 0}
    answer = client.post(PATHS[SIMULATE], json=body, headers={"Accept": "text/event-stream"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
