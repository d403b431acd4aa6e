"""Simulations: a deal over many paths; one document, or server-sent events that end in it."""

# Design: events begin when there is something to tell, so that a refusal is still a refusal with its status.

import asyncio
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import ASGIApp

from rackrate.analyses.registry import SIMULATE, Analysis
from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.negotiation import OFFERS, choose
from rackrate.api.requests.post import answer_post
from rackrate.api.requests.query import view_of
from rackrate.api.responses.events import EVENTS, event, events
from rackrate.api.responses.representation import respond

OPTIONS = ("fields",)


@post("/v1/simulations", status_code=200, opt={"scope": "price", "analysis": SIMULATE, "query": OPTIONS})
async def simulate_deal(request: Request[Any, Any, Any], dispatcher: NamedDependency[Dispatcher]) -> ASGIApp:
    """Simulate a deal.

    Distributions of cover, triggers, losses and equity over seeded paths. With `Accept: text/event-stream`:
    `progress` events {done, of}, then `result`; a client that leaves ends the simulation.
    """
    return await answer_or_tell(request, dispatcher, SIMULATE)


async def answer_or_tell(
    request: Request[Any, Any, Any], dispatcher: Dispatcher, analysis: Analysis
) -> ASGIApp:
    """Answer an analysis that reports progress: as a document, or as events that end in it."""
    if choose(request.headers.get("accept", ""), (*OFFERS, EVENTS)) != EVENTS:
        view = view_of(request)
        return await respond(request, await answer_post(request, dispatcher, analysis), view)
    progress: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
    answering = asyncio.create_task(
        answer_post(request, dispatcher, analysis, lambda done, of: progress.put_nowait((done, of)))
    )
    first = asyncio.create_task(progress.get())
    await asyncio.wait({answering, first}, return_when=asyncio.FIRST_COMPLETED)
    if not first.done():
        first.cancel()
        whole = answering.result().whole
        return ASGIStreamingResponse(iterator=[event("result", whole)], media_type=EVENTS)
    stream = events(answering, progress, first.result())
    return ASGIStreamingResponse(iterator=stream, media_type=EVENTS)
