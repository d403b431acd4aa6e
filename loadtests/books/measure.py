"""Measure a book: one and two processes of this machine, then of Dask; the bytes must be equal.

python -m loadtests.books.measure [DEALS]
"""

import hashlib
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from distributed import LocalCluster

ASKED = {"currency": "USD", "fx": {"GBP": 1.27}}
CHUNK, MOST = "200", 3600


def main(deals: int) -> None:
    """Print a row for each way to run the same book."""
    with TemporaryDirectory(prefix="rackrate-book-") as folder:
        book, asked = Path(folder, "book.ndjson"), Path(folder, "request.json")
        with book.open("w") as lines:
            generate = [sys.executable, "-m", "loadtests.books.generate", str(deals)]
            subprocess.run(generate, stdout=lines, check=True)
        asked.write_text(json.dumps(ASKED))
        size = book.stat().st_size / deals
        print(
            f"| {deals} deals, {size:.0f} bytes each | deals/s | peak MiB of the driver or a worker |",
            flush=True,
        )
        found = set()
        for workers in (1, 2):
            found.add(timed(f"pool, {workers}", folder, book, asked, deals, "--workers", str(workers)))
        for workers in (1, 2):
            with LocalCluster(
                n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
            ) as cluster:
                address = cluster.scheduler_address
                found.add(timed(f"Dask, {workers}", folder, book, asked, deals, "--scheduler", address))
        print("the same bytes" if len(found) == 1 else "other bytes", flush=True)


def timed(name: str, folder: str, book: Path, asked: Path, deals: int, *more: str) -> str:
    """Run a book, print its row; the hash of its manifest."""
    out = Path(folder, name.replace(", ", "-"))
    command = [sys.executable, "-m", "rackrate", "portfolio", str(book), "--out", str(out)]
    command += ["--request", str(asked), "--chunk", CHUNK, "--progress", "none", "--keep-work", *more]
    started = time.monotonic()
    subprocess.run(command, check=True, timeout=MOST)
    took = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    parts = sum(path.stat().st_size for path in out.glob("work/parts/*/*"))
    rows = sum(path.stat().st_size for path in out.rglob("*.parquet"))
    print(
        f"| {name} | {deals / took:.0f} | {peak:.0f} | parts {parts / deals:.0f}, rows {rows / deals:.0f} B",
        flush=True,
    )
    return hashlib.sha256((out / "manifest.json").read_bytes()).hexdigest()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
