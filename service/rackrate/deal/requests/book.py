"""Request of a book: many deals, what they are reported in, whose default is asked, how losses are run."""

import datetime
from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Raw, Struct

from rackrate.deal.errors import FieldError
from rackrate.deal.factor import Factor
from rackrate.deal.measures import unit
from rackrate.deal.units import Currency, Identifier

MOST_DEALS = 1000  # of one request, and up to which a book's answer has a row a deal
MOST_SCENARIOS = 20
MOST_PATHS = 1_000_000
MOST_KEPT = 50_000  # paths of which each deal's losses are kept; of more only the book's tail is
LAST_MONTH = 1200


class ObligorDefault(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An obligor's default in all deals that have it as a tenant, or that of each of the largest obligors."""

    obligor: Annotated[
        Identifier | None, Meta(description="Key of the obligor: a tenant's, else its id.")
    ] = None
    top: Annotated[
        Annotated[int, Meta(ge=1, le=MOST_SCENARIOS)] | None,
        unit("count"),
        Meta(description="The largest obligors by debt, each a scenario, instead."),
    ] = None
    month: Annotated[
        Annotated[int, Meta(ge=0, le=LAST_MONTH)] | None,
        unit("months"),
        Meta(description="Month of each deal, from its closing."),
    ] = None
    date: Annotated[
        datetime.date | None, Meta(description="Day, the same for all deals, instead of a month.")
    ] = None


class BookSimulation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Simulated paths of all deals together: the cycle, and each obligor, is drawn once for all of them."""

    paths: Annotated[
        int,
        unit("count"),
        Meta(ge=100, le=MOST_PATHS, description="Paths, an even number: they come in pairs."),
    ]
    seed: Annotated[int, unit("none"), Meta(ge=0, le=2**63 - 1, description="Seed of the random numbers.")]
    factor: Annotated[Factor, Meta(description="The terms of the one-factor model.")]

    @property
    def tail_only(self) -> bool:
        """Whether deals' losses are kept on the worst paths of the book only, which are run twice."""
        return self.paths > MOST_KEPT


class Align(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From when chance runs in all deals of a simulation."""

    as_of: Annotated[
        datetime.date, Meta(description="Day from which hazards, rents and power move, in every deal.")
    ]


_Rate = Annotated[float, Meta(gt=0.0, le=1e9)]


class BookTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked of a book, beside its deals."""

    currency: Annotated[Currency, Meta(description="Reporting currency, ISO 4217 code.")]
    fx: Annotated[
        dict[Currency, _Rate],
        unit("ratio"),
        Meta(max_length=200, description="Units of the reporting currency for 1 of each other."),
    ] = {}
    scenarios: Annotated[
        Annotated[list[ObligorDefault], Meta(max_length=MOST_SCENARIOS)] | None,
        Meta(description="Defaults of obligors."),
    ] = None
    simulation: Annotated[BookSimulation | None, Meta(description="Simulated losses, if they are asked.")] = (
        None
    )
    align: Annotated[Align | None, Meta(description="A day from which chance runs; else each closing.")] = (
        None
    )

    def rate(self, currency: str) -> float | None:
        """Units of the reporting currency for 1 of another; None where it is not stated."""
        return 1.0 if currency == self.currency else self.fx.get(currency)


class BookRequest(BookTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Many deals as one book."""

    deals: Annotated[
        list[Raw],
        Meta(
            description="At most 1,000 deals, as /v1/underwritings takes them; a bad one is a reject.",
        ),
    ]


def terms_of(request: BookRequest) -> BookTerms:
    """What is asked of a book, its deals apart."""
    return BookTerms(**{name: getattr(request, name) for name in BookTerms.__struct_fields__})


def book_faults(terms: BookTerms) -> Iterator[FieldError]:
    """Yield what contradicts itself in what is asked of a book."""
    expanded = 0
    for i, asked in enumerate(terms.scenarios or ()):
        expanded += asked.top or 1
        if (asked.obligor is None) == (asked.top is None):
            yield FieldError(f"/scenarios/{i}", "names an obligor, or how many of the largest: one of them")
        if (asked.month is None) == (asked.date is None):
            yield FieldError(f"/scenarios/{i}", "has a month, or a date: one of them")
    if expanded > MOST_SCENARIOS:
        yield FieldError("/scenarios", f"{expanded} scenarios, at most {MOST_SCENARIOS} are run")
    if terms.fx.get(terms.currency, 1.0) != 1.0:
        yield FieldError(f"/fx/{terms.currency}", "is the reporting currency: 1 of it is 1")
    if terms.simulation is not None and terms.simulation.paths % 2:
        yield FieldError("/simulation/paths", f"{terms.simulation.paths} is odd: paths come in pairs")
