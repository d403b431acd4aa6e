"""Simulations: a deal down many paths; as an answer, or as events that end in it."""

# Design: events begin when there is something to tell, so that a refusal is still a refusal with its status.

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import ASGIApp

from rackrate.analyses.registry import SIMULATE
from rackrate.api.compute.dispatcher import Answer, Desk
from rackrate.api.negotiation import OFFERS, choose
from rackrate.api.operations import EVENTS
from rackrate.api.posts import answer_post
from rackrate.api.views import respond, view_of

OPTIONS = ("fields",)


@post("/v1/simulations", status_code=200, opt={"scope": "price", "verb": SIMULATE, "query": OPTIONS})
async def simulate_deal(request: Request[Any, Any, Any], desk: NamedDependency[Desk]) -> ASGIApp:
    """Simulate a deal.

    Distributions of cover, triggers, losses and equity over seeded paths. With `Accept: text/event-stream`:
    `progress` events {done, of}, then `result`; a client that leaves ends the simulation.
    """
    if choose(request.headers.get("accept", ""), (*OFFERS, EVENTS)) != EVENTS:
        view = view_of(request)
        return await respond(request, await answer_post(request, desk, SIMULATE), view)
    told: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
    answering = asyncio.create_task(
        answer_post(request, desk, SIMULATE, lambda done, of: told.put_nowait((done, of)))
    )
    first = asyncio.create_task(told.get())
    await asyncio.wait({answering, first}, return_when=asyncio.FIRST_COMPLETED)
    if not first.done():
        first.cancel()
        whole = answering.result().whole
        return ASGIStreamingResponse(iterator=[_event("result", whole)], media_type=EVENTS)
    events = _events(answering, told, first.result())
    return ASGIStreamingResponse(iterator=events, media_type=EVENTS)


async def _events(
    answering: asyncio.Task[Answer], told: asyncio.Queue[tuple[int, int]], first: tuple[int, int]
) -> AsyncIterator[bytes]:
    """Tell what is heard until the answer is there."""
    try:
        done, of = first
        while True:
            yield _event("progress", msgspec.json.encode({"done": done, "of": of}))
            hearing = asyncio.create_task(told.get())
            await asyncio.wait({answering, hearing}, return_when=asyncio.FIRST_COMPLETED)
            if not hearing.done():
                hearing.cancel()
                break
            done, of = hearing.result()
        yield _event("result", (await answering).whole)
    finally:
        answering.cancel()


def _event(name: str, data: bytes) -> bytes:
    """Write one event down.

    >>> _event("progress", b"{}")
    b'event: progress\\ndata: {}\\n\\n'
    """
    return b"event: " + name.encode() + b"\ndata: " + data + b"\n\n"
