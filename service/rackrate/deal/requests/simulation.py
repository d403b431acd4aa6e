"""Request and answer of a simulation: seeded paths of tenants, lettings and power."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from rackrate.deal.answers.figures import RulesetStamp
from rackrate.deal.errors import FieldError
from rackrate.deal.factor import Factor
from rackrate.deal.measures import unit
from rackrate.deal.requests.underwriting import Deal

MAX_PATHS = 5_000_000


class SimulationRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deal with a structure, how many paths to run, from which seed, under which factor terms."""

    deal: Annotated[Deal, Meta(description="The deal.")]
    paths: Annotated[
        int,
        unit("count"),
        Meta(ge=2, le=MAX_PATHS, description="Paths, an even number: they come in antithetic pairs."),
    ]
    seed: Annotated[int, unit("none"), Meta(ge=0, le=2**63 - 1, description="Seed of the random numbers.")]
    factor: Annotated[Factor, Meta(description="The terms of the one-factor model.")]


class Estimate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A probability or a mean, estimated from the paths."""

    value: Annotated[float, unit("as-stated"), Meta(description="The estimate.")]
    standard_error: Annotated[
        float | None,
        unit("as-stated"),
        Meta(description="Its standard error, from pair to pair; null from fewer than two pairs."),
    ]


class TailMean(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mean of the worst outcomes: of the tail from a quantile on, so never below that quantile."""

    level: Annotated[
        float, unit("probability"), Meta(description="Quantile from which outcomes are averaged.")
    ]
    value: Annotated[float, unit("as-stated"), Meta(description="The estimate.")]
    standard_error: Annotated[
        float | None,
        unit("as-stated"),
        Meta(
            description="Its standard error; null where the tail has fewer than two independent draws: two "
            "paths, which may be a pair, are one."
        ),
    ]


class CoverFan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Quantiles of the debt service cover by payment date, over the paths that have one."""

    month: Annotated[list[int], unit("months"), Meta(description="Months from closing to the payment date.")]
    quantiles: Annotated[
        dict[str, list[float | None]],
        unit("ratio"),
        Meta(description="By level, then by payment date; null where no path has a cover."),
    ]
    standard_errors: Annotated[
        dict[str, list[float | None]],
        unit("ratio"),
        Meta(description="Of the quantiles, by level and payment date; null where they may be of one pair."),
    ]
    share: Annotated[
        list[float], unit("share"), Meta(description="Share of paths that have a cover, by payment date.")
    ]


class TriggerOdds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How likely a trigger is on."""

    ever: Annotated[Estimate, unit("probability"), Meta(description="Probability that it is ever on.")]
    by_month: Annotated[
        list[Estimate], unit("probability"), Meta(description="Probability that it is on, by payment date.")
    ]


class TriggerProbabilities(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The triggers of the structure; one it does not have is never on."""

    trap: Annotated[TriggerOdds, Meta(description="Cash is trapped.")]
    amortise: Annotated[TriggerOdds, Meta(description="All classes amortise, by trigger or after the ARD.")]
    sweep: Annotated[
        TriggerOdds,
        Meta(description="All classes amortise by the trigger; the turbo after a failed ARD is not counted."),
    ]
    pik: Annotated[TriggerOdds, Meta(description="Deferrable interest is deferred.")]


class Distribution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A quantity over all paths."""

    mean: Annotated[Estimate, Meta(description="Its mean.")]
    quantiles: Annotated[
        dict[str, float], unit("as-stated"), Meta(description="Quantiles by level, to a tenth of a percent.")
    ]
    standard_errors: Annotated[
        dict[str, float | None],
        unit("as-stated"),
        Meta(description="Of the quantiles, by level; null from fewer than two pairs of paths."),
    ]


class ClassRisk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One class over all paths, deal currency."""

    name: Annotated[str, Meta(description="Name of the class.")]
    principal: Annotated[float, unit("money"), Meta(description="Principal at closing, deal currency.")]
    missed_interest: Annotated[
        Estimate,
        unit("probability"),
        Meta(description="Probability that interest due is ever left unpaid; deferral is not counted."),
    ]
    principal_loss: Annotated[
        Estimate,
        unit("probability"),
        Meta(description="Probability that principal is unpaid after legal final."),
    ]
    expected_loss: Annotated[
        Estimate, unit("money"), Meta(description="Mean principal unpaid after legal final, deal currency.")
    ]
    loss_quantiles: Annotated[
        dict[str, float],
        unit("money"),
        Meta(description="Principal loss by level, deal currency, to a tenth of a percent."),
    ]
    loss_quantile_errors: Annotated[
        dict[str, float | None],
        unit("money"),
        Meta(description="Standard errors of the loss quantiles, by level; null from fewer than two pairs."),
    ]
    expected_shortfall: Annotated[
        TailMean, unit("money"), Meta(description="Mean principal loss from its quantile on, deal currency.")
    ]
    wal: Annotated[
        Distribution | None,
        unit("years"),
        Meta(
            description="Weighted average life, years; what is lost counts as outstanding to legal final. "
            "Null for a class without principal."
        ),
    ]


class SimulationAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to a simulation."""

    id: Annotated[str, Meta(description="Hash of engine version, ruleset and request, hexadecimal.")]
    engine: Annotated[str, Meta(description="Version of the engine.")]
    ruleset: Annotated[RulesetStamp, Meta(description="House defaults used.")]
    paths: Annotated[int, unit("count"), Meta(description="Paths run.")]
    seed: Annotated[int, unit("none"), Meta(description="Seed of the random numbers.")]
    dscr: Annotated[CoverFan, Meta(description="Debt service cover on actual service.")]
    triggers: Annotated[TriggerProbabilities, Meta(description="The structure's triggers.")]
    classes: Annotated[list[ClassRisk], Meta(description="The classes, most senior first.")]
    equity: Annotated[
        Distribution,
        unit("money"),
        Meta(description="Paid to equity over the whole path, undiscounted, deal currency."),
    ]


class Progress(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far a simulation has come."""

    done: Annotated[int, Meta(description="Paths run so far.")]
    of: Annotated[int, Meta(description="Paths asked for.")]


def simulation_faults(request: SimulationRequest) -> Iterator[FieldError]:
    """Yield what contradicts itself in a simulation beside its deal."""
    if request.deal.structure is None:
        yield FieldError("/deal/structure", "a simulation needs a structure to pay through")
    if request.paths % 2:
        yield FieldError("/paths", f"{request.paths} is odd: paths come in pairs")
