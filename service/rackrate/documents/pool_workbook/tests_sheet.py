"""Sheets of what limits the classes: capacity by category, tests of the pool, tests that size debt."""

from collections.abc import Sequence

from rackrate.deal.answers.pool import PoolTestOutcome, PoolUnderwriting
from rackrate.deal.answers.sizing import TestOutcome
from rackrate.documents.pool_workbook.grid import Grid
from rackrate.documents.workbook.formulas.book import Book

CAPACITY = {
    "category": "category",
    "alone": "enhancement of the loans alone",
    "ce": "credit enhancement",
    "principal": "largest principal",
}
TESTS = {
    "name": "test",
    "of": "of",
    "limit": "limit",
    "actual": "figure",
    "slack": "slack",
    "passes": "passes",
}
SIZED = {
    "name": "test",
    "limit": "limit",
    "actual": "figure at the principal",
    "largest": "largest principal",
    "slack": "slack",
    "binds": "binds",
}


def write_tests(book: Book, answer: PoolUnderwriting) -> None:
    """Write what each category carries, and every test with its slack."""
    sheet = book.sheet("Tests", "Capacity and tests", "What each category carries, and the tests asked for.")
    sheet.widths = {0: 32, 1: 30, **dict.fromkeys(range(2, 6), 18)}
    sheet.next = 3
    grid = Grid.below(sheet, "Capacity by category", "capacity", CAPACITY, len(answer.capacity))
    grid.values("category", "text", [row.category for row in answer.capacity])
    grid.values("alone", "rate", [row.ce_loan for row in answer.capacity])
    grid.values("ce", "rate", [row.ce for row in answer.capacity])
    grid.formulas("principal", "money", lambda n: f"(1-{grid.cell(n, 'ce')})*{{loan.balance}}")
    if answer.tests:
        _pool_tests(Grid.below(sheet, "Tests of the pool", "test", TESTS, len(answer.tests)), answer.tests)


def _pool_tests(grid: Grid, tests: Sequence[PoolTestOutcome]) -> None:
    grid.values("name", "text", [test.name for test in tests])
    of = [f"{test.top or 1} largest by {test.by}" if test.by else None for test in tests]
    grid.values("of", "text", of)
    grid.values("limit", "number", [test.limit for test in tests])
    grid.values("actual", "number", [test.actual for test in tests])

    def slack(n: int) -> str:
        limit, actual = grid.cell(n, "limit"), grid.cell(n, "actual")
        over = f"{actual}-{limit}" if tests[n - 1].kind.startswith("min") else f"{limit}-{actual}"
        return f'IF(ISNUMBER({actual}),{over},"")'

    grid.formulas("slack", "number", slack)
    grid.values("passes", "text", ["passes" if test.passes else "fails" for test in tests])


def write_sizing(book: Book, tests: Sequence[TestOutcome], principal: float) -> None:
    """Write every test that sizes debt on ground leases; the least of what they allow is the principal."""
    sheet = book.sheet("Sizing", "Sizing", "What limits the debt on the ground rents.")
    sheet.widths = {0: 32, **dict.fromkeys(range(1, 6), 20)}
    sheet.next = 3
    grid = Grid.below(sheet, "Tests", "test", SIZED, len(tests))
    grid.values("name", "text", [test.name for test in tests])
    grid.values("limit", "number", [test.limit for test in tests])
    grid.values("actual", "number", [test.actual for test in tests])
    grid.values("largest", "money", [test.max_principal for test in tests])
    grid.total("largest", "money", f"MIN({grid.of('largest')})")
    known = 'IF(ISNUMBER({0}),{0}-{1},"")'
    grid.formulas("slack", "money", lambda n: known.format(grid.cell(n, "largest"), "{test.largest}"))
    grid.formulas("binds", "flag", lambda n: f"IF({grid.cell(n, 'largest')}={{test.largest}},1,0)")
    sheet.say(grid.top + grid.count, 0, "least: the principal", "total")
