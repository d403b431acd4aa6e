"""Metrics where memory and disk are full or read-only, and across workers that die: answers go on."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import until
from tests.drills.figures import Figures
from tests.drills.processes.test_processes import workers_of

from rackrate.api.telemetry.metrics_files import FOLDER

Start = Callable[..., Any]
SIZINGS = "/v1/sizings"
JSON = {"Content-Type": "application/json"}
SMALL = "mount -t tmpfs -o size=4m none /dev/shm"
READ_ONLY = (
    "for d in /dev/shm /tmp /var/tmp; do mount --rbind $d $d; mount -o remount,bind,ro $d; done; cd /proc"
)


def mounted(how: str) -> list[str]:
    """A command to run another under, in a mount namespace of its own."""
    under = ["unshare", "-rm", "sh", "-ec", f'{how}; exec "$@"', "sh"]
    if subprocess.run([*under, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine allows no mount namespaces")
    return under


def ask(service: Any, examples: Path, times: int) -> int:
    """Size a loan so many times; how often that was not answered."""
    body = (examples / "own/sizing.json").read_bytes()
    return sum(
        service.http.post(SIZINGS, content=body, headers=JSON).status_code != 200 for _ in range(times)
    )


def told(service: Any, series: str) -> float:
    """What /metrics says of a series, in all."""
    lines = service.http.get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(series))


SIZED = f'rackrate_requests_total{{method="POST",route="{SIZINGS}",status="200"}}'


def test_a_disk_that_fills_up_under_the_metrics_costs_no_answer_and_no_count(
    start_service: Start, examples: Path, figures: Figures
) -> None:
    service = start_service(workers="2", under=mounted(SMALL))
    workers = workers_of(service)
    folder = Path(f"/proc/{service.child.pid}/root/dev/shm")
    with (folder / "fill").open("wb", buffering=0) as fill, contextlib.suppress(OSError):
        while fill.write(bytes(4096)):
            pass
    assert os.statvfs(folder).f_bavail == 0
    failed = ask(service, examples, 40)
    figures.hold("memory for metrics full", "of 40 not answered 200", failed, 0)
    figures.hold("memory for metrics full", "not counted", 40 - told(service, SIZED), 0)
    figures.hold("memory for metrics full", "workers lost", len(workers - workers_of(service)), 0)


def test_on_a_machine_that_is_read_only_everywhere_it_starts_and_says_that_metrics_are_one_workers(
    start_service: Start, examples: Path, figures: Figures
) -> None:
    service = start_service(workers="1", under=mounted(READ_ONLY))
    figures.hold("nothing can be written", "of 10 not answered 200", ask(service, examples, 10), 0)
    figures.hold("nothing can be written", "not counted", 10 - told(service, SIZED), 0)
    assert told(service, "rackrate_metrics_partial") == 1
    assert "no memory and no disk for metrics of all workers" in service.log.read_text()


def is_told(service: Any, count: int) -> bool:
    return told(service, SIZED) == count


def are_others(service: Any, gone: int) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return len(workers_of(service) - {gone}) == 2 and told(service, "rackrate_metrics_partial") == 0
    return False


def test_counts_outlive_workers_that_are_killed_and_take_no_more_room(
    start_service: Start, examples: Path, figures: Figures
) -> None:
    service = start_service(workers="2")
    environ = Path(f"/proc/{min(workers_of(service))}/environ").read_bytes().split(b"\0")
    found = dict(each.partition(b"=")[::2] for each in environ)
    folder = Path(os.fsdecode(found[FOLDER.encode()]))
    files = {file: file.stat().st_blocks for file in folder.iterdir()}
    kills, counted = 3, 0
    for _ in range(kills):
        counted += 10 - ask(service, examples, 10)
        until(partial(is_told, service, counted), "all to be counted")  # which is after they are sent
        victim = min(workers_of(service))
        os.kill(victim, signal.SIGKILL)
        until(partial(are_others, service, victim), "a new worker that answers")
    figures.hold(f"{kills} workers killed (-9)", "counts lost", counted - told(service, SIZED), 0)
    assert {file: file.stat().st_blocks for file in folder.iterdir()} == files
    moved = folder.rename(folder.with_name("rackrate-metrics-gone"))  # as who cleans up might
    victim = min(workers_of(service))
    os.kill(victim, signal.SIGKILL)
    until(lambda: len(workers_of(service) - {victim}) == 2, "a new worker without the files")
    failed = ask(service, examples, 10)
    figures.hold("files of metrics removed, worker killed", "of 10 not answered 200", failed, 0)
    moved.rename(folder)
    os.kill(service.child.pid, signal.SIGKILL)  # it removes the files where it can, its workers where not
    until(lambda: not folder.exists(), "the files to be removed")
