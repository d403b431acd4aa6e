"""The supervisor: workers are drained, and replaced when they die."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import until


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
    assert service.child.wait(10) == 0
    assert set(statuses) == {200}
    assert "ended with -9" in service.log.read_text()
