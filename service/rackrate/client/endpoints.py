"""Calls of the API: one function per endpoint, shared by both clients."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from rackrate.client.calls import Call, Request, get, parts_reader, post, reader, under, view
from rackrate.client.simulations import Result, result_reader
from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.codec.encode import about
from rackrate.deal.requests.comparison import Comparison
from rackrate.deal.requests.pool_simulation import PoolSimulation
from rackrate.deal.requests.sensitivity import Sensitivities
from rackrate.deal.requests.simulation import SimulationAnswer
from rackrate.deal.requests.standalone_sizing import SizingAnswer
from rackrate.deal.requests.standalone_waterfall import WaterfallAnswer
from rackrate.deal.requests.underwriting import Underwriting
from rackrate.deal.rulesets import Ruleset

Detail = Literal["deal", "facility"]
UNDERWRITINGS, POOLS = "/v1/underwritings", "/v1/pools"
EVENTS = "text/event-stream"


def underwrite(deal: Request, detail: Detail) -> Call[Underwriting]:
    """Underwrite a deal."""
    return post(UNDERWRITINGS, deal, reader(Underwriting), view((), detail))


def underwrite_parts(deal: Request, fields: Sequence[str], detail: Detail) -> Call[dict[str, Any]]:
    """Underwrite a deal and return some parts of the answer."""
    return post(UNDERWRITINGS, deal, parts_reader(Underwriting), view(fields, detail))


def underwriting(id_: str, detail: Detail) -> Call[Underwriting]:
    """Fetch an underwriting by its id."""
    return get(under(UNDERWRITINGS, id_), reader(Underwriting), view((), detail))


def document(id_: str, name: str, media: str, detail: Detail) -> Call[bytes]:
    """Fetch a document of an underwriting as bytes."""
    path = under(under(UNDERWRITINGS, id_), name)
    return Call("GET", path, bytes, view((), detail), {"Accept": media})


def size(request: Request) -> Call[SizingAnswer]:
    """Size a loan on a given cash flow."""
    return post("/v1/sizings", request, reader(SizingAnswer))


def waterfall(request: Request) -> Call[WaterfallAnswer]:
    """Run a waterfall on a given cash flow."""
    return post("/v1/waterfalls", request, reader(WaterfallAnswer))


def sensitivity(request: Request, asked: Mapping[str, Any]) -> Call[Sensitivities]:
    """Run sensitivities of a deal."""
    return post("/v1/sensitivities", about(request, asked), reader(Sensitivities))


def compare(request: Request, asked: Mapping[str, Any]) -> Call[Comparison]:
    """Compare a deal under several structures, or with another deal."""
    return post("/v1/comparisons", about(request, asked), reader(Comparison))


def simulate(request: Request, asked: Mapping[str, Any]) -> Call[SimulationAnswer]:
    """Simulate a deal; the response is server-sent events, the last of which has the answer as JSON."""
    return _followed(about(request, asked), SimulationAnswer)


def simulate_pool(request: Request, asked: Mapping[str, Any]) -> Call[PoolSimulation]:
    """Simulate a pool; the response is server-sent events, as `simulate` has it."""
    return _followed(about(request, asked, "pool"), PoolSimulation)


def _followed(request: Request, kind: type[Result]) -> Call[Result]:
    asking = post("/v1/simulations", request, result_reader(kind))
    return Call(
        asking.method, asking.path, asking.read, {}, asking.headers | {"Accept": EVENTS}, asking.content
    )


def pool(request: Request) -> Call[PoolUnderwriting | GroundUnderwriting]:
    """Underwrite a pool of loans, or of ground leases."""
    return post(POOLS, request, _pool)


def pool_underwriting(id_: str) -> Call[PoolUnderwriting | GroundUnderwriting]:
    """Fetch the underwriting of a pool by its id."""
    return get(under(POOLS, id_), _pool)


def ruleset(name: str) -> Call[Ruleset]:
    """Fetch a ruleset by its name."""
    return get(under("/v1/rulesets", name), reader(Ruleset))


def _pool(content: bytes) -> PoolUnderwriting | GroundUnderwriting:
    parts: dict[str, Any] = reader(dict[str, Any])(content)
    kind = GroundUnderwriting if "ground_leases" in parts else PoolUnderwriting
    answer: PoolUnderwriting | GroundUnderwriting = reader(kind)(content)
    return answer
