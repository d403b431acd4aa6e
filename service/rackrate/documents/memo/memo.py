"""The credit memo: what it says, in which order, and its PDF."""

from rackrate.deal import rulesets
from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.requests.pool import PoolBase
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.documents.document import Document
from rackrate.documents.layout.blocks import Memo, Points, Section, Tile
from rackrate.documents.layout.typesetting import FORMS, as_pdf
from rackrate.documents.memo.assumptions import appendix, assumptions, warning_blocks
from rackrate.documents.memo.capital import capital
from rackrate.documents.memo.collateral import collateral
from rackrate.documents.memo.cover import cover_blocks
from rackrate.documents.memo.front import ask, terms, tiles
from rackrate.documents.memo.given import TEMPLATES, Given
from rackrate.documents.memo.income import income
from rackrate.documents.memo.sentences import known
from rackrate.documents.memo.sizing import sizing
from rackrate.documents.memo.stresses import stressed, stresses
from rackrate.documents.wording import day, name

DIGITS = 16  # of the id, in the footer


def written(deal: Deal, underwriting: Underwriting, most: int) -> Memo:
    """Write a memo of an underwriting, its stresses run with at most `most` segment-months of work."""
    ruleset = rulesets.load(underwriting.ruleset.name)
    given = Given(deal, underwriting, ruleset, stressed(deal, ruleset, most))
    structure = deal.structure
    form = "Debt sizing memo" if structure is None else f"Credit memo · {TEMPLATES[structure.template]}"
    sections = [
        Section("What the committee should know", [Points(known(given)), *terms(given)]),
        Section("Cover and the years ahead", list(cover_blocks(given))),
        Section("Income: from the issuer's figures to those sized on", list(income(given))),
        Section("Sizing: what limits the debt", list(sizing(given))),
    ]
    sections += [Section("Capital structure", list(capital(given)))] if structure else []
    sections += [
        Section("Leases and power", list(collateral(given))),
        Section("Stresses and break-evens", list(stresses(given))),
        Section("Warnings", list(warning_blocks(underwriting.warnings))),
        Section("Assumptions and where they come from", list(assumptions(given))),
        *appendix(given),
    ]
    return memo_of(form, deal, underwriting, ruleset.name, ask(given), tiles(given), sections)


def memo_of(
    form: str,
    asked: Deal | PoolBase,
    answer: Underwriting | PoolUnderwriting | GroundUnderwriting,
    ruleset: str,
    ask: str,
    tiles: list[Tile],
    sections: list[Section],
) -> Memo:
    """A memo of `form` headed by what was asked and when it closes, footed by the ids of its answer."""
    closing = asked.closing
    return Memo(
        kicker=form,
        title=name(asked.name),
        ask=ask,
        closing=(closing.year, closing.month, closing.day),
        header=f"{form}, closing {day(closing)}",
        footer=f"Answer {answer.id[:DIGITS]} · engine {answer.engine} · {ruleset}",
        tiles=tiles,
        sections=sections,
    )


def _made(deal: Deal, underwriting: Underwriting, media: str, most: int) -> bytes:
    return as_pdf(written(deal, underwriting, most))


MEMO = Document(
    "memo",
    "the credit memo",
    "Two to four pages and an appendix where there is much: terms, what binds, cover against triggers, "
    "income, sizing, classes, leases and power, stresses, break-evens, warnings, assumptions "
    "with their sources.",
    FORMS,
    _made,
    long=True,
)
