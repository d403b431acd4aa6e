"""Waterfalls: classes paid from a cash flow of the client's own."""

from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.types import ASGIApp

from rackrate.analyses.registry import WATERFALL
from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.requests.post import answer_post
from rackrate.api.requests.query import view_of
from rackrate.api.responses.representation import respond

OPTIONS = ("fields",)


@post("/v1/waterfalls", status_code=200, opt={"scope": "price", "analysis": WATERFALL, "query": OPTIONS})
async def pay_classes(request: Request[Any, Any, Any], dispatcher: NamedDependency[Dispatcher]) -> ASGIApp:
    """Pay classes of your own from a cash flow of your own.

    Every account and class by period through the priority of payments, triggers and reserves included.
    """
    view = view_of(request)
    return await respond(request, await answer_post(request, dispatcher, WATERFALL), view)
