"""Rent rolls over HTTP: CSV and workbooks by media type, what is asked by query, refused by name."""

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from rackrate.deal.codec.media_types import XLSX

PATH = "/v1/rent-rolls"
CSV = {"Content-Type": "text/csv"}
Client = TestClient[Litestar]


@pytest.fixture
def roll(examples: Path) -> bytes:
    return (examples / "rent-rolls" / "rent-roll.csv").read_bytes()


def test_a_csv_file_becomes_leases_and_the_list_of_what_was_not_read(client: Client, roll: bytes) -> None:
    """Of 78,000 kW that the file totals, 1,500 are vacant."""
    first, again = (client.post(PATH, content=roll, headers=CSV) for _ in range(2))
    assert first.status_code == 200, first.text
    assert again.content == first.content
    assert (first.headers["x-cache"], again.headers["x-cache"]) == ("miss", "hit")
    answer = first.json()
    assert [lease["contracted_kw"] for lease in answer["leases"]] == [36000.0, 36000.0, 4500.0]
    assert [entry["reason"] for entry in answer["report"]] == [
        *("unknown_column", "ambiguous_date", "missing", "vacant", "total"),
    ]
    assert [each["difference"] for each in answer["differences"]] == [-1500.0]


def test_a_workbook_is_read_as_the_same_roll(client: Client, roll: bytes) -> None:
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(roll.decode())):
        book.active.append(row)
    told = io.BytesIO()
    book.save(told)
    fields = "?fields=columns,leases,tenants,report,totals,differences"
    as_csv = client.post(PATH + fields, content=roll, headers=CSV).json()
    as_xlsx = client.post(PATH + fields, content=told.getvalue(), headers={"Content-Type": XLSX})
    assert as_xlsx.status_code == 200, as_xlsx.text
    assert as_xlsx.json() == as_csv


@pytest.mark.parametrize(
    ("query", "status", "named"),
    [
        ("?dates=american", 422, "dates"),
        ("?decimals=dot", 422, "decimals"),
        ("?sheet=Roll", 422, "sheet"),
        ("?stated=walt:3", 422, "stated"),
        ("?tenants=a,a", 422, "tenant"),
        ("?layout=crefc_setup", 422, "layout"),
    ],
)
def test_what_is_asked_wrongly_is_named(
    client: Client, roll: bytes, query: str, status: int, named: str
) -> None:
    reply = client.post(PATH + query, content=roll, headers=CSV)
    assert reply.status_code == status
    assert named in reply.text


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b"a,b\n1,2\n", "text/csv", 422),
        (b"", "text/csv", 400),
        (b"\xff\xfe", "text/csv", 400),
        (b"PK", XLSX, 400),
        (b"<a/>", "application/xml", 415),
        (b"{}", "application/json", 415),
    ],
)
def test_what_is_no_rent_roll_is_refused(client: Client, body: bytes, media: str, status: int) -> None:
    reply: Any = client.post(PATH, content=body, headers={"Content-Type": media})
    assert reply.status_code == status, reply.text
