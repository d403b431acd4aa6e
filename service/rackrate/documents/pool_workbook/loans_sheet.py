"""Sheet of the loans, the largest first: terms, cover and outcome, weighted averages below."""

from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.cases import ISSUER
from rackrate.deal.requests.pool import Pool
from rackrate.documents.pool_workbook.grid import Grid, ratio
from rackrate.documents.workbook.formulas.book import Book

LOANS = {
    "id": "loan",
    "name": "name",
    "sponsor": "sponsor",
    "market": "market",
    "type": "property type",
    "balance": "balance",
    "share": "share",
    "rate": "rate",
    "maturity": "maturity",
    "term": "months to maturity",
    "year": "year it matures in",
    "note": "note's share of the loan",
    "ncf": "NCF at closing, whole property",
    "value": "value, whole property",
    "service": "service of the first year",
    "dscr": "DSCR",
    "ltv": "LTV",
    "debt_yield": "debt yield",
    "pd": "one-year PD",
    "status": "outcome",
    "month": "month of last cash",
    "defaulted": "share that defaults",
    "loss": "realised loss",
    "severity": "loss over balance",
}
CASES = {"id": "loan", "case": "case", "ncf": "NCF", "value": "value", "service": "service"}
CASES |= {"dscr": "DSCR", "ltv": "LTV", "debt_yield": "debt yield", "all_in_ltv": "all-in LTV"}
MOST_ROWS = 20_000  # of loans by case
GIVEN = "Value of the request."
TEXTS = ("id", "name", "sponsor", "market", "type", "status", "case")


def write_loans(book: Book, pool: Pool, answer: PoolUnderwriting) -> Grid:
    """Write a row a loan in the issuer's case; its ratios and the pool's averages are formulas."""
    said = "At closing in the issuer's case, the largest first; outcome in the reported scenario."
    sheet = book.sheet("Loans", "Loans", said)
    sheet.widths = {column: 20 if name in TEXTS else 13 for column, name in enumerate(LOANS)}
    sheet.next = 3
    order = sorted(range(len(pool.loans)), key=lambda x: -pool.loans[x].balance)
    loans, found = [pool.loans[x] for x in order], [answer.loans[x] for x in order]
    cases = [next(case for case in loan.cases if case.case == ISSUER) for loan in found]
    grid = Grid.below(sheet, f"Loans, {pool.currency}", "loan", LOANS, len(loans))
    for name, attribute in (("id", "id"), ("name", "name"), ("sponsor", "sponsor"), ("market", "market")):
        grid.values(name, "text", [getattr(loan, attribute) for loan in loans], GIVEN)
    grid.values("type", "text", [loan.property_type for loan in loans], GIVEN)
    grid.values("balance", "money", [loan.balance for loan in loans], GIVEN)
    grid.total("balance", "money")
    grid.formulas("share", "rate", lambda n: ratio(grid.cell(n, "balance"), "{loan.balance}"))
    rates = [loan.rate if isinstance(loan.rate, float | int) else "floating" for loan in loans]
    grid.values("rate", "rate", rates, GIVEN)
    grid.values("maturity", "date", [loan.maturity for loan in loans], GIVEN)
    grid.values("term", "index", [loan.maturity_month for loan in found])
    grid.formulas("year", "index", lambda n: f"YEAR(EDATE({{in_closing}},{grid.cell(n, 'term')}))")
    grid.values("note", "rate", [loan.pari_passu_share for loan in loans], GIVEN)
    for name in ("ncf", "value", "service"):
        grid.values(name, "money", [getattr(case, name) for case in cases])
    own = "{{loan{n}.note}}*{{loan{n}.ncf}}"
    grid.formulas("dscr", "cover", lambda n: ratio(own.format(n=n), grid.cell(n, "service")))
    whole = "{{loan{n}.note}}*{{loan{n}.value}}"
    grid.formulas("ltv", "rate", lambda n: ratio(grid.cell(n, "balance"), f"({whole.format(n=n)})"))
    grid.formulas("debt_yield", "rate", lambda n: ratio(own.format(n=n), grid.cell(n, "balance")))
    grid.values("pd", "rate", [loan.one_year_pd for loan in found])
    grid.values("status", "text", [loan.outcome.status for loan in found])
    grid.values("month", "index", [loan.outcome.month for loan in found])
    grid.values("defaulted", "rate", [loan.outcome.defaulted for loan in found])
    grid.values("loss", "money", [loan.outcome.loss for loan in found])
    grid.formulas("severity", "rate", lambda n: ratio(grid.cell(n, "loss"), grid.cell(n, "balance")))
    _totals(grid, rates)
    return grid


def _totals(grid: Grid, rates: list[float | str]) -> None:
    """Averages by balance where every loan has the figure, and the pool as one loan."""
    balance = grid.of("balance")
    ncf = f"SUMPRODUCT({grid.of('note')},{grid.of('ncf')})"
    value = f"SUMPRODUCT({grid.of('note')},{grid.of('value')})"
    grid.total("share", "rate")
    if not any(isinstance(rate, str) for rate in rates):
        grid.total("rate", "rate", f"SUMPRODUCT({balance},{grid.of('rate')})/{{loan.balance}}")
    grid.total("term", "number", f"SUMPRODUCT({balance},{grid.of('term')})/{{loan.balance}}")
    grid.total("ncf", "money", ncf)
    grid.total("value", "money", value)
    grid.total("service", "money")
    grid.total("dscr", "cover", ratio("{loan.ncf}", "{loan.service}"))
    grid.total("ltv", "rate", ratio("{loan.balance}", "{loan.value}"))
    grid.total("debt_yield", "rate", ratio("{loan.ncf}", "{loan.balance}"))
    grid.total("loss", "money")
    grid.total("severity", "rate", ratio("{loan.loss}", "{loan.balance}"))
    grid.sheet.say(grid.top + grid.count, 0, "Pool as one loan; note's share of NCF and value", "total")


def write_cases(book: Book, answer: PoolUnderwriting) -> list[str]:
    """Write a row a loan and case, as the service has them; in words where they are too many to be read."""
    rows = [(loan.id, case) for loan in answer.loans for case in loan.cases]
    if len(rows) > MOST_ROWS:
        return [f"Cases, {len(rows):,} rows of loans by case: they stand in the answer."]
    sheet = book.sheet("Cases", "Loans by case", "Each loan in every case that the pool names, and issuer's.")
    sheet.widths = {column: 22 if name in TEXTS else 16 for column, name in enumerate(CASES)}
    sheet.next = 3
    grid = Grid.below(sheet, "Loans by case", "case", CASES, len(rows))
    grid.values("id", "text", [loan for loan, _ in rows])
    grid.values("case", "text", [case.case for _, case in rows])
    for name in ("ncf", "value", "service"):
        grid.values(name, "money", [getattr(case, name) for _, case in rows])
    grid.values("dscr", "cover", [case.dscr for _, case in rows])
    for name in ("ltv", "debt_yield", "all_in_ltv"):
        grid.values(name, "rate", [getattr(case, name) for _, case in rows])
    return []
