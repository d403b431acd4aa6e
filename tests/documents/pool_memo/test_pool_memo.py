"""Memos of pools read back: loans, maturities, classes and losses are the answer's."""

import io
import unicodedata
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.conftest import EXAMPLES

from rackrate.analyses.registry import UNDERWRITE_POOL_WITH_TRANCHES, ruleset_of
from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.pool import Pool
from rackrate.documents.layout.blocks import Pair, Table
from rackrate.documents.layout.typesetting import PDF
from rackrate.documents.pool_memo.document import POOL_MEMO
from rackrate.documents.pool_memo.memo import written
from rackrate.documents.wording import BREAK, millions, percent, times

ID = "00ff" * 16
POOLS = [path for path in sorted((EXAMPLES / "pools").glob("*.json")) if b'"loans"' in path.read_bytes()]
Read = tuple[Pool, PoolUnderwriting, bytes, str]


@pytest.fixture(scope="module", params=POOLS, ids=lambda path: path.stem)
def read_back(request: pytest.FixtureRequest) -> Read:
    path: Path = request.param
    pool = decode(path.read_bytes(), Pool)
    answer = UNDERWRITE_POOL_WITH_TRANCHES.compute(pool, ruleset_of(pool), ID)
    assert isinstance(answer, PoolUnderwriting)
    content = POOL_MEMO.make(pool, answer, PDF, 0)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    text = " ".join(
        " ".join(unicodedata.normalize("NFKC", page).replace(BREAK, "").split()) for page in pages
    )
    return pool, answer, content, text


def test_there_are_pools_of_every_kind_of_loan() -> None:
    assert len(POOLS) >= 3


def test_every_loan_stands_with_its_figures(read_back: Read) -> None:
    _, answer, _, text = read_back
    for loan in answer.loans:
        assert f"{loan.id} {millions(loan.balance)} {percent(loan.share, 1)}" in text
        assert times(loan.cases[0].dscr) in text
        assert millions(loan.outcome.loss) in text


def test_the_maturity_wall_is_the_answers_year_by_year(read_back: Read) -> None:
    _, answer, _, text = read_back
    for each in answer.concentration.maturity:
        assert str(each.id) in text
        assert percent(each.share, 1) in text


def test_every_class_and_what_it_loses_in_each_scenario_are_told(read_back: Read) -> None:
    _, answer, _, text = read_back
    notes = [note.name for note in answer.tranches if note.notional is None]
    for each in answer.scenarios:
        lost = {note.name: note.principal_loss for note in each.classes}
        cells = [millions(lost[name]) if lost[name] else "–" for name in notes]
        row = [each.name, percent(each.defaulted_share, 1), percent(each.loss_share), *cells]
        assert " ".join(row) in text
    for note in answer.tranches:
        if note.notional is None:
            assert f"{note.name} {millions(note.principal)} {percent(note.coupon)}" in text


def test_tests_that_fail_are_named_first(read_back: Read) -> None:
    _, answer, _, text = read_back
    failed = sum(not test.passes for test in answer.tests)
    said = f"{failed} of {len(answer.tests)} fail" if failed else f"All {len(answer.tests)} pass"
    assert said in text
    assert text.count(" fails") == failed


def test_ids_and_sources_are_told(read_back: Read) -> None:
    _, answer, _, text = read_back
    for told in (ID, answer.ruleset.sha256, answer.pool_ruleset.sha256):
        assert told in text
    assert "concentration.lgd 0.42 Weighted average severity of US CMBS loans" in text


def test_a_memo_of_a_pool_is_the_same_bytes_each_time(read_back: Read) -> None:
    pool, answer, content, _ = read_back
    assert POOL_MEMO.make(pool, answer, PDF, 0) == content


def test_every_row_of_a_table_has_a_cell_for_each_column(read_back: Read) -> None:
    pool, answer, _, _ = read_back
    blocks = [block for section in written(pool, answer).sections for block in section.blocks]
    parts = [
        part
        for block in blocks
        for part in ([*block.left, *block.right] if isinstance(block, Pair) else [block])
    ]
    tables = [block for block in parts if isinstance(block, Table)]
    assert len(tables) >= 7
    for table in tables:
        assert len(table.head) == len(table.columns)
        assert all(len(row.cells) == len(table.columns) for row in table.rows)
