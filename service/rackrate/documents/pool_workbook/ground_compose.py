"""A whole workbook of a pool of ground leases: every sheet in the order in which its figures follow."""

from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.cases import ISSUER
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.documents.pool_workbook.classes_sheet import write_rent_scenarios
from rackrate.documents.pool_workbook.frame import finish, write_head, write_warnings
from rackrate.documents.pool_workbook.ground_sheets import (
    write_cash_flow,
    write_leases,
    write_rent_classes,
    write_rent_waterfall,
)
from rackrate.documents.pool_workbook.tests_sheet import write_sizing
from rackrate.documents.workbook.formulas.book import Book
from rackrate.documents.workbook.summary.checks_sheet import Checks

ORDER = (
    "Cover",
    "Checks",
    "GroundLeases",
    "Concentration",
    "Sizing",
    "Classes",
    "Scenarios",
    "CashFlow",
    "Waterfall",
    "Warnings",
    "Notes",
)


def compose_ground(pool: GroundPool, answer: GroundUnderwriting) -> Book:
    """Compose the workbook of a pool of ground leases."""
    book = Book()
    cover = write_head(book, pool, answer, "Pool of ground leases: the tables of one answer.")
    write_leases(book, pool, answer)
    write_sizing(book, answer.sizing.tests, answer.summary.principal)
    write_cash_flow(book, answer)
    if answer.waterfall is not None:
        classes = write_rent_classes(book, answer, _drawn(pool, answer))
        write_rent_waterfall(book, pool, answer.waterfall)
        last = len(answer.waterfall.date) - 1
        classes.formulas("loss", "money", lambda n: f"{{w.balance{n}@[{last}]}}")
        write_rent_scenarios(book, answer.scenarios, pool.currency)
    write_warnings(book, answer.warnings)
    _checks(book, answer)
    figures = [
        ("principal", "{test.largest}", "money"),
        ("value of the leases", "{lease.value}", "money"),
        ("loan to value", "{test.largest}/{lease.value}", "rate"),
        ("look-through loan to value", "{test.largest}/{lease.combined}", "rate"),
        ("ground rent, first twelve months", "{lease.rent}", "money"),
    ]
    return finish(book, cover, ORDER, figures)


def _drawn(pool: GroundPool, answer: GroundUnderwriting) -> list[float]:
    """What each class owes at closing: a variable funding note as stated in the issuer's case, else fully."""
    if pool.structure is None:
        return []
    drawn = []
    for note, issued in zip(pool.structure.classes, answer.tranches, strict=True):
        part = note.vfn is not None and pool.structure.case == ISSUER
        drawn.append(min(note.vfn.drawn, issued.principal) if part and note.vfn else issued.principal)
    return drawn


def _checks(book: Book, answer: GroundUnderwriting) -> None:
    """Tie every block to the answer."""
    checks, summary = Checks(book, inputs=False), answer.summary
    principal, flow = summary.principal, answer.cash_flow
    checks.tie("Sizing", "principal", "{test.largest}", principal)
    checks.tie("Ground leases", "combined value", "{lease.combined}", summary.combined_value)
    spread = answer.concentration
    if "tenant.effective" in book.cells:
        checks.tie("Concentration", "effective tenants", "{tenant.effective}", spread.effective_tenants)
    for n, year in enumerate(spread.expiry, start=1):
        checks.tie("Expiries", str(year.id), f"{{year{n}.share}}", year.share)
    for n, test in enumerate(answer.sizing.tests, start=1):
        checks.tie("Sizing", f"{test.name}: slack", f"{{test{n}.slack}}", test.slack, principal)
    for name in ("ncf", "available"):
        checks.series("Cash flow", f"c.{name}", flow.lines[name], principal)
    if answer.waterfall is not None:
        checks.tie("Classes", "issued", "{class.principal}", summary.issued)
        for j, (note, paid) in enumerate(
            zip(answer.tranches, answer.waterfall.classes, strict=True), start=1
        ):
            told = f"{note.name}: look-through LTV"
            checks.tie("Classes", told, f"{{class{j}.through}}", note.look_through_ltv)
            checks.series("Waterfall", f"w.balance{j}", paid.balance, principal)
            lost = f"{note.name}: principal loss"
            checks.tie("Classes", lost, f"{{class{j}.loss}}", paid.principal_loss, principal)
    checks.errors(book)
    checks.finish()
