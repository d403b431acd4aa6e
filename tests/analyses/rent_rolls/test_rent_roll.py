"""Rent rolls: columns by head and unit, two readings are none, totals held against rows; workbooks."""

import datetime as dt
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rackrate.analyses.registry import READ_RENT_ROLL, ruleset_of
from rackrate.analyses.rent_rolls import cells, schedules, workbook_rows
from rackrate.deal.answers.rent_roll import RollTermination
from rackrate.deal.codec.decode import decode
from rackrate.deal.errors import Invalid, Malformed, Refusal, Unsupported
from rackrate.deal.facility.leases import CpiEscalation, FixedPrice, Lease, lease_faults
from rackrate.deal.requests.rent_roll import RentRollRequest

HEADS = "Hall,Tenant,Load (kW),Rent ($/kW-month),Start,Term (months),Escalation,Power"
ROW = "h1,Acme,1000,120,2026-01-01,120,2%,Metered"


def read(content: bytes | str, **asked: Any) -> dict[str, Any]:
    body = content.encode() if isinstance(content, str) else content
    request = decode(
        msgspec.msgpack.encode({"file": "csv", "content": body} | asked), RentRollRequest, "msgpack"
    )
    told: dict[str, Any] = json.loads(
        msgspec.json.encode(READ_RENT_ROLL.compute(request, ruleset_of(request), "x"))
    )
    return told


def one(head: str, cell: str, **asked: Any) -> dict[str, Any]:
    """A roll of one lease in which one column is written otherwise."""
    heads, cells = HEADS.split(","), ROW.split(",")
    fields = {"Load": 2, "Rent": 3, "Start": 4, "Term": 5, "Escalation": 6, "Power": 7}
    place = next((i for name, i in fields.items() if name in head), len(heads))
    heads[place : place + 1], cells[place : place + 1] = [head], [cell]
    lines = [",".join(f'"{text}"' for text in row) for row in (heads, cells)]
    return read("\n".join(lines), **asked)


def reasons(answer: dict[str, Any]) -> set[tuple[str, str]]:
    return {(entry["column"], entry["reason"]) for entry in answer["report"]}


def test_a_plain_roll_is_read_whole() -> None:
    answer = read(f"{HEADS}\n{ROW}\n")
    assert answer["report"] == []
    assert answer["leases"] == [
        {
            "id": "h1",
            "tenant": "acme",
            "contracted_kw": 1000.0,
            "rent_per_kw_month": 120.0,
            "commencement": "2026-01-01",
            "term_months": 120,
            "escalation": {"kind": "fixed", "rate": 0.02},
            "power": {"kind": "metered", "pue_cap": None, "markup": 0.0},
        }
    ]
    assert answer["totals"] == {"count": 1, "contracted_kw": 1000.0, "rent_per_month": 120_000.0}


@pytest.mark.parametrize(
    ("head", "cell", "kw"),
    [
        ("Load (kW)", "36,000", 36000.0),
        ("Load (MW)", "36", 36000.0),
        ("Load", "36 MW", 36000.0),
        ("Load (kW)", "0.5 MW", 500.0),
        ("Load (kW)", "1,234.5", 1234.5),
    ],
)
def test_load_is_in_the_unit_its_cell_or_head_says(head: str, cell: str, kw: float) -> None:
    assert one(head, cell)["leases"][0]["contracted_kw"] == kw


@pytest.mark.parametrize(
    ("head", "cell", "rent"),
    [
        ("Rent ($/kW-month)", "$118.00", 118.0),
        ("Rent ($/kW-yr)", "1,416", 118.0),
        ("Rent", "118 $/kW-month", 118.0),
        ("Rent per kW month", "118", 118.0),
        ("Monthly Rent ($)", "118,000", 118.0),
        ("Annual Rent", "€1,416,000", 118.0),
        ("Rent (per month)", "118,000", 118.0),
    ],
)
def test_rent_is_of_each_kw_or_in_all_a_month_or_a_year_as_is_said(head: str, cell: str, rent: float) -> None:
    """118 a kW and month is 1,416 a year, and 118,000 a month on 1,000 kW."""
    assert one(head, cell)["leases"][0]["rent_per_kw_month"] == pytest.approx(rent, rel=1e-15)


@pytest.mark.parametrize(
    ("head", "cell", "reason"),
    [
        ("Load", "36000", "ambiguous_unit"),
        ("Rent", "118", "ambiguous_unit"),
        ("Rent ($)", "118", "ambiguous_unit"),
        ("Rent ($/sq ft-year)", "118", "ambiguous_unit"),
        ("Rent ($/kW-month)", "(118)", "unreadable"),
        ("Rent ($/kW-month)", "1,18", "unreadable"),
        ("Rent ($/kW-month)", "#N/A", "unreadable"),
        ("Start", "03/04/2027", "ambiguous_date"),
        ("Start", "3/4/27", "unreadable"),
        ("Start", "2027-02-30", "unreadable"),
        ("Start", "TBD", "unreadable"),
        ("Term", "10", "ambiguous_unit"),
        ("Term (years)", "10.3", "unreadable"),
        ("Escalation", "3", "ambiguous_unit"),
        ("Escalation", "0.03", "ambiguous_unit"),
        ("Escalation", "CPI from 2 to 4%", "ambiguous_unit"),
        ("Power", "as agreed", "unknown_code"),
        ("Load (kW)", "1e3", "unreadable"),
        ("Load (kW)", "2 x 6 MW", "unreadable"),
        ("Load (MW)", "5-7", "unreadable"),
        ("Load (kW)", "900 sq ft", "ambiguous_unit"),
        ("Load (kW/MW)", "900", "ambiguous_unit"),
        ("Rent ($/kW-month)", "118 / 125", "unreadable"),
        ("Rent", "118 $/kW-month plus power", "ambiguous_unit"),
        ("Term (months)", "60 + 2 x 60", "unreadable"),
        ("Term (months)", "260 weeks", "ambiguous_unit"),
        ("Escalation (decimal)", "3", "unreadable"),
    ],
)
def test_what_has_two_readings_or_none_is_left_out_and_named(head: str, cell: str, reason: str) -> None:
    answer = one(head, cell)
    assert reasons(answer) >= {(head, reason)}
    assert len(answer["leases"]) == 1


@pytest.mark.parametrize(
    ("cell", "asked", "day"),
    [
        ("03/04/2027", {"dates": "day_first"}, "2027-04-03"),
        ("03/04/2027", {"dates": "month_first"}, "2027-03-04"),
        ("13/04/2027", {}, "2027-04-13"),
        ("04/13/2027", {}, "2027-04-13"),
        ("04/04/2027", {}, "2027-04-04"),
        ("3 Apr 2027", {}, "2027-04-03"),
        ("April 3, 2027", {}, "2027-04-03"),
    ],
)
def test_a_date_with_one_reading_is_read(cell: str, asked: dict[str, str], day: str) -> None:
    assert one("Start", cell, **asked)["leases"][0]["commencement"] == day


def test_decimals_are_a_comma_where_that_is_said() -> None:
    answer = one("Rent (€/kW-month)", "1.118,50", decimals="comma")
    assert answer["leases"][0]["rent_per_kw_month"] == 1118.5


def test_a_term_runs_to_the_day_before_its_anniversary_or_to_it_and_must_agree() -> None:
    heads = "Tenant,Load (kW),Rent ($/kW-month),Start,End,Term (months),Escalation,Power"
    body = "Acme,1000,120,2026-01-01,{},{},2%,Direct"
    ends = {"2035-12-31": "", "2036-01-01": "120", "2036-02-15": "120", "2036-02-16": ""}
    answers = [
        read(f"{heads}\n{body.format(end, term)}")["leases"][0].get("term_months")
        for end, term in ends.items()
    ]
    assert answers == [120, 120, None, None]
    odd = read(f"{heads}\n{body.format('2036-02-15', '120')}")
    assert ("End", "unreadable") in reasons(odd)


def test_titles_blank_rows_totals_and_vacant_space_are_no_leases() -> None:
    """1,000 and 500 kW are the subtotal; with 250 more the total says 1,800 and is off by 50."""
    lines = [
        "Campus One, rent roll",
        ",,,,,,,",
        HEADS,
        ROW,
        "h2,Beta LLC,500,100,2026-01-01,120,2%,Direct",
        ",Subtotal,1500,,,,,",
        "",
        "h3,Total Energies SE,250,100,2026-01-01,120,2%,Direct",
        "h4,Vacant,700,,,,,",
        ",Grand Total,1800,,,,,",
    ]
    answer = read("\n".join(lines))
    assert [lease["tenant"] for lease in answer["leases"]] == ["acme", "beta", "total-energies-se"]
    assert [(d["total"], d["difference"]) for d in answer["differences"]] == [
        ("row 6 contracted_kw", 0.0),
        ("row 10 contracted_kw", -50.0),
    ]
    assert [entry["reason"] for entry in answer["report"]] == ["total", "vacant", "total"]


def test_rent_in_all_is_held_against_its_total() -> None:
    lines = [HEADS.replace("Rent ($/kW-month)", "Monthly Rent"), ROW.replace(",120,", ",120000,", 1)]
    answer = read("\n".join([*lines, ",Total,1000,125000,,,,"]))
    assert [(d["total"], d["difference"]) for d in answer["differences"]] == [
        ("row 3 contracted_kw", 0.0),
        ("row 3 rent_per_month", -5000.0),
    ]


def test_tenants_are_matched_by_identifier_or_name_whatever_their_legal_form() -> None:
    lines = [HEADS, ROW.replace("Acme", '"ACME, Inc."'), ROW.replace("h1,Acme", "h2,Acme LLC")]
    lines += [ROW.replace("h1,Acme", "h3,bank-1"), ROW.replace("h1,Acme", "h4,Other")]
    known = [{"id": "hyper", "name": "Acme"}, {"id": "bank-1", "name": "First Bank"}]
    answer = read("\n".join(lines), tenants=known)
    assert [lease["tenant"] for lease in answer["leases"]] == ["hyper", "hyper", "bank-1", "other"]
    assert [(tenant["id"], tenant["known"]) for tenant in answer["tenants"]] == [
        ("hyper", True),
        ("bank-1", True),
        ("other", False),
    ]


def test_columns_nobody_knows_or_that_are_missing_or_twice_are_named() -> None:
    answer = read("Tenant,Load (kW),Critical Load (kW),Sq ft\nAcme,1000,900,5000\n")
    assert {("Sq ft", "unknown_column"), ("Critical Load (kW)", "duplicate")} <= reasons(answer)
    assert {(name, "missing") for name in ("rent", "commencement", "escalation", "power", "term")} <= reasons(
        answer
    )
    assert answer["leases"][0]["contracted_kw"] == 1000.0


def test_semicolons_and_tabs_separate_too() -> None:
    for mark in ";\t":
        assert len(read(f"{HEADS}\n{ROW}\n".replace(",", mark))["leases"]) == 1


def test_leases_that_are_read_whole_are_leases_of_a_facility(examples: Path) -> None:
    """The shipped roll, the order of its one ambiguous date told."""
    content = (examples / "rent-rolls" / "rent-roll.csv").read_bytes()
    answer = read(content, dates="day_first")
    leases = msgspec.convert(answer["leases"], list[Lease])
    assert [fault for lease in leases for fault in lease_faults(lease, dt.date(2026, 12, 1), "")] == []
    assert [lease.term_months for lease in leases] == [180, 180, 60]
    assert isinstance(leases[1].escalation, CpiEscalation)
    assert isinstance(leases[2].power, FixedPrice)


def workbook(rows: list[list[Any]], formats: dict[str, str] | None = None, sheets: int = 1) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    for row in rows:
        page.append(row)
    for place, number_format in (formats or {}).items():
        page[place].number_format = number_format
    for i in range(1, sheets):
        book.create_sheet(f"Other {i}")
    told = io.BytesIO()
    book.save(told)
    return told.getvalue()


CELLS: list[Any] = ["h1", "Acme", 36000, 118.25, dt.date(2026, 1, 1), 120, 0.025, "Metered"]


def test_a_workbook_reads_as_its_cells_are_shown() -> None:
    content = workbook([["Roll"], [], HEADS.split(","), CELLS], {"G4": "0.0%"})
    answer = read(content, file="xlsx")
    assert answer["report"] == []
    (lease,) = answer["leases"]
    assert lease["contracted_kw"] == 36000.0
    assert lease["rent_per_kw_month"] == 118.25
    assert lease["commencement"] == "2026-01-01"
    assert lease["escalation"] == {"kind": "fixed", "rate": 0.025}


def test_of_several_sheets_one_must_be_named() -> None:
    content = workbook([HEADS.split(","), CELLS], sheets=2)
    with pytest.raises(Invalid, match="Sheet, Other 1"):
        read(content, file="xlsx")
    with pytest.raises(Invalid, match="no sheet 'Third'"):
        read(content, file="xlsx", sheet="Third")
    assert len(read(content, file="xlsx", sheet="Sheet")["leases"]) == 1


def test_without_the_library_a_workbook_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_rows, "find_spec", lambda _: None)
    with pytest.raises(Unsupported, match="openpyxl"):
        read(workbook([HEADS.split(","), CELLS]), file="xlsx")


def repacked(content: bytes, **parts: bytes) -> bytes:
    """A workbook with parts of its zip replaced or added."""
    told = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return told.getvalue()


def test_hostile_workbooks_are_refused_by_name() -> None:
    good = workbook([HEADS.split(","), CELLS])
    with pytest.raises(Malformed, match="no workbook"):
        read(b"PK\x03\x04 and nothing", file="xlsx")
    with pytest.raises(Malformed, match="no workbook"):
        read(good[: len(good) // 2], file="xlsx")
    with pytest.raises(Invalid, match="unpacks to more"):
        read(repacked(good, **{"xl/media/bomb.bin": bytes(70 * 2**20)}), file="xlsx")
    fonts = b"<styleSheet><fonts>" + b"<font/>" * 200_000 + b"</fonts></styleSheet>"
    with pytest.raises(Invalid, match=r"styles.xml: more than 50000 tags"):
        read(repacked(good, **{"xl/styles.xml": fonts}), file="xlsx")
    laughs = b'<!DOCTYPE a [<!ENTITY b "b">]><sst>&b;</sst>'
    with pytest.raises(Malformed, match="document types"):
        read(repacked(good, **{"xl/sharedStrings.xml": laughs}), file="xlsx")
    with pytest.raises(Malformed, match="UTF-16"):
        read(repacked(good, **{"xl/sharedStrings.xml": "<sst/>".encode("utf-16")}), file="xlsx")
    with pytest.raises(Malformed, match=r"no (workbook|sheet)"):
        read(repacked(good, **{"xl/worksheets/sheet1.xml": b"<worksheet><sheetData>"}), file="xlsx")


def test_a_cell_in_the_farthest_corner_costs_nothing() -> None:
    page = b"""<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
    <row r="1"><c r="A1" t="inlineStr"><is><t>Tenant</t></is></c></row>
    <row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"""
    content = repacked(workbook([["a"]]), **{"xl/worksheets/sheet1.xml": page})
    with pytest.raises(Invalid):
        read(content, file="xlsx")


@given(st.text("0123456789.,/-% kKMWyrmoth$€CPI", max_size=14), st.sampled_from(["point", "comma"]))
def test_whatever_is_written_in_a_cell_is_read_or_not_and_never_fails(text: str, decimals: Any) -> None:
    for head in ("Load (kW)", "Rent", "Escalation (%)", "Term (years)", "Start", "Power"):
        found = cells.quantity(text, decimals)
        if not isinstance(found, cells.Unread):
            for unit in (cells.load, cells.months, cells.share):
                unit(found, head)
            cells.rent(found, head, None)
        cells.day(text, None)
        cells.escalation(text, head, decimals)
        cells.power(text, decimals)


@given(st.integers(1, 10**6), st.text("0123456789.,/-x() kKMWyrmothsqfe", max_size=9))
def test_a_load_is_read_only_where_nothing_but_units_stands_beside_it(kw: int, beside: str) -> None:
    """Digits, spaces and dots end a number otherwise; what is left must be the words for kilowatts."""
    found = cells.quantity(f"{kw} {beside}", "point")
    load = found if isinstance(found, cells.Unread) else cells.load(found, "load kw")
    words = set(cells.words_of(beside).split())
    is_read = not any(sign.isdigit() for sign in beside) and words <= {"kw", "mw"}
    if isinstance(load, cells.Unread):
        assert not is_read or words == {"kw", "mw"} or beside.lstrip()[:1] in (",", ".")
    else:
        assert is_read
        assert load == kw * (1000 if words == {"mw"} else 1)


@given(st.binary(max_size=400))
def test_whatever_is_sent_as_a_workbook_or_as_csv_is_read_or_refused(content: bytes) -> None:
    for kind in ("csv", "xlsx"):
        try:
            read(content or b" ", file=kind)
        except Refusal:
            continue


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("Ramp", "2 MW from commencement; 6 MW after 6 months; 9,000 kW after 1 year"),
        ("Ramp schedule", "2 MW from month 0, 6 MW from month 6, 9 MW from month 12"),
        ("Ramp", "M1: 2 MW; M7: 6 MW; M13: 9 MW"),
        ("Ramp-up (MW)", "2 from start, then 6 after 6 months, then 9 from 2027-01-01"),
        ("Ramp (kW)", "2026-01-01: 2,000; 1 Jul 2026: 6,000; Jan 1, 2027: 9,000"),
    ],
)
def test_a_ramp_is_read_in_steps_of_load_and_month(head: str, cell: str) -> None:
    """Commencement is 1 January 2026: a half year and a year after it are months 6 and 12."""
    (lease,) = one(head, cell)["leases"]
    assert [(step["from_month"], step["kw"]) for step in lease["ramp"]] == [(0, 2e3), (6, 6e3), (12, 9e3)]


@pytest.mark.parametrize(
    ("head", "cell", "reason"),
    [
        ("Ramp", "2 from start; 6 after 6 months", "ambiguous_unit"),
        ("Ramp (MW)", "6 after 6 months", "unreadable"),
        ("Ramp (MW)", "2 from start; 6 from month 6", "ambiguous_date"),
        ("Ramp (MW)", "2 from start; 6 from 2026-07-15", "unreadable"),
        ("Ramp (MW)", "2 from start; 6 from 01/07/2026", "ambiguous_date"),
        ("Ramp (MW)", "as delivered", "unreadable"),
        ("Ramp (MW)", "M1: 2; M1: 4; M7: 6", "unreadable"),
        ("Ramp (MW)", "2 from start; 6 after 12 months; 4 after 6 months", "unreadable"),
        ("Break option", "after 60 months; fee 12 months; 150%", "unreadable"),
        ("Early termination", "month 60; fee 12 months", "ambiguous_date"),
        ("Early termination", "after 60 months; after 72 months", "unreadable"),
        ("Break option", "by agreement", "unreadable"),
        ("Break option", "03/04/2030", "ambiguous_date"),
    ],
)
def test_a_ramp_or_an_option_of_two_readings_is_not_read(head: str, cell: str, reason: str) -> None:
    answer = one(head, cell)
    assert reasons(answer) == {(head, reason)}
    assert {"ramp", "termination"} & answer["leases"][0].keys() == set()


@pytest.mark.parametrize("cell", ["none", "n/a", "-", "No"])
def test_an_option_that_a_tenant_has_not_is_none(cell: str) -> None:
    answer = one("Early termination option", cell)
    assert answer["report"] == []
    assert "termination" not in answer["leases"][0]


@pytest.mark.parametrize(
    "cell",
    [
        "after 60 months, fee 12 months, 10%",
        "1 Jan 2031; 12 months rent; probability 10%",
        "Jan 1, 2031, fee of 12 months, 10% probability",
        "after 5 years; 10%; 12 months' fee",
    ],
)
def test_an_option_to_end_says_when_against_what_and_how_likely(cell: str) -> None:
    answer = one("Early termination", cell)
    assert answer["report"] == []
    assert answer["leases"][0]["termination"] == {"month": 60, "fee_months": 12, "probability": 0.1}


PIECES = st.sampled_from(
    ["6 MW", "900 kW", " from ", " after ", "month 0", "M7", "6 months", "2026-07-01", ": ", "; ", ", ",
     "then ", "fee ", "12 months rent", "10%", "1,5", "²", "9" * 30, "\n", "="]
)  # fmt: skip


@given(st.lists(PIECES, max_size=9).map("".join), st.sampled_from(["Ramp (MW)", "Break option"]))
def test_whatever_a_ramp_or_an_option_says_is_read_within_bounds_or_not_at_all(cell: str, head: str) -> None:
    reader = schedules.Reader(None, "point", dt.date(2026, 1, 1))
    ramp, option = schedules.ramp(cell, head, reader), schedules.termination(cell, reader)
    if isinstance(ramp, list) and ramp:
        assert ramp[0].from_month == 0
        assert all(step.kw >= 0.0 and step.from_month >= 0 for step in ramp)
    assert isinstance(ramp, list | cells.Unread)
    assert option is None or isinstance(option, RollTermination | cells.Unread)


def test_what_an_option_does_not_say_is_left_out_and_listed() -> None:
    answer = one("Break", "after 60 months, no fee")
    assert answer["leases"][0]["termination"] == {"month": 60, "fee_months": 0}
    assert [(e["column"], e["reason"], e["value"]) for e in answer["report"]] == [
        ("Break", "missing", "probability")
    ]


def test_a_lease_of_a_roll_with_ramp_and_option_is_one_a_facility_takes() -> None:
    heads = f"{HEADS},Utilisation (%),Peak utilisation (%),Ramp,Termination"
    row = f'{ROW},70,80,"0.2 MW from start; 1 MW after 12 months","after 60 months; fee 6 months; 20%"'
    (told,) = read(f"{heads}\n{row}\n")["leases"]
    lease = msgspec.convert(told, Lease)
    assert list(lease_faults(lease, dt.date(2026, 1, 1), "")) == []
    assert lease.ramp[1].kw == 1000.0
    assert lease.termination is not None
    assert lease.termination.probability == 0.2
