"""Sheets by month: what the loans bring, and the class schedule; balances and books are formulas."""

from collections.abc import Iterable, Sequence

from rackrate.deal.answers.pool import CollateralRun, PoolUnderwriting
from rackrate.deal.requests.pool import Pool
from rackrate.documents.workbook.formulas.book import Book, Sheet

RUN = "Value of the service: a run of the loans by month, mass by mass (docs/pools.md)."
PAID = "Value of the service: the priority of payments, step by step (docs/pools.md)."
INTEREST = ("interest", "strip", "interest_advanced", "interest_recovered", "special_servicing")
PRINCIPAL = ("scheduled", "prepaid", "balloon", "principal_advanced", "principal_recovered")
MEMORANDUM = (
    "realised_loss",
    "premiums",
    "reimbursed",
    "advance_interest",
    "appraisal_reduction",
    "defaulted",
)
ACCOUNTS = ("fees", "residual", "premiums_residual")
OF_CLASS = (
    "interest_due",
    "interest_paid",
    "interest_unpaid",
    "principal_paid",
    "premium_paid",
    "reimbursed",
    "written_down",
)
INVESTED = ("interest_paid", "principal_paid", "premium_paid", "reimbursed")


def write_collateral(book: Book, pool: Pool, run: CollateralRun) -> None:
    """Write the loans by month: funds, the stated balance and advances follow from what comes in."""
    said = f"What the loans bring in the reported scenario, by payment date, {pool.currency}."
    sheet = book.sheet("Collateral", f"Collateral, scenario {run.scenario}", said, len(run.date))
    sheet.row("t.m", "month", "{m}", style="count")
    values(sheet, "Interest", "c", run, INTEREST, RUN)
    funds = "{c.interest}-{c.strip}+{c.interest_advanced}+{c.interest_recovered}-{c.special_servicing}"
    sheet.row("c.interest_funds", "interest funds", funds)
    values(sheet, "Principal", "c", run, PRINCIPAL, RUN)
    sheet.row("c.principal_funds", "principal funds", "+".join(f"{{c.{name}}}" for name in PRINCIPAL))
    values(sheet, "Losses, premiums, advances", "c", run, MEMORANDUM, RUN)
    sheet.heading("After the month")
    balance = "{c.balance@-1}-{c.principal_funds}-{c.realised_loss}"
    sheet.row("c.balance", "stated balance", balance, opening="{loan.balance}")
    advances = "{c.advances@-1}+{c.interest_advanced}+{c.principal_advanced}-{c.reimbursed}"
    opening = sum(loan.status.advances for loan in pool.loans)
    sheet.row("c.advances", "advances outstanding", advances, opening=opening)
    loss = "({c.loss_to_date@-1}*{loan.balance}+{c.realised_loss})/{loan.balance}"
    sheet.row("c.loss_to_date", "losses to date over balance at closing", loss, style="rate", opening=0.0)
    sheet.run()


def values(
    sheet: Sheet, heading: str, prefix: str, run: object, names: Iterable[str], note: str, last: str = ""
) -> None:
    """Write rows of the answer's own by month under a heading; keys end in `last`."""
    sheet.heading(heading)
    for name in names:
        sheet.known(f"{prefix}.{name}{last}", name.replace("_", " "), getattr(run, name), note=note)


def write_waterfall(book: Book, pool: Pool, answer: PoolUnderwriting) -> None:
    """Write the class schedule: a block a class, its balance from what it is paid and what is written off."""
    run, structure = answer.waterfall, pool.structure
    if run is None or structure is None:
        raise ValueError("structure: a class schedule without classes")
    said = f"The class schedule in the reported scenario, by payment date, {pool.currency}."
    sheet = book.sheet("Waterfall", f"Class schedule, scenario {run.scenario}", said, len(run.date))
    sheet.row("w.m", "payment of the run", "{m}+1", style="count")
    sheet.heading("Cash")
    sheet.row("w.cash", "interest and principal funds", "{c.interest_funds}+{c.principal_funds}")
    values(sheet, "Accounts", "w", run, ACCOUNTS, PAID)
    reserve = max(structure.reserve.floor, structure.reserve.share * answer.summary.balance)
    sheet.known("w.reserve", "reserve", run.reserve, note=PAID, opening=reserve)
    sheet.known("w.deficit", "deficit", run.deficit, note=PAID, opening=0.0)
    numbers = {note.name: j for j, note in enumerate(structure.classes, start=1)}
    for j, (own, note) in enumerate(zip(structure.classes, run.classes, strict=True), start=1):
        values(sheet, f"Class {own.name}", "w", note, OF_CLASS, PAID, str(j))
        if own.io is None:
            paid = f"{{w.balance{j}@-1}}-{{w.principal_paid{j}}}-{{w.written_down{j}}}"
            sheet.row(f"w.balance{j}", f"{own.name}: balance", paid, opening=f"{{class{j}.principal}}")
    sheet.run()
    for j, own in enumerate(structure.classes, start=1):
        if own.io is not None:
            notional = "+".join(f"{{w.balance{numbers[name]}}}" for name in own.io)
            sheet.row(f"w.balance{j}", f"{own.name}: notional", notional, opening="=")
    _books(sheet, list(numbers.values()))
    sheet.heading("To an investor, the opening its price")
    for j, own in enumerate(structure.classes, start=1):
        flow = "+".join(f"{{w.{name}{j}}}" for name in INVESTED)
        held = "notional" if own.io is not None else "principal"
        sheet.row(f"w.flow{j}", f"{own.name}: flow", flow, opening=f"-{{class{j}.price}}*{{class{j}.{held}}}")
    sheet.run()


def _books(sheet: Sheet, classes: Sequence[int]) -> None:
    """What came in less what went out, and premiums likewise: nothing, every month."""
    sheet.heading("Books")
    of_cash = [name for name in INVESTED if name != "premium_paid"]
    paid = "+".join(f"{{w.{name}{j}}}" for name in of_cash for j in classes)
    sheet.row("w.paid", "paid to classes, premiums left out", paid)
    drawn = "{w.reserve@-1}-{w.reserve}+{w.deficit}-{w.deficit@-1}"
    books = f"{{w.cash}}+{drawn}-{{w.fees}}-{{w.paid}}-{{w.residual}}"
    sheet.row("w.books", "cash in less cash out", books, style="small_difference")
    premiums = "+".join(f"{{w.premium_paid{j}}}" for j in classes)
    left = f"{{c.premiums}}-({premiums})-{{w.premiums_residual}}"
    sheet.row("w.premium_books", "premiums in less out", left, style="small_difference")
