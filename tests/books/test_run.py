"""A book is the same bytes whatever chunk, workers, source or interruption; what is bad is rejected alone."""

import json

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.books.conftest import ASKED, BAD
from tests.books.running import files, run

from rackrate.analyses.books.book import underwrite_book
from rackrate.books.columns import COLUMNS, schema
from rackrate.deal.requests.book import BookRequest


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


def test_a_folder_and_parquet_of_the_same_documents_give_the_same_rows_whatever_white_space_is_around(
    whole, lines, asked, tmp_path
):
    folder = tmp_path / "folder"
    for row, line in enumerate(lines):
        path = folder / f"{row // 4}" / f"{row}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(line + b"\n")
    documents = pa.array([f" {line.decode()}\r\n" for line in lines])
    pq.write_table(
        pa.table({"document": documents, "other": range(len(lines))}),
        tmp_path / "book.parquet",
        row_group_size=4,
    )
    for number, source in enumerate((folder, tmp_path / "book.parquet")):
        out = tmp_path / f"out{number}"
        assert run(source, out, asked, "--chunk", "3") == 1
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


def test_a_document_that_kills_its_worker_is_rejected_and_no_other(whole, book, asked, tmp_path, monkeypatch):
    monkeypatch.setenv("BOOK_TEST_ABORT_DEAL", "Elk Grove colocation")
    out = tmp_path / "out"
    assert run(book, out, asked, "--workers", "2") == 1
    rejects = [json.loads(line) for line in (out / "rejects.ndjson").read_bytes().splitlines()]
    assert [(one["row"], one["stage"], one["status"]) for one in rejects if one["stage"] == "worker"] == [
        (6, "worker", 500)
    ]
    details = [one["problem"]["detail"] for one in rejects if one["stage"] == "worker"]
    assert details == ["The process that worked on it was ended by SIGKILL."]
    assert pq.read_table(out / "deals" / "00000.parquet")["row"].to_pylist() == [0, 2, 3, 5, 8]
    assert run(book, tmp_path / "few", asked, "--most-poisoned", "0") == 3


def test_standard_input_is_the_same_book(whole, book, asked, tmp_path, monkeypatch):
    with book.open() as lines:
        monkeypatch.setattr("sys.stdin", lines)
        assert run("-", tmp_path / "out", asked, "--fresh") == 1
    given, found = files(whole), files(tmp_path / "out")
    manifests = [json.loads(of.pop("manifest.json")) for of in (given, found)]
    assert found == given
    names = [manifest["input"]["files"][0].pop("name") for manifest in manifests]
    assert names == ["book.ndjson", "input.ndjson"]
    assert manifests[0] == manifests[1]


@pytest.mark.parametrize(("content", "status"), [(b"\n", 0), (b"[1, 2\n\n{}\n", 1)])
def test_a_book_without_a_deal_has_every_dataset_without_a_row(asked, tmp_path, content, status):
    (tmp_path / "book.ndjson").write_bytes(content)
    assert run(tmp_path / "book.ndjson", tmp_path / "out", asked, "--workers", "1") == status
    for name in COLUMNS:
        written = pq.read_table(tmp_path / "out" / name / "00000.parquet")
        assert written.schema.names == schema(name, simulated=True).names
        assert len(written) == (200 if name == "paths" else 0)
    answer = json.loads((tmp_path / "out" / "book.json").read_bytes())
    assert answer["counts"] == {
        "deals": 2 * status,
        "accepted": 0,
        "rejected": 2 * status,
        "without_structure": 0,
    }
    assert answer["simulation"]["total"]["expected_loss"]["value"] == 0.0
