"""The answer of a book from what its stages gave: totals, exposures, maturities, defaults, joint losses."""

# Design: deals are read once in the order of their rows, and losses again as often as the tail asks, so
# that a book may be longer than memory. A large book's answer has no row a deal; its datasets have.

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import fsum
from typing import Any

import msgspec
from msgspec import UNSET, Raw

from rackrate import __version__
from rackrate.analyses.books.deal_rows import DealRows
from rackrate.analyses.books.defaults import DefaultAsked, Stressed
from rackrate.analyses.books.joint_losses import Again, JointLosses
from rackrate.analyses.books.stages import Rejected
from rackrate.analyses.books.warnings import Names, concentrated, thin
from rackrate.deal.answers.book import BookAnswer, BookCounts, BookRuleset, BookTotals
from rackrate.deal.answers.books.deals import BookDeal, BookReject
from rackrate.deal.answers.books.exposures import BookExposures, BookMaturity
from rackrate.deal.answers.books.losses import BookLosses
from rackrate.deal.answers.books.scenarios import BookScenario, CategoryLoss, StressedClass, StressedDeal
from rackrate.deal.codec.decode import canonical
from rackrate.deal.errors import FieldError, Invalid
from rackrate.deal.requests.book import BookTerms
from rackrate.engine.book.exact_sum import ExactSum
from rackrate.engine.book.exposures import DIMENSIONS, Dimension, Exposures
from rackrate.engine.book.losses import CATEGORIES
from rackrate.engine.book.maturities import Maturities
from rackrate.engine.book.run_figures import CENT
from rackrate.engine.simulation.streams import DRAWS

SHOWN = {field.encode_name for field in msgspec.structs.fields(BookDeal)}


@dataclass
class Accepted:
    """What accepted deals add up to, added in the order of their rows."""

    keep: bool
    exposures: Exposures = field(default_factory=Exposures)
    maturities: Maturities = field(default_factory=Maturities)
    names: Names = field(default_factory=Names)
    count: int = 0
    without_structure: int = 0
    deals: list[BookDeal] = field(default_factory=list)
    sums: dict[str, ExactSum] = field(
        default_factory=lambda: {
            name: ExactSum() for name in ("debt", "noi", "ncf", "value", "floating", "load")
        }
    )

    def add(self, deal: DealRows) -> None:
        """Add a deal."""
        own = deal.datasets["deals"][0]
        self.count += 1
        self.without_structure += own["issued"] is None
        self.exposures.add(deal.row, deal.exposed)
        self.maturities.add(deal.matures, deal.debt, deal.balloon, deal.scheduled)
        self.names.add(deal)
        figures = deal.totals | {"debt": deal.debt, "floating": deal.floating, "load": deal.load}
        for name, figure in figures.items():
            self.sums[name].add(figure)
        if self.keep:
            self.deals.append(shown(deal))

    def totals(self) -> BookTotals:
        """Sums at closing."""
        debt, noi, ncf, value = (self.sums[name].value for name in ("debt", "noi", "ncf", "value"))
        return BookTotals(
            debt=debt,
            noi=noi,
            ncf=ncf,
            value=value,
            ltv=debt / value if value else None,
            debt_yield=ncf / debt if debt else None,
        )


def shown(deal: DealRows) -> BookDeal:
    """A deal as the answer has it."""
    own = deal.datasets["deals"][0]
    days = [own[name] for name in ("first_trap", "first_amortise", "first_pik") if own[name] is not None]
    names = ("name", "principal", "supports", "principal_loss", "interest_unpaid")
    classes = [{name: row[name] for name in names} for row in deal.datasets["classes"]]
    kept = {name: figure for name, figure in own.items() if name in SHOWN}
    return msgspec.convert(kept | {"first_trigger": min(days, default=None), "classes": classes}, BookDeal)


def check_currencies(terms: BookTerms, currencies: Iterable[str]) -> None:
    """Refuse a book with deals in a currency that no rate is stated for, naming them.

    Raises
    ------
    Invalid
        422, with a pointer to each missing rate.
    """
    missing = sorted(name for name in currencies if terms.rate(name) is None)
    if missing:
        raise Invalid.of(
            [FieldError(f"/fx/{name}", "a deal is in it, and no rate is stated") for name in missing]
        )


def asked_defaults(terms: BookTerms, exposures: Exposures) -> list[DefaultAsked]:
    """The defaults that are asked, the largest obligors by debt spelled out."""
    largest = [row.key for row in exposures.dimension("tenant").rows if row.key is not None]
    found: list[DefaultAsked] = []
    for asked in terms.scenarios or ():
        for key in [asked.obligor] if asked.obligor is not None else largest[: asked.top]:
            found.append(DefaultAsked(len(found), key, asked.month, asked.date))
    return found


def book_id(
    terms: BookTerms, rulesets: Iterable[tuple[str, str]], ids: Iterable[str], engine: str = __version__
) -> str:
    """Id of a book: engine, rulesets, what is asked, and each document's id in the order of rows."""
    digest = hashlib.sha256(f"{engine}\n".encode())
    for name, sha256 in sorted(rulesets):
        digest.update(f"{name} {sha256}\n".encode())
    digest.update(canonical(terms) + b"\n")
    for one in ids:
        digest.update(one.encode() + b"\n")
    return digest.hexdigest()


def assemble(
    terms: BookTerms,
    accepted: Accepted,
    rejects: list[Rejected],
    defaults: list[DefaultAsked],
    stressed: Iterable[Stressed],
    joint: JointLosses | None,
    simulated: Again,
    *,
    id: str,
    rulesets: Iterable[tuple[str, str]],
) -> BookAnswer:
    """The answer of a book whose deals are added; `simulated` gives their losses anew each time."""
    dimensions = {name: accepted.exposures.dimension(name) for name in DIMENSIONS}
    asked = terms.simulation
    return BookAnswer(
        id=id,
        engine=__version__,
        rulesets=[BookRuleset(name=name, sha256=sha256) for name, sha256 in sorted(rulesets)],
        currency=terms.currency,
        counts=BookCounts(
            deals=accepted.count + len(rejects),
            accepted=accepted.count,
            rejected=len(rejects),
            without_structure=accepted.without_structure,
        ),
        totals=accepted.totals(),
        deals=accepted.deals if accepted.keep else UNSET,
        exposures=exposures(dimensions, accepted),
        maturities=[BookMaturity(**year._asdict()) for year in accepted.maturities.years()],
        scenarios=None if terms.scenarios is None else scenarios(defaults, stressed, accepted.keep),
        simulation=losses(terms, joint, simulated, accepted.keep),
        rejects=[
            BookReject(row=one.row, stage=one.stage, status=one.status, problem=Raw(one.problem))
            for one in rejects
        ],
        warnings=[
            *accepted.names.cautions(),
            *concentrated(dimensions),
            *(() if asked is None else thin(asked.paths)),
        ],
    )


def exposures(dimensions: dict[str, Dimension], accepted: Accepted) -> BookExposures:
    """Every dimension as it is answered."""
    told: dict[str, dict[str, Any]] = {
        name: {"rows": list(exposure_rows(dimension))}
        | {
            figure: {"total": of.total, "hhi": of.hhi, "effective": of.effective}
            | {f"top_{count}": share for count, share in of.largest.items()}
            for figure, of in dimension.figures.items()
        }
        for name, dimension in dimensions.items()
    }
    load, floating = accepted.sums["load"].value, accepted.sums["floating"].value
    told["power"]["index_share"] = floating / load if load else None
    return msgspec.convert(told, BookExposures)


def exposure_rows(dimension: Dimension) -> Iterator[dict[str, Any]]:
    """Rows of a dimension by column."""
    for row in dimension.rows:
        shares = {f"share_{figure}": share for figure, share in row.shares.items()}
        yield {"key": row.key, "deals": row.deals, **row.figures, **shares}


def losses(terms: BookTerms, joint: JointLosses | None, simulated: Again, keep: bool) -> BookLosses | None:
    """Joint losses as they are answered."""
    asked = terms.simulation
    if asked is None or joint is None:
        return None
    total, categories = joint.losses()
    return BookLosses(
        paths=asked.paths,
        seed=asked.seed,
        factor=asked.factor,
        draws=DRAWS,
        total=total,
        categories=categories,
        deals=list(joint.deals(simulated())) if keep else UNSET,
        obligors=joint.obligors(simulated),
    )


def scenarios(defaults: list[DefaultAsked], stressed: Iterable[Stressed], keep: bool) -> list[BookScenario]:
    """Every default as it is answered, added up over the deals that have the obligor."""
    found = [_Scenario(keep) for _ in defaults]
    for one in stressed:
        found[one.scenario].add(one)
    return [sums.told(asked) for sums, asked in zip(found, defaults, strict=True)]


class _Scenario:
    """One obligor's default in all deals."""

    def __init__(self, keep: bool) -> None:
        self.keep, self.rows = keep, list[StressedDeal]()
        self.deals = self.triggered = self.missing = self.losing = 0
        self.least: float | None = None
        self.debt = ExactSum()
        self.losses = {key: (ExactSum(), ExactSum()) for key in CATEGORIES}

    def add(self, one: Stressed) -> None:
        row = one.deal
        self.deals += 1
        self.debt.add(one.debt)
        self.triggered += row["first_trigger"] is not None
        self.missing += row["first_missed"] is not None
        self.losing += row["principal_loss"] > CENT
        known = [cover for cover in (self.least, row["least_dscr"]) if cover is not None]
        self.least = min(known, default=None)
        for note in one.classes:
            lost, base = self.losses[note["supports"] or "none"]
            lost.add(note["principal_loss"] * one.fx_rate)
            base.add(note["base_principal_loss"] * one.fx_rate)
        if self.keep:
            names = {field.name for field in msgspec.structs.fields(StressedDeal)}
            kept = {name: figure for name, figure in row.items() if name in names}
            own = {field.name for field in msgspec.structs.fields(StressedClass)}
            classes = [{k: v for k, v in note.items() if k in own} for note in one.classes]
            self.rows.append(msgspec.convert(kept | {"classes": classes}, StressedDeal))

    def told(self, asked: DefaultAsked) -> BookScenario:
        lost = {key: (now.value, base.value) for key, (now, base) in self.losses.items()}
        return BookScenario(
            name=asked.name,
            obligor=asked.obligor,
            deals=self.deals,
            debt=self.debt.value,
            least_dscr=self.least,
            triggered=self.triggered,
            missing_interest=self.missing,
            losing=self.losing,
            principal_loss=fsum(now for now, _ in lost.values()),
            base_principal_loss=fsum(base for _, base in lost.values()),
            categories=[
                CategoryLoss(key=key, principal_loss=now, base_principal_loss=base)
                for key, (now, base) in lost.items()
            ],
            rows=self.rows if self.keep else UNSET,
        )
