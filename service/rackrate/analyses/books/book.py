"""Underwrite a book of at most a thousand deals: what `POST /v1/books` answers."""

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from rackrate.analyses.books.assembly import (
    Accepted,
    asked_defaults,
    assemble,
    book_id,
    check_currencies,
)
from rackrate.analyses.books.deal_rows import DealRows
from rackrate.analyses.books.defaults import Stressed
from rackrate.analyses.books.joint_losses import JointLosses
from rackrate.analyses.books.simulated import Simulated
from rackrate.analyses.books.stages import (
    LIMITS,
    Document,
    Limits,
    OnFault,
    Rejected,
    identified,
    lose,
    simulate,
    stress,
    underwrite,
)
from rackrate.analyses.problems import Problem
from rackrate.deal.answers.book import BookAnswer
from rackrate.deal.requests.book import BookRequest, BookTerms, terms_of
from rackrate.engine.book.exposures import Exposures

Done = TypeVar("Done")
Progress = Callable[[int, int], None]


def raised(error: Exception, _: str) -> Problem:
    """Let a fault of the program be one of the whole request, which is logged where it was asked."""
    raise error


def underwrite_book(
    request: BookRequest,
    *,
    progress: Progress | None = None,
    on_fault: OnFault = raised,
    limits: Limits = LIMITS,
) -> BookAnswer:
    """Underwrite a book: exposures, maturities, obligors' defaults and joint losses of its deals.

    Parameters
    ----------
    progress : callable
        Told the deals done in all stages, and those to be done.
    on_fault : callable
        What becomes of a fault of the program.

    Raises
    ------
    Invalid
        If a deal is in a currency without a rate, naming it.
    """
    terms = terms_of(request)
    documents = [Document(row, f"deal {row}", bytes(raw)) for row, raw in enumerate(request.deals)]
    told = _Told(progress, len(documents) * _stages(terms))
    found = [told.after(underwrite(document, terms, on_fault, limits)) for document in documents]
    deals = [one for one in found if isinstance(one, DealRows)]
    rejects = [one for one in found if isinstance(one, Rejected)]
    check_currencies(terms, {deal.datasets["deals"][0]["currency"] for deal in deals})
    first = Exposures()
    for deal in deals:
        first.add(deal.row, deal.exposed)
    defaults = asked_defaults(terms, first)
    left = [documents[deal.row] for deal in deals]
    stressed: list[Stressed] = []
    if defaults:
        left, runs = _stage(left, lambda one: told.after(stress(one, terms, defaults, on_fault)), rejects)
        stressed = [run for of_deal in runs for run in of_deal]
    joint = None if terms.simulation is None else JointLosses(terms.simulation)
    simulated: list[Simulated] = []
    if joint is not None:
        left, simulated = _simulated(
            joint, left, terms, lambda one: simulate(one, terms, on_fault), rejects, told
        )
    rows = {document.row for document in left}
    accepted = Accepted(keep=True)
    for deal in deals:
        if deal.row in rows:
            accepted.add(deal)
    rulesets = {one.ruleset for one in found if one.ruleset is not None}
    return assemble(
        terms,
        accepted,
        sorted(rejects, key=lambda one: one.row),
        defaults,
        [one for one in stressed if one.deal["row"] in rows],
        joint,
        lambda: simulated,
        id=book_id(terms, rulesets, (one.id for one in found)),
        rulesets=rulesets,
    )


def _stages(terms: BookTerms) -> int:
    """How often a document is worked on."""
    asked = terms.simulation
    return 1 + bool(terms.scenarios) + (0 if asked is None else 1 + asked.tail_only)


def _simulated(
    joint: JointLosses,
    documents: list[Document],
    terms: BookTerms,
    run: Callable[[Document], Simulated | Rejected | None],
    rejects: list[Rejected],
    told: "_Told",
) -> tuple[list[Document], list[Simulated]]:
    """Simulate documents into joint losses; what is left of them, and deals with the losses that are kept."""

    def one(document: Document) -> Simulated | Rejected | None:
        found = told.after(run(document))
        return joint.add(found) if isinstance(found, Simulated) else found

    left, found = _stage(documents, one, rejects)
    deals = [deal for deal in found if deal is not None]
    if not joint.tail_only:
        return left, deals
    kept, by_row = joint.kept(), {document.row: document for document in left}
    lost = (told.after(lose(by_row[deal.row], terms, kept)) for deal in deals)
    return left, [replace(deal, losses=losses) for deal, losses in zip(deals, lost, strict=True)]


def _stage(
    documents: list[Document], run: Callable[[Document], Done | Rejected], rejects: list[Rejected]
) -> tuple[list[Document], list[Done]]:
    """Run a stage on every document; those that it rejects are in no later one."""
    left, found = [], []
    for document in documents:
        done = run(document)
        if isinstance(done, Rejected):
            rejects.append(done)
        else:
            left.append(document)
            found.append(done)
    return left, found


class _Told:
    """How far a book has come."""

    def __init__(self, progress: Progress | None, of: int) -> None:
        self._progress, self._of, self._done = progress, of, 0

    def after(self, done: Done) -> Done:
        """Tell that one more deal is done in a stage."""
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._of)
        return done


def id_of_book(request: BookRequest) -> str:
    """Id of the answer, known before it is computed: a document that can be read has its underwriting's."""
    ids, rulesets = list[str](), set[tuple[str, str]]()
    for row, raw in enumerate(request.deals):
        id_, ruleset = identified(Document(row, f"deal {row}", bytes(raw)))
        ids.append(id_)
        rulesets |= {ruleset} if ruleset is not None else set()
    return book_id(terms_of(request), rulesets, ids)
