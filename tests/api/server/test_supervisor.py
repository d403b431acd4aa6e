"""The supervisor: workers are drained, and replaced when they die."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import PATIENCE_S, SERVE, free_port, running, until


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_told_to_stop_the_service_loses_nothing_and_a_killed_worker_comes_back(
    start_service: Callable[..., Any], hyperscale: bytes
) -> None:
    service = start_service(workers="2")
    headers = {"Content-Type": "application/json"}
    victim = max(children(service.child.pid))
    os.kill(victim, signal.SIGKILL)
    until(lambda: victim not in (alive := children(service.child.pid)) and len(alive) > 2, "a new worker")
    statuses: list[int] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            statuses.append(
                service.http.post("/v1/underwritings", content=hyperscale, headers=headers).status_code
            )

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for thread in asking:
        thread.start()
    time.sleep(1)
    service.child.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    stop.set()
    for thread in asking:
        thread.join()
    assert service.child.wait(PATIENCE_S) == 0
    assert set(statuses) == {200}
    assert "ended with -9" in service.log.read_text()


@pytest.mark.parametrize("after_s", [0.0, 0.3, 2.0, 6.0])
def test_ctrl_c_is_a_quiet_stop_also_while_workers_start(tmp_path: Path, after_s: float) -> None:
    """The terminal tells the whole group."""
    log = tmp_path / "log"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RACKRATE_")}
    env = clean | {"RACKRATE_PORT": str(free_port()), "RACKRATE_WORKERS": "2"}
    with log.open("wb") as out, running(SERVE, env=env, stderr=out, process_group=0) as service:
        until(lambda: "started" in log.read_text() and len(children(service.pid)) > 2, "the workers")
        time.sleep(after_s)
        os.killpg(service.pid, signal.SIGINT)
        assert service.wait(PATIENCE_S) == 0
    assert "Traceback" not in log.read_text()
    assert "KeyboardInterrupt" not in log.read_text()
