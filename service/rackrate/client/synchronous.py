"""Blocking HTTP client of the service: one method per endpoint."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx2

from rackrate.client import endpoints
from rackrate.client.calls import Answer, Call, Request
from rackrate.client.connection import TIMEOUT_S, Connection
from rackrate.client.endpoints import Detail
from rackrate.client.portfolios import Batch, KeyedRequest, PortfolioAnswer, deal_line
from rackrate.client.retrying import USUAL, Retries
from rackrate.client.synchronous_streams import PortfolioLines, Simulation
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


class Client:
    """Blocking HTTP client of the service; a context manager, safe between threads.

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
        is asked for again by its id is not sent again. What else is named goes to `httpx2.Client`.
        """
        self._connection = Connection(url, key, retries, keep)
        self._http = httpx2.Client(**self._connection.options(timeout_s, http))

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection pool."""
        self._http.close()

    def underwrite(self, deal: Request, *, detail: Detail = "deal") -> Underwriting:
        """Underwrite a deal."""
        return self._send(endpoints.underwrite(deal, detail))

    def underwrite_parts(self, deal: Request, *fields: str, detail: Detail = "deal") -> dict[str, Any]:
        """Underwrite a deal and return only the parts named by `fields`, each as a Struct."""
        return self._send(endpoints.underwrite_parts(deal, fields, detail))

    def underwriting(self, id_: str, *, detail: Detail = "deal") -> Underwriting:
        """Fetch an underwriting by its id, for as long as the service keeps it."""
        return self._send(endpoints.underwriting(id_, detail))

    def document(self, id_: str, name: str, media: str = "text/csv", *, detail: Detail = "deal") -> bytes:
        """Fetch a document of an underwriting, such as `cashflow` or `classes`, as bytes of a media type."""
        return self._send(endpoints.document(id_, name, media, detail))

    def size(self, request: Request) -> SizingAnswer:
        """Size a loan on a given cash flow, without a deal."""
        return self._send(endpoints.size(request))

    def waterfall(self, request: Request) -> WaterfallAnswer:
        """Run a waterfall on a given cash flow, without a deal."""
        return self._send(endpoints.waterfall(request))

    def sensitivity(self, request: Request, **asked: Any) -> Sensitivities:
        """Run sensitivities: a whole request, or a deal and the other fields of a SensitivityRequest."""
        return self._send(endpoints.sensitivity(request, asked))

    def compare(self, request: Request, **asked: Any) -> Comparison:
        """Compare structures: a whole request, or a deal and the other fields of a ComparisonRequest."""
        return self._send(endpoints.compare(request, asked))

    def pool(self, pool: Request) -> PoolUnderwriting | GroundUnderwriting:
        """Underwrite a pool of loans, or of ground leases."""
        return self._send(endpoints.pool(pool))

    def pool_underwriting(self, id_: str) -> PoolUnderwriting | GroundUnderwriting:
        """Fetch the underwriting of a pool by its id."""
        return self._send(endpoints.pool_underwriting(id_))

    def ruleset(self, name: str) -> Ruleset:
        """Fetch a ruleset by its name."""
        return self._send(endpoints.ruleset(name))

    def simulate(
        self, request: Request, *, progress: OnProgress | None = None, **asked: Any
    ) -> SimulationAnswer:
        """Simulate a deal: a whole request, or a deal and the other fields of a SimulationRequest.

        `progress` is told the paths that are done, and of how many; after a retry from the start. What it
        raises ends the simulation at the service too.
        """
        return self._simulate(endpoints.simulate(request, asked), progress)

    def simulate_pool(
        self, request: Request, *, progress: OnProgress | None = None, **asked: Any
    ) -> PoolSimulation:
        """Simulate a pool: a whole request, or a pool and the other fields of a PoolSimulationRequest."""
        return self._simulate(endpoints.simulate_pool(request, asked), progress)

    @contextmanager
    def simulating(self, request: Request, **asked: Any) -> Iterator[Simulation[SimulationAnswer]]:
        """Simulate with progress events; leaving the block before the result cancels the simulation."""
        call = endpoints.simulate(request, asked)
        with ExitStack() as held:
            run: Simulation[SimulationAnswer] = self._connection.policy.blocking()(
                self._simulation, call, held
            )
            yield run

    def portfolio(
        self,
        deals: Iterable[KeyedRequest],
        *,
        fields: Sequence[str] = (),
        detail: Detail = "deal",
    ) -> Iterator[PortfolioAnswer]:
        """Underwrite a portfolio of deals, or of (key, deal) pairs, and yield an answer for each, in order.

        Deals are read as answers are taken, some hundreds ahead; what is refused costs no other. With
        `fields` the answers have these parts alone.
        """
        batch = Batch()
        for number, deal in enumerate(deals, 1):
            if batch.add(deal_line(number, deal)):
                yield from self._batch(batch, fields, detail)
                batch = Batch()
        yield from self._batch(batch, fields, detail)

    def _send(self, call: Call[Answer]) -> Answer:
        def attempt() -> Answer:
            kept = self._connection.kept_answer(call)
            with self._connection.reached():
                response = self._http.request(**self._connection.request(call, kept.tag))
            return self._connection.answer(call, response, kept)

        answer: Answer = self._connection.policy.blocking()(attempt)
        return answer

    @contextmanager
    def _open(self, call: Call[Any]) -> Iterator[httpx2.Response]:
        """Send a request and return its response, the body unread."""
        with ExitStack() as held:
            with self._connection.reached():
                response = held.enter_context(self._http.stream(**self._connection.request(call)))
                if response.status_code != 200:
                    response.read()
            self._connection.check(response)
            yield response

    def _simulate(self, call: Call[Answer], progress: OnProgress | None) -> Answer:
        def attempt() -> Answer:
            with ExitStack() as held:
                run = self._simulation(call, held)
                for step in run:
                    if progress is not None:
                        progress(step.done, step.of)
                return run.result()

        answer: Answer = self._connection.policy.blocking()(attempt)
        return answer

    def _simulation(self, call: Call[Answer], held: ExitStack) -> Simulation[Answer]:
        response = held.enter_context(self._open(call))
        return Simulation(
            iter(httpx2.EventSource(response, max_event_size=None)), self._connection.reached, call.read
        )

    def _batch(self, batch: Batch, fields: Sequence[str], detail: Detail) -> Iterator[PortfolioAnswer]:
        with PortfolioLines(self._open, self._connection, batch, fields, detail) as lines:
            while batch.waiting:
                answer: PortfolioAnswer = self._connection.policy.blocking()(lines.next)
                yield answer
