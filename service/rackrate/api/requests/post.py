"""Answer a POST: read the body, check its idempotency key, compute or fetch the answer."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request

from rackrate.analyses.registry import Analysis, Progress
from rackrate.api.cache.keys import fingerprint
from rackrate.api.compute.dispatcher import Answer, Dispatcher
from rackrate.api.limits.body_reader import BodyReader
from rackrate.api.requests.body import read_document, reader_of
from rackrate.api.requests.idempotency import claim_key
from rackrate.deal.codec.decode import Body

ReadBody = Callable[[Request[Any, Any, Any], BodyReader], Awaitable[Body]]


async def answer_post(
    request: Request[Any, Any, Any],
    dispatcher: Dispatcher,
    analysis: Analysis,
    on_progress: Progress | None = None,
    read_body: ReadBody = read_document,
) -> Answer:
    """Answer the body of a POST, a document where `read_body` does not read it otherwise.

    Raises
    ------
    Problem
        400 for an idempotency key that is none, 409 for one that was sent with another body.
    """
    client: str = request.user.name
    key = request.headers.get("idempotency-key")
    with reader_of(request, dispatcher.body_budget) as reader:
        body = await read_body(request, reader)
        if key is not None:
            await claim_key(dispatcher, key, client, fingerprint(client, analysis.name, body))
        return await dispatcher.answer(analysis, body, client, request.receive, on_progress)
