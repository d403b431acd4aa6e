"""Pages that say where figures come from, and how to keep them, say what is so."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from tests.conftest import EXAMPLES, ROOT
from tests.guides.blocks import run_python

import rackrate
from rackrate.deal.answers.sizing import Coverage
from rackrate.deal.requests.underwriting import Underwriting

ANSWER = (ROOT / "docs/answer.md").read_text()
ORIGINS = ANSWER.partition("## Where each part comes from")[2].partition("\n## ")[0]


def test_the_page_on_upgrading_runs_and_nothing_moves_within_a_version(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = run_python("docs/upgrading.md", "")
    moved, _, stamp = capsys.readouterr().out.partition("figures moved\n")
    assert moved == "0 "
    assert stamp.split()[:2] == [rackrate.__version__, "house-2026.1"]
    assert names["moved"] == []


def test_what_moved_is_found_by_the_page_on_upgrading(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs/upgrading.md").read_text()
    code = text.partition("```python\n")[2].partition("```")[0]
    changed = code.replace(
        "old = msgspec.json.decode(kept)", "old = msgspec.json.decode(kept)\nold['summary']['ltv'] = 0.5"
    )
    exec(changed, {})
    assert capsys.readouterr().out == "summary/ltv 0.5 0.65\n1 figures moved\n"


def test_every_part_of_an_answer_says_where_it_comes_from() -> None:
    told = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", ORIGINS, flags=re.MULTILINE))))
    parts = {field.encode_name for field in msgspec.structs.fields(Underwriting)}
    assert parts - told == {"id", "engine", "ruleset", "summary"}
    headings = re.findall(r"^#+ (.*)$", (ROOT / "docs/methodology.md").read_text(), flags=re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
    cited = re.findall(r"methodology\.md#([\w-]+)", ORIGINS)
    assert len(cited) > 10
    assert set(cited) <= anchors


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.json")), ids=lambda file: file.stem)
def test_the_summary_is_what_the_page_says_it_is(file: Path) -> None:
    answer = rackrate.underwrite(file)
    told, sizing = answer.summary, answer.sizing
    lines = {row.line: row.underwritten for row in answer.bridge}
    assert (told.principal, told.value) == (sizing.principal, sizing.value)
    assert (told.noi, told.ncf) == (lines["noi"], lines["ncf"])
    assert told.ltv is not None
    assert told.ltv == pytest.approx(told.principal / sizing.value)
    assert told.debt_yield == pytest.approx(told.ncf / told.principal)
    assert told.issued == pytest.approx(sum(note.principal for note in answer.tranches))
    assert told.binding_test in {"classes", *(test.name for test in sizing.tests if test.binding)}
    assert (told.effective_tenants, told.top_tenant_share) == (
        answer.credit.effective_tenants,
        answer.credit.top_1_share,
    )
    case = json.loads(file.read_bytes())["sizing"].get("case", "underwritten")
    for basis in ("closing", "minimum", "average"):
        made_of = ("dscr", "ncf", "actual", basis, case)
        rows = [row for row in answer.coverage if told_of(row) == made_of]
        assert [row.value for row in rows] == [getattr(told.dscr, basis)]


def told_of(row: Coverage) -> tuple[str | None, ...]:
    return row.measure, row.numerator, row.denominator, row.basis, row.case
