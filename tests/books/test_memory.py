"""Neither the process that runs a book nor its workers grow with the book."""

import json
import subprocess
import sys

import pytest
from tests.books.running import command
from tests.builders.books import GIVEN

# A run whose row groups end early, as those of a long book do, and then its own peak and its worker's.
MEASURED = """
import json, resource, sys
from rackrate.__main__ import main
from rackrate.books import datasets, join
join.OF_GROUP = datasets.OF_GROUP = 50
assert main(sys.argv[1:]) == 0
peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps(peaks))
"""
FEW = 75


@pytest.fixture
def peaks(tmp_path):
    def measure(deals):
        book, asked = tmp_path / "book.ndjson", tmp_path / "request.json"
        loan = GIVEN["deals"][3]
        book.write_text("".join(json.dumps(loan | {"name": f"loan {n}"}) + "\n" for n in range(deals)))
        asked.write_text('{"currency": "USD"}')
        own = command(book, tmp_path / f"out-{deals}", asked, "--chunk", "25", "--workers", "1")
        done = subprocess.run([sys.executable, "-c", MEASURED, *own], capture_output=True, timeout=300)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return measure


def test_memory_is_that_of_a_chunk_whatever_the_length_of_the_book(peaks):
    short, long = peaks(FEW), peaks(8 * FEW)
    for few, many in zip(short, long, strict=True):  # a process with its libraries is some 130 MiB
        assert many < 1.1 * few, f"{few} KiB of {FEW} deals, {many} KiB of {8 * FEW}"
