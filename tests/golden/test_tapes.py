"""Every loan tape reads as an independent implementation reads it, and the filings end in certificates."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.conftest import EXAMPLES
from tests.golden.agreement import differences, documents

from rackrate.analyses.registry import READ_TAPE, ruleset_of
from rackrate.deal.codec.decode import decode
from rackrate.deal.requests.tape import TapeRequest

FILES = documents("tapes", "*.xml") | documents("tapes", "*.csv")
FILES |= {path.name: path for path in (EXAMPLES / "filings").glob("*/*")}
EXPECTED = documents("tapes/expected", "*.json")


def request_of(path: Path, basis: str) -> TapeRequest:
    """The request that a client makes of a file: of a CSV file its name says the layout."""
    asked: dict[str, Any] = {"file": path.suffix[1:], "basis": basis, "content": path.read_bytes()}
    if path.suffix == ".csv":
        asked["layout"] = "crefc_periodic" if "periodic" in path.stem else "crefc_setup"
    return decode(msgspec.msgpack.encode(asked), TapeRequest, "msgpack")


def read(path: Path, basis: str = "securitisation") -> dict[str, Any]:
    request = request_of(path, basis)
    answer = READ_TAPE.compute(request, ruleset_of(request), path.stem)
    told: dict[str, Any] = json.loads(msgspec.json.encode(answer))
    return told


@pytest.mark.parametrize("name", EXPECTED)
def test_a_tape_agrees_with_an_independent_implementation(name: str) -> None:
    stem, _, basis = name.removesuffix(".json").partition(".")
    path = next(path for file, path in FILES.items() if Path(file).stem == stem)
    expected = json.loads(EXPECTED[name].read_bytes())
    given = read(path, basis or "securitisation")
    for part, wanted in expected.items():
        assert differences(part, wanted, given[part]) == []


def test_every_expected_tape_has_its_file_here() -> None:
    assert len(EXPECTED) >= 4
    assert {Path(name).stem for name in FILES} == {name.partition(".")[0] for name in EXPECTED}
