"""A book of the case's deals with bad documents among them, what is asked of it, and what comes of it."""

import json

import pytest
from tests.books.running import run
from tests.builders.books import FACTOR, GIVEN

ASKED = {name: GIVEN[name] for name in ("currency", "fx", "scenarios")}
ASKED["simulation"] = {"paths": 200, "seed": 7, "factor": FACTOR}
BAD = [b'{"name": "no deal"}', b"[1, 2", b'{"name": "x", "name": "y"}']


@pytest.fixture(scope="session")
def asked(tmp_path_factory):
    path = tmp_path_factory.mktemp("asked") / "request.json"
    path.write_text(json.dumps(ASKED))
    return path


@pytest.fixture(scope="session")
def lines():
    good = [json.dumps(deal).encode() for deal in GIVEN["deals"]]
    return [good[0], BAD[0], *good[1:3], BAD[1], *good[3:], BAD[2], good[0].replace(b"Red Oak", b"Red Elm")]


@pytest.fixture(scope="session")
def book(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("book") / "book.ndjson"
    path.write_bytes(b"\n\n".join(lines) + b"\n")
    return path


@pytest.fixture(scope="session")
def whole(tmp_path_factory, book, asked):
    out = tmp_path_factory.mktemp("whole") / "out"
    assert run(book, out, asked, "--workers", "1") == 1  # done, with rejects
    return out
