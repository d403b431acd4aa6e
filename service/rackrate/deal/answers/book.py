"""Answer of a book: its deals, what they share, when they mature, what a default and the cycle do to them."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from rackrate.deal.answers.books.deals import BookCaution, BookDeal, BookReject
from rackrate.deal.answers.books.exposures import BookExposures, BookMaturity
from rackrate.deal.answers.books.losses import BookLosses
from rackrate.deal.answers.books.scenarios import BookScenario
from rackrate.deal.measures import unit


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
