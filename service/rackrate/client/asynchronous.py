"""Asynchronous HTTP client of the service: one method per endpoint, for asyncio."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx2

from rackrate.client import endpoints
from rackrate.client.asynchronous_streams import AsyncPortfolioLines, AsyncSimulation, each
from rackrate.client.calls import Answer, Call, Request
from rackrate.client.connection import TIMEOUT_S, Connection
from rackrate.client.endpoints import Detail
from rackrate.client.portfolios import Batch, KeyedRequest, PortfolioAnswer, deal_line
from rackrate.client.retrying import USUAL, Retries
from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.requests.comparison import Comparison
from rackrate.deal.requests.pool_simulation import PoolSimulation
from rackrate.deal.requests.sensitivity import Sensitivities
from rackrate.deal.requests.simulation import SimulationAnswer
from rackrate.deal.requests.standalone_sizing import SizingAnswer
from rackrate.deal.requests.standalone_waterfall import WaterfallAnswer
from rackrate.deal.requests.underwriting import Underwriting
from rackrate.deal.rulesets import Ruleset

OnProgress = Callable[[int, int], None]


class AsyncClient:
    """Asynchronous HTTP client of the service; an asynchronous context manager, of one event loop.

    Every method raises `Refusal` where the deal is refused, `Problem` where the request is,
    `UnreachableError` where retries are used up, `BrokenAnswerError` where what comes is no answer of this
    version.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        *,
        key: str | None = None,
        retries: Retries = USUAL,
        timeout_s: float = TIMEOUT_S,
        keep: int = 64,
        **http: Any,
    ) -> None:
        """Send requests to the service at `url`, with an API key or a token.

        `timeout_s` bounds the wait for the next bytes. Of `keep` answers the ETags are kept, so that one that
        is asked for again by its id is not sent again. What else is named goes to `httpx2.AsyncClient`.
        """
        self._connection = Connection(url, key, retries, keep)
        self._http = httpx2.AsyncClient(**self._connection.options(timeout_s, http))

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection pool."""
        await self._http.aclose()

    async def underwrite(self, deal: Request, *, detail: Detail = "deal") -> Underwriting:
        """Underwrite a deal."""
        return await self._send(endpoints.underwrite(deal, detail))

    async def underwrite_parts(self, deal: Request, *fields: str, detail: Detail = "deal") -> dict[str, Any]:
        """Underwrite a deal and return only the parts named by `fields`, each as a Struct."""
        return await self._send(endpoints.underwrite_parts(deal, fields, detail))

    async def underwriting(self, id_: str, *, detail: Detail = "deal") -> Underwriting:
        """Fetch an underwriting by its id, for as long as the service keeps it."""
        return await self._send(endpoints.underwriting(id_, detail))

    async def document(
        self, id_: str, name: str, media: str = "text/csv", *, detail: Detail = "deal"
    ) -> bytes:
        """Fetch a document of an underwriting, such as `cashflow` or `classes`, as bytes of a media type."""
        return await self._send(endpoints.document(id_, name, media, detail))

    async def size(self, request: Request) -> SizingAnswer:
        """Size a loan on a given cash flow, without a deal."""
        return await self._send(endpoints.size(request))

    async def waterfall(self, request: Request) -> WaterfallAnswer:
        """Run a waterfall on a given cash flow, without a deal."""
        return await self._send(endpoints.waterfall(request))

    async def sensitivity(self, request: Request, **asked: Any) -> Sensitivities:
        """Run sensitivities: a whole request, or a deal and the other fields of a SensitivityRequest."""
        return await self._send(endpoints.sensitivity(request, asked))

    async def compare(self, request: Request, **asked: Any) -> Comparison:
        """Compare structures: a whole request, or a deal and the other fields of a ComparisonRequest."""
        return await self._send(endpoints.compare(request, asked))

    async def pool(self, pool: Request) -> PoolUnderwriting | GroundUnderwriting:
        """Underwrite a pool of loans, or of ground leases."""
        return await self._send(endpoints.pool(pool))

    async def pool_underwriting(self, id_: str) -> PoolUnderwriting | GroundUnderwriting:
        """Fetch the underwriting of a pool by its id."""
        return await self._send(endpoints.pool_underwriting(id_))

    async def ruleset(self, name: str) -> Ruleset:
        """Fetch a ruleset by its name."""
        return await self._send(endpoints.ruleset(name))

    async def simulate(
        self, request: Request, *, progress: OnProgress | None = None, **asked: Any
    ) -> SimulationAnswer:
        """Simulate a deal: a whole request, or a deal and the other fields of a SimulationRequest.

        `progress` is told the paths that are done, and of how many; after a retry from the start. What it
        raises ends the simulation at the service too.
        """
        return await self._simulate(endpoints.simulate(request, asked), progress)

    async def simulate_pool(
        self, request: Request, *, progress: OnProgress | None = None, **asked: Any
    ) -> PoolSimulation:
        """Simulate a pool: a whole request, or a pool and the other fields of a PoolSimulationRequest."""
        return await self._simulate(endpoints.simulate_pool(request, asked), progress)

    @asynccontextmanager
    async def simulating(
        self, request: Request, **asked: Any
    ) -> AsyncIterator[AsyncSimulation[SimulationAnswer]]:
        """Simulate with progress events; leaving the block before the result cancels the simulation."""
        call = endpoints.simulate(request, asked)
        async with AsyncExitStack() as held:
            run: AsyncSimulation[SimulationAnswer] = await self._connection.policy.awaited()(
                self._simulation, call, held
            )
            yield run

    async def portfolio(
        self,
        deals: Iterable[KeyedRequest] | AsyncIterable[KeyedRequest],
        *,
        fields: Sequence[str] = (),
        detail: Detail = "deal",
    ) -> AsyncIterator[PortfolioAnswer]:
        """Underwrite a portfolio of deals, or of (key, deal) pairs, and yield an answer for each, in order.

        Deals are read as answers are taken, some hundreds ahead; what is refused costs no other. With
        `fields` the answers have these parts alone.
        """
        batch = Batch()
        number = 0
        async for deal in each(deals):
            number += 1
            if batch.add(deal_line(number, deal)):
                async for answer in self._batch(batch, fields, detail):
                    yield answer
                batch = Batch()
        async for answer in self._batch(batch, fields, detail):
            yield answer

    async def _send(self, call: Call[Answer]) -> Answer:
        async def attempt() -> Answer:
            kept = self._connection.kept_answer(call)
            with self._connection.reached():
                response = await self._http.request(**self._connection.request(call, kept.tag))
            return self._connection.answer(call, response, kept)

        answer: Answer = await self._connection.policy.awaited()(attempt)
        return answer

    @asynccontextmanager
    async def _open(self, call: Call[Any]) -> AsyncIterator[httpx2.Response]:
        """Send a request and return its response, the body unread."""
        async with AsyncExitStack() as held:
            with self._connection.reached():
                response = await held.enter_async_context(self._http.stream(**self._connection.request(call)))
                if response.status_code != 200:
                    await response.aread()
            self._connection.check(response)
            yield response

    async def _simulate(self, call: Call[Answer], progress: OnProgress | None) -> Answer:
        async def attempt() -> Answer:
            async with AsyncExitStack() as held:
                run = await self._simulation(call, held)
                async for step in run:
                    if progress is not None:
                        progress(step.done, step.of)
                return await run.result()

        answer: Answer = await self._connection.policy.awaited()(attempt)
        return answer

    async def _simulation(self, call: Call[Answer], held: AsyncExitStack) -> AsyncSimulation[Answer]:
        response = await held.enter_async_context(self._open(call))
        events = aiter(httpx2.EventSource(response, max_event_size=None))
        return AsyncSimulation(events, self._connection.reached, call.read)

    async def _batch(
        self, batch: Batch, fields: Sequence[str], detail: Detail
    ) -> AsyncIterator[PortfolioAnswer]:
        async with AsyncPortfolioLines(self._open, self._connection, batch, fields, detail) as lines:
            while batch.waiting:
                answer: PortfolioAnswer = await self._connection.policy.awaited()(lines.next)
                yield answer
