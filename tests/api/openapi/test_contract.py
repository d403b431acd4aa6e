"""The contract: fresh, complete, and true of what the service takes and gives."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from rackrate.api.cache.memory import MemoryResults
from rackrate.api.openapi.document import as_yaml, document
from rackrate.api.path_templates import published
from rackrate.app import create_app
from rackrate.settings import Settings

ROOT = Path(__file__).parents[3]
Document = dict[str, Any]


@pytest.fixture(scope="module")
def app() -> Litestar:
    return create_app(Settings(), MemoryResults(60))


@pytest.fixture(scope="module")
def contract(app: Litestar) -> Document:
    plain: Document = json.loads(json.dumps(document(app)))
    return plain


def validator(contract: Document, schema: Document) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({**schema, "components": contract["components"]})


def test_the_committed_contract_is_fresh(app: Litestar) -> None:
    assert (ROOT / "openapi.yaml").read_text() == as_yaml(app), "openapi.yaml is stale: run `make contract`"


def test_the_committed_and_the_served_contract_are_one(app: Litestar, contract: Document) -> None:
    with TestClient(app) as client:
        assert client.get("/openapi.json").json() == contract
    assert yaml.safe_load((ROOT / "openapi.yaml").read_text()) == contract


def test_every_route_is_in_the_contract(app: Litestar, contract: Document) -> None:
    routes = {
        (published(route.path_format), method.lower())
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method not in ("OPTIONS", "HEAD") and handler.resolve_include_in_schema()
    }
    assert routes == {(path, method) for path, item in contract["paths"].items() for method in item}


def test_every_operation_and_every_parameter_is_described_and_none_named_for_python(
    contract: Document,
) -> None:
    for path, item in contract["paths"].items():
        assert "_}" not in path
        for method, operation in item.items():
            assert operation["description"].endswith("."), (method, path)
            for parameter in operation["parameters"]:
                assert parameter["description"].endswith("."), (method, path, parameter["name"])


def test_every_reference_leads_somewhere(contract: Document) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            found = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return found + [r for key, value in node.items() if key != "value" for r in references(value)]
        return [r for item in node for r in references(item)] if isinstance(node, list) else []

    for reference in references(contract):
        node: Any = contract
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_every_object_and_field_is_described_and_no_request_takes_what_is_not_in_it(
    contract: Document,
) -> None:
    open_to_all = {"Entry", "FieldError", "Health", "ProblemDetails", "RulesetList"}
    for name, schema in contract["components"]["schemas"].items():
        assert re.fullmatch("[A-Z][A-Za-z]+", name), "generators make it the name of a type"
        assert name in open_to_all or schema["additionalProperties"] is False, name
        assert schema["description"].endswith("."), name
        for field, described in schema["properties"].items():
            assert described["description"].endswith("."), f"{name}.{field}"


def nodes(node: Any, unit: str | None = None, at: str = "") -> Iterator[tuple[str, Document, str | None]]:
    """Yield every object of a schema, where it is, and the unit that holds there."""
    if isinstance(node, dict):
        unit = node.get("x-unit", unit)
        yield at, node, unit
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, item in items:
        if key not in ("enum", "x-default"):
            yield from nodes(item, unit, f"{at}/{key}")


def test_every_number_says_its_unit_and_how_large_it_may_be_and_every_unit_is_used(
    contract: Document,
) -> None:
    units, used = contract["x-units"], set()
    for at, node, unit in nodes(contract["components"]["schemas"]):
        if node.get("type") in ("number", "integer"):
            assert unit in units, f"{at} is {unit}"
            assert node["format"] in ("double", "int64"), at
            used.add(unit)
    assert used == set(units)


def test_a_property_says_the_unit_of_all_its_numbers_at_its_top(contract: Document) -> None:
    schemas = contract["components"]["schemas"]
    assert schemas["Case"]["properties"]["power_price_add"]["x-unit"] == "money/MWh"
    assert schemas["Market"]["properties"]["power_index"]["x-unit"] == "money/MWh"
    assert schemas["Summary"]["properties"]["walt_years"]["x-unit"] == "years"
    pair = schemas["Tenant"]["properties"]["cumulative_pd"]["anyOf"][0]["items"]["prefixItems"]
    assert [item["x-unit"] for item in pair] == ["years", "probability"]


def test_no_schema_says_what_common_generators_stumble_over(contract: Document) -> None:
    for at, node, _ in nodes(contract["components"]["schemas"]):
        assert "default" not in node, at
        assert node.get("items") is not False, at
        if isinstance(node.get("pattern"), str):
            assert "(?" not in node["pattern"], at
            assert "\\u" not in node["pattern"], at
            re.compile(node["pattern"])
        if isinstance(node.get("enum"), list):
            assert node["type"] in ("string", "integer"), at


def test_defaults_are_told_in_words_and_beside_the_schema(contract: Document) -> None:
    start = contract["components"]["schemas"]["FixedBlock"]["properties"]["resale_share"]
    assert start["x-default"] == 0.0
    assert start["description"].endswith("By default `0.0`.")
    assert "default" not in start


def test_only_the_parts_asked_for_are_in_an_answer_so_that_none_is_required(contract: Document) -> None:
    schemas = contract["components"]["schemas"]
    operation = contract["paths"]["/v1/underwritings"]["post"]
    fields = next(given for given in operation["parameters"] if given["name"] == "fields")
    assert fields["schema"]["items"]["enum"] == list(schemas["Underwriting"]["properties"])
    assert (fields["style"], fields["explode"]) == ("form", False)
    assert "required" not in schemas["Underwriting"]
    assert "principal" in schemas["Summary"]["required"]


def test_every_operation_has_a_tag_that_is_described(contract: Document) -> None:
    described = {tag["name"]: tag["description"] for tag in contract["tags"]}
    used = {tag for item in contract["paths"].values() for found in item.values() for tag in found["tags"]}
    assert used == set(described)
    assert all(described.values())


def test_the_contract_says_what_a_service_that_leaves_answers(contract: Document) -> None:
    answers = contract["paths"]["/health/ready"]["get"]["responses"]
    assert answers["503"]["content"] == answers["200"]["content"]


def test_choices_stand_in_the_order_they_are_written(contract: Document) -> None:
    service = contract["components"]["schemas"]["MinDscr"]["properties"]["service"]["anyOf"][0]
    assert service["enum"] == ["actual", "interest_only", "amortising", "stressed"]


@pytest.mark.parametrize("path", ["/v1/underwritings", "/v1/sizings", "/v1/waterfalls"])
def test_examples_are_what_the_service_takes_and_gives(app: Litestar, contract: Document, path: str) -> None:
    operation = contract["paths"][path]["post"]
    asked = operation["requestBody"]["content"]["application/json"]
    given = operation["responses"]["200"]["content"]["application/json"]
    examples = contract["components"]["examples"]
    assert len(asked["examples"]) == len(given["examples"]) >= 1
    with TestClient(app) as client:
        for name in asked["examples"]:
            request, answer = examples[f"{name}-request"]["value"], examples[f"{name}-answer"]
            validator(contract, asked["schema"]).validate(request)
            reply = client.post(path + answer["summary"], json=request)
            assert reply.json() == answer["value"]
            whole = client.post(path, json=request).json()
            validator(contract, given["schema"]).validate(whole)


def test_a_problem_is_as_the_contract_says(app: Litestar, contract: Document) -> None:
    schema = contract["components"]["responses"]["422"]["content"]["application/problem+json"]["schema"]
    with TestClient(app) as client:
        problem = client.post("/v1/underwritings", json={"name": 1}).json()
    validator(contract, schema).validate(problem)
    assert problem["errors"]


def test_the_example_of_a_portfolio_is_what_the_service_takes_and_gives(
    app: Litestar, contract: Document
) -> None:
    operation = contract["paths"]["/v1/portfolios"]["post"]
    asked = operation["requestBody"]["content"]["application/x-ndjson"]["schema"]["contentSchema"]["items"]
    given = operation["responses"]["200"]["content"]["application/x-ndjson"]["schema"]["contentSchema"]
    examples = contract["components"]["examples"]
    request, answer = examples["portfolio-request"]["value"], examples["portfolio-answer"]
    validator(contract, asked).validate(json.loads(request.splitlines()[0]))
    headers = {"Content-Type": "application/x-ndjson"}
    with TestClient(app) as client:
        replies = [
            client.post("/v1/portfolios" + query, content=request, headers=headers)
            for query in (answer["summary"], "")
        ]
    assert replies[0].text == answer["value"]
    lines = [json.loads(line) for line in replies[1].text.splitlines()]
    validator(contract, given).validate(lines)
    assert [line["status"] for line in lines] == [200, 422]
