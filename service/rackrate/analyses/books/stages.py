"""Stages of a book, a document at a time: underwrite it, stress it by obligors' defaults, simulate it."""

# Design: a stage is a function of the document and of what is asked, so that it can run anywhere and again.
# What it gives is plain data. A document that is refused in a stage is in no later one, and in no dataset.

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec import Struct

from rackrate.analyses.books.deal_rows import DealRows, deal_rows
from rackrate.analyses.books.defaults import DefaultAsked, Stressed, stressed
from rackrate.analyses.books.simulated import PathLosses, Simulated, on_paths, simulated
from rackrate.analyses.cost import MOST, check
from rackrate.analyses.deals.points import Base, base_of
from rackrate.analyses.deals.underwriting import underwriting
from rackrate.analyses.identity import identity
from rackrate.analyses.problems import TOO_LARGE, Problem, problem_of, written
from rackrate.analyses.registry import ruleset_of
from rackrate.deal.codec.decode import read
from rackrate.deal.errors import Refusal
from rackrate.deal.requests.book import BookTerms
from rackrate.deal.requests.underwriting import Deal
from rackrate.engine.rows import Integers

PATH = "/v1/portfolios"  # a refusal is told as that of a line there
MOST_BYTES = 2 * 1024 * 1024
OnFault = Callable[[Exception, str], Problem]
"""What becomes of a fault of the program, and where it happened: it is noted, and a problem is made of it."""


class Document(NamedTuple):
    """One document of a book: its place from 0, where it stands, its bytes."""

    row: int
    source: str
    content: bytes


class Rejected(Struct, frozen=True, kw_only=True):
    """A document that is not in the book: the stage, the status and the problem; the hash of its bytes."""

    row: int
    source: str
    stage: str
    status: int
    problem: bytes
    id: str
    ruleset: tuple[str, str] | None = None


class Limits(NamedTuple):
    """Most bytes of a document, and most work of its underwriting."""

    content: int = MOST_BYTES
    work: int = MOST


LIMITS = Limits()


def underwrite(
    document: Document, terms: BookTerms, on_fault: OnFault, limits: Limits = LIMITS
) -> DealRows | Rejected:
    """Underwrite a document: its rows, or why it is rejected. A currency without a rate counts as 1."""
    row, source, content = document
    stage = "read"
    id_, ruleset = _unread(content)
    try:
        deal, text = _read(content, limits)
        stage, (id_, ruleset) = "underwrite", _identity(deal, text)
        check(deal, limits.work, size=len(text))
        done = base_of(deal, ruleset_of(deal))
        answer = underwriting(done, id=id_)
        return deal_rows(row, source, done, answer, terms.rate(deal.currency) or 1.0)
    except Exception as error:  # noqa: BLE001  one document costs no other
        return rejected(document, stage, error, on_fault, id_, ruleset)


def identified(document: Document, limits: Limits = LIMITS) -> tuple[str, tuple[str, str] | None]:
    """A document's id and ruleset, as it has them whether or not it is rejected later."""
    try:
        return _identity(*_read(document.content, limits))
    except (Refusal, Problem):
        return _unread(document.content)


def _read(content: bytes, limits: Limits) -> tuple[Deal, bytes]:
    if len(content) > limits.content:
        raise Problem(TOO_LARGE, f"At most {limits.content} bytes are read.")
    return read(content, Deal)


def _identity(deal: Deal, text: bytes) -> tuple[str, tuple[str, str]]:
    """The id of a deal's underwriting, and the ruleset it is of."""
    ruleset = ruleset_of(deal)
    return identity(ruleset.sha256, text), (ruleset.name, ruleset.sha256)


def _unread(content: bytes) -> tuple[str, None]:
    """What stands for the id of a document that cannot be read."""
    return hashlib.sha256(content).hexdigest(), None


def stress(
    document: Document, terms: BookTerms, asked: Sequence[DefaultAsked], on_fault: OnFault
) -> list[Stressed] | Rejected:
    """Run obligors' defaults on a document; none of those that it does not have, none without a structure."""
    try:
        done = _base(document.content)
        fx_rate = terms.rate(done.priced.deal.currency) or 1.0
        return [] if done.paid is None else stressed(document.row, done, asked, fx_rate)
    except Exception as error:  # noqa: BLE001  one document costs no other
        return rejected(document, "scenario", error, on_fault)


def simulate(document: Document, terms: BookTerms, on_fault: OnFault) -> Simulated | Rejected | None:
    """Simulate a document's losses; None without a structure, which has no classes that could lose."""
    try:
        done = _base(document.content)
        if done.paid is None or terms.simulation is None:
            return None
        fx_rate = terms.rate(done.priced.deal.currency) or 1.0
        as_of = None if terms.align is None else terms.align.as_of
        return simulated(document.row, done, terms.simulation, as_of, fx_rate)
    except Exception as error:  # noqa: BLE001  one document costs no other
        return rejected(document, "simulate", error, on_fault)


def lose(document: Document, terms: BookTerms, paths: Integers) -> PathLosses:
    """Losses on some paths of a document that was simulated."""
    done = _base(document.content)
    if terms.simulation is None:
        raise ValueError("no simulation is asked")
    fx_rate = terms.rate(done.priced.deal.currency) or 1.0
    as_of = None if terms.align is None else terms.align.as_of
    return on_paths(document.row, done, terms.simulation, as_of, fx_rate, paths)


def _base(content: bytes) -> Base:
    deal, _ = read(content, Deal)
    return base_of(deal, ruleset_of(deal))


def rejected(
    document: Document,
    stage: str,
    error: Exception,
    on_fault: OnFault,
    id_: str = "",
    ruleset: tuple[str, str] | None = None,
) -> Rejected:
    """Why a document is rejected, as the problem of a deal sent alone."""
    if isinstance(error, Refusal):
        error = problem_of(error)
    problem = error if isinstance(error, Problem) else on_fault(error, f"a document of a book, to {stage} it")
    return Rejected(
        row=document.row,
        source=document.source,
        stage=stage,
        status=problem.kind.status,
        problem=written(problem, PATH),
        id=id_,
        ruleset=ruleset,
    )
