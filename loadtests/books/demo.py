"""A book from end to end: generate it, underwrite it, kill it in the middle, go on, read its risk, query it.

python -m loadtests.books.demo [DEALS]
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.compute as pc
import pyarrow.dataset as ds

ASKED = {
    "currency": "USD",
    "fx": {"GBP": 1.27},
    "scenarios": [{"obligor": "obligor-0", "month": 24}, {"top": 3, "month": 12}],
    "simulation": {
        "paths": 1000,
        "seed": 7,
        "factor": {
            "asset_correlation": 0.24,
            "renewal_loading": 0.5,
            "rent_volatility": 0.15,
            "rent_loading": 0.6,
            "power_speed": 1.5,
            "power_volatility": 0.35,
            "power_loading": -0.1,
        },
    },
}
MOST = 1200  # seconds that a run may take


def main(deals: int) -> None:
    """Run it in a folder that is removed again."""
    with TemporaryDirectory(prefix="rackrate-book-") as folder:
        book, asked, out = (Path(folder, name) for name in ("book.ndjson", "request.json", "out"))
        with book.open("w") as lines:
            generate = [sys.executable, "-m", "loadtests.books.generate", str(deals)]
            subprocess.run(generate, stdout=lines, check=True)
        asked.write_text(json.dumps(ASKED))
        told(f"{deals} deals, {book.stat().st_size / 1e6:.1f} MB")
        chunk = max(1, deals // 20)
        command = [sys.executable, "-m", "rackrate", "portfolio", str(book), "--out", str(out)]
        command += ["--request", str(asked), "--chunk", str(chunk)]
        killed(command, out)
        told("once more, the same command")
        started = time.monotonic()
        if subprocess.run(command, timeout=MOST, check=False).returncode != 0:
            sys.exit("the book was not finished")
        told(f"finished after {time.monotonic() - started:.0f} s")
        read(out)


def killed(command: list[str], out: Path) -> None:
    """Start the run and kill it, with all its processes, once a quarter of the first stage is done."""
    running = subprocess.Popen(command, start_new_session=True)
    deadline = time.monotonic() + MOST
    while running.poll() is None and time.monotonic() < deadline and len(parts(out)) < 5:
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    told(f"killed, with {len(parts(out))} parts done")


def parts(out: Path) -> list[Path]:
    """Parts that are there."""
    return list(out.glob("work/parts/*/*-??????"))


def read(out: Path) -> None:
    """Print the book's risk, and what a query of its datasets gives."""
    answer = json.loads((out / "book.json").read_bytes())
    totals, losses = answer["totals"], answer["simulation"]["total"]
    told(
        f"debt {totals['debt'] / 1e9:.1f} bn, LTV {totals['ltv']:.1%}, debt yield {totals['debt_yield']:.1%}"
    )
    for row in answer["exposures"]["tenant"]["rows"][:3]:
        told(f"{row['key']}: {row['deals']} deals, {row['share_debt']:.1%} of the debt")
    for one in answer["scenarios"]:
        told(f"{one['name']}: {one['deals']} deals, {one['triggered']} triggered, {one['losing']} lose")
    worst = losses["expected_shortfall"][1]["value"] / 1e9
    told(f"expected loss {losses['expected_loss']['value'] / 1e9:.3f} bn, worst 1 % {worst:.2f} bn")
    deals = ds.dataset(out / "deals").to_table(columns=["binding_test", "issued"])
    found = deals.group_by("binding_test").aggregate([("issued", "sum"), ("issued", "count")])
    for row in found.sort_by([("issued_sum", "descending")]).to_pylist():
        told(f"{row['binding_test']} binds {row['issued_count']} deals of {row['issued_sum'] / 1e9:.1f} bn")
    years = ds.dataset(out / "facility_years").to_table(filter=pc.field("year") == 0, columns=["ncf"])
    told(f"net cash flow of all facilities in their first year: {pc.sum(years['ncf']).as_py() / 1e9:.2f} bn")


def told(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
