"""Underwritings: underwrite a deal; fetch an underwriting by its id."""

from typing import Any

from litestar import Request, post, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import FromPath
from litestar.types import ASGIApp

from rackrate.analyses.problems import NOT_FOUND, Problem
from rackrate.analyses.registry import UNDERWRITE, UNDERWRITE_BY_FACILITY
from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.requests.post import answer_post
from rackrate.api.requests.query import view_of
from rackrate.api.responses.representation import respond

PATH = "/v1/underwritings"
ANALYSES = {"deal": UNDERWRITE, "facility": UNDERWRITE_BY_FACILITY}
OPTIONS = ("fields", "detail")


@post(PATH, status_code=200, opt={"scope": "price", "analysis": UNDERWRITE, "query": OPTIONS})
async def underwrite_deal(
    request: Request[Any, Any, Any], dispatcher: NamedDependency[Dispatcher]
) -> ASGIApp:
    """Underwrite a deal.

    Coverage, the sized loan with every test, the classes, the waterfall, and how far cash flow may fall.
    The answer can be fetched again under `Location` until it expires.
    """
    view = view_of(request)
    answer = await answer_post(request, dispatcher, ANALYSES[view.detail])
    return await respond(request, answer, view, location=f"{PATH}/{answer.id}")


@route(
    PATH + "/{id_:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    opt={"scope": "read", "analysis": UNDERWRITE, "query": OPTIONS},
)
async def fetch_underwriting(
    request: Request[Any, Any, Any], dispatcher: NamedDependency[Dispatcher], id_: FromPath[str]
) -> ASGIApp:
    """Fetch an underwriting again.

    The same bytes as the POST that computed it, to the client that sent it, until they expire.
    """
    view = view_of(request)
    answer = await dispatcher.fetch(ANALYSES[view.detail], id_, request.user.name, request.receive)
    if answer is None:
        raise Problem(NOT_FOUND, "No underwriting of yours is kept under this id; it may have expired.")
    return await respond(request, answer, view)
