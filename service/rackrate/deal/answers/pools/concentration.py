"""How the balance of a pool is spread, and what defaults could cost."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from rackrate.deal.answers.credit import LossDistribution
from rackrate.deal.measures import unit


class NamedShare(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name and its share of the pool."""

    id: Annotated[str, Meta(description="The name.")]
    share: Annotated[float, unit("share"), Meta(description="Its share.")]


class YearShare(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A calendar year and the share of the pool that matures in it."""

    id: Annotated[int, unit("none"), Meta(description="The year.")]
    share: Annotated[float, unit("share"), Meta(description="Its share.")]


class ObligorGroup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Loans that are one obligor."""

    loans: Annotated[list[str], Meta(description="Identifiers of the loans.")]
    share: Annotated[float, unit("share"), Meta(description="Share of the pool.")]
    pd: Annotated[float, unit("probability"), Meta(description="Largest one-year default probability.")]


class ClassLoss(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Principal a class loses."""

    name: Annotated[str, Meta(description="Name of the class.")]
    principal_loss: Annotated[float, unit("money"), Meta(description="Principal lost.")]


class ObligorStress(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One obligor defaulting alone in the reported scenario."""

    kind: Annotated[Literal["tenant", "sponsor"], Meta(description="What defaults.")]
    id: Annotated[str, Meta(description="Which.")]
    share: Annotated[float, unit("share"), Meta(description="Its share of the pool.")]
    collateral_loss: Annotated[float, unit("money"), Meta(description="Realised losses of the run.")]
    classes: Annotated[list[ClassLoss], Meta(description="What each class loses.")]


class PoolConcentrationFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the balance is spread at closing, and what defaults could cost."""

    loan: Annotated[list[NamedShare], Meta(description="By loan, largest first.")]
    tenant: Annotated[list[NamedShare], Meta(description="By tenant.")]
    sponsor: Annotated[list[NamedShare], Meta(description="By sponsor.")]
    market: Annotated[list[NamedShare], Meta(description="By market.")]
    property_type: Annotated[list[NamedShare], Meta(description="By type of property.")]
    maturity: Annotated[list[YearShare], Meta(description="By year of maturity, in order of time.")]
    hhi: Annotated[float, unit("share"), Meta(description="Herfindahl index of loan shares.")]
    effective_loans: Annotated[float, unit("count"), Meta(description="Inverse of hhi.")]
    groups: Annotated[list[ObligorGroup], Meta(description="Obligor groups.")]
    effective_groups: Annotated[float, unit("count"), Meta(description="Effective number of groups.")]
    loss_distribution: Annotated[LossDistribution, Meta(description="Exact one-year losses over groups.")]
    stress: Annotated[list[ObligorStress], Meta(description="The largest obligors, one at a time.")]
