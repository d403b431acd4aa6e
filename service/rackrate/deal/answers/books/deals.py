"""What a book says of a deal."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Raw, Struct

from rackrate.deal.answers.portfolio_lines import written_elsewhere
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
