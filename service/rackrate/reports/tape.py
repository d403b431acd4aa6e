"""A loan tape as tables for a terminal: totals, differences, and what could not be read."""

from collections import Counter
from collections.abc import Iterable

from rackrate.deal.answers.tape import TapeReading, TotalDifference, Unread
from rackrate.deal.requests.tape import TapeRequest
from rackrate.reports.tables import NOTHING, columns, millions, page, percent, times

MOST_ROWS = 40


def tabulate_tape(request: TapeRequest, answer: TapeReading) -> str:
    """Tabulate the totals of a tape, what differs from those stated, and its report."""
    totals = answer.totals
    averages = [
        ("average rate", percent(totals.wa_rate.value), millions(totals.wa_rate.balance)),
        ("average reported DSCR", times(totals.wa_dscr.value), millions(totals.wa_dscr.balance)),
        ("average LTV, whole loans", percent(totals.wa_ltv.value), millions(totals.wa_ltv.balance)),
    ]
    return page(
        [
            [
                f"{answer.layout}: {totals.count} loans, {totals.properties} properties, "
                f"balance {millions(totals.balance)}"
            ],
            columns(("figure", "value", "over balance"), averages),
            differences_table(answer.differences),
            *report_tables(answer.report),
        ]
    )


def differences_table(differences: Iterable[TotalDifference]) -> list[str]:
    """Stated totals beside those read."""
    rows = [
        (each.total, _number(each.stated), _number(each.read), _number(each.difference))
        for each in differences
    ]
    return columns(("figure", "stated", "read", "difference"), rows)


def report_tables(report: list[Unread]) -> Iterable[list[str]]:
    """What could not be read, counted by reason, then line by line as far as there is room."""
    counted = Counter((entry.reason, entry.element) for entry in report)
    rows = [(reason, element, str(count)) for (reason, element), count in counted.most_common()]
    yield columns(("reason", "element", "count"), rows)
    each = [(entry.reason, entry.element, str(entry.line), entry.value or NOTHING) for entry in report]
    yield columns(("reason", "element", "row", "value"), each[:MOST_ROWS])
    if len(each) > MOST_ROWS:
        yield [f"{len(each) - MOST_ROWS} more: --json has them all"]


def _number(value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:,.2f}" if abs(value) >= 100.0 else f"{value:.6g}"
