"""Request and answer of a comparison: one deal under several templates, or beside another deal."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct, field

from rackrate.deal.answers.figures import RulesetStamp, Summary
from rackrate.deal.answers.runs import ArdEvent
from rackrate.deal.answers.tranches import Tranche
from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.structure import TEMPLATE_NAMES, Template
from rackrate.deal.units import repeated


class ComparisonRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deal with a structure and the templates to pay it through instead of its own steps; another deal."""

    deal: Annotated[Deal, Meta(description="The deal; its structure's own template and steps are set aside.")]
    templates: Annotated[
        list[Template],
        Meta(max_length=4, description="Templates, in the order answered; none only beside another deal."),
    ] = field(default_factory=lambda: list(TEMPLATE_NAMES))
    against: Annotated[
        Deal | None,
        Meta(description="Another deal, or the same with another structure, to tell the differences to."),
    ] = None


class TriggerEvents(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Periods in which each trigger was on."""

    trap: Annotated[int, unit("count"), Meta(description="Periods in which cash was trapped.")]
    amortise: Annotated[
        int,
        unit("count"),
        Meta(description="Periods in which classes amortised by trigger or after the ARD."),
    ]
    pik: Annotated[int, unit("count"), Meta(description="Periods in which deferrable interest was deferred.")]


class Compared(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One template's outcome."""

    template: Annotated[Template, Meta(description="The template.")]
    tranches: Annotated[list[Tranche], Meta(description="The classes under it.")]
    triggers: Annotated[TriggerEvents, Meta(description="How long its triggers were on.")]
    ard: Annotated[
        ArdEvent | None,
        Meta(
            description="Anticipated repayment; null if nothing was outstanding, or the ARD is legal final."
        ),
    ]
    sale: Annotated[
        float, unit("money"), Meta(description="Sale proceeds at legal final net of costs, deal currency.")
    ]
    equity: Annotated[float, unit("money"), Meta(description="Paid to equity over the run, deal currency.")]
    reserve_low: Annotated[
        float, unit("money"), Meta(description="Least liquidity reserve while debt is outstanding.")
    ]
    principal_loss: Annotated[
        float, unit("money"), Meta(description="Principal unpaid after legal final, deal currency.")
    ]
    interest_unpaid: Annotated[
        float, unit("money"), Meta(description="Interest unpaid after legal final, deal currency.")
    ]


Figure = Annotated[float, unit("as-stated")] | str | bool | None


class Difference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One figure or word in which two deals differ; null where it is not there."""

    path: Annotated[
        str,
        Meta(
            description="Its place, entries of lists by their name: `tranches/B/principal`. Of those that "
            "share a name the second is `NAME#2`; those without one are `#1`, `#2`."
        ),
    ]
    deal: Annotated[Figure, Meta(description="In the deal; a list or an object as JSON text.")]
    against: Annotated[Figure, Meta(description="In the other; a list or an object as JSON text.")]


class Differences(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What differs between two deals, in the order of their documents; nothing else is told."""

    terms: Annotated[list[Difference], Meta(description="In the deals as asked, defaults written out.")]
    figures: Annotated[list[Difference], Meta(description="In their underwritings, series left out.")]


class Comparison(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer to a comparison: the loan is the same under each template, its payments are not."""

    id: Annotated[str, Meta(description="Hash of engine version, ruleset and request, hexadecimal.")]
    engine: Annotated[str, Meta(description="Version of the engine.")]
    ruleset: Annotated[RulesetStamp, Meta(description="House defaults used.")]
    summary: Annotated[Summary, Meta(description="The figures asked for first.")]
    templates: Annotated[list[Compared], Meta(description="The outcomes, in the order asked.")]
    differences: Annotated[
        Differences | None, Meta(description="To the other deal; null where there is none.")
    ] = None


def comparison_faults(request: ComparisonRequest) -> Iterator[FieldError]:
    """Yield what contradicts itself in a comparison, its deal apart."""
    yield from repeated(list(request.templates), "/templates/{}", "the template")
    if request.templates and request.deal.structure is None:
        yield FieldError("/deal/structure", "a comparison of templates needs a structure")
    if not request.templates and request.against is None:
        yield FieldError("/templates", "needs a template, or against")
    if request.against is not None and request.against.ruleset != request.deal.ruleset:
        yield FieldError("/against/ruleset", f"must be the deal's, {request.deal.ruleset}")
