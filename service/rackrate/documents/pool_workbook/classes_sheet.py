"""Sheets of the classes: size and place, cover, life and yield; and what each loses in every scenario."""

from collections.abc import Sequence

from rackrate.deal.answers.ground_pool import GroundScenario
from rackrate.deal.answers.pool import PoolUnderwriting, ScenarioFigures
from rackrate.deal.answers.pools.certificates import CertificateFigures, FirstLossPoint
from rackrate.documents.pool_workbook.concentration_sheet import write_sums
from rackrate.documents.pool_workbook.grid import Grid, Held, ratio
from rackrate.documents.workbook.formulas.book import Book

CLASSES = {
    "id": "class",
    "principal": "principal",
    "notional": "notional of a strip",
    "cumulative": "debt down to it",
    "attachment": "attachment, of debt",
    "detachment": "detachment, of debt",
    "ce": "credit enhancement",
    "coupon": "coupon",
    "ltv": "LTV",
    "dscr": "DSCR",
    "supports": "supports, no rating",
    "price": "price",
    "guess": "yield's first guess",
    "yield": "yield",
    "wal": "WAL, years",
    "wal_contract": "WAL by contract, years",
    "loss": "principal loss",
    "unpaid": "interest unpaid",
    "cdr": "breaks at CDR multiple",
    "severity": "breaks at severity",
    "haircut": "breaks at cut of NCF",
}
GUESS = "Value of the service: its yield, from which the iteration starts; no figure rests on it."


def write_class_sizes(book: Book, answer: PoolUnderwriting) -> Grid:
    """Write size and place of each class; `write_class_lives` adds what the class schedule comes to."""
    sheet = book.sheet("Classes", "Classes", "In the reported scenario; sizes of the service, sums live.")
    sheet.widths = dict.fromkeys(range(len(CLASSES)), 16)
    sheet.next = 3
    notes = answer.tranches
    grid = Grid.below(sheet, "Classes", "class", CLASSES, len(notes))
    grid.values("id", "text", [note.name for note in notes])
    grid.values("principal", "money", [note.principal for note in notes])
    grid.values("notional", "money", [note.notional for note in notes])
    grid.total("principal", "money")
    grid.formulas("cumulative", "money", lambda n: f"SUM({{class1.principal..class{n}.principal}})")
    issued = "{class.principal}"
    strip = [note.notional is not None for note in notes]

    def placed(n: int, formula: str) -> str:
        return '""' if strip[n - 1] else formula

    def before(n: int) -> str:
        return placed(n, ratio(f"({grid.cell(n, 'cumulative')}-{grid.cell(n, 'principal')})", issued))

    grid.formulas("detachment", "rate", lambda n: placed(n, ratio(grid.cell(n, "cumulative"), issued)))
    grid.formulas("ce", "rate", lambda n: placed(n, f"1-{grid.cell(n, 'cumulative')}/{{loan.balance}}"))
    grid.values("coupon", "rate", [note.coupon for note in notes])
    grid.values("ltv", "rate", [note.ltv for note in notes])
    grid.values("dscr", "cover", [note.dscr for note in notes])
    grid.values("supports", "text", [note.supports for note in notes])
    grid.values("price", "number", [note.price for note in notes], "Value of the request.")
    for name, field in (("cdr", "cdr_multiple"), ("severity", "severity"), ("haircut", "ncf_haircut")):
        style = "number" if name == "cdr" else "rate"
        grid.values(name, style, [_point(note, field) for note in notes])
    return grid


def _point(note: CertificateFigures, field: str) -> Held:
    """A break-even, or in a word why there is none."""
    if note.break_even is None:
        return None
    found: FirstLossPoint = getattr(note.break_even, field)
    return found.status.replace("_", " ") if found.value is None else found.value


def write_class_lives(grid: Grid, answer: PoolUnderwriting) -> None:
    """Add life, yield and losses of each class, from the class schedule by month."""
    notes = answer.tranches
    grid.values("guess", "rate", [note.yield_ for note in notes], GUESS)

    def rate(n: int) -> str:
        return (
            '""'
            if notes[n - 1].yield_ is None
            else f"12*IRR({{w.flow{n}@[-1:{last}]}},{{class{n}.guess}}/12)"
        )

    def life(n: int) -> str:
        paid = f"{{w.principal_paid{n}@[:]}}"
        return f'IF(SUM({paid})=0,"",SUMPRODUCT({paid},{{w.m@[:]}})/12/SUM({paid}))'

    def loss(n: int) -> str:
        if notes[n - 1].notional is not None:
            return "0"
        written = f"SUM({{w.written_down{n}@[:]}})-SUM({{w.reimbursed{n}@[:]}})"
        return f"{{w.balance{n}@[{last}]}}+{written}"

    last = 0 if answer.waterfall is None else len(answer.waterfall.date) - 1
    grid.formulas("yield", "rate", rate)
    grid.formulas("wal", "number", life)
    grid.values("wal_contract", "number", [note.wal_contract for note in notes])
    grid.formulas("loss", "money", loss)
    grid.formulas("unpaid", "money", lambda n: f"{{w.interest_unpaid{n}@[{last}]}}")
    grid.total("loss", "money")


def write_scenarios(book: Book, answer: PoolUnderwriting, currency: str) -> None:
    """Write what the loans and each class lose in every scenario of a pool of loans."""
    found: Sequence[ScenarioFigures] = answer.scenarios
    told = {"defaulted": "loans that default", "loss": "loss of the loans", "share": "loss over balance"}
    grid = _scenarios(book, found, told | {"unresolved": "not resolved at the end"}, currency)
    grid.values("defaulted", "rate", [each.defaulted_share for each in found])
    grid.values("loss", "money", [each.collateral_loss for each in found])
    grid.formulas("share", "rate", lambda n: ratio(grid.cell(n, "loss"), "{loan.balance}"))
    grid.values("unresolved", "money", [each.unresolved for each in found])


def write_rent_scenarios(book: Book, found: Sequence[GroundScenario], currency: str) -> None:
    """Write what each class loses in every case of a pool of ground leases."""
    grid = _scenarios(book, found, {"defaulted": "rent in default", "ncf": "NCF at closing"}, currency)
    grid.values("defaulted", "rate", [each.defaulted_share for each in found])
    grid.values("ncf", "money", [each.ncf for each in found])


def _scenarios(
    book: Book,
    found: Sequence[ScenarioFigures] | Sequence[GroundScenario],
    told: dict[str, str],
    currency: str,
) -> Grid:
    """Begin the sheet of scenarios with what each class loses, summed."""
    said = f"What each class loses in every scenario, {currency}; each row is a run of its own."
    sheet = book.sheet("Scenarios", "Losses by scenario", said)
    sheet.widths = {0: 24, **dict.fromkeys(range(1, 60), 16)}
    sheet.next = 3
    notes = [note.name for note in found[0].classes] if found else []
    names = {"id": "scenario"} | told | {f"class{k}": f"{name} loses" for k, name in enumerate(notes)}
    grid = Grid.below(sheet, "Losses by scenario", "scenario", names | {"all": "all classes"}, len(found))
    grid.values("id", "text", [each.name for each in found])
    for k in range(len(notes)):
        grid.values(f"class{k}", "money", [each.classes[k].principal_loss for each in found])
    if notes:
        write_sums(grid, len(notes))
    return grid
