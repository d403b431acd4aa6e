"""Streams: answers that go out as they are ready, to clients that take them."""

# Design: a client that does not read holds what its answer holds, for as long as it likes. So each part must
# be taken within a time; the framework's response has none.

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

from litestar import Request
from litestar.app import Litestar
from litestar.response import Stream
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import Message, Receive, Scope, Send

TAKE_S = 30.0


class _Sending(ASGIStreamingResponse):
    """A streamed answer under way; when it ends, so does what it holds."""

    __slots__ = ("held", "take_s")
    held: ExitStack
    take_s: float

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, for as long as the client is there and takes it."""

        async def patiently(message: Message) -> None:
            async with asyncio.timeout(self.take_s):
                await send(message)

        with self.held:
            try:
                await super().__call__(scope, receive, patiently)
            except* TimeoutError:
                pass  # what was not sent tells the client that there is no more


class Streamed(Stream):
    """An answer that is sent in parts, each of which is to be taken within `take_s`; `held` ends with it."""

    def __init__(
        self, parts: AsyncIterator[bytes], media_type: str, held: ExitStack, take_s: float = TAKE_S
    ) -> None:
        """Send `parts` as they come."""
        super().__init__(parts, media_type=media_type, status_code=200)
        self._parts, self._held, self._take_s = parts, held, take_s

    def to_asgi_response(
        self, app: Litestar | None, request: Request[Any, Any, Any], **options: Any
    ) -> _Sending:
        """Be sent."""
        sending = _Sending(iterator=self._parts, media_type=self.media_type, status_code=200)
        sending.held, sending.take_s = self._held, self._take_s
        return sending
