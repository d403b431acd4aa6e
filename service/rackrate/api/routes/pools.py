"""Pools: underwrite a pool of loans and its certificates; fetch an answer by its id."""

from typing import Any

import msgspec
from litestar import Request, post, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import FromPath
from litestar.types import ASGIApp

from rackrate.analyses.problems import NOT_FOUND, Problem
from rackrate.analyses.registry import (
    UNDERWRITE_POOL,
    UNDERWRITE_POOL_WITH_TRANCHES,
    WRITE_TAPE,
    Analysis,
    pool_analysis,
)
from rackrate.api.compute.dispatcher import Answer, Dispatcher
from rackrate.api.limits.body_budget import MIB
from rackrate.api.requests.files import media_names
from rackrate.api.requests.post import answer_post
from rackrate.api.requests.query import media_of, view_of
from rackrate.api.responses.files import respond_file
from rackrate.api.responses.representation import respond
from rackrate.deal.codec.decode import Body
from rackrate.deal.requests.tape import file_kind
from rackrate.documents.document import ID_CHARACTERS

PATH = "/v1/pools"
OPTIONS = ("fields",)
MOST_BYTES = 8 * MIB
SCHEDULE_AL = "schedule_al"


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
    answer = await answer_post(request, dispatcher, pool_analysis(view.fields))
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
    return await respond(request, await _kept(request, dispatcher, pool_analysis(view.fields), id_), view)


@route(
    PATH + "/{id_:str}/tape",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    opt={"scope": "read", "query": ("layout", "month"), "files": ("xml", "csv")},
)
async def fetch_tape(
    request: Request[Any, Any, Any], dispatcher: NamedDependency[Dispatcher], id_: FromPath[str]
) -> ASGIApp:
    """Fetch a pool as a loan tape.

    A record a loan, as of a month of the reported scenario: an EX-102 document as XML, or a CREFC file as
    CSV by `layout`. What a layout cannot say is left out; a loan that rates have split is refused.
    """
    pool = await _kept(request, dispatcher, UNDERWRITE_POOL, id_)
    if not msgspec.json.decode(pool.document, type=_OfLoans).loans:
        raise Problem(NOT_FOUND, "A pool of ground leases has no loan tape.")
    month = request.query_params.get("month", "0")
    layout = request.query_params.get("layout", SCHEDULE_AL)
    media = media_of(request, media_names((file_kind(layout) or "xml",)))
    asked = {
        "pool": msgspec.Raw(pool.document),
        "layout": layout,
        "month": int(month) if month.isdecimal() and len(month) < 10 else month,
    }
    body = Body(msgspec.json.encode(asked), "json")
    tape = await dispatcher.answer(WRITE_TAPE, body, request.user.name, request.receive)
    return await respond_file(request, tape, media, f"{layout}-{id_[:ID_CHARACTERS]}")


class _OfLoans(msgspec.Struct):
    """What tells a pool of loans from one of ground leases."""

    loans: msgspec.Raw = msgspec.Raw()


async def _kept(
    request: Request[Any, Any, Any], dispatcher: Dispatcher, analysis: Analysis, id_: str
) -> Answer:
    """Find a pool that this client sent, as either analysis has answered it."""
    client: str = request.user.name
    answer = await dispatcher.fetch(analysis, id_, client, request.receive)
    if answer is None:
        answer = await dispatcher.fetch(UNDERWRITE_POOL_WITH_TRANCHES, id_, client, request.receive)
    if answer is None:
        raise Problem(NOT_FOUND, "No pool of yours is kept under this id; it may have expired.")
    return answer
