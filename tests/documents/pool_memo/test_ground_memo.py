"""The memo of ground leases read back: leases, who pays, expiries, limits, and what classes lose by case."""

import io
import json
import unicodedata

import pytest
from pypdf import PdfReader
from tests.conftest import EXAMPLES

from rackrate.analyses.registry import UNDERWRITE_POOL_WITH_TRANCHES, ruleset_of
from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.requests.pool import Pool
from rackrate.documents.layout.typesetting import PDF
from rackrate.documents.pool_memo.document import POOL_MEMO
from rackrate.documents.wording import BREAK, millions, percent, times, years

ID = "00ff" * 16
SHIPPED = json.loads((EXAMPLES / "pools/ground-leases-four.json").read_text())
Read = tuple[GroundUnderwriting, str]


def _read(document: dict[str, object]) -> Read:
    pool = decode(json.dumps(document).encode(), Pool)
    assert isinstance(pool, GroundPool)
    answer = UNDERWRITE_POOL_WITH_TRANCHES.compute(pool, ruleset_of(pool), ID)
    assert isinstance(answer, GroundUnderwriting)
    content = POOL_MEMO.make(pool, answer, PDF, 0)
    assert POOL_MEMO.make(pool, answer, PDF, 0) == content
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    told = " ".join(unicodedata.normalize("NFKC", page).replace(BREAK, "") for page in pages)
    return answer, " ".join(told.split())


@pytest.fixture(scope="module")
def read_back() -> Read:
    return _read(SHIPPED)


def test_every_ground_lease_stands_with_its_figures(read_back: Read) -> None:
    answer, text = read_back
    for lease in answer.ground_leases:
        figures = (
            lease.id,
            millions(lease.rent, 2),
            times(lease.coverage),
            times(lease.minimum_coverage),
            millions(lease.value),
            percent(lease.gltv, 1),
            years(lease.expiry / 12),
        )
        assert " ".join(figures) in text


def test_who_pays_and_when_rent_ends_is_the_answers(read_back: Read) -> None:
    answer, text = read_back
    for each in answer.concentration.tenant:
        assert f"{each.id} {percent(each.share, 1)}" in text
    for year in answer.concentration.expiry:
        assert str(year.id) in text
        assert percent(year.share, 1) in text


def test_what_limits_the_debt_and_what_the_classes_lose_in_each_case_are_told(read_back: Read) -> None:
    answer, text = read_back
    for test in answer.sizing.tests:
        assert millions(test.max_principal) in text
    for case in answer.scenarios:
        cells = [millions(note.principal_loss) if note.principal_loss else "–" for note in case.classes]
        row = [case.name, percent(case.defaulted_share, 1), millions(case.ncf, 2), *cells]
        assert " ".join(row) in text
    assert "the reversion at 6.50%" in text
    for stamp in (answer.ruleset, answer.pool_ruleset):
        assert stamp.sha256 in text


def test_a_loss_in_a_case_that_nothing_else_names_is_told() -> None:
    ruin = {"name": "ruin", "ncf_haircut": 0.9}
    answer, text = _read(SHIPPED | {"cases": [*SHIPPED["cases"], ruin]})
    (lost,) = [case for case in answer.scenarios if case.name == "ruin"]
    losses = [note.principal_loss for note in lost.classes]
    assert min(losses) > 0.0
    assert lost.defaulted_share > 0.5, "the haircut reaches the leaseholds too, which default"
    told = percent(lost.defaulted_share, 1), *map(millions, losses)
    assert f"ruin {told[0]} {millions(lost.ncf, 2)} {told[1]} {told[2]}" in text


def test_ground_leases_without_classes_have_a_memo_of_the_loan() -> None:
    answer, text = _read({key: value for key, value in SHIPPED.items() if key != "structure"})
    assert answer.scenarios == []
    assert "as one loan on 4 ground leases" in text
    assert "Capital structure" not in text
