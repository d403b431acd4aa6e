"""One loan of a pool: its figures by case, what the tape says, what becomes of it."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from rackrate.deal.measures import unit


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
