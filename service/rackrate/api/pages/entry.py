"""Addresses that people and tools try first: `/`, `/healthz` and `/openapi.yaml`."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, route
from litestar.enums import HttpMethod
from msgspec import Meta

from rackrate.analyses.identity import ENGINE
from rackrate.api.negotiation import choose
from rackrate.api.openapi.document import yaml_of
from rackrate.api.pages.workbench import send_page
from rackrate.deal.codec.media_types import JSON
from rackrate.deal.measures import unit

READ = [HttpMethod.GET, HttpMethod.HEAD]
HTML = "text/html"
YAML = "application/yaml"  # RFC 9512
LINKS = {
    "contract": "/openapi.json",
    "contract, to be read and tried": "/docs",
    "underwrite a deal": "POST /v1/underwritings",
    "rulesets": "/v1/rulesets",
    "templates": "/v1/templates",
    "health": "/health/ready",
    "metrics": "/metrics",
}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What this service is, and where to go from here."""

    service: Annotated[str, Meta(description="Name of the service.")]
    version: Annotated[str, Meta(description="Version of the engine.")]
    max_body_bytes: Annotated[
        int, unit("count"), Meta(description="Longest request body that is read, bytes; some take more.")
    ]
    links: Annotated[dict[str, str], Meta(description="Where to go, by what is there.")]


@route("/", http_method=READ, opt={"answers": Entry})
async def show_entry(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Say what this service is and where its contract lies.

    To who would rather have HTML (`Accept`), the workbench.
    """
    if choose(request.headers.get("accept", ""), (JSON, HTML)) == HTML:
        return send_page(request, "index.html")
    return Response(
        msgspec.json.encode(
            Entry(
                service="rackrate",
                version=ENGINE,
                max_body_bytes=request.route_handler.resolve_request_max_body_size() or 0,
                links=LINKS,
            )
        ),
        media_type=JSON,
        headers={"vary": "Accept"},
    )


@route("/healthz", http_method=READ, status_code=307, include_in_schema=False)
async def show_health() -> Response[None]:
    """Point to the probe that says whether the process answers."""
    return Response(None, status_code=307, headers={"location": "/health/live"})


@route("/openapi.yaml", http_method=READ, opt={"media": YAML})
async def show_yaml(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Show the contract as YAML.

    The same document as `/openapi.json`.
    """
    return Response(await asyncio.to_thread(yaml_of, request.app), media_type=YAML)
