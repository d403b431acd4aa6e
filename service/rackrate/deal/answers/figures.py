"""Figures of an answer: summary, bridge, break-evens, warnings; null where a figure is not defined."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from rackrate.deal.measures import unit


class RulesetStamp(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which house defaults an answer used."""

    name: Annotated[str, Meta(description="Name of the ruleset.")]
    sha256: Annotated[str, Meta(description="SHA-256 of its file, hexadecimal.")]


class DscrSummary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Debt service cover of the sized loan in the sizing case, on net cash flow and actual service."""

    closing: Annotated[float | None, unit("ratio"), Meta(description="Of the twelve months from closing.")]
    minimum: Annotated[float | None, unit("ratio"), Meta(description="Least of the rolling twelve months.")]
    average: Annotated[float | None, unit("ratio"), Meta(description="Mean of the rolling twelve months.")]


class Summary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The figures a credit committee asks for first."""

    principal: Annotated[float, unit("money"), Meta(description="Sized principal, deal currency.")]
    issued: Annotated[
        float | None,
        unit("money"),
        Meta(description="Sum of the classes, deal currency; null without a structure."),
    ]
    binding_test: Annotated[
        str,
        Meta(
            description="Name of the test that sizes the debt, else its kind; `classes` if their limits do."
        ),
    ]
    next_test: Annotated[str | None, Meta(description="Name of the next tightest test, or its kind.")]
    dscr: Annotated[DscrSummary, Meta(description="Debt service cover.")]
    ltv: Annotated[float | None, unit("ratio"), Meta(description="Principal over value.")]
    debt_yield: Annotated[
        float | None, unit("rate"), Meta(description="Net cash flow at closing over principal, per year.")
    ]
    noi: Annotated[
        float, unit("money/year"), Meta(description="Net operating income at closing, sizing case, per year.")
    ]
    ncf: Annotated[
        float, unit("money/year"), Meta(description="Net cash flow at closing, sizing case, per year.")
    ]
    value: Annotated[float, unit("money"), Meta(description="Value of the collateral, deal currency.")]
    walt_years: Annotated[
        float | None, unit("years"), Meta(description="Rent-weighted average lease term to expiry, years.")
    ]
    effective_tenants: Annotated[
        float | None, unit("count"), Meta(description="Inverse of the rent concentration index.")
    ]
    top_tenant_share: Annotated[
        float | None, unit("share"), Meta(description="Rent share of the largest tenant.")
    ]


class BridgeLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the cash flow at closing, in the issuer case and in the sizing case."""

    line: Annotated[str, Meta(description="Name of the line.")]
    issuer: Annotated[
        float, unit("money/year"), Meta(description="In the issuer case, deal currency per year.")
    ]
    underwritten: Annotated[
        float, unit("money/year"), Meta(description="In the sizing case, deal currency per year.")
    ]


class BridgeStep(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one adjustment of the sizing case, applied after those before it, changes."""

    adjustment: Annotated[str, Meta(description="Name of the adjustment.")]
    ncf_change: Annotated[
        float,
        unit("money/year"),
        Meta(description="Change in net cash flow at closing, deal currency per year."),
    ]


class BreakEvenTarget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is reached at a break-even: one of a cover, a trigger, a class's first loss, or a principal."""

    dscr_minimum: Annotated[
        float | UnsetType, unit("ratio"), Meta(description="Least rolling debt service cover.")
    ] = UNSET
    trigger: Annotated[
        Literal["trap", "amortise", "pik"] | UnsetType, Meta(description="Trigger that trips.")
    ] = UNSET
    first_loss: Annotated[str | UnsetType, Meta(description="Class that takes its first loss.")] = UNSET
    principal: Annotated[
        float | UnsetType,
        unit("ratio"),
        Meta(description="Sized principal, as a multiple of the deal's unadjusted."),
    ] = UNSET


class BreakEven(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far an adjustment must go until a target is reached."""

    measure: Annotated[str, Meta(description="The adjustment moved.")]
    target: Annotated[BreakEvenTarget, Meta(description="What is reached.")]
    value: Annotated[
        float | None,
        unit("as-stated"),
        Meta(description="Least adjustment at which it is reached; null if at once."),
    ]
    status: Annotated[
        Literal["solved", "never", "at_once"],
        Meta(description="Whether the value is one, the whole range holds, or it is so without any."),
    ]


class Caution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something a reader of the figures should know, and where in the request it comes from."""

    code: Annotated[
        Literal[
            "lease_ends_before_debt",
            "power_ends_before_lease",
            "booked_not_billed",
            "leasehold_before_legal_final",
            "minimum_take_uncovered",
            "ard_differs_from_term",
            "implausible",
            "few_effective_tenants",
            "national_rating_scale",
            "dates_moved",
            "trigger_trips",
            "interest_missed",
            "ard_missed",
            "principal_lost",
            "case_without_effect",
            "limit_out_of_range",
            "class_without_limits",
        ],
        Meta(description="What kind of warning."),
    ]
    message: Annotated[str, Meta(description="The warning in words.")]
    pointer: Annotated[str, Meta(description="JSON pointer into the request.")]
