"""Documents of an underwriting by what a client sees: forms, tags, refusals, names of files."""

import hashlib
import importlib.util
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from rackrate.api.compute import document_maker
from rackrate.documents import document as documents
from rackrate.documents.documents import DOCUMENTS
from rackrate.documents.tables.forms import ARROW, CSV, PARQUET
from rackrate.documents.tables.table import TableDocument

URL = "/v1/underwritings"
JSON = {"Content-Type": "application/json"}
Client = TestClient[Litestar]
Start = Callable[..., Client]


@pytest.fixture
def location(client: Client, hyperscale: bytes) -> str:
    return str(client.post(URL, content=hyperscale, headers=JSON).headers["location"])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_comes_in_each_of_its_forms_and_is_kept_by_its_tag(
    client: Client, location: str, name: str
) -> None:
    tags = set()
    for form in DOCUMENTS[name].forms:
        asked = {"Accept": form.media, "Accept-Encoding": "identity"}
        first, again = (client.get(f"{location}/{name}", headers=asked) for _ in range(2))
        assert first.status_code == 200
        assert first.headers["content-type"] == form.media
        assert first.content == again.content
        file = re.search('attachment; filename="([a-z0-9_.-]+)"', first.headers["content-disposition"])
        id_ = location.rpartition("/")[2]
        assert file is not None
        assert file[1] == f"red-oak-five-buildings-{name}-{id_[:8]}.{form.suffix}"
        known = client.get(f"{location}/{name}", headers=asked | {"If-None-Match": first.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
        head = client.head(f"{location}/{name}", headers=asked)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == first.headers["etag"]
        assert head.headers["content-length"] == str(len(first.content))
        tags.add(first.headers["etag"])
    assert len(tags) == len(DOCUMENTS[name].forms)


def test_who_names_no_media_type_gets_a_table_that_a_spreadsheet_opens(client: Client, location: str) -> None:
    answer = client.get(f"{location}/cashflow", headers={"Accept": "*/*"})
    assert answer.headers["content-type"] == CSV
    assert answer.content.startswith(b"\xef\xbb\xbfmonth,date,case,base_rent [USD]")


def test_the_figures_are_those_of_the_answer(client: Client, location: str) -> None:
    whole = client.get(location).json()
    table = client.get(f"{location}/waterfall", headers={"Accept": "application/json"})
    found = msgspec.json.decode(table.content, type=TableDocument)
    columns = {column.name: column.values for column in found.columns}
    assert columns["equity"] == whole["waterfall"]["equity"]
    assert found.id == whole["id"]


def test_by_facility_there_is_a_row_for_each(client: Client, location: str, deal: dict[str, Any]) -> None:
    asked = {"Accept": "application/json"}
    plain = client.get(f"{location}/cashflow", headers=asked)
    split = client.get(f"{location}/cashflow?detail=facility", headers=asked)
    assert split.headers["etag"] != plain.headers["etag"]
    facilities = next(column for column in split.json()["columns"] if column["name"] == "facility")
    assert set(facilities["values"]) == {facility["id"] for facility in deal["facilities"]}


def test_a_form_that_a_document_has_not_is_refused_with_those_it_has(client: Client, location: str) -> None:
    answer = client.get(f"{location}/cashflow", headers={"Accept": "text/html"})
    assert answer.status_code == 406
    assert answer.json()["detail"] == f"Accept one of {CSV}, application/json, {PARQUET}, {ARROW}."


def test_a_form_whose_writer_is_not_installed_is_refused_by_its_name(
    client: Client, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(documents, "find_spec", lambda name: None if name == "pyarrow" else found(name))
    answer = client.get(f"{location}/cashflow", headers={"Accept": PARQUET})
    assert answer.status_code == 406
    assert f"{PARQUET} needs pyarrow: install rackrate[arrow]." in answer.json()["detail"]
    assert client.get(f"{location}/cashflow", headers={"Accept": CSV}).status_code == 200


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_of_an_unknown_id_is_not_found(client: Client, name: str) -> None:
    answer = client.get(f"{URL}/{'0' * 64}/{name}")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:rackrate:problem:not-found"


@pytest.mark.parametrize("name", ["waterfall", "classes", "tranches", "break_evens"])
def test_a_table_of_classes_is_not_found_where_there_are_none(
    client: Client, small: dict[str, Any], name: str
) -> None:
    posted = client.post(URL, json=small)
    answer = client.get(f"{posted.headers['location']}/{name}")
    assert answer.status_code == 404
    assert answer.json()["detail"] == f"The deal has no structure, and so no {name}."


def test_a_document_is_found_by_the_client_alone_that_computed_the_answer(
    open_client: Start, hyperscale: bytes, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.toml"
    keys.write_text("\n".join(_entry(client) for client in ("alpha", "beta")))
    client = open_client(api_keys_file=str(keys))
    location = client.post(URL, content=hyperscale, headers=JSON | _bearer("alpha")).headers["location"]
    answers = [client.get(f"{location}/tests", headers=_bearer(name)) for name in ("alpha", "beta")]
    assert [answer.status_code for answer in answers] == [200, 404]
    assert client.get(f"{location}/tests").status_code == 401


def _entry(client: str) -> str:
    digest = hashlib.sha256(f"rr_{client}1_secret".encode()).hexdigest()
    return f'[[key]]\nclient = "{client}"\nid = "{client}1"\nsha256 = "{digest}"\nscopes = ["read", "price"]'


def _bearer(client: str) -> dict[str, str]:
    return {"Authorization": f"Bearer rr_{client}1_secret"}


def test_what_is_text_is_compressed_where_the_client_takes_it(client: Client, location: str) -> None:
    plain = client.get(f"{location}/cashflow", headers={"Accept-Encoding": "identity"})
    packed = client.get(f"{location}/cashflow", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]


def test_a_document_of_a_large_answer_is_made_in_the_process_of_long_jobs(
    client: Client, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"Accept": "application/json"}
    here = client.get(f"{location}/classes", headers=asked)
    monkeypatch.setattr(document_maker, "LARGE", 0)
    there = client.get(f"{location}/classes", headers=asked)
    assert there.content == here.content


def test_the_contract_shows_the_first_rows_of_a_table(client: Client) -> None:
    contract = client.get("/openapi.json").json()
    content = contract["paths"][f"{URL}/{{id}}/tests"]["get"]["responses"]["200"]["content"]
    assert set(content) == {form.media for form in DOCUMENTS["tests"].forms}
    name = next(iter(content[CSV]["examples"]))
    value = contract["components"]["examples"][name]["value"]
    assert value.startswith("kind,name,limit,actual,")
    example = contract["components"]["examples"]["tests-json"]["value"]
    assert msgspec.json.decode(json.dumps(example), type=TableDocument).table == "tests"


def test_pools_of_loans_and_of_ground_leases_have_memos_and_workbooks(client: Client, examples: Path) -> None:
    pools = examples / "pools"
    loans = (pools / "three-loans-on-facilities.json").read_bytes()
    location = client.post("/v1/pools?fields=summary", content=loans, headers=JSON).headers["location"]
    memo, again = (client.get(f"{location}/memo") for _ in range(2))
    assert memo.status_code == 200
    assert memo.content.startswith(b"%PDF-")
    assert again.content == memo.content
    assert 'filename="three-mortgages-on-three-campuses-memo-' in memo.headers["content-disposition"]
    known = client.get(f"{location}/memo", headers={"If-None-Match": memo.headers["etag"]})
    assert known.status_code == 304
    ground = (pools / "ground-leases-four.json").read_bytes()
    other = client.post("/v1/pools", content=ground, headers=JSON).headers["location"]
    assert client.get(f"{other}/memo").content.startswith(b"%PDF-")
    for place in (location, other):
        book = client.get(f"{place}/workbook")
        assert book.content.startswith(b"PK")
        assert book.headers["content-disposition"].endswith('.xlsx"')
    assert client.get(f"/v1/pools/{'0' * 64}/memo").status_code == 404
