"""Streamed responses, and the resources that they hold until they end."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

from litestar import Request
from litestar.app import Litestar
from litestar.response import Stream
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import Receive, Scope, Send


class _Sending(ASGIStreamingResponse):
    """The ASGI response of a stream; what it holds is released when it ends."""

    __slots__ = ("held",)
    held: ExitStack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the parts for as long as the client is connected and reads them."""
        with self.held:
            await super().__call__(scope, receive, send)


class Streamed(Stream):
    """A response that is sent in parts; `held` is released when it ends."""

    def __init__(self, parts: AsyncIterator[bytes], media_type: str, held: ExitStack) -> None:
        """Send `parts` as they come."""
        super().__init__(parts, media_type=media_type, status_code=200)
        self._parts, self._held = parts, held

    def to_asgi_response(
        self, app: Litestar | None, request: Request[Any, Any, Any], **options: Any
    ) -> _Sending:
        """Make the ASGI response, which releases what is held when it ends."""
        sending = _Sending(iterator=self._parts, media_type=self.media_type, status_code=200)
        sending.held = self._held
        return sending
