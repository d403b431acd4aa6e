"""Figures of a pool's answer: loans, concentration, collateral, certificates; null where undefined."""

from datetime import date
from datetime import date as day
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from rackrate.deal.answers.figures import Attachment, LossDistribution, RulesetStamp
from rackrate.deal.measures import unit


class PoolSummary(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The figures asked for first, at closing in the issuer's case."""

    count: Annotated[int, unit("count"), Meta(description="Number of loans.")]
    balance: Annotated[float, unit("money"), Meta(description="Balance at closing, currency of the pool.")]
    issued: Annotated[
        float | None, unit("money"), Meta(description="Sum of the classes; null without a structure.")
    ]
    wa_rate: Annotated[
        float | None, unit("rate"), Meta(description="Interest, weighted by balance, per year.")
    ]
    wa_net_rate: Annotated[
        float | None, unit("rate"), Meta(description="Interest less fees, weighted, per year.")
    ]
    wa_term_months: Annotated[float | None, unit("months"), Meta(description="Months to maturity, weighted.")]
    wa_dscr: Annotated[float | None, unit("ratio"), Meta(description="Debt service cover, weighted.")]
    wa_ltv: Annotated[float | None, unit("ratio"), Meta(description="Loan to value, weighted.")]
    wa_debt_yield: Annotated[float | None, unit("rate"), Meta(description="Debt yield, weighted, per year.")]
    wa_all_in_ltv: Annotated[
        float | None, unit("ratio"), Meta(description="Loan to value with debt behind, weighted.")
    ]
    dscr: Annotated[float | None, unit("ratio"), Meta(description="Cover of the pool as one loan.")]
    ltv: Annotated[float | None, unit("ratio"), Meta(description="Loan to value of the pool as one loan.")]
    effective_loans: Annotated[
        float, unit("count"), Meta(description="Inverse of the concentration index of loans.")
    ]
    effective_groups: Annotated[float, unit("count"), Meta(description="Inverse of that of obligor groups.")]
    top_1_share: Annotated[float, unit("share"), Meta(description="Share of the largest loan.")]
    top_5_share: Annotated[float, unit("share"), Meta(description="Share of the five largest.")]
    top_10_share: Annotated[float, unit("share"), Meta(description="Share of the ten largest.")]


class LoanCase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One loan in one case; income and value are of the whole property."""

    case: Annotated[str, Meta(description="Name of the case.")]
    noi: Annotated[float, unit("money/year"), Meta(description="Net operating income at closing, per year.")]
    ncf: Annotated[float, unit("money/year"), Meta(description="Net cash flow at closing, per year.")]
    value: Annotated[float, unit("money"), Meta(description="Value.")]
    service: Annotated[float, unit("money/year"), Meta(description="Service of the first contract year.")]
    dscr: Annotated[
        float | None, unit("ratio"), Meta(description="Cover on net cash flow and actual service.")
    ]
    dscr_noi: Annotated[float | None, unit("ratio"), Meta(description="Cover on net operating income.")]
    dscr_interest_only: Annotated[
        float | None, unit("ratio"), Meta(description="Cover of a year's interest.")
    ]
    dscr_amortising: Annotated[
        float | None, unit("ratio"), Meta(description="Cover of level payments over thirty years.")
    ]
    ltv: Annotated[float | None, unit("ratio"), Meta(description="Whole loan to value.")]
    debt_yield: Annotated[
        float | None, unit("rate"), Meta(description="Net cash flow over balance, per year.")
    ]
    all_in_ltv: Annotated[float | None, unit("ratio"), Meta(description="Loan to value with debt behind it.")]
    all_in_dscr: Annotated[float | None, unit("ratio"), Meta(description="Cover with debt behind it.")]


class ReportedFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the tape says, beside what is computed in the issuer's case."""

    dscr: Annotated[float | None, unit("ratio"), Meta(description="Cover as reported.")]
    ltv: Annotated[float | None, unit("ratio"), Meta(description="Loan to value as reported.")]
    dscr_difference: Annotated[float | None, unit("ratio"), Meta(description="Computed less reported.")]
    ltv_difference: Annotated[float | None, unit("ratio"), Meta(description="Computed less reported.")]


class LoanOutcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of a loan in the reported scenario, by mass."""

    status: Annotated[
        Literal["repaid", "prepaid", "defaulted", "unresolved"], Meta(description="What most of it does.")
    ]
    month: Annotated[int | None, unit("months"), Meta(description="Month of its last cash.")]
    defaulted: Annotated[float, unit("share"), Meta(description="Share that defaults.")]
    prepaid: Annotated[float, unit("share"), Meta(description="Share that prepays.")]
    repaid: Annotated[
        float, unit("share"), Meta(description="Share repaid by contract, refinanced or called.")
    ]
    loss: Annotated[float, unit("money"), Meta(description="Realised loss.")]
    extended: Annotated[bool, Meta(description="Whether any of it is there past maturity.")]


class LoanFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One loan: its place in the pool, its figures by case, what becomes of it."""

    id: Annotated[str, Meta(description="Identifier of the loan.")]
    balance: Annotated[float, unit("money"), Meta(description="Balance at closing.")]
    share: Annotated[float, unit("share"), Meta(description="Share of the pool.")]
    group: Annotated[int, unit("count"), Meta(description="Place of its obligor group.")]
    maturity_month: Annotated[int, unit("months"), Meta(description="Months to maturity.")]
    reported: Annotated[ReportedFigures | None, Meta(description="What the tape says.")]
    cases: Annotated[list[LoanCase], Meta(description="Figures by case.")]
    capacity: Annotated[dict[str, float], unit("money"), Meta(description="What each category would lend.")]
    credit_enhancement: Annotated[
        dict[str, float], unit("share"), Meta(description="1 less capacity over balance.")
    ]
    one_year_pd: Annotated[float, unit("probability"), Meta(description="Default probability within a year.")]
    outcome: Annotated[LoanOutcome, Meta(description="What becomes of it in the reported scenario.")]


class CategoryCapacity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rating category carries of the pool; model-implied, not a rating."""

    category: Annotated[str, Meta(description="The category.")]
    ce_loan: Annotated[
        float, unit("share"), Meta(description="Credit enhancement the loans ask for, weighted.")
    ]
    ce: Annotated[float, unit("share"), Meta(description="Credit enhancement of the pool.")]
    principal: Annotated[float, unit("money"), Meta(description="Largest principal.")]


class PoolTestOutcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One test of the pool."""

    kind: Annotated[str, Meta(description="Kind of the test.")]
    name: Annotated[str, Meta(description="Its name, or its kind.")]
    limit: Annotated[float, unit("as-stated"), Meta(description="Its limit.")]
    by: Annotated[str | None, Meta(description="Of what the largest are counted.")]
    top: Annotated[int | None, unit("count"), Meta(description="How many of them.")]
    case: Annotated[str, Meta(description="Case measured in.")]
    actual: Annotated[float | None, unit("as-stated"), Meta(description="The tested figure.")]
    slack: Annotated[
        float | None,
        unit("as-stated"),
        Meta(description="How far it is from the limit, on the passing side."),
    ]
    passes: Annotated[bool, Meta(description="Whether it passes.")]


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


class CollateralRun(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the loans bring in the reported scenario, by payment date."""

    scenario: Annotated[str, Meta(description="Name of the scenario.")]
    date: Annotated[list[date], Meta(description="Payment dates.")]
    interest: Annotated[list[float], unit("money"), Meta(description="Interest of performing loans.")]
    strip: Annotated[list[float], unit("money"), Meta(description="Servicing and trustee fees taken of it.")]
    scheduled: Annotated[list[float], unit("money"), Meta(description="Scheduled principal.")]
    prepaid: Annotated[list[float], unit("money"), Meta(description="Principal prepaid.")]
    balloon: Annotated[
        list[float], unit("money"), Meta(description="Balloons, and what a clean-up call buys.")
    ]
    premiums: Annotated[list[float], unit("money"), Meta(description="Prepayment premiums.")]
    interest_advanced: Annotated[
        list[float], unit("money"), Meta(description="Interest the servicer advances.")
    ]
    principal_advanced: Annotated[
        list[float], unit("money"), Meta(description="Principal the servicer advances.")
    ]
    reimbursed: Annotated[list[float], unit("money"), Meta(description="Advances reimbursed from sales.")]
    advance_interest: Annotated[
        list[float], unit("money"), Meta(description="Interest on advances, from sales.")
    ]
    interest_recovered: Annotated[
        list[float], unit("money"), Meta(description="Interest recovered from sales.")
    ]
    principal_recovered: Annotated[
        list[float], unit("money"), Meta(description="Principal recovered; may be negative.")
    ]
    special_servicing: Annotated[list[float], unit("money"), Meta(description="Special servicing fees.")]
    realised_loss: Annotated[list[float], unit("money"), Meta(description="Realised losses.")]
    appraisal_reduction: Annotated[
        list[float], unit("money"), Meta(description="Appraisal reductions in force.")
    ]
    advances_outstanding: Annotated[
        list[float], unit("money"), Meta(description="Advances outstanding after the month.")
    ]
    pool_rate: Annotated[
        list[float], unit("as-stated"), Meta(description="Net rate of the month, per month.")
    ]
    balance: Annotated[list[float], unit("money"), Meta(description="Stated balance after the month.")]
    defaulted: Annotated[list[float], unit("money"), Meta(description="Defaulted part of it.")]
    called: Annotated[day | None, Meta(description="Date of the clean-up call; null for none.")]
    unresolved: Annotated[float, unit("money"), Meta(description="Stated balance left after the last month.")]


class CertificateRun(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One class by payment date."""

    name: Annotated[str, Meta(description="Name of the class.")]
    coupon: Annotated[
        list[float], unit("rate"), Meta(description="Coupon, per year; of a strip on its notional.")
    ]
    interest_due: Annotated[
        list[float], unit("money"), Meta(description="Interest due, unpaid interest included.")
    ]
    interest_paid: Annotated[list[float], unit("money"), Meta(description="Interest paid.")]
    interest_unpaid: Annotated[
        list[float], unit("money"), Meta(description="Interest unpaid after the month.")
    ]
    principal_paid: Annotated[list[float], unit("money"), Meta(description="Principal paid.")]
    premium_paid: Annotated[list[float], unit("money"), Meta(description="Prepayment premiums paid.")]
    reimbursed: Annotated[list[float], unit("money"), Meta(description="Written-down principal made good.")]
    written_down: Annotated[list[float], unit("money"), Meta(description="Principal written down.")]
    balance: Annotated[list[float], unit("money"), Meta(description="Balance after the month.")]
    principal_loss: Annotated[float, unit("money"), Meta(description="Principal never repaid.")]


class PoolWaterfall(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The certificates in the reported scenario, by payment date."""

    scenario: Annotated[str, Meta(description="Name of the scenario.")]
    date: Annotated[list[date], Meta(description="Payment dates.")]
    cash: Annotated[list[float], unit("money"), Meta(description="Interest and principal funds.")]
    fees: Annotated[list[float], unit("money"), Meta(description="Fees paid.")]
    reserve: Annotated[list[float], unit("money"), Meta(description="Reserve after the month.")]
    residual: Annotated[list[float], unit("money"), Meta(description="What is left for the residual.")]
    premiums_residual: Annotated[
        list[float], unit("money"), Meta(description="Premiums left for the residual.")
    ]
    deficit: Annotated[
        list[float], unit("money"), Meta(description="Negative cash carried to the next month.")
    ]
    tripped: Annotated[list[bool], Meta(description="Whether a trigger is tripped.")]
    controlling: Annotated[list[str | None], Meta(description="Controlling class; null for none.")]
    classes: Annotated[list[CertificateRun], Meta(description="Every class.")]


class FirstLossPoint(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a class is first left unpaid."""

    value: Annotated[float | None, unit("as-stated"), Meta(description="The point; null unless solved.")]
    status: Annotated[
        Literal["solved", "never", "at_once", "not_applicable"], Meta(description="What was found.")
    ]


class ClassBreakEven(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far each may go before a class is left unpaid, in the reported scenario."""

    cdr_multiple: Annotated[FirstLossPoint, Meta(description="Multiple of the default rates.")]
    severity: Annotated[FirstLossPoint, Meta(description="Severity of every default.")]
    ncf_haircut: Annotated[FirstLossPoint, Meta(description="Uniform cut of net cash flow and values.")]


class CertificateFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One class: size, position, cover, life, yield, and the stress it withstands."""

    name: Annotated[str, Meta(description="Name of the class.")]
    principal: Annotated[float, unit("money"), Meta(description="Principal; 0 of a strip.")]
    notional: Annotated[float | None, unit("money"), Meta(description="Notional of a strip.")]
    rank: Annotated[int | None, unit("count"), Meta(description="Rank; null of a strip.")]
    coupon: Annotated[float | None, unit("rate"), Meta(description="Coupon of the first month, per year.")]
    price: Annotated[float, unit("ratio"), Meta(description="Price per 1 of principal or notional.")]
    yield_: Annotated[float | None, unit("rate"), Meta(description="Nominal monthly yield, per year.")] = (
        field(name="yield")
    )
    duration: Annotated[float | None, unit("years"), Meta(description="Modified duration, years.")]
    attachment: Annotated[Attachment | None, Meta(description="Where the class begins.")]
    detachment: Annotated[Attachment | None, Meta(description="Where the class ends.")]
    credit_enhancement: Annotated[
        float | None, unit("share"), Meta(description="Share of the pool behind it.")
    ]
    ltv: Annotated[float | None, unit("ratio"), Meta(description="Cumulative loan to value.")]
    dscr: Annotated[float | None, unit("ratio"), Meta(description="Cumulative debt service cover.")]
    debt_yield: Annotated[float | None, unit("rate"), Meta(description="Cumulative debt yield, per year.")]
    supports: Annotated[str | None, Meta(description="Best category it fits; model-implied, not a rating.")]
    wal: Annotated[
        float | None, unit("years"), Meta(description="Weighted average life, reported scenario, years.")
    ]
    wal_contract: Annotated[
        float | None, unit("years"), Meta(description="Weighted average life by contract, years.")
    ]
    window: Annotated[list[date] | None, Meta(description="First and last date principal is paid.")]
    principal_loss: Annotated[float, unit("money"), Meta(description="Principal never repaid.")]
    interest_unpaid: Annotated[float, unit("money"), Meta(description="Interest never paid.")]
    break_even: Annotated[ClassBreakEven | None, Meta(description="Break-evens; null of a strip.")]


class RetainedClass(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is retained of a class."""

    name: Annotated[str, Meta(description="Name of the class.")]
    principal: Annotated[
        float, unit("money"), Meta(description="Principal, or notional of a strip, retained.")
    ]


class RetentionFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Risk retention."""

    kind: Annotated[Literal["vertical", "horizontal"], Meta(description="Of every class, or of the last.")]
    share: Annotated[float, unit("share"), Meta(description="Share asked for.")]
    fair_value: Annotated[float, unit("money"), Meta(description="Fair value of all classes.")]
    retained_share: Annotated[float, unit("share"), Meta(description="Share retained.")]
    passes: Annotated[bool, Meta(description="Whether that is enough.")]
    retained: Annotated[list[RetainedClass], Meta(description="By class.")]


class ScenarioClass(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One class in one scenario."""

    name: Annotated[str, Meta(description="Name of the class.")]
    wal: Annotated[float | None, unit("years"), Meta(description="Weighted average life, years.")]
    principal_loss: Annotated[float, unit("money"), Meta(description="Principal never repaid.")]
    interest_unpaid: Annotated[float, unit("money"), Meta(description="Interest never paid.")]


class ScenarioFigures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One scenario in a line."""

    name: Annotated[str, Meta(description="Name of the scenario.")]
    defaulted_share: Annotated[float, unit("share"), Meta(description="Share of the pool that defaults.")]
    collateral_loss: Annotated[float, unit("money"), Meta(description="Realised losses.")]
    loss_share: Annotated[
        float, unit("share"), Meta(description="Realised losses over the balance at closing.")
    ]
    unresolved: Annotated[float, unit("money"), Meta(description="Stated balance left after the last month.")]
    classes: Annotated[list[ScenarioClass], Meta(description="Every class.")]


PoolWarning = Literal[
    "reported_differs",
    "case_without_effect",
    "in_arrears",
    "matures_after_final_less_extension",
    "unresolved_at_final",
    "pool_test_failed",
    "few_effective_groups",
    "top_loan_above_15_percent",
    "pari_passu_all_in_above_1",
    "extends",
    "negative_recovery",
    "advances_stopped",
    "retention_fails",
    "classes_out_of_order",
    "ground_coverage_low",
    "gltv_high",
    "implausible",
]


class PoolCaution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something a reader of the figures should know, and where in the request it comes from."""

    code: Annotated[PoolWarning, Meta(description="What kind of warning.")]
    message: Annotated[str, Meta(description="The warning in words.")]
    pointer: Annotated[str, Meta(description="JSON pointer into the request.")]


class PoolUnderwriting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to a pool of loans."""

    id: Annotated[str, Meta(description="Hash of engine version, rulesets and request, hexadecimal.")]
    engine: Annotated[str, Meta(description="Version of the engine.")]
    ruleset: Annotated[RulesetStamp, Meta(description="House defaults used.")]
    pool_ruleset: Annotated[RulesetStamp, Meta(description="House defaults of pools used.")]
    summary: Annotated[PoolSummary, Meta(description="The figures asked for first.")]
    loans: Annotated[list[LoanFigures], Meta(description="Every loan.")]
    capacity: Annotated[list[CategoryCapacity], Meta(description="What each category carries.")]
    tests: Annotated[list[PoolTestOutcome], Meta(description="Tests of the pool, in the order asked.")]
    concentration: Annotated[PoolConcentrationFigures, Meta(description="How the balance is spread.")]
    collateral: Annotated[CollateralRun, Meta(description="The loans in the reported scenario.")]
    waterfall: Annotated[
        PoolWaterfall | None, Meta(description="The certificates; null without a structure.")
    ]
    tranches: Annotated[list[CertificateFigures], Meta(description="The classes; none without a structure.")]
    retention: Annotated[RetentionFigures | None, Meta(description="Risk retention; null if not asked for.")]
    scenarios: Annotated[list[ScenarioFigures], Meta(description="Every scenario.")]
    warnings: Annotated[list[PoolCaution], Meta(description="What a reader should know.")]
