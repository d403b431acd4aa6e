"""Loan tapes: read a file as filed into loans, with a report of what was not read."""

from functools import partial
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.types import ASGIApp

from rackrate.analyses.registry import READ_TAPE
from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.limits.body_budget import MIB
from rackrate.api.requests.files import read_file
from rackrate.api.requests.post import answer_post
from rackrate.api.requests.query import view_of
from rackrate.api.responses.representation import respond
from rackrate.deal.requests.tape import stated_totals

PATH = "/v1/tapes"
MOST_BYTES = 8 * MIB


@post(
    PATH,
    status_code=200,
    request_max_body_size=MOST_BYTES,
    opt={
        "scope": "price",
        "analysis": READ_TAPE,
        "query": ("fields", "layout", "basis", "stated"),
        "files": ("xml", "csv"),
    },
)
async def post_tape(request: Request[Any, Any, Any], dispatcher: NamedDependency[Dispatcher]) -> ASGIApp:
    """Read a loan tape.

    An EX-102 document as XML, a CREFC setup or periodic file as CSV: its loans as a pool takes them, its
    properties, totals beside those stated, and each cell that could not be read with its line and reason.
    Nothing is guessed: what cannot be read is left out, so that a pool of these loans names the gap.
    """
    view = view_of(request)
    read_body = partial(read_file, kinds=request.route_handler.opt["files"], asked=_asked(request))
    answer = await answer_post(request, dispatcher, READ_TAPE, read_body=read_body)
    return await respond(request, answer, view)


def _asked(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Read from the query how a tape is to be read."""
    query = request.query_params
    asked: dict[str, Any] = {name: query[name] for name in ("layout", "basis") if name in query}
    return asked | {"stated": stated_totals(query.get("stated", ""))}
