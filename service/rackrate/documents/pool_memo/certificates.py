"""What each category carries, the tests, the classes, and what they lose by scenario."""

from collections.abc import Iterator, Sequence

from rackrate.deal.answers.pool import PoolTestOutcome, ScenarioClass
from rackrate.deal.answers.pools.certificates import CertificateFigures, FirstLossPoint
from rackrate.documents.layout.blocks import Block, Row, Table, row, strong
from rackrate.documents.pool_memo.overview import PoolGiven
from rackrate.documents.wording import NOTHING, millions, name, number, percent, times, words, years

CLASSES = 8  # in one table of scenarios
STATUS = {"never": "never", "at_once": "at once", "not_applicable": NOTHING}


def sizing(given: PoolGiven) -> Iterator[Block]:
    """What each category carries, then the tests of the pool."""
    carried = [
        row(name(each.category), percent(each.ce, 1), percent(each.ce_loan, 1), millions(each.principal))
        for each in given.underwriting.capacity
    ]
    head = ("Category", "enhancement", "of the loans alone", f"largest principal, {given.pool.currency} m")
    note = "House tables of the ruleset below; implied by the model, not a rating."
    yield Table(head, "Lrrr", carried, note)
    if given.underwriting.tests:
        rows = [_test(test) for test in given.underwriting.tests]
        yield Table(("Test of the pool", "limit", "figure", "slack", ""), "Lrrrl", rows)


def _test(test: PoolTestOutcome) -> Row:
    def write(value: float | None) -> str:
        if value is None:
            return NOTHING
        if "dscr" in test.kind:
            return times(value)
        return number(value, 1) if "effective" in test.kind else percent(value)

    of = f", {test.top or 1} largest by {words(test.by)}" if test.by else ""
    cells = (f"{name(words(test.name))}{of}", write(test.limit), write(test.actual), write(test.slack))
    return row(*cells, "passes") if test.passes else strong(*cells, "fails")


def certificates(given: PoolGiven) -> Iterator[Block]:
    """The classes, then what each loses in every scenario."""
    notes = given.underwriting.tranches
    head = (
        "Class",
        f"{given.pool.currency} m",
        "coupon",
        "CE",
        "LTV",
        "DSCR",
        "WAL",
        "yield",
        "cdr ×",
        "severity",
        "cut",
        "supports",
    )
    scenario = name(given.underwriting.collateral.scenario)
    note = (
        f"In scenario {scenario}; WAL in years. CE: debt below over all debt. LTV and DSCR of all debt down "
        "to the class. cdr ×, severity, cut: multiple of default rates, severity, cut of net cash flow and "
        "values at which the class is first left unpaid. Supports: by the house's tables, not a rating."
    )
    yield Table(head, "Lrrrrrrrrrrl", [_class(each) for each in notes], note)
    yield from _losses(given)


def _class(note: CertificateFigures) -> Row:
    breaks = note.break_even
    size = millions(note.principal) if note.notional is None else f"({millions(note.notional)})"
    return row(
        name(note.name),
        size,
        percent(note.coupon),
        percent(note.credit_enhancement, 1),
        percent(note.ltv, 1),
        times(note.dscr),
        years(note.wal),
        percent(note.yield_),
        NOTHING if breaks is None else _point(breaks.cdr_multiple, percents=False),
        NOTHING if breaks is None else _point(breaks.severity),
        NOTHING if breaks is None else _point(breaks.ncf_haircut),
        note.supports or NOTHING,
    )


def _point(point: FirstLossPoint, *, percents: bool = True) -> str:
    if point.value is None:
        return STATUS.get(point.status, NOTHING)
    return percent(point.value, 1) if percents else number(point.value, 1)


def _losses(given: PoolGiven) -> Iterator[Block]:
    """Losses by scenario: of the loans, and of classes of principal."""
    yield from losses_tables(
        [
            ((name(each.name), percent(each.defaulted_share, 1), percent(each.loss_share)), each.classes)
            for each in given.underwriting.scenarios
        ],
        [note.name for note in given.underwriting.tranches if note.notional is None],
        ("Scenario", "defaults", "loss"),
        "Defaults and loss as shares of the balance; principal that each class loses, "
        f"{given.pool.currency} m.",
    )


def losses_tables(
    scenarios: Sequence[tuple[Sequence[str], Sequence[ScenarioClass]]],
    names: Sequence[str],
    head: Sequence[str],
    note: str,
) -> Iterator[Block]:
    """A row a scenario: cells of its own, then what each class loses, as many classes as have room."""
    for first in range(0, max(len(names), 1), CLASSES):
        shown, rows = names[first : first + CLASSES], list[Row]()
        for cells, classes in scenarios:
            lost = {of.name: of.principal_loss for of in classes}
            rows.append(row(*cells, *(millions(lost[of]) if lost.get(of) else NOTHING for of in shown)))
        yield Table((*head, *map(name, shown)), "L" + "r" * (len(head) - 1 + len(shown)), rows, note)
