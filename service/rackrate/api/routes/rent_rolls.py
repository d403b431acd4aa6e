"""Rent rolls: read a CSV or XLSX file into a facility's leases, with a report of what was not read."""

from functools import partial
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.types import ASGIApp

from rackrate.analyses.registry import READ_RENT_ROLL
from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.limits.body_budget import MIB
from rackrate.api.requests.files import read_file
from rackrate.api.requests.post import answer_post
from rackrate.api.requests.query import view_of
from rackrate.api.responses.representation import respond
from rackrate.deal.requests.rent_roll import known_tenants
from rackrate.deal.requests.tape import stated_totals

PATH = "/v1/rent-rolls"
MOST_BYTES = 8 * MIB
ASKED = ("sheet", "dates", "decimals")


@post(
    PATH,
    status_code=200,
    request_max_body_size=MOST_BYTES,
    opt={
        "scope": "price",
        "analysis": READ_RENT_ROLL,
        "query": ("fields", *ASKED, "tenants", "stated"),
        "files": ("csv", "xlsx"),
    },
)
async def post_rent_roll(request: Request[Any, Any, Any], dispatcher: NamedDependency[Dispatcher]) -> ASGIApp:
    """Read a rent roll.

    CSV or a sheet of a workbook: leases as a facility takes them, columns found by their heads and units,
    tenants matched to those of the deal, rows of totals held against the rows above them, and each cell that
    was not read with its row and reason. A date or a unit that has two readings is not read.
    """
    view, query = view_of(request), request.query_params
    asked: dict[str, Any] = {name: query[name] for name in ASKED if name in query}
    asked |= {"tenants": known_tenants(query.get("tenants", ""))}
    asked |= {"stated": stated_totals(query.get("stated", ""))}
    read_body = partial(read_file, kinds=request.route_handler.opt["files"], asked=asked)
    answer = await answer_post(request, dispatcher, READ_RENT_ROLL, read_body=read_body)
    return await respond(request, answer, view)
