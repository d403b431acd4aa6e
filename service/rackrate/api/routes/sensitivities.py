"""Sensitivities: one deal at other values of its cases' adjustments."""

from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.types import ASGIApp

from rackrate.analyses.registry import SENSITIVITY
from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.requests.post import answer_post
from rackrate.api.requests.query import view_of
from rackrate.api.responses.representation import respond

OPTIONS = ("fields",)


@post("/v1/sensitivities", status_code=200, opt={"scope": "price", "analysis": SENSITIVITY, "query": OPTIONS})
async def try_adjustments(
    request: Request[Any, Any, Any], dispatcher: NamedDependency[Dispatcher]
) -> ASGIApp:
    """Try adjustments on one deal.

    A tornado, grids over two adjustments, and break-evens; `resize` sizes a new loan at each point.
    """
    view = view_of(request)
    return await respond(request, await answer_post(request, dispatcher, SENSITIVITY), view)
