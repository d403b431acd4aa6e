"""The answer to a pool of loans: summary, capacity, tests, collateral, scenarios; null where undefined."""

from datetime import date
from datetime import date as day
from typing import Annotated, Literal

from msgspec import Meta, Struct

from rackrate.deal.answers.figures import RulesetStamp
from rackrate.deal.answers.pools.certificates import CertificateFigures, PoolWaterfall, RetentionFigures
from rackrate.deal.answers.pools.concentration import PoolConcentrationFigures
from rackrate.deal.answers.pools.loans import LoanFigures
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
