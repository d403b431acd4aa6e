"""The house's stresses on the debt as it is sized, and the cuts of cash flow at which things break."""

from collections.abc import Iterator
from datetime import date

from msgspec import UNSET

from rackrate.analyses.cost import check
from rackrate.analyses.deals.sensitivity import sensitivities
from rackrate.analyses.identity import identity
from rackrate.analyses.registry import rules_sha256
from rackrate.deal.answers.figures import BreakEven
from rackrate.deal.codec.decode import canonical
from rackrate.deal.requests.sensitivity import Sensitivities, SensitivityRequest, StressOutcome
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.documents.layout.blocks import Block, Pair, Row, Table, Text, row, strong
from rackrate.documents.memo.given import Financed, Given
from rackrate.documents.wording import NOTHING, listed, millions, month, name, percent, times

TRIGGERS = {"trap": "the cash trap trips", "amortise": "the sweep begins", "pik": "interest is deferred"}


def stressed(deal: Deal, ruleset: Ruleset, most: int) -> Sensitivities:
    """Answer the house's stresses of a deal, as `/v1/sensitivities` does, under the same id.

    Raises
    ------
    Problem
        If that is more than `most` segment-months of work.
    """
    request = SensitivityRequest(deal=deal, stresses=ruleset.stresses)
    check(request, most)
    return sensitivities(request, ruleset, id=identity(rules_sha256(request), canonical(request)))


def stresses(given: Given) -> Iterator[Block]:
    """The stresses, then the cuts of net cash flow in their order."""
    yield Text(
        "The debt is held as sized and the world changes: each line is one adjustment in every case, of the "
        "house's standing set. Triggers and losses are those of the reported run so adjusted."
    )
    base = given.stressed.base
    first = strong(
        "As underwritten",
        times(base.dscr_closing),
        times(base.dscr_minimum),
        percent(base.ltv, 1),
        *_run(given),
    )
    head = ("Stress", "DSCR closing", "least year", "LTV", "trap", "sweep", "PIK", "unpaid, m", "of class")
    columns = "Lrrrlllrl" if given.deal.structure else "Lrrr"
    rows = [first, *(_stress(each) for each in given.stressed.stresses)]
    cut = [Row(each.cells[: len(columns)], each.strong) for each in rows]
    yield Table(head[: len(columns)], columns, cut)
    yield from break_evens(given)


def _run(given: Given) -> tuple[str, ...]:
    run = given.underwriting.waterfall
    if run is None:
        return ("",) * 5
    unpaid = [(note.name, note.principal_loss + note.interest_unpaid[-1]) for note in run.classes]
    return _followed([run.triggers.trap, run.triggers.amortise, run.triggers.pik], unpaid)


def _stress(each: StressOutcome) -> Row:
    trips = each.triggers
    dates = [None] * 3 if trips is None else [trips.trap, trips.amortise, trips.pik]
    unpaid = [(note.name, note.loss) for note in each.classes]
    figures = (times(each.dscr_closing), times(each.dscr_minimum), percent(each.ltv, 1))
    return row(each.name, *figures, *_followed(dates, unpaid))


def _followed(
    dates: list[date] | list[date | None] | list[None], unpaid: list[tuple[str, float]]
) -> tuple[str, ...]:
    """When triggers first trip, what is left unpaid and of which classes."""
    lost = [(of, amount) for of, amount in unpaid if amount]
    total = millions(sum(amount for _, amount in lost)) if lost else NOTHING
    when = tuple(NOTHING if each is None else month(each) for each in dates)
    return (*when, total, listed([name(of) for of, _ in lost]) or NOTHING)


def break_evens(given: Financed) -> Iterator[Block]:
    """Cuts of net cash flow, the least first."""
    found = sorted(
        given.underwriting.break_evens, key=lambda each: -1.0 if each.value is None else each.value
    )
    if not found:
        return
    rows = [row(_event(each), _cut(each)) for each in found]
    half = -(-len(rows) // 2)
    head = ("At a lasting cut of net cash flow of", "cut")
    blocks = [Table(head, "Lr", part) for part in (rows[:half], rows[half:]) if part]
    yield Pair(blocks[:1], blocks[1:])


def _event(each: BreakEven) -> str:
    target = each.target
    if target.trigger is not UNSET:
        return TRIGGERS[target.trigger]
    if target.first_loss is not UNSET:
        return f"class {name(target.first_loss)} first loses"
    return f"DSCR of the least year is {times(None if target.dscr_minimum is UNSET else target.dscr_minimum)}"


def _cut(each: BreakEven) -> str:
    return {"at_once": "at once", "never": "never"}.get(each.status) or percent(each.value, 1)
