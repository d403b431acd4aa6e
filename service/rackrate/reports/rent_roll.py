"""A rent roll as tables for a terminal: leases, totals, and what was not read."""

from msgspec import UNSET

from rackrate.deal.answers.rent_roll import RentRollReading, RollLease
from rackrate.deal.requests.rent_roll import RentRollRequest
from rackrate.reports.tables import NOTHING, columns, page
from rackrate.reports.tape import MOST_ROWS, differences_table


def tabulate_rent_roll(request: RentRollRequest, answer: RentRollReading) -> str:
    """Tabulate the leases of a rent roll, its totals, and its report."""
    totals = answer.totals
    head = ("line", "tenant", "kW", "per kW-month", "from", "months")
    listed = [
        (entry.reason, entry.column, str(entry.line), entry.value or NOTHING) for entry in answer.report
    ]
    return page(
        [
            [
                f"{totals.count} leases, {totals.contracted_kw:,.0f} kW, "
                f"rent {totals.rent_per_month:,.0f} a month"
            ],
            columns(head, map(_row, answer.leases[:MOST_ROWS])),
            columns(("element", "line"), [(each.head, each.field) for each in answer.columns]),
            differences_table(answer.differences),
            columns(("reason", "element", "row", "value"), listed[:MOST_ROWS]),
        ]
    )


def _row(lease: RollLease) -> tuple[str, ...]:
    figures = (lease.contracted_kw, lease.rent_per_kw_month)
    told = [NOTHING if figure is UNSET else f"{figure:,.2f}" for figure in figures]
    dates = [NOTHING if each is UNSET else str(each) for each in (lease.commencement, lease.term_months)]
    return (lease.id[:20], lease.tenant[:30], *told, *dates)
