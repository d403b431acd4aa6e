"""The response cache: a response that came out of the cache is sent again ahead of routing; plain ASGI."""

# Design: the framework takes longer to route, guard and answer than all the rest of a hit. So what it sent is
# sent again for the same request: same path, query, body and headers, but for those that say nothing about
# the answer. Credentials are checked, requests counted and the cache asked as ever; whatever is not as it was
# goes on to the framework, so that there is one implementation of answers and of refusals. What needs nobody
# to be asked can be sent again by the protocol itself, before there is a request.

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Collection, Iterable

import msgspec
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from rackrate.analyses.problems import Problem
from rackrate.api.auth.guard import Clients
from rackrate.api.auth.tokens import CredentialsError
from rackrate.api.cache.cache_mark import CacheMark
from rackrate.api.cache.lru import LruCache
from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.limits.address import account_of
from rackrate.api.limits.body_reader import BodyReader
from rackrate.api.limits.rate_limit import RateLimiter
from rackrate.api.path_templates import published
from rackrate.api.request_state import BODY, CACHE_MARK, RATE_LIMIT, RATE_REFUSAL
from rackrate.api.requests.peek import Header, Post
from rackrate.api.responses.raw import RawResponse, Wire, wire
from rackrate.api.telemetry.metrics import answered

Sent = tuple[str, bytes, bytes, tuple[Header, ...], bytes, bytes]  # method, path, query, headers, who, body

IRRELEVANT = frozenset(
    [b"host", b"user-agent", b"content-length", b"connection", b"x-request-id", b"traceparent", b"tracestate"]
)
IDEMPOTENCY_KEY = b"idempotency-key"  # is kept beside answers, which repeating them would pass over
SURE_S = 1.0  # after the cache had an answer, before it is asked again
REPLIES = 4096
BYTES = 64 * 1024 * 1024
LARGEST = 1024 * 1024  # body that is read ahead of routing


class Reply(msgspec.Struct):
    """A response as sent, and when the cache last had its answer."""

    kept: CacheMark
    route: str
    status: int
    headers: list[Header]
    wire: Wire  # the same for a connection, its body for both
    seen: float
    size: int


class ResponseCache:
    """ASGI middleware that sends a response of `inner` again."""

    def __init__(
        self,
        inner: ASGIApp,
        dispatcher: Dispatcher,
        clients: Clients,
        rate_limiter: RateLimiter,
        streamed: Collection[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Wrap `inner`, guarded by `clients` and `rate_limiter`.

        No path of `streamed` is cached.
        """
        self._streamed = streamed
        self._inner, self._dispatcher, self._clock = inner, dispatcher, clock
        self._clients, self._rate_limiter = clients, rate_limiter
        self._replies = LruCache[Sent, Reply](lambda reply: reply.size, entries=REPLIES, size=BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send a cached response, or pass the request on and cache its response."""
        relevant = _relevant(scope["headers"])
        if relevant is None or scope.get("path") in self._streamed or _is_long(scope["headers"]):
            await self._inner(scope, receive, send)
            return
        with self._dispatcher.body_budget.hold() as take:
            reader = BodyReader(receive, take)
            BODY.set(scope, reader)
            try:
                body = await reader.read(LARGEST)
            except Problem:  # raised again by the route, once the client is authenticated
                await self._inner(scope, receive, send)
                return
            await self._repeat(*relevant, body, scope, receive, send)

    async def _repeat(
        self,
        headers: tuple[Header, ...],
        authorization: bytes,
        body: bytes,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        asked = str(scope.get("method")), scope["raw_path"], scope["query_string"]
        sent: Sent = (*asked, headers, _who(authorization), body)
        reply = self._replies.get(sent)
        if reply is None or not await self._holds(reply, authorization):
            await self._remember(sent, scope, receive, send)
            return
        try:
            limited = await self._rate_limiter.take(account_of(scope, reply.kept.client))
        except Problem as refused:
            RATE_REFUSAL.set(scope, refused)
            await self._inner(scope, receive, send)
            return
        if limited is not None:
            RATE_LIMIT.set(scope, limited)
        scope["path_template"] = reply.route
        answered(reply.kept.analysis, "cache").inc()
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        await send({"type": "http.response.body", "body": reply.wire[1], "more_body": False})

    def known(self, post: Post) -> Reply | None:
        """Return the cached response of a POST that needs neither a rate limit's count nor the cache."""
        relevant = _relevant(post.headers)
        if relevant is None or self._rate_limiter.limit:
            return None
        headers, authorization = relevant
        sent = "POST", post.path, post.query, headers, _who(authorization), post.body
        reply = self._replies.get(sent)
        if reply is None or not self._is_sure(reply) or not self._may_have(reply, authorization):
            return None
        answered(reply.kept.analysis, "cache").inc()
        return reply

    def _is_sure(self, reply: Reply) -> bool:
        """Whether the cache had its answer less than a second ago."""
        return self._clock() - reply.seen < SURE_S

    def _may_have(self, reply: Reply, authorization: bytes) -> bool:
        """Whether the client is still authorised."""
        try:
            client = self._clients.client(authorization.decode("latin-1"), dt.datetime.now(dt.UTC))
        except CredentialsError:
            return False
        return client.name == reply.kept.client and reply.kept.scope in client.scopes

    async def _holds(self, reply: Reply, authorization: bytes) -> bool:
        """Whether the client is still authorised and the cache still has the answer."""
        if not self._may_have(reply, authorization):
            return False
        if self._is_sure(reply):
            return True
        if not await self._dispatcher.has(reply.kept.analysis, reply.kept.id, reply.kept.client):
            return False
        reply.seen = self._clock()
        return True

    async def _remember(self, sent: Sent, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; keep its response if that came out of the cache."""
        messages: list[Message] = []

        async def listen(message: Message) -> None:
            if len(messages) < 3:  # a third means that it is streamed; the rest is not kept meanwhile
                messages.append(message.copy())
            await send(message)

        await self._inner(scope, receive, listen)
        kept = CACHE_MARK.get(scope)
        if kept is None or len(messages) != 2:
            return
        start, end = messages
        if start["type"] != "http.response.start" or end["type"] != "http.response.body":
            return
        content, head_size = end["body"], sum(len(name) + len(value) for name, value in sent[3])
        size = len(content) + len(sent[5]) + head_size
        route, headers = published(str(scope.get("path_template"))), list(start["headers"])
        written = wire(RawResponse(start["status"], headers, content))
        reply = Reply(kept, route, start["status"], headers, written, self._clock(), size)
        self._replies.put(sent, reply)


def _who(authorization: bytes) -> bytes:
    return hashlib.sha256(authorization).digest() if authorization else b""  # no secret is kept


def _relevant(sent: Iterable[Header]) -> tuple[tuple[Header, ...], bytes] | None:
    """The headers that an answer may depend on and the credentials, or None where it depends on more."""
    headers = tuple(pair for pair in sent if pair[0] not in IRRELEVANT)
    authorization = [value for name, value in headers if name == b"authorization"]
    if len(authorization) > 1 or any(name == IDEMPOTENCY_KEY for name, _ in headers):
        return None
    if not authorization:
        return headers, b""
    return tuple(pair for pair in headers if pair[0] != b"authorization"), authorization[0]


def _is_long(headers: Iterable[Header]) -> bool:
    """Whether a body is announced that is too long to be read ahead of routing."""
    length = next((value for name, value in headers if name == b"content-length"), b"")
    return length.isdigit() and int(length) > LARGEST
