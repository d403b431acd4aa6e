"""The contract: OpenAPI 3.1 of every route, the shipped deals its examples; served as JSON, kept as YAML."""

# Design: the routes say what there is, each handler's options what it reads and answers, its docstring what
# it does, and the engine what the examples come to. Nothing is described twice.

from collections.abc import Iterator
from typing import Any

import msgspec
import yaml  # type: ignore[import-untyped]  # PyYAML ships no types
from litestar import Litestar
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from rackrate import __version__
from rackrate.analyses.problems import ProblemDetails
from rackrate.api.openapi.examples import (
    PORTFOLIO,
    document_examples,
    examples_of,
    portfolio_example,
    requests_of,
)
from rackrate.api.openapi.operations import (
    HEADERS,
    operation,
    problem_responses,
    reads_of,
    structs_of,
    tag_of,
)
from rackrate.api.openapi.schemas import schemas_of
from rackrate.api.path_templates import published
from rackrate.deal.measures import UNITS

DESCRIPTION = """Underwriting AI data-centre debt: facility terms in; DSCR, sizing, tranches, waterfall out.

Amounts are numbers in deal currency, rates and shares are decimals, dates are ISO 8601. Unknown fields are
refused; null for a field that may be left out is as if it were left out. The same request has the same
answer, byte for byte. Within /v1 only additions are made."""


def contract_of(app: Litestar) -> bytes:
    """Encode the OpenAPI document of `app` as JSON, once."""
    if "contract" not in app.state:
        app.state["contract"] = msgspec.json.encode(document(app))
    return bytes(app.state["contract"])


def yaml_of(app: Litestar) -> bytes:
    """Encode the OpenAPI document of `app` as YAML, once."""
    if "yaml" not in app.state:
        app.state["yaml"] = as_yaml(app).encode()
    return bytes(app.state["yaml"])


def as_yaml(app: Litestar) -> str:
    """Write the contract as it is committed: no anchors, short lists and objects on one line."""
    plain = msgspec.json.decode(contract_of(app))
    return str(yaml.safe_dump(plain, sort_keys=False, width=110, default_flow_style=None))


def document(app: Litestar) -> dict[str, Any]:
    """Assemble the contract of every route of `app`."""
    handlers = sorted(_handlers(app), key=lambda found: found[:2])
    analyses = dict.fromkeys(handler.opt["analysis"] for *_, handler in handlers if "analysis" in handler.opt)
    paths: dict[str, dict[str, Any]] = {}
    for path, method, handler in handlers:
        names = list(requests_of(handler.opt["analysis"])) if "analysis" in handler.opt else []
        names += [PORTFOLIO] if "lines" in handler.opt else []
        paths.setdefault(path, {})[method] = operation(path, handler, names)
    routes = [handler for *_, handler in handlers]
    structs = [struct for handler in routes for struct in structs_of(handler)]
    used = {status for item in paths.values() for said in item.values() for status in said["responses"]}
    parted = [kind for each in analyses for kind in (each.answers, *each.also_answers)]  # all take `fields`
    tags = dict(sorted({tag["name"]: tag["description"] for tag in map(tag_of, routes)}.items()))
    headers = {name: {"description": text, "schema": {"type": "string"}} for name, text in HEADERS.items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "rackrate",
            "version": __version__,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in tags.items()],
        "x-units": UNITS,
        "paths": paths,
        "components": {
            "schemas": schemas_of(
                [*structs, ProblemDetails],
                [kind for handler in routes for kind in reads_of(handler)],
                parted,
            ),
            "responses": problem_responses(used),
            "headers": headers,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "bearerFormat": "rr_<id>_<secret> or JWT"}
            },
            "examples": {name: example for analysis in analyses for name, example in examples_of(analysis)}
            | portfolio_example()
            | dict(document_examples()),
        },
    }


def _handlers(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Yield (path, method, handler) of all but redirects, OPTIONS, and HEAD, which goes with every GET."""
    for found in app.routes:
        if isinstance(found, HTTPRoute):
            for handler in (own for own in found.route_handlers if own.resolve_include_in_schema()):
                for method in handler.http_methods - {HttpMethod.OPTIONS, HttpMethod.HEAD}:
                    yield published(found.path_format), method.lower(), handler
