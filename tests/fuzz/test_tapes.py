"""Mutated tapes: whatever is filed is read or refused, and what is read is told within bounds.

FUZZ_TAPES sets how many; FUZZ_SEED which.
"""

import os
import random
import time
from collections.abc import Iterator
from itertools import count, islice

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.conftest import EXAMPLES

from rackrate.analyses.tapes.reading import read_tape
from rackrate.api.cache.memory import MemoryResults
from rackrate.app import create_app
from rackrate.deal.answers.tape import TapeReading
from rackrate.deal.errors import Refusal
from rackrate.deal.requests.tape import TapeRequest
from rackrate.settings import Settings

COUNT, SEED = int(os.environ.get("FUZZ_TAPES", "400")), int(os.environ.get("FUZZ_SEED", "2026"))
CASES = {path.name: path for path in (EXAMPLES / "filings").glob("*/*")}
ASKED: dict[str, TapeRequest] = {
    "bank5-2025-12-ex102.xml": TapeRequest(file="xml", content=b""),
    "wfcm-2017-c42-crefc-setup.csv": TapeRequest(file="csv", layout="crefc_setup", content=b""),
    "cgcmt-2015-gc33-crefc-periodic.csv": TapeRequest(file="csv", layout="crefc_periodic", content=b""),
}
WORDS = [
    *(b"", b"0", b"-1", b"1e308", b"-1e-308", b"nan", b"inf", b"9" * 40, b"0.31", b"1,000", b"00000000"),
    *(b"99991231", b"20170230", b"12-31-9999", b"02-30-2025", b"01-01-0001", b"98", b"WL", b"2", b"F"),
    *(
        b"\xff",
        b"\x00",
        b"\xef\xbb\xbf",
        b'"',
        b'""',
        b",",
        b"\n",
        b"\r",
        b"<",
        b"&",
        b"&amp;",
        b"&x;",
        b"]]>",
    ),
    *(
        b"<!DOCTYPE a>",
        b"<!--",
        b"<![CDATA[",
        b"<?a?>",
        b"</assets>",
        b"<assets>",
        b"<property>",
        b"x" * 5000,
    ),
    "\u202e".encode(),
    "٣".encode(),
]
LONGEST_S = 5.0


def mutated(chance: random.Random, content: bytes) -> bytes:
    """One file with up to four stretches overwritten, left out, doubled or cut off."""
    if chance.random() < 0.5:  # small ones are read whole; what follows the first loans is more of the same
        content = content[: chance.randint(0, 20_000)]
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, max(0, len(content) - 1))
        size = chance.choice((0, 1, 2, 10, 200))
        piece = content[at : at + size]
        word = chance.choice(WORDS) if chance.random() < 0.7 else piece * 2
        content = content[:at] + word + content[at + size :]
    return content


def tapes(seed: int) -> Iterator[TapeRequest]:
    chance, files = random.Random(seed), {name: CASES[name].read_bytes() for name in ASKED}
    for _ in count():
        name = chance.choice(list(ASKED))
        basis = chance.choice(("securitisation", "most_recent"))
        content = mutated(chance, files[name])
        yield msgspec.structs.replace(ASKED[name], basis=basis, content=content)


def test_a_mutated_tape_is_read_or_refused_and_what_is_read_is_what_its_types_say() -> None:
    read = refused = 0
    for i, request in enumerate(islice(tapes(SEED), COUNT)):
        start = time.process_time()
        try:
            answer = read_tape(request, id="x")
        except Refusal:
            refused += 1
            continue
        except Exception as error:
            raise AssertionError(f"tape {i} of seed {SEED}") from error
        assert time.process_time() - start < LONGEST_S, f"tape {i} of seed {SEED}"
        told = msgspec.json.encode(answer)
        assert msgspec.json.decode(told, type=TapeReading) == answer, f"tape {i} of seed {SEED}"
        read += 1
    assert read > COUNT / 20
    assert refused > COUNT / 20


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Litestar]]:
    with TestClient(create_app(Settings(), MemoryResults(60)), raise_server_exceptions=False) as client:
        yield client


def test_a_mutated_tape_never_fails_the_service(client: TestClient[Litestar]) -> None:
    media, seed = {"xml": "application/xml", "csv": "text/csv"}, SEED + 1
    for i, request in enumerate(islice(tapes(seed), max(20, COUNT // 10))):
        query = f"?basis={request.basis}" + (f"&layout={request.layout}" if request.layout else "")
        headers = {"Content-Type": media[request.file]}
        reply = client.post("/v1/tapes" + query, content=request.content, headers=headers)
        assert reply.status_code in (200, 400, 422), f"tape {i} of seed {seed}"
