"""Books whose driver is killed, a full disk, a scheduler lost, workers that differ; run by `make drills`."""

import contextlib
import json
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from loadtests.books import generate
from tests.books.conftest import ASKED
from tests.books.running import command, files, once, parts, run, started
from tests.conftest import Process, free_port
from tests.drills.figures import Figures

DEALS, CHUNK = 60, "5"
KILLS = 10
OTHER = "import rackrate\nrackrate.__version__ = '0.0.0'\n"  # what a worker of another build says of itself


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Generated deals, and what is asked of them."""
    folder = tmp_path_factory.mktemp("book")
    with (folder / "book.ndjson").open("w") as lines, contextlib.redirect_stdout(lines):
        generate.main(DEALS)
    (folder / "request.json").write_text(json.dumps(ASKED))
    return folder / "book.ndjson", folder / "request.json"


@pytest.fixture(scope="module")
def whole(book, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "out"
    assert run(book[0], out, book[1], "--chunk", CHUNK) == 0
    return files(out)


class Dask:
    """A scheduler on loopback and its workers, as processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.running = folder, free_port(), list[Process]()
        self.address = f"tcp://127.0.0.1:{self.port}"

    def scheduler(self) -> Process:
        more = ["--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"]
        return self._start("scheduler", more, self._listens)

    def worker(self, *more: str) -> Process:
        own = [self.address, "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", *more]
        return self._start("worker", own, lambda: True)

    def _start(self, what, more, answers) -> Process:
        log = self.folder / f"{what}-{len(self.running)}.log"
        self.running.append(Process([sys.executable, "-m", "dask", what, *more], answers, None, log))
        return self.running[-1]

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
            return True
        return False


@pytest.fixture
def dask(tmp_path):
    cluster = Dask(tmp_path)
    yield cluster
    for process in reversed(cluster.running):
        process.stop(signal.SIGTERM)


def test_a_driver_that_is_killed_at_any_moment_loses_nothing(book, whole, tmp_path, figures: Figures) -> None:
    chance, out, lost, known = random.Random(7), tmp_path / "out", 0, dict[str, int]()
    for _ in range(KILLS):  # of 180 parts: in every stage
        running = started(book[0], out, book[1])
        once(out, len(known) + chance.randint(1, 35), running.kill).join()
        running.communicate()
        lost += sum(parts(out).get(name) != written for name, written in known.items())
        known = parts(out)
        if not known:
            break  # the last one was quicker
    figures.hold("book: driver killed", "parts computed again", lost, 0)
    assert run(book[0], out, book[1], "--chunk", "1") == 0
    assert files(out) == whole


def test_a_full_disk_ends_a_run_that_goes_on_with_room(book, whole, tmp_path, figures: Figures) -> None:
    out, kept = tmp_path / "out", tmp_path / "kept"
    out.mkdir()
    own = " ".join([sys.executable, "-m", "rackrate", *command(book[0], out, book[1], "--chunk", CHUNK)])
    script = f"""
mount -t tmpfs -o size=200k tmpfs {out}
{own}; echo "$?"
find {out} -name '*.tmp-*' | wc -l; find {out} -name 'underwrite-*' | wc -l
mount -o remount,size=64m {out}
{own}; echo "$?"
cp -r {out} {kept}
"""
    inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]
    done = subprocess.run(inside, capture_output=True, text=True, timeout=300, check=True)
    full, half, before, room = map(int, done.stdout.split())
    assert (full, half, room) == (4, 0, 0), done.stderr
    assert "bytes more are needed" in done.stderr
    assert f"resumes: {before} of 12 chunks of underwrite are done" in done.stderr
    assert files(kept) == whole
    figures.tell("book: disk full", "parts kept", before)


def test_a_scheduler_that_comes_back_costs_what_was_under_way(
    dask, book, whole, tmp_path, capsys, figures: Figures
) -> None:
    scheduler, out = dask.scheduler(), tmp_path / "out"
    dask.worker()
    times = []

    def restart() -> None:
        scheduler.stop(signal.SIGKILL)
        times.append(time.monotonic())
        dask.scheduler()
        dask.worker()

    restarting = once(out, 3, restart)
    more = ("--scheduler", dask.address, "--chunk", CHUNK, "--progress", "lines")
    assert run(book[0], out, book[1], *more) == 0
    restarting.join()
    assert "to come back" in capsys.readouterr().err
    assert files(out) == whole
    figures.hold("book: scheduler killed and back", "seconds to the end", time.monotonic() - times[0], 120)


def test_without_a_scheduler_a_run_ends_and_is_gone_on_with(dask, book, whole, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("rackrate.books.cluster.PATIENCE_S", 3)
    scheduler, out = dask.scheduler(), tmp_path / "out"
    dask.worker()
    once(out, 3, lambda: scheduler.stop(signal.SIGKILL))
    assert run(book[0], out, book[1], "--scheduler", dask.address, "--chunk", CHUNK) == 5
    assert len(parts(out)) >= 3
    assert run(book[0], out, book[1], "--chunk", CHUNK) == 0
    assert files(out) == whole


def test_a_worker_of_another_version_is_refused_at_first_and_retired_later(
    dask, book, whole, tmp_path, capsys
) -> None:
    preload = tmp_path / "other.py"
    preload.write_text(OTHER)
    dask.scheduler()
    other = dask.worker("--preload", str(preload))
    asked = ("--scheduler", dask.address, "--chunk", CHUNK, "--progress", "lines")
    assert run(book[0], tmp_path / "out", book[1], *asked) == 2
    assert "engine='0.0.0'" in capsys.readouterr().err
    other.stop(signal.SIGTERM)
    dask.worker()
    once(tmp_path / "out", 1, lambda: dask.worker("--preload", str(preload)))
    assert run(book[0], tmp_path / "out", book[1], *asked) == 0
    assert "retired, for other versions than here" in capsys.readouterr().err
    assert files(tmp_path / "out") == whole
