"""Streamed responses, read as they arrive: a simulation's server-sent events, a portfolio's NDJSON lines."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack
from typing import Any, Generic

import httpx2

from rackrate.client.calls import Answer, Call, view
from rackrate.client.connection import Connection
from rackrate.client.endpoints import Detail
from rackrate.client.portfolios import Batch, KeyedRequest, LineBuffer, PortfolioAnswer
from rackrate.client.problems import UnreachableError
from rackrate.client.simulations import is_progress, progress_of
from rackrate.deal.requests.simulation import Progress

Open = Callable[[Call[Any]], AbstractAsyncContextManager[httpx2.Response]]


async def each(deals: Iterable[KeyedRequest] | AsyncIterable[KeyedRequest]) -> AsyncIterator[KeyedRequest]:
    """Yield the deals of an iterable or of an asynchronous iterable."""
    if isinstance(deals, AsyncIterable):
        async for deal in deals:
            yield deal
    else:
        for deal in deals:
            yield deal


class AsyncSimulation(Generic[Answer]):
    """A running simulation: iterate it for progress, then call `result()`."""

    def __init__(
        self,
        events: AsyncIterator[httpx2.ServerSentEvent],
        reached: Callable[[], AbstractContextManager[None]],
        read: Callable[[bytes], Answer],
    ) -> None:
        """Read the events of a response; `read` decodes the data of the last."""
        self._events, self._reached, self._read = events, reached, read
        self._answer: Answer | None = None

    async def __aiter__(self) -> AsyncIterator[Progress]:
        """Yield progress as its events arrive.

        Raises
        ------
        UnreachableError
            If the connection ends before the result.
        """
        while self._answer is None:
            with self._reached():
                event = await anext(self._events, None)
            if event is None:
                raise UnreachableError("the simulation ended before its result")
            if is_progress(event):
                yield progress_of(event)
            else:
                self._answer = self._read(event.data.encode())

    async def result(self) -> Answer:
        """Wait for the result event and return its answer."""
        while self._answer is None:
            async for _ in self:
                pass
        return self._answer


class AsyncPortfolioLines:
    """Answers of a batch, line by line; where the connection drops the rest is sent again."""

    def __init__(
        self,
        open_: Open,
        connection: Connection,
        batch: Batch,
        fields: Sequence[str],
        detail: Detail,
    ) -> None:
        """Read answers of a batch from responses that `open_` opens."""
        self._open, self._connection, self._batch = open_, connection, batch
        self._fields, self._params = fields, view(fields, detail)
        self._held, self._first = AsyncExitStack(), 0
        self._lines: AsyncIterator[bytes] | None = None

    async def __aenter__(self) -> "AsyncPortfolioLines":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._held.aclose()

    async def next(self) -> PortfolioAnswer:
        """Return the answer of the next deal."""
        try:
            if self._lines is None:
                self._first = self._batch.waiting[0].number
                response = await self._held.enter_async_context(self._open(self._batch.call(self._params)))
                self._lines = self._read(response)
            line = await anext(self._lines, None)
            if line is None:
                raise UnreachableError("the portfolio's answer ended before its last line")
        except Exception:
            self._lines = None
            await self._held.aclose()
            raise
        return self._batch.answered(line, self._first, self._fields)

    async def _read(self, response: httpx2.Response) -> AsyncIterator[bytes]:
        buffer = LineBuffer()
        with self._connection.reached():
            async for piece in response.aiter_bytes():
                for line in buffer.lines(piece):
                    yield line
