"""Comparisons: one deal through several priorities of payments."""

from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.types import ASGIApp

from rackrate.analyses.registry import COMPARE
from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.requests.post import answer_post
from rackrate.api.requests.query import view_of
from rackrate.api.responses.representation import respond

OPTIONS = ("fields",)


@post("/v1/comparisons", status_code=200, opt={"scope": "price", "analysis": COMPARE, "query": OPTIONS})
async def compare_templates(
    request: Request[Any, Any, Any], dispatcher: NamedDependency[Dispatcher]
) -> ASGIApp:
    """Compare structure templates on one deal.

    Classes, triggers, equity and losses under each template, side by side; the loan is the same under all of
    them.
    """
    view = view_of(request)
    return await respond(request, await answer_post(request, dispatcher, COMPARE), view)
