"""The workbook as a file: text that stays text, equal bytes, functions, checks that bite, any deal."""

import io
import json
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openpyxl import load_workbook
from tests.builders.any_deal import any_deal
from tests.documents.workbook.agreement import Agreement
from tests.documents.workbook.conftest import NAMES, Made, document_of, made

from rackrate.__main__ import main
from rackrate.analyses.cost import MOST
from rackrate.analyses.problems import Problem
from rackrate.analyses.registry import ruleset_of
from rackrate.deal.codec.decode import read
from rackrate.deal.errors import Refusal
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.sizing_tests import MinDscr
from rackrate.documents import document as documents
from rackrate.documents.workbook import document as workbook
from rackrate.documents.workbook.compose import compose
from rackrate.documents.workbook.document import WORKBOOK, XLSX, formulas
from rackrate.documents.workbook.file.workbook_file import save
from rackrate.documents.workbook.formulas.addresses import FIRST, pieces
from rackrate.documents.workbook.formulas.book import Book
from rackrate.documents.workbook.formulas.functions import BY_NAME
from rackrate.documents.workbook.formulas.grammar import FormulaError, python
from rackrate.documents.workbook.source import Source

HOSTILE = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x","y")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "http://example.test/",
    "<script>&\"'",
    "{=1+1}",
)
LOGIC = {"IF", "AND", "OR"}
SEEDS = range(40)
DOCUMENTS = [document_of(name) for name in NAMES]


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if name.endswith((".xml", ".rels", ".vml"))]
        return {name: archive.read(name).decode() for name in names}


def formulas_of(content: bytes) -> list[str]:
    sheets = (text for name, text in parts(content).items() if name.startswith("xl/worksheets/"))
    return [formula for text in sheets for formula in re.findall(r"<f>([^<]*)</f>", text)]


def hostile() -> Any:
    """A deal each of whose names and identifiers a spreadsheet would like to run."""
    deal = document_of("pool-of-three")
    words = iter(HOSTILE * 20)
    tenants = {tenant["id"]: f"{next(words)}{n}"[:60] for n, tenant in enumerate(deal["tenants"])}
    deal["name"] = HOSTILE[0]
    for tenant in deal["tenants"]:
        tenant["id"], tenant["name"] = tenants[tenant["id"]], next(words)
    for f, facility in enumerate(deal["facilities"]):
        facility["id"] = f"{next(words)}{f}"
        for cost in facility["operating_costs"]:
            cost["name"] = f"{cost['name']}{next(words)}"
        for n, lease in enumerate(facility["leases"]):
            lease["id"], lease["tenant"] = f"{next(words)}{n}", tenants[lease["tenant"]]
    for note in deal["structure"]["classes"]:
        note["name"] = f"{next(words)}{note['name']}"
    for test in deal["sizing"]["tests"][:2]:
        test["name"] = next(words)
    return deal


def renamed(deal: Any) -> Any:
    """The same deal, each of its own words that the schema refuses replaced by one that it takes."""
    while True:
        try:
            read(json.dumps(deal).encode(), Deal)
            return deal
        except Refusal as refusal:
            for error in refusal.errors:
                part, *path = deal, *error.pointer.strip("/").split("/")
                *path, last = path
                for key in path:
                    part = part[int(key)] if isinstance(part, list) else part[key]
                part[last] = part[last].lstrip("=+-@").replace("<", "(")


def test_text_of_a_deal_is_text_in_every_cell_and_never_a_formula() -> None:
    """Whatever the schema lets through; what a tab begins, a name of the answer here, is text too."""
    one = made(renamed(hostile()), most=0)
    one.book.sheets[0].say(90, 0, "\t=1+1")
    for n, text in enumerate(HOSTILE):
        one.book.sheets[0].say(100 + n, 0, text)
        one.book.sheets[0].say(200 + n, 0, f"\t{text}")
    content = save(one.book, one.deal, HOSTILE[2])
    files = parts(content)
    whole = "".join(text for name, text in files.items() if "sharedStrings" not in name)
    links = re.findall(r"<hyperlink [^>]*>", whole)
    assert len(links) == len(one.book.sheets)
    assert all("location=" in link and "r:id" not in link for link in links)  # within the book
    assert not any("externalLink" in name for name in files)
    assert "ddeLink" not in whole
    found = [formula for formula in formulas_of(content) if re.search(r"cmd|HYPERLINK|http", formula)]
    assert found == []
    assert "=cmd|" in files["xl/sharedStrings.xml"].replace("&#x27;", "'")


def test_the_cover_links_to_each_sheet() -> None:
    one = made(document_of("gpu-compute-loan"), most=0)
    book = load_workbook(io.BytesIO(save(one.book, one.deal, "")))
    links = {cell.value: cell.hyperlink.location for (cell,) in book["Cover"]["A1:A80"] if cell.hyperlink}
    assert links == {name: f"'{name}'!A1" for name in book.sheetnames}


def test_the_footer_of_each_page_has_the_whole_id_though_it_begins_with_digits() -> None:
    one = made(document_of("gpu-compute-loan"), most=0)
    for sheet in load_workbook(io.BytesIO(save(one.book, one.deal, "0123abcd  rackrate"))).worksheets:
        assert (sheet.oddFooter.left.size, sheet.oddFooter.left.text.strip()) == (7, "0123abcd  rackrate")


@pytest.mark.parametrize("name", NAMES)
def test_the_chart_of_sizing_draws_each_rolling_cover_at_the_sized_principal_beside_its_limit(
    shipped: dict[str, Made], name: str
) -> None:
    """The least of what is drawn is the least cover of the answer, where the same is reported."""
    book, answer = shipped[name].book, shipped[name].answer
    tests = [(i, test) for i, test in enumerate(answer.sizing.tests, start=1) if test.kind == "min_dscr"]
    (sizing,) = (sheet for sheet in book.sheets if sheet.name == "Sizing")
    assert [len(chart.lines) for chart in sizing.charts] == [2 * len(tests)] * bool(tests)
    for i, test in tests:
        assert set(book.series(f"d.limit{i}")) == {test.limit}
        asked = shipped[name].deal.sizing.tests[i - 1]
        assert isinstance(asked, MinDscr)
        if asked.service in (None, "actual") and asked.numerator == "ncf" and asked.case is None:
            drawn = [cover for cover in book.series(f"d.cover{i}") if not isinstance(cover, str)]
            assert min(drawn) == pytest.approx(answer.summary.dscr.minimum, rel=1e-12)


def test_years_beneath_the_columns_of_the_annual_chart_read_as_dates() -> None:
    one = made(document_of("gpu-compute-loan"), most=0)
    charts = [text for text in parts(save(one.book, one.deal, "")).values() if '<c:barDir val="col"' in text]
    assert len(charts) == 1
    assert re.search(r'<c:catAx>.*<c:numFmt formatCode="mmm yyyy"', charts[0])
    assert '<c:auto val="1"/>' not in charts[0]  # which would count years of the calendar, from January


def test_every_chart_names_its_series_by_a_cell_has_a_unit_and_dates_apart_and_stands_on_one_page() -> None:
    one = made(document_of("hyperscale-single-tenant"), most=0)
    content = save(one.book, one.deal, "")
    cells = {sheet.title: sheet for sheet in load_workbook(io.BytesIO(content)).worksheets}
    found = {}
    for text in (text for name, text in parts(content).items() if name.startswith("xl/charts/")):
        title, *axes = re.findall(r"<a:t>([^<]*)</a:t>", text)
        names = re.findall(r"<c:tx><c:strRef><c:f>(\w+)!\$([A-Z]+)\$(\d+)</c:f>", text)
        found[title] = axes, [cells[sheet][f"{column}{row}"].value for sheet, column, row in names]
        if "<c:dateAx>" in text:
            assert '<c:majorUnit val="12"/><c:majorTimeUnit val="months"/>' in text
        elif '<c:barDir val="bar"/>' in text:
            assert '<c:orientation val="maxMin"/>' in text  # the first step at the top
    assert found["Net cash flow by year"] == (
        ["year to", "USD"],
        ["Cash flow, case underwritten", "Cash flow, case issuer"],
    )
    assert found["Balances after payment"] == (
        ["payment date", "USD"],
        [f"{note.name}: principal left" for note in one.answer.tranches],
    )
    assert found["From the issuer's ncf to the sizing's, a year from closing"][0] == ["USD"]
    assert len(found) == 5
    for name in ("Annual", "Waterfall"):
        [charts] = [sheet.charts for sheet in one.book.sheets if sheet.name == name]
        assert [each.id for each in cells[name].row_breaks.brk] == [min(chart.row for chart in charts)]


def test_the_same_answer_is_the_same_bytes_in_any_time_zone_and_locale(tmp_path: Path) -> None:
    script = (
        "import sys, hashlib; from pathlib import Path; from rackrate.__main__ import main\n"
        "main(['underwrite', sys.argv[1], '--workbook', sys.argv[2]])\n"
        "print(hashlib.sha256(Path(sys.argv[2]).read_bytes()).hexdigest(), file=sys.stderr)"
    )
    deal = Path(__file__).parents[3] / "service/rackrate/deal/examples/gpu-compute-loan.json"
    digests = set()
    for zone, locale in (("UTC", "C"), ("Pacific/Kiritimati", "C.UTF-8")):
        ended = subprocess.run(
            [sys.executable, "-c", script, str(deal), str(tmp_path / "out.xlsx")],
            env={"TZ": zone, "LC_ALL": locale, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        digests.add(ended.stderr.split()[-1])
    assert len(digests) == 1


@pytest.mark.parametrize("name", ["colocation-multi-tenant", "gpu-compute-loan", "uk-two-hyperscalers"])
def test_only_functions_that_spreadsheets_agree_on_are_used(shipped: dict[str, Made], name: str) -> None:
    one = shipped[name]
    found = formulas_of(save(one.book, one.deal, ""))
    used = {word for formula in found for word in re.findall(r"\b([A-Z]+)\(", formula)}
    assert used <= {*BY_NAME, *LOGIC}
    assert max(map(len, found)) < 2000
    assert len(found) > 40_000


def test_what_is_no_formula_of_the_grammar_is_a_fault_of_the_program() -> None:
    for template in ("NOW()", "1+", "(1", "{a} {b}", "1;2"):
        with pytest.raises(FormulaError):
            python(template, lambda name: name)


def test_a_formula_is_written_along_its_columns_as_in_each_of_them_alone() -> None:
    """A window stops at the first month, and is nothing where it has none; a range of cells skips gaps."""
    book = Book()
    sheet, table = book.sheet("S", "", "", months=6), book.sheet("T", "", "")
    sheet.row("a", "", "{m}")
    for at in (1, 4, 5):
        table.put(at, 2, float(at), key=f"c{at}")
    template = "IF({a}<1,SUM({a@-3:-2}),{a@-1}*SUM({c1..c4},{a@[0:2]}))"
    columns = range(FIRST, FIRST + 6)
    written = pieces(book, "S", template).over(columns)
    assert written == [pieces(book, "S", template).at(column) for column in columns]
    rest = "*SUM(T!$C$2:$C$5,$H$7:$J$7))"
    assert written[0] == f"IF(H7<1,SUM(0),G7{rest}"
    assert written[2] == f"IF(J7<1,SUM(H7:H7),I7{rest}"
    assert written[5] == f"IF(M7<1,SUM(J7:K7),L7{rest}"
    assert book.calculate("SUM({c1..c4})") == 5.0


@pytest.mark.parametrize("part", ["limit", "balance", "equity"])
def test_a_figure_of_the_answer_that_is_off_by_a_millionth_turns_the_light(part: str) -> None:
    one = made(document_of("gpu-compute-loan"))
    answer = one.answer
    if part == "limit":
        (first, *others), sizing = answer.sizing.tests, answer.sizing
        moved = msgspec.structs.replace(first, limit=first.limit * (1 + 1e-6))
        wrong = msgspec.structs.replace(
            answer, sizing=msgspec.structs.replace(sizing, tests=[moved, *others])
        )
    elif part == "balance":
        schedule = answer.sizing.schedule
        late = msgspec.structs.replace(schedule, balance=[b * (1 + 1e-6) for b in schedule.balance])
        wrong = msgspec.structs.replace(answer, sizing=msgspec.structs.replace(answer.sizing, schedule=late))
    else:
        assert answer.waterfall is not None
        run = answer.waterfall
        paid = [run.equity[1], run.equity[0], *run.equity[2:]]  # the same sum, two months exchanged
        wrong = msgspec.structs.replace(answer, waterfall=msgspec.structs.replace(run, equity=paid))
    book = compose(Source(one.deal, ruleset_of(one.deal), wrong))
    assert book.value("chk_all") == "FAILS"
    assert book.value("light1") == "FAILS"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_workbook_of_any_deal_has_the_figures_of_its_answer(seed: int) -> None:
    try:
        one = made(any_deal(DOCUMENTS, seed))
    except Refusal:
        return
    found = Agreement(one.book, one.answer, one.book.value, one.book.series).all()
    assert found.faults == []
    assert one.book.value("chk_all") == "ok"


def test_a_class_that_pays_back_a_fraction_has_its_yield_of_minus_most() -> None:
    """Of 3.9e9 lent on an appraisal alone 2e7 comes back: Newton's method from the coupon diverges."""
    cases = Path(__file__).parents[2] / "golden/cases/faults"
    one = made(json.loads((cases / "26-cents-rounded-up.request.json").read_bytes()))
    assert one.answer.tranches[0].yield_ is not None
    assert one.answer.tranches[0].yield_ < -0.5
    assert Agreement(one.book, one.answer, one.book.value, one.book.series).all().faults == []


def test_the_estimate_of_formulas_is_near_their_number(shipped: dict[str, Made]) -> None:
    for one in shipped.values():
        light = compose(Source(one.deal, ruleset_of(one.deal), one.answer), most=0).formulas()
        assert 0.6 * light < formulas(one.deal) < 1.8 * light


def test_a_workbook_that_no_spreadsheet_bears_is_refused_by_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    one = made(document_of("gpu-compute-loan"))
    with pytest.raises(Problem, match="formulas, at most") as refused:
        WORKBOOK.make(one.deal, one.answer, XLSX, 1000)
    assert refused.value.kind.status == 422
    monkeypatch.setattr(workbook, "LARGEST", 1000)
    with pytest.raises(Problem, match="formulas, at most 1e"):
        WORKBOOK.make(one.deal, one.answer, XLSX, MOST)


def test_runs_are_left_out_of_a_workbook_that_would_be_too_large(shipped: dict[str, Made]) -> None:
    one = shipped["hyperscale-single-tenant"]
    book = compose(Source(one.deal, ruleset_of(one.deal), one.answer), most=0)
    names = {sheet.name for sheet in book.sheets}
    assert {"Final", "Stress_holds", "Stress_fails"}.isdisjoint(names)
    notes = next(sheet for sheet in book.sheets if sheet.name == "Notes")
    assert sum(cell.value == "Left out" for cell in notes.cells) == 2
    assert book.value("chk_all") == "ok"


def test_the_largest_of_the_shipped_workbooks_is_made_within_seconds(shipped: dict[str, Made]) -> None:
    one = shipped["pool-of-three"]
    start = time.process_time()
    content = WORKBOOK.make(one.deal, one.answer, XLSX, MOST)
    assert time.process_time() - start < 12.0
    assert len(content) < 12e6


def test_a_command_writes_the_workbook_beside_what_it_prints(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.xlsx"
    assert main(["underwrite", str(examples / "gpu-compute-loan.json"), "--workbook", str(target)]) == 0
    assert "principal" in capsys.readouterr().out.lower()
    assert zipfile.is_zipfile(target)


def test_a_workbook_whose_writer_is_not_installed_is_refused_by_its_name(
    examples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "find_spec", lambda name: None)
    target = tmp_path / "out.xlsx"
    assert main(["underwrite", str(examples / "gpu-compute-loan.json"), "--workbook", str(target)]) == 1
    assert "a workbook needs xlsxwriter: pip install 'rackrate[workbook]'" in capsys.readouterr().err
    assert not target.exists()


def test_the_rows_of_months_are_written_where_the_writer_expects_them() -> None:
    """The writer's private names that rows of months lean on, at the version that is installed."""
    from xlsxwriter.worksheet import Worksheet

    for name in ("_write_rows", "_write_row", "_write_cell", "_xml_end_tag"):
        assert callable(getattr(Worksheet, name))
    assert {"table", "row_info", "dim_colmax", "fh"} <= vars(Worksheet()).keys()
