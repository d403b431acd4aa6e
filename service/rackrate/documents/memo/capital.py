"""The capital structure: classes on value, their figures, and what the reported run does to them."""

from collections.abc import Iterator, Sequence

from rackrate.deal.answers.tranches import Tranche
from rackrate.documents.charts.bars import stack_chart
from rackrate.documents.layout.blocks import Block, Chart, Row, Table, Text, row, strong
from rackrate.documents.memo.given import TESTS, Financed, case_words, kind_figure
from rackrate.documents.wording import NOTHING, day, listed, millions, name, number, percent, times, years

DRAWN = 9  # classes
TRIGGERS = (("trap", "the cash trap"), ("amortise", "the sweep"), ("pik", "deferral of interest"))


def capital(given: Financed) -> Iterator[Block]:
    """The sentence, the stack, the classes, what the run did."""
    notes = given.underwriting.tranches
    yield Text(_sizing(given))
    yield _stack(given)
    head = (
        "Class",
        f"{given.deal.currency} m",
        "coupon",
        "LTV",
        "DSCR",
        "debt yield",
        "WAL, years",
        "yield",
        "first loss",
        "supports",
    )
    rows = [*map(_class, notes), _total(given, notes)]
    note = (
        "LTV, DSCR and debt yield are of all debt down to the class. WAL to the ARD / to legal final, "
        "refinancing refused. First loss: the lasting cut of net cash flow at which the class first loses. "
        f"Supports: what the house table of {name(given.ruleset.name)} gives for this LTV and DSCR; "
        "implied by the model, not a rating."
    )
    yield Table(head, "Lrrrrrrrrl", rows, note)
    yield from _limits(notes)
    yield Text(_run(given))


def _stack(given: Financed) -> Chart:
    """The classes to the scale of value, the last of many together."""
    notes, value = given.underwriting.tranches, given.underwriting.summary.value
    stack = [(note.name, note.principal) for note in notes[:DRAWN]]
    rest = sum(note.principal for note in notes[DRAWN:])
    stack += [("others", rest)] if rest else []
    alt = listed([f"{name(note.name)} to {percent(note.ltv, 1)} of value" for note in notes])
    return Chart(
        stack_chart(stack, value),
        f"Classes on value: {alt}.",
        f"The classes on the value of {given.money(value)}; below each edge the cumulative LTV.",
    )


def _sizing(given: Financed) -> str:
    structure, summary = given.deal.structure, given.underwriting.summary
    assert structure is not None, "only a deal with classes has a capital structure"
    count, short = len(structure.classes), summary.principal - given.debt
    told = f"{count} {'class' if count == 1 else 'classes'}, sized cumulatively and rounded down to "
    told += f"{number(structure.denomination, 0 if structure.denomination >= 1 else 2)}"
    return f"{told}; {given.deal.currency} {number(short, 0)} of the loan's principal is not issued."


def _limits(notes: Sequence[Tranche]) -> Iterator[Block]:
    """The limits of the classes, each with its figure at what is issued."""
    rows = [
        row(
            name(note.name),
            TESTS[limit.kind][0],
            kind_figure(limit.kind, None, limit.limit),
            kind_figure(limit.kind, None, limit.actual),
            "met" if limit.met else "not met",
        )
        for note in notes
        for limit in note.limits
    ]
    if rows:
        yield Table(
            ("Limits of the classes", "on all debt down to it", "limit", "at issue", ""), "LLrrl", rows
        )


def _class(note: Tranche) -> Row:
    return row(
        name(note.name),
        millions(note.principal),
        percent(note.coupon),
        percent(note.ltv, 1),
        times(note.dscr),
        percent(note.debt_yield),
        f"{years(note.wal_to_ard)} / {years(note.wal_to_final)}",
        percent(note.yield_),
        _loss(note.break_even_haircut),
        note.supports or NOTHING,
    )


def _loss(haircut: float | None) -> str:
    """Write the cut at which a class loses."""
    return "never" if haircut == 1.0 else percent(haircut, 1)


def _total(given: Financed, notes: Sequence[Tranche]) -> Row:
    coupon = sum(note.principal * note.coupon for note in notes) / given.debt if given.debt else None
    last = notes[-1]
    figures = (percent(last.ltv, 1), times(last.dscr), percent(last.debt_yield))
    return strong("Total", millions(given.debt), percent(coupon), *figures, "", "", "", "")


def _run(given: Financed) -> str:
    """What the reported run does: interest, triggers, losses, equity."""
    run = given.underwriting.waterfall
    assert run is not None, "only a deal with classes has a waterfall"
    missed = [name(note.name) for note in run.classes if note.first_shortfall is not None]
    lost = sum(note.principal_loss for note in run.classes)
    tripped = [
        f"{words} first on {day(when)}"
        for field, words in TRIGGERS
        if (when := getattr(run.triggers, field)) is not None
    ]
    told = [
        f"class {listed(missed)} is short on some date"
        if missed
        else "every class is paid what is due on every date",
        f"{listed(tripped)}" if tripped else "no trigger trips",
        f"{given.money(lost)} of principal is lost" if lost else "no principal is lost",
        f"equity receives {given.money(sum(run.equity))} in all",
    ]
    return f"In {case_words(given.paid_case)}: {'; '.join(told)}."
