"""Tables of an answer: every form says the same, opens where it should, and is the same bytes each time."""

import csv
import io
import json
import subprocess
import sys
from datetime import date
from typing import Any

import msgspec
import pyarrow
import pyarrow.csv
import pytest
from pyarrow import parquet
from tests.builders.deals import deal, example, facility, lease
from tests.conftest import EXAMPLES

from rackrate.analyses.cost import MOST
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal import rulesets
from rackrate.deal.codec.media_types import JSON
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.documents.documents import DOCUMENTS
from rackrate.documents.tables.figures import tranches
from rackrate.documents.tables.forms import ARROW, CSV, PARQUET, TABLES
from rackrate.documents.tables.table import Column
from rackrate.documents.tables.text import as_csv

Rows = list[list[Any]]
DEALS = sorted(path.stem for path in EXAMPLES.glob("*.json"))
NAMES = [table.name for table in TABLES]
FORMULAS = ["=1+1", "+1+cmd|' /C calc'!A0", "-1", "@SUM(1)", "\t=1", "\r=1", '=HYPERLINK("http://x")']


def underwritten(of: Deal, *, by_facility: bool = False) -> Underwriting:
    return underwrite(of, rulesets.newest(), id="00ff" * 16, by_facility=by_facility)


@pytest.fixture(scope="module", params=DEALS)
def answered(request: pytest.FixtureRequest) -> tuple[Deal, Underwriting]:
    of = example(request.param)
    return of, underwritten(of)


def made(name: str, answered: tuple[Deal, Underwriting], media: str) -> bytes:
    return DOCUMENTS[name].make(*answered, media, MOST)


def rows_of(document: dict[str, Any]) -> Rows:
    columns = [column["values"] for column in document["columns"]]
    return [list(row) for row in zip(*columns, strict=True)]


def read_csv(content: bytes, kinds: list[str]) -> tuple[list[str], Rows]:
    read: dict[str, Any] = {
        "integer": int,
        "number": float,
        "boolean": lambda text: {"true": True, "false": False}[text],
        "text": str,
        "date": str,
    }
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return head, [
        [None if cell == "" else read[kind](cell) for cell, kind in zip(row, kinds, strict=True)]
        for row in rows
    ]


@pytest.mark.parametrize("name", NAMES)
def test_csv_parquet_and_arrow_say_what_json_says(name: str, answered: tuple[Deal, Underwriting]) -> None:
    document = json.loads(made(name, answered, JSON))
    rows, kinds = rows_of(document), [column["kind"] for column in document["columns"]]
    assert rows
    head, written = read_csv(made(name, answered, CSV), kinds)
    assert written == rows
    units = [f" [{column['unit']}]" if column["unit"] else "" for column in document["columns"]]
    assert head == [column["name"] + unit for column, unit in zip(document["columns"], units, strict=True)]
    for table in (
        parquet.read_table(io.BytesIO(made(name, answered, PARQUET))),
        pyarrow.ipc.open_stream(made(name, answered, ARROW)).read_all(),
    ):
        assert table.column_names == [column["name"] for column in document["columns"]]
        cells = [column.to_pylist() for column in table.columns]
        plain = [
            [cell.isoformat() if isinstance(cell, date) else cell for cell in row]
            for row in zip(*cells, strict=True)
        ]
        assert plain == rows


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_the_same_bytes_each_time(name: str, answered: tuple[Deal, Underwriting]) -> None:
    for form in DOCUMENTS[name].forms:
        assert made(name, answered, form.media) == made(name, answered, form.media)


def test_a_table_says_in_every_form_what_it_was_made_from(answered: tuple[Deal, Underwriting]) -> None:
    of, underwriting = answered
    document = json.loads(made("cashflow", answered, JSON))
    schema = parquet.read_schema(io.BytesIO(made("cashflow", answered, PARQUET)))
    assert schema.metadata[b"rackrate.id"].decode() == document["id"] == underwriting.id
    assert schema.metadata[b"rackrate.currency"].decode() == document["currency"] == of.currency
    assert schema.field("ncf").metadata[b"unit"].decode() == of.currency
    assert schema.field("month").type == pyarrow.int32()
    assert schema.field("date").type == pyarrow.date32()
    assert schema.field("case").type == pyarrow.dictionary(pyarrow.int32(), pyarrow.string())


def test_the_cash_flow_is_the_answers_line_by_line(answered: tuple[Deal, Underwriting]) -> None:
    _, underwriting = answered
    document = json.loads(made("cashflow", answered, JSON))
    found = {column["name"]: column["values"] for column in document["columns"]}
    assert list(found)[:3] == ["month", "date", "case"]
    assert list(found)[3:-3] == list(underwriting.cash_flow.lines)
    for name, line in underwriting.cash_flow.lines.items():
        assert found[name] == line
    assert found["load_mwh"] == underwriting.power.load_mwh
    assert found["month"] == list(range(1, len(underwriting.cash_flow.date) + 1))


def test_facilities_stand_one_under_another_and_add_up_to_the_deal() -> None:
    of = example("pool-of-three")
    underwriting = underwritten(of, by_facility=True)
    document = json.loads(DOCUMENTS["cashflow"].make(of, underwriting, JSON, MOST))
    found = {column["name"]: column["values"] for column in document["columns"]}
    months = len(underwriting.cash_flow.date)
    assert found["facility"] == [facility.id for facility in of.facilities for _ in range(months)]
    for k in (0, 59, months - 1):
        parts = found["ncf"][k::months]
        assert len(parts) == len(of.facilities)
        assert sum(parts) == pytest.approx(underwriting.cash_flow.lines["ncf"][k], rel=1e-12)


def test_a_class_stands_under_another_with_its_own_balance() -> None:
    of = example("colocation-multi-tenant")
    underwriting = underwritten(of)
    document = json.loads(DOCUMENTS["classes"].make(of, underwriting, JSON, MOST))
    found = {column["name"]: column["values"] for column in document["columns"]}
    assert underwriting.waterfall is not None
    months = len(underwriting.waterfall.date)
    for k, note in enumerate(underwriting.waterfall.classes):
        own = slice(k * months, (k + 1) * months)
        assert set(found["class"][own]) == {note.name}
        assert found["balance"][own] == note.balance


def test_a_table_of_tests_says_of_each_limit_what_it_is_measured_in(
    answered: tuple[Deal, Underwriting],
) -> None:
    document = json.loads(made("tests", answered, JSON))
    found = {column["name"]: column["values"] for column in document["columns"]}
    kinds = {"max_ltv": "share", "max_ltc": "share", "min_debt_yield": "per year", "min_dscr": "x"}
    legs = {"ltv": "share", "advance_rate": "share", "dscr": "x"}
    for kind, leg, unit in zip(found["kind"], found["leg"], found["unit"], strict=True):
        assert unit == (legs[leg] if leg else kinds.get(kind, "x"))
    assert list(found)[-1] == "unit"


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_looks_like_a_formula_opens_as_text(text: str) -> None:
    column = Column("tenant", "", "text", [text, "plain"])
    _, [first], [second] = csv.reader(io.StringIO(as_csv([column], "USD").decode("utf-8-sig"), newline=""))
    assert (first, second) == ("'" + text, "plain")


def test_a_number_below_zero_stays_a_number() -> None:
    assert as_csv([Column("ncf", "money", "number", [-0.1])], "USD") == b"\xef\xbb\xbfncf [USD]\r\n-0.1\r\n"


def test_quotes_commas_and_line_breaks_in_text_stay_in_their_cell() -> None:
    text = 'a "b", c\nd'
    written = as_csv([Column("name", "", "text", [text]), Column("x", "", "integer", [1])], "USD")
    assert list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))[1] == [text, "1"]


def test_tables_of_classes_are_empty_without_a_structure() -> None:
    of = deal(facility(lease()))
    underwriting = underwritten(of)
    for table in TABLES:
        rows = rows_of(json.loads(table.make(of, underwriting, JSON, MOST)))
        assert bool(rows) != table.structured, table.name
    assert tranches(of, underwriting) == []


def test_periods_of_three_months_are_numbered_in_months() -> None:
    document = json.loads((EXAMPLES / "hyperscale-single-tenant.json").read_bytes())
    document["structure"]["period_months"] = 3
    of = msgspec.convert(document, Deal)
    found = json.loads(DOCUMENTS["waterfall"].make(of, underwritten(of), JSON, MOST))
    assert found["columns"][0]["values"][:3] == [3, 6, 9]


def test_text_forms_load_no_pyarrow() -> None:
    script = "import sys, rackrate.job_worker\nassert 'pyarrow' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)
