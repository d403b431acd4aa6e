"""Request and answer of a simulation of a pool: seeded paths of its obligor groups."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from rackrate.deal.answers.figures import RulesetStamp
from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.pools.scenarios import BASE, CONTRACT
from rackrate.deal.requests.pool import Pool
from rackrate.deal.requests.simulation import ClassRisk, Distribution, Estimate, TailMean

MAX_POOL_PATHS = 200_000


class PoolSimulationRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pool of loans, how many paths to run, from which seed, and how obligors move together."""

    pool: Annotated[Pool, Meta(description="The pool of loans.")]
    paths: Annotated[
        int,
        unit("count"),
        Meta(ge=2, le=MAX_POOL_PATHS, description="Paths, an even number: they come in antithetic pairs."),
    ]
    seed: Annotated[int, unit("none"), Meta(ge=0, le=2**63 - 1, description="Seed of the random numbers.")]
    asset_correlation: Annotated[
        Annotated[float, Meta(ge=0.0, le=1.0)] | None,
        unit("share"),
        Meta(description="Share of the factor in each obligor's asset variance; the ruleset's if absent."),
    ] = None
    scenario: Annotated[
        str | None,
        Meta(description="Scenario whose terms the paths have; the reported one if absent."),
    ] = None


class SimulatedGroup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An obligor group over all paths."""

    loans: Annotated[list[str], Meta(description="Its loans.")]
    share: Annotated[float, unit("share"), Meta(description="Of the pool's balance.")]
    pd: Annotated[float, unit("probability"), Meta(description="One-year default probability.")]
    defaulted: Annotated[
        Estimate, unit("probability"), Meta(description="Defaults before its last loan matures.")
    ]


class CollateralRisk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Realised losses of the loans over all paths, deal currency."""

    loss: Annotated[Distribution, unit("money"), Meta(description="Loss of the whole run.")]
    expected_shortfall: Annotated[
        TailMean, unit("money"), Meta(description="Mean loss from its quantile on.")
    ]


class PoolSimulation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to a simulation of a pool."""

    id: Annotated[str, Meta(description="Hash of engine version, rulesets and request, hexadecimal.")]
    engine: Annotated[str, Meta(description="Version of the engine.")]
    ruleset: Annotated[RulesetStamp, Meta(description="House defaults used.")]
    pool_ruleset: Annotated[RulesetStamp, Meta(description="House defaults of pools used.")]
    scenario: Annotated[str, Meta(description="Scenario whose terms the paths have.")]
    paths: Annotated[int, unit("count"), Meta(description="Paths run.")]
    seed: Annotated[int, unit("none"), Meta(description="Seed of the random numbers.")]
    asset_correlation: Annotated[float, unit("share"), Meta(description="Asset correlation used.")]
    groups: Annotated[list[SimulatedGroup], Meta(description="Obligor groups, in the order of their loans.")]
    one_year_loss: Annotated[
        Distribution,
        unit("share"),
        Meta(
            description="Share of the pool lost to defaults of the first year at the ruleset's loss given "
            "default: what `concentration.loss_distribution` is exactly."
        ),
    ]
    collateral: Annotated[CollateralRisk, Meta(description="Losses of the loans.")]
    classes: Annotated[list[ClassRisk], Meta(description="The classes, in order of seniority.")]


def pool_simulation_faults(request: PoolSimulationRequest) -> Iterator[FieldError]:
    """Yield what contradicts itself in a simulation beside its pool."""
    if request.paths % 2:
        yield FieldError("/paths", f"{request.paths} is odd: paths come in pairs")
    known = {CONTRACT, BASE, *(scenario.name for scenario in request.pool.scenarios)}
    if request.scenario is not None and request.scenario not in known:
        yield FieldError("/scenario", f"no scenario of this name: {request.scenario}")
