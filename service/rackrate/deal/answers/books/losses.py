"""Losses of a book on paths that its deals share."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from rackrate.deal.factor import Factor
from rackrate.deal.measures import unit


class BookEstimate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An estimate, and its standard error where there is one."""

    value: Annotated[float, unit("as-stated"), Meta(description="The estimate.")]
    standard_error: Annotated[float | None, unit("as-stated"), Meta(description="Its standard error.")]


class TailLoss(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mean of the worst losses, reporting currency."""

    level: Annotated[float, unit("probability"), Meta(description="From which quantile on.")]
    value: Annotated[float, unit("money"), Meta(description="The mean.")]
    standard_error: Annotated[float | None, unit("money"), Meta(description="Its standard error.")]


class BookLoss(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Losses of all classes over all paths, reporting currency."""

    principal: Annotated[float, unit("money"), Meta(description="Principal that can be lost.")]
    loss_probability: Annotated[BookEstimate, Meta(description="Probability of any loss.")]
    expected_loss: Annotated[BookEstimate, Meta(description="Mean loss.")]
    quantiles: Annotated[
        dict[str, float], unit("money"), Meta(description="Losses by level: order statistics.")
    ]
    quantile_errors: Annotated[dict[str, float], unit("money"), Meta(description="Their standard errors.")]
    expected_shortfall: Annotated[list[TailLoss], Meta(description="Means of the worst.")]


class CategoryLosses(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Losses of the classes of one category."""

    key: Annotated[str, Meta(description="The category.")]
    principal: Annotated[float, unit("money"), Meta(description="Principal that can be lost.")]
    loss_probability: Annotated[BookEstimate, Meta(description="Probability of any loss.")]
    expected_loss: Annotated[BookEstimate, Meta(description="Mean loss.")]
    quantiles: Annotated[
        dict[str, float], unit("money"), Meta(description="Losses by level: order statistics.")
    ]
    quantile_errors: Annotated[dict[str, float], unit("money"), Meta(description="Their standard errors.")]
    expected_shortfall: Annotated[list[TailLoss], Meta(description="Means of the worst.")]


class DealLoss(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a deal adds to the book's losses, reporting currency."""

    row: Annotated[int, unit("count"), Meta(description="Its place among the documents.")]
    deal: Annotated[str, Meta(description="Its name.")]
    expected_loss: Annotated[BookEstimate, Meta(description="Its mean loss.")]
    expected_shortfall: Annotated[
        dict[str, BookEstimate], Meta(description="What it adds to the book's, by level.")
    ]
    standalone_shortfall: Annotated[dict[str, float], unit("money"), Meta(description="Its own, by level.")]


class ObligorLoss(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an obligor's defaults add to the book's losses, reporting currency."""

    key: Annotated[str | None, Meta(description="The obligor; null for losses without a default.")]
    expected_loss: Annotated[BookEstimate, Meta(description="Its mean loss.")]
    expected_shortfall: Annotated[
        dict[str, BookEstimate], Meta(description="What it adds to the book's, by level.")
    ]


class BookLosses(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Losses under one cycle: the factor and each obligor are drawn once for all deals."""

    paths: Annotated[int, unit("count"), Meta(description="Paths run.")]
    seed: Annotated[int, unit("none"), Meta(description="Seed of the random numbers.")]
    factor: Annotated[Factor, Meta(description="Terms of the one-factor model.")]
    draws: Annotated[int, unit("none"), Meta(description="Version of the streams of random numbers.")]
    total: Annotated[BookLoss, Meta(description="All classes.")]
    categories: Annotated[list[CategoryLosses], Meta(description="By category.")]
    deals: Annotated[list[DealLoss] | UnsetType, Meta(description="Every deal; left out of large books.")] = (
        UNSET
    )
    obligors: Annotated[
        list[ObligorLoss], Meta(description="Every obligor, expected loss descending; null last.")
    ]
