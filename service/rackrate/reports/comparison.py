"""Comparison as tables for a terminal."""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from rackrate.deal.requests.comparison import Compared, Comparison, ComparisonRequest, Difference, Differences
from rackrate.reports.tables import NOTHING, columns, millions, page, percent, years

HEADLINE = "summary"  # the part of an answer that is told first
MOST = 20  # rows of a part that are told one by one
OWN = frozenset(("id", "name", "kind", "code", "measure"))  # what an entry of a list begins with
LONGEST = 120  # characters of a curve
LEFT_OUT = "More differ: {}. --all prints them, --json has them."

Cells = tuple[str, str, str, str]


def tabulate(request: ComparisonRequest, answer: Comparison, *, whole: bool = False) -> str:
    """Tabulate the outcome of each template, or the differences to the other deal, headline figures first.

    An entry that only one of the deals has is a row; of a part in which more than `MOST` rows differ the
    differences are counted. ``whole`` tells all of them one by one.
    """
    beside, told = request.against, answer.differences
    title = request.deal.name + (f"  beside  {beside.name}" if beside else "")
    parts = _parts(told) if told else []
    rows = [(name, [_rows(part, whole) for part in found], found) for name, found in parts]
    most = math.inf if whole else MOST
    left = [
        f"{len(part)} of {_part(part[0])}"
        for _, shown, found in rows
        for cells, part in zip(shown, found, strict=True)
        if len(cells) > most
    ]
    return page(
        [
            [title],
            _templates(answer.templates),
            _classes(answer.templates),
            *(_differences(name, shown, most) for name, shown, _ in rows),
            [LEFT_OUT.format(", ".join(left))] * bool(left),
            [f"id {answer.id}"],
        ]
    )


def _parts(told: Differences) -> list[tuple[str, list[list[Difference]]]]:
    """What differs in the headline, in what was asked and in the rest of the answers, by part."""
    asked, figures = ([list(rows) for _, rows in groupby(each, _part)] for each in (told.terms, told.figures))
    first = [part for part in figures if _part(part[0]) == HEADLINE]
    rest = [part for part in figures if _part(part[0]) != HEADLINE]
    return [("Headline", first), ("Asked", asked), ("Answered", rest)]


def _part(difference: Difference) -> str:
    """The part of a request or an answer that a difference is in."""
    return difference.path.partition("/")[0]


def _rows(part: Sequence[Difference], whole: bool) -> list[Cells]:
    """Rows of what differs in a part and can be told apart; an entry that one deal alone has is one row."""
    entries = [] if whole else sorted(_entry(told) for told in part if _is_entry(told))
    found: dict[str, list[Difference]] = {}
    for told in part:
        within = next((entry for entry in entries if told.path.startswith(entry)), told.path)
        found.setdefault(within, []).append(told)
    return [row for path, under in found.items() for row in _row(path, under)]


def _is_entry(told: Difference) -> bool:
    """Whether a difference is what an entry begins with that one of the deals alone has."""
    return told.path.rpartition("/")[2] in OWN and (told.deal is None) != (told.against is None)


def _entry(told: Difference) -> str:
    return told.path.rpartition("/")[0] + "/"


def _row(path: str, under: Sequence[Difference]) -> Iterator[Cells]:
    told = under[0]
    if path != told.path:
        count = f"{len(under)} figures"
        sides = (NOTHING, count) if told.deal is None else (count, NOTHING)
        yield path.rstrip("/"), *sides, ""
        return
    mine, other = _figure(told.deal), _figure(told.against)
    if mine != other or isinstance(told.deal, str):
        yield path, mine, other, _change(told)


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


def _differences(title: str, parts: Sequence[Sequence[Cells]], most: float) -> list[str]:
    """A table of what differs in the parts that have no more rows than are told one by one."""
    if not parts:
        return [f"{title}: no difference."]
    rows = [row for part in parts if len(part) <= most for row in part]
    return columns(("figure", "first", "second", "change"), [(title, "", "", ""), *rows]) if rows else []


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
