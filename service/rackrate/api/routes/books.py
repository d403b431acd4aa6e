"""Books: many deals underwritten as one; one document, or server-sent events that end in it."""

from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.types import ASGIApp

from rackrate.analyses.registry import BOOK
from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.limits.body_budget import MIB
from rackrate.api.routes.simulations import OPTIONS, answer_or_tell

PATH = "/v1/books"
MOST_BYTES = 32 * MIB


@post(
    PATH,
    status_code=200,
    request_max_body_size=MOST_BYTES,
    opt={"scope": "price", "analysis": BOOK, "query": OPTIONS},
)
async def underwrite_book(
    request: Request[Any, Any, Any], dispatcher: NamedDependency[Dispatcher]
) -> ASGIApp:
    """Underwrite a book of at most 1,000 deals.

    What its deals share: exposures, maturities, an obligor's default in every deal, losses under one cycle.
    A bad deal is a reject, not a refusal. With `Accept: text/event-stream`: `progress` events {done, of} of
    deals, then `result`; a client that leaves ends the work.
    """
    return await answer_or_tell(request, dispatcher, BOOK)
