"""Memos read back: every figure is the answer's, texts are text, bytes repeat, nothing leaves its place."""

import io
import json
import os
import re
import subprocess
import sys
import unicodedata
from typing import Any

import msgspec
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis.strategies import sampled_from
from hypothesis.strategies import text as texts
from pypdf import PdfReader
from tests.builders.any_deal import any_deal
from tests.builders.deals import deal, example, facility, lease
from tests.conftest import EXAMPLES

from rackrate.analyses.cost import MOST
from rackrate.analyses.deals.sensitivity import sensitivities
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.analyses.identity import identity
from rackrate.analyses.problems import Problem
from rackrate.analyses.registry import rules_sha256
from rackrate.deal import rulesets
from rackrate.deal.codec.decode import decode, read
from rackrate.deal.errors import Refusal, Unsupported
from rackrate.deal.requests.sensitivity import SensitivityRequest
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.documents.charts.bars import stack_chart
from rackrate.documents.charts.svg import WIDTH, canvas
from rackrate.documents.charts.svg import text as svg_text
from rackrate.documents.layout import typesetting
from rackrate.documents.layout.blocks import Chart, Memo, Pair, Section, Table, Text, row, strong
from rackrate.documents.layout.typesetting import PDF, as_pdf
from rackrate.documents.memo.memo import MEMO, written
from rackrate.documents.wording import BREAK, day, millions, not_printable, percent, printable, times

DEALS = sorted(path.stem for path in EXAMPLES.glob("*.json"))
ID = "00ff" * 16
DOCUMENTS = [msgspec.json.decode((EXAMPLES / f"{name}.json").read_bytes()) for name in DEALS]
PRINTED = [c for c in map(chr, range(0x21, 0x3000)) if printable(c) == c]
CHARACTERS = sampled_from([" ", *PRINTED]) | sampled_from([c for c in PRINTED if "\u0300" <= c < "\u0700"])
HOSTILE = [
    '#import "x": *',
    "$x^2$ *bold* _it_ `raw`",
    "<script>&amp;</script>",
    "= heading",
    "@ref <label>",
    "\\ #panic()",
]


def underwritten(of: Deal) -> Underwriting:
    return underwrite(of, rulesets.newest(), id=ID)


def pages_of(content: bytes) -> list[str]:
    """The text of each page on one line, as a reader sees it: ligatures apart, no marks of breaks."""
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    return [" ".join(unicodedata.normalize("NFKC", page).replace(BREAK, "").split()) for page in pages]


@pytest.fixture(scope="module", params=DEALS)
def read_back(request: pytest.FixtureRequest) -> tuple[Deal, Underwriting, bytes, str]:
    of = example(request.param)
    answer = underwritten(of)
    content = MEMO.make(of, answer, PDF, MOST)
    return of, answer, content, " ".join(pages_of(content))


Read = tuple[Deal, Underwriting, bytes, str]


def test_what_is_asked_first_is_the_answers(read_back: Read) -> None:
    of, answer, _, text = read_back
    summary = answer.summary
    assert of.name in text
    assert f"{of.currency} {millions(summary.issued)} m" in text
    for told in (
        percent(summary.ltv, 1),
        times(summary.dscr.closing),
        times(summary.dscr.minimum),
        percent(summary.debt_yield),
        millions(summary.value),
        day(of.closing),
    ):
        assert told in text, told


def test_every_test_stands_with_its_limit_figure_and_slack_and_the_binding_one_is_named(
    read_back: Read,
) -> None:
    _, answer, _, text = read_back
    for test in answer.sizing.tests:
        shares = test.kind in ("max_ltv", "max_ltc", "min_debt_yield") or test.leg in ("ltv", "advance_rate")
        figure = percent(test.limit, 1 if test.kind == "max_ltv" else 2) if shares else times(test.limit)
        row = [figure, millions(test.max_principal), millions(test.slack)]
        assert all(cell in text for cell in row), row
    binding = [test for test in answer.sizing.tests if test.binding]
    assert text.count(" binds ") >= len(binding)


def test_every_class_stands_with_its_figures(read_back: Read) -> None:
    _, answer, _, text = read_back
    for note in answer.tranches:
        head = f"{note.name} {millions(note.principal)} {percent(note.coupon)} {percent(note.ltv, 1)}"
        assert f"{head} {times(note.dscr)} {percent(note.debt_yield)}" in text


def test_every_limit_of_a_class_stands_with_its_figure(read_back: Read) -> None:
    _, answer, _, text = read_back
    for note in answer.tranches:
        for limit in note.limits:
            write = percent if limit.kind in ("max_ltv", "min_debt_yield", "max_ltc") else times
            places = (1,) if limit.kind == "max_ltv" else ()
            figures = " ".join(write(value, *places) for value in (limit.limit, limit.actual))
            assert f"{figures} {'met' if limit.met else 'not met'}" in text


@pytest.mark.parametrize("seed", range(40))
def test_any_deal_that_is_underwritten_has_a_memo(seed: int) -> None:
    """Every fourth is laid out too."""
    try:
        of = decode(msgspec.json.encode(any_deal(DOCUMENTS, seed)), Deal)
        answer = underwritten(of)
    except Refusal:
        return
    memo = written(of, answer, MOST)
    for block in blocks_of(memo):
        if isinstance(block, Table):
            assert all(len(row.cells) == len(block.columns) for row in block.rows)
    if seed % 4 == 0:
        assert as_pdf(memo).startswith(b"%PDF-")


def test_break_evens_stand_in_their_order(read_back: Read) -> None:
    _, answer, _, text = read_back
    for each in answer.break_evens:
        assert ("at once" if each.value is None else percent(each.value, 1)) in text


def test_the_bridge_is_the_answers_line_by_line(read_back: Read) -> None:
    _, answer, _, text = read_back
    shown = [line for line in answer.bridge if line.line in ("egi", "noi", "ncf")]
    for line in shown:
        change = millions(line.underwritten - line.issuer, 2)
        assert f"{millions(line.issuer, 2)} {millions(line.underwritten, 2)} {change}" in text


def test_every_warning_is_told(read_back: Read) -> None:
    _, answer, _, text = read_back
    for warning in answer.warnings:
        assert "".join(warning.message.split()) in text.replace(" ", "")


def test_ids_and_sources_are_told(read_back: Read) -> None:
    of, answer, _, text = read_back
    for told in (answer.id, answer.engine, answer.ruleset.name, answer.ruleset.sha256):
        assert told in text
    sources = rulesets.newest().sources
    assert f"house-2026.1, credit.lgd. {sources['credit.lgd']}" in text
    request = SensitivityRequest(deal=of, stresses=rulesets.newest().stresses)
    document = read(msgspec.json.encode(request), SensitivityRequest)[1]
    assert identity(rules_sha256(request), document) in text


def test_the_stresses_are_those_that_the_same_request_is_answered(read_back: Read) -> None:
    of, _, _, text = read_back
    request = SensitivityRequest(deal=of, stresses=rulesets.newest().stresses)
    for stress in sensitivities(request, rulesets.newest(), id=ID).stresses:
        figures = f"{times(stress.dscr_closing)} {times(stress.dscr_minimum)} {percent(stress.ltv, 1)}"
        assert f"{stress.name} {figures}" in text


def test_a_memo_is_two_to_four_pages_and_an_appendix(read_back: Read) -> None:
    _, _, content, _ = read_back
    pages = pages_of(content)
    appendix = [k for k, page in enumerate(pages) if "Appendix:" in page]
    assert 2 <= (appendix[0] if appendix else len(pages)) <= (4 if appendix else 3)


@pytest.mark.parametrize("rows", range(33, 37))
def test_the_limits_of_use_and_the_ids_stand_together_wherever_a_page_ends(rows: int) -> None:
    """Rows of filler push them over the end of the first page, one more each time."""
    of = example("powered-shell-leasehold")
    answer = underwritten(of)
    memo = written(of, answer, MOST)
    filler = Table(("all",), "L", [strong(str(k)) for k in range(rows)])
    [last] = [section for section in memo.sections if section.heading.startswith("Assumptions")]
    pages = pages_of(as_pdf(msgspec.structs.replace(memo, sections=[Section("Filler", [filler]), last])))
    limits = [k for k, page in enumerate(pages) if "This memo states" in page]
    assert limits == [k for k, page in enumerate(pages) if answer.ruleset.sha256 in page]


def test_only_the_typesetters_own_fonts_are_in_it(read_back: Read) -> None:
    _, _, content, _ = read_back
    fonts = {
        font["/BaseFont"].partition("+")[2]
        for page in PdfReader(io.BytesIO(content)).pages
        for font in (each.get_object() for each in page["/Resources"]["/Font"].values())
    }
    assert fonts
    assert all(font.startswith(("LibertinusSerif", "DejaVuSansMono")) for font in fonts), fonts


def test_nothing_is_printed_in_the_margins_and_no_page_but_the_last_is_half_empty(read_back: Read) -> None:
    """Rendered: margins but for header and footer are white, and what is written reaches down the page."""
    _, _, content, _ = read_back
    pages = [page.render(scale=1.0, grayscale=True).to_numpy() for page in pypdfium2.PdfDocument(content)]
    for k, page in enumerate(pages):
        height, width = page.shape
        margin = round(20 / 210 * width) - 2
        assert page[:, :margin].min() >= 250, f"page {k + 1}, left"
        assert page[:, width - margin :].min() >= 250, f"page {k + 1}, right"
        body = page[: height - round(17 / 297 * height)]
        lowest = max(row for row in range(body.shape[0]) if body[row].min() < 200)
        assert k == len(pages) - 1 or lowest > height / 2, f"page {k + 1} ends at {lowest} of {height}"


def blocks_of(memo: Memo) -> list[Any]:
    found: list[Any] = []
    for section in memo.sections:
        for block in section.blocks:
            found += [*block.left, *block.right] if isinstance(block, Pair) else [block]
    return found


def test_a_chart_says_in_words_what_it_shows_and_keeps_to_its_canvas(read_back: Read) -> None:
    of, answer, _, _ = read_back
    charts = [block for block in blocks_of(written(of, answer, MOST)) if isinstance(block, Chart)]
    assert len(charts) >= 4
    for chart in charts:
        assert len(chart.alt) > 40
        assert not re.search(r"[\"\s,](nan|-?inf)[\"\s,]", chart.svg)
        places = [float(at) for at in re.findall(r' (?:x|x1|x2)="(-?[0-9.e+-]+)"', chart.svg)]
        assert min(places) >= 0.0
        assert max(places) <= WIDTH


def test_every_row_of_a_table_has_a_cell_for_each_column(read_back: Read) -> None:
    of, answer, _, _ = read_back
    tables = [block for block in blocks_of(written(of, answer, MOST)) if isinstance(block, Table)]
    assert len(tables) >= 10
    for table in tables:
        assert len(table.head) == len(table.columns)
        assert all(len(row.cells) == len(table.columns) for row in table.rows), table.head


def test_a_memo_is_the_same_bytes_in_any_time_zone_and_locale() -> None:
    script = (
        "import hashlib\n"
        "from tests.documents.memo.test_memo import MEMO, PDF, MOST, example, underwritten\n"
        "of = example('powered-shell-leasehold')\n"
        "print(hashlib.sha256(MEMO.make(of, underwritten(of), PDF, MOST)).hexdigest())"
    )
    found = set()
    for zone, locale in (("UTC", "C"), ("Pacific/Auckland", "de_DE.UTF-8")):
        env = os.environ | {"TZ": zone, "LC_ALL": locale, "SOURCE_DATE_EPOCH": "1" if zone == "UTC" else "2"}
        run = [sys.executable, "-c", script]
        found.add(subprocess.run(run, capture_output=True, text=True, check=True, env=env).stdout)
    assert len(found) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_names_that_look_like_markup_are_text(text: str) -> None:
    document = json.loads((EXAMPLES / "powered-shell-leasehold.json").read_bytes())
    document["name"] = text
    for tenant in document["tenants"]:
        tenant["name"] = text
    of = msgspec.convert(document, Deal)
    told = " ".join(pages_of(MEMO.make(of, underwritten(of), PDF, MOST)))
    assert told.count(" ".join(text.split())) >= 2


def test_a_long_name_wraps_and_what_has_no_glyph_is_a_question_mark() -> None:
    document = json.loads((EXAMPLES / "powered-shell-leasehold.json").read_bytes())
    document["name"] = "W" * 120
    document["tenants"][0]["name"] = "東京 data"
    document["structure"]["classes"][0]["name"] = "N" * 64
    of = msgspec.convert(document, Deal)
    content = MEMO.make(of, underwritten(of), PDF, MOST)
    told = "".join(pages_of(content)).replace(" ", "")
    assert "W" * 120 in told
    assert "N" * 64 in told
    assert "??data" in told
    for page in pypdfium2.PdfDocument(content):
        image = page.render(scale=1.0, grayscale=True).to_numpy()
        assert image[:, image.shape[1] - 54 :].min() >= 250


def test_characters_that_the_memos_font_has_no_glyph_for_are_question_marks_in_every_text_of_a_deal() -> None:
    document = json.loads((EXAMPLES / "powered-shell-leasehold.json").read_bytes())
    document["name"] = "₽ \u0370 Żółć"
    for tenant in document["tenants"]:
        tenant["name"] = "₾ ≭ Ҋ Ярослав"
    for note in document["structure"]["classes"]:
        note["name"] += " 北"
    of = msgspec.convert(document, Deal)
    told = " ".join(pages_of(MEMO.make(of, underwritten(of), PDF, MOST)))
    assert "? ? Żółć" in told
    assert "? ? ? Ярослав" in told
    assert "a character that the fonts of this memo lack" in told
    assert "Not printed: CJK, Cyrillic, Greek, signs." in told


def test_a_memo_says_nothing_of_characters_where_all_are_printed(read_back: Read) -> None:
    assert "Not printed" not in read_back[3]


def test_every_character_that_is_not_printed_is_told() -> None:
    assert not_printable("".join(map(chr, range(0x110000))))
    for c in map(chr, range(0x3000)):
        assert (not_printable(c) == "") == (printable(c) == c)


@pytest.mark.parametrize("title", ["東", "ትግር"])
def test_a_text_that_the_typesetter_refuses_is_a_refusal_that_names_it(
    title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typesetting, "printable", str)
    blank = Memo("Memo", title, "", (2026, 1, 31), "", "", [], [Section("All", [Text("one")])])
    with pytest.raises(Unsupported, match=f"cannot be set.*[{title}]"):
        as_pdf(blank)


def test_a_fault_of_the_template_is_one_of_the_program_and_no_refusal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(typesetting, "_template", lambda: b"#nothing-of-that-name")
    with pytest.raises(RuntimeError, match="unknown variable"):
        as_pdf(Memo("Memo", "A", "", (2026, 1, 31), "", "", [], []))


def test_the_head_of_a_page_is_the_beginning_of_a_long_name() -> None:
    title = "Alpha " * 30 + "omega"
    blank = Memo("Memo", title, "", (2026, 1, 31), "head", "", [], [Section("All", [Text("one\n" * 90)])])
    page = pypdfium2.PdfDocument(as_pdf(blank))[1].get_textpage()
    told = page.get_text_range()
    bottoms = [page.get_charbox(told.index(word))[1] for word in ("A", "head")]
    assert bottoms[0] == pytest.approx(bottoms[1], abs=0.5)  # its first line stands beside the form's name


def test_every_character_that_is_no_question_mark_has_a_glyph_in_regular_and_in_bold() -> None:
    """The typesetter refuses a PDF/UA of which a glyph is missing."""
    of = changed("powered-shell-leasehold")
    every = [c for c in map(chr, range(0x21, 0x10000)) if unicodedata.category(c)[0] in "LMNPS"]
    assert 1250 < sum(printable(c) == c for c in every) < 1600
    bold = Table(("all",), "L", [strong(" ".join(every[k : k + 500])) for k in range(0, len(every), 500)])
    sections = [Section("All", [Text(" ".join(every)), bold])]
    assert as_pdf(msgspec.structs.replace(written(of, underwritten(of), MOST), sections=sections))


@settings(max_examples=40)
@given(texts(sampled_from("ab1 -(") | CHARACTERS, min_size=8, max_size=40))
def test_any_text_is_laid_out_in_a_paragraph_a_table_and_a_chart(name: str) -> None:
    """Accents apart from their letters, Arabic beside Latin, marks that begin a text."""
    labels = [svg_text(10.0, 20.0, name), svg_text(10.0, 40.0, name, bold=True)]
    table = Table(("all", "more"), "lL", [row(name, name), strong(name, name)])
    chart = Chart(canvas(50.0, labels), "what it shows", name)
    blank = Memo(
        "Memo", name, name, (2026, 1, 31), name, name, [], [Section(name, [Text(name), table, chart])]
    )
    assert as_pdf(blank).startswith(b"%PDF-")


def test_names_in_arabic_are_printed_from_right_to_left_beside_figures_from_left_to_right() -> None:
    document = json.loads((EXAMPLES / "powered-shell-leasehold.json").read_bytes())
    document["name"] = "\u0645\u0631\u0643\u0632 \u0628\u064a\u0627\u0646\u0627\u062a"
    document["facilities"][0]["leases"][0]["id"] = "\u0645\u0628\u0646\u0649 A"
    of = msgspec.convert(document, Deal)
    content = MEMO.make(of, underwritten(of), PDF, MOST)
    title = next(page for page in PdfReader(io.BytesIO(content)).pages).extract_text()
    letters = [c for c in unicodedata.normalize("NFKC", title) if "\u0600" <= c < "\u0700"]
    assert sorted(letters)[:3] == sorted(document["name"].replace(" ", ""))[:3]
    assert "?" not in "".join(pages_of(content))


def test_names_in_hebrew_are_printed() -> None:
    document = json.loads((EXAMPLES / "powered-shell-leasehold.json").read_bytes())
    document["name"] = document["facilities"][0]["leases"][0]["id"] = "\u05de\u05e8\u05db\u05d6 A 1"
    of = msgspec.convert(document, Deal)
    told = "".join(pages_of(MEMO.make(of, underwritten(of), PDF, MOST)))
    assert {"\u05de", "\u05e8", "\u05db", "\u05d6"} <= set(told)
    assert "?" not in told


def test_a_name_of_capitals_keeps_to_its_class_in_the_stack_and_to_one_line_at_the_head_of_a_page() -> None:
    document = json.loads((EXAMPLES / "uk-two-hyperscalers.json").read_bytes())
    document["name"], document["structure"]["classes"][1]["name"] = "W" * 200, "N" * 64
    of = msgspec.convert(document, Deal)
    content = MEMO.make(of, underwritten(of), PDF, MOST)
    for page in list(pypdfium2.PdfDocument(content))[1:]:
        head = page.render(scale=1.0, grayscale=True).to_numpy()[: round(8 / 297 * 842)]
        assert head.min() >= 250  # where a name of several lines began
    svg = stack_chart([("A", 1e8), ("N" * 64, 4e8)], 6e8)
    label = next(text for text in re.findall(r">([^<]+)</text>", svg) if text.startswith("N"))
    assert 20 < len(label) < 482 * 4 / 6 / 6.5  # a bold N of 8.5 points is 6.5 wide
    assert label.endswith("…")


def changed(name: str, **changes: Any) -> Deal:
    document = json.loads((EXAMPLES / f"{name}.json").read_bytes())
    return msgspec.convert(document | changes, Deal)


def test_a_loan_without_classes_has_a_sizing_memo_that_says_nothing_of_classes() -> None:
    of = changed("powered-shell-leasehold", structure=None)
    told = " ".join(pages_of(MEMO.make(of, underwritten(of), PDF, MOST)))
    assert "DEBT SIZING MEMO" in told
    assert "Capital structure" not in told
    assert "Balloon" in told


def test_many_leases_and_classes_stand_in_full_in_the_appendix_and_the_table() -> None:
    """Thirty leases of 100 kW, nine classes of a fixed principal."""
    leases = [lease(id=f"hall-{k:02}", contracted_kw=100.0) for k in range(30)]
    document = msgspec.to_builtins(deal(facility(*leases, capacity_kw=3000.0, appraised_value=1e8)))
    note = {"coupon": 0.06, "day_count": "30/360"}
    document["structure"] = {
        "template": "abs_master_trust",
        "denomination": 1,
        "ard_months": 60,
        "legal_final_months": 120,
        "additional_rate": 0.02,
        "classes": [{"name": f"C{k}", "principal": 1e5, **note} for k in range(9)],
        "fees": [],
        "reserves": {"liquidity_months": 3},
        "triggers": {"service": "actual", "trap_below": 1.2, "cure_periods": 2},
    }
    of = msgspec.convert(json.loads(msgspec.json.encode(document)), Deal)
    told = " ".join(pages_of(MEMO.make(of, underwritten(of), PDF, MOST)))
    assert "Appendix: all leases" in told
    assert all(f"hall-{k:02}" in told for k in range(30))
    assert all(f"C{k} 0.1" in told for k in range(9))


def test_a_rent_roll_of_the_most_leases_has_an_appendix_that_can_be_read() -> None:
    """Of 2,000 leases the 300 largest are listed, and the others are one row that says how many they are."""
    leases = [lease(id=f"hall-{k:04}", contracted_kw=100.0 + k / 100) for k in range(2000)]
    of = deal(facility(*leases, capacity_kw=300_000.0, appraised_value=1e10))
    memo = written(of, underwritten(of), MOST)
    [table] = [section.blocks[0] for section in memo.sections if section.heading == "Appendix: leases"]
    assert isinstance(table, Table)
    assert len(table.rows) == 301
    assert table.rows[-1].cells[:2] == ("1700 others", "in the request")


def test_more_work_than_one_request_may_ask_for_is_refused() -> None:
    of = example("powered-shell-leasehold")
    with pytest.raises(Problem, match="segment-months"):
        MEMO.make(of, underwritten(of), PDF, 1000)


def test_no_sentence_judges(read_back: Read) -> None:
    of, answer, _, _ = read_back
    memo = written(of, answer, MOST)
    sentences = [block.text for block in blocks_of(memo) if isinstance(block, Text)]
    for word in ("strong", "robust", "recommend", "attractive", "comfortable"):
        assert not any(word in sentence.lower() for sentence in sentences)
