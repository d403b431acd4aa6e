"""Tapes over HTTP: by media type, by layout, with totals stated, refused by line and column."""

import json
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.conftest import EXAMPLES

PATH = "/v1/tapes"
XML, CSV = {"Content-Type": "application/xml"}, {"Content-Type": "text/csv"}
OPENING = b'<assetData xmlns="http://www.sec.gov/edgar/document/absee/cmbs/assetdata">'
Client = TestClient[Litestar]


@pytest.fixture
def filing(examples: Path) -> bytes:
    return (examples / "tapes" / "schedule_al.xml").read_bytes()


@pytest.fixture
def setup_file(examples: Path) -> bytes:
    return (examples / "tapes" / "crefc_setup.csv").read_bytes()


def test_an_ex102_document_is_read(client: Client, filing: bytes) -> None:
    reply = client.post(PATH, content=filing, headers={"Content-Type": "text/xml; charset=utf-8"})
    assert reply.status_code == 200, reply.text
    answer = reply.json()
    assert answer["layout"] == "schedule_al"
    assert [loan["id"] for loan in answer["loans"]] == ["2", "18"]
    assert [(row["loan"], row["rollup"]) for row in answer["properties"]] == [
        ("2", True),
        ("18", True),
        ("18", False),
    ]
    assert answer["totals"]["properties"] == 2, "a loan without members and one with one"


def test_the_same_tape_is_the_same_bytes_and_comes_from_the_cache(client: Client, filing: bytes) -> None:
    first, second = (client.post(PATH, content=filing, headers=XML) for _ in range(2))
    assert first.content == second.content
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("miss", "hit")
    assert first.headers["etag"] == second.headers["etag"]


def test_totals_are_held_against_those_stated(client: Client, setup_file: bytes) -> None:
    """Three loans of 70.0, 66.6 and 55.0 million are 191.6 million."""
    query = "?layout=crefc_setup&stated=count:3,balance:191600001,wa_rate:0.05&fields=stated,differences"
    answer = client.post(PATH + query, content=setup_file, headers=CSV).json()
    assert set(answer) == {"stated", "differences"}
    assert answer["stated"] == {"count": 3.0, "balance": 191600001.0, "wa_rate": 0.05}
    count, balance, rate = answer["differences"]
    assert count == {"total": "count", "stated": 3.0, "read": 3.0, "difference": 0.0}
    assert balance == {"total": "balance", "stated": 191600001.0, "read": 191600000.0, "difference": -1.0}
    worth = 70.0 * 0.04516 + 66.6 * 0.04171 + 55.0 * 0.0462
    assert rate["read"] == pytest.approx(worth / 191.6, rel=1e-12)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", "layout"),
        ("?layout=schedule_al", "layout"),
        ("?layout=excel", "layout"),
        ("?layout=crefc_setup&basis=yesterday", "basis"),
        ("?layout=crefc_setup&stated=count", "stated"),
        ("?layout=crefc_setup&stated=loans:3", "stated"),
        ("?layout=crefc_setup&stated=count:nan", "stated"),
        ("?layout=crefc_setup&stated=count:1,count:1", "stated"),
        ("?sheet=1", "sheet"),
    ],
)
def test_what_is_asked_wrongly_is_named(client: Client, setup_file: bytes, query: str, named: str) -> None:
    reply = client.post(PATH + query, content=setup_file, headers=CSV)
    assert reply.status_code == 422
    assert named in reply.text


@pytest.mark.parametrize(
    "media", ["application/json", "application/octet-stream", "text/csv; charset=latin-1", "", "text/plain"]
)
def test_another_media_type_is_refused(client: Client, setup_file: bytes, media: str) -> None:
    reply = client.post(PATH + "?layout=crefc_setup", content=setup_file, headers={"Content-Type": media})
    assert reply.status_code == 415
    assert "text/csv" in reply.json()["detail"]


def _deep(levels: int) -> bytes:
    return OPENING + b"<assets>" + b"<a>" * levels + b"</a>" * levels + b"</assets></assetData>"


LAUGHS = (
    b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "'
    + b"&lol;" * 10
    + b'">]>'
    + OPENING
    + b"<assets><assetNumber>&lol2;</assetNumber></assets></assetData>"
)
EXTERNAL = (
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    + OPENING
    + b"<assets><assetNumber>&x;</assetNumber></assets></assetData>"
)
HOSTILE: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b" \n ", 400, "there is nothing in it"),
    "no xml": (b"a,b,c\n1,2,3\n", 400, "line 1, column 1"),
    "cut off": (OPENING + b"\n<assets><assetNumber>1", 400, "line 2, column"),
    "a bomb of entities": (LAUGHS, 400, "document types and entities are not read"),
    "a file of the server": (EXTERNAL, 400, "document types and entities are not read"),
    "a document type alone": (b"<!DOCTYPE a>" + OPENING + b"</assetData>", 400, "document types"),
    "an entity nobody declared": (
        OPENING + b"<assets><assetNumber>&x;</assetNumber></assets></assetData>",
        400,
        "undefined entity",
    ),
    "depth": (_deep(50_000), 422, "nested deeper than 8 levels"),
    "an attribute of a megabyte": (
        OPENING + b'<assets a="' + b"x" * 2**20 + b'"/></assetData>',
        422,
        "attributes",
    ),
    "an element of a megabyte": (
        OPENING + b"<assets><assetNumber>" + b"x" * 2**20 + b"</assetNumber></assets></assetData>",
        422,
        "more than 4096 characters",
    ),
    "records without end": (
        OPENING + b"<assets/>" * 30_000 + b"</assetData>",
        422,
        "more than 20000 records",
    ),
    "utf-16": ("<?xml version='1.0'?><a/>".encode("utf-16"), 400, "UTF-16, and only UTF-8 is read"),
    "latin-1": (
        b'<?xml version="1.0" encoding="ISO-8859-1"?>' + OPENING + b"</assetData>",
        400,
        "ISO-8859-1",
    ),
    "bytes that are no text": (OPENING + b"\n<assets>\xff</assets></assetData>", 400, "line 2, column 9"),
    "a null": (OPENING + b"\x00</assetData>", 400, "null character"),
    "another namespace": (b'<assetData xmlns="urn:x"/>', 422, "namespace"),
    "no namespace": (b"<assetData/>", 422, "namespace"),
    "another root": (
        b'<assets xmlns="http://www.sec.gov/edgar/document/absee/cmbs/assetdata"/>',
        422,
        "'assetData' was expected",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_refused_by_name_and_place(client: Client, name: str) -> None:
    body, status, said = HOSTILE[name]
    reply = client.post(PATH, content=body, headers=XML)
    assert reply.status_code == status
    assert said in reply.json()["detail"]
    assert reply.json()["detail"].startswith(("line ", "the document: line "))


HOSTILE_CSV: dict[str, tuple[bytes, int, str]] = {
    "no header": (b"WFCM17C42,,309360001,1,70000000\n", 422, "begins with a header"),
    "an open quote": (b'Prospectus Loan ID\n"1', 400, "no CSV"),
    "a cell of a megabyte": (b"Prospectus Loan ID\n" + b"x" * 2**20, 400, "field larger than"),
    "a column twice": (b"Prospectus Loan ID,Prospectus Loan ID\n1,2\n", 422, "is there twice"),
    "a thousand columns": (b"Prospectus Loan ID" + b"," * 1000, 422, "more than 500 columns"),
    "rows without end": (b"Prospectus Loan ID\n" + b"1\n" * 30_000, 422, "more than"),
    "utf-16": ("Prospectus Loan ID\n1\n".encode("utf-16"), 400, "UTF-16"),
}


@pytest.mark.parametrize(
    "path", [PATH + "?layout=crefc_setup", PATH + "?layout=crefc_periodic", "/v1/rent-rolls"]
)
@pytest.mark.parametrize("blank", [b",", b'""', b",,,\n ,\n", b"," * 1000])
def test_a_file_of_blank_rows_has_nothing_in_it(client: Client, path: str, blank: bytes) -> None:
    reply = client.post(path, content=blank, headers=CSV)
    assert (reply.status_code, "there is nothing in it" in reply.json()["detail"]) == (400, True)


@pytest.mark.parametrize("name", HOSTILE_CSV)
def test_hostile_csv_is_refused_by_name_and_place(client: Client, name: str) -> None:
    body, status, said = HOSTILE_CSV[name]
    reply = client.post(PATH + "?layout=crefc_setup", content=body, headers=CSV)
    assert reply.status_code == status, reply.text
    assert said in reply.json()["detail"]


def test_a_tape_longer_than_eight_mebibytes_is_refused(client: Client) -> None:
    assert client.post(PATH, content=b" " * (8 * 2**20 + 1), headers=XML).status_code == 413


def test_a_tape_of_eight_mebibytes_is_read(client: Client, examples: Path) -> None:
    text = (examples / "tapes" / "crefc_setup.csv").read_text()
    header, row = text.splitlines()[0], text.splitlines()[1].split(",")
    rows = [",".join([*row[:3], str(i), *row[4:]]) for i in range(15_000)]
    body = "\n".join([header, *rows]).encode()
    assert 5 * 2**20 < len(body) < 8 * 2**20
    reply = client.post(PATH + "?layout=crefc_setup&fields=totals", content=body, headers=CSV)
    assert reply.status_code == 200, reply.text
    assert reply.json()["totals"]["count"] == 15_000


def test_the_filing_and_the_setup_file_end_in_a_structure_and_the_list_of_what_they_do_not_say(
    client: Client,
) -> None:
    """What the report lists is completed by the house's reading of it, and by nothing else."""
    cases = EXAMPLES / "filings"
    for name, query, headers in (
        ("schedule_al/bank5-2025-12-ex102.xml", "", XML),
        ("crefc_setup/wfcm-2017-c42-crefc-setup.csv", "?layout=crefc_setup", CSV),
    ):
        tape = client.post(PATH + query, content=(cases / name).read_bytes(), headers=headers).json()
        pool = pool_of(tape["loans"], "2025-12-11" if "bank5" in name else "2017-12-06")
        refused = client.post("/v1/pools?fields=summary", json=pool)
        gaps = {error["pointer"] for error in refused.json().get("errors", [])}
        listed = {entry["line"] for entry in tape["report"]}
        assert listed
        completed = complete(pool, gaps)
        reply = client.post("/v1/pools?fields=summary,waterfall", json=completed)
        assert reply.status_code == 200, reply.text[:2000]
        summary = reply.json()["summary"]
        assert summary["count"] == len(completed["loans"])
        assert summary["issued"] == pytest.approx(summary["balance"], rel=1e-12)
        classes = reply.json()["waterfall"]["classes"]
        assert [each["name"] for each in classes] == ["A", "B", "HRR"]
        paid = sum(sum(each["principal_paid"]) for each in classes)
        assert paid == pytest.approx(summary["balance"], rel=0.2)


def pool_of(loans: list[dict[str, Any]], closing: str) -> dict[str, Any]:
    """A pool of what a tape says, with certificates sized by the house's capacities."""
    return {
        "name": "As filed",
        "currency": "USD",
        "closing": closing,
        "market": {"power_index": 50, "cpi": 0.025, "base_rate": 0.04, "treasury": 0.041},
        "loans": loans,
        "structure": {
            "template": "cmbs_conduit",
            "case": "underwritten",
            "legal_final_months": 300,
            "classes": [
                {
                    "name": "A",
                    "rank": 1,
                    "coupon": 0.035,
                    "day_count": "30/360",
                    "limits": [{"kind": "capacity", "category": "AAA"}],
                },
                {
                    "name": "B",
                    "rank": 2,
                    "coupon": {"wac_less": 0.0},
                    "day_count": "30/360",
                    "limits": [{"kind": "capacity", "category": "BBB"}],
                },
                {
                    "name": "HRR",
                    "rank": 3,
                    "coupon": {"wac_less": 0.0},
                    "day_count": "30/360",
                    "residual": True,
                    "controls": True,
                },
            ],
        },
    }


def complete(pool: dict[str, Any], gaps: set[str]) -> dict[str, Any]:
    """Say of each gap what an analyst would: a premium; a loan without income is left out."""
    completed = json.loads(json.dumps(pool))
    for pointer in sorted(gaps):
        _, _, number, *place = pointer.split("/")
        loan = completed["loans"][int(number)]
        if place[-1:] == ["premium"] or place[:1] == ["prepayment"]:
            loan["prepayment"] = [
                entry | {"premium": 0.01} if entry["kind"] == "penalty" else entry
                for entry in loan["prepayment"]
            ]
        else:
            loan["left_out"] = True
    completed["loans"] = [loan for loan in completed["loans"] if not loan.pop("left_out", False)]
    return completed
