"""Answer of a book: its deals, what they share, when they mature, what a default and the cycle do to them."""

from datetime import date
from typing import Annotated

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from rackrate.deal.answers.portfolio_lines import written_elsewhere
from rackrate.deal.factor import Factor
from rackrate.deal.measures import unit


class BookClass(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A class as issued, and what its own waterfall leaves unpaid; deal currency."""

    name: Annotated[str, Meta(description="Name of the class.")]
    principal: Annotated[float, unit("money"), Meta(description="As issued.")]
    supports: Annotated[str | None, Meta(description="Best category that its cover and value support.")]
    principal_loss: Annotated[float, unit("money"), Meta(description="Principal unpaid after legal final.")]
    interest_unpaid: Annotated[
        float, unit("money"), Meta(description="Interest unpaid on the last payment date.")
    ]


class BookDeal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deal of the book at closing, in its sizing case, and its waterfall; deal currency."""

    row: Annotated[int, unit("count"), Meta(description="Its place among the documents, from 0.")]
    id: Annotated[str, Meta(description="Id of its underwriting.")]
    name: Annotated[str, Meta(description="Its name.")]
    currency: Annotated[str, Meta(description="Its currency.")]
    closing: Annotated[date, Meta(description="Its closing.")]
    sponsor: Annotated[str | None, Meta(description="Its sponsor.")]
    tenants: Annotated[int, unit("count"), Meta(description="Its tenants.")]
    facilities: Annotated[int, unit("count"), Meta(description="Its facilities.")]
    leases: Annotated[int, unit("count"), Meta(description="Its leases.")]
    principal: Annotated[float, unit("money"), Meta(description="Principal that its tests allow.")]
    issued: Annotated[
        float | None, unit("money"), Meta(description="Principal of its classes; null without a structure.")
    ]
    binding_test: Annotated[str, Meta(description="Test that sizes it.")]
    next_test: Annotated[str | None, Meta(description="The next tightest.")]
    dscr_closing: Annotated[float | None, unit("ratio"), Meta(description="Debt service cover at closing.")]
    dscr_minimum: Annotated[float | None, unit("ratio"), Meta(description="Least of rolling years.")]
    dscr_average: Annotated[float | None, unit("ratio"), Meta(description="Average of rolling years.")]
    ltv: Annotated[float | None, unit("ratio"), Meta(description="Principal over value.")]
    debt_yield: Annotated[float, unit("ratio"), Meta(description="Net cash flow over principal.")]
    noi: Annotated[float, unit("money/year"), Meta(description="Net operating income at closing.")]
    ncf: Annotated[float, unit("money/year"), Meta(description="Net cash flow at closing.")]
    value: Annotated[float, unit("money"), Meta(description="Value at closing.")]
    walt_years: Annotated[float, unit("years"), Meta(description="Weighted average lease term.")]
    effective_tenants: Annotated[
        float, unit("count"), Meta(description="Inverse of the Herfindahl index of rent.")
    ]
    top_tenant: Annotated[str | None, Meta(description="Obligor of most rent.")]
    top_tenant_share: Annotated[float, unit("share"), Meta(description="Its share of rent.")]
    billed_kw: Annotated[
        float, unit("kW"), Meta(description="Billed at closing, or at commencement if later.")
    ]
    annual_rent: Annotated[
        float, unit("money/year"), Meta(description="Rent of the same, a year, free rent ignored.")
    ]
    hedged_share: Annotated[
        float | None, unit("share"), Meta(description="Share of load hedged over the term.")
    ]
    index_share: Annotated[
        float | None,
        unit("share"),
        Meta(description="Share of the first year's load at the index with nobody behind it."),
    ]
    one_year_expected_loss: Annotated[
        float, unit("share"), Meta(description="Expected loss of rent to defaults within a year.")
    ]
    maturity: Annotated[date, Meta(description="When its debt matures.")]
    ard: Annotated[date | None, Meta(description="Its anticipated repayment date.")]
    legal_final: Annotated[date | None, Meta(description="Its legal final.")]
    ard_refinanced: Annotated[
        bool | None, Meta(description="Whether it is refinanced at the ARD; null where nothing is owed then.")
    ]
    least_dscr: Annotated[
        float | None, unit("ratio"), Meta(description="Least cover of actual service on a payment date.")
    ]
    first_trap: Annotated[date | None, Meta(description="First payment date on which cash is trapped.")]
    first_amortise: Annotated[
        date | None, Meta(description="First on which all classes amortise, a turbo included.")
    ]
    first_pik: Annotated[date | None, Meta(description="First on which interest is deferred.")]
    first_missed: Annotated[date | None, Meta(description="First on which interest is unpaid.")]
    principal_loss: Annotated[
        float | None, unit("money"), Meta(description="Principal unpaid after legal final.")
    ]
    warnings: Annotated[str, Meta(description="Distinct codes of its warnings, in order, by commas.")]
    first_trigger: Annotated[date | None, Meta(description="The earliest of trap, amortise and pik.")]
    classes: Annotated[list[BookClass], Meta(description="Its classes, most senior first.")]


class BookCounts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many documents and deals."""

    deals: Annotated[int, unit("count"), Meta(description="Documents.")]
    accepted: Annotated[int, unit("count"), Meta(description="Deals in the book.")]
    rejected: Annotated[int, unit("count"), Meta(description="Documents that are not.")]
    without_structure: Annotated[
        int,
        unit("count"),
        Meta(description="Accepted deals without a structure: in exposures, never in losses."),
    ]


class BookTotals(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sums over accepted deals at closing, reporting currency."""

    debt: Annotated[float, unit("money"), Meta(description="Issued, without a structure the principal.")]
    noi: Annotated[float, unit("money/year"), Meta(description="Net operating income.")]
    ncf: Annotated[float, unit("money/year"), Meta(description="Net cash flow.")]
    value: Annotated[float, unit("money"), Meta(description="Value.")]
    ltv: Annotated[float | None, unit("ratio"), Meta(description="Debt over value.")]
    debt_yield: Annotated[float | None, unit("ratio"), Meta(description="Net cash flow over debt.")]


class LettingExposure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands on one key: rent, kW and debt; reporting currency."""

    key: Annotated[str | None, Meta(description="The key; null for what has none.")]
    deals: Annotated[int, unit("count"), Meta(description="Deals that have it.")]
    annual_rent: Annotated[float, unit("money/year"), Meta(description="Rent a year.")]
    kw: Annotated[float, unit("kW"), Meta(description="Billed kW.")]
    debt: Annotated[float, unit("money"), Meta(description="Debt.")]
    share_annual_rent: Annotated[float, unit("share"), Meta(description="Share of all rent.")]
    share_kw: Annotated[float, unit("share"), Meta(description="Share of all kW.")]
    share_debt: Annotated[float, unit("share"), Meta(description="Share of all debt.")]


class EnergyExposure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands on one kind of contract or counterparty: energy of the first year, debt."""

    key: Annotated[str | None, Meta(description="The key; null for what has none.")]
    deals: Annotated[int, unit("count"), Meta(description="Deals that have it.")]
    mwh: Annotated[float, unit("MWh"), Meta(description="Energy.")]
    debt: Annotated[float, unit("money"), Meta(description="Debt, reporting currency.")]
    share_mwh: Annotated[float, unit("share"), Meta(description="Share of all energy.")]
    share_debt: Annotated[float, unit("share"), Meta(description="Share of all debt.")]


class DebtExposure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Debt that supports one category, reporting currency."""

    key: Annotated[str | None, Meta(description="The category; none where a class supports no category.")]
    deals: Annotated[int, unit("count"), Meta(description="Deals that have it.")]
    debt: Annotated[float, unit("money"), Meta(description="Debt.")]
    share_debt: Annotated[float, unit("share"), Meta(description="Share of all debt.")]


class Concentration(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure over all keys; indices and largest shares are of named keys."""

    total: Annotated[float, unit("as-stated"), Meta(description="Sum over all keys, the null key too.")]
    hhi: Annotated[float, unit("share"), Meta(description="Herfindahl index.")]
    effective: Annotated[float | None, unit("count"), Meta(description="Its inverse; null where it is 0.")]
    top_1: Annotated[float, unit("share"), Meta(description="Share of the largest.")]
    top_5: Annotated[float, unit("share"), Meta(description="Of the five largest.")]
    top_10: Annotated[float, unit("share"), Meta(description="Of the ten largest.")]


class LettingDimension(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rent, kW and debt by key: debt descending, then key, the null key last."""

    rows: Annotated[list[LettingExposure], Meta(description="Every key.")]
    annual_rent: Annotated[Concentration, Meta(description="Concentration of rent.")]
    kw: Annotated[Concentration, Meta(description="Concentration of kw.")]
    debt: Annotated[Concentration, Meta(description="Concentration of debt.")]


class EnergyDimension(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Energy and debt by key: debt descending, then key, the null key last."""

    rows: Annotated[list[EnergyExposure], Meta(description="Every key.")]
    mwh: Annotated[Concentration, Meta(description="Concentration of mwh.")]
    debt: Annotated[Concentration, Meta(description="Concentration of debt.")]


class PowerDimension(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Energy and debt by kind of contract, and what floats."""

    rows: Annotated[list[EnergyExposure], Meta(description="Every kind.")]
    mwh: Annotated[Concentration, Meta(description="Concentration of mwh.")]
    debt: Annotated[Concentration, Meta(description="Concentration of debt.")]
    index_share: Annotated[
        float | None, unit("share"), Meta(description="Share of load at the index with nobody behind it.")
    ]


class DebtDimension(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Debt by category."""

    rows: Annotated[list[DebtExposure], Meta(description="Every category.")]
    debt: Annotated[Concentration, Meta(description="Concentration of debt.")]


class BookExposures(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exposures of accepted deals at closing, by what deals share."""

    tenant: Annotated[LettingDimension, Meta(description="By obligor.")]
    sponsor: Annotated[LettingDimension, Meta(description="By sponsor.")]
    market: Annotated[LettingDimension, Meta(description="By leasing market.")]
    currency: Annotated[LettingDimension, Meta(description="By currency.")]
    category: Annotated[DebtDimension, Meta(description="By category that a class supports.")]
    power: Annotated[PowerDimension, Meta(description="By kind of power contract.")]
    counterparty: Annotated[EnergyDimension, Meta(description="By supplier of power.")]


class BookMaturity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One calendar year of the maturity wall, reporting currency."""

    year: Annotated[int, unit("none"), Meta(description="The year.")]
    deals: Annotated[int, unit("count"), Meta(description="Deals whose debt matures in it.")]
    debt: Annotated[float, unit("money"), Meta(description="Their debt.")]
    scheduled: Annotated[float, unit("money"), Meta(description="Principal scheduled in it, all deals.")]
    balloon: Annotated[float, unit("money"), Meta(description="Principal left at maturity in it.")]


class StressedClass(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A class under a default, beside its own run; deal currency."""

    name: Annotated[str, Meta(description="Name of the class.")]
    supports: Annotated[str | None, Meta(description="Category as underwritten.")]
    principal_loss: Annotated[float, unit("money"), Meta(description="Principal unpaid after legal final.")]
    base_principal_loss: Annotated[float, unit("money"), Meta(description="The same without the default.")]
    interest_unpaid: Annotated[
        float, unit("money"), Meta(description="Interest unpaid on the last payment date.")
    ]


class StressedDeal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deal under a default, its sizes held; deal currency."""

    row: Annotated[int, unit("count"), Meta(description="Its place among the documents.")]
    month: Annotated[int, unit("months"), Meta(description="Month of the default, from its closing.")]
    base_least_dscr: Annotated[
        float | None, unit("ratio"), Meta(description="Least cover without the default.")
    ]
    base_principal_loss: Annotated[float, unit("money"), Meta(description="Loss without it.")]
    least_dscr: Annotated[float | None, unit("ratio"), Meta(description="Least cover of actual service.")]
    first_trap: Annotated[date | None, Meta(description="First payment date on which cash is trapped.")]
    first_amortise: Annotated[date | None, Meta(description="First on which all classes amortise.")]
    first_pik: Annotated[date | None, Meta(description="First on which interest is deferred.")]
    first_trigger: Annotated[date | None, Meta(description="The earliest of them.")]
    first_missed: Annotated[date | None, Meta(description="First on which interest is unpaid.")]
    ard_refinanced: Annotated[
        bool | None, Meta(description="Whether it is refinanced at the ARD; null where nothing is owed then.")
    ]
    principal_loss: Annotated[float, unit("money"), Meta(description="Principal unpaid after legal final.")]
    classes: Annotated[list[StressedClass], Meta(description="Its classes.")]


class CategoryLoss(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Principal lost by classes of one category, reporting currency."""

    key: Annotated[str, Meta(description="The category.")]
    principal_loss: Annotated[float, unit("money"), Meta(description="Lost under the default.")]
    base_principal_loss: Annotated[float, unit("money"), Meta(description="Lost without.")]


class BookScenario(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An obligor's default in all deals that have it, reporting currency."""

    name: Annotated[str, Meta(description="The obligor, and when it defaults.")]
    obligor: Annotated[str, Meta(description="The obligor.")]
    deals: Annotated[int, unit("count"), Meta(description="Deals that have it and a structure.")]
    debt: Annotated[float, unit("money"), Meta(description="Their debt.")]
    least_dscr: Annotated[float | None, unit("ratio"), Meta(description="Least cover of all.")]
    triggered: Annotated[int, unit("count"), Meta(description="Deals with a trigger.")]
    missing_interest: Annotated[int, unit("count"), Meta(description="Deals that miss interest.")]
    losing: Annotated[int, unit("count"), Meta(description="Deals that lose principal.")]
    principal_loss: Annotated[float, unit("money"), Meta(description="Principal lost.")]
    base_principal_loss: Annotated[float, unit("money"), Meta(description="Lost without the default.")]
    categories: Annotated[list[CategoryLoss], Meta(description="By category.")]
    rows: Annotated[
        list[StressedDeal] | UnsetType, Meta(description="Every deal; left out of large books.")
    ] = UNSET


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


class BookReject(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document that is not in the book, and why."""

    row: Annotated[int, unit("count"), Meta(description="Its place among the documents, from 0.")]
    stage: Annotated[str, Meta(description="Where it was rejected.")]
    status: Annotated[int, unit("none"), Meta(description="HTTP status of its problem.")]
    problem: Annotated[Raw, written_elsewhere("What is wrong with it.", "ProblemDetails")]


class BookCaution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something a reader of the book should know."""

    code: Annotated[str, Meta(description="What kind of warning.")]
    message: Annotated[str, Meta(description="The warning in words.")]
    pointer: Annotated[str, Meta(description="JSON pointer into the request.")]


class BookRuleset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """House defaults that deals name."""

    name: Annotated[str, Meta(description="Name.")]
    sha256: Annotated[str, Meta(description="Hash of the file.")]


class BookAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to a book."""

    id: Annotated[
        str, Meta(description="Hash of engine, rulesets, what is asked and the deals' ids, hexadecimal.")
    ]
    engine: Annotated[str, Meta(description="Version of the engine.")]
    rulesets: Annotated[list[BookRuleset], Meta(description="House defaults used.")]
    currency: Annotated[str, Meta(description="Reporting currency.")]
    counts: Annotated[BookCounts, Meta(description="Documents and deals.")]
    totals: Annotated[BookTotals, Meta(description="Sums at closing.")]
    deals: Annotated[
        list[BookDeal] | UnsetType, Meta(description="Every accepted deal; left out of large books.")
    ] = UNSET
    exposures: Annotated[BookExposures, Meta(description="What deals share.")]
    maturities: Annotated[list[BookMaturity], Meta(description="The maturity wall.")]
    scenarios: Annotated[
        list[BookScenario] | None, Meta(description="Defaults of obligors, as asked; null if none was.")
    ]
    simulation: Annotated[BookLosses | None, Meta(description="Joint losses, if asked.")]
    rejects: Annotated[list[BookReject], Meta(description="Documents that are not in the book.")]
    warnings: Annotated[list[BookCaution], Meta(description="What a reader should know.")]
