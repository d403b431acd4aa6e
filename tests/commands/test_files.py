"""Files as filed at the command line: tables to be read, or the bytes of the service."""

from pathlib import Path

import pytest
from litestar.testing import TestClient

from rackrate.__main__ import main
from rackrate.api.cache.memory import MemoryResults
from rackrate.app import create_app
from rackrate.reports.tables import WIDTH
from rackrate.settings import Settings

TAPES = {  # arguments after the file, and the query that asks the same
    "schedule_al.xml": ("--basis most_recent", "?basis=most_recent", "application/xml"),
    "crefc_setup.csv": (
        "--layout crefc_setup --stated count:4",
        "?layout=crefc_setup&stated=count:4",
        "text/csv",
    ),
    "crefc_periodic.csv": ("--layout crefc_periodic", "?layout=crefc_periodic", "text/csv"),
}


@pytest.mark.parametrize("name", TAPES)
def test_a_tape_prints_the_bytes_the_service_would_send_or_tables_within_the_width(
    examples: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    options, query, media = TAPES[name]
    file = examples / "tapes" / name
    assert main(["tape", str(file), *options.split(), "--json"]) == 0
    printed = capsys.readouterr().out
    with TestClient(create_app(Settings(), MemoryResults(60))) as client:
        reply = client.post("/v1/tapes" + query, content=file.read_bytes(), headers={"Content-Type": media})
    assert printed == reply.text + "\n"
    assert main(["tape", str(file), *options.split()]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert lines[0].startswith(name.partition(".")[0])


def test_a_file_that_is_no_tape_is_refused_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "tape.xml"
    broken.write_text("<assetData>")
    assert main(["tape", str(broken)]) == 1
    assert "namespace" in capsys.readouterr().err
    other = tmp_path / "tape.pdf"
    other.write_text("%PDF")
    assert main(["tape", str(other)]) == 1
    assert "/file: expected one of" in capsys.readouterr().err
    assert main(["tape", str(tmp_path / "none.csv")]) == 2


def test_a_rent_roll_prints_the_bytes_the_service_would_send_or_tables_within_the_width(
    examples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = examples / "rent-rolls" / "rent-roll.csv"
    options = ["--dates", "day_first", "--tenants", "hyper:Hyperion", "--stated", "count:3"]
    assert main(["rent-roll", str(file), *options, "--json"]) == 0
    printed = capsys.readouterr().out
    query = "?dates=day_first&tenants=hyper:Hyperion&stated=count:3"
    with TestClient(create_app(Settings(), MemoryResults(60))) as client:
        reply = client.post(
            "/v1/rent-rolls" + query, content=file.read_bytes(), headers={"Content-Type": "text/csv"}
        )
    assert printed == reply.text + "\n"
    assert main(["rent-roll", str(file), *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert lines[0] == "3 leases, 76,500 kW, rent 9,137,250 a month"
