"""Concentration of the rent roll and what defaults could cost."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from rackrate.deal.measures import unit


class TenantFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One tenant: its share of the rent roll and its probability of default."""

    id: Annotated[str, Meta(description="Identifier of the tenant.")]
    share: Annotated[float, unit("share"), Meta(description="Share of rent.")]
    share_kw: Annotated[float, unit("share"), Meta(description="Share of billed kW.")]
    cumulative_pd: Annotated[
        list[float], unit("probability"), Meta(description="Default probabilities to the ruleset's horizons.")
    ]


class LossDistribution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Distribution of the share of rent lost to defaults over the ruleset's horizon."""

    loss: Annotated[list[float], unit("share"), Meta(description="Share of rent lost, ascending.")]
    probability: Annotated[list[float], unit("probability"), Meta(description="Probability of each loss.")]
    expected: Annotated[float, unit("share"), Meta(description="Expected loss, share of rent.")]


class LossExceedance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Probability that more than a share of rent is lost, on a fixed grid of at most 400 points."""

    loss: Annotated[
        list[float], unit("share"), Meta(description="Shares of rent, a quarter percent apart, from zero.")
    ]
    probability: Annotated[
        list[float], unit("probability"), Meta(description="Probability that more than each is lost.")
    ]


class LeaseFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One lease: its share of the rent at closing, and when its contract ends."""

    facility: Annotated[str, Meta(description="Identifier of the facility.")]
    id: Annotated[str, Meta(description="Identifier of the lease.")]
    share: Annotated[
        float, unit("share"), Meta(description="Share of rent; 0 of what is booked and not billed.")
    ]
    expiry: Annotated[
        date, Meta(description="Date on which the contract ends, a month boundary of the deal.")
    ]


class CreditFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Concentration of the rent roll and what defaults could cost."""

    tenants: Annotated[list[TenantFigures], Meta(description="Every tenant.")]
    hhi: Annotated[float | None, unit("share"), Meta(description="Herfindahl index of rent shares.")]
    effective_tenants: Annotated[float | None, unit("count"), Meta(description="Inverse of hhi.")]
    hhi_kw: Annotated[float | None, unit("share"), Meta(description="Herfindahl index of kW shares.")]
    effective_tenants_kw: Annotated[float | None, unit("count"), Meta(description="Inverse of hhi_kw.")]
    top_1_share: Annotated[float | None, unit("share"), Meta(description="Rent share of the largest tenant.")]
    top_5_share: Annotated[
        float | None, unit("share"), Meta(description="Rent share of the five largest tenants.")
    ]
    loss_distribution: Annotated[LossDistribution | None, Meta(description="Loss distribution.")]
    loss_exceedance: Annotated[
        LossExceedance | None, Meta(description="The same, as the probability of losing more.")
    ]
    leases: Annotated[list[LeaseFigures], Meta(description="Every lease, in the order of the deal.")]
