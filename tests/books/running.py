"""Runs of a book by the command: here, or in a process of its own; the files that come out."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import PATIENCE_S, spawn

from rackrate.__main__ import main


def command(book: Path | str, out: Path, asked: Path, *more: str) -> list[str]:
    """Arguments of a run."""
    return ["portfolio", str(book), "--out", str(out), "--request", str(asked), *more]


def run(book: Path | str, out: Path, asked: Path, *more: str) -> int:
    """Run a book in this process; the status to exit with."""
    return main(command(book, out, asked, "--progress", "none", *more))


def started(book: Path, out: Path, asked: Path, *more: str, **environment: str) -> "subprocess.Popen[str]":
    """Start a run in a group of processes of its own, a document a task."""
    own = command(book, out, asked, "--chunk", "1", "--workers", "2", "--progress", "lines", *more)
    return spawn(
        [sys.executable, "-m", "rackrate", *own],
        env=os.environ | environment,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )


def files(out: Path) -> dict[str, bytes]:
    """Content of every file in a folder."""
    return {
        str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()
    }


def parts(out: Path) -> dict[str, int]:
    """Parts that are there, and when each was written."""
    return {path.name: path.stat().st_mtime_ns for path in sorted(out.glob("work/parts/*/*-??????"))}


def once(out: Path, enough: int, act: Callable[[], Any]) -> threading.Thread:
    """Do something as soon as a run has a number of parts."""

    def watch() -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and len(parts(out)) < enough:
            time.sleep(0.005)
        act()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread
