"""Sheet of concentration: shares by name, the wall of years, groups, losses they could bring, stresses."""

from collections.abc import Callable, Sequence

from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.answers.pools.concentration import NamedShare, YearShare
from rackrate.deal.requests.pool import Pool
from rackrate.documents.pool_workbook.grid import Grid, ratio
from rackrate.documents.workbook.file.charts import COLORS, Chart, Line
from rackrate.documents.workbook.formulas.book import Book, Sheet
from rackrate.documents.workbook.summary.figures_sheet import write_losses

SHARES = {"id": "name", "share": "share"}
YEARS = {"id": "year", "amount": "amount", "share": "share"}
GROUPS = {"loans": "loans of one obligor", "count": "loans", "share": "share", "pd": "largest one-year PD"}
TOPS = (1, 5, 10)
CHART_COLUMN = 6
MOST_NAMES = 200  # of a table: more are no reading


def write_concentration(book: Book, pool: Pool, answer: PoolUnderwriting, loans: Grid) -> None:
    """Write how the balance is spread, with the largest obligors in default one at a time."""
    told = answer.concentration
    sheet = begin(book, "How the balance at closing is spread over obligors, markets and years.")
    years, amounts = loans.of("year"), loans.of("balance")
    write_wall(
        sheet,
        f"Maturity wall, {pool.currency}",
        told.maturity,
        lambda n: f"SUMIF({years},{{year{n}.id}},{amounts})",
        "{loan.balance}",
    )
    _spread(sheet, len(pool.loans))
    for key, label in (
        ("tenant", "Tenants"),
        ("sponsor", "Sponsors"),
        ("market", "Markets"),
        ("property_type", "Property types"),
    ):
        write_shares(sheet, key, f"{label}, share of the balance", getattr(told, key))
    grid = Grid.below(sheet, "Obligor groups", "group", GROUPS, len(told.groups))
    grid.values("loans", "text", [", ".join(group.loans)[:200] for group in told.groups])
    grid.values("count", "index", [len(group.loans) for group in told.groups])
    grid.values("share", "rate", [group.share for group in told.groups])
    grid.values("pd", "rate", [group.pd for group in told.groups])
    effective(grid, "effective groups")
    _stresses(sheet, answer, pool.currency)
    write_losses(sheet, sheet.next, told.loss_distribution, "Losses of the pool in a year, exact over groups")


def begin(book: Book, said: str) -> Sheet:
    """Begin the sheet of concentration."""
    sheet = book.sheet("Concentration", "Concentration", said)
    sheet.widths = {0: 40, **dict.fromkeys(range(1, 12), 16)}
    sheet.next = 3
    return sheet


def write_wall(
    sheet: Sheet, title: str, years: Sequence[YearShare], amount: Callable[[int], str], total: str
) -> Grid:
    """Write amounts by year as sums over the rows of what matures or ends, and draw them."""
    grid = Grid.below(sheet, title, "year", YEARS, len(years))
    grid.values("id", "index", [year.id for year in years])
    grid.formulas("amount", "money", amount)
    grid.formulas("share", "rate", lambda n: ratio(grid.cell(n, "amount"), total))
    grid.total("amount", "money")
    first, last = grid.top, grid.top + grid.count - 1
    line = Line(title, (sheet.name, first, 0, last, 0), (sheet.name, first, 2, last, 2), COLORS[0])
    at = grid.top - 2
    chart = Chart(
        "column", title, at, CHART_COLUMN, [line], "0%", by="year", width=520, height=260, names="0"
    )
    sheet.charts.append(chart)
    return grid


def write_shares(sheet: Sheet, key: str, title: str, found: Sequence[NamedShare]) -> None:
    """Write shares by name, the largest first, and how many names they are as if equal."""
    if not found:
        return
    shown = found[:MOST_NAMES]
    grid = Grid.below(sheet, title, key, SHARES, len(shown))
    grid.values("id", "text", [one.id for one in shown])
    grid.values("share", "rate", [one.share for one in shown])
    grid.total("share", "rate")
    if len(found) > MOST_NAMES:
        sheet.say(grid.top + grid.count, 0, f"{len(found) - MOST_NAMES} smaller ones: in the answer", "small")
    elif key == "tenant":
        effective(grid, "effective tenants")


def effective(grid: Grid, said: str) -> None:
    """Put the effective number of a table's shares below it."""
    row, shares = grid.top + grid.count, grid.of("share")
    grid.sheet.say(row, 0, said, "total")
    formula = ratio("1", f"SUMPRODUCT({shares},{shares})")
    key = f"{grid.key}.effective"
    grid.sheet.put(row, len(grid.names), f"={formula}", "total:number", key=key)


def _spread(sheet: Sheet, count: int) -> None:
    """Effective loans, and the shares of the largest: rows of the loans are in order of balance."""
    row, shares = sheet.next, f"{{loan1.share..loan{count}.share}}"
    sheet.say(row, 0, "Loans", "heading")
    sheet.say(row + 1, 0, "effective loans")
    sheet.put(row + 1, 1, f"=1/SUMPRODUCT({shares},{shares})", "number", key="effective_loans")
    for n, top in enumerate(TOPS, start=2):
        sheet.say(row + n, 0, f"largest {top}" if top > 1 else "largest loan")
        largest = f"=SUM({{loan1.share..loan{min(top, count)}.share}})"
        sheet.put(row + n, 1, largest, "rate", key=f"top_{top}_share")
    sheet.next = row + len(TOPS) + 3


def _stresses(sheet: Sheet, answer: PoolUnderwriting, currency: str) -> None:
    """What each of the largest obligors costs in default, one at a time."""
    stresses = answer.concentration.stress
    if not stresses:
        return
    notes = [note.name for note in stresses[0].classes]
    names = {"id": "obligor in default", "kind": "kind", "share": "share", "loss": "loss of the loans"}
    names |= {f"class{k}": f"{name} loses" for k, name in enumerate(notes)} | {"all": "all classes"}
    grid = Grid.below(sheet, f"One obligor in default, {currency}", "stress", names, len(stresses))
    grid.values("id", "text", [each.id for each in stresses])
    grid.values("kind", "text", [each.kind for each in stresses])
    grid.values("share", "rate", [each.share for each in stresses])
    grid.values("loss", "money", [each.collateral_loss for each in stresses])
    for k in range(len(notes)):
        grid.values(f"class{k}", "money", [each.classes[k].principal_loss for each in stresses])
    if notes:
        write_sums(grid, len(notes))


def write_sums(grid: Grid, count: int) -> None:
    """Sum the losses of so many classes in each row."""
    grid.formulas("all", "money", lambda n: "+".join(grid.cell(n, f"class{k}") for k in range(count)))
