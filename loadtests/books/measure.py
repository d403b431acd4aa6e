"""Measure a book: one and two processes of this machine, then of Dask; the bytes must be equal.

python -m loadtests.books.measure [DEALS] [--ways pool-1 pool-2 dask-1 dask-2] [--paths N] [--folder DIR]
"""

# Processor time is said beside seconds: on a machine with other work the latter say more of that. In time of
# the workers is their start, some two seconds each.

import argparse
import contextlib
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from distributed import LocalCluster
from loadtests.books.demo import ASKED

WAYS = ("pool-1", "pool-2", "dask-1", "dask-2")
CHUNK, MOST = "200", 6 * 3600
HEAD = "| {} deals of {:.0f} B | deals/s | CPU ms: workers, driver | MiB: driver, worker | B: parts, rows |"


def main(asked: argparse.Namespace, folder: Path) -> None:
    """Print a row for each way to run the same book."""
    book, request = folder / "book.ndjson", folder / "request.json"
    with book.open("w") as lines:
        generate = [sys.executable, "-m", "loadtests.books.generate", str(asked.deals)]
        subprocess.run(generate, stdout=lines, check=True)
    simulation = {"simulation": ASKED["simulation"] | {"paths": asked.paths}} if asked.paths else {}
    request.write_text(json.dumps({"currency": "USD", "fx": ASKED["fx"]} | simulation))
    print(HEAD.format(asked.deals, book.stat().st_size / asked.deals), flush=True)
    found = {row(way, folder, asked.deals) for way in asked.ways}
    print("the same bytes" if len(found) == 1 else "other bytes", flush=True)


def row(way: str, folder: Path, deals: int) -> str:
    """Run a book in a way, print its row; the hash of its manifest."""
    out, told = folder / way, folder / f"{way}.json"
    kind, workers = way.split("-")
    command = [sys.executable, "-m", "loadtests.books.measured", str(told)]
    command += ["portfolio", str(folder / "book.ndjson"), "--out", str(out), "--chunk", CHUNK, "--keep-work"]
    command += ["--request", str(folder / "request.json")]
    if kind == "pool":
        subprocess.run([*command, "--workers", workers], check=True, timeout=MOST)
        took = json.loads(told.read_text())
    else:
        with cluster(int(workers)) as (address, cost):
            subprocess.run([*command, "--scheduler", address], check=True, timeout=MOST)
            took = json.loads(told.read_text()) | cost()
    parts, rows = (
        sum(path.stat().st_size for path in out.rglob(of)) for of in ("work/parts/*/*", "*.parquet")
    )
    cpu = f"{1e3 * took['workers_cpu_s'] / deals:.2f}, {1e3 * took['driver_cpu_s'] / deals:.2f}"
    peaks = f"{took['driver_peak_mib']:.0f}, {took['worker_peak_mib']:.0f}"
    rate = f"{deals / took['seconds']:.0f}"
    print(f"| {way} | {rate} | {cpu} | {peaks} | {parts / deals:.0f}, {rows / deals:.0f} |", flush=True)
    return hashlib.sha256((out / "manifest.json").read_bytes()).hexdigest()


@contextlib.contextmanager
def cluster(workers: int) -> Iterator[tuple[str, Any]]:
    """A scheduler and its workers on loopback; its address, and what the workers took so far."""
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as started:
        processes = [psutil.Process(nanny.pid) for nanny in started.workers.values()]

        def cost() -> dict[str, float]:
            times = [process.cpu_times() for process in processes]
            statuses = [Path(f"/proc/{process.pid}/status").read_text() for process in processes]
            peaks = [int(status.split("VmHWM:")[1].split()[0]) / 1024 for status in statuses]
            return {"workers_cpu_s": sum(t.user + t.system for t in times), "worker_peak_mib": max(peaks)}

        yield started.scheduler_address, cost


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("deals", nargs="?", type=int, default=3000)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--paths", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        main(chosen, chosen.folder or Path(stack.enter_context(TemporaryDirectory(prefix="rackrate-book-"))))
