"""Workbooks recalculated by LibreOffice: the engine's figures from nothing, changes as a new answer."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from tests.documents.workbook.agreement import Agreement
from tests.documents.workbook.conftest import (
    CHANGES,
    NAMES,
    RECALCULATED_CHANGES,
    Made,
    answered,
    changed,
    changes_of,
    document_of,
    inputs_of,
)
from tests.documents.workbook.office import Cells, cell_of, row_of

from rackrate.analyses.registry import ruleset_of
from rackrate.documents.workbook.compose import compose
from rackrate.documents.workbook.formulas.addresses import FIRST, letters
from rackrate.documents.workbook.formulas.book import Book
from rackrate.documents.workbook.inputs.inputs_sheet import Inputs
from rackrate.documents.workbook.source import Source

pytestmark = [  # offices are begun first, and at work while the tests of values run
    pytest.mark.timeout(900),
    pytest.mark.usefixtures("recalculated"),
]
ROUNDING = 1e-9  # of what is the largest in its row, or of what is issued: residues are rounding alone
RUNS, MONEY = ("w", "z", "xh", "xf", "y"), ("money", "small_difference")


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_changed_input_comes_out_as_the_service_answers_the_changed_deal(
    without_stress: dict[str, Made], monkeypatch: pytest.MonkeyPatch, name: str, change: str
) -> None:
    """By the values of the formulas, which the tests below hold to a recalculation."""
    before, changes = without_stress[name], changes_of(name)[change]
    book = recomposed(before, changes, monkeypatch)
    _, answer = answered(changed(document_of(name), changes))
    assert (answer.summary, answer.tranches) != (before.answer.summary, before.answer.tranches)
    found = Agreement(book, answer, book.value, book.series)
    found.skip_final = "z.books" not in book.rows
    assert found.all().faults == []
    assert (book.value("chk_all"), book.value("inputs_changed")) == ("ok", len(changes))


def test_a_changed_rent_moves_what_a_tenant_pays_as_its_contract_ends_early(
    without_stress: dict[str, Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deposits and fees are months of rent: 54 a month of what is available was left behind by a rent."""
    name, rent = "gpu-compute-loan", "/facilities/0/leases/1/rent_per_kw_month"
    before = without_stress[name]
    changes = {rent: document_of(name)["facilities"][0]["leases"][1]["rent_per_kw_month"] * 1.1}
    book = recomposed(before, changes, monkeypatch)
    _, answer = answered(changed(document_of(name), changes))
    lines = (
        answer.cash_flow.lines["termination_receipts"],
        before.answer.cash_flow.lines["termination_receipts"],
    )
    assert max(abs(new - old) for new, old in zip(*lines, strict=True)) > 50.0
    assert book.series("cf1.termination_receipts")[: len(lines[0])] == pytest.approx(lines[0], abs=1e-6)
    assert Agreement(book, answer, book.value, book.series).all().faults == []


def recomposed(before: Made, changes: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> Book:
    """The workbook with other values in some inputs, and what its formulas come to."""
    values, add = inputs_of(before.book, changes), Inputs.add

    def changing(self: Inputs, called: str, *terms: Any, **options: Any) -> str:
        named = add(self, called, *terms, **options)
        cell = self.sheet.book.cells[named]
        cell.value = values.get(named, cell.value)
        self.sheet.book.cells[f"changed_{called}"].value = float(named in values)
        return named

    monkeypatch.setattr(Inputs, "add", changing)
    return compose(Source(before.deal, ruleset_of(before.deal), before.answer), most=0)


def test_every_row_is_one_formula_copied_along_the_months(shipped: dict[str, Made]) -> None:
    book = shipped["gpu-compute-loan"].book
    for row in (row for sheet in book.sheets for row in sheet.rows if row.template):
        pieces = book.pieces(row.sheet, row.template)
        beyond = FIRST + 12  # windows are whole from here on
        relative = {
            _relative(pieces.at(column), column) for column in range(beyond, FIRST + row.sheet.months)
        }
        assert len(relative) <= 1, row.key


def _relative(formula: str, column: int) -> str:
    """A formula with its relative columns counted from its own."""
    places = {letters(n): n for n in range(column + 20)}

    def counted(found: re.Match[str]) -> str:
        return f"[{places[found[1]] - column}]{found[2]}"

    return re.sub(r"(?<![$A-Z0-9_a-z])([A-Z]{1,3})(\d+)\b", counted, formula)


@pytest.mark.parametrize("name", NAMES)
def test_a_workbook_without_values_recalculates_to_the_figures_of_the_answer(
    shipped: dict[str, Made], recalculated: Callable[[str], dict[str, Cells]], name: str
) -> None:
    one, sheets = shipped[name], recalculated(name)
    found = Agreement(
        one.book,
        one.answer,
        lambda key: cell_of(one.book, key, sheets),
        lambda key: row_of(one.book, key, sheets),
    ).all()
    assert found.faults == []
    assert found.compared > 1000
    assert cell_of(one.book, "chk_all", sheets) == "ok"
    assert cell_of(one.book, "checks_ok", sheets) == one.book.value("checks_ok") > 200.0
    assert [text for cells in sheets.values() for text in cells.values() if str(text).startswith("#")] == []
    assert _apart(one.book, sheets) == []


def _apart(book: Book, sheets: dict[str, Cells]) -> list[str]:
    """Formulas beside which another value is kept than a recalculation finds."""
    apart = []
    issued = book.value("out_principal")
    for row in (row for sheet in book.sheets for row in sheet.rows if row.template):
        kept, again = row.values[1:-1], row_of(book, row.key, sheets)
        of_run = row.key.partition(".")[0] in RUNS and row.style in MONEY
        scale = max([issued if of_run else 1.0, *_sizes(kept)])
        apart += [
            f"{row.key} in {month}: {here!r}, {there!r}"
            for month, (here, there) in enumerate(zip(kept, again, strict=True))
            if not _same(here, there, scale)
        ]
    for sheet in book.sheets:
        for cell in (cell for cell in sheet.cells if cell.template):
            there = sheets[sheet.name].get(f"{letters(cell.column)}{cell.row + 1}", "")
            scale = max(1.0, *_sizes([cell.value]), issued if sheet.name == "Checks" else 0.0)
            if not _same(cell.value, there, scale):
                apart.append(f"{sheet.name} {cell.template[:60]}: {cell.value!r}, {there!r}")
    return apart


def _sizes(values: list[float | str]) -> list[float]:
    return [abs(value) for value in values if not isinstance(value, str) and abs(value) < 9e307]


def _same(here: float | str, there: float | str, scale: float) -> bool:
    if isinstance(here, str) or isinstance(there, str):
        return here == there
    return abs(here - there) <= ROUNDING * scale or min(here, there) > 9e307


def _all_changes(name: str) -> dict[str, float]:
    return {pointer: value for change in changes_of(name).values() for pointer, value in change.items()}


@pytest.mark.parametrize("name", RECALCULATED_CHANGES)
def test_changed_inputs_recalculate_to_what_the_service_answers_to_the_changed_deal(
    without_stress: dict[str, Made], recalculated: Callable[[str], dict[str, Cells]], name: str
) -> None:
    book, sheets = without_stress[name].book, recalculated(f"{name}, changed")
    _, answer = answered(changed(document_of(name), _all_changes(name)))
    found = Agreement(
        book, answer, lambda key: cell_of(book, key, sheets), lambda key: row_of(book, key, sheets)
    )
    found.skip_final = "z.books" not in book.rows  # lives of a run that was left out are values
    assert found.all().faults == []
    assert cell_of(book, "chk_all", sheets) == "ok"
    assert cell_of(book, "inputs_changed", sheets) == len(_all_changes(name))
