"""Sizings: a loan on a cash flow of the client's own."""

from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.types import ASGIApp

from rackrate.analyses.registry import SIZE
from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.requests.post import answer_post
from rackrate.api.requests.query import view_of
from rackrate.api.responses.representation import respond

OPTIONS = ("fields",)


@post("/v1/sizings", status_code=200, opt={"scope": "price", "analysis": SIZE, "query": OPTIONS})
async def size_loan(request: Request[Any, Any, Any], dispatcher: NamedDependency[Dispatcher]) -> ASGIApp:
    """Size a loan on a cash flow of your own.

    Principal, schedule, coverage and every test, from one figure of net cash flow per period.
    """
    view = view_of(request)
    return await respond(request, await answer_post(request, dispatcher, SIZE), view)
