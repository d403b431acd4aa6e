"""A whole workbook of a pool of loans: every sheet in the order in which its figures follow."""

from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.requests.pool import Pool
from rackrate.documents.pool_workbook.classes_sheet import (
    write_class_lives,
    write_class_sizes,
    write_scenarios,
)
from rackrate.documents.pool_workbook.concentration_sheet import TOPS, write_concentration
from rackrate.documents.pool_workbook.frame import finish, write_head, write_warnings
from rackrate.documents.pool_workbook.loans_sheet import write_cases, write_loans
from rackrate.documents.pool_workbook.run_sheets import write_collateral, write_waterfall
from rackrate.documents.pool_workbook.tests_sheet import write_tests
from rackrate.documents.workbook.formulas.book import Book
from rackrate.documents.workbook.summary.checks_sheet import Checks

ORDER = (
    "Cover",
    "Checks",
    "Loans",
    "Cases",
    "Concentration",
    "Tests",
    "Classes",
    "Scenarios",
    "Collateral",
    "Waterfall",
    "Warnings",
    "Notes",
)


def compose(pool: Pool, answer: PoolUnderwriting) -> Book:
    """Compose the workbook of a pool of loans."""
    book = Book()
    cover = write_head(book, pool, answer, "Pool of loans: the tables of one answer.")
    loans = write_loans(book, pool, answer)
    left_out = write_cases(book, answer)
    write_concentration(book, pool, answer, loans)
    write_tests(book, answer)
    write_collateral(book, pool, answer.collateral)
    if answer.tranches:
        classes = write_class_sizes(book, answer)
        write_waterfall(book, pool, answer)
        write_class_lives(classes, answer)
    write_scenarios(book, answer, pool.currency)
    write_warnings(book, answer.warnings)
    _checks(book, answer)
    figures = [
        ("balance", "{loan.balance}", "money"),
        ("DSCR as one loan", "{loan.dscr}", "cover"),
        ("LTV as one loan", "{loan.ltv}", "rate"),
        ("debt yield as one loan", "{loan.debt_yield}", "rate"),
        ("effective loans", "{effective_loans}", "number"),
        ("loss in the reported scenario", "{loan.severity}", "rate"),
    ]
    return finish(book, cover, ORDER, figures, left_out)


def _checks(book: Book, answer: PoolUnderwriting) -> None:
    """Tie every block to the answer, then the books of every month."""
    checks, summary = Checks(book, inputs=False), answer.summary
    balance = summary.balance
    checks.tie("Loans", "balance", "{loan.balance}", balance)
    checks.tie("Loans", "DSCR as one loan", "{loan.dscr}", summary.dscr)
    checks.tie("Loans", "LTV as one loan", "{loan.ltv}", summary.ltv)
    checks.tie("Loans", "months to maturity", "{loan.term}", summary.wa_term_months)
    if "loan.rate" in book.cells:
        checks.tie("Loans", "rate", "{loan.rate}", summary.wa_rate)
    checks.tie("Concentration", "effective loans", "{effective_loans}", summary.effective_loans)
    checks.tie("Concentration", "effective groups", "{group.effective}", summary.effective_groups)
    for top in TOPS:
        key = f"top_{top}_share"
        checks.tie("Concentration", f"largest {top}", f"{{{key}}}", getattr(summary, key))
    for n, year in enumerate(answer.concentration.maturity, start=1):
        checks.tie("Maturity wall", str(year.id), f"{{year{n}.share}}", year.share)
    for n, row in enumerate(answer.capacity, start=1):
        checks.tie("Capacity", row.category, f"{{capacity{n}.principal}}", row.principal, balance)
    for n, test in enumerate(answer.tests, start=1):
        checks.tie("Tests", f"{test.name}: slack", f"{{test{n}.slack}}", test.slack)
    checks.series("Collateral", "c.balance", answer.collateral.balance, balance)
    checks.series("Collateral", "c.advances", answer.collateral.advances_outstanding, balance)
    for n, scenario in enumerate(answer.scenarios, start=1):
        checks.tie("Scenarios", f"{scenario.name}: loss", f"{{scenario{n}.share}}", scenario.loss_share)
    if answer.tranches:
        _class_checks(checks, answer)
    checks.errors(book)
    checks.finish()


def _class_checks(checks: Checks, answer: PoolUnderwriting) -> None:
    """Tie each class and its schedule; what came in went out, every month."""
    run, balance = answer.waterfall, answer.summary.balance
    if run is None:
        raise ValueError("waterfall: classes without one")
    checks.tie("Classes", "issued", "{class.principal}", answer.summary.issued)
    for j, (note, paid) in enumerate(zip(answer.tranches, run.classes, strict=True), start=1):
        name = note.name
        checks.tie("Classes", f"{name}: enhancement", f"{{class{j}.ce}}", note.credit_enhancement)
        checks.tie("Classes", f"{name}: WAL", f"{{class{j}.wal}}", note.wal)
        checks.tie("Classes", f"{name}: yield", f"{{class{j}.yield}}", note.yield_)
        checks.tie("Classes", f"{name}: principal loss", f"{{class{j}.loss}}", note.principal_loss, balance)
        checks.tie("Classes", f"{name}: unpaid", f"{{class{j}.unpaid}}", note.interest_unpaid, balance)
        checks.series("Waterfall", f"w.balance{j}", paid.balance, balance)
    checks.series("Waterfall", "w.cash", run.cash, balance)
    for key in ("w.books", "w.premium_books"):
        span = f"{{{key}@[:]}}"
        apart = f"MAX(MAX({span}),-MIN({span}))/{{loan.balance}}"
        checks.hold("Waterfall", key.partition(".")[2].replace("_", " "), apart, "1E-9", "difference")
    for n, scenario in enumerate(answer.scenarios, start=1):
        if scenario.name == run.scenario:
            lost = f"{{scenario{n}.all}}-{{class.loss}}"
            checks.hold("Scenarios", "reported losses", f"ABS({lost})/{{loan.balance}}", "1E-9", "difference")
