"""A book is the same bytes whatever chunk, workers, source or interruption; what is bad is rejected alone."""

import json
import os
import signal
import subprocess
import sys
import time

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.golden.agreement import CASES

from rackrate.__main__ import main
from rackrate.analyses.books.book import underwrite_book
from rackrate.books.columns import COLUMNS, schema
from rackrate.deal.requests.book import BookRequest

GIVEN = json.loads((CASES / "books" / "five-deals.json").read_bytes())
FACTOR = {
    "asset_correlation": 0.24,
    "renewal_loading": 0.5,
    "rent_volatility": 0.15,
    "rent_loading": 0.6,
    "power_speed": 1.5,
    "power_volatility": 0.35,
    "power_loading": -0.1,
}
ASKED = {name: GIVEN[name] for name in ("currency", "fx", "scenarios")}
ASKED["simulation"] = {"paths": 200, "seed": 7, "factor": FACTOR}
BAD = [b'{"name": "no deal"}', b"[1, 2", b'{"name": "x", "name": "y"}']


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    path = tmp_path_factory.mktemp("asked") / "request.json"
    path.write_text(json.dumps(ASKED))
    return path


@pytest.fixture(scope="module")
def lines():
    good = [json.dumps(deal).encode() for deal in GIVEN["deals"]]
    return [good[0], BAD[0], *good[1:3], BAD[1], *good[3:], BAD[2], good[0].replace(b"Red Oak", b"Red Elm")]


@pytest.fixture(scope="module")
def book(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("book") / "book.ndjson"
    path.write_bytes(b"\n\n".join(lines) + b"\n")
    return path


def files(out):
    return {
        str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()
    }


def run(book, out, asked, *more):
    return main(
        ["portfolio", str(book), "--out", str(out), "--request", str(asked), "--progress", "none", *more]
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory, book, asked):
    out = tmp_path_factory.mktemp("whole") / "out"
    assert run(book, out, asked, "--workers", "1") == 1  # done, with rejects
    return out


def test_every_dataset_has_the_columns_of_its_schema_in_order(whole):
    for name in COLUMNS:
        written = pq.read_table(whole / name / "00000.parquet").schema
        wanted = schema(name, simulated=True)
        assert written.names == wanted.names
        assert written.types == wanted.types
        assert [field.nullable for field in written] == [field.nullable for field in wanted], name
    assert not (whole / "work").exists()


@pytest.mark.parametrize("chunk", [3])
def test_chunks_and_workers_leave_no_trace(whole, book, asked, tmp_path, chunk):
    assert run(book, tmp_path / "out", asked, "--workers", "2", "--chunk", str(chunk)) == 1
    assert files(tmp_path / "out") == files(whole)


def test_the_answer_is_that_of_the_request_byte_for_byte(whole, lines):
    deals = [msgspec.Raw(line) for line in lines if line != BAD[1]]
    request = msgspec.json.decode(msgspec.json.encode(ASKED | {"deals": deals}), type=BookRequest)
    broken = msgspec.structs.replace(request, deals=[msgspec.Raw(line) for line in lines])
    assert msgspec.json.encode(underwrite_book(broken)) == (whole / "book.json").read_bytes()


def test_what_is_bad_is_rejected_by_itself_where_it_stands(whole):
    rejects = [json.loads(line) for line in (whole / "rejects.ndjson").read_bytes().splitlines()]
    told = [(one["row"], one["source"], one["stage"], one["status"]) for one in rejects]
    assert told == [(1, "line 3", "read", 422), (4, "line 9", "read", 400), (7, "line 15", "read", 400)]
    assert all(one["problem"]["instance"] == "/v1/portfolios" for one in rejects)
    rows = pq.read_table(whole / "deals" / "00000.parquet")["row"].to_pylist()
    assert rows == [0, 2, 3, 5, 6, 8]


def test_the_manifest_names_every_file_with_its_hash(whole):
    import hashlib

    manifest = json.loads((whole / "manifest.json").read_bytes())
    assert list(manifest) == [
        "format", "id", "engine", "draws", "pyarrow", "rulesets", "input", "request", "counts", "outputs",
    ]  # fmt: skip
    written = files(whole)
    for output in manifest["outputs"]:
        content = written.pop(output["path"])
        assert (output["bytes"], output["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert list(written) == ["manifest.json"]


def test_a_folder_and_parquet_of_the_same_documents_give_the_same_rows(whole, lines, asked, tmp_path):
    folder = tmp_path / "folder"
    for row, line in enumerate(lines):
        path = folder / f"{row // 4}" / f"{row}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(line)
    documents = pa.array([line.decode() for line in lines])
    pq.write_table(
        pa.table({"document": documents, "other": range(len(lines))}),
        tmp_path / "book.parquet",
        row_group_size=4,
    )
    for number, source in enumerate((folder, tmp_path / "book.parquet")):
        out = tmp_path / f"out{number}"
        assert run(source, out, asked, "--chunk", "4") == 1
        for path in sorted(whole.rglob("*.parquet")):
            name = path.relative_to(whole)
            own, other = pq.read_table(path), pq.read_table(out / name)
            if "source" in own.column_names:
                own, other = own.drop_columns("source"), other.drop_columns("source")
            assert own.equals(other), name
        assert (out / "book.json").read_bytes() == (whole / "book.json").read_bytes()


def test_a_finished_book_is_left_as_it_is_and_another_is_refused(whole, book, asked, tmp_path, capsys):
    before = files(whole)
    assert run(book, whole, asked) == 1
    assert files(whole) == before
    other = tmp_path / "other.json"
    other.write_text(json.dumps(ASKED | {"simulation": None}))
    assert run(book, whole, other) == 2
    assert "another request" in capsys.readouterr().err


def test_a_missing_rate_is_refused_by_its_name(book, tmp_path, capsys):
    other = tmp_path / "other.json"
    other.write_text('{"currency": "USD"}')
    assert run(book, tmp_path / "out", other) == 2
    assert "/fx/GBP" in capsys.readouterr().err


def started(book, out, asked, *more, **environment):
    command = [sys.executable, "-m", "rackrate", "portfolio", str(book), "--out", str(out)]
    command += ["--request", str(asked), "--chunk", "1", "--workers", "2", "--progress", "lines", *more]
    return subprocess.Popen(
        command, env=os.environ | environment, stderr=subprocess.PIPE, start_new_session=True, text=True
    )


def parts(out):
    return sorted(path.name for path in out.glob("work/parts/*/*-??????"))


@pytest.mark.parametrize("enough", [3, 14])
def test_a_run_that_is_killed_goes_on_where_it_was(whole, book, asked, tmp_path, enough):
    out = tmp_path / "out"
    running = started(book, out, asked)
    deadline = time.monotonic() + 60
    while running.poll() is None and len(parts(out)) < enough and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    known = {name: (out / "work" / "parts" / "000" / name).stat().st_mtime_ns for name in parts(out)}
    assert run(book, out, asked, "--chunk", "1", "--keep-work") == 1
    again = {name: (out / "work" / "parts" / "000" / name).stat().st_mtime_ns for name in known}
    assert again == known
    import shutil

    shutil.rmtree(out / "work")
    assert files(out) == files(whole)


def test_a_flipped_bit_is_computed_again_and_another_plan_refused(whole, book, asked, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(book, out, asked, "--keep-work") == 1
    (out / "manifest.json").unlink()
    part = out / "work" / "parts" / "000" / "underwrite-000000"
    content = bytearray(part.read_bytes())
    content[-10] ^= 1
    part.write_bytes(content)
    assert run(book, out, asked, "--chunk", "2") == 2
    assert "another chunk" in capsys.readouterr().err
    assert run(book, out, asked) == 1
    assert files(out) == files(whole)


def test_a_document_that_kills_its_worker_is_rejected_and_no_other(whole, book, asked, tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_TEST_ABORT_DEAL", "Elk Grove colocation")
    out = tmp_path / "out"
    assert run(book, out, asked, "--workers", "2") == 1
    rejects = [json.loads(line) for line in (out / "rejects.ndjson").read_bytes().splitlines()]
    assert [(one["row"], one["stage"], one["status"]) for one in rejects if one["stage"] == "worker"] == [
        (6, "worker", 500)
    ]
    assert pq.read_table(out / "deals" / "00000.parquet")["row"].to_pylist() == [0, 2, 3, 5, 8]
    assert run(book, tmp_path / "few", asked, "--most-poisoned", "0") == 3
