"""Streamed responses, read as they arrive: a simulation's server-sent events, a portfolio's NDJSON lines."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Generic

import httpx2

from rackrate.client.calls import Answer, Call, view
from rackrate.client.connection import Connection
from rackrate.client.endpoints import Detail
from rackrate.client.portfolios import Batch, LineBuffer, PortfolioAnswer
from rackrate.client.problems import UnreachableError
from rackrate.client.simulations import is_progress, progress_of
from rackrate.deal.requests.simulation import Progress

Open = Callable[[Call[Any]], AbstractContextManager[httpx2.Response]]


class Simulation(Generic[Answer]):
    """A running simulation: iterate it for progress, then call `result()`."""

    def __init__(
        self,
        events: Iterator[httpx2.ServerSentEvent],
        reached: Callable[[], AbstractContextManager[None]],
        read: Callable[[bytes], Answer],
    ) -> None:
        """Read the events of a response; `read` decodes the data of the last."""
        self._events, self._reached, self._read = events, reached, read
        self._answer: Answer | None = None

    def __iter__(self) -> Iterator[Progress]:
        """Yield progress as its events arrive.

        Raises
        ------
        UnreachableError
            If the connection ends before the result.
        """
        while self._answer is None:
            with self._reached():
                event = next(self._events, None)
            if event is None:
                raise UnreachableError("the simulation ended before its result")
            if is_progress(event):
                yield progress_of(event)
            else:
                self._answer = self._read(event.data.encode())

    def result(self) -> Answer:
        """Wait for the result event and return its answer."""
        while self._answer is None:
            for _ in self:
                pass
        return self._answer


class PortfolioLines:
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
        self._held, self._first = ExitStack(), 0
        self._lines: Iterator[bytes] | None = None

    def __enter__(self) -> "PortfolioLines":
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def next(self) -> PortfolioAnswer:
        """Return the answer of the next deal."""
        try:
            if self._lines is None:
                self._first = self._batch.waiting[0].number
                response = self._held.enter_context(self._open(self._batch.call(self._params)))
                self._lines = self._read(response)
            line = next(self._lines, None)
            if line is None:
                raise UnreachableError("the portfolio's answer ended before its last line")
        except Exception:
            self._lines = None
            self._held.close()
            raise
        return self._batch.answered(line, self._first, self._fields)

    def _read(self, response: httpx2.Response) -> Iterator[bytes]:
        buffer = LineBuffer()
        with self._connection.reached():
            for piece in response.iter_bytes():
                yield from buffer.lines(piece)
