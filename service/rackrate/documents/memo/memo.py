"""The credit memo: what it says, in which order, and its PDF."""

# Design: Python makes finished strings, the template lays them out. Only the fonts in the typesetter's wheel
# are used and no clock is read, so that the same answer is the same bytes on every machine.

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from rackrate.deal import rulesets
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.documents.document import Document, Form
from rackrate.documents.memo.assumptions import appendix, assumptions, warning_blocks
from rackrate.documents.memo.blocks import Memo, Points, Section
from rackrate.documents.memo.capital import capital
from rackrate.documents.memo.collateral import collateral
from rackrate.documents.memo.cover import cover_blocks
from rackrate.documents.memo.front import ask, terms, tiles
from rackrate.documents.memo.given import FORMS, Given
from rackrate.documents.memo.income import income
from rackrate.documents.memo.sentences import known
from rackrate.documents.memo.sizing import sizing
from rackrate.documents.memo.stresses import stressed, stresses
from rackrate.documents.wording import day, name

PDF = "application/pdf"
STANDARD: Literal["ua-1"] = "ua-1"  # PDF/UA: read aloud in order, charts by their words
DIGITS = 16  # of the id, in the footer


def written(deal: Deal, underwriting: Underwriting, most: int) -> Memo:
    """Write a memo of an underwriting, its stresses run with at most `most` segment-months of work."""
    ruleset = rulesets.load(underwriting.ruleset.name)
    given = Given(deal, underwriting, ruleset, stressed(deal, ruleset, most))
    structure, closing = deal.structure, deal.closing
    form = "Debt sizing memo" if structure is None else f"Credit memo · {FORMS[structure.template]}"
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
    return Memo(
        kicker=form,
        title=name(deal.name),
        ask=ask(given),
        closing=(closing.year, closing.month, closing.day),
        header=f"{form}, closing {day(closing)}",
        footer=f"Answer {underwriting.id[:DIGITS]} · engine {underwriting.engine} · {ruleset.name}",
        tiles=tiles(given),
        sections=sections,
    )


def as_pdf(memo: Memo) -> bytes:
    """Lay a memo out as a tagged PDF."""
    import typst

    text = msgspec.json.encode(memo).decode()
    made = typst.compile(
        _template(),
        sys_inputs={"memo": text},
        ignore_system_fonts=True,
        pdf_standards=[STANDARD],
        timestamp=0,
    )
    return bytes(made)


@cache
def _template() -> bytes:
    return (files("rackrate.documents.memo") / "memo.typ").read_bytes()


def _made(deal: Deal, underwriting: Underwriting, media: str, most: int) -> bytes:
    return as_pdf(written(deal, underwriting, most))


MEMO = Document(
    "memo",
    "the credit memo",
    "Two to four pages and an appendix where there is much: terms, what binds, cover against triggers, "
    "income, sizing, classes, leases and power, stresses, break-evens, warnings, assumptions "
    "with their sources.",
    (Form(PDF, "pdf", writer="typst", extra="memo"),),
    _made,
    long=True,
)
