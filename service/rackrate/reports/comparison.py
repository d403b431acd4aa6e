"""Comparison as tables for a terminal."""

from collections.abc import Sequence

from rackrate.deal.requests.comparison import Compared, Comparison, ComparisonRequest, Difference
from rackrate.reports.tables import NOTHING, columns, millions, page, percent, years

LONG = ("coverage/", "bridge/")
LONGEST = 120  # characters of a curve
LEFT_OUT = "{} more figures of coverage and the bridge differ: --json has them."


def tabulate(request: ComparisonRequest, answer: Comparison) -> str:
    """Tabulate the outcome of each template, or the differences to the other deal."""
    beside, told = request.against, answer.differences
    short = [row for row in told.figures if not row.path.startswith(LONG)] if told else []
    title = request.deal.name + (f"  beside  {beside.name}" if beside else "")
    left = len(told.figures) - len(short) if told else 0
    found = [] if told is None else [("Asked", told.terms), ("Answered", short)]
    return page(
        [
            [title],
            _templates(answer.templates),
            _classes(answer.templates),
            *(_differences(name, rows) for name, rows in found),
            [LEFT_OUT.format(left)] * bool(left),
            [f"id {answer.id}"],
        ]
    )


def _templates(compared: Sequence[Compared]) -> list[str]:
    rows = [
        (
            shell.template,
            *(str(count) for count in (shell.triggers.trap, shell.triggers.amortise, shell.triggers.pik)),
            NOTHING if shell.ard is None else "yes" if shell.ard.refinanced else "no",
            millions(shell.equity),
            millions(shell.reserve_low),
            millions(shell.principal_loss + shell.interest_unpaid),
        )
        for shell in compared
    ]
    head = ("template", "trapping", "sweeping", "pik", "refinanced", "equity", "least reserve", "loss")
    return columns(head, rows) + ["trapping, sweeping, pik: periods in which they are on"] * bool(rows)


def _classes(compared: Sequence[Compared]) -> list[str]:
    rows = [
        (
            shell.template,
            note.name,
            millions(note.principal),
            percent(note.yield_),
            years(note.wal_to_ard),
            years(note.wal_to_final),
            percent(note.break_even_haircut),
        )
        for shell in compared
        for note in shell.tranches
    ]
    return columns(("template", "class", "principal", "yield", "WAL", "to final", "break-even"), rows)


def _differences(title: str, found: Sequence[Difference]) -> list[str]:
    if not found:
        return [f"{title}: no difference."]
    rows = [
        (told.path, mine, other, _change(told))
        for told in found
        if (mine := _figure(told.deal)) != (other := _figure(told.against)) or isinstance(told.deal, str)
    ]
    return columns(("figure", "first", "second", "change"), [(title, "", "", ""), *rows])


def _figure(value: float | str | bool | None) -> str:
    """A figure to six digits, large ones to one; a word as it is, the end of a long curve left out.

    >>> _figure(2642363025.08), _figure(0.0826), _figure(None), _figure(False)
    ('2,642,363,025', '0.0826', '–', 'no')
    """
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"
    return f"{value:,.0f}" if abs(value) >= 1e5 else f"{value:,.6g}"


def _change(difference: Difference) -> str:
    """Change of a number in percent; the other number where this one is zero."""
    mine, other = difference.deal, difference.against
    if isinstance(mine, bool | str | None) or isinstance(other, bool | str | None):
        return ""
    return f"{(other - mine) / mine * 100:+.2f}%" if mine else _figure(other)
