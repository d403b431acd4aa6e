"""Registry of the analyses: what each reads, answers and computes."""

from collections.abc import Callable, Collection
from typing import Any

import msgspec

from rackrate.analyses.deals.comparison import compare
from rackrate.analyses.deals.sensitivity import sensitivities
from rackrate.analyses.deals.simulation import simulate
from rackrate.analyses.deals.standalone_sizing import size
from rackrate.analyses.deals.standalone_waterfall import pay
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.analyses.extent import Extent as Extent
from rackrate.analyses.extent import extent as extent
from rackrate.analyses.pools.ground_pool import underwrite_ground_leases
from rackrate.analyses.pools.loan_pool import underwrite_pool
from rackrate.analyses.pools.simulation import simulate_pool
from rackrate.analyses.rent_rolls.rent_roll import read_rent_roll
from rackrate.analyses.tapes.reading import read_tape
from rackrate.analyses.tapes.writing import write_tape
from rackrate.deal import rulesets
from rackrate.deal.answers.book import BookAnswer
from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.answers.rent_roll import RentRollReading
from rackrate.deal.answers.tape import TapeFile, TapeReading
from rackrate.deal.pools import rulesets as pool_rulesets
from rackrate.deal.requests.book import BookRequest
from rackrate.deal.requests.comparison import Comparison, ComparisonRequest
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.requests.pool import Pool, PoolBase
from rackrate.deal.requests.pool_simulation import PoolSimulation, PoolSimulationRequest
from rackrate.deal.requests.rent_roll import RentRollRequest
from rackrate.deal.requests.sensitivity import Sensitivities, SensitivityRequest
from rackrate.deal.requests.simulation import SimulationAnswer, SimulationRequest
from rackrate.deal.requests.standalone_sizing import SizingAnswer, SizingRequest
from rackrate.deal.requests.standalone_waterfall import WaterfallAnswer, WaterfallRequest
from rackrate.deal.requests.tape import PoolTapeRequest, TapeRequest
from rackrate.deal.requests.underwriting import Deal, Underwriting

Compute = Callable[[Any, rulesets.Ruleset, str], msgspec.Struct]
Progress = Callable[[int, int], None]
ComputeWithProgress = Callable[[Any, rulesets.Ruleset, str, Progress], msgspec.Struct]


class Analysis(msgspec.Struct, frozen=True):
    """An analysis: the request it reads, the answer it gives, the function that computes it.

    `compute_with_progress` computes the same and reports progress: done, of.
    `base` is the analysis it answers in more detail than, under the same ids; a `long` one runs in the
    process of long jobs. Where one route takes several kinds of document, the others are `also_reads`.
    """

    name: str
    reads: type[msgspec.Struct]
    answers: type[msgspec.Struct]
    compute: Compute
    base: "Analysis | None" = None
    long: bool = False
    compute_with_progress: ComputeWithProgress | None = None
    also_reads: tuple[type[msgspec.Struct], ...] = ()
    also_answers: tuple[type[msgspec.Struct], ...] = ()


def deal_of(request: msgspec.Struct) -> Deal | None:
    """The deal that a request is or has; None for a client's own cash flow."""
    found = request if isinstance(request, Deal) else getattr(request, "deal", None)
    return found if isinstance(found, Deal) else None


def pool_of(request: msgspec.Struct) -> PoolBase | None:
    """The pool that a request is or has; None for a deal."""
    found = request if isinstance(request, PoolBase) else getattr(request, "pool", None)
    return found if isinstance(found, PoolBase) else None


def ruleset_of(request: msgspec.Struct) -> rulesets.Ruleset:
    """The ruleset of a request: the one its deal or pool names, else the newest."""
    named = pool_of(request) or deal_of(request)
    if named and named.ruleset:
        return rulesets.load(named.ruleset)
    return rulesets.newest()


def rules_sha256(request: msgspec.Struct) -> str:
    """Find what an id says of the house defaults: the hash of the file, and of a pool those of both."""
    deal, pool = ruleset_of(request).sha256, pool_of(request)
    return deal if pool is None else deal + pool_ruleset_of(pool).sha256


def pool_ruleset_of(pool: PoolBase) -> pool_rulesets.PoolRuleset:
    """Find the house defaults of pools that a pool names."""
    return pool_rulesets.load(pool.pool_ruleset) if pool.pool_ruleset else pool_rulesets.newest()


def _underwrite_pool(
    pool: PoolBase, ruleset: rulesets.Ruleset, id_: str, with_tranches: bool
) -> msgspec.Struct:
    if isinstance(pool, GroundPool):
        return underwrite_ground_leases(pool, ruleset, pool_ruleset_of(pool), id=id_)
    if not isinstance(pool, Pool):
        raise TypeError(f"{type(pool).__name__} is no pool of loans or of ground leases")
    return underwrite_pool(pool, ruleset, pool_ruleset_of(pool), id=id_, with_tranches=with_tranches)


def _underwrite_book(request: BookRequest, on_progress: Progress | None) -> msgspec.Struct:
    from rackrate.analyses.books.book import (
        underwrite_book,
    )  # a deal of a book is an analysis of this registry

    return underwrite_book(request, progress=on_progress)


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


def _simulate(
    request: msgspec.Struct, ruleset: rulesets.Ruleset, id_: str, progress: Progress | None = None
) -> msgspec.Struct:
    if isinstance(request, PoolSimulationRequest):
        return simulate_pool(request, ruleset, pool_ruleset_of(request.pool), id=id_, progress=progress)
    if not isinstance(request, SimulationRequest):
        raise TypeError(f"{type(request).__name__} is no simulation")
    return simulate(request, ruleset, id=id_, progress=progress)


SIMULATE = Analysis(
    "simulation",
    SimulationRequest,
    SimulationAnswer,
    _simulate,
    long=True,
    compute_with_progress=_simulate,
    also_reads=(PoolSimulationRequest,),
    also_answers=(PoolSimulation,),
)
UNDERWRITE_POOL = Analysis(
    "pool",
    Pool,
    PoolUnderwriting,
    lambda pool, ruleset, id_: _underwrite_pool(pool, ruleset, id_, with_tranches=False),
    also_reads=(GroundPool,),
    also_answers=(GroundUnderwriting,),
)
UNDERWRITE_POOL_WITH_TRANCHES = Analysis(
    "pool-with-tranches",
    Pool,
    PoolUnderwriting,
    lambda pool, ruleset, id_: _underwrite_pool(pool, ruleset, id_, with_tranches=True),
    base=UNDERWRITE_POOL,
    also_reads=(GroundPool,),
    also_answers=(GroundUnderwriting,),
)
BOOK = Analysis(
    "book",
    BookRequest,
    BookAnswer,
    lambda request, _ruleset, _id: _underwrite_book(request, None),
    long=True,
    compute_with_progress=lambda request, _ruleset, _id, on_progress: _underwrite_book(request, on_progress),
)
READ_TAPE = Analysis(
    "tape", TapeRequest, TapeReading, lambda request, _, id_: read_tape(request, id=id_), long=True
)
READ_RENT_ROLL = Analysis(
    "rent-roll",
    RentRollRequest,
    RentRollReading,
    lambda request, _, id_: read_rent_roll(request, id=id_),
    long=True,
)
WRITE_TAPE = Analysis(
    "pool-tape",
    PoolTapeRequest,
    TapeFile,
    lambda request, ruleset, id_: write_tape(request, ruleset, pool_ruleset_of(request.pool), id=id_),
    long=True,
)


def pool_analysis(fields: Collection[str]) -> Analysis:
    """Choose the analysis of a pool by the parts asked for: only `tranches` has break-evens."""
    return UNDERWRITE_POOL_WITH_TRANCHES if not fields or "tranches" in fields else UNDERWRITE_POOL


BY_NAME = {
    analysis.name: analysis
    for analysis in (
        UNDERWRITE,
        UNDERWRITE_BY_FACILITY,
        SIZE,
        WATERFALL,
        COMPARE,
        SENSITIVITY,
        SIMULATE,
        BOOK,
        UNDERWRITE_POOL,
        UNDERWRITE_POOL_WITH_TRANCHES,
        READ_TAPE,
        WRITE_TAPE,
        READ_RENT_ROLL,
    )
}
