"""Portfolios: NDJSON of many deals in, NDJSON of their answers out, in order, as they are computed."""

# Design: the body is read whole, within a size, before the answer begins. Common clients send all of a
# request before they read any of its answer: were lines answered while others come, both sides would end up
# waiting, each with its buffers full, for the other to read. The answer waits for the client instead: nothing
# is computed while it does not take what there is. Each line is a deal as if it had been sent alone.

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import ExitStack
from functools import partial
from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from msgspec import UNSET

from rackrate.analyses.cost import LONG, Budget
from rackrate.analyses.prepare import LARGE
from rackrate.analyses.problems import BUSY, LIMITED, MALFORMED, MEDIA, TOO_LARGE, Problem
from rackrate.analyses.projection import View
from rackrate.analyses.registry import UNDERWRITE, Analysis
from rackrate.api.cache.keys import fingerprint
from rackrate.api.compute.disconnect import never
from rackrate.api.compute.dispatcher import Answer, Dispatcher
from rackrate.api.limits.address import account_of
from rackrate.api.limits.body_budget import MIB
from rackrate.api.limits.portfolio_slots import PortfolioSlots
from rackrate.api.limits.rate_limit import RateLimiter
from rackrate.api.limits.slot import Slot
from rackrate.api.negotiation import plain
from rackrate.api.requests.body import check_announced, reader_of
from rackrate.api.requests.idempotency import claim_key
from rackrate.api.requests.query import media_of, view_of
from rackrate.api.responses.representation import shown
from rackrate.api.responses.streaming import Streamed
from rackrate.api.routes.underwritings import ANALYSES, OPTIONS
from rackrate.deal.codec.decode import Body
from rackrate.deal.codec.media_types import JSON, NDJSON, NDJSON_NAMES
from rackrate.faults import internal_error
from rackrate.portfolio.lines import (
    PATH,
    Key,
    Line,
    analysis_of,
    answered,
    is_keyed,
    numbered,
    opened,
    refused,
)

MOST_LINES = 10_000
MOST_BYTES = 32 * MIB
MIB_S = 1.0  # that a body may take beside its patience, for each MiB that came
PAUSE_S, LONGEST_PAUSE_S = 0.05, 1.0  # before a line for which there was no room is asked again


@post(PATH, status_code=200, opt={"scope": "price", "lines": UNDERWRITE, "query": OPTIONS})
async def underwrite_portfolio(
    request: Request[Any, Any, Any],
    dispatcher: NamedDependency[Dispatcher],
    portfolio_slots: NamedDependency[PortfolioSlots],
    rate_limiter: NamedDependency[RateLimiter],
) -> Streamed:
    """Underwrite a portfolio.

    One deal or pool a line (NDJSON), or `{"key": …, "deal": …}`, the key one of yours that comes back with
    the answer. One line out for each that is not blank, in order, as soon as it is ready: the bytes a POST
    of it alone would answer, or its problem. A line that is refused costs no other.
    The body is read before the answer begins; a client that leaves ends the work.
    """
    media = media_of(request, NDJSON_NAMES)
    view = view_of(request, media=JSON)
    with ExitStack() as held:
        content = await _read(request, dispatcher, portfolio_slots, held)
        client: str = request.user.name
        held.enter_context(portfolio_slots.limit.hold(client))
        limit = request.route_handler.resolve_request_max_body_size() or 0
        pace = partial(rate_limiter.pace, account_of(request.scope, client))
        asked = Portfolio(dispatcher, portfolio_slots, pace, client, view, limit)
        return Streamed(asked.answers(io.BytesIO(content)), media, held.pop_all())


async def _read(
    request: Request[Any, Any, Any], dispatcher: Dispatcher, portfolio_slots: PortfolioSlots, held: ExitStack
) -> bytes:
    """Read the whole portfolio; refuse what is none, and what its idempotency key forbids."""
    content = await _body(request, portfolio_slots, held)
    if not content or content.isspace():
        raise Problem(MALFORMED, "There is no deal in it: send one a line.")
    if content.count(b"\n") + (not content.endswith(b"\n")) > MOST_LINES:
        raise Problem(TOO_LARGE, f"At most {MOST_LINES} lines are read.")
    key = request.headers.get("idempotency-key")
    if key is not None:
        digest = (await asyncio.to_thread(hashlib.sha256, content)).digest()
        client: str = request.user.name
        await claim_key(dispatcher, key, client, fingerprint(client, "portfolio", Body(digest, "json")))
    return content


async def _body(request: Request[Any, Any, Any], portfolio_slots: PortfolioSlots, held: ExitStack) -> bytes:
    """Read the body where it is of lines, and there is room for it."""
    media = plain(request.headers.get("content-type", ""), request.headers.get("content-encoding", ""))
    if media not in NDJSON_NAMES:
        raise Problem(MEDIA, f"Send {NDJSON}, one deal a line, in UTF-8 and not compressed.")
    portfolio_slots.limit.check(request.user.name)
    limit = max(MOST_BYTES, request.route_handler.resolve_request_max_body_size() or 0)
    check_announced(request, limit)
    reader = held.enter_context(reader_of(request, portfolio_slots.body_budget))
    return await reader.read(limit, mib_s=MIB_S)


class Portfolio:
    """Answers the deals of one request, one after the other."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        portfolio_slots: PortfolioSlots,
        pace: Callable[[], Awaitable[None]],
        client: str,
        view: View,
        limit: int,
    ) -> None:
        """Answer `client` a line at a time within its rate limit; a line may have `limit` bytes."""
        self._dispatcher, self._portfolio_slots, self._pace = dispatcher, portfolio_slots, pace
        self._client, self._view, self._limit = client, view, limit
        self._of_deals: Analysis = ANALYSES[view.detail]
        self._budget, self._weighed = Budget(dispatcher.most_work), 0

    async def answers(self, lines: Iterable[bytes]) -> AsyncIterator[bytes]:
        """Yield an answer line for each line that is not blank."""
        for place, (number, content) in enumerate(numbered(lines)):
            if place > 0:  # the first was counted as the request
                await self._pace()
            yield (await self._line(number, content)).content
            await asyncio.sleep(0)  # what is kept needs nobody to be waited for, and others wait

    async def _line(self, number: int, content: bytes) -> Line:
        key: Key = UNSET
        try:
            if len(content) > self._limit:
                raise Problem(TOO_LARGE, f"At most {self._limit} bytes are read.")
            if is_keyed(content):
                key, content = await asyncio.to_thread(opened, content)
            answer = await self._answer(number, Body(content, "json"))
            return answered(number, answer.id, await shown(answer.whole, self._view), key)
        except Exception as error:  # noqa: BLE001  one line costs no other
            return refused(number, error, internal_error, key)

    async def _answer(self, number: int, body: Body) -> Answer:
        """Answer a line in the portfolios' slot; try again where the queue is full."""
        pause_s, analysis = PAUSE_S, analysis_of(body.content, self._of_deals, self._view)
        while True:
            async with self._portfolio_slots.slot() as slot:
                if len(body.content) > LARGE:
                    slot.end()  # it is read elsewhere
                on_cost = partial(self._weigh, number, slot)
                try:
                    return await self._dispatcher.answer(analysis, body, self._client, never, on_cost=on_cost)
                except Problem as problem:
                    if problem.kind not in (BUSY, LIMITED):
                        raise
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _weigh(self, number: int, slot: Slot, work: int) -> None:
        """Spend a line's work, once however often it is tried; a long job needs no slot of the queue."""
        if number != self._weighed:
            self._budget.spend(work)
            self._weighed = number
        if work > LONG:
            slot.end()
