"""Workbooks of the shipped deals, as they are and changed, recalculated by LibreOffice once for all tests."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.conftest import EXAMPLES
from tests.documents.workbook.office import Cells, Recalculation, edited

from rackrate.analyses.deals.underwriting import underwrite
from rackrate.analyses.registry import ruleset_of
from rackrate.deal.codec.decode import read
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.documents.workbook.compose import compose
from rackrate.documents.workbook.file.workbook_file import save
from rackrate.documents.workbook.formulas.book import Book
from rackrate.documents.workbook.source import Source

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.json"))
CHANGES = ("rate", "limit", "class")
LARGEST = ("hyperscale-single-tenant", "pool-of-three")
RECALCULATED_CHANGES = ("gpu-compute-loan", "powered-shell-leasehold", "uk-two-hyperscalers")
HALVES = (LARGEST, [name for name in NAMES if name not in LARGEST])
ID = "00ff" * 16


@dataclass(frozen=True)
class Made:
    """A deal, its answer and its workbook."""

    deal: Deal
    answer: Underwriting
    book: Book


def answered(document: Any) -> tuple[Deal, Underwriting]:
    deal, _ = read(json.dumps(document).encode(), Deal)
    return deal, underwrite(deal, ruleset_of(deal), id=ID)


def made(document: Any, **options: Any) -> Made:
    deal, answer = answered(document)
    return Made(deal, answer, compose(Source(deal, ruleset_of(deal), answer), **options))


def document_of(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_bytes())


def _at(document: Any, pointer: str) -> tuple[Any, Any]:
    """The part of a document that a pointer ends in, and its key there."""
    *path, last = pointer.strip("/").split("/")
    for key in path:
        document = document[int(key) if isinstance(document, list) else key]
    return document, int(last) if isinstance(document, list) else last


def changes_of(name: str) -> dict[str, dict[str, float]]:
    """Three changes of a deal, as values by pointer: the rate, the binding test's limit, the last class."""
    deal = document_of(name)
    rate, classes = deal["debt"]["rate"], deal["structure"]["classes"]
    k = len(classes) - 1
    limit, coupon = classes[k]["limits"][0]["limit"], classes[k]["coupon"]
    floating = isinstance(coupon, dict)
    return {
        "rate": {"/debt/rate": rate + 0.004}
        if isinstance(rate, float)
        else {"/debt/rate/margin": rate["margin"] + 0.004},
        "limit": _tighter(deal),
        "class": {
            f"/structure/classes/{k}/limits/0/limit": limit * 0.45 if limit > 3.0 else limit * 0.96,
            f"/structure/classes/{k}/coupon{'/margin' if floating else ''}": (
                coupon["margin"] if floating else coupon
            )
            + 0.003,
        },
    }


def _tighter(deal: Any) -> dict[str, float]:
    """Every limit of the binding test, a twentieth tighter."""
    i = [test.binding for test in answered(deal)[1].sizing.tests].index(True)
    test = deal["sizing"]["tests"][i]
    up = test["kind"].startswith("min")
    factors = {"limit": 1.05 if up else 0.95, "dscr": 1.05, "ltv": 0.95, "advance_rate": 0.95}
    return {f"/sizing/tests/{i}/{term}": test[term] * by for term, by in factors.items() if term in test}


def changed(document: Any, changes: dict[str, float]) -> Any:
    moved = copy.deepcopy(document)
    for pointer, value in changes.items():
        part, key = _at(moved, pointer)
        part[key] = value
    return moved


def inputs_of(book: Book, changes: dict[str, float]) -> dict[str, float]:
    """Values of inputs by name, of values by pointer as the sheet of inputs has it."""
    sheet = next(sheet for sheet in book.sheets if sheet.name == "Inputs")
    pointers = {cell.value: cell.row for cell in sheet.cells if cell.column == 0}
    names = {cell.row: cell.name for cell in sheet.cells if cell.name}
    return {names[pointers[pointer]]: value for pointer, value in changes.items()}


@pytest.fixture(scope="session")
def shipped() -> dict[str, Made]:
    """Every shipped deal with its whole workbook."""
    return {name: made(document_of(name)) for name in NAMES}


@pytest.fixture(scope="session")
def without_stress() -> dict[str, Made]:
    """Every shipped deal, the runs left out that a change of inputs is not compared with."""
    return {name: made(document_of(name), most=0) for name in NAMES}


@pytest.fixture(scope="session")
def recalculated(
    shipped: dict[str, Made], without_stress: dict[str, Made], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], dict[str, Cells]]]:
    """Cells by sheet of a file that LibreOffice recalculated from no value of a formula at all.

    Files are the shipped workbooks by name, and some with all three changes. There are two offices, each with
    about half of the formulas: the second is begun while the first is at work.
    """
    place = tmp_path_factory.mktemp("edits")
    begun: dict[str, Recalculation] = {}
    for part in HALVES:
        files = {name: save(shipped[name].book, shipped[name].deal, "", blank=True) for name in part}
        for name in (name for name in part if name in RECALCULATED_CHANGES):
            one = without_stress[name]
            changes = {at: value for some in changes_of(name).values() for at, value in some.items()}
            blank = save(one.book, one.deal, "", blank=True)
            files[f"{name}, changed"] = edited(blank, one.book, inputs_of(one.book, changes), place)
        office = Recalculation(tmp_path_factory.mktemp("office"), files)
        begun |= dict.fromkeys(files, office)
    yield lambda name: begun[name].sheets(name)
    for office in begun.values():
        office.stop()
