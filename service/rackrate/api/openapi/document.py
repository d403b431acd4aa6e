"""The contract: OpenAPI 3.1 of every route, the shipped deals its examples; served as JSON, kept as YAML."""

# Design: the routes say what there is, each handler's options what it reads and answers, its docstring what
# it does, and the engine what the examples come to. Nothing is described twice.

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import msgspec
import yaml  # type: ignore[import-untyped]  # PyYAML ships no types
from litestar import Litestar, Request, Response, route
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from rackrate import __version__
from rackrate.analyses.identity import identity
from rackrate.analyses.problems import ProblemDetails
from rackrate.analyses.projection import View, show
from rackrate.analyses.registry import COMPARE, PAY, SIMULATE, SIZE, TRY, UNDERWRITE, Verb, ruleset_of
from rackrate.api.openapi.operations import HEADERS, operation, problem_responses, structs_of, tag_of
from rackrate.api.openapi.schemas import schemas_of
from rackrate.api.responses.problem_details import crash
from rackrate.deal.codec.decode import canonical, decode
from rackrate.deal.codec.media_types import JSON
from rackrate.deal.measures import UNITS
from rackrate.portfolio.lines import compute

DESCRIPTION = """Underwriting AI data-centre debt: facility terms in; DSCR, sizing, tranches, waterfall out.

Amounts are numbers in deal currency, rates and shares are decimals, dates are ISO 8601. Unknown fields are
refused; null for a field that may be left out is as if it were left out. The same request has the same
answer, byte for byte. Within /v1 only additions are made."""
SHOWN = {  # parts of an answer that an example has room for
    UNDERWRITE: ("id", "engine", "ruleset", "summary", "tranches", "warnings"),
    SIZE: ("coverage",),
    PAY: ("tranches",),
    COMPARE: ("id", "engine", "ruleset", "summary"),
    SIMULATE: ("id", "engine", "ruleset", "paths", "seed", "classes"),
    TRY: ("id", "engine", "ruleset", "base", "tornado", "grids", "break_evens"),
}
ASKED: dict[Verb, dict[str, Any]] = {  # what is asked about a shipped deal, where that is not the deal itself
    COMPARE: {"templates": ["abs_master_trust", "cmbs_single_asset"]},
    SIMULATE: {
        "paths": 2000,
        "seed": 7,
        "factor": {
            "asset_correlation": 0.24,
            "renewal_loading": 0.5,
            "rent_volatility": 0.1,
            "rent_loading": 0.6,
            "power_speed": 1.5,
            "power_volatility": 0.35,
            "power_loading": 0.1,
        },
    },
    TRY: {
        "tornado": [{"adjustment": "power_price_factor", "low": 0.8, "high": 1.3}],
        "grids": [
            {
                "x": {"adjustment": "rate_add", "values": [0, 0.01]},
                "y": {"adjustment": "rent_haircut", "values": [0, 0.05]},
                "measure": "dscr_minimum",
            }
        ],
        "break_evens": [{"adjustment": "ncf_haircut", "target": {"dscr_minimum": 1.0}}],
    },
}
ASKED_ABOUT = "powered-shell-leasehold.json"
PORTFOLIO = "portfolio"


@route("/openapi.json", http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def show_contract(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Show this contract."""
    return Response(contract_of(request.app), media_type=JSON)


def contract_of(app: Litestar) -> bytes:
    """Write the contract of `app` as JSON, once."""
    if "contract" not in app.state:
        app.state["contract"] = msgspec.json.encode(document(app))
    return bytes(app.state["contract"])


def yaml_of(app: Litestar) -> bytes:
    """Write the contract of `app` as YAML, once."""
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
    verbs = dict.fromkeys(handler.opt["verb"] for *_, handler in handlers if "verb" in handler.opt)
    paths: dict[str, dict[str, Any]] = {}
    for path, method, handler in handlers:
        names = list(_requests(handler.opt["verb"])) if "verb" in handler.opt else []
        names += [PORTFOLIO] if "lines" in handler.opt else []
        paths.setdefault(path, {})[method] = operation(path, handler, names)
    routes = [handler for *_, handler in handlers]
    structs = [struct for handler in routes for struct in structs_of(handler)]
    told = {status for item in paths.values() for said in item.values() for status in said["responses"]}
    parted = [verb.answers for verb in verbs]  # every one takes `fields`
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
            "schemas": schemas_of([*structs, ProblemDetails], [verb.reads for verb in verbs], parted),
            "responses": problem_responses(told),
            "headers": headers,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "bearerFormat": "rr_<id>_<secret> or JWT"}
            },
            "examples": {name: example for verb in verbs for name, example in _examples(verb)}
            | _portfolio_example(),
        },
    }


def _handlers(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Yield (path, method, handler) of all but redirects, OPTIONS, and HEAD, which goes with every GET."""
    for found in app.routes:
        if isinstance(found, HTTPRoute):
            for handler in (own for own in found.route_handlers if own.resolve_include_in_schema()):
                for method in handler.http_methods - {HttpMethod.OPTIONS, HttpMethod.HEAD}:
                    yield found.path_format, method.lower(), handler


def _requests(verb: Verb) -> dict[str, bytes]:
    """Read the shipped requests of a verb by name."""
    folder = files("rackrate.deal") / "examples"
    if verb in ASKED:
        deal = msgspec.Raw((folder / ASKED_ABOUT).read_bytes())
        return {verb.name: msgspec.json.encode({"deal": deal} | ASKED[verb])}
    if verb is not UNDERWRITE:
        return {verb.name: (folder / "own" / f"{verb.name}.json").read_bytes()}
    found = sorted((file for file in folder.iterdir() if file.is_file()), key=lambda file: file.name)
    return {file.name.removesuffix(".json"): file.read_bytes() for file in found}


def _portfolio_example() -> dict[str, dict[str, Any]]:
    """Show a deal that is underwritten, and one that is refused, a line each."""
    deal = msgspec.json.decode((files("rackrate.deal") / "examples" / ASKED_ABOUT).read_bytes())
    asked = (deal, {"key": "row-2", "deal": {"name": deal["name"]}})
    lines = [msgspec.json.encode(line) for line in asked]
    view = View(fields=("summary",))
    answers = b"".join(compute(line, crash, view).content for line in enumerate(lines, 1))
    return {
        f"{PORTFOLIO}-request": {"value": (b"\n".join(lines) + b"\n").decode()},
        f"{PORTFOLIO}-answer": {"summary": f"?fields={','.join(view.fields)}", "value": answers.decode()},
    }


def _examples(verb: Verb) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each shipped request, and what the parts shown of its answer come to."""
    for name, body in _requests(verb).items():
        request = decode(body, verb.reads)
        ruleset = ruleset_of(request)
        answer = verb.compute(request, ruleset, identity(ruleset.sha256, canonical(request)))
        parts = show(msgspec.json.encode(answer), View(fields=SHOWN[verb]))
        yield f"{name}-request", {"value": msgspec.json.decode(body)}
        summary = f"?fields={','.join(SHOWN[verb])}"
        yield f"{name}-answer", {"summary": summary, "value": msgspec.json.decode(parts)}
