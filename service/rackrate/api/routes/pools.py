"""Pools: loans in, what they bring and the certificates on them out, and the same again by the id."""

from typing import Any

from litestar import Request, post, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import FromPath
from litestar.types import ASGIApp

from rackrate.analyses.problems import NOT_FOUND, Problem
from rackrate.analyses.projection import View
from rackrate.analyses.registry import UNDERWRITE_POOL, UNDERWRITE_POOL_WITH_TRANCHES, Analysis
from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.limits.body_budget import MIB
from rackrate.api.requests.post import answer_post
from rackrate.api.requests.query import view_of
from rackrate.api.responses.representation import respond

PATH = "/v1/pools"
OPTIONS = ("fields",)
MOST_BYTES = 8 * MIB


def _analysis(view: View) -> Analysis:
    """Choose the analysis of a view: break-evens are nearly all of the work, and only `tranches` has them."""
    return UNDERWRITE_POOL_WITH_TRANCHES if not view.fields or "tranches" in view.fields else UNDERWRITE_POOL


@post(
    PATH,
    status_code=200,
    request_max_body_size=MOST_BYTES,
    opt={"scope": "price", "analysis": UNDERWRITE_POOL_WITH_TRANCHES, "query": OPTIONS},
)
async def post_pool(request: Request[Any, Any, Any], dispatcher: NamedDependency[Dispatcher]) -> ASGIApp:
    """Underwrite a pool of loans.

    Loan by loan and the pool as one: cover, capacity by category, concentration, what the loans bring in each
    scenario, and the certificates on them. Break-evens are computed where `tranches` are asked for.
    """
    view = view_of(request)
    answer = await answer_post(request, dispatcher, _analysis(view))
    return await respond(request, answer, view, location=f"{PATH}/{answer.id}")


@route(
    PATH + "/{id_:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    opt={"scope": "read", "analysis": UNDERWRITE_POOL_WITH_TRANCHES, "query": OPTIONS},
)
async def fetch_pool(
    request: Request[Any, Any, Any], dispatcher: NamedDependency[Dispatcher], id_: FromPath[str]
) -> ASGIApp:
    """Fetch a pool again.

    The same bytes as the POST that computed it, to the client that sent it, until they expire.
    """
    view = view_of(request)
    client: str = request.user.name
    answer = await dispatcher.fetch(_analysis(view), id_, client, request.receive)
    if answer is None:
        answer = await dispatcher.fetch(UNDERWRITE_POOL_WITH_TRANCHES, id_, client, request.receive)
    if answer is None:
        raise Problem(NOT_FOUND, "No pool of yours is kept under this id; it may have expired.")
    return await respond(request, answer, view)
