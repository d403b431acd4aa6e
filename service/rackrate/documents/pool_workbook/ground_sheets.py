"""Sheets of ground leases: a row a lease, who pays and when rent ends, rents and classes by month."""

from rackrate.deal.answers.ground_pool import GroundTranche, GroundUnderwriting
from rackrate.deal.answers.runs import WaterfallRun
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.documents.pool_workbook.concentration_sheet import begin, write_shares, write_wall
from rackrate.documents.pool_workbook.grid import Grid, ratio
from rackrate.documents.pool_workbook.loans_sheet import GIVEN
from rackrate.documents.pool_workbook.run_sheets import PAID, values
from rackrate.documents.workbook.formulas.book import Book

LEASES = {
    "id": "ground lease",
    "name": "name",
    "rent": "rent, first twelve months",
    "share": "share of rent",
    "coverage": "cover of rent",
    "least": "least cover",
    "value": "value",
    "combined": "land and improvements",
    "gltv": "GLTV",
    "expiry": "expiry",
    "year": "year it ends in",
    "default": "month of default",
    "cured": "cured",
}
CLASSES = {
    "id": "class",
    "principal": "principal",
    "cumulative": "debt down to it",
    "coupon": "coupon",
    "ltv": "LTV of the leases",
    "through": "look-through LTV",
    "dscr": "DSCR",
    "debt_yield": "debt yield",
    "wal_to_ard": "WAL to the ARD, years",
    "wal_to_final": "WAL to final, years",
    "yield": "yield",
    "loss": "principal loss, reported case",
    "haircut": "first loss at a cut of NCF of",
    "supports": "supports, no rating",
}
CASH = "Value of the service: the landlord's cash flow in the waterfall's case (docs/pools.md)."
ACCOUNTS = ("available", "fees", "uncapped_fees", "reserve", "trap", "equity")
OF_CLASS = ("interest_due", "interest_paid", "capitalised", "principal_paid", "additional_paid")


def write_leases(book: Book, pool: GroundPool, answer: GroundUnderwriting) -> Grid:
    """Write a row a ground lease, the most valuable first; who pays, and the wall of expiries."""
    said = "In the waterfall's case, the most valuable first; value by the sizing's lens."
    sheet = book.sheet("GroundLeases", "Ground leases", said)
    sheet.widths = {0: 24, 1: 30, **dict.fromkeys(range(2, len(LEASES)), 16)}
    sheet.next = 3
    order = sorted(range(len(pool.ground_leases)), key=lambda g: -answer.ground_leases[g].value)
    leases, found = [pool.ground_leases[g] for g in order], [answer.ground_leases[g] for g in order]
    grid = Grid.below(sheet, f"Ground leases, {pool.currency}", "lease", LEASES, len(leases))
    grid.values("id", "text", [lease.id for lease in leases], GIVEN)
    grid.values("name", "text", [lease.name for lease in leases], GIVEN)
    grid.values("rent", "money", [lease.rent for lease in found])
    grid.total("rent", "money")
    grid.formulas("share", "rate", lambda n: ratio(grid.cell(n, "rent"), "{lease.rent}"))
    grid.values("coverage", "cover", [lease.coverage for lease in found])
    grid.values("least", "cover", [lease.minimum_coverage for lease in found])
    grid.values("value", "money", [lease.value for lease in found])
    grid.total("value", "money")
    grid.values("combined", "money", [lease.combined_value for lease in leases], GIVEN)
    grid.total("combined", "money")
    grid.formulas("gltv", "rate", lambda n: ratio(grid.cell(n, "value"), grid.cell(n, "combined")))
    grid.values("expiry", "date", [lease.expiry for lease in leases], GIVEN)
    grid.formulas("year", "index", lambda n: f"YEAR({grid.cell(n, 'expiry')})")
    grid.values("default", "index", [lease.default_month for lease in found])
    grid.values("cured", "text", [{None: None, True: "yes", False: "no"}[lease.cured] for lease in found])
    _concentration(book, answer, grid, pool.currency)
    return grid


def _concentration(book: Book, answer: GroundUnderwriting, grid: Grid, currency: str) -> None:
    told = answer.concentration
    sheet = begin(book, "How ground rent at closing is spread over lessees and years of expiry.")
    years, rents = grid.of("year"), grid.of("rent")
    write_wall(
        sheet,
        f"Rent by year of expiry, {currency}",
        told.expiry,
        lambda n: f"SUMIF({years},{{year{n}.id}},{rents})",
        "{lease.rent}",
    )
    write_shares(sheet, "tenant", "Lessees, share of ground rent", told.tenant)


def write_cash_flow(book: Book, answer: GroundUnderwriting) -> None:
    """Write the landlord's cash flow by month; what is left and what is available are formulas."""
    run = answer.cash_flow
    said = "The landlord's cash flow, by payment date."
    sheet = book.sheet("CashFlow", f"Cash flow, case {run.case}", said, len(run.date))
    sheet.row("t.m", "month", "{m}", style="count")
    for name in ("ground_rent_income", "landlord_costs", "ncf_haircut", "termination_receipts"):
        sheet.known(f"c.{name}", name.replace("_", " "), run.lines[name], note=CASH)
    sheet.row("c.ncf", "net cash flow", "{c.ground_rent_income}-{c.landlord_costs}-{c.ncf_haircut}")
    sheet.row("c.available", "available", "{c.ncf}+{c.termination_receipts}")
    sheet.run()


def write_rent_waterfall(book: Book, pool: GroundPool, run: WaterfallRun) -> None:
    """Write the class schedule: a block a class, its balance from what it is paid and what is capitalised."""
    said = f"The class schedule in the reported case, by payment date, {pool.currency}."
    sheet = book.sheet("Waterfall", f"Class schedule, case {run.case}", said, len(run.date))
    sheet.step = 1 if pool.structure is None else pool.structure.period_months
    sheet.row("w.m", "payment of the run", "{m}+1", style="count")
    values(sheet, "Accounts", "w", run, ACCOUNTS, PAID)
    for j, note in enumerate(run.classes, start=1):
        values(sheet, f"Class {note.name}", "w", note, OF_CLASS, PAID, str(j))
        left = f"{{w.balance{j}@-1}}-{{w.principal_paid{j}}}+{{w.capitalised{j}}}"
        sheet.row(f"w.balance{j}", f"{note.name}: balance", left, opening=f"{{class{j}.drawn}}")
    sheet.run()


def write_rent_classes(book: Book, answer: GroundUnderwriting, drawn: list[float]) -> Grid:
    """Write the classes; sums and look-through are formulas."""
    sheet = book.sheet("Classes", "Classes", "Sizes and figures of the service, sums live.")
    sheet.widths = dict.fromkeys(range(len(CLASSES) + 1), 16)
    sheet.next = 3
    notes: list[GroundTranche] = answer.tranches
    names = CLASSES | {"drawn": "drawn at closing"}
    grid = Grid.below(sheet, "Classes", "class", names, len(notes))
    grid.values("id", "text", [note.name for note in notes])
    grid.values("principal", "money", [note.principal for note in notes])
    grid.total("principal", "money")
    grid.formulas("cumulative", "money", lambda n: f"SUM({{class1.principal..class{n}.principal}})")
    grid.values("coupon", "rate", [note.coupon for note in notes])
    grid.values("ltv", "rate", [note.ltv for note in notes])
    grid.formulas("through", "rate", lambda n: ratio(grid.cell(n, "cumulative"), "{lease.combined}"))
    grid.values("dscr", "cover", [note.dscr for note in notes])
    grid.values("debt_yield", "rate", [note.debt_yield for note in notes])
    for name in ("wal_to_ard", "wal_to_final"):
        grid.values(name, "number", [getattr(note, name) for note in notes])
    grid.values("yield", "rate", [note.yield_ for note in notes])
    grid.values("haircut", "rate", [note.break_even_haircut for note in notes])
    grid.values("supports", "text", [note.supports for note in notes])
    grid.values("drawn", "money", drawn)
    return grid
