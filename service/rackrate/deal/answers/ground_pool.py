"""Figures of the answer to a pool of ground leases; sizing, classes and waterfall are those of a deal."""

from typing import Annotated

from msgspec import Meta, Struct

from rackrate.deal.answers.figures import BreakEven, DscrSummary, RulesetStamp
from rackrate.deal.answers.pool import PoolCaution, ScenarioClass
from rackrate.deal.answers.pools.concentration import NamedShare, YearShare
from rackrate.deal.answers.runs import CashFlow, WaterfallRun
from rackrate.deal.answers.sizing import Coverage, SizingOutcome
from rackrate.deal.answers.tranches import Tranche
from rackrate.deal.measures import unit


class GroundSummary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The figures asked for first, in the sizing case."""

    principal: Annotated[float, unit("money"), Meta(description="Sized principal.")]
    issued: Annotated[
        float | None, unit("money"), Meta(description="Sum of the classes; null without a structure.")
    ]
    binding_test: Annotated[str, Meta(description="Test that sizes the debt; `classes` if their limits do.")]
    next_test: Annotated[str | None, Meta(description="The next tightest test.")]
    dscr: Annotated[DscrSummary, Meta(description="Debt service cover.")]
    ltv: Annotated[
        float | None, unit("ratio"), Meta(description="Principal over the value of the ground leases.")
    ]
    look_through_ltv: Annotated[
        float | None, unit("ratio"), Meta(description="Principal over land and improvements.")
    ]
    debt_yield: Annotated[
        float | None, unit("rate"), Meta(description="Net cash flow over principal, per year.")
    ]
    ncf: Annotated[float, unit("money/year"), Meta(description="Net cash flow at closing, per year.")]
    value: Annotated[float, unit("money"), Meta(description="Value of the ground leases.")]
    combined_value: Annotated[float, unit("money"), Meta(description="Value of land and improvements.")]
    coverage: Annotated[
        float | None, unit("ratio"), Meta(description="Leasehold cash flow over ground rent.")
    ]


class GroundLeaseFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ground lease in the waterfall's case."""

    id: Annotated[str, Meta(description="Identifier of the ground lease.")]
    rent: Annotated[float, unit("money/year"), Meta(description="Contract rent of the first twelve months.")]
    coverage: Annotated[float | None, unit("ratio"), Meta(description="Leasehold cash flow over it.")]
    minimum_coverage: Annotated[
        float | None, unit("ratio"), Meta(description="Least cover of twelve months.")
    ]
    value: Annotated[float, unit("money"), Meta(description="Value of the ground lease.")]
    gltv: Annotated[
        float | None, unit("ratio"), Meta(description="Value over that of land and improvements.")
    ]
    default_month: Annotated[int | None, unit("months"), Meta(description="Month of default; null for none.")]
    cured: Annotated[bool | None, Meta(description="Whether a mortgagee cures it; null without default.")]
    expiry: Annotated[int, unit("months"), Meta(description="Months to expiry.")]


class GroundTranche(Tranche, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A class, and what it is of land and improvements."""

    look_through_ltv: Annotated[
        float | None, unit("ratio"), Meta(description="Cumulative principal over combined values.")
    ]


class LesseeConcentration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How ground rent at closing is spread over who pays for the leaseholds."""

    tenant: Annotated[list[NamedShare], Meta(description="By tenant, largest first.")]
    hhi: Annotated[float, unit("share"), Meta(description="Herfindahl index of the shares.")]
    effective_tenants: Annotated[float | None, unit("count"), Meta(description="Inverse of hhi.")]
    expiry: Annotated[
        list[YearShare], Meta(description="Ground rent at closing by year of expiry, in order of time.")
    ]


class GroundScenario(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One case in a line: the classes as issued, paid from the rents of that case."""

    name: Annotated[str, Meta(description="Name of the case.")]
    ncf: Annotated[float, unit("money/year"), Meta(description="Net cash flow at closing, per year.")]
    defaulted_share: Annotated[
        float, unit("share"), Meta(description="Share of ground rent at closing whose lease defaults.")
    ]
    classes: Annotated[list[ScenarioClass], Meta(description="Every class.")]


class GroundUnderwriting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to a pool of ground leases."""

    id: Annotated[str, Meta(description="Hash of engine version, rulesets and request, hexadecimal.")]
    engine: Annotated[str, Meta(description="Version of the engine.")]
    ruleset: Annotated[RulesetStamp, Meta(description="House defaults used.")]
    pool_ruleset: Annotated[RulesetStamp, Meta(description="House defaults of pools used.")]
    summary: Annotated[GroundSummary, Meta(description="The figures asked for first.")]
    coverage: Annotated[list[Coverage], Meta(description="Coverage of the sized loan in the sizing case.")]
    ground_leases: Annotated[list[GroundLeaseFigures], Meta(description="Every ground lease.")]
    sizing: Annotated[SizingOutcome, Meta(description="The sized loan.")]
    tranches: Annotated[list[GroundTranche], Meta(description="The classes; none without a structure.")]
    waterfall: Annotated[WaterfallRun | None, Meta(description="The waterfall; null without a structure.")]
    cash_flow: Annotated[CashFlow, Meta(description="The landlord's cash flow in the waterfall's case.")]
    concentration: Annotated[LesseeConcentration, Meta(description="Who pays for the leaseholds.")]
    break_evens: Annotated[list[BreakEven], Meta(description="How far cash flow may fall.")]
    scenarios: Annotated[
        list[GroundScenario],
        Meta(description="Every case that the pool names or has; none without a structure."),
    ]
    warnings: Annotated[list[PoolCaution], Meta(description="What a reader should know.")]
