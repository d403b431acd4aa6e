"""Workbooks of pools recalculated by LibreOffice: sums, balances and lives are the answer's, checks bite."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from openpyxl import load_workbook
from tests.conftest import EXAMPLES
from tests.documents.workbook.office import Cells, Recalculation, cell_of, row_of

from rackrate.analyses.registry import UNDERWRITE_POOL_WITH_TRANCHES, ruleset_of
from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.requests.pool import Pool, PoolBase
from rackrate.documents.pool_workbook.compose import compose
from rackrate.documents.pool_workbook.document import POOL_WORKBOOK
from rackrate.documents.pool_workbook.ground_compose import compose_ground
from rackrate.documents.workbook.file.workbook_file import save
from rackrate.documents.workbook.formulas.addresses import letters
from rackrate.documents.workbook.formulas.book import Book

NAMES = sorted(path.stem for path in (EXAMPLES / "pools").glob("*.json"))
OF_LOANS = [name for name in NAMES if "ground" not in name]
HOSTILE = "=HYPERLINK(1)"


@dataclass(frozen=True)
class Made:
    """A pool, its answer and its workbook."""

    pool: PoolBase
    answer: Any
    book: Book


def made(document: Any) -> Made:
    pool: PoolBase = decode(json.dumps(document).encode(), Pool)
    answer = UNDERWRITE_POOL_WITH_TRANCHES.compute(pool, ruleset_of(pool), "00ff" * 16)
    return Made(pool, answer, composed(pool, answer))


def composed(pool: PoolBase, answer: Any) -> Book:
    if isinstance(pool, GroundPool):
        return compose_ground(pool, msgspec.convert(answer, GroundUnderwriting))
    assert isinstance(pool, Pool)
    return compose(pool, msgspec.convert(answer, PoolUnderwriting))


def document_of(name: str) -> Any:
    return json.loads((EXAMPLES / f"pools/{name}.json").read_bytes())


@pytest.fixture(scope="module")
def shipped() -> dict[str, Made]:
    return {name: made(document_of(name)) for name in NAMES}


@pytest.fixture(scope="module")
def recalculated(
    shipped: dict[str, Made], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Recalculation]:
    """The workbooks without a single value of a formula, recalculated."""
    files = {name: save(one.book, one.pool, "", blank=True) for name, one in shipped.items()}
    office = Recalculation(tmp_path_factory.mktemp("pools"), files)
    yield office
    office.stop()


@pytest.mark.parametrize("name", NAMES)
def test_a_workbook_without_values_recalculates_to_those_kept_and_every_check_is_ok(
    shipped: dict[str, Made], recalculated: Recalculation, name: str
) -> None:
    book, sheets = shipped[name].book, recalculated.sheets(name)
    assert book.formulas() > 1000
    assert cell_of(book, "chk_all", sheets) == book.value("chk_all") == "ok"
    assert cell_of(book, "checks_ok", sheets) == book.value("checks_ok") > 20.0
    assert [text for cells in sheets.values() for text in cells.values() if str(text).startswith("#")] == []
    assert list(_apart(book, sheets)) == []


def _apart(book: Book, sheets: dict[str, Cells]) -> Iterator[str]:
    """Formulas beside which another value is kept than a recalculation finds."""
    issued = book.value("class.principal")
    for row in (row for sheet in book.sheets for row in sheet.rows if row.template):
        for month, (kept, found) in enumerate(
            zip(row.values[1:-1], row_of(book, row.key, sheets), strict=True)
        ):
            if kept != found and abs(float(kept) - float(found)) > 1e-9 * issued:
                yield f"{row.key} in {month}: {kept!r}, {found!r}"
    for sheet in book.sheets:
        for cell in (cell for cell in sheet.cells if cell.template):
            found = sheets[sheet.name].get(f"{letters(cell.column)}{cell.row + 1}", "")
            if cell.value != found and cell.value != pytest.approx(found, rel=1e-9, abs=1e-6):
                yield f"{sheet.name} {cell.template[:60]}: {cell.value!r}, {found!r}"


@pytest.mark.parametrize("name", OF_LOANS)
def test_loans_classes_and_losses_by_scenario_are_the_answers(
    shipped: dict[str, Made], recalculated: Recalculation, name: str
) -> None:
    book, answer, sheets = shipped[name].book, shipped[name].answer, recalculated.sheets(name)

    def value(key: str) -> Any:
        return cell_of(book, key, sheets)

    loans = sorted(answer.loans, key=lambda loan: -loan.balance)
    for n, loan in enumerate(loans, start=1):
        case = loan.cases[0]
        told = [value(f"loan{n}.{key}") for key in ("id", "share", "dscr", "ltv", "debt_yield", "loss")]
        assert told[0] == loan.id
        expected = [loan.share, case.dscr, case.ltv, case.debt_yield, loan.outcome.loss]
        assert told[1:] == pytest.approx(expected, rel=1e-9, abs=1e-6)
    for n, year in enumerate(answer.concentration.maturity, start=1):
        assert value(f"year{n}.share") == pytest.approx(year.share, rel=1e-12)
    for n, scenario in enumerate(answer.scenarios, start=1):
        lost = [note.principal_loss for note in scenario.classes]
        assert [value(f"scenario{n}.class{k}") for k in range(len(lost))] == pytest.approx(lost, abs=1e-6)
        assert value(f"scenario{n}.all") == pytest.approx(sum(lost), abs=1e-6)
    for j, note in enumerate(answer.tranches, start=1):
        for key, figure in (("wal", note.wal), ("yield", note.yield_)):
            found = value(f"class{j}.{key}")
            assert found == "" if figure is None else found == pytest.approx(figure, rel=1e-9)
        balances = row_of(book, f"w.balance{j}", sheets)
        assert balances == pytest.approx(answer.waterfall.classes[j - 1].balance, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "part", "field"),
    [
        ("conduit-twelve-loans", "collateral", "scheduled"),
        ("gpu-term-loans", "waterfall", "fees"),
        ("ground-leases-four", "cash_flow", "lines"),
    ],
)
def test_a_figure_that_is_off_by_a_millionth_turns_the_light(
    shipped: dict[str, Made], name: str, part: str, field: str
) -> None:
    one = shipped[name]
    answer = msgspec.to_builtins(one.answer)
    held = answer[part][field]
    series = held["landlord_costs"] if isinstance(held, dict) else held
    series[3] += 1e-6 * one.book.value("class.principal")
    assert composed(one.pool, answer).value("chk_all") == "FAILS"


@pytest.mark.parametrize("name", NAMES)
def test_pools_without_classes_have_a_workbook_of_what_there_is(name: str) -> None:
    document = {key: value for key, value in document_of(name).items() if key != "structure"}
    book = made(document).book
    assert "Waterfall" not in {sheet.name for sheet in book.sheets}
    assert book.value("chk_all") == "ok"


def test_names_of_a_pool_are_texts_and_the_bytes_repeat() -> None:
    document = document_of("conduit-twelve-loans")
    document["name"] = HOSTILE
    document["loans"] = [loan | {"name": HOSTILE} for loan in document["loans"]]
    one = made(document)
    content, again = (POOL_WORKBOOK.make(one.pool, one.answer, "", 10**12) for _ in range(2))
    assert content == again
    sheets = load_workbook(io.BytesIO(content))
    cells = [cell for cell in sheets["Loans"]["B"] if cell.value == HOSTILE]
    assert len(cells) == len(document["loans"])
    assert all(cell.data_type == "s" for cell in cells)
