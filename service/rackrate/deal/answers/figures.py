"""Figures of an answer: sizing, coverage, tranches, credit; null where a figure is not defined."""

from datetime import date
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

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


class Coverage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A coverage figure that says what it is made of."""

    measure: Annotated[
        Literal["dscr", "icr", "llcr", "plcr", "debt_yield", "ltv", "ltc", "leverage"],
        Meta(description="What is measured."),
    ]
    numerator: Annotated[Literal["noi", "ncf"] | None, Meta(description="Income measured, if any.")]
    denominator: Annotated[
        Literal["actual", "interest_only", "amortising", "stressed"] | None,
        Meta(description="Debt service measured, if any."),
    ]
    basis: Annotated[
        Literal["closing", "stabilised", "minimum", "average", "trailing_3m"],
        Meta(description="Months measured."),
    ]
    case: Annotated[
        str | None, Meta(description="Case measured in; null for a cash flow of the client's own.")
    ]
    value: Annotated[float | None, unit("as-stated"), Meta(description="The figure.")]


class TestOutcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sizing test: what it allows, and what moving its limit would give."""

    __test__ = False

    kind: Annotated[str, Meta(description="Kind of the test.")]
    name: Annotated[str, Meta(description="Its name, or its kind.")]
    limit: Annotated[float, unit("as-stated"), Meta(description="Its limit.")]
    actual: Annotated[
        float | None, unit("as-stated"), Meta(description="The tested figure at the sized principal.")
    ]
    max_principal: Annotated[
        float | None,
        unit("money"),
        Meta(description="Largest principal it allows, deal currency; null if it limits nothing."),
    ]
    slack: Annotated[
        float | None,
        unit("money"),
        Meta(description="max_principal less the sized principal, deal currency."),
    ]
    shadow_price: Annotated[
        float | None, unit("money"), Meta(description="Change of max_principal per 1 of limit.")
    ]
    binding: Annotated[bool, Meta(description="Whether it sizes the loan.")]
    numerator: Annotated[
        float | None,
        unit("money"),
        Meta(
            description="What `actual` divides at the sized principal, deal currency: the loan, the balloon, "
            "or the income; null of an average, and of a sculpted test on debt that is not sculpted."
        ),
    ]
    denominator: Annotated[
        float | None,
        unit("money"),
        Meta(
            description="What `actual` divides by at the sized principal, deal currency: value, cost, "
            "income, service or the loan; null where `numerator` is."
        ),
    ]
    leg: Annotated[
        Literal["dscr", "ltv", "advance_rate"] | None,
        Meta(description="Which of its limits is the tighter or is meant, of a test that may have two."),
    ]


class DebtSchedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sized loan by payment date."""

    date: Annotated[list[date], Meta(description="Payment dates.")]
    interest: Annotated[list[float], unit("money"), Meta(description="Interest due, deal currency.")]
    principal: Annotated[
        list[float], unit("money"), Meta(description="Principal due without the balloon, deal currency.")
    ]
    balance: Annotated[
        list[float], unit("money"), Meta(description="Balance after the payment, deal currency.")
    ]
    dscr: Annotated[
        list[float | None], unit("ratio"), Meta(description="Cover of the period; null where nothing is due.")
    ]


class SizingOutcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sized loan, every test, and its schedule."""

    principal: Annotated[float, unit("money"), Meta(description="Sized principal, deal currency.")]
    value: Annotated[float | None, unit("money"), Meta(description="Value of the collateral, deal currency.")]
    balloon: Annotated[float, unit("money"), Meta(description="Principal due at maturity, deal currency.")]
    tests: Annotated[list[TestOutcome], Meta(description="Every test, in the order asked.")]
    schedule: Annotated[DebtSchedule, Meta(description="The loan by payment date.")]


class Attachment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A point in the capital structure, as a share of value and of debt."""

    value: Annotated[float | None, unit("ratio"), Meta(description="Debt down to this point over value.")]
    debt: Annotated[float | None, unit("ratio"), Meta(description="Debt down to this point over all debt.")]


class LimitOutcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One limit of a class, at the issued principals."""

    kind: Annotated[str, Meta(description="Kind of the limit.")]
    limit: Annotated[float, unit("as-stated"), Meta(description="The limit.")]
    actual: Annotated[
        float | None, unit("as-stated"), Meta(description="The figure for all debt down to the class.")
    ]
    met: Annotated[bool, Meta(description="Whether the limit is met.")]


class Tranche(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One class of notes: size, position, cover, life, yield and the loss it withstands."""

    name: Annotated[str, Meta(description="Name of the class.")]
    principal: Annotated[
        float, unit("money"), Meta(description="Principal, a multiple of the denomination, deal currency.")
    ]
    coupon: Annotated[
        float, unit("rate"), Meta(description="Coupon as contracted, at closing's index, a year.")
    ]
    attachment: Annotated[Attachment, Meta(description="Where the class begins.")]
    detachment: Annotated[Attachment, Meta(description="Where the class ends.")]
    credit_enhancement: Annotated[
        float | None,
        unit("share"),
        Meta(
            description="1 less cumulative loan to value: value that may be lost before the class is touched,"
            " equity included. Not the share of debt below it, as a conduit means it: `subordination`."
        ),
    ]
    subordination: Annotated[
        float | None,
        unit("share"),
        Meta(description="Debt below the class over all debt: 1 less detachment.debt, equity left out."),
    ]
    ltv: Annotated[float | None, unit("ratio"), Meta(description="Cumulative loan to value.")]
    dscr: Annotated[
        float | None, unit("ratio"), Meta(description="Cumulative debt service cover at closing.")
    ]
    debt_yield: Annotated[
        float | None, unit("rate"), Meta(description="Cumulative debt yield at closing, per year.")
    ]
    wal_to_ard: Annotated[
        float | None, unit("years"), Meta(description="Weighted average life, refinanced at the ARD, years.")
    ]
    wal_to_final: Annotated[
        float | None,
        unit("years"),
        Meta(description="Weighted average life of what is repaid, not refinanced, years; null if nothing."),
    ]
    duration: Annotated[float | None, unit("years"), Meta(description="Modified duration to the ARD, years.")]
    price: Annotated[float, unit("ratio"), Meta(description="Price per 1 of principal.")]
    yield_: Annotated[
        float | None,
        unit("rate"),
        Meta(description="Nominal monthly yield at the price to the ARD, per year."),
    ] = field(name="yield")
    window: Annotated[
        list[date] | None, Meta(description="First and last date principal is paid in the reported run.")
    ]
    break_even_haircut: Annotated[
        float | None,
        unit("share"),
        Meta(description="Least cut of net cash flow at which it loses; 1 if never, null if without one."),
    ]
    supports: Annotated[
        str | None, Meta(description="Category its cover supports; model-implied, not a rating.")
    ]
    limits: Annotated[list[LimitOutcome], Meta(description="Its limits at the issued principals.")] = []


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
