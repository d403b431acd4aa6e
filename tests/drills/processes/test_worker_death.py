"""Two faults at once: what else is wrong, or under way, when a worker dies."""

import hashlib
import json
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from tests.conftest import busy_s, until
from tests.drills.figures import Figures
from tests.drills.processes.test_metrics import told
from tests.drills.processes.test_processes import workers_of

from rackrate.api.auth.reloading import LOOK_S

Start = Callable[..., Any]


def entry(key: str) -> str:
    digest = hashlib.sha256(key.encode()).hexdigest()
    id_ = key.split("_")[1]
    return f'[[key]]\nclient = "{id_}"\nid = "{id_}"\nsha256 = "{digest}"\nscopes = ["price", "read"]\n'


def test_a_worker_that_dies_while_the_keys_file_is_broken_is_replaced_and_knows_the_last_good_keys(
    start_service: Start, tmp_path: Path, figures: Figures
) -> None:
    """Also a key that was added after the start, and after every worker died once."""
    path, keys = tmp_path / "keys.toml", ["rr_alpha1_old", "rr_alpha2_new"]
    path.write_text(entry(keys[0]))
    service = start_service(workers="2", api_keys_file=str(path))
    path.write_text(entry(keys[0]) + entry(keys[1]))
    until(lambda: admitted(service, keys[1]), "the new key to be known")
    time.sleep(2 * LOOK_S)  # until every process has looked
    path.write_text("[[key]\n")
    first, start = workers_of(service), time.monotonic()
    for worker in first:
        os.kill(worker, signal.SIGKILL)
    until(lambda: len(workers_of(service) - first) == 2, "two new workers")
    until(lambda: admitted(service, keys[1]), "an answer")
    figures.within("keys broken, workers killed", "seconds until answered", time.monotonic() - start, 10)
    refused = sum(not admitted(service, key) for key in keys * 10)
    figures.hold("keys broken, workers killed", "of 20 not let in", refused, 0)
    assert not admitted(service, "rr_alpha3_other")
    assert service.http.get("/health/ready").json()["credentials"] == "outdated"
    assert "not understood, still using what it said before" in service.log.read_text()
    path.write_text(entry(keys[1]))
    until(lambda: not admitted(service, keys[0]), "the mended file to be read")
    until(lambda: service.http.get("/health/ready").json()["credentials"] == "current", "readiness to say so")


def admitted(service: Any, key: str) -> bool:
    try:
        headers = {"Authorization": f"Bearer {key}"}
        return bool(service.http.get("/v1/rulesets", headers=headers).status_code == 200)
    except httpx.TransportError:
        return False


def test_a_long_job_dies_with_its_worker(start_service: Start, examples: Path, figures: Figures) -> None:
    """One that tells nobody how far it is, and so would not notice that nobody listens."""
    service = start_service(workers="1")
    deal = json.loads((examples / "colocation-multi-tenant.json").read_bytes())
    once = json.dumps(deal["facilities"])
    ids = [
        *(each["id"] for each in deal["facilities"]),
        *(x["id"] for f in deal["facilities"] for x in f["leases"]),
    ]
    for copy in range(15):
        again = once
        for each in ids:
            again = again.replace(f'"id": "{each}"', f'"id": "{each}-{copy}"')
        deal["facilities"] += json.loads(again)
    grid = {
        "x": {"adjustment": "rate_add", "values": [i * 1e-4 for i in range(40)]},
        "y": {"adjustment": "vacancy_floor", "values": [i * 1e-3 for i in range(40)]},
        "measure": "principal",
    }
    request = {"deal": deal, "resize": True, "grids": [grid]}

    def ask() -> None:
        with httpx.Client(base_url=service.url, timeout=60) as client:
            try:
                answer = client.post("/v1/sensitivities", json=request)
            except httpx.TransportError:
                return
            raise AssertionError(f"answered before its worker was killed: {answer.text[:500]}")

    with ThreadPoolExecutor() as threads:
        asked = threads.submit(ask)
        worker = min(workers_of(service))
        until(lambda: asked.done() or bool(job_workers_of(worker)), "the long job's process")
        assert not asked.done(), asked.exception()
        job_worker = job_workers_of(worker)[0]
        until(lambda: busy_s(job_worker) > 1, "the job to be under way")
        start = time.monotonic()
        os.kill(worker, signal.SIGKILL)
        until(lambda: has_ended(job_worker), "the long job to end")
        figures.within("worker killed in a long job", "seconds its job went on", time.monotonic() - start, 2)
        asked.result()
    until(lambda: bool(workers_of(service) - {worker}), "a new worker")
    until(lambda: told(service, "rackrate_inside") == 0, "nothing to be counted as under way")


def job_workers_of(worker: int) -> list[int]:
    """Processes of long work beneath a worker."""
    children = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
    return [int(pid) for pid in children if b"job_worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def has_ended(process: int) -> bool:
    """Also where nobody has asked yet how."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
