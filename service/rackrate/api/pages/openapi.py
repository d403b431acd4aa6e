"""GET /openapi.json: the OpenAPI document."""

from typing import Any

from litestar import Request, Response, route
from litestar.enums import HttpMethod

from rackrate.api.openapi.document import contract_of
from rackrate.deal.codec.media_types import JSON


@route("/openapi.json", http_method=[HttpMethod.GET, HttpMethod.HEAD])
async def show_contract(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Show this contract.

    OpenAPI 3.1 as JSON, its examples the shipped requests and what they come to.
    """
    return Response(contract_of(request.app), media_type=JSON)
