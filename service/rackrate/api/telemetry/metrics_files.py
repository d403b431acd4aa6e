"""The files in which workers count: of full size before any worker starts, in memory where there is some."""

# Design: the metrics library maps files into memory, and a page for which the file system has no room when it
# is first written ends the process (SIGBUS). So every page is allocated before a worker starts. The files
# belong to a worker's place and not to its process: who replaces it counts on from where it ended, and no
# number of deaths takes more room. Where there is no room at all, each worker counts in its own memory.

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # in the environment: where the files are
SERVICE = "rackrate-"
WORKER = f"{SERVICE}worker-"  # begins the name of each worker's process; the number of its place ends it
IN_MEMORY = "/dev/shm"
GAUGES = "gauge_livesum"  # what a worker that ended no longer has
BYTES = {"counter": 1 << 21, "histogram": 1 << 18, GAUGES: 1 << 14}  # for every series there can be

logger = logging.getLogger("rackrate.metrics")


@contextmanager
def allocated(places: int, parents: tuple[str | None, ...] = (IN_MEMORY, None)) -> Iterator[None]:
    """Allocate the files of workers at `places` in the first parent folder that has room, and name it.

    None stands for the system's temporary folder. Without room, says so and names none.
    """
    os.environ.pop(FOLDER, None)
    folder = next(filter(None, (_folder_in(parent, places) for parent in parents)), None)
    if folder is None:
        logger.error("no memory and no disk for metrics of all workers: each has its own, lost when it ends")
        yield
        return
    os.environ[FOLDER] = folder
    try:
        yield
    finally:
        release()


def are_there() -> bool:
    """Whether there are files: none may have been had, and what is in memory others may remove."""
    return Path(os.environ.get(FOLDER, "/dev/null")).is_dir()


def forget_gauges(name: str) -> None:
    """Empty the gauges of a worker that ended, by its name; their room stays."""
    if are_there():
        with suppress(OSError), _file(os.environ[FOLDER], GAUGES, name).open("r+b") as file:
            file.write(bytes(BYTES[GAUGES]))


def release() -> None:
    """Remove the files, as the supervisor does, or a worker that it left behind."""
    if folder := os.environ.pop(FOLDER, None):
        shutil.rmtree(folder, ignore_errors=True)


def _folder_in(parent: str | None, places: int) -> str | None:
    """Allocate all files in a new folder; None where there is no room."""
    folder = None
    try:
        folder = tempfile.mkdtemp(prefix="rackrate-metrics-", dir=parent)
        for place in range(places):
            for kind, size in BYTES.items():
                with _file(folder, kind, f"{WORKER}{place}").open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, size)
    except OSError:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        return None
    return folder


def _file(folder: str, kind: str, name: str) -> Path:
    """A file as the metrics library names it."""
    return Path(folder, f"{kind}_{name}.db")
