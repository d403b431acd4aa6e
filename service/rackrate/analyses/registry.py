"""Verbs: what the engine does, each with what it reads and answers; the edge meets the engine here alone."""

from collections.abc import Callable
from typing import Any

import msgspec

from rackrate.analyses.comparison import compare
from rackrate.analyses.extent import Extent as Extent
from rackrate.analyses.extent import extent as extent
from rackrate.analyses.sensitivity import sensitivities
from rackrate.analyses.simulation import simulate
from rackrate.analyses.standalone_sizing import size
from rackrate.analyses.standalone_waterfall import pay
from rackrate.analyses.underwriting import underwrite
from rackrate.deal import rulesets
from rackrate.deal.requests.comparison import Comparison, ComparisonRequest
from rackrate.deal.requests.sensitivity import Sensitivities, SensitivityRequest
from rackrate.deal.requests.simulation import SimulationAnswer, SimulationRequest
from rackrate.deal.requests.standalone_sizing import SizingAnswer, SizingRequest
from rackrate.deal.requests.standalone_waterfall import WaterfallAnswer, WaterfallRequest
from rackrate.deal.requests.underwriting import Deal, Underwriting

Compute = Callable[[Any, rulesets.Ruleset, str], msgspec.Struct]
Progress = Callable[[int, int], None]
ComputeWithProgress = Callable[[Any, rulesets.Ruleset, str, Progress], msgspec.Struct]


class Analysis(msgspec.Struct, frozen=True):
    """Something the engine does.

    `compute_with_progress` computes the same and tells how far it is: done, of.
    `base` is the verb it answers in more detail than, under the same ids; `long` work is done in the back
    room.
    """

    name: str
    reads: type[msgspec.Struct]
    answers: type[msgspec.Struct]
    compute: Compute
    base: "Analysis | None" = None
    long: bool = False
    compute_with_progress: ComputeWithProgress | None = None


def deal_of(request: msgspec.Struct) -> Deal | None:
    """Find the deal a request is or has; a cash flow of one's own has none."""
    found = request if isinstance(request, Deal) else getattr(request, "deal", None)
    return found if isinstance(found, Deal) else None


def ruleset_of(request: msgspec.Struct) -> rulesets.Ruleset:
    """Find the house defaults of a request: a deal names its own, a cash flow has the newest."""
    deal = deal_of(request)
    if deal and deal.ruleset:
        return rulesets.load(deal.ruleset)
    return rulesets.newest()


UNDERWRITE = Analysis(
    "underwriting",
    Deal,
    Underwriting,
    lambda deal, ruleset, id_: underwrite(deal, ruleset, id=id_),
)
UNDERWRITE_BY_FACILITY = Analysis(
    "underwriting-by-facility",
    Deal,
    Underwriting,
    lambda deal, ruleset, id_: underwrite(deal, ruleset, id=id_, by_facility=True),
    base=UNDERWRITE,
)
SIZE = Analysis("sizing", SizingRequest, SizingAnswer, lambda request, ruleset, _: size(request, ruleset))
WATERFALL = Analysis(
    "waterfall", WaterfallRequest, WaterfallAnswer, lambda request, ruleset, _: pay(request, ruleset)
)
COMPARE = Analysis(
    "comparison",
    ComparisonRequest,
    Comparison,
    lambda request, ruleset, id_: compare(request, ruleset, id=id_),
    long=True,
)
SENSITIVITY = Analysis(
    "sensitivity",
    SensitivityRequest,
    Sensitivities,
    lambda request, ruleset, id_: sensitivities(request, ruleset, id=id_),
    long=True,
)
SIMULATE = Analysis(
    "simulation",
    SimulationRequest,
    SimulationAnswer,
    lambda request, ruleset, id_: simulate(request, ruleset, id=id_),
    long=True,
    compute_with_progress=lambda request, ruleset, id_, tell: simulate(
        request, ruleset, id=id_, progress=tell
    ),
)
BY_NAME = {
    analysis.name: analysis
    for analysis in (UNDERWRITE, UNDERWRITE_BY_FACILITY, SIZE, WATERFALL, COMPARE, SENSITIVITY, SIMULATE)
}
