"""The files of metrics: room for every series there can be, allocated before a worker starts."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from prometheus_client.mmap_dict import mmap_key

from rackrate.analyses.problems import BY_NAME
from rackrate.analyses.registry import BY_NAME as ANALYSES
from rackrate.api.middleware.access_log import METHODS
from rackrate.api.telemetry.metrics import ANSWERS, CACHE_FAULTS, INSIDE, LATENCY, REQUESTS, SECONDS
from rackrate.api.telemetry.metrics_files import BYTES, FOLDER, GAUGES, allocated, forget_gauges

ENTRY_BYTES = 32  # beside its key, at most


def test_the_room_is_that_of_every_series_there_can_be(
    open_client: Callable[..., TestClient[Litestar]],
) -> None:
    """Every method and status on every route, every analysis and queue; else a file is too short."""
    routes = [route.path for route in open_client().app.routes] + ["none"]
    statuses = {kind.status for kind in BY_NAME.values()} | {200, 204, 304, 499}
    requests = [(m, r, str(s)) for m in {*METHODS, "other"} for r in routes for s in statuses]
    counters = [(REQUESTS, labels) for labels in requests]
    counters += [(ANSWERS, (analysis, source)) for analysis in ANALYSES for source in ("cache", "engine")]
    counters += [(CACHE_FAULTS, (kind,)) for kind in ("read", "write", "damaged")]
    needed = {
        "counter": sum(_entry(metric, "_total", labels) for metric, labels in counters),
        "histogram": sum(_entry(LATENCY, "_bucket", (r, "+Inf")) for r in routes) * (len(SECONDS) + 2),
        GAUGES: sum(_entry(INSIDE, "", (queue,)) for queue in ("short", "long", "portfolio")) + 200,
    }
    assert {kind: needed[kind] <= size for kind, size in BYTES.items()} == dict.fromkeys(BYTES, True)


def _entry(metric: Any, suffix: str, labels: tuple[str, ...]) -> int:
    names = [*metric._labelnames, "le"][: len(labels)]
    key = mmap_key(metric._name, metric._name + suffix, names, labels, metric._documentation)
    return len(key.encode()) + ENTRY_BYTES


def test_files_are_allocated_where_there_is_room_and_gone_after(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone")
    with allocated(2, (gone, str(tmp_path))):
        folder = Path(os.environ[FOLDER])
        files = sorted(folder.iterdir())
        assert len(files) == 2 * len(BYTES)
        assert all(file.stat().st_blocks * 512 >= file.stat().st_size >= 1 << 14 for file in files)
        gauges = next(file for file in files if file.name == f"{GAUGES}_rackrate-worker-1.db")
        gauges.write_bytes(b"x" * BYTES[GAUGES])
        forget_gauges("rackrate-worker-1")
        assert gauges.read_bytes() == bytes(BYTES[GAUGES])
    assert not folder.exists()
    assert FOLDER not in os.environ


def test_where_there_is_no_room_at_all_that_is_said_and_no_folder_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with allocated(1, ("/proc", "/nowhere")):
        assert FOLDER not in os.environ
        forget_gauges("rackrate-worker-0")
    assert "no memory and no disk" in caplog.text
