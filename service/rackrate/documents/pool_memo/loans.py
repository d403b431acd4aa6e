"""The loans of a pool: the largest in a table, maturities by year, how the balance is spread."""

from collections.abc import Iterator, Sequence

from rackrate.deal.answers.pools.concentration import NamedShare, YearShare
from rackrate.deal.answers.pools.loans import LoanFigures
from rackrate.documents.charts.bars import column_chart
from rackrate.documents.charts.svg import WIDTH
from rackrate.documents.layout.blocks import Block, Chart, Heading, Pair, Row, Table, row
from rackrate.documents.memo.collateral import LISTED
from rackrate.documents.pool_memo.overview import PoolGiven
from rackrate.documents.wording import NOTHING, listed, millions, month, name, percent, times, words
from rackrate.engine.timeline import timeline

STRATA = 5


def loans(given: PoolGiven) -> Iterator[Block]:
    """The table of the largest loans, then the maturities."""
    found = sorted(given.underwriting.loans, key=lambda loan: -loan.balance)
    yield loan_table(given, found[:LISTED], found[LISTED:])
    yield wall_chart(
        given.underwriting.concentration.maturity, "Share of the balance by year of contractual maturity"
    )


def wall_chart(years: Sequence[YearShare], said: str, wide: float = WIDTH) -> Chart:
    """Columns of shares by year."""
    wall = [(str(each.id), each.share) for each in years]
    told = ", ".join(f"{year} {percent(share, 1)}" for year, share in wall)
    drawn = column_chart(wall, lambda share: percent(share, 1), wide)
    return Chart(drawn, f"{said}: {told}.", f"{said}.")


def loan_table(
    given: PoolGiven,
    shown: Sequence[LoanFigures],
    rest: Sequence[LoanFigures],
    where: str = "in the appendix",
) -> Table:
    """A row a loan, in its first case and the reported scenario; one of what is left out."""
    rows = [_loan(given, loan) for loan in shown]
    rows += [_others(rest, where)] if rest else []
    head = (
        "Loan",
        f"{given.pool.currency} m",
        "share",
        "matures",
        "DSCR",
        "LTV",
        "debt yield",
        "1-year PD",
        "outcome",
        "loss, m",
    )
    case = shown[0].cases[0].case if shown else NOTHING
    scenario = given.underwriting.collateral.scenario
    note = f"Figures in case {name(case)} at closing; outcome and loss in scenario {name(scenario)}."
    return Table(head, "Lrrlrrrrlr", rows, note)


def _others(rest: Sequence[LoanFigures], where: str) -> Row:
    balance, share = sum(loan.balance for loan in rest), sum(loan.share for loan in rest)
    lost = sum(loan.outcome.loss for loan in rest)
    told = (f"{len(rest)} others", millions(balance), percent(share, 1), *(NOTHING,) * 5)
    return row(*told, where, millions(lost))


def _loan(given: PoolGiven, loan: LoanFigures) -> Row:
    case = loan.cases[0]
    matures = timeline(given.pool.closing, max(loan.maturity_month, 1)).payment_dates[-1]
    return row(
        name(loan.id),
        millions(loan.balance),
        percent(loan.share, 1),
        month(matures),
        times(case.dscr),
        percent(case.ltv, 1),
        percent(case.debt_yield),
        percent(loan.one_year_pd),
        words(loan.outcome.status),
        millions(loan.outcome.loss),
    )


def concentration(given: PoolGiven) -> Iterator[Block]:
    """Shares by tenant, sponsor, market and type of property, then obligors defaulting one at a time."""
    told = given.underwriting.concentration
    strata = [
        shares_table("Tenants", told.tenant),
        shares_table("Sponsors", told.sponsor),
        shares_table("Markets", told.market),
        shares_table("Types of property", told.property_type),
    ]
    tables = [table for table in strata if table is not None]
    for first in range(0, len(tables), 2):
        yield Pair(tables[first : first + 1], tables[first + 1 : first + 2])
    if told.stress:
        yield Heading("Each of the largest obligors in default, one at a time")
        yield Table(
            ("Obligor", "share", "loss of the loans, m", "classes that lose, m"),
            "lrrL",
            list(_stresses(given)),
        )


def shares_table(label: str, found: Sequence[NamedShare]) -> Table | None:
    """The largest shares of one kind, and the rest together; None where nothing is named."""
    if not found:
        return None
    rows = [row(name(words(each.id)), percent(each.share, 1)) for each in found[:STRATA]]
    rest = sum(each.share for each in found[STRATA:])
    rows += [row(f"{len(found) - STRATA} others", percent(rest, 1))] if len(found) > STRATA else []
    return Table((label, "share"), "Lr", rows)


def _stresses(given: PoolGiven) -> Iterator[Row]:
    for each in given.underwriting.concentration.stress:
        lost = [
            f"{name(note.name)} {millions(note.principal_loss)}"
            for note in each.classes
            if note.principal_loss > 0
        ]
        yield row(
            f"{each.kind} {name(each.id)}",
            percent(each.share, 1),
            millions(each.collateral_loss),
            listed(lost) or NOTHING,
        )
